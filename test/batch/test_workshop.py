"""What a workshop's folder gives away: an attack on real results.

Written from the contract and the results, without a look at
`analysis/confidentiality.py`.
"""

import html
import json
import math
import random
import re
import sqlite3
import zipfile
import zlib

import pytest
import shapely
import workshop_attack as attack
from scene_settings import NO_FLOWS
from workshop_scene import (
    APART,
    NORTH,
    PLANTED,
    STEP,
    WEST,
    drawn,
    point,
    upward,
    write,
)

GPKG = "kansenkaart.gpkg"
WORKSHOP, INTERNAL = 0, 1


# Searching.


def test_search_finds_what_is_hidden(tmp_path):
    """The search has teeth: it finds a name and a quantity however they are packed."""
    name, quantity = PLANTED[0]["name"], 7919.25
    deflated = zlib.compress(name.encode("utf-16-be").hex().encode())
    (tmp_path / "a.pdf").write_bytes(b"%PDF stream\n" + deflated + b"\nendstream")
    (tmp_path / "b.html").write_text(f"{name.replace('&', '&amp;')}", encoding="utf-8")
    (tmp_path / "c.json").write_text(json.dumps({"x": name, "y": "7\u202f919,25"}))
    (tmp_path / "d.txt").write_text("1.234,5 en 7.919,25 banen", encoding="utf-8")
    (tmp_path / "e.txt").write_text("7.91925E+03", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "f.qgz", "w") as archive:
        archive.writestr("inner.xml", f"<a b='{name.upper()}'>7919.2500</a>")
    with sqlite3.connect(tmp_path / "g.gpkg") as database:
        database.execute("CREATE TABLE t (a REAL, b TEXT)")
        database.execute("INSERT INTO t VALUES (?, ?)", (quantity, "-" * 9000 + name))
    pdf = {"a.pdf/stream 0"}
    packed = {"f.qgz/inner.xml"}
    stacks = dict(attack.contents(tmp_path))
    texts = {place for _, place in attack.found_texts(stacks, [name])}
    assert texts >= pdf | packed | {"b.html", "c.json", "g.gpkg/tables"}
    numbers = {place for _, place in attack.found_quantities(stacks, [quantity])}
    assert numbers >= packed | {"c.json", "d.txt", "e.txt", "g.gpkg"}


# Computing back.


def row(jobs, zones=None, sbi=None, at=None):
    """A row of firms; zones as the first and last place that they hold."""
    count = len(jobs)
    return jobs, zones or {}, sbi or ["1071"] * count, at or list(range(count))


ROWS = {
    "covered": row(upward(12), {"A": (0, 9), "B": (10, 11)}),
    "nested": row(upward(20), {"out": (0, 11), "in": (0, 9)}),
    "overlap": row(upward(14), {"A": (0, 7), "B": (6, 13)}),
    "minus_one": row(upward(8), {"A": (0, 6)}),
    "with_lone": row(upward(6), {"A": (0, 20)}, at=[0, 1, 2, 3, 4, 20]),
    "same_twice": row(upward(9), {"A": (0, 5), "B": (0, 5), "C": (6, 8)}),
    "chain": row(upward(18), {"A": (0, 5), "B": (4, 9), "C": (8, 13), "D": (12, 17)}),
    "big_between": row([10] * 9 + [200, 5, 5] + [60] * 8, {"o": (0, 11), "i": (0, 8)}),
    "three_two": row(upward(20), {"A": (0, 2), "B": (3, 4)}),
    "twins": row(upward(4), {"A": (0, 1), "B": (2, 3)}),
    "pair": row([11, 12]),
    "triple": row([11, 12, 13]),
    "share_71": row([71, *[3] * 7, *[4] * 2]),
    "share_70": row([70, *[3] * 6, *[4] * 3]),
    "share_69": row([69, *[3] * 5, *[4] * 4]),
    "unknown": row([None] * 8, {"A": (0, 4)}),
    "two_known": row([10, 12, None, None, None]),
    "zero": row([0] * 8, {"A": (0, 4)}),
    "empty_zone": row(upward(6), {"A": (6, 8), "B": (0, 5)}),
}
"""Rows of firms, a cluster each, in which figures can be taken from one another."""

TRAPS = {
    "union": row([10, 11, 12, 8, 9, 13], {"A": (1, 3), "B": (2, 5)}),
    "zero_rest": row([*upward(5), 0], {"A": (0, 4)}),
    "between_a": row(upward(13)),
    "between_b": row(upward(13), {"A": (0, 10), "B": (11, 12)}),
    "between_c": row(upward(13)),
    "divisions_2": row([*upward(9), 17], sbi=["1071"] * 9 + ["2011"]),
    "divisions_3": row([*upward(7), 23, 31], sbi=["1071"] * 7 + ["2011", "2410"]),
}
"""Rows for one attack each, beyond sums and differences of two cells."""


def chance_rows(count, seed=1):
    """Rows as they come: jobs of every kind, up to six zones anyhow."""
    draw = random.Random(seed)  # noqa: S311
    rows = {}
    for number in range(count):
        size = draw.choice((3, 4, 6, 8, 10, 12, 16, 20))
        odd = (None, 0, 1, 2, 5, 20, 50, 400, draw.randrange(480) / 16)
        jobs = [
            draw.choice(odd) if draw.random() < 0.4 else draw.randint(8, 14)
            for _ in range(size)
        ]
        zones = {}
        for zone in range(draw.randint(0, 6)):
            first = draw.randrange(size)
            zones[str(zone)] = (first, min(size - 1, first + draw.randrange(size)))
        rows[f"chance_{number:02}"] = row(jobs, zones)
    return rows


SCENE = ROWS | TRAPS | chance_rows(40)
SETTINGS = "[detectclusters]\nMIN_ESTABLISHMENTS = 2\n[leverageareas]\nMIN_AREA = 0.1\n"


def build(folder, jobs=None):
    """The rows as three layers; ``jobs`` by firm where they differ."""
    firms, zones = [], []
    for place, (name, (own, areas, codes, at)) in enumerate(SCENE.items()):
        start = WEST + APART * place
        for number, values in enumerate(zip(own, codes, at, strict=True)):
            known, code, spot = values
            firm = f"{name}-{number:02}"
            here = (start + STEP * spot, NORTH)
            known = known if jobs is None else jobs[firm]
            firms.append(point(here, est_id=firm, name=firm, sbi=code, jobs=known))
        for zone, (first, last) in areas.items():
            west, east = start + STEP * first - 20, start + STEP * last + 20
            ground = shapely.box(west, NORTH - 50, east, NORTH + 50)
            fields = {"zone_id": f"{name}-{zone}", "name": f"{name} {zone}"}
            fields |= {"kinds": "mixed", "area_ha": ground.area / 10_000}
            zones.append(drawn(ground, **fields))
    end = WEST + APART * len(SCENE)
    lines = [
        drawn(
            shapely.LineString([(0, NORTH + off), (end, NORTH + off)]),
            infra_id=mode,
            mode=mode,
        )
        for mode, off in (("road", 300), ("rail", -300))
    ]
    layers = {"ESTABLISHMENTS": firms, "ZONES": zones, "INFRASTRUCTURE": lines}
    return {
        role: write(folder / f"{role.lower()}.geojson", features)
        for role, features in layers.items()
    }


class Truth:
    """What is known of the scene to those who made it, and what a workshop was told."""

    def __init__(self, internal, workshop):
        members = attack.table(internal / GPKG, "members")
        self.firms = {row["est_id"]: row["jobs"] for row in members}
        self.cells = {}
        for row in members:
            if row["cluster_id"] is not None:
                held = self.cells.setdefault(row["cluster_id"], frozenset())
                self.cells[row["cluster_id"]] = held | {row["est_id"]}
        tree = shapely.STRtree([row["geom"] for row in members])
        for row in attack.table(internal / GPKG, "leverage_areas"):
            held = tree.query(row["geom"], predicate="intersects")
            self.cells[row["area_id"]] = frozenset(members[n]["est_id"] for n in held)
        self.told = told(workshop)
        assert self.told.keys() == self.cells.keys()
        self.more = by_division(members)
        listed = told_by_division(workshop)
        assert listed.keys() < self.more.keys()
        self.more_told = {name: listed.get(name, LEFT_OUT) for name in self.more}

    def published(self, field):
        """Cells of which a figure is published."""
        return {n: m for n, m in self.cells.items() if self.told[n][field] is not None}

    def withheld(self, field):
        """Cells with firms of which a figure is not published."""
        return {
            n: m for n, m in self.cells.items() if m and self.told[n][field] is None
        }

    def total(self, members):
        return sum(self.firms[firm] or 0 for firm in members)

    def named(self, name):
        """The cells of one row: its cluster under "cluster", areas by their zone."""
        return {
            "cluster" if cell.startswith("C") else cell.split("-")[1]: cell
            for cell, members in self.cells.items()
            if any(firm.startswith(f"{name}-") for firm in members)
        }


LEFT_OUT = {"establishments": None, "jobs": None}
"""What is told of a row that is not there."""


def by_division(members):
    """The firms of every division, and those of every cluster in it."""
    cells = {}
    for row in members:
        division, cluster = row["sbi"][:2], row["cluster_id"]
        inside = [f"{cluster}|{division}"] if cluster else []
        for cell in (division, *inside):
            cells[cell] = cells.get(cell, frozenset()) | {row["est_id"]}
    return cells


def told_by_division(folder):
    """Rows of divisions, and of clusters by division."""
    rows = attack.table(folder / GPKG, "cluster_profile")
    found = {row["cell_id"]: row for row in rows}
    rows = attack.table(folder / GPKG, "activities")
    return found | {row["division"]: row for row in rows}


def told(folder):
    """Rows of clusters and leverage areas by id."""
    rows = [
        row
        for name in ("clusters", "leverage_areas")
        for row in attack.table(folder / GPKG, name)
    ]
    return {row.get("area_id") or row["cluster_id"]: row for row in rows}


@pytest.fixture(scope="module")
def make_map(run, tmp_path_factory):
    """Make a map of the scene, with settings of confidentiality; give its folder."""

    def make(audience, rule="", jobs=None):
        folder = tmp_path_factory.mktemp("scene")
        settings = folder / "settings.toml"
        settings.write_text(SETTINGS + rule, encoding="utf-8")
        run(
            "opportunitymap",
            **build(folder, jobs),
            SETTINGS=str(settings),
            AUDIENCE=audience,
            PDF=False,
            OUTPUT_FOLDER=str(folder / "kaart"),
        )
        return folder / "kaart"

    return make


@pytest.fixture(scope="module")
def workshop(make_map):
    return make_map(WORKSHOP)


@pytest.fixture(scope="module")
def internal(make_map):
    return make_map(INTERNAL, NO_FLOWS)


@pytest.fixture(scope="module")
def truth(internal, workshop):
    return Truth(internal, workshop)


def within(members, rows):
    """Whether these firms are of the given rows."""
    return any(firm.rpartition("-")[0] in rows for firm in members)


def shown(truth, rows):
    """Cells of the given rows whose jobs are published."""
    cells = truth.published("jobs")
    return {name: members for name, members in cells.items() if within(members, rows)}


def test_internal_map_withholds_nothing(internal, truth):
    for name, row in told(internal).items():
        assert row["establishments"] == len(truth.cells[name]), name
        assert (row["jobs"] or 0) == pytest.approx(truth.total(truth.cells[name]))
        assert "withheld" not in row


def test_published_figures_are_true(truth):
    assert truth.published("jobs")
    for name, members in truth.published("establishments").items():
        assert truth.told[name]["establishments"] == len(members), name
    for name, members in truth.published("jobs").items():
        assert truth.told[name]["jobs"] == pytest.approx(truth.total(members)), name


def test_no_published_cell_is_unsafe(truth):
    for name, members in truth.published("establishments").items():
        assert len(members) >= 3, name
    for name, members in truth.published("jobs").items():
        jobs = [truth.firms[firm] for firm in members]
        assert not attack.unsafe(jobs), (name, jobs)


def test_what_is_empty_says_why(truth):
    reasons = set()
    for name, row in truth.told.items():
        why = set((row["withheld"] or "").split(";")) - {""}
        reasons |= why
        assert (row["establishments"] is None) == bool(why & {"few", "count"}), name
        assert (row["jobs"] is None) == bool(why & {"few", "jobs"}), name
        if row["jobs"] is None:
            assert row["diversity"] is None, name
            assert row.get("divisions_effective") is None, name
        assert "largest_share" not in row
        assert ("few" in why) == (len(truth.cells[name]) < 3), name
    assert reasons == {"few", "count", "jobs", "diversity"}


def test_edges_of_the_rule(truth):
    def published(name, cell="cluster", field="jobs"):
        return truth.told[truth.named(name)[cell]][field] is not None

    assert published("triple", field="establishments")
    assert published("triple")
    assert published("three_two", "A")
    assert not published("pair", field="establishments")
    assert not published("three_two", "B", "establishments")
    assert published("share_69")
    assert published("share_70")
    assert not published("share_71")
    assert published("share_71", field="establishments")
    assert not published("two_known")
    assert not published("zero")
    assert not published("unknown")
    assert truth.told["empty_zone-A-1"]["withheld"] == "few"


# The same attack on a map that withholds unsafe cells and nothing more.

FALLING = ("covered", "nested", "minus_one", "with_lone", "overlap", "big_between")
"""Rows where one published figure taken from another gives away too much."""


@pytest.mark.parametrize("name", FALLING)
def test_attack_works_where_only_unsafe_cells_are_left_out(truth, name):
    naive = attack.safe_cells(
        {n: m for n, m in truth.cells.items() if len(m) >= 3 and within(m, [name])},
        truth.firms,
    )
    assert attack.exposed(naive, truth.firms)
    assert attack.exposed(shown(truth, [name]), truth.firms) == []
    assert len(shown(truth, [name])) < len(naive), "nothing more was left out"


def test_no_withheld_figure_is_a_sum_of_published_ones(truth):
    naive = {n: m for n, m in truth.cells.items() if len(m) >= 3}
    few = {n: m for n, m in truth.cells.items() if m and n not in naive}
    assert "covered-B-1" in attack.computed_cells(naive, few)
    count = "establishments"
    found = attack.computed_cells(truth.published(count), truth.withheld(count))
    assert found == []
    found = attack.computed_cells(shown(truth, ROWS), truth.withheld("jobs"))
    assert found == []


def test_no_unsafe_sum_follows_from_published_ones(truth):
    """Sums of any firms together, whether or not a cell holds just these."""
    assert attack.exposed(shown(truth, ROWS), truth.firms) == []


def test_no_unsafe_sum_follows_from_chance_rows(truth):
    chance = [name for name in SCENE if name.startswith("chance")]
    found = attack.exposed(shown(truth, [*chance, "union"]), truth.firms)
    assert [sorted(set_) for set_ in found if truth.total(set_)] == []


def test_no_firm_is_shown_to_have_no_jobs(truth):
    found = attack.exposed(truth.published("jobs"), truth.firms)
    assert [sorted(set_) for set_ in found if not truth.total(set_)] == []


def test_numbering_of_clusters_tells_no_size(truth):
    clusters = [row for row in truth.told.values() if "divisions" in row]
    order = sorted(clusters, key=lambda row: row["cluster_id"])
    sizes = [row["establishments"] for row in order if row["establishments"]]
    assert sizes not in (sorted(sizes), sorted(sizes, reverse=True))


@pytest.mark.parametrize("name", ["divisions_2", "divisions_3"])
def test_entropy_tells_no_jobs_of_one_division(truth, name):
    row = truth.told[truth.named(name)["cluster"]]
    figures = [row[name] for name in ("jobs", "divisions", "divisions_effective")]
    assert None in figures or len(attack.splits(*figures)) != 1


def test_outline_of_a_cluster_is_not_drawn_round_each_firm(truth, internal):
    members = attack.table(internal / GPKG, "members")
    tree = shapely.STRtree([row["geom"] for row in members])
    for name, row in truth.told.items():
        if "divisions" in row:
            spots = shapely.points(attack.centres(row["geom"], radius=250))
            found, _ = tree.query(spots, predicate="dwithin", distance=0.01)
            assert len(found) == 0, (name, len(found), len(truth.cells[name]))


# Scores, and everything else in the folder.


def from_criterion(row, worst, best):
    """What a criterion measured, from each figure that rests on it."""
    span = best - worst
    ways = {"raw": row["raw"]}
    if row["value"] is not None and 0 < row["value"] < 1:
        ways["value"] = worst + span * row["value"]
    if row["contribution"] is not None and row["weight"]:
        share = row["contribution"] / (100 * row["weight"])
        if 0 < share < 1:
            ways["contribution"] = worst + span * share
    return {way: found for way, found in ways.items() if found is not None}


def test_criteria_tell_published_figures_only(truth, workshop):
    scales = {"C1_mass": ("establishments", 100), "C1_diversity": ("diversity", 0.6)}
    checked = set()
    for row in attack.table(workshop / GPKG, "criteria"):
        if row["criterion"] in scales:
            field, best = scales[row["criterion"]]
            published = truth.told[row["area_id"]][field]
            found = from_criterion(row, 0, best)
            if published is None:
                assert not found, row
            else:
                assert found["raw"] == published
                assert all(math.isclose(f, published) for f in found.values()), row
                checked |= set(found)
    assert checked == {"raw", "value", "contribution"}


def test_areas_with_too_few_firms_look_alike(truth, workshop):
    """With none, one or two firms inside, the scores and words are the same."""
    few = {n for n, row in truth.told.items() if row["withheld"] == "few"}
    areas = {name for name in few if "area_id" in truth.told[name]}
    sizes = {len(truth.cells[name]) for name in areas}
    assert sizes == {0, 1, 2}
    own = {"geom", "area_id", "zone_id", "name", "cluster_ids", "area_ha"}
    rows = [truth.told[name] for name in sorted(areas)]
    faces = {tuple(row[f] for f in row if f not in own) for row in rows}
    assert len(faces) == 1
    criteria = {}
    for row in attack.table(workshop / GPKG, "criteria"):
        values = tuple(value for name, value in row.items() if name != "area_id")
        criteria.setdefault(row["area_id"], []).append(values)
    assert len({tuple(criteria[name]) for name in areas}) == 1


def test_sheet_and_report_tell_no_more_than_the_tables(truth, workshop):
    head, *rows = attack.sheet(workshop / "ranglijst.xlsx")
    column = {title: place for place, title in enumerate(head)}
    areas = {name: row for name, row in truth.told.items() if "area_id" in row}
    assert {row[column["Kenmerk hefboomgebied"]] for row in rows} == areas.keys()
    for row in rows:
        area = areas[row[column["Kenmerk hefboomgebied"]]]
        assert row[column["Banen"]] == (area["jobs"] and pytest.approx(area["jobs"]))
        assert row[column["Aantal vestigingen"]] == area["establishments"]
    report = (workshop / "rapport.html").read_text("utf-8")
    facts = dict(re.findall(r'row">([^<]*)<span class="facts">([^<]*)<', report))
    assert len(facts) >= 10
    for area in areas.values():
        said = facts.pop(area["name"], None)
        if said is not None:
            assert ("vestigingen" in said) == (area["establishments"] is not None)
            assert ("banen" in said) == (area["jobs"] is not None)
    assert not facts


CLOCK = ("started", "timings_s")
LOTS = re.compile(
    r"[0-9a-f]{8}([-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|_styles\.db|rgb:|\d\d:\d\d:\d\d"
)
"""What QGIS draws by lot (ids, colours that are not used), and the clock."""


def words(xml):
    """All words of what QGIS writes, in an order of its own each time."""
    plain = html.unescape(html.unescape(xml))
    return sorted(w for w in re.split(r'[\s<>"=/]+', plain) if not LOTS.search(w))


def traces(folder):
    """All that a folder tells, but for the time."""
    found = {}
    for name in attack.layers(folder / GPKG):
        found[name] = [repr(row) for row in attack.table(folder / GPKG, name)]
    del found["layer_styles"]
    for row in attack.table(folder / GPKG, "layer_styles"):
        found[f"style {row['f_table_name']}"] = words(row["styleQML"])
    project = dict(attack.contents(folder))["kansenkaart.qgz/kansenkaart.qgs"]
    found["project"] = words(project.decode())
    found["sheet"] = attack.sheet(folder / "ranglijst.xlsx")
    record = json.loads((folder / "run.json").read_text("utf-8"))
    found["record"] = {k: v for k, v in record.items() if k not in CLOCK}
    found["report"] = (folder / "rapport.html").read_text("utf-8")
    return found


def test_other_withheld_figures_give_the_same_files(truth, workshop, make_map):
    """The proof from the other side: a world with other secrets looks the same."""
    cells, rows = truth.cells | truth.more, truth.told | truth.more_told
    published = {n: m for n, m in cells.items() if rows[n]["jobs"] is not None}
    # The jobs of a row that is left out for its number of firms may be known.
    known = {
        name
        for name, members in cells.items()
        if rows[name] == LEFT_OUT
        and not attack.unsafe(truth.firms[firm] for firm in members)
    }
    # Jobs that are 0 or unknown are the same in both worlds.
    open_ = published.keys() | known
    secret = {n: m for n, m in cells.items() if n not in open_ and truth.total(m)}
    world = attack.other_world(published, secret, truth.firms)

    def total(members):
        return sum(world[firm] or 0 for firm in members)

    assert len(secret) > 100
    same = {n for n, m in secret.items() if total(m) == truth.total(m)}
    assert same == {truth.named("zero_rest")["A"]}, "the secret is who has no jobs"
    for name, members in published.items():
        assert total(members) == truth.total(members), name
    ours, other = traces(workshop), traces(make_map(WORKSHOP, jobs=world))
    assert ours.keys() == other.keys()
    for name, each in ours.items():
        assert each == other[name], name


# The rule as the user sets it.


def test_rule_that_lets_everything_pass(make_map, truth):
    rule = NO_FLOWS + "[confidentiality]\nMIN_ACTORS = 1\nDOMINANCE = 100\n"
    for name, row in told(make_map(WORKSHOP, rule)).items():
        members = truth.cells[name]
        assert row["establishments"] == (len(members) or None), name
        if truth.total(members):
            assert row["jobs"] == pytest.approx(truth.total(members)), name


def test_stricter_rule_tells_less(make_map, truth):
    rule = NO_FLOWS + "[confidentiality]\nMIN_ACTORS = 10\n"
    strict = told(make_map(WORKSHOP, rule))
    for field in ("establishments", "jobs"):
        left = {name for name, row in strict.items() if row[field] is not None}
        assert 0 < len(left) < len(truth.published(field))
        assert all(len(truth.cells[name]) >= 10 for name in left)
    jobs = {n: m for n, m in truth.cells.items() if strict[n]["jobs"] is not None}
    jobs = {n: m for n, m in jobs.items() if within(m, ROWS)}
    assert attack.exposed(jobs, truth.firms, actors=10) == []


@pytest.mark.parametrize(
    "line", ["MIN_ACTORS = 0", 'MIN_ACTORS = "drie"', "DOMINANCE = 150", "ACTORS = 3"]
)
def test_wrong_rule_is_refused(refused, tmp_path, line):
    settings = tmp_path / "settings.toml"
    settings.write_text(f"[confidentiality]\n{line}\n", encoding="utf-8")
    folder = tmp_path / "map"
    said = refused(
        "opportunitymap",
        **build(tmp_path),
        SETTINGS=str(settings),
        OUTPUT_FOLDER=str(folder),
    )
    assert line.split()[0] in said
    assert not folder.exists()
