"""A drawing of supply and demand: two bars per row, with how far they may be off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from ..resources import read_toml
from ..texts import number, text

WIDTH, ROW, BAR, HEAD = 720, 36, 12, 44
"""Measures of the drawing, in points: of a row, a bar, and what stands above them."""
LEFT, RIGHT = 240, 570
"""Where the bars begin and end; amounts stand right of them."""
COLUMNS = {"supply": 640, "demand": 716}
"""Where the amounts end."""
LONGEST = 38
"""Letters of a label that fit beside the bars."""
STEPS = (1, 2, 5, 10)
TICKS = 3


@dataclass(frozen=True)
class Pair:
    """One row of the drawing: ``(total, low, high)`` of both sides."""

    label: str
    supply: tuple[float, float, float]
    demand: tuple[float, float, float]


def balance_chart(
    pairs: Sequence[Pair], carrier: str, unit: str, title: str, language: str
) -> str:
    """Draw pairs as SVG: supply filled, demand hollow, in the colour of the carrier.

    The largest total fills the width; the line of its range may end in an arrow there.

    Parameters
    ----------
    pairs
        From top to bottom, at least one; the labels may be any text.
    carrier
        Decides on the colour.
    unit
        In words.
    title
        Heading.
    language
        ``nl`` or ``en``.
    """
    most = max(max(pair.supply[0], pair.demand[0]) for pair in pairs)
    height = HEAD + ROW * len(pairs)
    looks = read_toml("styles", "carriers.toml")["carriers"]
    colour = next(look["colour"] for look in looks if look["key"] == carrier)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'role="img" class="balance"><title>{escape(title)}</title>'
        f'<text x="0" y="13" class="heading">{escape(title)}</text>',
        *_head(most, height, unit, language),
    ]
    for place, pair in enumerate(pairs):
        parts += _row(pair, HEAD + ROW * place, most, colour, language)
    return "".join([*parts, "</svg>"])


def _head(most: float, height: int, unit: str, language: str) -> Iterator[str]:
    """Round amounts with thin lines below them, and headings of the amounts."""
    step = _round_step(most / TICKS)
    for tick in range(int(most / step) + 1):
        x = _across(tick * step, most)
        yield (
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{HEAD - 4}" y2="{height}" '
            f'class="tick"/><text x="{x:.1f}" y="{HEAD - 8}" class="tick">'
            f"{amount(tick * step, language)}</text>"
        )
    yield f'<text x="{LEFT - 8}" y="{HEAD - 8}" class="unit">{escape(unit)}</text>'
    for side, x in COLUMNS.items():
        word = escape(text(f"steps.flows.{side}", language))
        yield f'<text x="{x}" y="{HEAD - 8}" class="amount quiet">{word}</text>'


def _row(
    pair: Pair, top: int, most: float, colour: str, language: str
) -> Iterator[str]:
    label, middle = pair.label, top + ROW / 2
    shown = label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"
    yield (
        f"<g><title>{escape(label)}</title>"
        f'<text x="{LEFT - 8}" y="{middle + 4}" class="label">{escape(shown)}</text>'
    )
    fills = {"supply": colour, "demand": "#ffffff"}
    tops = {"supply": middle - BAR - 1, "demand": middle + 1}
    for side, fill in fills.items():
        total = getattr(pair, side)[0]
        words = amount(total, language) if total else "–"
        x = COLUMNS[side]
        yield f'<text x="{x}" y="{middle + 4}" class="amount">{words}</text>'
        if total:
            yield from _bar(getattr(pair, side), tops[side], most, fill, colour)
    yield "</g>"


def _bar(
    side: tuple[float, float, float], top: float, most: float, fill: str, stroke: str
) -> Iterator[str]:
    """A bar as long as the total, and the line of its range."""
    total, low, high = side
    middle, end = top + BAR / 2, min(_across(high, most), RIGHT)
    yield (
        f'<rect x="{LEFT}" y="{top}" width="{_across(total, most) - LEFT:.1f}" '
        f'height="{BAR}" fill="{fill}" stroke="{stroke}"/>'
        f'<line x1="{_across(low, most):.1f}" x2="{end:.1f}" y1="{middle}" '
        f'y2="{middle}" class="range"/>'
    )
    if high > most:
        yield (f'<path d="M{RIGHT} {middle - 3}l5 3l-5 3z" class="more"/>')


def _across(value: float, most: float) -> float:
    """Where a value stands."""
    return LEFT + (RIGHT - LEFT) * value / most


def amount(value: float, language: str) -> str:
    """An estimate in two figures, no more than it is worth.

    >>> amount(12345, "en"), amount(0.123, "en"), amount(0, "en")
    ('12\u202f000', '0.12', '0')
    """
    if not value:
        return "0"
    decimals = 1 - _power(value)
    return number(round(value, decimals), language, max(decimals, 0))


def _power(value: float) -> int:
    """Of ten, below an amount: 3 of 1234."""
    return int(f"{abs(value):.1e}".partition("e")[2])


def _round_step(least: float) -> float:
    """The smallest round amount that is not below another above 0."""
    power = 10.0 ** _power(least)
    return power * next(step for step in STEPS if step * power >= least * (1 - 1e-9))
