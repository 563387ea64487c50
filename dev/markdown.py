"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from demo_figures import row


def table(heads: list[str], rows: Iterable[tuple]) -> str:
    """A table; a vertical bar in a cell stays a bar."""
    lines = [row(*(str(cell).replace("|", "\\|") for cell in cells)) for cells in rows]
    return "\n".join([row(*heads), "|---" * len(heads) + "|", *lines])
