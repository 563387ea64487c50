"""Dutch and English texts, and numbers written as a Dutch or English reader expects.

Texts lie in ``resources/texts/<language>/<theme>.toml`` and are asked for as
``theme.key``. Both languages hold the same keys with the same placeholders.
"""

from __future__ import annotations

import math

from .resources import read_toml

THIN_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"


def text(key: str, language: str, **values: object) -> str:
    """The text under ``theme.key`` in a language, its placeholders filled in.

    Parameters
    ----------
    key
        Theme (the file) and the key in it, nested tables joined by dots.
    language
        ``nl`` or ``en``.
    **values
        Values of the placeholders. Numbers that are not texts yet are written by
        :func:`number`.

    Raises
    ------
    KeyError
        If the text does not exist: a mistake in the code, not in the input.
    """
    theme, *parts = key.split(".")
    found = read_toml("texts", language, f"{theme}.toml")
    for part in parts:
        found = found[part]
    shown = {name: _shown(value, language) for name, value in values.items()}
    return found.format(**shown)


def number(value: float | None, language: str, decimals: int = 0) -> str:
    """A number with decimal comma (nl) or point (en) and thin thousands.

    >>> number(12345.678, "nl", 1)
    '12\u202f345,7'
    >>> number(None, "nl")
    '–'
    """
    if value is None or not math.isfinite(value):
        return "–"
    written = f"{value:,.{decimals}f}".replace(",", THIN_SPACE)
    return written.replace(".", ",") if language == "nl" else written


def significant(value: float, digits: int, language: str) -> str:
    """A number with at most so many digits, decimal comma (nl) or point (en).

    >>> significant(0.0236, 6, "nl")
    '0,0236'
    """
    written = f"{value:.{digits}g}"
    return written.replace(".", ",") if language == "nl" else written


def distance(metres: float | None, language: str) -> str:
    """A distance in words: metres below one kilometre, else kilometres."""
    if metres is None or not math.isfinite(metres):
        return "–"
    if metres < 995:
        return f"{number(round(metres, -1), language)}{NO_BREAK_SPACE}m"
    return f"{number(metres / 1000, language, 1)}{NO_BREAK_SPACE}km"


def listing(parts: list[str], language: str) -> str:
    """Parts joined as a sentence does: ``weg, spoor en water``."""
    if len(parts) < 2:
        return "".join(parts)
    last = " en " if language == "nl" else " and "
    return ", ".join(parts[:-1]) + last + parts[-1]


def _shown(value: object, language: str) -> object:
    """Numbers as text; everything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return number(value, language, 0 if float(value).is_integer() else 2)
