"""A sheet of paper: its measures, and text on it."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsExpression,
    QgsLayoutItem,
    QgsLayoutItemLabel,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsLayoutUtils,
    QgsPrintLayout,
    QgsRenderContext,
    QgsTextFormat,
    QgsTextRenderer,
)
from qgis.PyQt.QtCore import QRectF, Qt
from qgis.PyQt.QtGui import QColor

from ...analysis.resources import read_toml
from ..labels import text_format


class Sheet:
    """Measures of a page, all in mm of its own size.

    Parameters
    ----------
    layout
        The layout, which gets the page's size.
    page
        ``A3``, ``A1`` or ``A0``.
    language
        ``nl`` or ``en``.
    """

    def __init__(self, layout: QgsPrintLayout, page: str, language: str) -> None:
        self.layout = layout
        self.language = language
        self.look = read_toml("styles", "page.toml")
        self.width, self.height = self.look["pages"][page]
        self.factor = self.width / self.look["pages"]["A3"][0]
        self.stretch = 1.0
        layout.pageCollection().page(0).setPageSize(
            QgsLayoutSize(self.width, self.height, Qgis.LayoutUnit.Millimeters)
        )

    def mm(self, length: float) -> float:
        """A length on A3 as it is on this sheet."""
        return self.factor * length

    @property
    def margin(self) -> float:
        """White edge of the page."""
        return self.mm(self.look["margin"])

    @property
    def map_box(self) -> QRectF:
        """Where the map comes."""
        width = self.look["map_share"] * (self.width - 2 * self.margin)
        height = self.height - 2 * self.margin
        return QRectF(self.margin, self.margin, width, height)

    @property
    def column_left(self) -> float:
        """Left edge of the column beside the map."""
        return self.map_box.right() + self.mm(self.look["gap"])

    @property
    def column_width(self) -> float:
        """Width of the column beside the map."""
        return self.width - self.margin - self.column_left

    def letters(
        self, kind: str, bold: bool = False, colour: str = "text"
    ) -> QgsTextFormat:
        """Letters of a kind in ``page.toml``; some stretch with the column."""
        stretch = self.stretch if kind in {"body", "heading"} else 1.0
        points = max(self.factor * self.look["letters"][kind] * stretch, self.smallest)
        return text_format(points, self.look["colours"][colour], bold)

    @property
    def smallest(self) -> float:
        """No letter is smaller than this, in points."""
        return self.factor * self.look["letters"]["smallest"]

    def colour(self, name: str) -> QColor:
        """A colour by name."""
        return QColor(self.look["colours"][name])

    def text_height(
        self,
        words: str,
        kind: str,
        bold: bool = False,
        width: float | None = None,
        mode: Qgis.TextLayoutMode = Qgis.TextLayoutMode.Rectangle,
    ) -> float:
        """Height of a text that wraps in the column, or in a narrower width."""
        context = self.context()
        pixels = QgsTextRenderer.textHeight(
            context,
            self.letters(kind, bold),
            words.split("\n"),
            mode,
            None,
            Qgis.TextRendererFlag.WrapLines,
            context.convertToPainterUnits(
                width or self.column_width, Qgis.RenderUnit.Millimeters
            ),
        )
        # A hair more than measured: a line that just fits must not fall away.
        return pixels / context.scaleFactor() + self.mm(0.15)

    def add_text(
        self,
        words: str,
        kind: str,
        top: float,
        bold: bool = False,
        colour: str = "text",
    ) -> float:
        """Place a text in the column; give its height."""
        height = self.text_height(words, kind, bold)
        box = QRectF(self.column_left, top, self.column_width, height)
        self.add_label(words, self.letters(kind, bold, colour), box)
        return height

    def add_label(
        self, words: str, letters: QgsTextFormat, box: QRectF
    ) -> QgsLayoutItemLabel:
        """Place a text in a box."""
        label = QgsLayoutItemLabel(self.layout)
        label.setText(literal(words))
        label.setTextFormat(letters)
        label.setMarginX(0)
        label.setMarginY(0)
        self.place(label, box)
        return label

    def place(self, item: QgsLayoutItem, box: QRectF) -> None:
        """Put an item on the page."""
        self.layout.addLayoutItem(item)
        self.fit(item, box)

    def fit(self, item: QgsLayoutItem, box: QRectF) -> None:
        """Give an item its place and size."""
        item.attemptMove(QgsLayoutPoint(box.left(), box.top()))
        item.attemptResize(QgsLayoutSize(box.width(), box.height()))

    def context(self) -> QgsRenderContext:
        """What QGIS needs to measure letters and symbols."""
        context = QgsLayoutUtils.createRenderContextForLayout(self.layout, None)
        # As labels and tables measure; without it letters come in whole pixels.
        flag = Qgis.RenderContextFlag.ApplyScalingWorkaroundForTextRendering
        context.setFlag(flag, True)
        return context

    def centred(self, label: QgsLayoutItemLabel) -> None:
        """Centre a label's text in its box."""
        label.setHAlign(Qt.AlignmentFlag.AlignHCenter)
        label.setVAlign(Qt.AlignmentFlag.AlignVCenter)


def literal(words: str) -> str:
    """A text as a label shows it: QGIS would evaluate what stands between [% and %]."""
    if "[%" not in words:
        return words
    quoted = QgsExpression.quotedString(words).replace("%]", "%' || ']")
    return f"[% {quoted} %]"


def shortened(words: str) -> str:
    """What fits on a page of a title or name that may be of any length.

    To measure one without end would take for ever.
    """
    longest = read_toml("styles", "page.toml")["letters"]["longest"]
    return words if len(words) <= longest else f"{words[: longest - 1]}…"
