"""The legend: exactly what the map shows, under plain headings."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsFeatureRequest,
    QgsGraduatedSymbolRenderer,
    QgsLayerTreeLayer,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutSize,
    QgsLegendRenderer,
    QgsLegendStyle,
    QgsMapLayerLegendUtils,
    QgsRectangle,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSizeF

from ...analysis.resources import read_toml
from ...analysis.texts import text
from ..renderers import SIZE, renderer, unevaluated
from ..styling import read_style, style_of
from .project import drawn_groups, drawn_layers, printed_style
from .sheet import Sheet


def add_legend(
    sheet: Sheet, printed: QgsLayoutItemMap, about: str | None = None
) -> QgsLayoutItemLegend:
    """Add the legend of a map, still without place or size.

    Parameters
    ----------
    sheet, printed
        The page and its map.
    about
        Layer of a carrier that the map is about; None for the map of the areas.
    """
    legend = QgsLayoutItemLegend(sheet.layout)
    legend.setId("legend")
    legend.setLinkedMap(printed)
    legend.setAutoUpdateModel(False)
    sheet.layout.addLayoutItem(legend)
    largest = sheet.look["space"]["legend_largest"]
    legend.setMaximumSymbolSize(sheet.mm(largest["flows" if about else "areas"]))
    _fill(legend, printed, sheet, about)
    return legend


def legend_height(sheet: Sheet, legend: QgsLayoutItemLegend) -> float:
    """Give the legend the letters of the sheet; one column if it is short or wide."""
    _dress(legend, sheet)
    size = _size(sheet, legend, *_columns(sheet, legend))
    legend.attemptResize(QgsLayoutSize(size.width(), size.height()))
    return size.height()


def _columns(sheet: Sheet, legend: QgsLayoutItemLegend) -> tuple[int, bool]:
    """How many columns, and whether a list may go on in the next one."""
    short = sheet.look["space"]["short_legend"] * sheet.height
    if _size(sheet, legend, 1, False).height() <= short:
        return 1, False
    # Lists stay whole, unless the column is full and cutting them saves room.
    shapes = [(2, False), (2, True)] if sheet.stretch < 1 else [(2, False)]
    sizes = {shape: _size(sheet, legend, *shape) for shape in shapes}
    lowest = min(shapes, key=lambda shape: sizes[shape].height())
    # What is printed is a trifle wider than what is measured.
    fits = sizes[lowest].width() <= 0.96 * sheet.column_width
    return lowest if fits else (1, False)


def _size(
    sheet: Sheet, legend: QgsLayoutItemLegend, columns: int, split: bool
) -> QSizeF:
    """Size in columns; the item itself only knows it once it has been painted."""
    legend.setColumnCount(columns)
    legend.setSplitLayer(split)
    drawn = QgsLegendRenderer(legend.model(), legend.legendSettings())
    return drawn.minimumSize(sheet.context())


def _fill(legend, printed: QgsLayoutItemMap, sheet: Sheet, about: str | None) -> None:
    """Headings, layers and classes that fall within the map."""
    project = sheet.layout.project()
    on_map = {
        layer.id(): _classes_within(layer, printed.extent())
        for layer in drawn_layers(project, about)
    }
    root = legend.model().rootGroup()
    root.removeAllChildren()
    for key, layers in drawn_groups(project, about):
        shown = [layer for layer in layers if on_map[layer.id()]]
        if not shown:
            continue
        group = root.addGroup(text(f"styles.groups.{key}", sheet.language))
        QgsLegendRenderer.setNodeLegendStyle(group, QgsLegendStyle.Style.Group)
        for layer in _in_order(shown):
            node = group.addLayer(layer)
            _choose_classes(node, _classes(layer), on_map[layer.id()])
            _show_as_printed(node, layer, sheet, about)
            legend.model().refreshLayerLegend(node)


def _in_order(layers: list[QgsVectorLayer]) -> list[QgsVectorLayer]:
    """Layers as the legend lists them: some that lie on top come last."""
    last = read_toml("styles", "project.toml")["map"]["last_in_legend"]
    return sorted(layers, key=lambda layer: style_of(layer) in last)


def _choose_classes(node: QgsLayerTreeLayer, keys: list, shown: list) -> None:
    """Leave out the classes that the map doesn't show, and needless headings.

    What a symbol means comes before how much its size stands for.
    """
    shown = sorted(shown, key=lambda key: key.startswith(SIZE))
    if shown != keys:
        order = [keys.index(key) for key in shown]
        QgsMapLayerLegendUtils.setLegendNodeOrder(node, order)
    style = QgsLegendStyle.Style
    heading = style.Hidden if _explains_itself(node.layer()) else style.Subgroup
    QgsLegendRenderer.setNodeLegendStyle(node, heading)


def _show_as_printed(
    node: QgsLayerTreeLayer, layer: QgsVectorLayer, sheet: Sheet, about: str | None
) -> None:
    """Show the symbols as large, or as quiet, as the map does.

    A legend that is opened again doesn't take over the map's own styles.
    """
    style, definition = style_of(layer), printed_style(layer, about)
    if sheet.factor == 1.0 and definition == read_style(style):
        return
    printed = renderer(layer, style, definition, sheet.language, sheet.factor)
    for index, item in enumerate(printed.legendSymbolItems()):
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


def _classes(layer: QgsVectorLayer) -> list[str]:
    """Keys of a layer's classes, in the order of the legend."""
    return [item.ruleKey() for item in layer.renderer().legendSymbolItems()]


def _classes_within(layer: QgsVectorLayer, extent: QgsRectangle) -> list[str]:
    """Keys of the classes that have a feature inside an extent.

    One feature is enough: QGIS's own test of what is visible reads them all.
    """
    drawn, earlier, shown = layer.renderer(), "", []
    for key in _classes(layer):
        expression, _ = drawn.legendKeyToExpression(key, layer)
        request = QgsFeatureRequest(extent).setLimit(1).setNoAttributes()
        request.setFlags(request.flags() | Qgis.FeatureRequestFlag.ExactIntersect)
        request.setFilterExpression(f"({expression}){earlier}")
        shown += [key for _ in layer.getFeatures(request)]
        if isinstance(drawn, QgsGraduatedSymbolRenderer):
            # A value on the edge of two steps is drawn in the first.
            earlier += f" AND NOT ({expression})"
    return shown


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
    legend.setColumnSpace(sheet.mm(4))
    legend.setBoxSpace(0)
    legend.setResizeToContents(True)
