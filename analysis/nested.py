"""Whether regions or sectors of a table lie inside each other.

Sums over nested rows count everything more than once, and a location quotient against
them means nothing. The signs are those of the tables of statistical offices.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise

import numpy as np

from .errors import RefusalError
from .resources import read_csv
from .table_codes import CODE, DIGITS, LETTERS, SUM_OF_LETTERS, codes_of, in_section

SUM_TOLERANCE = 0.005
"""How far a total may lie from the sum of the others, as a share of that sum."""
PROFILE_TOLERANCE = 0.05
"""The same for all cells of the total together; rounding adds up there."""
MOST = 0.5
"""Share above which a part is most of a whole."""
NEARLY_EVERY = 0.9
"""Share of the sectors that is nearly every one."""

MARK_BEHIND = re.compile(r".*\(([^()]+)\)\s*")
MARK_BEFORE = re.compile(r"([A-Z]{2})[0-9]{2,}\s*")
ONE_LETTER = re.compile(r"[A-Z][0-9.]*")
WRITTEN = re.compile(r"[0-9]+")
NUMBERED = re.compile(r"([A-Z]{0,3})(0|[1-9][0-9]*)")


def refuse_nested(
    regions: Sequence[str], sectors: Sequence[str], cells: np.ndarray
) -> None:
    """Refuse regions or sectors that lie inside each other.

    Parameters
    ----------
    regions, sectors
        Names or codes.
    cells
        Counts, NaN where unknown, shape (r, s).

    Raises
    ------
    RefusalError
        If the regions bear more than one mark of a level; if one equals the sum of all
        others; or if a code spans others, or others begin with it. The same for the
        sectors, but for the marks.
    """
    marks = level_marks(regions)
    if len(marks) > 1:
        raise RefusalError(
            "specialisation.nested_marks", examples=", ".join(marks.values())
        )
    for kind, names, rows in (
        ("regions", regions, cells),
        ("sectors", sectors, cells.T),
    ):
        pair = nested_codes(names, activities=kind == "sectors")
        if pair:
            raise RefusalError(
                f"specialisation.nested_codes_{kind}", outer=pair[0], inner=pair[1]
            )
        total = total_of_others(rows)
        if total is not None:
            raise RefusalError(f"specialisation.nested_sum_{kind}", name=names[total])


def level_marks(regions: Sequence[str]) -> dict[str, str]:
    """Marks of a level that occur, with the first region that bears each.

    >>> level_marks(["Utrecht (PV)", "Utrecht (gemeente)", "Bergen (L.)", "GM0344"])
    {'GM': 'GM0344', 'PV': 'Utrecht (PV)'}
    """
    found: dict[str, str] = {}
    for name in sorted(regions):
        written = MARK_BEHIND.fullmatch(name) or MARK_BEFORE.fullmatch(name)
        level = _levels().get(written.group(1).upper().strip()) if written else None
        if level:
            found.setdefault(level, name)
    return dict(sorted(found.items()))


def nested_codes(
    names: Sequence[str], activities: bool = False
) -> tuple[str, str] | None:
    """Two names of which one code covers the other; None where none does.

    Parameters
    ----------
    names
        Names or codes.
    activities
        Whether they are activities: division 10 then lies in section C.

    >>> nested_codes(["A-U Alles", "C Industrie", "G Handel"])
    ('A-U Alles', 'C Industrie')
    >>> nested_codes(["K-L", "M", "N"]) is None
    True
    """
    codes = codes_of(names)
    pair = _spanning(codes) or _beginning(codes)
    if pair is None and activities:
        placed = {name: in_section(code) for name, code in codes.items()}
        pair = _spanning(placed) or _beginning(placed)
    return pair


def total_of_others(cells: np.ndarray) -> int | None:
    """The row that equals the sum of all others; None where none does.

    Its cells are compared as well, since one of a few rows may be as large as the
    others by chance. Unknown cells (NaN) count 0; as they would hide a total, columns
    without any are also compared by themselves, where these hold most of everything.
    """
    known = np.nan_to_num(cells)
    whole = ~np.isnan(cells).any(axis=0)
    for part in (known, known[:, whole]):
        if part.sum() > MOST * known.sum():
            largest = int(part.sum(axis=1).argmax())
            if _equals_others(part, largest):
                return largest
    return None


def _equals_others(cells: np.ndarray, row: int) -> bool:
    rest = cells.sum(axis=0) - cells[row]
    others = rest.sum()
    off = cells[row] - rest
    near = abs(off.sum()) <= SUM_TOLERANCE * others
    return others > 0 and near and np.abs(off).sum() <= PROFILE_TOLERANCE * others


def dominant_region(cells: np.ndarray) -> int | None:
    """The region with most of nearly every sector, of at least two; None: none."""
    known = np.nan_to_num(cells)
    sums = known.sum(axis=0)
    if len(known) < 2 or not sums.any():
        return None
    most = (known[:, sums > 0] > MOST * sums[sums > 0]).mean(axis=1)
    return int(most.argmax()) if most.max() >= NEARLY_EVERY else None


@cache
def _levels() -> dict[str, str]:
    rows = read_csv("codes", "region_levels.csv")
    return {row["mark"]: row["level"] for row in rows}


def _spanning(codes: dict[str, str]) -> tuple[str, str] | None:
    """A code like ``A-U`` or ``G+I``, and one that it covers in whole or in part."""
    several = [name for name in sorted(codes) if not CODE.fullmatch(codes[name])]
    for outer in several:
        for inner in sorted(codes):
            if inner != outer and _spans(codes[outer], codes[inner]):
                return outer, inner
    return None


def _spans(outer: str, inner: str) -> bool:
    letters = _letters(outer)
    if len(letters) > 1:
        return bool(letters & _letters(inner))
    ends = DIGITS.fullmatch(outer)
    if ends is None or ends[1] >= ends[2]:
        return False
    size = len(ends[1])
    return any(ends[1] <= each[:size] <= ends[2] for each in WRITTEN.findall(inner))


def _letters(code: str) -> set[str]:
    """Letters that a code names, or begins with."""
    if ends := LETTERS.fullmatch(code):
        return {chr(each) for each in range(ord(ends[1]), ord(ends[2]) + 1)}
    if SUM_OF_LETTERS.fullmatch(code):
        return set(code.split("+"))
    return {code[0]} if ONE_LETTER.fullmatch(code) else set()


def _beginning(codes: dict[str, str]) -> tuple[str, str] | None:
    """A code, and one that begins with it."""
    if _is_numbering(codes.values()):
        return None
    plain = sorted((code.replace(".", ""), name) for name, code in codes.items())
    for (outer, one), (inner, other) in pairwise(plain):
        if inner.startswith(outer) and inner != outer:
            return one, other
    return None


def _is_numbering(codes: Iterable[str]) -> bool:
    """Whether codes are R1, R2 … without a gap: R1 is then no part of R10."""
    numbers: dict[str, set[int]] = {}
    for code in codes:
        found = NUMBERED.fullmatch(code)
        if found is None:
            return False
        numbers.setdefault(found[1], set()).add(int(found[2]))
    return all(
        min(own) <= 1 and max(own) - min(own) < len(own) for own in numbers.values()
    )
