"""The printed page: the map, and beside it a column that explains it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsFeatureRequest,
    QgsLayoutExporter,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutPoint,
    QgsPrintLayout,
    QgsProject,
)

from ...analysis.texts import number, text
from .page_legend import add_legend, legend_height
from .page_map import add_map, add_mark, add_scale_bar
from .page_table import (
    PageTable,
    add_table,
    initiatives_table,
    ranking_table,
    table_height,
)
from .project import find_layer
from .sheet import Sheet


@dataclass(frozen=True)
class RankedArea:
    """One row of the ranking.

    Parameters
    ----------
    rank
        Place.
    name
        Name of the area.
    score
        0–100.
    why_short
        Why, in about five words.
    """

    rank: int
    name: str
    score: float
    why_short: str


@dataclass(frozen=True)
class NumberedInitiative:
    """One row of the list of initiatives.

    Parameters
    ----------
    number
        Its number on the map.
    name
        Its name.
    kind
        In words.
    """

    number: int
    name: str
    kind: str


@dataclass(frozen=True)
class PageContent:
    """What the page says beside its map.

    Parameters
    ----------
    title, subtitle
        In words.
    ranking
        The best areas, the best first.
    initiatives
        By number.
    sources
        Names of the data, with their year.
    assumptions_note
        Where the assumptions can be read.
    audience_note
        Whom the map is for.
    proof
        Whether the page is marked as a draft.
    date, version
        Of the map and of the plugin that made it.
    language
        ``nl`` or ``en``.
    """

    title: str
    subtitle: str
    ranking: list[RankedArea] = field(default_factory=list)
    initiatives: list[NumberedInitiative] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    assumptions_note: str = ""
    audience_note: str = ""
    proof: bool = False
    date: str = ""
    version: str = ""
    language: str = "nl"


def add_page(
    project: QgsProject, content: PageContent, page: str = "A3"
) -> QgsPrintLayout:
    """Add a page to a project that ``build_project`` made.

    It takes the place of an earlier page of the same size.

    Parameters
    ----------
    project
        The project, with its layers.
    content
        What the page says.
    page
        ``A3``, ``A1`` or ``A0``, landscape.
    """
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    layout.setName(text("page.layout", content.language, page=page))
    sheet = Sheet(layout, page, content.language)
    printed = add_map(sheet, project)
    if content.proof:
        add_mark(sheet)
    _add_column(sheet, printed, content)
    manager = project.layoutManager()
    if (earlier := manager.layoutByName(layout.name())) is not None:
        manager.removeLayout(earlier)
    manager.addLayout(layout)
    return layout


def export_pdf(layout: QgsPrintLayout, path: Path) -> None:
    """Write a page as PDF, with its text as text.

    Raises
    ------
    OSError
        If QGIS can't write it.
    """
    settings = QgsLayoutExporter.PdfExportSettings()
    settings.textRenderFormat = Qgis.TextRenderFormat.AlwaysText
    settings.exportMetadata = True
    settings.rasterizeWholeImage = False
    exporter = QgsLayoutExporter(layout)
    result = exporter.exportToPdf(str(path), settings)
    if result != QgsLayoutExporter.ExportResult.Success:
        raise OSError(f"{path}: {exporter.errorMessage() or result}")


def _add_column(sheet: Sheet, printed: QgsLayoutItemMap, content: PageContent) -> None:
    """Fill the column beside the map from the top down, above its small print."""
    bottom = _add_small_print(sheet, printed, content)
    legend = add_legend(sheet, printed)
    tables = _fit(sheet, legend, content, _in_view(sheet, printed, content), bottom)
    gap = sheet.mm(sheet.look["space"]["block"])
    top = sheet.margin
    top += sheet.add_text(content.title, "title", top, bold=True) + gap / 4
    top += sheet.add_text(content.subtitle, "subtitle", top) + gap
    legend.attemptMove(QgsLayoutPoint(sheet.column_left, top))
    top += legend_height(sheet, legend) + gap
    for table in tables:
        top += add_table(sheet, table, top) + gap


def _in_view(
    sheet: Sheet, printed: QgsLayoutItemMap, content: PageContent
) -> list[NumberedInitiative]:
    """The initiatives whose number stands on the printed map."""
    layer = find_layer(sheet.layout.project(), "initiatives")
    if layer is None:
        return []
    shown = layer.getFeatures(QgsFeatureRequest(printed.extent()))
    numbers = {feature["number"] for feature in shown}
    return [each for each in content.initiatives if each.number in numbers]


def _fit(
    sheet: Sheet,
    legend: QgsLayoutItemLegend,
    content: PageContent,
    in_view: list[NumberedInitiative],
    bottom: float,
) -> list[PageTable]:
    """Choose the largest letters with which everything fits above the small print.

    Gives the tables. Where even the smallest letters are too large, the last
    initiatives get no row, and then the last ranked areas.
    """
    gap = sheet.mm(sheet.look["space"]["block"])
    room = bottom - sheet.margin - 2.25 * gap
    room -= sheet.text_height(content.title, "title", bold=True)
    room -= sheet.text_height(content.subtitle, "subtitle")
    ranking = content.ranking
    listed = in_view[: sheet.look["initiatives"]["rows"]]

    def tables() -> list[PageTable]:
        made = [ranking_table(sheet, ranking)]
        if content.initiatives:
            made.append(initiatives_table(sheet, listed, len(content.initiatives)))
        return made

    def too_high() -> bool:
        return sum(table_height(sheet, table) + gap for table in tables()) > left

    for size in sheet.look["letters"]["stretch"]:
        sheet.stretch = size
        left = room - legend_height(sheet, legend)
        if not too_high():
            return tables()
    while listed and too_high():
        listed = listed[:-1]
    ranking = ranking[: sheet.look["table"]["rows"]]
    while len(ranking) > 1 and too_high():
        ranking = ranking[:-1]
    return tables()


def _add_small_print(sheet, printed: QgsLayoutItemMap, content: PageContent) -> float:
    """Sources and colophon at the foot of the column; gives the top of it all."""
    top = sheet.height - sheet.margin
    for words in reversed(_small_print(printed, content)):
        top -= sheet.text_height(words, "small")
        sheet.add_text(words, "small", top, colour="quiet")
        top -= sheet.mm(sheet.look["space"]["line"])
    return add_scale_bar(sheet, printed, top)


def _small_print(printed: QgsLayoutItemMap, content: PageContent) -> list[str]:
    crs = printed.crs()
    colophon = text(
        "page.colophon",
        content.language,
        date=content.date,
        version=content.version,
        crs=f"{crs.description()} ({crs.authid()})",
        scale=number(round(printed.scale()), content.language),
    )
    paragraphs = [content.audience_note, content.assumptions_note, colophon]
    if content.sources:
        listed = "; ".join(content.sources)
        paragraphs.insert(0, text("page.sources", content.language, sources=listed))
    return [paragraph for paragraph in paragraphs if paragraph]
