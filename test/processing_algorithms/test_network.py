"""Travel distance over a road network, through QGIS."""

import json
import sqlite3

import environment_scenes as scenes
import pytest
import shapely
from bad_layers import memory, one_sentence, run, small
from kansenkaart.processing_algorithms.maps.map_run import MapRun
from scene_layers import given

pytestmark = pytest.mark.usefixtures("provider")
ROUND = [(155_000, 463_000), (155_000, 464_000), (156_000, 464_000),
         (156_000, 463_000)]  # fmt: skip
"""From the giver to the receiver, round a water."""
WORKS = {"sbi": "2410", "direction": "supply", "material": "steel_slag"}
CEMENT = {"sbi": "2351", "direction": "demand", "material": "sand"}


RULE = (
    "rule_id;carrier;giver_sbi;material;receiver_sbi;replaces;r_strategy;treatment;"
    "yield;quality_out;reach_km;legal;source\n"
    "R1;material;24;steel_slag;2351;sand;R7;;1;;50;;een bron\n"
)


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "regels.csv"
    path.write_text(RULE)
    return str(path)


def flows(*places):
    """A steelworks, and cement works at the places."""
    rows = [WORKS, *[CEMENT] * len(places)]
    return small(
        "flows",
        [shapely.Point(155_000, 463_000), *map(shapely.Point, places)],
        flow_id="f{}".format,
        actor_id="a{}".format,
        quantity=lambda _: 100.0,
        contracted_share=lambda _: 0.0,
        basis=lambda _: "reported",
        properties=lambda _: None,
        hazardous=lambda _: False,
        **{name: lambda n, name=name: rows[n][name] for name in WORKS},
    )


def network(*lines, mode="road", **more):
    shapes = [shapely.MultiLineString([line]).wkt for line in lines]
    return small("infrastructure", shapes, mode=lambda _: mode, **more)


@pytest.mark.parametrize("algorithm", ["findleads", "matchflows"])
def test_the_distance_is_that_over_the_road(algorithm, rules):
    layer = flows((156_000, 463_000))
    roads = network(ROUND)
    for more, metres in (({}, 1300), ({"NETWORK": roads}, 3000)):
        outcome = run(algorithm, FLOWS=layer, RULES=rules, OUTPUT="memory:", **more)
        assert outcome.ok, outcome.log
        (row,) = outcome.rows()
        assert row["distance_m"] == pytest.approx(metres)
        assert outcome.results["UNREACHED_COUNT"] == 0
    far = {"MAX_DISTANCE": 2900, "NETWORK": roads, "RULES": rules}
    outcome = run(algorithm, FLOWS=layer, OUTPUT="memory:", **far)
    assert not outcome.rows()
    assert "rechte lijn" in outcome.log or "straight line" in outcome.log


@pytest.mark.parametrize("algorithm", ["findleads", "matchflows"])
def test_who_is_not_reached_is_counted_and_said(algorithm, rules):
    places = [(156_000, 463_000), (156_000, 461_500), (159_000, 463_000)]
    roads = network(ROUND, [(159_000, 463_000), (159_500, 463_000)])
    parameters = {"FLOWS": flows(*places), "RULES": rules, "NETWORK": roads}
    outcome = run(algorithm, **parameters, OUTPUT="memory:")
    assert [row["flow_demand"] for row in outcome.rows()] == ["f1"]
    assert outcome.results["UNREACHED_COUNT"] == 2
    assert "2 van 4" in outcome.log or "2 of 4" in outcome.log


ALL = ("findleads", "matchflows", "environmenttypes", "scoreareas")


@pytest.mark.parametrize("algorithm", ALL)
def test_a_network_without_roads_is_refused(algorithm):
    rails = network(ROUND, mode="rail")
    layer = {"FLOWS": flows((156_000, 463_000))}
    if algorithm not in ALL[:2]:
        role = "ZONES" if algorithm == "environmenttypes" else "AREAS"
        layer = {role: small("zones")}
    outcome = run(algorithm, **layer, NETWORK=rails, OUTPUT="memory:")
    one_sentence(outcome.refusal, "NETWORK")


def test_points_are_no_network():
    layer = memory("Point", [shapely.Point(0, 0)], [{"mode": "road"}], {"mode": "text"})
    outcome = run("findleads", FLOWS=flows(), NETWORK=layer, OUTPUT="memory:")
    one_sentence(outcome.refusal, "laag")


def test_zones_are_near_over_the_road():
    """A hub at 500 m in a straight line, of which the road makes 2,500."""
    scene = scenes.scene(
        side=scenes.LARGE, facilities=[("energy_hub", 500 + scenes.LARGE)]
    )
    side = scenes.LARGE
    y = side / 2
    short = [(side - 50, y), (side + 500, y)]
    long = [(side - 50, y), (side + 10, y), (side + 10, y + 4000),
            (side + 500, y + 4000), (side + 500, y)]  # fmt: skip
    found = {}
    for name, line in (("short", short), ("long", long)):
        roads = network(line)
        parameters = given(scene) | {"NETWORK": roads, "OUTPUT": "memory:"}
        areas = {"AREAS": parameters["ZONES"]} | parameters
        criteria = run("scoreareas", **areas, OUTPUT_CRITERIA="memory:")
        assert criteria.ok, criteria.log
        (c8,) = (row["raw"] for row in criteria.rows("OUTPUT_CRITERIA")
                 if (row["area_id"], row["criterion"]) == ("Z", "C8"))  # fmt: skip
        types = run("environmenttypes", **parameters)
        assert types.ok, types.log
        (zone,) = (row for row in types.rows() if row["zone_id"] == "Z")
        found[name] = c8, zone["types"]
    assert found["short"][0] == pytest.approx(500)
    assert found["long"][0] == 5000, "the worst value"
    assert found["short"][1] != found["long"][1]


def test_an_area_off_the_road_has_the_worst_value_and_is_said():
    scene = scenes.scene(facilities=[("energy_hub", 1500)])
    roads = network([(90_000, 90_000), (99_000, 90_000)])
    parameters = given(scene) | {"NETWORK": roads, "OUTPUT": "memory:"}
    areas = {"AREAS": parameters["ZONES"]} | parameters
    outcome = run("scoreareas", **areas, OUTPUT_CRITERIA="memory:")
    assert outcome.ok, outcome.log
    (value,) = (row["value"] for row in outcome.rows("OUTPUT_CRITERIA")
                if (row["area_id"], row["criterion"]) == ("Z", "C8"))  # fmt: skip
    assert value == 0
    assert "1 km" in outcome.log


def test_a_map_takes_the_road(tmp_path, rules, monkeypatch):
    monkeypatch.setattr(MapRun, "_draw", lambda run, folder: None)  # noqa: ARG005
    layers = {
        "ESTABLISHMENTS": [small("establishments")],
        "ZONES": [small("zones")],
        "INFRASTRUCTURE": [small("infrastructure")],
        "FLOWS": flows((156_000, 463_000)),
    }
    settings = tmp_path / "instellingen.toml"
    told = "".join(f'[{name}]\nRULES = "{rules}"\n' for name in ALL[:2])
    settings.write_text(f"{told}[flows]\nMIN_FLOW = 0\n")
    roads = network(ROUND, infra_id="R{}".format)
    for audience, more in enumerate(({"STUDY_AREA": small("zones")}, {})):
        folder = tmp_path / f"kaart{audience}"
        outcome = run("opportunitymap", **layers, NETWORK=roads, AUDIENCE=audience,
                      SETTINGS=str(settings), PDF=False,
                      OUTPUT_FOLDER=str(folder), **more)  # fmt: skip
        assert outcome.ok, outcome.log
        record = json.loads((folder / "run.json").read_text())
        assert "NETWORK" in {each["role"] for each in record["inputs"]}
        with sqlite3.connect(folder / "kansenkaart.gpkg") as database:
            query = "SELECT table_name FROM gpkg_contents"
            assert "network" not in {name for (name,) in database.execute(query)}
            if audience:
                for table in ("leads", "matches"):
                    query = f"SELECT distance_m FROM {table} WHERE rule_id = 'R1'"
                    assert database.execute(query).fetchall() == [(3000,)]
