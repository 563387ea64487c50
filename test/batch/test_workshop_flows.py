"""What the flows of a workshop's map give away: an attack on real results.

An estimate is jobs times a figure that everybody can look up. So published flows are
equations for jobs, of clusters, of activities and of single firms. Written from the
contract and the results, without a look at `analysis/flows/publishing.py`.
"""

import json
import re
import sqlite3

import pytest
import workshop_attack as attack
import workshop_flows as scene
from workshop_map import Map

GPKG = scene.GPKG
WORKSHOP, INTERNAL = 0, 1
SETTINGS = "[detectclusters]\nMIN_ESTABLISHMENTS = 2\n[leverageareas]\nMIN_AREA = 0.1\n"
TABLES = (
    "flows", "flow_places", "resource_balance", "cluster_criteria", "leads", "matches",
    "match_pairs", "match_totals", "unlocks", "criteria",
)  # fmt: skip
EXCHANGES = {"findleads": "leads", "matchflows": "matches"}


@pytest.fixture(scope="module")
def make_map(run, tmp_path_factory):
    """Make a map of the towns with flows; give its folder."""

    def make(audience, jobs=None, factor=1.0, flows=None, **of_first):
        folder = tmp_path_factory.mktemp("flow_towns")
        file = folder / "settings.toml"
        file.write_text(SETTINGS, encoding="utf-8")
        layers = scene.build_flow_towns(folder, jobs, factor, **of_first)
        run(
            "opportunitymap",
            **layers | ({"FLOWS": flows} if flows else {}),
            SETTINGS=str(file),
            AUDIENCE=audience,
            PDF=False,
            OUTPUT_FOLDER=str(folder / "kaart"),
        )
        return folder / "kaart"

    return make


@pytest.fixture(scope="module")
def internal(make_map):
    return make_map(INTERNAL)


@pytest.fixture(scope="module")
def towns(make_map, internal):
    return Map(internal, make_map(WORKSHOP))


@pytest.fixture(scope="module")
def groups(towns, internal):
    """Groups of firms that published flows rest on, and the others."""
    reported = {(scene.ID.format(firm), of) for firm, of, _ in scene.reports()}
    members = attack.table(internal / GPKG, "members")
    mix = scene.Mix(members, reported, scene.ALONE)
    shown, left = mix.published(towns.folder)
    assert left < 1e-9, "published flows are not understood"
    hidden = {name: own for name, own in mix.groups.items() if name not in shown}
    return shown, hidden


# Searching.


def test_no_firm_and_no_report_is_in_any_file(towns):
    stacks = attack.haystacks(towns.folder)
    secret = re.compile(rb"vqxest|vqxflow|zyqxnaam|zyqxbron", re.IGNORECASE)
    assert [place for place, data in stacks.items() if secret.search(data)] == []
    quantities = [q * part for _, _, q in scene.reports() for part in (1, 0.8, 1.3)]
    wanted = [quantity for quantity in quantities if attack.notations(quantity)]
    assert len(wanted) > 40
    assert attack.found_quantities(stacks, wanted) == set()


def test_insiders_see_every_report(internal):
    stacks = attack.haystacks(internal)
    wanted = {q for _, _, q in scene.reports() if attack.notations(q)}
    found = attack.found_quantities(stacks, wanted)
    assert {quantity for quantity, _ in found} == wanted


# Reported flows.


def test_reports_are_told_of_three_firms_and_more_only(towns):
    rows = attack.table(towns.folder / GPKG, "flows")
    told = {row["quantity"] for row in rows if row["basis"] == "reported"}
    assert told == {sum(quantities) for *_, quantities in scene.TOLD}


def test_balances_hold_what_is_told_and_nothing_else(towns):
    rows = attack.table(towns.folder / GPKG, "flows")
    found = {}
    for row in attack.table(towns.folder / GPKG, "resource_balance"):
        for direction in ("supply", "demand"):
            key = (row["carrier"], row["material"], direction)
            found.setdefault(key, {})[row["area_id"]] = row[direction]
    for (carrier, material, direction), areas in found.items():
        whole = areas.pop("all")
        assert whole == pytest.approx(sum(areas.values())), material
        for area in areas.keys() - {"rest"}:
            own = [
                row["quantity"]
                for row in rows
                if (row["place_id"], row["direction"]) == (area, direction)
                if (row["carrier"], row["material"]) == (carrier, material)
            ]
            assert areas[area] == pytest.approx(sum(own)), (area, material)


def test_what_one_report_says_beside_its_quantity_is_not_told(make_map, towns):
    """The first of three firms and more is not known from what they have together."""
    worse = make_map(WORKSHOP, data_quality=5, year=1977, contracted_share=0.4375)
    for folder in (towns.folder, worse):
        rows = attack.table(folder / GPKG, "flows")
        told = {row["data_quality"] for row in rows if row["basis"] == "reported"}
        assert told <= {1}, "that one firm alone knows it less well"
        assert not {row["year"] for row in rows} & {1977}
        assert not {row["contracted_share"] for row in rows} & {0.4375}


# Leads and matches.


@pytest.mark.parametrize("algorithm", EXCHANGES)
def test_exchanges_follow_from_published_flows_and_nothing_else(
    run, towns, algorithm, tmp_path
):
    """Whoever has the map can compute them, so they tell nothing more."""
    mine = attack.table(towns.folder / GPKG, EXCHANGES[algorithm])
    assert len(mine) > 10
    path = tmp_path / "again.gpkg"
    flows = f"{towns.folder / GPKG}|layername=flows"
    run(algorithm, FLOWS=flows, OUTPUT=str(path))
    again = attack.table(path, "again")
    keys = ("flow_supply", "flow_demand", "available", "allocated", "avoided_co2_t")
    assert _told(mine, keys) == _told(again, keys)


def _told(rows, keys):
    return sorted(
        tuple(
            float(f"{value:.9g}") if isinstance(value, float) else str(value)
            for value in (row.get(key) for key in keys)
        )
        for row in rows
    )


def test_ends_of_exchanges_are_published_flows(towns):
    flows = attack.table(towns.folder / GPKG, "flows")
    known = {row["flow_id"]: row for row in flows}
    names = {row["actor_name"] for row in flows}
    places = {row["place_id"] for row in flows}
    for table in EXCHANGES.values():
        for row in attack.table(towns.folder / GPKG, table):
            assert {row["flow_supply"], row["flow_demand"]} <= known.keys()
            assert {row["giver_name"], row["receiver_name"]} <= names
    for row in attack.table(towns.folder / GPKG, "match_pairs"):
        assert {row["from_id"], row["to_id"]} <= places


# Computing back.


def test_published_flows_rest_on_groups_that_may_be_told(towns, groups):
    shown, hidden = groups
    assert len(shown) > 15 and len(hidden) > 10
    for name, members in shown.items():
        jobs = [towns.firms[firm] for firm in members]
        assert not attack.unsafe(jobs), (name, jobs)


def test_no_withheld_jobs_follow_from_published_flows(towns, groups):
    shown, hidden = groups
    published = towns.published("jobs") | shown
    secret = {
        name: members
        for name, members in hidden.items()
        if attack.unsafe(towns.firms[firm] for firm in members)
    }
    firms = {firm: frozenset({firm}) for firm in towns.order("jobs")}
    assert len(secret) > 5
    for wanted in (towns.withheld("jobs"), secret, firms):
        found = attack.exposed_cells(published, wanted, towns.order("jobs"))
        assert found == []
    sums = towns.sums() | shown | hidden
    for kind, part in (("shown", shown), ("hidden", hidden)):
        for name, members in part.items():
            division = f"{kind} {name[:2]}"
            sums[division] = sums.get(division, frozenset()) | members
    found = attack.exposed_differences(published, sums, towns.firms)
    assert [sorted(members) for members in found] == []


def test_withheld_groups_can_not_be_narrowed_down(towns, groups):
    shown, hidden = groups
    secret = {
        name: members
        for name, members in hidden.items()
        if attack.unsafe(towns.firms[firm] for firm in members)
    }
    published = towns.published("jobs") | shown
    found = attack.bounds(published, secret, towns.firms)
    for name, (low, high) in found.items():
        jobs = sum(towns.firms[firm] for firm in secret[name])
        assert high - low > 0.2 * jobs, name


def test_attack_works_where_the_flows_of_all_groups_are_told(towns, groups):
    shown, hidden = groups
    published = towns.published("jobs") | shown | hidden
    firms = {firm: frozenset({firm}) for firm in towns.order("jobs")}
    found = attack.exposed_cells(published, firms, towns.order("jobs"))
    assert len(found) > 5


# The same map of another world.


@pytest.fixture(scope="module")
def other(make_map):
    """Other withheld reports; all else is the same."""
    return make_map(WORKSHOP, factor=1.0625)


@pytest.mark.parametrize("name", TABLES)
def test_withheld_reports_change_no_table(towns, other, name):
    mine, theirs = (attack.table(f / GPKG, name) for f in (towns.folder, other))
    assert mine == theirs


def test_withheld_reports_change_no_word_of_the_report(towns, other):
    mine, theirs = (f / "rapport.html" for f in (towns.folder, other))
    assert _undated(mine) == _undated(theirs)


def _undated(path):
    """Lines of a report without times and dates."""
    lines = path.read_text("utf-8").splitlines()
    return [line for line in lines if not re.search(r"\d\d:\d\d", line)]


def test_hash_of_flows_is_of_their_places(towns, other):
    hashes = set()
    for folder in (towns.folder, other):
        record = json.loads((folder / "run.json").read_text("utf-8"))
        hashes |= {i["hash"] for i in record["inputs"] if i["role"] == "FLOWS"}
    assert len(hashes) == 1


# Estimates that somebody else made.

PLANTED = {
    "source": "Zyqxbron eigen meting",
    "properties": "zyqxeigenschap",
    "temperature_c": 71.28125,
    "contracted_share": 0.4375,
    "year": 1977,
}
PART = 0.123456789


@pytest.fixture(scope="module")
def estimates(run, tmp_path_factory):
    """Estimates of all firms; the first of every activity has words of its own."""
    folder = tmp_path_factory.mktemp("estimates")
    path = folder / "flows.gpkg"
    layers = scene.build_flow_towns(folder)
    run("estimateflows", ESTABLISHMENTS=layers["ESTABLISHMENTS"], OUTPUT=str(path))
    name = next(n for n, kind in attack.layers(path).items() if kind == "features")
    first = {}
    for row in attack.table(path, name):
        first[row["sbi"]] = min(row["actor_id"], first.get(row["sbi"], "~"))
    with sqlite3.connect(path) as database:
        # The triggers of a GeoPackage call functions that this connection lacks.
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (trigger,) in database.execute(query).fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        for field, value in PLANTED.items():
            database.executemany(
                f'UPDATE "{name}" SET {field} = ? WHERE actor_id = ?',
                [(value, actor) for actor in first.values()],
            )
        database.executemany(
            f'UPDATE "{name}" SET quantity_low = quantity * ? WHERE actor_id = ?',
            [(PART, actor) for actor in first.values()],
        )
    return f"{path}|layername={name}"


def test_words_of_one_estimate_are_not_those_of_a_group(make_map, estimates):
    folder = make_map(WORKSHOP, flows=estimates)
    rows = attack.table(folder / GPKG, "flows")
    assert [row for row in rows if row["actor_id"].startswith("cluster-")]
    stacks = attack.haystacks(folder)
    secret = re.compile(rb"vqxest|zyqx", re.IGNORECASE)
    assert [place for place, data in stacks.items() if secret.search(data)] == []
    for row in rows:
        assert row["temperature_c"] != PLANTED["temperature_c"], row
        assert row["contracted_share"] != PLANTED["contracted_share"], row
        assert row["year"] != PLANTED["year"], row
        low = row["quantity_low"]
        assert low is None or low != pytest.approx(PART * row["quantity"]), row
