"""What is known of exchanges: rules, uses, what is forbidden, and how far it goes."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from .reach import choose_reach
from .rules import choose_rules, rule_remarks, shipped_forbidden
from .uses import shipped_activity_uses, shipped_material_uses, shipped_uses


@dataclass(frozen=True)
class Knowledge:
    """The tables that decide who could use what of whom.

    Attributes
    ----------
    rules
        As :func:`.rules.choose_rules` gives them.
    uses, material_uses, activity_uses
        As :mod:`.uses` gives them; empty where they are off.
    forbidden
        As :func:`.rules.read_forbidden` gives it.
    reach
        As :func:`.reach.choose_reach` gives it.
    """

    rules: pd.DataFrame
    uses: pd.DataFrame
    material_uses: pd.DataFrame
    activity_uses: pd.DataFrame
    forbidden: pd.DataFrame
    reach: pd.DataFrame

    def remarks(self) -> list[tuple[str, dict]]:
        """Keys and values of sentences on what is kept although we do not know it."""
        return rule_remarks(self.rules)


def choose_knowledge(
    rules: str | None = None,
    extra_rules: str | None = None,
    uses: bool = True,
    reach: str | None = None,
    language: str = "en",
) -> Knowledge:
    """What the user wants to be known.

    Parameters
    ----------
    rules, extra_rules, reach
        Texts of files, as :func:`.rules.choose_rules` and :func:`.reach.choose_reach`
        take them.
    uses
        Whether pairs that only share a use are leads too.
    language
        Of what is told in two languages, ``nl`` or ``en``.
    """
    given = shipped_material_uses(language)
    tables = (shipped_uses(), given, shipped_activity_uses())
    if not uses:
        tables = tuple(table.iloc[:0] for table in tables)
    return Knowledge(
        choose_rules(rules, extra_rules, language),
        *tables,
        shipped_forbidden(),
        choose_reach(reach),
    )
