"""Figures under a name on the map, as an expression that QGIS works out per area."""

from __future__ import annotations

from qgis.core import QgsExpression

from ..analysis.resources import read_toml
from ..analysis.texts import NO_BREAK_SPACE, THIN_SPACE
from .amounts import Told

MINUS = "\u2212"
SIDE_MM = "1000 * sqrt(area(@geometry)) / @map_scale"
"""Expression for the side of a square as large as an area is on the map, in mm."""


def name_and_lines(look: dict, language: str) -> str:
    """Expression for a name with a line of figures per stream below it.

    A line is ``M +180 −12 kton``: what is offered and what is asked for, in the largest
    unit that leaves one of them 1 or more, with two figures that count. What rounds to
    nothing is left out. An area that is too small on the map carries its name only.

    Parameters
    ----------
    look
        ``field`` of the name; ``room``, the side of the smallest square area with
        figures, in mm; ``lines`` with a ``letter``, the fields ``plus`` and ``minus``
        and their ``unit``.
    language
        ``nl`` or ``en``.
    """
    name = QgsExpression.quotedColumnRef(look["field"])
    roomy = f"coalesce({SIDE_MM} >= {look['room']}, true)"
    lines = " || ".join(_line(line, language) for line in look["lines"])
    return f"coalesce({name}, '') || if({roomy}, {lines}, '')"


def _line(line: dict, language: str) -> str:
    """Expression for one line, in the unit that fits; '' where there is nothing."""
    plus, minus = (
        f"coalesce({QgsExpression.quotedColumnRef(line[end])}, 0)"
        for end in ("plus", "minus")
    )
    told = read_toml("styles", "flow_places.toml")["told"][line["unit"]]
    smallest, *larger = (Told(factor, name) for name, factor in told.items())
    units = sorted(larger, reverse=True)
    cases = [f"WHEN max({plus}, {minus}) >= {unit.factor} THEN {{}}" for unit in units]
    written = []
    for unit in (*units, smallest):
        amounts = [
            _amount(f"{end} / {unit.factor}", sign, language)
            for end, sign in ((plus, "+"), (minus, MINUS))
        ]
        words = QgsExpression.quotedString(NO_BREAK_SPACE + unit.words(language))
        letter = QgsExpression.quotedString(f"\n{line['letter']}")
        both = " || ".join(amounts)
        written.append(f"coalesce({letter} || nullif({both}, '') || {words}, '')")
    return f"CASE {' '.join(cases)} ELSE {{}} END".format(*written)


def _amount(value: str, sign: str, language: str) -> str:
    """Expression for a number of two figures behind its sign; '' if it rounds to 0."""
    large = f"{value} >= 10"
    rounded = (
        f"if({large}, round({value}, 1 - floor(log10({value}))), round({value}, 1))"
    )
    number = f"format_number(@figure, if(@figure < 10, 1, 0), '{language}')"
    thousands = "." if language == "nl" else ","
    number = f"replace({number}, '{thousands}', '{THIN_SPACE}')"
    shown = f"if(@figure > 0, '{NO_BREAK_SPACE}{sign}' || {number}, '')"
    return f"with_variable('figure', {rounded}, {shown})"
