"""Conditions on places as data: read from TOML and checked, never executed.

A condition is a table with one test and what it needs, such as
``{ near_facility = ["knowledge"], within = 2000 }``; :data:`FORMS` lists the tests. A
number may be called by its name, and ``{ use = "urban" }`` is a condition by its name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from ..errors import RefusalError
from ..vocabulary import (
    CONSTRAINT_KINDS,
    FACILITY_KINDS,
    MODES,
    TRANSPORT_MODES,
    ZONE_KINDS,
)

ZONES, LINES = "zones", "lines"
"""What a rule says something about."""
DEEPEST = 20
"""Conditions lie no deeper in each other than this."""
LARGEST = 1e9
PREFIX = re.compile(r"\*|[0-9]{1,5}")
"""Beginning of an activity code, or a star for every activity."""


@dataclass(frozen=True)
class Form:
    """What a test takes.

    Parameters
    ----------
    takes
        Its own value: ``condition``, ``conditions``, ``number``, ``prefixes``,
        ``words`` of any kind, or a list of :data:`VOCABULARIES`.
    needed, optional
        Names of its arguments: numbers, or lists of words.
    on
        What it can be asked of.
    """

    takes: str
    needed: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    on: tuple[str, ...] = (ZONES,)


BOTH = (ZONES, LINES)
CLASSES = ("classes", "except_classes")
"""Arguments that hold words."""
WHOLE = ("at_least", "digits")
"""Arguments that are whole numbers from 1 on, unless they are a density."""
SHARES = ("share",)
FORMS = {
    "all": Form("conditions", on=BOTH),
    "any": Form("conditions", on=BOTH),
    "not": Form("condition", on=BOTH),
    "kinds": Form("zone_kinds"),
    "area_ha": Form("number"),
    "available_ha": Form("number"),
    "firms": Form("prefixes", ("at_least",), ("within",)),
    "firms_per_ha": Form("number"),
    "activities": Form("prefixes", ("digits", "at_least")),
    "near_facility": Form("facility_kinds", ("within",), ("at_least",), on=BOTH),
    "near_mode": Form("modes", (), ("within", "at_least", *CLASSES)),
    "near_zone": Form("condition", ("within",), ("at_least", "apart"), on=BOTH),
    "line_density": Form("modes", ("at_least",)),
    "covered": Form("constraint_kinds", ("share",)),
    "region": Form("region_field", ("share",)),
    "population": Form("number", ("within",)),
    "mode": Form("modes", (), CLASSES, on=(LINES,)),
}
"""The tests; what each asks stands at its function in :mod:`.measures`."""
VOCABULARIES = {
    "zone_kinds": ZONE_KINDS,
    "facility_kinds": FACILITY_KINDS,
    "modes": MODES,
    "constraint_kinds": CONSTRAINT_KINDS,
}
REGION_FIELDS = ("centre_city",)


@dataclass(frozen=True)
class Condition:
    """A condition that was checked.

    Parameters
    ----------
    test
        A key of :data:`FORMS`.
    value
        Its own value: a condition, conditions, words, or a number.
    arguments
        Names and values of its arguments, sorted.
    """

    test: str
    value: object
    arguments: tuple[tuple[str, object], ...] = ()

    def get(self, name: str, default: object = None) -> object:
        """Value of an argument."""
        return dict(self.arguments).get(name, default)

    def of_word(self, word: str) -> Condition:
        """The same test for one of its words."""
        kept = tuple(pair for pair in self.arguments if pair[0] != "at_least")
        return Condition(self.test, (word,), kept)

    def inside(self) -> Iterator[Condition]:
        """Itself and all conditions that lie in it."""
        yield self
        parts = self.value if isinstance(self.value, tuple) else (self.value,)
        for part in parts:
            if isinstance(part, Condition):
                yield from part.inside()

    def alternatives(self) -> list[set[str]]:
        """Kinds that a test looks for near a place; of each set one kind is enough.

        Modes of transport are looked for one by one, since their registers are as many;
        energy lines are seldom drawn of every kind.
        """
        if self.test == "near_zone":
            asked = [part for part in self.inside() if part.test == "kinds"]
            return [set().union(*(part.value for part in asked))] if asked else []
        words = set(self.value)
        single = words & set(TRANSPORT_MODES) if self.test == "near_mode" else set()
        return [{word} for word in sorted(single)] + [words - single] * (words > single)


@dataclass(frozen=True)
class Reader:
    """Reads conditions.

    Parameters
    ----------
    numbers
        Numbers that may be called by name.
    named
        Conditions on zones that may be used by name.
    """

    numbers: Mapping[str, float] = field(default_factory=dict)
    named: Mapping[str, Condition] = field(default_factory=dict)

    def read(self, raw: object, rule: str, on: str = ZONES) -> Condition:
        """Check a condition as TOML gives it.

        Parameters
        ----------
        raw
            A table.
        rule
            Name of the rule, for the sentence.
        on
            What it is asked of, ``zones`` or ``lines``.

        Raises
        ------
        RefusalError
            If it is not a condition; names the rule and what is wrong.
        """
        return _Reading(self, rule).condition(raw, on, 0)


@dataclass(frozen=True)
class _Reading:
    """The reading of one rule."""

    reader: Reader
    rule: str

    def condition(self, raw: object, on: str, depth: int) -> Condition:
        if not isinstance(raw, dict):
            self._refuse("no_condition", found=_shown(raw))
        if depth > DEEPEST:
            self._refuse("too_deep", deepest=DEEPEST)
        if "use" in raw:
            return self._used(raw, on)
        tests = sorted(set(raw) & set(FORMS))
        if len(tests) != 1:
            self._refuse("no_test", found=_shown(sorted(raw)), known=_shown(FORMS))
        test = tests[0]
        form = FORMS[test]
        if on not in form.on:
            self._refuse("not_of", test=test, on=on)
        value = self._value(raw[test], form.takes, test, on, depth)
        given = {name: raw[name] for name in sorted(raw) if name != test}
        self._check_names(given, form, test)
        arguments = {name: self._argument(name, given[name], test) for name in given}
        return Condition(test, value, tuple(arguments.items()))

    def _used(self, raw: dict, on: str) -> Condition:
        """A condition by its name; all of them are about zones."""
        name, named = raw["use"], self.reader.named
        if len(raw) > 1:
            self._refuse("no_test", found=_shown(sorted(raw)), known=_shown(FORMS))
        if not isinstance(name, str) or name not in named:
            self._refuse("name_unknown", name=_shown(name), known=_shown(named))
        if on != ZONES:
            self._refuse("not_of", test=name, on=on)
        return named[name]

    def _value(self, raw: object, takes: str, test: str, on: str, depth: int):
        if takes == "number":
            return self._number(raw, test)
        if takes == "condition":
            # What lies near is always a zone.
            inner = ZONES if test == "near_zone" else on
            return self.condition(raw, inner, depth + 1)
        if takes == "conditions":
            if not isinstance(raw, list) or not raw:
                self._refuse("no_list", name=test, found=_shown(raw))
            return tuple(self.condition(each, on, depth + 1) for each in raw)
        if takes == "region_field":
            return self._words([raw], REGION_FIELDS, test)[0]
        words = self._words(raw, VOCABULARIES.get(takes), test)
        if takes == "prefixes" and not all(map(PREFIX.fullmatch, words)):
            self._refuse("no_prefix", name=test, found=_shown(words))
        return words

    def _check_names(self, given: Collection[str], form: Form, test: str) -> None:
        known = (*form.needed, *form.optional)
        strange = sorted(set(given) - set(known))
        missing = sorted(set(form.needed) - set(given))
        if strange or missing:
            found = _shown(strange or missing)
            key = "argument_unknown" if strange else "argument_missing"
            self._refuse(key, test=test, found=found, known=_shown(known))

    def _argument(self, name: str, raw: object, test: str) -> object:
        if name in CLASSES:
            return self._words(raw, None, name)
        number = self._number(raw, name)
        whole = name in WHOLE and test != "line_density"
        if whole and not (number.is_integer() and number >= 1):
            self._refuse("not_whole", name=name, found=_shown(raw))
        if name in SHARES and not 0 < number <= 1:
            self._refuse("no_share", name=name, found=_shown(raw))
        return number

    def _number(self, raw: object, name: str) -> float:
        found = self.reader.numbers.get(raw) if isinstance(raw, str) else raw
        usual = isinstance(found, int | float) and not isinstance(found, bool)
        if not usual or not 0 <= found <= LARGEST:
            known = _shown(self.reader.numbers)
            self._refuse("no_number", name=name, found=_shown(raw), known=known)
        return float(found)

    def _words(self, raw: object, known: Collection[str] | None, name: str) -> tuple:
        if not isinstance(raw, list) or not raw:
            self._refuse("no_list", name=name, found=_shown(raw))
        strange = [
            each
            for each in raw
            if not isinstance(each, str) or (known is not None and each not in known)
        ]
        if strange:
            known = _shown(known or ())
            self._refuse("word_unknown", name=name, found=_shown(strange), known=known)
        return tuple(dict.fromkeys(raw))

    def _refuse(self, key: str, **values: object) -> NoReturn:
        raise RefusalError(f"environments.{key}", rule=self.rule, **values)


def _shown(value: object) -> str:
    """A value of somebody's file in a sentence, cut where it is long."""
    if isinstance(value, list | tuple | Mapping):
        value = ", ".join(map(str, value))
    words = str(value)
    return (words if len(words) <= 200 else f"{words[:200]}…") or "–"
