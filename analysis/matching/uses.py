"""Uses: what a material can serve for, and which activities have such a use.

They find the exchanges that nobody wrote down yet. The shipped tables lie in
``resources/matching``: ``uses.csv``, ``material_uses.csv`` and ``activity_uses.csv``.
"""

from __future__ import annotations

from functools import cache

import pandas as pd

from ..flows.coefficients import PREFIX, WORST_QUALITY
from ..flows.tables import MATERIAL, materials
from ..resources import resource_path
from .rules import LADDER, MOST_KM, MatchRow, share_above_zero, table_rows

LOOPS = ("short", "medium", "long")
USE_COLUMNS = ("use", "name_nl", "name_en", "r_strategy", "loop", "typical_reach_km")
MATERIAL_COLUMNS = (
    "material", "use", "suitability", "treatment", "yield", "hazard_note",
    "data_quality", "source",
)  # fmt: skip
ACTIVITY_COLUMNS = ("sbi", "use", "replaces", "importance", "data_quality", "source")


def read_uses(content: str, parameter: str) -> pd.DataFrame:
    """Uses of a file, checked and in their type, sorted by ``use``.

    Parameters
    ----------
    content
        Text of the file.
    parameter
        Where it was given, for the sentence that refuses a row.

    Returns
    -------
    DataFrame
        The columns of the file format and ``remark``; ``typical_reach_km`` in
        kilometres.

    Raises
    ------
    RefusalError
        If a column is missing or unknown, or a row can't be used; names the row.
    """
    rows = table_rows(content, parameter, USE_COLUMNS, ("remark",), ("use",))
    typed = [_use(row) for row in rows]
    table = pd.DataFrame(typed, columns=[*USE_COLUMNS, "remark"])
    return table.sort_values("use", ignore_index=True)


def read_material_uses(
    content: str, parameter: str, uses: pd.DataFrame, language: str = "en"
) -> pd.DataFrame:
    """What materials can serve for, sorted by material and use.

    Parameters
    ----------
    content, parameter
        As of :func:`read_uses`.
    uses
        The uses that there are, as :func:`read_uses` gives them.
    language
        Of ``hazard_note``, which is told in two languages: ``nl`` or ``en``.

    Returns
    -------
    DataFrame
        The columns of the file format. ``suitability`` (0–1) judges the material, not
        the firm; ``treatment`` is empty where it serves as it is.

    Raises
    ------
    RefusalError
        If a column is missing or unknown, or a row can't be used; names the row.
    """
    key = ("material", "use")
    rows = table_rows(content, parameter, MATERIAL_COLUMNS, (), key, language=language)
    known = tuple(uses["use"])
    typed = [
        {
            "material": row.material("material", MATERIAL),
            "use": row.word("use", known),
            "suitability": _share(row, "suitability"),
            "treatment": row.text("treatment"),
            "yield": share_above_zero(row, "yield", 1.0),
            "hazard_note": row.text("hazard_note"),
            **_grounds(row),
        }
        for row in rows
    ]
    table = pd.DataFrame(typed, columns=list(MATERIAL_COLUMNS))
    return table.sort_values(list(key), ignore_index=True)


def read_activity_uses(
    content: str, parameter: str, uses: pd.DataFrame
) -> pd.DataFrame:
    """What activities use materials for, sorted by prefix and use.

    Parameters
    ----------
    content, parameter, uses
        As of :func:`read_material_uses`.

    Returns
    -------
    DataFrame
        The columns of the file format. ``importance`` (0–1) is how much of what the
        activity takes in serves this use.

    Raises
    ------
    RefusalError
        If a column is missing or unknown, or a row can't be used; names the row.
    """
    key = ("sbi", "use")
    rows = table_rows(content, parameter, ACTIVITY_COLUMNS, (), key)
    known = tuple(uses["use"])
    typed = [
        {
            "sbi": _prefix(row),
            "use": row.word("use", known),
            "replaces": row.material("replaces", MATERIAL),
            "importance": _share(row, "importance"),
            **_grounds(row),
        }
        for row in rows
    ]
    table = pd.DataFrame(typed, columns=list(ACTIVITY_COLUMNS))
    return table.sort_values(list(key), ignore_index=True)


@cache
def shipped_uses() -> pd.DataFrame:
    """The uses that come with Kansenkaart; do not change them."""
    return read_uses(_content("uses"), "uses.csv")


@cache
def shipped_material_uses(language: str = "en") -> pd.DataFrame:
    """What materials can serve for; do not change it."""
    content = _content("material_uses")
    uses = shipped_uses()
    return read_material_uses(content, "material_uses.csv", uses, language)


@cache
def shipped_activity_uses() -> pd.DataFrame:
    """What activities use materials for; do not change it."""
    content = _content("activity_uses")
    return read_activity_uses(content, "activity_uses.csv", shipped_uses())


def use_remarks(
    material_uses: pd.DataFrame, activity_uses: pd.DataFrame
) -> list[tuple[str, dict]]:
    """Keys and values of sentences on what is kept although we do not know it."""
    told = {*material_uses["material"], *activity_uses["replaces"]}
    strange = sorted(told - {*materials()})
    if not strange:
        return []
    return [("matching.materials_unknown", {"names": ", ".join(strange)})]


def _content(name: str) -> str:
    return resource_path("matching", f"{name}.csv").read_text("utf-8")


def _use(row: MatchRow) -> dict[str, object]:
    """The cells of a use in their type."""
    row.filled("typical_reach_km")
    return {
        **{name: row.filled(name) for name in ("use", "name_nl", "name_en")},
        "r_strategy": row.word("r_strategy", LADDER),
        "loop": row.word("loop", LOOPS),
        "typical_reach_km": row.number_in("typical_reach_km", 0, MOST_KM),
        "remark": row.text("remark"),
    }


def _share(row: MatchRow, name: str) -> float:
    row.filled(name)
    return share_above_zero(row, name, 1.0)


def _grounds(row: MatchRow) -> dict[str, object]:
    """How well a row is founded."""
    row.filled("data_quality")
    quality = row.number_in("data_quality", 1, WORST_QUALITY, whole=True)
    return {"data_quality": int(quality), "source": row.filled("source")}


def _prefix(row: MatchRow) -> str:
    found = row.text("sbi")
    if not PREFIX.fullmatch(found):
        row.refuse("row_sbi", value=found or "–")
    return found
