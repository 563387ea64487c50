"""What a report is made of: its content, its sections, its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

AREA_FIELDS = (
    "area_id", "name", "score", "rank", "score_low", "score_high", "completeness",
    "why", "why_short", "area_ha", "modes", "establishments", "jobs",
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """Heading of a table's column.

    Attributes
    ----------
    title
        The heading.
    decimals
        Number of decimals; None for a column of texts.
    """

    title: str
    decimals: int | None = None


@dataclass(frozen=True)
class Table:
    """A table with a caption; the first cell of a row names the row.

    Attributes
    ----------
    caption
        What the table shows.
    columns
        Headings, in order.
    rows
        Cells by row: texts, numbers or None.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True)
class Section:
    """What one step of the run has to tell.

    Attributes
    ----------
    key
        Short id without blanks, unique in the report.
    title
        Heading.
    paragraphs
        Plain texts.
    tables
        Tables, shown below the paragraphs.
    figures
        Markup (SVG, or images as data) made by our own code, shown last. Not escaped:
        whoever makes it escapes the texts in it.
    """

    key: str
    title: str
    paragraphs: Sequence[str] = ()
    tables: Sequence[Table] = ()
    figures: Sequence[str] = ()


@dataclass(frozen=True)
class ReportContent:
    """All that the report says. Figures of single firms have been taken out before.

    Attributes
    ----------
    language
        ``nl`` or ``en``.
    title, date, version
        Texts of the title block, as shown.
    summary
        Label and value of the key figures, as shown.
    areas
        Leverage areas with `area_id`, `name`, `score`, `rank` and what else is known of
        :data:`AREA_FIELDS`. Without a rank an area is listed apart.
    criteria
        `area_id`, `criterion`, `raw`, `unit`, `value`, `weight`, `contribution`,
        `effect`, `source`. Where no contribution is known (another method than the
        weighted sum) the effects are shown.
    criterion_titles
        Title by criterion id, in the order in which criteria are shown.
    assumptions
        `step`, `parameter`, `value`, `unit`, `set_by`, `why`.
    skipped
        `layer`, `source_id`, `reason`, `count`; summed by layer and reason. Rows
        without `source_id` give no examples.
    inputs
        `role`, `layer`, `features`, `crs` and `hash` of each layer used.
    warnings
        Sentences.
    sections
        What the steps contribute.
    proof
        Whether this is a trial version, which the page then says.
    """

    language: str
    title: str
    date: str
    version: str
    summary: Sequence[tuple[str, str]]
    areas: pd.DataFrame
    criteria: pd.DataFrame
    criterion_titles: dict[str, str]
    assumptions: pd.DataFrame
    skipped: pd.DataFrame
    inputs: Sequence[dict[str, object]] = ()
    warnings: Sequence[str] = ()
    sections: Sequence[Section] = ()
    proof: bool = False
