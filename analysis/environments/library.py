"""The rules that come with Kansenkaart, read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ..errors import RefusalError
from ..resources import read_toml
from .conditions import LINES, ZONES, Condition, Reader

FOLDER = "rules"
TYPES = "environment_types.toml"
CLASSES = "synthesis_classes.toml"


@dataclass(frozen=True)
class Rule:
    """When a place is of a type or class.

    Parameters
    ----------
    name
        ``T5``, ``corridor``.
    on
        What it says something about: ``zones`` or ``lines``.
    condition
        When it holds.
    """

    name: str
    on: str
    condition: Condition


def read_rules(content: dict, reader: Reader) -> tuple[Rule, ...]:
    """Rules of a table as TOML gives it, in its order.

    Raises
    ------
    RefusalError
        If a rule says not of what it is one, or its condition is none.
    """
    return tuple(_rule(name, entry, reader) for name, entry in content.items())


@cache
def type_rules() -> tuple[Rule, ...]:
    """The type environments T1–T23, in their order."""
    return read_rules(read_toml(FOLDER, TYPES), shipped_reader())


@cache
def class_rules() -> tuple[Rule, ...]:
    """The classes of the synthesis map, in the order of its legend."""
    return read_rules(read_toml(FOLDER, CLASSES), shipped_reader())


@cache
def shipped_reader() -> Reader:
    """A reader that knows our thresholds and named conditions."""
    named: dict[str, Condition] = {}
    for name, raw in read_toml(FOLDER, "conditions.toml").items():
        named[name] = Reader(thresholds(), named).read(raw, name)
    return Reader(thresholds(), named)


@cache
def thresholds() -> dict[str, float]:
    """Value of every threshold by its name; all of them assumptions."""
    entries = read_toml(FOLDER, "thresholds.toml")
    return {name: float(entry["value"]) for name, entry in entries.items()}


def type_titles(language: str) -> dict[str, str]:
    """Title of every type environment, in ``nl`` or ``en``."""
    entries = read_toml(FOLDER, TYPES)
    return {name: entry[language] for name, entry in entries.items()}


def _rule(name: str, entry: dict, reader: Reader) -> Rule:
    on = entry.get("on") if isinstance(entry, dict) else None
    if on not in (ZONES, LINES):
        raise RefusalError("environments.on_unknown", rule=name, found=str(on))
    return Rule(name, on, reader.read(entry.get("rule"), name, on))
