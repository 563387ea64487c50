"""Flows in an opportunity map, through QGIS: what is written, told and left out."""

import json
import sqlite3

import pytest
import shapely
from bad_layers import memory, one_sentence, run, small
from kansenkaart.analysis.flows.tables import unit_name
from kansenkaart.analysis.texts import text
from kansenkaart.processing_algorithms.maps.map_run import MapRun

pytestmark = pytest.mark.usefixtures("provider", "undrawn")

WORKSHOP, INTERNAL = 0, 1
CODES = ("1013", "1071", "2511", "4711", "6201", "5610", "4321", "4941")
SPOTS = [
    (start + 20 * (n % 10), 463_000 + 20 * (n // 10))
    for start in (155_100, 158_100)
    for n in range(80)
]
ZONES = [shapely.box(x, 462_500, x + 900, 463_500).wkt for x in (155_000, 158_000)]
LINES = [f"MULTILINESTRING ((150000 {y}, 165000 {y}))" for y in (463_200, 462_900)]
KEYS = "direction, carrier, material, unit"
FLOW = {"direction": "supply", "carrier": "material", "material": "gft",
        "quantity": 700.0, "unit": "t/y", "basis": "reported"}  # fmt: skip
TEXTS = ("flow_id", "actor_id", "actor_name", "sbi", "direction", "carrier",
         "material", "unit", "basis", "source")  # fmt: skip
REALS = ("quantity", "quantity_low", "quantity_high", "data_quality", "year")


@pytest.fixture(scope="module")
def undrawn():
    """Leave out project and page, which are tested elsewhere and take most time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MapRun, "_draw", lambda run, folder: None)  # noqa: ARG005
        yield


def point(x, y):
    return f"POINT ({x} {y})"


def firms():
    """Firms in two zones; the first has no jobs, the second cleans sewage."""
    return small(
        "establishments",
        [point(*spot) for spot in SPOTS],
        est_id="Firma{:02}".format,
        name="Geheim {}".format,
        sbi=lambda n: "3700" if n == 1 else CODES[n % 8],
        jobs=lambda n: None if n == 0 else 6.0 + n % 5,
    )


def plants():
    """One beside the second firm, one alone, and two that tell too little."""
    units = ("p.e.", "p.e.", "m3/h", None)
    places = [(155_120, 462_900), (157_000, 463_000), (155_500, 463_300),
              (157_500, 463_000)]  # fmt: skip
    return small(
        "facilities",
        [point(*place) for place in places],
        name=lambda n: f"Rwzi {n}",
        kind=lambda n: "quay" if n == 3 else "wwtp",
        capacity=lambda n: None if n == 3 else 1e5,
        unit=lambda n: units[n],
    )


def reports(*rows):
    """Reported flows, by default one of a firm and one of nobody."""
    rows = rows or ({"actor_id": "Firma02"}, {"actor_id": "elders", "quantity": 3.0})
    told = [{"flow_id": f"R{n}", "actor_name": "Geheim B.V."} | FLOW | row
            for n, row in enumerate(rows)]  # fmt: skip
    columns = dict.fromkeys(TEXTS, "text") | dict.fromkeys(REALS, "real")
    shapes = [point(155_140, 463_000)] * len(told)
    return memory("Point", shapes, told, columns, name="opgaven")


def make(folder, settings="", **changed):
    """Make a map; settings are the text of the file."""
    layers = {
        "ESTABLISHMENTS": [firms()],
        "ZONES": [small("zones", ZONES)],
        "INFRASTRUCTURE": [small("infrastructure", LINES)],
        "REGIONS": small("regions", ZONES, population=lambda _: 40_000.0),
        "FACILITIES": [plants()],
        "FLOWS": reports(),
    }
    path = folder.with_suffix(".toml")
    path.write_text(settings)
    given = {"SETTINGS": str(path), "LANGUAGE": 1, "AUDIENCE": INTERNAL, "PDF": False}
    return run("opportunitymap", **layers | given | {"OUTPUT_FOLDER": str(folder)}
               | changed)  # fmt: skip


def table(folder, query):
    with sqlite3.connect(folder / "kansenkaart.gpkg") as database:
        return database.execute(query).fetchall()


def totals(folder, fields="sum(quantity), sum(quantity_low), sum(quantity_high)"):
    query = f"SELECT {KEYS}, {fields} FROM flows GROUP BY {KEYS}"
    return {row[:4]: row[4:] for row in table(folder, query)}


@pytest.fixture(scope="module")
def maps(provider, undrawn, tmp_path_factory):  # noqa: ARG001 - they must be there
    """Maps of one scene: every flow by itself, for a workshop, and of a part."""
    base = tmp_path_factory.mktemp("stromen")
    extra = base / "vertrouwelijke klant" / "kentallen.csv"
    extra.parent.mkdir()
    extra.write_text(
        "sbi;direction;carrier;material;low;mode;high;unit;data_quality;source\n"
        "1013;supply;material;eigen_stof;1;100;200;t/y;3;proef\n"
    )
    more = f'[estimateflows]\nEXTRA_COEFFICIENTS = "{extra}"\n'
    west = small("zones", [shapely.box(155_000, 462_000, 156_500, 464_000).wkt])
    told = {
        "single": (more + "[flows]\nMIN_FLOW = 0\n", {}),
        "workshop": (more, {"AUDIENCE": WORKSHOP}),
        "part": ("[flows]\nSAME_SITE = 50\n", {"STUDY_AREA": west}),
    }
    folders = {}
    for name, (settings, changed) in told.items():
        outcome = make(base / name, settings, **changed)
        assert outcome.ok, outcome.log
        folders[name] = base / name
    return folders


def test_small_flows_are_bundled_unless_none_is_small(maps):
    query = "SELECT count(*), sum(bundled), max(quantity) FROM flows"
    for name, bundled in (("single", False), ("part", True)):
        ((rows, flows, largest),) = table(maps[name], query)
        assert (rows < flows) == bundled and largest >= 700


def test_balances_and_places_are_those_of_the_flows(maps):
    """In a workshop what is in no cluster is not drawn."""
    where = {"single": "area_id = 'all'", "part": "area_id = 'all'",
             "workshop": "area_id NOT IN ('all', 'rest')"}  # fmt: skip
    for name, folder in maps.items():
        sums = totals(folder)
        both = {"supply": {}, "demand": {}}
        for direction, found in both.items():
            query = (
                f"SELECT carrier, material, unit, sum({direction}) FROM "
                f"resource_balance WHERE {where[name]} GROUP BY 1, 2, 3"
            )
            found |= {row[:3]: row[3] for row in table(folder, query) if row[3]}
            own = {key[1:]: sums[key][0] for key in sums if key[0] == direction}
            assert found == pytest.approx(own, rel=1e-9), name
        keys = "carrier || unit || direction"
        drawn, listed = (
            dict(table(folder, f"SELECT {keys}, sum(quantity) FROM {layer} GROUP BY 1"))
            for layer in ("flow_places", "flows")
        )
        assert drawn == pytest.approx(listed, rel=1e-9)


def test_a_report_a_plant_and_jobs_never_count_twice(maps):
    rows = table(maps["single"], "SELECT actor_id, direction, material, quality, "
                 "count(*) FROM flows GROUP BY 1, 2, 3, 4")  # fmt: skip
    assert {row[-1] for row in rows} == {1}
    gft = dict(table(maps["single"], "SELECT actor_id, quantity FROM flows WHERE "
                     "material = 'gft' AND direction = 'supply'"))  # fmt: skip
    assert gft["Firma02"] == 700 and gft["elders"] == 3
    plant = table(maps["single"], "SELECT flow_id FROM flows WHERE actor_id = 'Firma01'"
                  " AND flow_id LIKE '%wwtp%'")  # fmt: skip
    actors = {row[0] for row in table(maps["single"], "SELECT actor_id FROM flows")}
    assert plant and "facility-f01" in actors and "facility-f00" not in actors


def test_extra_coefficients_of_the_settings_count(maps):
    jobs = sum(6.0 + n % 5 for n in range(8, len(SPOTS), 8))
    key = ("supply", "material", "eigen_stof", "t/y")
    assert totals(maps["single"])[key][0] == pytest.approx(100 * jobs)
    assert key not in totals(maps["part"])


def test_skipped_tells_who_gives_no_flow_and_why(maps):
    told = dict(table(maps["single"], "SELECT source_id, reason FROM skipped"))
    assert set(told) == {"Firma00", "f02", "f03"}
    assert "p.e." in told["f02"] and "jobs" in told["Firma00"].lower()
    rows = table(maps["workshop"], "SELECT source_id, count FROM skipped")
    assert sum(count for _, count in rows) == 3
    assert {source for source, _ in rows} == {None}


def test_a_workshop_sees_no_firm_and_no_folder(maps):
    folder = maps["workshop"]
    parts = [path.read_bytes() for path in folder.iterdir()]
    for word in (b"Geheim", b"Firma", b"elders"):
        assert not any(word in part for part in parts), word
    record = (folder / "run.json").read_text()
    assert "kentallen.csv" in record
    assert "vertrouwelijke klant" not in record
    assert "vertrouwelijke klant" in (maps["single"] / "run.json").read_text()


def test_a_workshop_sees_published_groups_and_facilities_by_name(maps):
    rows = table(maps["workshop"], "SELECT actor_id, actor_name, sbi FROM flows")
    assert {("facility-f00", "Rwzi 0", None), ("facility-f01", "Rwzi 1", None)} <= {
        *rows
    }
    # Jobs of a division are told of the whole map, and of no cluster.
    query = "SELECT material FROM resource_balance WHERE area_id = 'rest'"
    rest = {material for (material,) in table(maps["workshop"], query)}
    query = "SELECT material FROM resource_balance WHERE area_id = 'all'"
    every = {material for (material,) in table(maps["workshop"], query)}
    assert {"waste_paper", "water"} <= rest and "eigen_stof" not in every


def test_assumptions_list_the_limits(maps):
    step = text("steps.flows.title", "en")
    query = f"SELECT value, unit, set_by FROM assumptions WHERE step = '{step}'"
    own, shipped = (table(maps[name], query) for name in ("single", "workshop"))
    units = {unit_name(each, "en") for each in ("t/y", "m3/y", "MWh/y")}
    for rows, values in ((own, {"0"}), (shipped, {"5\u202f000", "250", "50", "10"})):
        limits = [row for row in rows if row[1] in units]
        assert values <= {value for value, _, _ in limits}
        assert {unit for _, unit, _ in limits} == units
    assert {row[2] for row in own if row[0] == "0"}.isdisjoint(
        row[2] for row in shipped
    )


def test_the_report_tells_of_flows(maps):
    for name, folder in maps.items():
        page = (folder / "rapport.html").read_text()
        assert page.count('class="balance"') >= 2, name


def test_only_flows_inside_the_study_area(maps):
    shapes = [row[0] for row in table(maps["part"], "SELECT geom FROM flows")]
    xs = [shapely.from_wkb(shape[8:]).x for shape in shapes]
    assert min(xs) >= 155_000 and max(xs) <= 156_500
    actors = {actor for (actor,) in table(maps["part"], "SELECT actor_id FROM flows")}
    assert "facility-f01" not in actors
    # With a smaller distance the first plant is no longer a firm.
    assert "facility-f00" in actors


def test_given_estimates_are_all_there_is(tmp_path):
    rows = ({"actor_id": "Firma03", "basis": "estimated"}, {"actor_id": "Firma04"})
    outcome = make(tmp_path / "kaart", FLOWS=reports(*rows))
    assert outcome.ok, outcome.log
    found = table(tmp_path / "kaart", "SELECT flow_id FROM flows ORDER BY 1")
    assert found == [("R0",), ("R1",)]
    said = json.loads((tmp_path / "kaart" / "run.json").read_text())["warnings"]
    assert any("(1)" in each and "estimates" in each for each in map(str, said))


ODD = (
    {"actor_id": None},
    {"material": None, "carrier": "heat", "unit": "MWh/y"},
    {"direction": None},
    {"carrier": None},
    {"unit": None},
    {"unit": "GJ"},
    {"material": "<script>x</script>"},
    {"quantity": None},
    {"quantity": -4.0},
    {"quantity": 1e300},
    {"basis": None},
    {"actor_id": "region-7"},
)
"""What no prepare algorithm writes."""


def test_odd_flows_of_all_kinds_make_a_map(tmp_path):
    rows = [{"actor_id": f"Firma{n:02}"} | change for n, change in enumerate(ODD)]
    outcome = make(tmp_path / "kaart", FLOWS=reports(*rows))
    assert outcome.ok, outcome.log
    assert "<script>" not in (tmp_path / "kaart" / "rapport.html").read_text()


def test_a_map_without_estimates_or_reports(tmp_path):
    nothing = small("establishments", [point(*spot) for spot in SPOTS],
                    jobs=lambda _: None)  # fmt: skip
    absent = dict.fromkeys(("FLOWS", "FACILITIES", "REGIONS"))
    given = {"ESTABLISHMENTS": [nothing], "AUDIENCE": WORKSHOP}
    outcome = make(tmp_path / "kaart", **given | absent)
    assert outcome.ok, outcome.log


BAD_SETTINGS = {
    "unknown": "[flows]\nMIN_FLOWS = 3\n",
    "negative": "[flows]\nMIN_FLOW = -1\n",
    "text": '[flows]\nMIN_FLOW = "veel"\n',
    "yes": "[flows]\nMIN_FLOW = true\n",
    "nan": "[flows]\nMIN_FLOW = nan\n",
    "list": "[flows]\nMIN_FLOW = [5]\n",
    "name": "[flows.MIN_FLOW]\nschroot = 5\n",
    "nested": "[flows.MIN_FLOW.material]\ngft = 5\n",
    "site": '[flows]\nSAME_SITE = "ver"\n',
    "zero": "[flows]\nSAME_SITE = 0\n",
    "file": '[estimateflows]\nCOEFFICIENTS = "nergens/a.csv"\n',
    "number": "[estimateflows]\nEXTRA_COEFFICIENTS = 5\n",
    "factors": '[facilityflows]\nFACTORS = "nergens/a.csv"\n',
}


@pytest.mark.parametrize("name", BAD_SETTINGS)
def test_settings_that_make_no_sense_are_refused(name, tmp_path):
    told = make(tmp_path / "kaart", BAD_SETTINGS[name]).refusal
    one_sentence(told)
    assert not (tmp_path / "kaart").exists()
