"""Exchange rules: who can use what of whom, because others do so already.

The shipped ones lie in ``resources/matching/rules.csv``, the documented exchanges that
they rest on in ``cases.csv``, and what must never be proposed in ``forbidden.csv``. A
file of the user's replaces the rules, or adds to them and overrides by id.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from typing import NoReturn

import pandas as pd

from ..codes import WITH_TABLE, code_table
from ..csv_tables import parse_table
from ..errors import RefusalError
from ..flows.coefficients import PREFIX, YEARS, Row, with_added
from ..flows.tables import CARRIERS, MATERIAL, classes, materials
from ..resources import resource_path

NEEDED = (
    "rule_id", "carrier", "giver_sbi", "material", "receiver_sbi", "replaces",
    "r_strategy", "treatment", "yield", "quality_out", "reach_km", "legal", "source",
)  # fmt: skip
OPTIONAL = ("evidence", "remark", "hazard_note")
TOLD = ("legal", "hazard_note", "source")
"""What a planner reads of a rule or use, in his own language."""
CASE_COLUMNS = ("rule_id", "place", "year", "source")
FORBIDDEN_COLUMNS = ("material_or_property", "receiver_sbi", "use", "reason", "source")
LADDER = tuple(f"R{step}" for step in range(10))
"""Strategies, the best first."""
ANY = "*"
"""Every activity."""
PROPERTY = "property:"
"""Before what a row of the forbidden combinations says of a property."""
MOST_KM = 1e4
MOST_CASES = 1e6
_OWN_SENTENCES = ("row_prefixes", "row_double", "row_above_zero")
"""What only tables of matching say of a row; the rest they share with flows."""


@dataclass(frozen=True)
class MatchRow(Row):
    """A row of a table of matching, named by what tells it from others."""

    named: tuple[str, ...] = ()

    def refuse(self, key: str, **values: object) -> NoReturn:
        """Stop with a sentence that names the file and the row."""
        theme = "matching" if key in _OWN_SENTENCES else "flows"
        raise RefusalError(
            f"{theme}.{key}",
            parameter=self.parameter,
            row=self.number,
            words=" ".join(filter(None, map(self.text, self.named))) or "–",
            **values,
        )

    def prefixes(self, name: str) -> str:
        """Beginnings of activity codes joined by bars, or a star."""
        found = self.filled(name)
        split = [part.strip() for part in found.split("|")]
        if split != [ANY] and not all(map(PREFIX.fullmatch, split)):
            self.refuse("row_prefixes", column=name, value=found)
        return "|".join(dict.fromkeys(split))

    def number_or(
        self, name: str, default: float, low: float, high: float, whole: bool = False
    ) -> float:
        """A number within bounds, or the default where the cell is empty."""
        found = self.number_in(name, low, high, whole)
        return default if pd.isna(found) else found

    def material(self, name: str, carrier: str) -> str:
        """A material of a carrier; one that we don't know is kept."""
        if carrier != MATERIAL:
            return self.word(name, (carrier,))
        found = self.filled(name)
        known = materials().get(found)
        if known is not None and known.carrier != carrier:
            self.refuse("row_carrier", value=found, carrier=known.carrier)
        return found


def read_rules(content: str, parameter: str, language: str = "en") -> pd.DataFrame:
    """Rules of a file, checked and in their type.

    Parameters
    ----------
    content
        Text of the file.
    parameter
        Where it was given, for the sentence that refuses a row.
    language
        Of what is told in two languages, ``nl`` or ``en``.

    Returns
    -------
    DataFrame
        The columns of the file format, sorted by ``rule_id``. Empty texts are empty;
        ``replaces`` is the material itself where the file leaves it empty, ``yield``
        1, ``evidence`` 0. ``reach_km`` is in kilometres, NaN where the rule has no
        reach of its own.

    Raises
    ------
    RefusalError
        If a column is missing or unknown, or a row can't be used; names the row.
    """
    about = ("rule_id",)
    rows = table_rows(content, parameter, NEEDED, OPTIONAL, about, language=language)
    typed = [_typed(row) for row in rows]
    table = pd.DataFrame(typed, columns=[*NEEDED, *OPTIONAL])
    return table.sort_values("rule_id", ignore_index=True)


@cache
def shipped_rules(language: str = "en") -> pd.DataFrame:
    """The rules that come with Kansenkaart, with their evidence; do not change them."""
    path = resource_path("matching", "rules.csv")
    rules = read_rules(path.read_text("utf-8"), "RULES", language)
    return rules.assign(evidence=evidence(rules, shipped_cases()))


def choose_rules(
    own: str | None = None, extra: str | None = None, language: str = "en"
) -> pd.DataFrame:
    """The rules that the user asks for.

    Parameters
    ----------
    own
        Text of a file that replaces the shipped rules.
    extra
        Text of a file that is added; a row with the id of another takes its place.
    language
        Of what is told in two languages, ``nl`` or ``en``.
    """
    if own is None:
        chosen = shipped_rules(language)
    else:
        chosen = read_rules(own, "RULES", language)
    if extra is None:
        return chosen
    added = read_rules(extra, "EXTRA_RULES", language)
    return with_added(chosen, added, "rule_id")


def read_cases(content: str, parameter: str) -> pd.DataFrame:
    """Documented exchanges of a file, one a row.

    ``year`` is NaN and ``place`` empty where nobody says. Names of places end in the
    two letters of a country (``Ghent BE``); ``BE`` alone is somewhere there.

    Raises
    ------
    RefusalError
        If a column is missing or unknown, or a row can't be used; names the row.
    """
    rows = table_rows(content, parameter, CASE_COLUMNS, (), ("rule_id",), unique=False)
    typed = [
        {
            "rule_id": row.filled("rule_id"),
            "place": row.text("place"),
            "year": row.number_in("year", *YEARS, whole=True),
            "source": row.filled("source"),
        }
        for row in rows
    ]
    table = pd.DataFrame(typed, columns=list(CASE_COLUMNS))
    return table.sort_values(list(CASE_COLUMNS), ignore_index=True)


@cache
def shipped_cases() -> pd.DataFrame:
    """The documented exchanges behind the shipped rules; do not change them."""
    path = resource_path("matching", "cases.csv")
    return read_cases(path.read_text("utf-8"), "cases.csv")


def evidence(
    rules: pd.DataFrame, cases: pd.DataFrame, without_place: str | None = None
) -> list[int]:
    """How many documented exchanges stand behind each rule.

    Parameters
    ----------
    rules, cases
        As :func:`read_rules` and :func:`read_cases` give them.
    without_place
        A place whose exchanges do not count. An exchange of which the place is unknown
        may have been there, so it does not count either.
    """
    if without_place is not None:
        elsewhere = [not same_place(place, without_place) for place in cases["place"]]
        cases = cases[elsewhere]
    counted = cases["rule_id"].value_counts()
    return counted.reindex(rules["rule_id"], fill_value=0).tolist()


def leaving_out(rules: pd.DataFrame, cases: pd.DataFrame, place: str) -> pd.DataFrame:
    """The rules as if nothing were known of a place.

    Its exchanges are no evidence, and a rule that rests on none elsewhere is gone: one
    without any documented exchange may stem from it as well.
    """
    told = rules.assign(evidence=evidence(rules, cases, place))
    return told[told["evidence"] > 0].reset_index(drop=True)


def same_place(one: str, other: str) -> bool:
    """Whether two names of places may mean the same place.

    They do when they share a name (``Botlek Rotterdam NL``, ``Rotterdam-Westland
    NL``), or when one of them names no more than the country, or nothing.
    """
    (names, countries), (others, theirs) = _place_words(one), _place_words(other)
    if names and others:
        return not names.isdisjoint(others)
    return not countries or not theirs or not countries.isdisjoint(theirs)


def read_forbidden(content: str, parameter: str) -> pd.DataFrame:
    """Combinations that must never be proposed.

    Returns
    -------
    DataFrame
        ``material`` (empty where the row is about a property), ``property`` (empty
        where it is about a material), ``receiver_sbi``, ``use``, ``reason`` and
        ``source``, in the order of the file.

    Raises
    ------
    RefusalError
        If a column is missing or unknown, or a row can't be used; names the row.
    """
    about = ("material_or_property", "receiver_sbi", "use")
    rows = table_rows(content, parameter, FORBIDDEN_COLUMNS, (), about)
    typed = [_ban(row) for row in rows]
    columns = ["material", "property", *FORBIDDEN_COLUMNS[1:]]
    return pd.DataFrame(typed, columns=columns)


@cache
def shipped_forbidden() -> pd.DataFrame:
    """The forbidden combinations that come with Kansenkaart; do not change them."""
    path = resource_path("matching", "forbidden.csv")
    return read_forbidden(path.read_text("utf-8"), "forbidden.csv")


def rule_remarks(rules: pd.DataFrame) -> list[tuple[str, dict]]:
    """Keys and values of sentences on what is kept although we do not know it."""
    told = {*rules["material"], *rules["replaces"]}
    strange = sorted(told - {*materials()})
    prefixes = unknown_prefixes([*rules["giver_sbi"], *rules["receiver_sbi"]])
    remarks = []
    if strange:
        remarks.append(("matching.materials_unknown", {"names": ", ".join(strange)}))
    if prefixes:
        remarks.append(("matching.prefixes_unknown", {"names": ", ".join(prefixes)}))
    return remarks


def unknown_prefixes(joined: Iterable[str]) -> list[str]:
    """Prefixes, joined by bars, that begin no code of our lists; sorted."""
    known = {
        code[:length]
        for name in WITH_TABLE
        for code in code_table(name)
        for length in range(2, 6)
    }
    told = {part for prefixes in joined for part in prefixes.split("|")}
    return sorted(told - known - {ANY})


def begins(prefixes: str, sbi: str) -> bool:
    """Whether one of the prefixes, joined by bars, begins an activity code."""
    return prefixes == ANY or sbi.startswith(tuple(prefixes.split("|")))


def table_rows(
    content: str,
    parameter: str,
    needed: Collection[str],
    optional: Collection[str],
    key: tuple[str, ...],
    unique: bool = True,
    language: str = "en",
) -> list[MatchRow]:
    """Rows of a file; refused where two have the same key, unless they may."""
    told = [name for name in TOLD if name in {*needed, *optional}]
    lines = parse_table(content, needed, optional, told, language)
    rows = [
        MatchRow(cells, number, parameter, key) for number, cells in enumerate(lines, 2)
    ]
    first: dict[tuple, int] = {}
    for row in rows if unique else ():
        said = tuple(row.text(name) for name in key)
        if said in first:
            row.refuse("row_double", first=first[said])
        first[said] = row.number
    return rows


def _typed(row: MatchRow) -> dict[str, object]:
    """The cells of a rule in their type; refused where they can't be used."""
    carrier = row.word("carrier", CARRIERS)
    qualities = classes()[carrier]
    material = row.material("material", carrier)
    return {
        "rule_id": row.filled("rule_id"),
        "carrier": carrier,
        "giver_sbi": row.prefixes("giver_sbi"),
        "material": material,
        "receiver_sbi": row.prefixes("receiver_sbi"),
        "replaces": row.material("replaces", carrier)
        if row.text("replaces")
        else material,
        "r_strategy": row.word("r_strategy", LADDER),
        "treatment": row.text("treatment"),
        "yield": share_above_zero(row, "yield", 1.0),
        "quality_out": (
            row.word("quality_out", ("", *qualities))
            if qualities
            else row.text("quality_out")
        ),
        "reach_km": row.number_in("reach_km", 0, MOST_KM),
        "legal": row.text("legal"),
        "source": row.filled("source"),
        "evidence": int(row.number_or("evidence", 0, 0, MOST_CASES, whole=True)),
        "remark": row.text("remark"),
        "hazard_note": row.text("hazard_note"),
    }


def share_above_zero(row: MatchRow, name: str, default: float) -> float:
    """A share above 0 and at most 1, or the default where the cell is empty."""
    found = row.number_or(name, default, 0, 1)
    if found == 0:
        row.refuse("row_above_zero", column=name)
    return found


def _ban(row: MatchRow) -> dict[str, str]:
    """A forbidden combination in its columns."""
    about = row.filled("material_or_property")
    is_property = about.startswith(PROPERTY)
    return {
        "material": "" if is_property else about,
        "property": about.removeprefix(PROPERTY) if is_property else "",
        "receiver_sbi": row.prefixes("receiver_sbi"),
        **{name: row.filled(name) for name in ("use", "reason", "source")},
    }


def _place_words(place: str) -> tuple[set[str], set[str]]:
    """Names in the name of a place, and the two letters of countries."""
    words = re.findall(r"\w+", place)
    countries = {word for word in words if len(word) == 2 and word.isupper()}
    return {word.casefold() for word in words if word not in countries}, countries
