"""Sankey diagrams: what is drawn is read back from the SVG and added up again."""

import csv
import io
import math
import re
from collections import defaultdict
from itertools import pairwise, permutations
from xml.etree import ElementTree

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from kansenkaart.analysis.codes import division_names
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.matching.sankey import (
    BY,
    GROUP,
    NONE,
    OTHER,
    Diagram,
    Link,
    Node,
    add_up,
    as_csv,
    bundle,
    diagrams,
)
from kansenkaart.analysis.matching.sankey_layout import (
    MOST_COLUMNS,
    WIDTH,
    _going_back,
    lay_out,
)
from kansenkaart.analysis.matching.sankey_page import as_html, as_svg
from kansenkaart.analysis.matching.sankey_svg import draw, fitted, svg, text_width

NAMESPACE = "{http://www.w3.org/2000/svg}"
ANY_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
CHAIN = [
    ("food", "feed", 1200), ("food", "digester", 800), ("feed", "farm", 1100),
    ("farm", "digester", 500), ("digester", "fields", 300), ("fields", "food", 150),
    ("digester", "digester", 100), ("fields", "fields", 40), ("brewery", "feed", 400),
    ("fields", "brewery", 60),
]  # fmt: skip


def links(rows):
    """Links of (source, target, quantity)."""
    return [Link(Node(GROUP, a), Node(GROUP, b), float(q)) for a, b, q in rows]


def diagram(rows, carrier="material", unit="t/y", most=12, share=0.002):
    found = links(rows)
    total = math.fsum(link.quantity for link in found)
    return Diagram(carrier, unit, "cluster", tuple(bundle(found, most, share)), total)


def random_rows(seed, count=500, names=40):
    """Quantities between random pairs, each pair once."""
    rng = np.random.default_rng(seed)
    pairs = {}
    for one, two in rng.integers(0, names, (count, 2)):
        pairs[f"Park {one}", f"Park {two}"] = rng.lognormal(5, 2)
    return [(*pair, quantity) for pair, quantity in pairs.items()]


def layered_rows(seed):
    """Few links, most of them from earlier to later names."""
    rng = np.random.default_rng(seed)
    names = [f"Een nogal lange naam {letter}" for letter in "ABCDEFGH"]
    rows = {}
    for pair in rng.integers(0, 8, (rng.integers(1, 12), 2)):
        one, two = sorted(pair)
        back = rng.random() < 0.15
        rows[names[two if back else one], names[one if back else two]] = rng.random()
    return [(*pair, quantity) for pair, quantity in rows.items()]


EXAMPLES = [CHAIN, [("A", "A", 3)], [("A", "B", 1), ("B", "C", 1), ("C", "A", 1)]]
EXAMPLES += [random_rows(seed) for seed in range(4)]
EXAMPLES += [layered_rows(seed) for seed in range(40)]


def parsed(written):
    return ElementTree.fromstring(written)  # noqa: S314 - our own text


def shapes(drawing, tag):
    """Elements with a title of their own: bands and nodes."""
    found = parsed(svg([drawing])).iter(f"{NAMESPACE}{tag}")
    return [each for each in found if each.find(f"{NAMESPACE}title") is not None]


# --- what is drawn --------------------------------------------------------------


@pytest.mark.parametrize("rows", EXAMPLES)
def test_the_drawn_total_is_that_of_the_table(rows):
    drawing = draw(diagram(rows), "nl")
    total = math.fsum(quantity for *_, quantity in rows)
    bands = shapes(drawing, "path")
    quantities = [float(each.get("data-quantity")) for each in bands]
    widths = [float(each.get("data-width")) for each in bands]
    assert math.fsum(quantities) == pytest.approx(total, rel=1e-9)
    assert drawing.diagram.total == pytest.approx(total, rel=1e-9)
    for quantity, width in zip(quantities, widths, strict=True):
        share = math.fsum(widths) * quantity / total
        assert width == pytest.approx(share, rel=1e-9)


@pytest.mark.parametrize("rows", EXAMPLES)
def test_bands_are_as_wide_as_they_say(rows):
    """Both ends measured on the shapes themselves."""
    drawing = draw(diagram(rows), "nl")
    for each in shapes(drawing, "path"):
        path, width = each.get("d"), float(each.get("data-width"))
        assert each.get("fill-opacity") == "0.7"
        first = [float(n) for n in ANY_NUMBER.findall(path)[:2]]
        if "a" not in path:
            last = [float(n) for n in ANY_NUMBER.findall(path)[-2:]]
            assert last[0] == pytest.approx(first[0])
            assert last[1] - first[1] == pytest.approx(width, abs=2e-3)
        else:
            radii = [float(r) for r, same in re.findall(r"a(\S+) (\S+) 0 0", path)]
            assert len(radii) == 8
            assert max(radii) - min(radii) == pytest.approx(width, abs=2e-3)


@pytest.mark.parametrize("rows", EXAMPLES)
def test_nodes_are_as_high_as_what_passes(rows):
    layout = draw(diagram(rows), "nl").layout
    given, received = defaultdict(list), defaultdict(list)
    for band in layout.bands:
        given[band.link.source].append((band.points[0][1], band.width))
        received[band.link.target].append((band.points[-1][1], band.width))
    for loop in layout.loops:
        given[loop.link.source].append((loop.start[1], loop.width))
        received[loop.link.target].append((loop.end[1], loop.width))
    for box in layout.boxes:
        sides = given[box.node], received[box.node]
        widths = [math.fsum(width for _, width in side) for side in sides]
        assert box.height == pytest.approx(max(widths), rel=1e-9)
        for side in sides:
            reached = box.y
            for middle, width in sorted(side):
                assert middle - width / 2 == pytest.approx(reached, abs=1e-6)
                reached += width


@pytest.mark.parametrize("rows", EXAMPLES)
def test_labels_never_overlap(rows):
    drawing = draw(diagram(rows), "nl")
    frames = [shapely.box(x, y, x + w, y + h) for x, y, w, h in
              (label.box for label in drawing.labels)]  # fmt: skip
    assert len(frames) == len(drawing.layout.boxes)
    page = shapely.box(0, -0.01, WIDTH, drawing.height)
    assert all(page.contains(frame) for frame in frames)
    one, two = shapely.STRtree(frames).query(frames)
    both = shapely.area(
        shapely.intersection(np.take(frames, one), np.take(frames, two))
    )
    assert both[one != two].max(initial=0) < 1e-9


@pytest.mark.parametrize("rows", EXAMPLES)
def test_nodes_and_passing_bands_keep_apart(rows):
    layout = draw(diagram(rows), "nl").layout
    spans = defaultdict(list)
    for box in layout.boxes:
        spans[round(box.x, 6)].append((box.y, box.y + box.height))
    for band in layout.bands:
        for x, y in band.points[1:-1:2]:
            spans[round(x, 6)].append((y - band.width / 2, y + band.width / 2))
    for column in spans.values():
        ordered = sorted(column)
        for (_, end), (start, _) in pairwise(ordered):
            assert end < start


@pytest.mark.parametrize("rows", EXAMPLES)
def test_only_loops_go_back(rows):
    layout = draw(diagram(rows), "nl").layout
    column = {box.node: box.column for box in layout.boxes}
    ahead = nx.DiGraph((b.link.source, b.link.target) for b in layout.bands)
    assert nx.is_directed_acyclic_graph(ahead)
    assert all(column[one] < column[two] for one, two in ahead.edges)
    assert all(column[x.link.source] >= column[x.link.target] for x in layout.loops)
    assert layout.columns <= MOST_COLUMNS
    longest = nx.dag_longest_path_length(ahead)
    assert layout.columns == max(column.values()) + 1 == longest + 1


def test_a_chain_with_loops():
    layout = lay_out(links(CHAIN))
    loops = {(x.link.source.name, x.link.target.name): x for x in layout.loops}
    assert set(loops) == {
        ("digester", "digester"), ("fields", "fields"), ("fields", "food"),
        ("fields", "brewery"),
    }  # fmt: skip
    boxes = {box.node.name: box for box in layout.boxes}
    lowest = max(box.y + box.height for box in layout.boxes)
    around = [loops["fields", "food"], loops["fields", "brewery"]]
    assert all(loop.lane - loop.width / 2 > lowest for loop in around)
    lanes = sorted(around, key=lambda loop: loop.lane)
    assert lanes[0].lane + lanes[0].width / 2 < lanes[1].lane - lanes[1].width / 2
    # The lower one is also the outer one, so that they do not cross.
    assert lanes[0].right < lanes[1].right and lanes[0].left > lanes[1].left
    assert lanes[1].start[1] < lanes[0].start[1] < loops["fields", "fields"].start[1]
    own = loops["digester", "digester"]
    digester = boxes["digester"]
    assert own.lane - own.width / 2 > digester.y + digester.height
    assert own.left < digester.x < own.right
    assert all(loop.left >= 0 and loop.right <= WIDTH for loop in layout.loops)


@pytest.mark.parametrize("seed", range(10))
def test_little_goes_back(seed):
    """Against all rows of six nodes."""
    rng = np.random.default_rng(seed)
    rows = {(one, two): rng.lognormal(0, 1) for one, two in rng.integers(0, 6, (14, 2))}
    least = min(
        math.fsum(q for (a, b), q in rows.items() if a != b and row[a] > row[b])
        for row in permutations(range(6))
    )
    found = _going_back(links((str(a), str(b), q) for (a, b), q in rows.items()))
    back = math.fsum(
        q for (a, b), q in rows.items()
        if a != b and (Node(GROUP, str(a)), Node(GROUP, str(b))) in found
    )  # fmt: skip
    assert back <= least * 1.1 + 1e-12


def test_a_circle_of_three_is_one_loop():
    layout = lay_out(links(EXAMPLES[2]))
    assert (len(layout.bands), len(layout.loops), layout.columns) == (2, 1, 3)


def test_who_gives_and_receives_much_stands_on_both_sides():
    both = [("A", "B", 5), ("B", "A", 5), ("A", "A", 9)]
    layout = lay_out(links(both))
    assert not layout.loops
    assert [(box.node.name, box.column) for box in layout.boxes] == [
        ("A", 0), ("A", 1), ("B", 0), ("B", 1),
    ]  # fmt: skip
    assert "staat aan beide kanten" in svg([draw(diagram(both), "nl")])


def test_bands_that_need_not_cross_do_not():
    """Ten pairs whose names suggest the worst order."""
    layout = lay_out(links([(f"a{n}", f"z{9 - n}", n + 1) for n in range(10)]))
    for one in layout.bands:
        for two in layout.bands:
            starts = one.points[0][1] - two.points[0][1]
            assert starts * (one.points[-1][1] - two.points[-1][1]) >= 0


@pytest.mark.parametrize("rows", [CHAIN, random_rows(9)])
def test_the_order_of_links_makes_no_difference(rows):
    places = np.random.default_rng(5).permutation(len(rows))
    turned = [rows[place] for place in places]
    assert svg([draw(diagram(rows), "en")]) == svg([draw(diagram(turned), "en")])


@pytest.mark.parametrize("size", [1e-300, 1e-9, 1e15])
def test_any_size_can_be_drawn(size):
    drawing = draw(diagram([(a, b, q * size) for a, b, q in CHAIN]), "nl")
    assert "nan" not in drawing.body and "inf" not in drawing.body
    assert drawing.layout.height < 1000


# --- what is bundled ------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_bundling_keeps_the_sum_and_counts(seed):
    rows = random_rows(seed)
    found = bundle(links(rows), 10, 0.01)
    total = math.fsum(quantity for *_, quantity in rows)
    assert math.fsum(link.quantity for link in found) == pytest.approx(total, rel=1e-12)
    assert sum(link.pairs for link in found) == len(rows)
    for end in ("source", "target"):
        nodes = {getattr(link, end) for link in found}
        assert len(nodes) <= 11
    named = {(x.source.name, x.target.name): x for x in found
             if OTHER not in (x.source.kind, x.target.kind)}  # fmt: skip
    known = {(a, b): q for a, b, q in rows}
    assert all(link.quantity == known[pair] for pair, link in named.items())
    assert all(link.quantity >= 0.01 * total for link in named.values())


def test_nothing_is_bundled_for_one_link_only():
    rows = [("A", "B", 1000), ("A", "C", 1)]
    assert bundle(links(rows), 12, 0.01) == links(rows)
    many = [("A", f"B{n}", n) for n in range(1, 5)]
    assert bundle(links(many), 3, 0) == links(many)
    assert len(bundle(links([*many, ("A", "B5", 5)]), 3, 0)) == 4


def test_the_number_of_bundled_flows_is_told():
    drawn = diagram(random_rows(1))
    assert drawn.bundled > 1
    assert f"‘overig’: {drawn.bundled}." in svg([draw(drawn, "nl")])


# --- words ----------------------------------------------------------------------

NAMES = ["<script>alert(1)</script>", "\"'&\x00\x0b\ud800\u202e]]>", "=1+1", "A\nB", ""]


@pytest.mark.parametrize("carrier", ["material", "<b>&", ""])
def test_names_are_text(carrier):
    rows = [(name, f"{name}*", 10) for name in NAMES]
    drawing = draw(diagram(rows, carrier, "<i>/y"), "nl")
    for written in (svg([drawing]), as_html([drawing], "nl")):
        assert "<script" not in written and "<b>" not in written
        assert "<i>" not in written
        assert "&lt;script&gt;" in written
        written.encode()
    found = parsed(svg([drawing])).iter(f"{NAMESPACE}text")
    texts = [each.text for each in found]
    assert {"<script>alert(1)</script>", "A B", "\"'& ]]>", "–"} <= set(texts)


def test_long_names_are_cut_and_told_in_full():
    name = "Een buitengewoon lange naam van een bedrijventerrein aan de haven"
    drawing = draw(diagram([(name, "B", 1)]), "nl")
    (label,) = (each for each in drawing.labels if each.anchor == "end")
    assert label.name.endswith("…")
    assert text_width(label.name, 10.5) <= label.x
    titles = [each.find(f"{NAMESPACE}title").text for each in shapes(drawing, "path")]
    assert titles == [f"{name} → B: 1,00 ton per jaar"]
    assert fitted("MMM", 1, 10) == "…"


def test_amounts_are_written_as_readers_do():
    rows = [("A", "B", 1_234_567), ("A", "C", 5)]
    dutch = svg([draw(diagram(rows, share=0), "nl")])
    assert "Samen 1\u202f235 kton per jaar" in dutch
    assert "A → C: &lt; 0,01 kton per jaar" in dutch
    english = svg([draw(diagram(rows, "heat", "MWh/y", share=0), "en")])
    assert "Together 1\u202f235 GWh per year" in english


def test_every_drawing_describes_itself():
    root = parsed(svg([draw(diagram(CHAIN), "nl")], "x"))
    assert root.get("aria-labelledby") == "x-title x-text"
    told = {each.get("id"): each.text for each in root if each.get("id")}
    assert told["x-title"] == "Materialen: van cluster naar cluster"
    assert "food naar feed, 1\u202f200 ton per jaar" in told["x-text"]


def test_leads_are_told_apart():
    told = "geen mogelijke hoeveelheid"
    assert told in svg([draw(diagram(CHAIN), "nl", leads=True)])
    assert told not in svg([draw(diagram(CHAIN), "nl")])


@pytest.mark.parametrize("language", ["nl", "en"])
def test_nothing_to_draw_is_a_sentence(language):
    word = {"nl": "niets te tekenen", "en": "nothing to draw"}[language]
    assert word in as_html([], language)
    assert word in as_svg([], language)
    parsed(as_svg([], language))


def test_the_page_fetches_nothing_and_holds_every_drawing():
    drawn = [draw(diagram(CHAIN, *stream), "nl") for stream in
             [("material", "t/y"), ("heat", "MWh/y")]]  # fmt: skip
    page = as_html(drawn, "nl")
    assert page.count("<svg") == 2
    assert not re.search(r"(?:src=|href|url\()", page)
    assert "<script" not in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) == 4
    together = parsed(as_svg(drawn, "nl"))
    assert float(together.get("height")) > sum(each.height for each in drawn)


# --- from matches to links ------------------------------------------------------

STREAMS = [("material", "wood_waste", "t/y"), ("material", "biogas", "MWh/y"),
           ("material", "own_stuff", "t/y"), ("heat", "heat", "MWh/y")]  # fmt: skip


@pytest.fixture(scope="module")
def matches(layer):
    """200 lines in a square of 40 by 40, some without a quantity."""
    rng = np.random.default_rng(7)
    count = 200
    ends = rng.uniform(0, 40, (count, 2, 2))
    stream = [STREAMS[place] for place in rng.integers(0, len(STREAMS), count)]
    allocated = rng.lognormal(3, 2, count)
    allocated[:9] = [np.nan, 0, -1, np.inf, 1e16, np.nan, 0, 0, 0]
    codes = np.array([*sorted(division_names("nl"))[:9], "00"], object)
    return layer(
        shapely.linestrings(ends),
        lead_id=[f"L{n}" for n in range(count)],
        carrier=[each[0] for each in stream],
        material=[each[1] for each in stream],
        unit=[each[2] for each in stream],
        quantity=1.0,
        allocated=allocated,
        giver_sbi=rng.choice(codes, count),
        receiver_sbi=rng.choice(codes, count),
        flow_supply=[f"S{n}" for n in range(count)],
        flow_demand=[f"D{n}" for n in range(count)],
    )


@pytest.fixture(scope="module")
def areas(layer):
    """Two squares side by side with one name, and one that lies over both."""
    boxes = [(0, 0, 15, 30), (15, 0, 30, 30), (10, 10, 20, 20)]
    return layer(
        [shapely.box(*each) for each in boxes],
        cluster_id=["a", "b", "c"],
        name=["Haven", "Haven", None],
    )


def usable(matches):
    return matches[(matches["allocated"] > 0) & (matches["allocated"] < 1e15)]


def test_places_against_a_plain_loop(matches, areas):
    found = add_up(matches, "cluster", "nl", areas)
    names = {"a": "Haven (a)", "b": "Haven (b)", "c": "c"}
    expected = defaultdict(list)
    for row in usable(matches).itertuples():
        ends = []
        for point in (row.geometry.coords[0], row.geometry.coords[-1]):
            spot = shapely.Point(point)
            within = [each.cluster_id for each in areas.itertuples()
                      if each.geometry.covers(spot)]  # fmt: skip
            ends.append(names[min(within)] if within else "")
        expected[row.carrier, row.unit, *ends, row.material].append(row.allocated)
    known = {"wood_waste": "afvalhout", "biogas": "biogas", "heat": "warmte"}
    table = found.table
    got = {
        (r.carrier, r.unit, r.source.name, r.target.name, r.material): (
            r.quantity, r.matches
        )
        for r in table.itertuples()
    }  # fmt: skip
    assert len(got) == len(table) == len(expected)
    for (*keys, material), parts in expected.items():
        name = next(n for *k, n in got if k == keys and n in
                    {material, known.get(material), *_names(material)})  # fmt: skip
        quantity, count = got[(*keys, name)]
        assert (quantity, count) == (math.fsum(parts), len(parts))
    assert found.unusable == 9
    assert not found.competing
    kinds = {node.kind for node in table["source"]}
    assert kinds == {GROUP, NONE}


def _names(material):
    from kansenkaart.analysis.flows.tables import materials

    known = materials().get(material)
    return {known.name("nl")} if known else set()


@pytest.mark.parametrize("by", BY)
def test_every_match_is_in_one_band(matches, areas, by):
    found = add_up(matches, by, "en", areas)
    used = usable(matches)
    assert found.table["matches"].sum() == len(used)
    drawn = diagrams(found, 5, 0.01)
    assert [(each.carrier, each.unit) for each in drawn] == [
        ("material", "t/y"), ("material", "MWh/y"), ("heat", "MWh/y"),
    ]  # fmt: skip
    for each in drawn:
        chosen = (used["carrier"] == each.carrier) & (used["unit"] == each.unit)
        total = math.fsum(used.loc[chosen, "allocated"])
        sums = math.fsum(link.quantity for link in each.links)
        assert each.total == pytest.approx(total, rel=1e-12)
        assert sums == pytest.approx(total, rel=1e-12)
        assert each.matches == chosen.sum()


def test_sectors_have_the_names_of_divisions(matches):
    found = add_up(matches, "sector", "nl")
    names = {node.name for node in found.table["source"]}
    assert names <= {*division_names("nl").values(), ""}
    assert "" in names


def test_activities_come_from_the_flows_where_matches_lack_them(matches):
    bare = matches.drop(columns=["giver_sbi", "receiver_sbi"])
    flows = pd.DataFrame(
        {
            "flow_id": [*matches["flow_supply"], *matches["flow_demand"]],
            "sbi": [*matches["giver_sbi"], *matches["receiver_sbi"]],
            "material": [*matches["material"], *["natural_gas"] * len(matches)],
        }
    )
    own, told = (add_up(each, "sector", "nl", flows=flows) for each in (matches, bare))
    pd.testing.assert_frame_equal(own.table, told.table)
    by = add_up(bare, "material", "en", flows=flows).table
    assert {node.name for node in by["target"]} == {"instead of natural gas"}


def test_what_is_replaced_is_what_is_given_where_nothing_is_said(matches):
    table = add_up(matches, "material", "en").table
    for row in table.itertuples():
        assert row.target.name == f"instead of {row.source.name}"
    told = add_up(matches.assign(replaces=["sand", None] * 100), "material", "nl").table
    assert "in plaats van zand" in {node.name for node in told["target"]}


def test_the_order_of_matches_makes_no_difference(matches, areas):
    turned = matches.sample(frac=1, random_state=3)
    for by in BY:
        written = []
        for each in (matches, turned):
            found = add_up(each, by, "nl", areas)
            drawn = [draw(one, "nl") for one in diagrams(found, 6, 0.01)]
            written.append((as_html(drawn, "nl"), as_csv(found, "nl")))
        assert written[0] == written[1]


@pytest.mark.parametrize("amount", ["available", "quantity"])
def test_leads_compete(matches, amount):
    leads = matches.rename(columns={"allocated": amount, "quantity": "other"})
    assert add_up(leads, "sector", "nl").competing


def test_the_table_for_stan_holds_everything(matches, areas):
    names = pd.Series(["=1+1", "@x", "b"], areas.index)
    found = add_up(matches, "cluster", "nl", areas.assign(name=names))
    rows = list(csv.DictReader(io.StringIO(as_csv(found, "nl")), delimiter=";"))
    assert [row["flow"] for row in rows] == [f"F{n + 1}" for n in range(len(rows))]
    total = math.fsum(usable(matches)["allocated"])
    assert math.fsum(float(row["quantity"]) for row in rows) == pytest.approx(total)
    assert {(row["unit"], row["layer"]) for row in rows} == {
        ("MWh/y", "energy"), ("t/y", "goods"),
    }  # fmt: skip
    ends = {row[end] for row in rows for end in ("process_from", "process_to")}
    assert ends == {"'=1+1", "'@x", "buiten de clusters"}


def test_what_is_missing_is_said_in_words(matches):
    with pytest.raises(RefusalError, match="carrier"):
        add_up(matches.drop(columns="carrier"), "sector", "nl")
    with pytest.raises(RefusalError, match="allocated"):
        bare = matches.drop(columns=["allocated", "quantity"])
        add_up(bare, "sector", "nl")
    with pytest.raises(RefusalError, match="AREAS"):
        add_up(matches, "municipality", "nl")
    with pytest.raises(RefusalError, match="FLOWS"):
        add_up(matches.drop(columns="giver_sbi"), "sector", "nl")


def test_no_matches_no_diagrams(matches, areas):
    for by in BY:
        for few in (matches.iloc[:0], matches.iloc[:9]):
            found = add_up(few, by, "nl", areas)
            assert diagrams(found, 12, 0.002) == []
            assert as_csv(found, "nl").count("\n") == 1


def test_lines_without_points_lie_outside(matches, areas):
    lines = matches.geometry.to_numpy().copy()
    lines[20:23] = [None, shapely.LineString(), shapely.Point()]
    found = add_up(matches.set_geometry(lines), "cluster", "nl", areas)
    assert found.table["matches"].sum() == len(usable(matches))
