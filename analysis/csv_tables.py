"""Tables in text files that a user may bring: ``;``-separated, columns by name."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from itertools import zip_longest

from .errors import RefusalError


def parse_table(
    content: str, needed: Collection[str], optional: Collection[str] = ()
) -> list[dict[str, str]]:
    """Rows of a table as texts by column, without white space round them.

    Empty rows are passed over; a cell that is not there is empty.

    Parameters
    ----------
    content
        Text of the file.
    needed, optional
        The columns that must and may be there.

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
    strange = sorted({*columns} - {*needed, *optional})
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
    return [{name: row[name] for name in columns} for row in rows]
