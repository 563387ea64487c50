"""Joining the regions of a table to polygons, by code or name.

Municipalities merge and are renamed. What does not match is never guessed: it is listed
with the reason, and at most with a suggestion.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

LIKE = 0.8
"""How alike a suggested name must be, 0–1 (difflib)."""
MUNICIPALITY = re.compile(r"\(gemeente\)")
BEHIND = re.compile(r"\([^()]*\)\s*$")
CODE = re.compile(r"(?:gm)?0*([0-9]+)")

COLUMNS = ("side", "region", "reason", "suggestion")


def join_regions(
    names: Sequence[str], regions: gpd.GeoDataFrame
) -> tuple[np.ndarray, pd.DataFrame]:
    """Polygon of every region of a table.

    The exact code or name goes first, then what is the same whatever its capitals,
    accents, hyphens, blanks and apostrophes, a ``(gemeente)`` behind a name and ``GM``
    and zeros before a code; then names without what stands in brackets behind them,
    such as a province. Each time what occurs more than once on a side stays apart.

    Parameters
    ----------
    names
        Names or codes of the table, each once, shape (n,).
    regions
        Canonical regions.

    Returns
    -------
    places : ndarray of int, shape (n,)
        Row of ``regions``, -1 without one.
    unmatched : DataFrame
        ``side`` (table, regions), ``region``, ``reason`` (none, ambiguous) and
        ``suggestion``, an unmatched name on the other side that is much alike; sorted.
    """
    places = np.full(len(names), -1)
    ambiguous: set[int] = set()
    codes = [[code] for code in regions["region_id"]]
    pairs = zip(regions["region_id"], regions["name"], strict=True)
    called = [[each for each in pair if each] for pair in pairs]
    passes = ((codes, str), (called, str), (called, plain_name), (called, bare_name))
    for known_as, form in passes:
        ours = _by_form([[name] for name in names], form)
        theirs = _by_form(known_as, form)
        for word in sorted(ours.keys() & theirs.keys()):
            open_ = [row for row in ours[word] if places[row] < 0]
            free = [row for row in theirs[word] if row not in set(places)]
            if len(ours[word]) == len(theirs[word]) == len(open_) == len(free) == 1:
                places[open_[0]] = free[0]
            elif free:
                ambiguous.update(open_)
    return places, _unmatched(list(names), called, places, ambiguous)


def plain_name(name: str) -> str:
    """A name or code in the form in which two spellings of it are the same.

    >>> plain_name("'s-Gravenhage (gemeente)"), plain_name("GM0034"), plain_name("34")
    ('sgravenhage', '34', '34')
    """
    letters = unicodedata.normalize("NFKD", MUNICIPALITY.sub("", name.casefold()))
    kept = "".join(each for each in letters if each.isalnum() or each in "()./")
    code = CODE.fullmatch(kept)
    return code[1] if code else kept


def bare_name(name: str) -> str:
    """The same without what stands in brackets behind it.

    >>> bare_name("Hengelo (O.)")
    'hengelo'
    """
    return plain_name(BEHIND.sub("", name))


def _by_form(
    called: list[list[str]], form: Callable[[str], str]
) -> dict[str, list[int]]:
    """Rows by every form of what they are called."""
    rows: dict[str, list[int]] = {}
    for row, names in enumerate(called):
        for word in {form(name) for name in names} - {""}:
            rows.setdefault(word, []).append(row)
    return rows


def _unmatched(
    names: list[str], called: list[list[str]], places: np.ndarray, ambiguous: set[int]
) -> pd.DataFrame:
    """What has no counterpart, on both sides."""
    shown = [each[-1] for each in called]
    ours = [(names[row], row in ambiguous) for row in np.flatnonzero(places < 0)]
    theirs = [shown[row] for row in sorted(set(range(len(called))) - set(places))]
    rows = [
        ("table", name, "ambiguous" if several else "none", _suggestion(name, theirs))
        for name, several in ours
    ]
    left = [name for name, _ in ours]
    rows += [("regions", name, "none", _suggestion(name, left)) for name in theirs]
    table = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    return table.sort_values(
        ["side", "region"], ascending=[False, True], ignore_index=True
    )


def _suggestion(name: str, others: list[str]) -> str | None:
    """The name that is most alike, if any is much alike."""
    plain = {bare_name(each): each for each in sorted(others, reverse=True)}
    close = difflib.get_close_matches(bare_name(name), sorted(plain), 1, LIKE)
    return plain[close[0]] if close else None
