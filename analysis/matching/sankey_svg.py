"""A Sankey diagram as SVG: one file that needs nothing else, for screen and print.

Text stays text and comes from data: it is escaped, and control characters are left
out. Every band carries its quantity and its width (``data-quantity``, ``data-width``),
and tells its ends when the mouse rests on it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from ..flows.tables import carrier_name
from ..resources import read_toml
from ..texts import number, text
from .sankey import GROUP, Diagram, Link, Node, node_label
from .sankey_layout import (
    BEND,
    LABEL_HEIGHT,
    NODE_WIDTH,
    SIDE_MORE,
    SIDE_TWO,
    WIDTH,
    Band,
    Box,
    Layout,
    Loop,
    lay_out,
)

INK, QUIET, PAPER = "#26282b", "#5b6065", "#ffffff"
NAME_SIZE, AMOUNT_SIZE, TITLE_SIZE, SMALL_SIZE = 10.5, 9.5, 15.0, 10.0
TOP = 60.0
"""Height of title and subtitle."""
LINE = 14.0
BETWEEN = 34.0
"""White between two diagrams."""
AWAY = 6.0
"""From a node to its name."""
ARROW_FITS = 5.0
"""Loops below this width have no arrow head."""
CURVE = 0.5
"""Where a band bends, as a part of its way."""
UNIT_STEPS = {"plain": 1, "thousands": 1_000, "millions": 1_000_000}
MANY = 100
"""From so many on a total is told in a larger unit: 100 kton, not 100 000 ton."""
UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}

# Widths of letters in em, none narrower than in the widest of our fonts.
NARROW, BROAD = frozenset("ijlI.,:;'|!()[]/ftr- \u202f\u00a0"), frozenset("mwMW@%&…—→")
WIDTHS = {"narrow": 0.42, "broad": 1.0, "upper": 0.79, "plain": 0.64, "strange": 1.05}


@dataclass(frozen=True)
class Label:
    """Text beside a node, and the box in which it stays (x, y, width, height)."""

    node: Node
    name: str
    amount: str
    x: float
    y: float
    anchor: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Drawing:
    """One diagram, drawn.

    Attributes
    ----------
    title, description
        What it shows, in words.
    body
        SVG elements, from (0, 0) down.
    height
        In pixels; the width is that of the layout.
    total, unit
        As drawn under the title, and the unit in words.
    rows
        The links in words: source, target and amount.
    diagram, layout, labels
        What was drawn.
    """

    title: str
    description: str
    body: str
    height: float
    total: str
    unit: str
    rows: tuple[tuple[str, str, str], ...]
    diagram: Diagram
    layout: Layout
    labels: tuple[Label, ...]


class Amounts:
    """Quantities of one diagram in words: one multiple and one unit for all."""

    def __init__(self, diagram: Diagram, language: str) -> None:
        self._language = language
        known = read_toml("texts", language, "sankey.toml")["unit"]
        words = known.get(diagram.unit, {"plain": plain(diagram.unit) or "?"})
        steps = {UNIT_STEPS[step]: unit for step, unit in words.items()}
        fit = (each for each in steps if each * MANY <= diagram.total)
        self._times = max(fit, default=1)
        self.unit = steps[self._times]

    def __call__(self, quantity: float) -> str:
        """A quantity with three figures that matter, without its unit."""
        value = quantity / self._times
        if value < 0.01:
            least = number(0.01, self._language, 2)
            return text("sankey.less", self._language, value=least)
        decimals = 0 if value >= 100 else 1 if value >= 10 else 2
        return number(value, self._language, decimals)


def draw(diagram: Diagram, language: str, leads: bool = False) -> Drawing:
    """Draw a diagram.

    Parameters
    ----------
    diagram
        With at least one link.
    language
        ``nl`` or ``en``.
    leads
        Whether its quantities compete with each other, which is said then.
    """
    layout, amounts = lay_out(diagram.links), Amounts(diagram, language)
    words = _Words(diagram, language, amounts)
    labels = [_label(box, layout, words) for box in layout.boxes]
    notes = words.notes(layout, leads)
    colour = _style(diagram.carrier)["colour"]
    parts = [
        _head(words, diagram),
        f'<g transform="translate(0 {_n(TOP)})">',
        *(_band(band, words, colour) for band in layout.bands),
        *(_loop(loop, words, colour) for loop in layout.loops),
        *(_node(box, words) for box in layout.boxes),
        *(_text(label) for label in labels),
        "</g>",
    ]
    y = TOP + layout.height + LINE
    for note in notes:
        y += LINE
        parts.append(_line(note, 0, y, SMALL_SIZE, QUIET))
    return Drawing(
        words.title,
        words.description(layout),
        "\n".join(parts),
        y + LINE / 2,
        amounts(diagram.total),
        amounts.unit,
        tuple(
            (words.name(each.source), words.name(each.target), amounts(each.quantity))
            for each in diagram.links
        ),
        diagram,
        layout,
        tuple(labels),
    )


def svg(drawings: Iterable[Drawing], name: str = "sankey") -> str:
    """Drawings below each other as one SVG.

    Parameters
    ----------
    drawings
        At least one.
    name
        Beginning of the ids in it, so that several can stand in one page.
    """
    body, top = [], 0.0
    drawings = list(drawings)
    for each in drawings:
        body.append(f'<g transform="translate(0 {_n(top)})">\n{each.body}\n</g>')
        top += each.height + BETWEEN
    titles = "; ".join(each.title for each in drawings)
    told = " ".join(each.description for each in drawings)
    return _document("\n".join(body), top - BETWEEN, titles, told, name)


def nothing(language: str) -> str:
    """An SVG that says that there is nothing to draw."""
    told = text("sankey.nothing", language)
    title = text("sankey.page_title", language)
    body = _line(told, 0, LINE, SMALL_SIZE, INK)
    return _document(body, 2 * LINE, title, told, "sankey")


def _document(body: str, height: float, title: str, told: str, name: str) -> str:
    fonts = [*read_toml("styles", "text.toml")["fonts"], "sans-serif"]
    size = f'width="{_n(WIDTH)}" height="{_n(height)}"'
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
            f'viewBox="0 0 {_n(WIDTH)} {_n(height)}" role="img" '
            f'aria-labelledby="{name}-title {name}-text" '
            f'font-family="{escape(", ".join(fonts))}">',
            f'<title id="{name}-title">{escape(title)}</title>',
            f'<desc id="{name}-text">{escape(told)}</desc>',
            f'<rect width="{_n(WIDTH)}" height="{_n(height)}" fill="{PAPER}"/>',
            body,
            "</svg>\n",
        )
    )


def plain(value: str) -> str:
    """A text on one line, without what can't be seen and what XML does not allow."""
    seen = (" " if c.isspace() else c for c in value if _seen(c))
    return " ".join("".join(seen).split())


def text_width(value: str, size: float) -> float:
    """Width of a text in pixels, rather too large than too small."""
    return size * sum(WIDTHS[_kind(letter)] for letter in value)


def fitted(value: str, width: float, size: float) -> str:
    """A text cut, with an ellipsis, where it would be too wide."""
    if text_width(value, size) <= width:
        return value
    cut = value
    while cut and text_width(cut.rstrip() + "…", size) > width:
        cut = cut[:-1]
    return cut.rstrip() + "…"


# Words


class _Words:
    """What is told about one diagram."""

    def __init__(self, diagram: Diagram, language: str, amounts: Amounts) -> None:
        self._diagram = diagram
        self._language = language
        self.amounts = amounts
        carrier = plain(carrier_name(diagram.carrier, diagram.unit, language))
        ends = self._say(f"ends.{diagram.by}")
        self.title = self._say("title", carrier=carrier, ends=ends)

    def subtitle(self) -> str:
        """How to read it, and the total."""
        total = self.amounts(self._diagram.total)
        return self._say("subtitle", total=total, unit=self.amounts.unit)

    def description(self, layout: Layout) -> str:
        """The whole in words, for who can't see it."""
        links = self._diagram.links
        largest = max(links, key=lambda link: link.quantity)
        return self._say(
            "description",
            groups=len({(box.node.kind, box.node.name) for box in layout.boxes}),
            links=len(links),
            **self._values(largest),
        )

    def notes(self, layout: Layout, leads: bool) -> list[str]:
        """What stands below."""
        bundled, loops = self._diagram.bundled, bool(layout.loops)
        named = [box.node.name for box in layout.boxes if box.node.kind == GROUP]
        told = [
            (len(set(named)) < len(named), self._say("note_both")),
            (loops, self._say("note_loops")),
            (bundled, self._say("note_bundled", count=bundled)),
            (leads, self._say("note_leads")),
        ]
        return [sentence for applies, sentence in told if applies]

    def name(self, node: Node) -> str:
        """What a node is called."""
        return plain(node_label(node, self._diagram.by, self._language)) or "–"

    def band(self, link: Link) -> str:
        """What a band tells."""
        key = "bundle" if link.pairs > 1 else "band"
        return self._say(key, count=link.pairs, **self._values(link))

    def node(self, box: Box) -> str:
        """What a node tells: what it gives and receives."""
        sums = {"gives": box.given, "receives": box.received}
        told = [
            self._say(key, amount=self.amounts(value), unit=self.amounts.unit)
            for key, value in sums.items()
            if value
        ]
        return f"{self.name(box.node)}: {', '.join(told)}"

    def _values(self, link: Link) -> dict[str, str]:
        return {
            "source": self.name(link.source),
            "target": self.name(link.target),
            "amount": self.amounts(link.quantity),
            "unit": self.amounts.unit,
        }

    def _say(self, key: str, **values: object) -> str:
        return text(f"sankey.{key}", self._language, **values)


def _label(box: Box, layout: Layout, words: _Words) -> Label:
    """Name and amount: beside a node in the outer columns, above it in the others."""
    side = SIDE_TWO if layout.columns <= 2 else SIDE_MORE
    width, middle = side - AWAY, box.y + box.height / 2
    if box.column == 0:
        x, anchor, shift = box.x - box.left_room - AWAY, "end", 1.0
    elif box.column == layout.columns - 1:
        x, anchor, shift = box.x + NODE_WIDTH + box.right_room + AWAY, "start", 0.0
    else:
        x, anchor, shift = box.x + NODE_WIDTH / 2, "middle", 0.5
        width, middle = layout.pitch - AWAY, box.y - LABEL_HEIGHT / 2
    amount = words.amounts(max(box.given, box.received))
    name = fitted(words.name(box.node), width, NAME_SIZE)
    amount = fitted(amount, width, AMOUNT_SIZE)
    used = max(text_width(name, NAME_SIZE), text_width(amount, AMOUNT_SIZE))
    frame = (x - shift * used, middle - LABEL_HEIGHT / 2, used, LABEL_HEIGHT)
    return Label(box.node, name, amount, x, middle, anchor, frame)


# Shapes


def _head(words: _Words, diagram: Diagram) -> str:
    """Letter of the carrier in a disc, title and subtitle."""
    style = _style(diagram.carrier)
    return "\n".join(
        (
            f'<circle cx="10" cy="13" r="10" fill="{style["colour"]}"/>',
            _line(style["letter"], 10, 17.5, 12.5, PAPER, "middle", bold=True),
            _line(words.title, 28, 18.5, TITLE_SIZE, INK, bold=True),
            _line(words.subtitle(), 0, 41, SMALL_SIZE, QUIET),
        )
    )


def _band(band: Band, words: _Words, colour: str) -> str:
    """A band of one thickness, measured upright."""
    half = band.width / 2
    upper = _along([(x, y - half) for x, y in band.points])
    lower = _along([(x, y + half) for x, y in band.points[::-1]])
    (x, y), (end, last) = band.points[0], band.points[-1]
    path = f"M{_n(x)} {_n(y - half)}{upper}L{_n(end)} {_n(last + half)}{lower}Z"
    return _shape(path, band.link, band.width, words, colour)


def _along(points: list[tuple[float, float]]) -> str:
    """A smooth line through points, level at each of them."""
    parts = []
    for (x, y), (to, down) in pairwise(points):
        if y == down:
            parts.append(f"L{_n(to)} {_n(down)}")
        else:
            bend = x + (to - x) * CURVE
            curve = f"C{_n(bend)} {_n(y)} {_n(bend)} {_n(down)}"
            parts.append(f"{curve} {_n(to)} {_n(down)}")
    return "".join(parts)


def _loop(loop: Loop, words: _Words, colour: str) -> str:
    """A band that goes back, and a small arrow head that says so."""
    (x, y), (end, last), half = loop.start, loop.end, loop.width / 2
    wide = BEND + loop.width
    right, left = loop.right - half - BEND, loop.left + half + BEND
    top, bottom = loop.lane - half, loop.lane + half

    def corner(radius: float, across: int, down: int, turn: int) -> str:
        size = _n(radius)
        return f"a{size} {size} 0 0 {turn} {_n(across * radius)} {_n(down * radius)}"

    path = "".join(
        (
            f"M{_n(x)} {_n(y - half)}H{_n(right)}{corner(wide, 1, 1, 1)}",
            f"V{_n(bottom - wide)}{corner(wide, -1, 1, 1)}",
            f"H{_n(left)}{corner(wide, -1, -1, 1)}",
            f"V{_n(last - half + wide)}{corner(wide, 1, -1, 1)}H{_n(end)}",
            f"V{_n(last + half)}H{_n(left)}{corner(BEND, -1, 1, 0)}",
            f"V{_n(top - BEND)}{corner(BEND, 1, 1, 0)}",
            f"H{_n(right)}{corner(BEND, 1, -1, 0)}",
            f"V{_n(y + half + BEND)}{corner(BEND, -1, -1, 0)}H{_n(x)}Z",
        )
    )
    size = min(half * 0.6, 7.0)
    middle = (loop.left + loop.right) / 2
    head = (
        f"M{_n(middle + size)} {_n(loop.lane - size)}L{_n(middle)} {_n(loop.lane)}"
        f"L{_n(middle + size)} {_n(loop.lane + size)}"
    )
    band = _shape(path, loop.link, loop.width, words, colour)
    if loop.width < ARROW_FITS:
        return band
    arrow = f'<path d="{head}" fill="none" stroke="{PAPER}" stroke-width="1.6"/>'
    return f"{band}\n{arrow}"


def _shape(path: str, link: Link, width: float, words: _Words, colour: str) -> str:
    """A band; the thin white outline keeps bands of one colour apart."""
    outline = min(0.6, width / 6)
    return (
        f'<path d="{path}" fill="{colour}" fill-opacity="0.7" stroke="{PAPER}" '
        f'stroke-width="{_n(outline)}" data-quantity="{link.quantity!r}" '
        f'data-width="{width!r}">'
        f"<title>{escape(words.band(link))}</title></path>"
    )


def _node(box: Box, words: _Words) -> str:
    return (
        f'<rect x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(NODE_WIDTH)}" '
        f'height="{_n(box.height)}" fill="{INK if box.node.kind == GROUP else QUIET}">'
        f"<title>{escape(words.node(box))}</title></rect>"
    )


def _text(label: Label) -> str:
    """A name above its amount; where bands pass behind it, on paper."""
    x, y, width, height = label.box
    lines = [
        _line(label.name, label.x, label.y - 1.5, NAME_SIZE, INK, label.anchor),
        _line(label.amount, label.x, label.y + 10.5, AMOUNT_SIZE, QUIET, label.anchor),
    ]
    if label.anchor == "middle":
        lines.insert(
            0,
            f'<rect x="{_n(x)}" y="{_n(y + 1)}" width="{_n(width)}" '
            f'height="{_n(height - 2)}" rx="3" fill="{PAPER}" fill-opacity="0.6"/>',
        )
    return "\n".join(lines)


def _line(
    value: str,
    x: float,
    y: float,
    size: float,
    colour: str,
    anchor: str = "start",
    bold: bool = False,
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="{colour}" '
        f'text-anchor="{anchor}"{weight}>{escape(value)}</text>'
    )


def _style(carrier: str) -> dict[str, str]:
    styles = read_toml("styles", "sankey.toml")["carriers"]
    return styles.get(carrier, styles["other"])


def _n(value: float) -> str:
    """A length, as short as it can be at a thousandth of a pixel."""
    return f"{round(value, 3) + 0.0:.7g}"


def _seen(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter) not in UNSEEN


def _kind(letter: str) -> str:
    if letter in NARROW:
        return "narrow"
    if letter in BROAD:
        return "broad"
    if ord(letter) > 0x24F:
        return "strange"
    return "upper" if letter.isupper() else "plain"
