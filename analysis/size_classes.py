"""Size classes of establishments: from how a register writes them to jobs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from .resources import read_csv

# Between thousands stands a point, a blank or a no-break space: 1.000, 1 000.
THOUSANDS = re.compile("(?<=[0-9])[. \u00a0\u202f](?=[0-9]{3}(?![0-9]))")
# What may stand before the numbers; anything but digits may stand behind them.
BEFORE = "(?:(?:van|from) +)?"
WRITTEN = (
    # Both ends count: 10-19, 10 à 19 werknemers, 10 t/m 19.
    ("closed", f"{BEFORE}([0-9]+) *(?:-|–|—|à|a|t/m|tot en met) *([0-9]+)[^0-9]*"),
    # The end may count (RSZ: 10 tot 19) or not (CBS: 10 tot 20).
    ("until", f"{BEFORE}([0-9]+) *(?:tot|to) *([0-9]+)[^0-9]*"),
    ("open", r"([0-9]+) *(?:\+|(?:en|of) meer|(?:and|or) more)[^0-9]*"),
    ("above", r"(?:>|>=|≥|meer dan|more than) *([0-9]+)[^0-9]*"),
    # A bare number is no class: it may be a code, or jobs.
    ("one", "([0-9]+) *(?:werk|pers|medewerk|wp|empl|baan|banen|job)[^0-9]*"),
    ("none", "(?:geen|zonder|no) +(?:personeel|werknemers|personnel|employees)"),
)
PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in WRITTEN)


@dataclass(frozen=True)
class SizeClass:
    """A class of establishments by their number of jobs.

    Attributes
    ----------
    low, high
        Fewest and most jobs in the class. Of an open class ``high`` is an assumption.
    jobs
        What an establishment of the class counts for.
    """

    low: float
    jobs: float
    high: float


@cache
def size_classes() -> dict[tuple[float, float | None], SizeClass]:
    """Classes of ``resources/codes/size_classes.csv``, by their bounds.

    The upper bound in the key is None where the class is open.
    """
    classes = {}
    for row in read_csv("codes", "size_classes.csv"):
        found = SizeClass(*(float(row[name]) for name in ("low", "jobs", "high")))
        upper = None if row["rule"] == "open" else found.high
        classes[found.low, upper] = found
    return classes


def read_size_class(text: str) -> SizeClass | None:
    """Class that a text names; None where it names none that is in the table.

    A bare number is not read: it may be the code of a class, which only a value map
    can tell.

    >>> read_size_class("10 tot 20 werkzame personen")
    SizeClass(low=10.0, jobs=14.0, high=19.0)
    >>> read_size_class("1000+").jobs
    2000.0
    >>> read_size_class("3") is None
    True
    """
    plain = THOUSANDS.sub("", text.strip().lower())
    known = size_classes()
    return next((known[key] for key in _bounds(plain) if key in known), None)


def _bounds(text: str) -> list[tuple[float, float | None]]:
    """Bounds that a text can mean, the likeliest first."""
    for kind, pattern in PATTERNS:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        numbers = [float(part) for part in found.groups()]
        if kind == "closed":
            return [tuple(numbers)]
        if kind == "until":
            low, high = numbers
            return [(low, high), (low, high - 1)]
        if kind == "one":
            return [(numbers[0], numbers[0])]
        if kind == "none":
            return [(0.0, 0.0)]
        above = [(numbers[0] + 1, None)] if kind == "above" else []
        return [(numbers[0], None), *above]
    return []
