"""Groupings of activities: sections, divisions, themes, agendas, or a user's own.

A grouping is data: rows of a code and the group it belongs to. The longest code that
an activity code begins with decides, so that an establishment counts in one group
only, unless a row says ``overlap``: then it counts in that group as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd

from .codes import WITH_TABLE, code_table, division_names, section_names, section_of
from .csv_tables import parse_table
from .errors import RefusalError
from .grouping_ids import ALL, FILE, shipped_groupings
from .resources import read_csv
from .texts import text

REST = "other"
"""Group of what a grouping does not name."""
NEEDED = ("sbi", "group")
OPTIONAL = ("overlap", "name_nl", "name_en")
SHARED_DIGITS = 4
"""SBI and NACE-BEL are the same down to so many digits, those of NACE Rev. 2."""
YES = {"yes", "ja", "true", "1", "x"}
NO = {"", "no", "nee", "false", "0"}


@dataclass(frozen=True)
class Grouping:
    """Which group an activity belongs to.

    Parameters
    ----------
    id
        Id of the grouping, or name of the user's file.
    own
        Group by beginning of a code, or section's letter; the longest code decides.
    also
        Groups by the same that count beside that one.
    names
        Name of a group by language.
    unknown
        Codes in the file that no code list knows.
    """

    id: str
    own: dict[str, str]
    also: dict[str, tuple[str, ...]] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    @property
    def groups(self) -> list[str]:
        """Ids of the groups, sorted."""
        return sorted(
            {*self.own.values(), *(g for own in self.also.values() for g in own)}
        )

    def name(self, group: str, language: str) -> str:
        """Name of a group; its id where it has none."""
        if group in (ALL, REST):
            return text(f"groupings.{group}", language)
        return self.names.get(group, {}).get(language) or group

    def remarks(self) -> list[tuple[str, dict]]:
        """Keys and values of sentences on what does not fit the code lists."""
        remarks = []
        if self.unknown:
            codes = ", ".join(self.unknown)
            remarks.append(
                ("groupings.codes_unknown", {"name": self.id, "codes": codes})
            )
        if any(len(code) > SHARED_DIGITS for code in (*self.own, *self.also)):
            remarks.append(("groupings.below_four", {"name": self.id}))
        return remarks

    def groups_of(self, code: str) -> tuple[str, ...]:
        """Groups of an activity code, sorted; none where the grouping leaves it out."""
        beginnings = [code[:length] for length in range(len(code), 0, -1)]
        beginnings += [section_of().get(code[:2], ""), ""]
        own = [self.own[start] for start in beginnings if start in self.own][:1]
        also = [group for start in beginnings for group in self.also.get(start, ())]
        return tuple(sorted({*own, *also}))


def group_rows(codes: Sequence[str], grouping: Grouping) -> pd.DataFrame:
    """Which rows belong to which group.

    Parameters
    ----------
    codes
        Canonical activity codes, one per row; one that is missing belongs to all
        activities together only.
    grouping
        The grouping.

    Returns
    -------
    DataFrame
        ``row`` (position) and ``group``, sorted by row, then group. A row in no group
        is not there; one in several is there once for each.
    """
    written = pd.Series(codes, dtype=object).fillna("").to_numpy()
    places, uniques = pd.factorize(written)
    groups = [grouping.groups_of(code) for code in uniques]
    counts = np.array([len(own) for own in groups], dtype=int)[places]
    found = [group for place in places for group in groups[place]]
    rows = np.repeat(np.arange(len(places)), counts)
    return pd.DataFrame({"row": rows, "group": np.array(found, dtype=object)})


def choose_grouping(value: str, read_text: Callable[[str], str]) -> Grouping:
    """The grouping that a setting names.

    Parameters
    ----------
    value
        Id of a shipped grouping, or path of a CSV file with the columns ``sbi`` (the
        beginning of a code, or a section's letter), ``group`` and, if wanted,
        ``overlap``, ``name_nl``, ``name_en``.
    read_text
        Gives the text of a file.

    Raises
    ------
    RefusalError
        If the grouping does not exist, or the file can't be read as one.
    """
    if value in shipped_groupings():
        return shipped_grouping(value)
    if not value.lower().endswith(FILE):
        available = ", ".join(shipped_groupings())
        raise RefusalError("groupings.unknown", value=value, available=available)
    rows = parse_table(read_text(value), NEEDED, OPTIONAL)
    name = value.replace("\\", "/").rpartition("/")[2]
    return _of_rows(name, rows)


@cache
def shipped_grouping(name: str) -> Grouping:
    """A grouping that comes with the plugin."""
    if name == ALL:
        return Grouping(ALL, {"": ALL})
    if name == "division":
        names = {code: _both(division_names, code) for code in division_names("nl")}
        return Grouping(name, {code: code for code in names}, names=names)
    if name == "section":
        names = {code: _both(section_names, code) for code in section_names("nl")}
        return Grouping(name, {code: code for code in names}, names=names)
    return _of_rows(name, list(read_csv("groupings", f"{name}{FILE}")))


def _both(names: Callable[[str], dict[str, str]], code: str) -> dict[str, str]:
    return {language: names(language)[code] for language in ("nl", "en")}


def _of_rows(name: str, rows: list[dict[str, str]]) -> Grouping:
    """Grouping of a file's rows, in any order."""
    if not rows:
        raise RefusalError("groupings.empty", name=name)
    own: dict[str, set[str]] = {}
    also: dict[str, set[str]] = {}
    for row in rows:
        if not row["sbi"] or not row["group"]:
            raise RefusalError("groupings.row_incomplete", name=name)
        target = also if _overlaps(row.get("overlap", ""), name) else own
        target.setdefault(_beginning(row["sbi"]), set()).add(row["group"])
    double = sorted(code for code, groups in own.items() if len(groups) > 1)
    if double:
        raise RefusalError("groupings.double", name=name, codes=", ".join(double))
    return Grouping(
        name,
        {code: min(groups) for code, groups in sorted(own.items())},
        {code: tuple(sorted(groups)) for code, groups in sorted(also.items())},
        _names(rows, name),
        tuple(sorted({*own, *also} - _known_beginnings())),
    )


def _beginning(written: str) -> str:
    """Beginning of a code, or a section's letter, as it stands in a cell."""
    return written.replace(".", "").replace(" ", "").upper()


@cache
def _known_beginnings() -> frozenset[str]:
    codes = {code for table in WITH_TABLE for code in code_table(table)}
    codes |= set(division_names("nl"))
    beginnings = {code[:length] for code in codes for length in range(1, 6)}
    return frozenset(beginnings | set(section_names("nl")))


def _overlaps(written: str, name: str) -> bool:
    said = written.strip().lower()
    if said not in YES | NO:
        raise RefusalError("groupings.overlap_unreadable", name=name, value=written)
    return said in YES


def _names(rows: list[dict[str, str]], name: str) -> dict[str, dict[str, str]]:
    """Names of the groups by language; two different ones are refused."""
    names: dict[str, dict[str, str]] = {}
    for row in rows:
        for language in ("nl", "en"):
            given = row.get(f"name_{language}", "")
            own = names.setdefault(row["group"], {})
            if given and own.setdefault(language, given) != given:
                raise RefusalError("groupings.two_names", name=name, group=row["group"])
    return names
