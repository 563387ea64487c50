"""The legend: exactly what the map shows, under plain headings."""

from __future__ import annotations

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsLayerTreeLayer,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutSize,
    QgsLegendRenderer,
    QgsLegendStyle,
    QgsMapHitTest,
    QgsMapLayerLegendUtils,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSizeF

from ...analysis.texts import text
from ..styling import read_style
from ..symbols import renderer, unevaluated
from .project import drawn_groups, style_of
from .sheet import Sheet


def add_legend(sheet: Sheet, printed: QgsLayoutItemMap) -> QgsLayoutItemLegend:
    """Add the legend of a map, still without place or size."""
    legend = QgsLayoutItemLegend(sheet.layout)
    legend.setId("legend")
    legend.setLinkedMap(printed)
    legend.setAutoUpdateModel(False)
    sheet.layout.addLayoutItem(legend)
    _fill(legend, printed, sheet)
    return legend


def legend_height(sheet: Sheet, legend: QgsLayoutItemLegend) -> float:
    """Give the legend the letters of the sheet; one column if it is short or wide."""
    _dress(legend, sheet)
    short = sheet.look["space"]["short_legend"] * sheet.height
    size = _size(sheet, legend, columns=1)
    if size.height() > short:
        wide = _size(sheet, legend, columns=2)
        # What is printed is a trifle wider than what is measured.
        if wide.width() <= 0.96 * sheet.column_width:
            size = wide
        else:
            size = _size(sheet, legend, columns=1)
    legend.attemptResize(QgsLayoutSize(size.width(), size.height()))
    return size.height()


def _size(sheet: Sheet, legend: QgsLayoutItemLegend, columns: int) -> QSizeF:
    """Size in columns; the item itself only knows it once it has been painted."""
    legend.setColumnCount(columns)
    drawn = QgsLegendRenderer(legend.model(), legend.legendSettings())
    return drawn.minimumSize(sheet.context())


def _fill(legend, printed: QgsLayoutItemMap, sheet: Sheet) -> None:
    """Headings, layers and classes that fall within the map."""
    visible = _hit_test(printed)
    root = legend.model().rootGroup()
    root.removeAllChildren()
    for key, layers in drawn_groups(sheet.layout.project()):
        shown = [layer for layer in layers if _shown_nodes(layer, visible)]
        if not shown:
            continue
        group = root.addGroup(text(f"styles.groups.{key}", sheet.language))
        QgsLegendRenderer.setNodeLegendStyle(group, QgsLegendStyle.Style.Group)
        for layer in shown:
            node = group.addLayer(layer)
            _choose_classes(node, _nodes(layer), _shown_nodes(layer, visible))
            _enlarge_symbols(node, layer, sheet)
            legend.model().refreshLayerLegend(node)


def _choose_classes(node: QgsLayerTreeLayer, keys: list, shown: list) -> None:
    """Leave out the classes that the map doesn't show, and needless headings."""
    if len(shown) < len(keys):
        order = [keys.index(key) for key in shown]
        QgsMapLayerLegendUtils.setLegendNodeOrder(node, order)
    style = QgsLegendStyle.Style
    heading = style.Hidden if _explains_itself(node.layer()) else style.Subgroup
    QgsLegendRenderer.setNodeLegendStyle(node, heading)


def _enlarge_symbols(
    node: QgsLayerTreeLayer, layer: QgsVectorLayer, sheet: Sheet
) -> None:
    """On large sheets, show the symbols as large as the map does.

    A legend that is opened again doesn't take over the map's own styles.
    """
    if sheet.factor == 1.0:
        return
    style = style_of(layer)
    large = renderer(layer, style, read_style(style), sheet.language, sheet.factor)
    for index, item in enumerate(large.legendSymbolItems()):
        QgsMapLayerLegendUtils.setLegendNodeCustomSymbol(node, index, item.symbol())


def _explains_itself(layer: QgsVectorLayer) -> bool:
    """Whether the layer's only class says what a heading above it would say."""
    drawn = layer.renderer()
    if isinstance(drawn, QgsSingleSymbolRenderer):
        return True
    if not isinstance(drawn, QgsCategorizedSymbolRenderer):
        return False
    categories = [(item.value(), item.label()) for item in drawn.categories()]
    named = [label != unevaluated(str(value)) for value, label in categories]
    return named == [True]


def _hit_test(printed: QgsLayoutItemMap) -> QgsMapHitTest:
    """Which classes have a feature inside the map."""
    size = QSizeF(printed.rect().width(), printed.rect().height())
    settings = printed.mapSettings(printed.extent(), size, 25.4, True)
    # The styles of a large sheet name their classes otherwise than the layers' own.
    settings.setLayerStyleOverrides({})
    test = QgsMapHitTest(settings)
    test.run()
    return test


def _nodes(layer: QgsVectorLayer) -> list[str]:
    """Keys of a layer's classes, in the order of the legend."""
    return [item.ruleKey() for item in layer.renderer().legendSymbolItems()]


def _shown_nodes(layer: QgsVectorLayer, visible: QgsMapHitTest) -> list[str]:
    return [key for key in _nodes(layer) if visible.legendKeyVisible(key, layer)]


def _dress(legend: QgsLayoutItemLegend, sheet: Sheet) -> None:
    """Letters, symbols and distances."""
    space = sheet.look["space"]
    styles = {
        QgsLegendStyle.Style.Group: sheet.letters("heading", bold=True),
        QgsLegendStyle.Style.Subgroup: sheet.letters("body", colour="quiet"),
        QgsLegendStyle.Style.SymbolLabel: sheet.letters("body"),
    }
    for component, letters in styles.items():
        legend.rstyle(component).setTextFormat(letters)
    gaps = {
        (QgsLegendStyle.Style.Group, QgsLegendStyle.Side.Top): 3.5,
        (QgsLegendStyle.Style.Group, QgsLegendStyle.Side.Bottom): 0.6,
        (QgsLegendStyle.Style.Subgroup, QgsLegendStyle.Side.Top): 2.0,
        (QgsLegendStyle.Style.Subgroup, QgsLegendStyle.Side.Bottom): 0.6,
        (QgsLegendStyle.Style.Symbol, QgsLegendStyle.Side.Top): 1.1,
        (QgsLegendStyle.Style.SymbolLabel, QgsLegendStyle.Side.Left): 1.5,
    }
    for (component, side), gap in gaps.items():
        legend.rstyle(component).setMargin(side, sheet.mm(gap) * sheet.stretch)
    legend.setSymbolWidth(sheet.mm(space["legend_width"]))
    legend.setSymbolHeight(sheet.mm(space["legend_symbol"]) * sheet.stretch)
    legend.setMaximumSymbolSize(sheet.mm(space["legend_symbol"]))
    legend.setColumnSpace(sheet.mm(4))
    legend.setBoxSpace(0)
    # A full column is filled evenly, at the cost of lists that go on in the next one.
    legend.setSplitLayer(sheet.stretch < 1)
    legend.setResizeToContents(True)
