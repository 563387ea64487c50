"""Why an area scores as it does, in one sentence and in five words."""

from __future__ import annotations

import pandas as pd

from .criteria import Measured
from .resources import read_toml
from .scoring import Scores
from .texts import distance, listing, number, text

STRONG = 0.5
"""A value from here on counts for an area (aanname)."""
WEAK = 0.25
"""A value up to here counts against an area (aanname)."""
HERE = 25.0
"""Up to here, in metres, a thing lies on the spot itself (aanname)."""
MOST_STRONG = 3
WORDS = 5


def explanations(measured: Measured, scores: Scores, language: str) -> pd.DataFrame:
    """``why`` and ``why_short`` of every area.

    Named are the criteria that give most, as far as their value is strong, then the
    weakest one, then what is unknown.

    Parameters
    ----------
    measured, scores
        Of the same areas.
    language
        ``nl`` or ``en``.
    """
    # A criterion without weight explains nothing.
    names = [name for name, share in scores.share.items() if share > 0]
    rows = zip(
        scores.driver[names].to_numpy(),
        measured.value[names].to_numpy(),
        measured.raw[names].to_numpy(),
        strict=True,
    )
    own = measured.own
    found = [
        _explained(names, driver, value, raw, own, language)
        for driver, value, raw in rows
    ]
    return pd.DataFrame(
        found, columns=["why", "why_short"], index=scores.table.index, dtype=object
    )


def criterion_title(criterion: str, language: str) -> str:
    """Name of a criterion; the user's own keep the name they have."""
    known = criterion in read_toml("criteria.toml")
    return text(f"criteria.{criterion}.title", language) if known else criterion


def raw_text(criterion: str, raw: float, language: str) -> str:
    """A raw value with its unit."""
    entry = read_toml("criteria.toml").get(criterion)
    if entry is None:
        return number(raw, language, 2)
    if entry["unit"] == "metre":
        here = raw < HERE
        return text("criteria.here", language) if here else distance(raw, language)
    if entry["unit"] == "category":
        # The name of a category, which has a point in Dutch too.
        return f"{raw:.1f}"
    return number(raw, language, entry["decimals"])


def _explained(names, driver, value, raw, own, language) -> tuple[str, str]:
    known = [i for i in range(len(names)) if value[i] == value[i]]
    if not known:
        return text("criteria.nothing_known", language), ""
    order = sorted(known, key=lambda i: (-driver[i], i))
    strong = [i for i in order if value[i] >= STRONG][:MOST_STRONG]
    weakest = min(known, key=lambda i: (value[i], i))
    parts = []
    if strong:
        good = [_phrase(names[i], "good", raw[i], own, language) for i in strong]
        parts.append(text("criteria.strong", language, reasons=listing(good, language)))
    else:
        parts.append(text("criteria.none_strong", language))
    if value[weakest] <= WEAK:
        weak = _phrase(names[weakest], "weak", raw[weakest], own, language)
        parts.append(text("criteria.weak", language, reason=weak))
    unknown = [names[i] for i in range(len(names)) if i not in known]
    if unknown:
        titles = [criterion_title(name, language).lower() for name in unknown]
        parts.append(
            text("criteria.unknown", language, names=listing(titles, language))
        )
    return " ".join(parts), _in_five_words(
        [names[i] for i in strong or order], language
    )


def _phrase(criterion: str, kind: str, raw: float, own, language: str) -> str:
    if criterion in own or criterion not in read_toml("criteria.toml"):
        title = criterion_title(criterion, language)
        return text(f"criteria.own.{kind}", language, name=title)
    if raw != raw:  # noqa: PLR0124 - NaN differs from itself
        return text(f"criteria.{criterion}.few", language)
    key = f"criteria.{criterion}.{kind}"
    return text(key, language, raw=raw_text(criterion, raw, language))


def _in_five_words(criteria: list[str], language: str) -> str:
    """Short names, the strongest first, as many as five words hold."""
    chosen: list[str] = []
    for criterion in criteria:
        known = criterion in read_toml("criteria.toml")
        short = text(f"criteria.{criterion}.short", language) if known else criterion
        if len(" ".join([*chosen, short]).split()) <= WORDS:
            chosen.append(short)
    return ", ".join(chosen)
