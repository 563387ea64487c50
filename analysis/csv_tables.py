"""Tables in text files that a user may bring: ``;``-separated, columns by name."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from itertools import zip_longest

from .errors import RefusalError
from .vocabulary import LANGUAGE_CHOICES


def parse_table(
    content: str,
    needed: Collection[str],
    optional: Collection[str] = (),
    told: Collection[str] = (),
    language: str = "en",
) -> list[dict[str, str]]:
    """Rows of a table as texts by column, without white space round them.

    Empty rows are passed over; a cell that is not there is empty. A column that a
    planner reads may stand in a language as well, as ``<name>_nl`` or ``<name>_en``:
    this counts in that language, ``<name>`` in all others and where it is empty.

    Parameters
    ----------
    content
        Text of the file.
    needed, optional
        The columns that must and may be there.
    told
        Those of them that may stand in a language as well.
    language
        The one to read, ``nl`` or ``en``.

    Raises
    ------
    RefusalError
        If a column is missing, unknown or double, or the text is no table.
    """
    try:
        lines = list(csv.reader(io.StringIO(content), delimiter=";"))
    except csv.Error as error:
        raise RefusalError("messages.table_unreadable", error=str(error)) from None
    head = [name.strip() for name in lines[0]] if lines else []
    columns = [name for name in head if name]
    both = {name: [f"{name}_{each}" for each in LANGUAGE_CHOICES] for name in told}
    strange = {*columns} - {*needed, *optional}.union(*both.values())
    missing = [name for name in needed if name not in columns]
    if strange or missing or len(columns) > len(set(columns)):
        raise RefusalError(
            "messages.table_columns",
            found=", ".join(columns) or "–",
            needed=", ".join(needed),
            optional=", ".join(optional) or "–",
        )
    rows = [
        {name: cell.strip() for name, cell in zip_longest(head, line, fillvalue="")}
        for line in lines[1:]
        if any(cell.strip() for cell in line)
    ]
    rows = [{name: row[name] for name in columns} for row in rows]
    return [_in_language(row, both, language) for row in rows]


def _in_language(
    row: dict[str, str], both: dict[str, list[str]], language: str
) -> dict[str, str]:
    """A row with the texts of one language under their plain names."""
    found = {
        name: row.get(f"{name}_{language}") or row.get(name, "")
        for name, columns in both.items()
        if not row.keys().isdisjoint([name, *columns])
    }
    other = {column for columns in both.values() for column in columns}
    return {name: row[name] for name in row if name not in other} | found
