"""The spatial strategies of the Flemish study, read and checked.

They are data: one file per work agenda in ``resources/strategies``. Which conditions
there are stands in ``resources/rules/spatial_conditions.toml``, which type environments
in ``resources/rules/environment_types.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NoReturn

import pandas as pd

from .errors import RefusalError
from .resources import read_toml

R_STRATEGIES = tuple(f"R{step}" for step in range(10))
LOOPS = (("short", range(4)), ("medium", range(4, 8)), ("long", range(8, 10)))
"""Length of the loop by step of the R-ladder, as the study groups them."""
ALL = "all"
"""All strategies together."""
ENVIRONMENT = "environment"
"""The criterion that says whether a type environment holds."""
ENVIRONMENT_PART = 0.4
"""Part of the weight that type environments get, the rest is of the conditions.

A little less than half, so that an area of which only they are unknown keeps a place
(aanname).
"""
KEYS = {"nl", "en", "conditions", "types", "r_strategies"}
OPTIONAL = {"also"}


@dataclass(frozen=True)
class Strategy:
    """What makes a place a lever for one strategy.

    Parameters
    ----------
    name
        ``WA3.1``: work agenda and number.
    titles
        In ``nl`` and ``en``.
    conditions
        Spatial conditions that the study's table names.
    also
        Those that it names in other words.
    types
        Type environments, with whether the table can be read in more ways.
    r_strategies
        Steps of the R-ladder.
    """

    name: str
    titles: Mapping[str, str]
    conditions: tuple[str, ...]
    also: tuple[str, ...]
    types: Mapping[str, bool]
    r_strategies: tuple[str, ...]

    @property
    def agenda(self) -> str:
        """Its work agenda."""
        return self.name.split(".")[0]

    @property
    def zone_types(self) -> tuple[str, ...]:
        """Type environments that a zone can be; the others are of lines."""
        known = read_toml("rules", "environment_types.toml")
        return tuple(name for name in self.types if known[name]["on"] == "zones")

    @property
    def loops(self) -> tuple[str, ...]:
        """Lengths of its loops: ``short``, ``medium``, ``long``."""
        steps = {int(step[1:]) for step in self.r_strategies}
        return tuple(name for name, part in LOOPS if steps & set(part))


def agenda_ids() -> list[str]:
    """Ids of the work agendas whose strategies are known."""
    return list(read_toml("rules", "agendas.toml"))


@cache
def strategies() -> dict[str, Strategy]:
    """All strategies by id: work agenda by work agenda, in the study's order."""
    found = {}
    for agenda in agenda_ids():
        found |= read_strategies(read_toml("strategies", f"{agenda}.toml"), agenda)
    return found


def strategies_of(choice: str) -> tuple[str, ...]:
    """Ids of the strategies of a choice: one, a work agenda, or all; none otherwise."""
    return tuple(
        name
        for name, strategy in strategies().items()
        if choice in (name, strategy.agenda, ALL)
    )


@cache
def criterion_shares() -> pd.DataFrame:
    """Share of every criterion in every strategy, strategies × criteria.

    Conditions weigh the same, and so do the criteria that measure one together. The
    shares of a strategy add up to 1.
    """
    rows = {name: _shares(strategy) for name, strategy in strategies().items()}
    order = [ENVIRONMENT, *read_toml("criteria.toml")]
    table = pd.DataFrame(rows).T.reindex(rows).fillna(0.0)
    return table[[name for name in dict.fromkeys(order) if name in table]]


def _shares(strategy: Strategy) -> dict[str, float]:
    measured = read_toml("rules", "spatial_conditions.toml")
    conditions = (*strategy.conditions, *strategy.also)
    part = ENVIRONMENT_PART if conditions else 1.0
    shares = {ENVIRONMENT: part} if strategy.zone_types else {}
    rest = 1 - sum(shares.values())
    for condition in conditions:
        criteria = measured[condition]["criteria"]
        for name in criteria:
            share = rest / len(conditions) / len(criteria)
            shares[name] = shares.get(name, 0.0) + share
    return shares


def read_strategies(content: dict, agenda: str) -> dict[str, Strategy]:
    """Strategies of a work agenda as TOML gives them, in their order.

    Parameters
    ----------
    content
        One table per strategy.
    agenda
        Id of the work agenda, with which every id begins.

    Raises
    ------
    RefusalError
        If a strategy is none; names it and what is wrong.
    """
    return {name: _strategy(name, entry, agenda) for name, entry in content.items()}


def _strategy(name: str, entry: object, agenda: str) -> Strategy:
    if not re.fullmatch(rf"{re.escape(agenda)}\.[1-9][0-9]?", name):
        _refuse("strategy_id", name, agenda=agenda)
    if not isinstance(entry, dict):
        _refuse("strategy_no_table", name, found=str(entry))
    missing = sorted(KEYS - set(entry))
    strange = sorted(set(entry) - KEYS - OPTIONAL)
    if missing or strange:
        _refuse("strategy_keys", name, found=", ".join(missing or strange))
    for language in ("nl", "en"):
        if not isinstance(entry[language], str) or not entry[language].strip():
            _refuse("strategy_title", name, place=language)
    known = read_toml("rules", "spatial_conditions.toml")
    conditions = _words(name, "conditions", entry["conditions"], known)
    also = _words(name, "also", entry.get("also", []), known)
    if twice := sorted(set(conditions) & set(also)):
        _refuse("strategy_twice", name, place="also", found=", ".join(twice))
    types = _types(name, entry["types"])
    if not (conditions or also or types):
        _refuse("strategy_empty", name)
    steps = _words(name, "r_strategies", entry["r_strategies"], R_STRATEGIES)
    titles = {language: entry[language] for language in ("nl", "en")}
    return Strategy(name, titles, conditions, also, types, steps)


def _types(name: str, raw: object) -> dict[str, bool]:
    """Type environments, with whether each is uncertain."""
    tables = raw if isinstance(raw, list) else [raw]
    for pair in tables:
        told = isinstance(pair, dict) and set(pair) <= {"id", "uncertain"}
        if not told or not isinstance(pair.get("uncertain", False), bool):
            _refuse("strategy_type", name, found=str(pair))
    known = read_toml("rules", "environment_types.toml")
    ids = _words(name, "types", [pair.get("id") for pair in tables], known)
    doubtful = [pair.get("uncertain", False) for pair in tables]
    return dict(zip(ids, doubtful, strict=True))


def _words(name: str, key: str, raw: object, known: Collection[str]) -> tuple[str, ...]:
    """A list of known words, each once."""
    if not isinstance(raw, list):
        _refuse("strategy_no_list", name, place=key, found=str(raw))
    strange = [str(word) for word in raw if not isinstance(word, str)]
    strange += [word for word in raw if isinstance(word, str) and word not in known]
    if strange:
        values = {"found": ", ".join(strange), "known": ", ".join(known)}
        _refuse("strategy_word", name, place=key, **values)
    if twice := sorted({word for word in raw if raw.count(word) > 1}):
        _refuse("strategy_twice", name, place=key, found=", ".join(twice))
    return tuple(raw)


def _refuse(problem: str, name: str, **values: str) -> NoReturn:
    raise RefusalError(f"scoring.{problem}", name=name, **values)
