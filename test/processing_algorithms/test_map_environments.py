"""Type environments in an opportunity map: tables, report, project and secrets."""

import json
import sqlite3

import pytest
import shapely
from bad_layers import run, small
from kansenkaart.analysis.environments.library import thresholds
from kansenkaart.analysis.layers import layer_type
from kansenkaart.analysis.texts import text
from kansenkaart.processing_algorithms.language import help_text
from kansenkaart.processing_algorithms.maps.map_run import MapRun
from kansenkaart.processing_algorithms.maps.project import build_project, find_layer
from scene_settings import NO_FLOWS

pytestmark = pytest.mark.usefixtures("provider", "undrawn")

WORKSHOP, INTERNAL = 0, 1
CODES = ("1013", "1071", "2511", "4711", "6201", "5610", "4321", "4941")
SPOTS = [
    (start + 20 * (n % 10), 463_000 + 20 * (n // 10))
    for start in (155_100, 158_100)
    for n in range(80)
]
KINDS = ("business_park", "sea_port", "urban_high")
ZONES = [
    shapely.box(x, 462_500, x + 900, 463_500).wkt for x in (155_000, 158_000, 161_000)
]
LINES = [f"MULTILINESTRING ((150000 {y}, 165000 {y}))" for y in (462_100, 462_900)]
TABLES = ("environment_zones", "environment_network", "environment_totals")
WASTE = 7
"""A firm that treats waste, the only one of its kind."""


@pytest.fixture(scope="module")
def undrawn():
    """Leave out project and page, which are tested elsewhere and take most time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MapRun, "_draw", lambda run, folder: None)  # noqa: ARG005
        yield


def firms(waste="3811"):
    """Firms in two of the zones."""
    return small(
        "establishments",
        [f"POINT ({x} {y})" for x, y in SPOTS],
        sbi=lambda n: waste if n == WASTE else CODES[n % 8],
        jobs=lambda n: 6.0 + n % 5,
    )


def zones():
    return small("zones", ZONES, kinds=KINDS.__getitem__, area_ha=lambda _: 90.0)


def make(folder, settings="", **changed):
    """Make a map; settings are the text of the file."""
    layers = {
        "ESTABLISHMENTS": [firms()],
        "ZONES": [zones()],
        "INFRASTRUCTURE": [small("infrastructure", LINES)],
        "REGIONS": small("regions", ZONES, population=lambda _: 40_000.0),
    }
    path = folder.with_suffix(".toml")
    path.write_text(NO_FLOWS + settings)
    given = {"SETTINGS": str(path), "LANGUAGE": 1, "AUDIENCE": INTERNAL, "PDF": False}
    outcome = run("opportunitymap", **layers | given | {"OUTPUT_FOLDER": str(folder)}
                  | changed)  # fmt: skip
    assert outcome.ok, outcome.log
    return folder


def rows(folder, name):
    """Rows of a table in the order in which they were written."""
    with sqlite3.connect(folder / "kansenkaart.gpkg") as database:
        database.row_factory = sqlite3.Row
        query = f"SELECT * FROM {name}"
        return [dict(row) for row in database.execute(query)]


@pytest.fixture(scope="module")
def maps(provider, undrawn, tmp_path_factory):  # noqa: ARG001 - they must be there
    """Maps of one scene."""
    base = tmp_path_factory.mktemp("typen")
    west = small("zones", [shapely.box(154_000, 462_000, 156_500, 464_000).wkt])
    near = "[environmenttypes]\nRAIL_DISTANCE = 399\n"
    told = {
        "internal": ("", {}),
        "dutch": ("", {"AUDIENCE": WORKSHOP, "LANGUAGE": 0}),
        "workshop": ("", {"AUDIENCE": WORKSHOP}),
        "no_waste": ("", {"AUDIENCE": WORKSHOP, "ESTABLISHMENTS": [firms("6201")]}),
        "strategy": ("", {"STRATEGY": "WA4", "AUDIENCE": WORKSHOP}),
        "near": (near, {"STRATEGY": "WA4", "AUDIENCE": WORKSHOP}),
        "part": ("", {"STUDY_AREA": west, "STRATEGY": "WA4"}),
    }
    return {
        name: make(base / name, settings, **changed)
        for name, (settings, changed) in told.items()
    }


def test_the_tables_have_the_fields_of_the_algorithm(maps):
    for name in TABLES:
        fields = set(rows(maps["internal"], name)[0]) - {"fid", "geom"}
        assert fields == set(layer_type(name).fields)
    assert [row["type"] for row in rows(maps["internal"], TABLES[2])] == [
        f"T{n}" for n in range(1, 24)
    ]


def test_a_map_says_what_the_algorithm_says(maps):
    """As far as the layers are the same, and these are inside."""
    layers = {
        "ESTABLISHMENTS": firms(),
        "ZONES": zones(),
        "INFRASTRUCTURE": [small("infrastructure", LINES)],
        "REGIONS": small("regions", ZONES, population=lambda _: 40_000.0),
    }
    found = run("environmenttypes", **layers, OUTPUT="memory:")
    names = ("zone_id", "types", "types_unknown", "synthesis_classes")
    alone = [tuple(row[name] for name in names) for row in found.rows("OUTPUT")]
    own = rows(maps["internal"], "environment_zones")
    assert alone == [tuple(row[name] for name in names) for row in own]
    assert "T8" in own[0]["types"].split(";")


def test_areas_are_what_their_zones_are(maps):
    for folder in maps.values():
        zones = {row["zone_id"]: row for row in rows(folder, "environment_zones")}
        areas = rows(folder, "leverage_areas")
        assert areas
        for area in areas:
            for name in ("types", "types_unknown"):
                assert area[name] == zones[area["zone_id"]][name]


def test_in_a_workshop_types_tell_nothing_of_a_firm(maps):
    """They are the same with and without the only firm of its kind."""
    for name in TABLES:
        assert rows(maps["workshop"], name) == rows(maps["no_waste"], name)
    park = rows(maps["workshop"], "environment_zones")[0]
    assert "T8" not in park["types"].split(";")
    assert "T8" in park["types_unknown"].split(";")
    said = text("environments.firms_not_told", "en", names="T2, T8, T11, T16 and T18")
    assert said in (maps["workshop"] / "rapport.html").read_text()
    record = json.loads((maps["workshop"] / "run.json").read_text())
    assert said in str(record["warnings"])
    assert "decide as well" not in (maps["internal"] / "rapport.html").read_text()


def test_the_thresholds_are_assumptions(maps):
    step = help_text("environmenttypes", "en")["name"]
    told = {
        name: [row for row in rows(folder, "assumptions") if row["step"] == step]
        for name, folder in maps.items()
        if name != "dutch"
    }
    assert {len(each) for each in told.values()} == {len(thresholds()) + 5}
    users = text("steps.map.set_by_user", "en")
    assert [row["value"] for row in told["near"] if row["set_by"] == users] == ["399"]
    assert not any(row["set_by"] == users for row in told["workshop"])
    assert "20\u202f000" in {row["value"] for row in told["internal"]}


def test_scores_take_the_types_of_the_step(maps):
    """With a distance that rail is just beyond, types no longer suit."""
    types, suits = {}, {}
    for name in ("strategy", "near"):
        folder = maps[name]
        types[name] = {row["types"] for row in rows(folder, "leverage_areas")}
        criteria = rows(folder, "criteria")
        suits[name] = {
            row["area_id"]: row["raw"]
            for row in criteria
            if row["criterion"] == "environment"
        }
    assert any("T5" in each.split(";") for each in types["strategy"])
    assert not any("T5" in each.split(";") for each in types["near"])
    assert suits["strategy"]["z00-1"] > suits["near"]["z00-1"]


def test_a_study_area_tells_of_itself(maps):
    folder = maps["part"]
    zones = rows(folder, "environment_zones")
    assert [row["zone_id"] for row in zones] == ["z00"]
    totals = {row["type"]: row for row in rows(folder, "environment_totals")}
    assert totals["T1"]["zones"] == 0
    # The lines are 15 km long, of which 2.5 km lie inside.
    lines = rows(folder, "environment_network")
    assert len(lines) == len(LINES)
    assert totals["T21"]["length_km"] == pytest.approx(
        2.5 * sum(row["types"] == "T21" for row in lines)
    )
    # The city lies outside, but counts.
    assert totals["T21"]["lines"] > 0
    assert [row["zone_id"] for row in rows(folder, "zone_scores")] == ["z00"]


@pytest.mark.parametrize(("name", "language"), [("dutch", "nl"), ("workshop", "en")])
def test_the_report_tells_which_types_occur(maps, name, language):
    page = (maps[name] / "rapport.html").read_text()
    for key in ("title", "reading", "types_caption", "classes_caption"):
        assert text(f"steps.environments.{key}", language) in page
    titles = {row["type"]: row["title"] for row in rows(maps[name], TABLES[2])}
    assert f"T1 {titles['T1']}" in page
    assert f"T20 {titles['T20']}" not in page
    assert text("styles.environment_zones.sea_port", language) in page


def test_zones_are_scored_where_a_strategy_is_asked_for(maps):
    for name in ("strategy", "part"):
        found = rows(maps[name], "zone_scores")
        assert all(0 <= row["score"] <= 100 for row in found)
        assert min(row["rank"] for row in found) == 1
    zones = {row["zone_id"] for row in rows(maps["strategy"], "zone_scores")}
    assert zones == {"z00", "z01", "z02"}
    page = (maps["strategy"] / "rapport.html").read_text()
    assert text("steps.zone_scores.caption", "en") in page
    with pytest.raises(sqlite3.OperationalError):
        rows(maps["internal"], "zone_scores")


def test_what_firms_count_for_is_not_in_the_scores_of_zones(maps, tmp_path):
    changed = {"STRATEGY": "WA4", "AUDIENCE": WORKSHOP}
    other = make(tmp_path / "kaart", ESTABLISHMENTS=[firms("6201")], **changed)
    assert rows(other, "zone_scores") == rows(maps["strategy"], "zone_scores")


def test_the_layers_have_a_group_of_their_own_switched_off(maps):
    project = build_project(maps["strategy"], "nl", "Kaart")
    title = text("styles.groups.environments", "nl")
    group = project.layerTreeRoot().findGroup(title)
    names = {node.name(): node.itemVisibilityChecked() for node in group.children()}
    layers = ("zone_scores", "environment_network", "environment_zones")
    titles = [text(f"styles.layers.{name}", "nl") for name in layers]
    assert names == dict.fromkeys(titles, False)
    drawn = find_layer(project, "environment_zones").renderer().categories()
    assert text("styles.environment_zones.sea_port", "nl") in {
        each.label() for each in drawn
    }
    assert find_layer(project, "environment_totals") is not None
    project.clear()
