"""Everyday streams: what nearly every activity gives, whatever it makes."""

from __future__ import annotations

from functools import cache

from ..codes import WITH_TABLE, code_table
from ..flows.coefficients import shipped_coefficients
from ..flows.tables import MATERIAL, SUPPLY

EVERYDAY_SHARE = 1 / 3
"""A stream that so large a part of all activities gives is an everyday one."""


@cache
def everyday() -> frozenset[str]:
    """Materials that at least a third of all activities of four digits give.

    Of one of the lists of codes or more, by the shipped coefficients, where a longer
    prefix replaces what a shorter one says.
    """
    table = shipped_coefficients()
    rows = table[
        (table["direction"] == SUPPLY)
        & (table["carrier"] == MATERIAL)
        & (table["per"] == "job")
    ]
    gives = {
        material: dict(zip(each["sbi"], each["high"] > 0, strict=True))
        for material, each in rows.groupby("material")
    }
    lists = [
        {code for code in code_table(name) if len(code) == 4} for name in WITH_TABLE
    ]
    return frozenset(
        material
        for material, prefixes in gives.items()
        for codes in lists
        if sum(_says(prefixes, code) for code in codes) >= EVERYDAY_SHARE * len(codes)
    )


def _says(prefixes: dict[str, bool], code: str) -> bool:
    """What the longest prefix of an activity code says of it."""
    found = (code[:size] for size in range(len(code), -1, -1))
    return next((prefixes[each] for each in found if each in prefixes), False)
