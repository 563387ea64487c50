"""What the tables of a workshop that cross give away: an attack on real results.

Clusters by division, regions by section and divisions of the whole map hold the same
firms: a figure of one may follow from those of the others. Written from the contract
and the results, without a look at `analysis/confidentiality.py`.
"""

import json
import math
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import shapely
import workshop_attack as attack
from scene_settings import NO_FLOWS
from workshop_map import FIGURES, SPARSE, TABLES, Map
from workshop_scene import PLANTED, QUANTITIES, TEXTS, build_towns

GPKG = "kansenkaart.gpkg"
FILES = {GPKG, "kansenkaart.qgz", "rapport.html", "ranglijst.xlsx", "run.json"}
WORKSHOP, INTERNAL = 0, 1
SETTINGS = "[detectclusters]\nMIN_ESTABLISHMENTS = 2\n[leverageareas]\nMIN_AREA = 0.1\n"


@pytest.fixture(scope="module")
def make_map(run, tmp_path_factory):
    """Make a map of the towns; give its folder."""

    def make(audience, settings="", jobs=None):
        folder = tmp_path_factory.mktemp("towns")
        file = folder / "settings.toml"
        file.write_text(settings or SETTINGS, encoding="utf-8")
        run(
            "opportunitymap",
            **build_towns(folder, jobs),
            SETTINGS=str(file),
            AUDIENCE=audience,
            PDF=False,
            OUTPUT_FOLDER=str(folder / "kaart"),
        )
        return folder / "kaart"

    return make


@pytest.fixture(scope="module")
def towns(make_map):
    return Map(make_map(INTERNAL, SETTINGS + NO_FLOWS), make_map(WORKSHOP))


@pytest.fixture(scope="module")
def whole(sown_maps):
    """The demo province, with planted firms in it."""
    workshop, internal, _ = sown_maps
    return Map(internal, workshop)


@pytest.fixture(params=["towns", "whole"])
def scene(request):
    return request.getfixturevalue(request.param)


# Planted firms.


def test_nothing_planted_is_in_any_file(sown_maps):
    folder, _, temporary = sown_maps
    assert {path.name for path in folder.iterdir()} == FILES | {"kansenkaart.pdf"}
    stacks = attack.haystacks(folder)
    assert any("/stream" in place for place in stacks), "the PDF was not opened"
    assert "kansenkaart.qgz/kansenkaart.qgs" in stacks
    assert "ranglijst.xlsx/xl/sharedStrings.xml" in stacks
    assert attack.found_texts(stacks, TEXTS) == set()
    assert attack.found_quantities(stacks, QUANTITIES) == set()
    left = attack.haystacks(temporary)
    assert attack.found_texts(left, TEXTS) == set()


def test_insiders_see_every_planted_firm(sown_maps):
    _, internal, _ = sown_maps
    stacks = attack.haystacks(internal)
    place = f"{GPKG}/tables"
    assert attack.found_texts(stacks, TEXTS) >= {(text, place) for text in TEXTS}
    jobs = {firm["jobs"] for firm in PLANTED}
    found = attack.found_quantities(stacks, jobs)
    assert {quantity for quantity, where in found if where == GPKG} == jobs
    members = {row["est_id"]: row for row in attack.table(internal / GPKG, "members")}
    for firm in PLANTED:
        row = members[firm["est_id"]]
        assert (row["name"], row["jobs"]) == (firm["name"], firm["jobs"])


def test_no_table_has_a_firm_for_a_corner(sown_maps, sown):
    folder, _, _ = sown_maps
    firms = json.loads(Path(sown["ESTABLISHMENTS"]).read_text("utf-8"))
    points = [each["geometry"]["coordinates"] for each in firms["features"]]
    tree = shapely.STRtree(shapely.points(points))
    tables = attack.layers(folder / GPKG)
    assert "members" not in tables
    for name in [name for name, kind in tables.items() if kind == "features"]:
        shapes = [row["geom"] for row in attack.table(folder / GPKG, name)]
        corners = shapely.points(np.unique(shapely.get_coordinates(shapes), axis=0))
        hits, _ = tree.query(corners, predicate="dwithin", distance=0.001)
        assert len(hits) == 0, name


# Figures that cross.


def test_truth_is_what_insiders_see(scene):
    assert scene.listed.keys() < scene.inside.keys()
    assert {table for table, _ in scene.inside.keys() - scene.listed.keys()} <= SPARSE
    for cell, row in scene.inside.items():
        members = scene.cells[cell]
        assert row["establishments"] == len(members), cell
        jobs = sum(scene.firms[firm] or 0 for firm in members)
        assert (row["jobs"] or 0) == pytest.approx(jobs), cell


def test_published_figures_are_true_and_safe(scene):
    for cell, row in scene.told.items():
        for figure in FIGURES:
            if row[figure] is not None:
                assert row[figure] == pytest.approx(scene.inside[cell][figure]), cell
        members = scene.cells[cell]
        assert row["establishments"] is None or len(members) >= 3, cell
        jobs = [scene.firms[firm] for firm in members]
        assert row["jobs"] is None or not attack.unsafe(jobs), cell


def test_every_table_tells_something_and_hides_something(towns):
    for figure in FIGURES:
        assert {table for table, _ in towns.published(figure)} == TABLES.keys()
        assert {table for table, _ in towns.withheld(figure)} == TABLES.keys()


@pytest.mark.parametrize("figure", FIGURES)
def test_no_withheld_figure_follows_from_published_ones(scene, figure):
    published, withheld = scene.published(figure), scene.withheld(figure)
    assert attack.exposed_cells(published, withheld, scene.order(figure)) == []


def test_attack_works_where_only_unsafe_cells_are_left_out(towns):
    for figure in FIGURES:
        amounts = towns.amounts(figure)
        safe = {c: m for c, m in towns.cells.items() if len(m) >= 3}
        if figure == "jobs":
            safe = attack.safe_cells(safe, amounts)
        hidden = {c: m for c, m in towns.withheld(figure).items() if c not in safe}
        assert len(attack.exposed_cells(safe, hidden, towns.order(figure))) > 5


def test_numbers_of_establishments_in_words_tell_no_withheld_one(scene):
    """The record counts what was read, and the report what lies in no region."""
    record = json.loads((scene.folder / "run.json").read_text("utf-8"))
    read = {each["role"]: each["features"] for each in record["inputs"]}
    assert read["ESTABLISHMENTS"] == len(scene.firms)
    published = scene.published("establishments") | scene.totals()
    withheld = scene.withheld("establishments")
    assert attack.exposed_cells(published, withheld, sorted(scene.firms)) == []


def test_withheld_jobs_of_planted_firms_are_in_no_file(whole):
    """Of these the totals have so many digits that they can be searched for."""
    totals = {
        sum(whole.firms[firm] or 0 for firm in members)
        for members in whole.withheld("jobs").values()
    }
    wanted = [total for total in totals if attack.notations(total)]
    assert len(wanted) > 20
    stacks = attack.haystacks(whole.folder)
    assert attack.found_quantities(stacks, wanted) == set()


def test_no_sum_that_a_reader_would_try_tells_of_one_firm(whole):
    found = attack.exposed_differences(
        whole.published("jobs"), whole.sums(), whole.firms
    )
    assert [sorted(members) for members in found] == []


def test_jobs_outside_all_regions_tell_of_no_firm(towns):
    sums = {name: towns.sums()[name] for name in ("all", "region_sectors")}
    found = attack.exposed_differences(towns.published("jobs"), sums, towns.firms)
    assert [sorted(members) for members in found] == []


def test_jobs_can_not_be_narrowed_down(towns):
    """That nothing is below nothing leaves room for every withheld figure."""
    withheld = towns.withheld("jobs")
    found = attack.bounds(towns.published("jobs"), withheld, towns.firms)
    for cell, (low, high) in found.items():
        jobs = sum(towns.firms[firm] or 0 for firm in withheld[cell])
        assert low - 1e-6 <= jobs <= high + 1e-6
        assert high - low > 2, cell


def test_rows_without_a_number_of_firms_are_not_there(scene):
    for (table, cell), row in scene.listed.items():
        assert row["establishments"] is not None or table not in SPARSE, cell


def test_numbers_of_establishments_can_not_be_narrowed_down(towns):
    """A cluster has at least one firm, and the reason why it is empty says how many."""
    within = {}
    for cell, row in towns.told.items():
        least = 1 if cell[0] == "clusters" else 0
        few = row["withheld"] == "few"
        within[cell] = (least, 2) if few else (least, math.inf)
    withheld = towns.withheld("establishments")
    within = {cell: within[cell] for cell in withheld}
    amounts = towns.amounts("establishments")
    published = towns.published("establishments")
    found = attack.bounds(published, withheld, amounts, within)
    assert [cell for cell, (low, high) in found.items() if high - low < 0.5] == []


def test_diversity_tells_no_jobs_of_one_division(scene):
    """The entropy of a cluster is an equation for its withheld divisions.

    That of an area with the same firms is the same.
    """
    clusters = {
        members: row
        for (table, row), members in scene.cells.items()
        if table == "clusters"
    }
    profile = defaultdict(list)
    for (table, cell), row in scene.told.items():
        if table == "cluster_profile":
            secret = row["jobs"] is None and scene.hides((table, cell))
            jobs = scene.inside[table, cell]["jobs"]
            profile[row["cluster_id"]].append((row, jobs, secret))
    checked = defaultdict(int)
    for cell, members in scene.cells.items():
        shown = scene.told[cell]
        if members in clusters and shown.get("diversity") is not None:
            rows = profile[clusters[members]]
            told = [own["jobs"] for own, _, _ in rows if own["jobs"] is not None]
            gone = [j for own, j, _ in rows if own["jobs"] is None and j is not None]
            if any(secret for _, _, secret in rows):
                checked[cell[0]] += 1
                assert attack.rooms(shown, told, len(gone)) > 0.1, (cell, told, gone)
    assert checked["clusters"]


# What is computed from published figures.


def test_shares_and_quotients_follow_from_published_figures(scene):
    activities = {key: row for (t, key), row in scene.told.items() if t == "activities"}
    whole = sum(row["jobs"] or 0 for row in activities.values())
    for row in activities.values():
        assert row["share"] == (row["jobs"] and pytest.approx(row["jobs"] / whole))
    for (table, _), row in scene.told.items():
        if table == "cluster_profile":
            jobs = scene.told["clusters", row["cluster_id"]]["jobs"]
            reference = activities[row["division"]]["share"]
            if row["jobs"] is None or not jobs:
                assert (row["share"], row["lq"]) == (None, None)
                continue
            assert row["share"] == pytest.approx(row["jobs"] / jobs)
            if not reference:
                assert row["lq"] is None
            else:
                assert row["lq"] == pytest.approx(row["jobs"] / jobs / reference)


def test_activities_in_words_are_those_of_the_table(scene):
    known = defaultdict(set)
    for (table, _), row in scene.told.items():
        if table == "cluster_profile" and row["share"]:
            said = f"{row['division_name']} {100 * row['share']:.0f}\u00a0%"
            known[row["cluster_id"]].add(said)
    for (table, cluster), row in scene.told.items():
        if table == "clusters":
            words = row["top_activities"] or ""
            assert words.count("\u00a0%") == min(3, len(known[cluster]))
            assert sum(said in words for said in known[cluster]) >= words.count("%")


def test_quotients_of_regions_follow_from_published_figures(scene):
    cells = {
        row["cell_id"]: row
        for (t, _), row in scene.told.items()
        if t == "region_sectors"
    }
    jobs = {key: row["jobs"] or 0 for key, row in cells.items()}
    region, sector = defaultdict(float), defaultdict(float)
    for key, row in cells.items():
        region[row["region_id"]] += jobs[key]
        sector[row["sector"]] += jobs[key]
    whole = sum(jobs.values())
    for row in attack.table(scene.folder / GPKG, "specialisation"):
        cell = cells.get(f"{row['region_id']}|{row['sector']}")
        count = None if cell is None else cell["jobs"]
        assert row["count"] == (count and pytest.approx(count))
        divisor = region[row["region_id"]] * sector[row["sector"]]
        if count is None or not divisor:
            assert row["lq"] is None
        else:
            assert row["lq"] == pytest.approx(count * whole / divisor)


def test_criteria_of_clusters_are_their_published_figures(scene):
    figures = {"jobs": "jobs", "establishments": "establishments"}
    figures |= {"economic_value": "value_added_keur"}
    sides = {"raw_materials": "demand", "residual_streams": "supply"}
    gpkg = scene.folder / GPKG
    flows = [row for row in attack.table(gpkg, "flows") if row["unit"] == "t/y"]
    shapes = {row["cluster_id"]: row["geom"] for row in attack.table(gpkg, "clusters")}
    for row in attack.table(gpkg, "cluster_criteria"):
        own, shape = (
            scene.told["clusters", row["cluster_id"]],
            shapes[row["cluster_id"]],
        )
        if side := sides.get(row["criterion"]):
            inside = sum(
                flow["quantity"]
                for flow in flows
                if (flow["direction"], flow["carrier"]) == (side, "material")
                and flow["geom"].intersects(shape)
            )
            assert row["raw"] == pytest.approx(inside)
            continue
        assert row["raw"] == own.get(figures[row["criterion"]])
        if row["raw"] is None:
            assert (row["value"], row["contribution"]) == (None, None)


def test_hexagons_tell_a_class_only(scene):
    rows = attack.table(scene.folder / GPKG, "density")
    assert rows
    for row in rows:
        assert row.keys() == {"geom", "hex_id", "group", "group_name", "count_class"}
        assert int(row["count_class"].replace("+", "–").split("–")[0]) >= 3


# A grouping of the user's own.

FOLDER = "Zyqxgeheim van Wyqzzfirma"
GROUPS = """sbi;group;overlap;name_nl;name_en
10;food;;Voedsel;Food
25;made;;Gemaakt;Made
26;made;;;
10;all_made;ja;Alles;All
25;all_made;ja;;
"""


def test_folder_of_a_grouping_is_in_no_file(make_map, tmp_path):
    file = tmp_path / FOLDER / "groepen.csv"
    file.parent.mkdir()
    file.write_text(GROUPS, encoding="utf-8")
    steps = ("detectclusters", "specialisation", "businessdensity")
    own = "".join(f'[{step}]\nGROUPING = "{file.as_posix()}"\n' for step in steps)
    folder = make_map(WORKSHOP, own + NO_FLOWS)
    stacks = attack.haystacks(folder)
    assert attack.found_texts(stacks, FOLDER.split(" van ")) == set()
    places = {place for _, place in attack.found_texts(stacks, ["groepen"])}
    assert "run.json" in places
