"""The printed page: the map, and beside it a column that explains it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsAbstractLayoutIterator,
    QgsFeatureRequest,
    QgsLayoutExporter,
    QgsLayoutItemMap,
    QgsPrintLayout,
    QgsProject,
)

from ...analysis.texts import text
from .page_column import Listing, add_column
from .page_map import add_map, add_mark
from .page_table import initiatives_table, ranking_table
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
    name = text("page.layout", content.language, page=page)
    sheet = new_sheet(project, name, page, content.language)
    printed = add_map(sheet, project)
    listings = _listings(sheet, printed, content)
    return complete_page(sheet, printed, content, listings)


def new_sheet(project: QgsProject, name: str, page: str, language: str) -> Sheet:
    """An empty page with a name."""
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    layout.setName(name)
    return Sheet(layout, page, language)


def complete_page(
    sheet: Sheet,
    printed: QgsLayoutItemMap,
    content: PageContent,
    listings: list[Listing],
    about: str | None = None,
) -> QgsPrintLayout:
    """Add all that comes round the map, and the page to its project."""
    if content.proof:
        add_mark(sheet)
    add_column(sheet, printed, content, listings, about)
    manager = sheet.layout.project().layoutManager()
    if (earlier := manager.layoutByName(sheet.layout.name())) is not None:
        manager.removeLayout(earlier)
    manager.addLayout(sheet.layout)
    return sheet.layout


def export_pdf(
    layout: QgsPrintLayout,
    path: Path,
    *further: QgsPrintLayout,
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Write a page, and those that follow it, as one PDF, with its text as text.

    Parameters
    ----------
    layout
        The first page.
    path
        The file.
    *further
        The other pages.
    stop
        Asked before each page: whether the file is no longer wanted.

    Raises
    ------
    OSError
        If QGIS can't write it.
    """
    settings = QgsLayoutExporter.PdfExportSettings()
    settings.textRenderFormat = Qgis.TextRenderFormat.AlwaysText
    settings.exportMetadata = True
    settings.rasterizeWholeImage = False
    pages = _Pages([layout, *further], stop)
    result, error = QgsLayoutExporter.exportToPdf(pages, str(path), settings)
    if result != QgsLayoutExporter.ExportResult.Success:
        raise OSError(f"{path}: {error or result}")


class _Pages(QgsAbstractLayoutIterator):
    """Layouts one after the other, as QGIS exports them.

    Parameters
    ----------
    layouts
        In the order of the pages.
    stop
        Whether to leave it at the pages written.
    """

    def __init__(self, layouts: list[QgsPrintLayout], stop: Callable[[], bool]) -> None:
        super().__init__()
        self._layouts = layouts
        self._stop = stop
        self._place = -1

    def layout(self) -> QgsPrintLayout:
        """The page that is written now."""
        return self._layouts[self._place]

    def beginRender(self) -> bool:
        """Start before the first page."""
        self._place = -1
        return True

    def next(self) -> bool:
        """Go to the next page, if there is one that is wanted."""
        self._place += 1
        return self._place < len(self._layouts) and not self._stop()

    def endRender(self) -> bool:
        """Nothing is left to be done."""
        return True

    def count(self) -> int:
        """How many pages there are."""
        return len(self._layouts)

    def filePath(self, base: str, extension: str) -> str:
        """Name of the file of one page, which all in one file don't need."""
        return f"{base}.{extension}"


def _listings(
    sheet: Sheet, printed: QgsLayoutItemMap, content: PageContent
) -> list[Listing]:
    """The ranking, and the initiatives if there are any."""
    count = len(content.initiatives)
    ranking = content.ranking[: sheet.look["table"]["rows"]]
    listings = [Listing(ranking, lambda rows: ranking_table(sheet, rows), fewest=1)]
    if count:
        in_view = _in_view(sheet, printed, content)
        listed = in_view[: sheet.look["initiatives"]["rows"]]
        listings.append(
            Listing(listed, lambda rows: initiatives_table(sheet, rows, count))
        )
    return listings


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
