"""Business density through real qgis_process."""

import sqlite3

import pytest
import shapely
import workshop_attack as attack
from geopackages import only_table
from scene_settings import NO_FLOWS


def style_of(path, table):
    query = "SELECT styleName, styleQML FROM layer_styles WHERE f_table_name = ?"
    with sqlite3.connect(path) as database:
        return database.execute(query, [table]).fetchone()


def test_mandatory_only(run, province):
    found = run("businessdensity", ESTABLISHMENTS=province["ESTABLISHMENTS"])
    assert found["HEXAGON_COUNT"] > 100
    assert found["UNGROUPED"] == 0


def test_all_parameters(run, province, tmp_path):
    mine = tmp_path / "mijn.csv"
    mine.write_text("sbi;group;name_nl;name_en\n1;een;Een;One\nF;bouw;Bouw;Building\n")
    output = tmp_path / "density.gpkg"
    found = run(
        "businessdensity",
        ESTABLISHMENTS=province["ESTABLISHMENTS"],
        GROUPING=str(mine),
        MEASURE=1,
        CELL_SIZE=800,
        RADIUS=1600,
        OUTPUT=str(output),
    )
    rows = only_table(output)
    assert len(rows) == found["HEXAGON_COUNT"]
    assert max(row["density"] for row in rows) == pytest.approx(found["HIGHEST"])
    assert {row["group"] for row in rows} == {"bouw", "een"}
    assert sum(row["establishments"] for row in rows) == 3000 - found["UNGROUPED"]
    assert {row["measure"] for row in rows} == {"jobs"}
    name, content = style_of(output, "density")
    assert name == "density_jobs"
    assert "km²" in content


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"CELL_SIZE": 0}, ["CELL_SIZE"]),
        (
            {"CELL_SIZE": 5, "RADIUS": 2000},
            ["2\u202f000\u202f000", "CELL_SIZE", "RADIUS"],
        ),
        ({"GROUPING": "sectoren"}, ["sectoren", "section"]),
        ({"MEASURE": 2}, ["MEASURE"]),
    ],
)
def test_refused(refused, province, parameters, words):
    told = refused(
        "businessdensity", ESTABLISHMENTS=province["ESTABLISHMENTS"], **parameters
    )
    assert all(word in told for word in words), told


@pytest.fixture(scope="module")
def workshop(run, province, tmp_path_factory):
    """The workshop's map, with a kernel of jobs for each theme asked for."""
    folder = tmp_path_factory.mktemp("workshop")
    settings = folder / "settings.toml"
    settings.write_text(
        "[businessdensity]\nGROUPING = 'themes'\nMEASURE = 'jobs'\n"
        "RADIUS = 1500\nCELL_SIZE = 2000\n" + NO_FLOWS
    )
    output = folder / "kaart"
    layers = ("ESTABLISHMENTS", "ZONES", "INFRASTRUCTURE", "REGIONS")
    run(
        "opportunitymap",
        **{role: province[role] for role in layers},
        SETTINGS=str(settings),
        PDF=False,
        OUTPUT_FOLDER=str(output),
    )
    return output


def test_a_workshop_sees_classes_only(workshop, province):
    rows = attack.table(workshop / "kansenkaart.gpkg", "density")
    assert len(rows) > 20
    shown = {"fid", "geom", "hex_id", "group", "group_name", "count_class"}
    assert {name for row in rows for name in row} <= shown
    path, _, name = province["ESTABLISHMENTS"].partition("|layername=")
    tree = shapely.STRtree([firm["geom"] for firm in attack.table(path, name)])
    for row in rows:
        # Firms of other groups lie in it too.
        there = len(tree.query(row["geom"], predicate="intersects"))
        assert there >= int(row["count_class"].rstrip("+").partition("–")[0]) >= 3
    assert style_of(workshop / "kansenkaart.gpkg", "density")[0] == "density_classes"
    themes = {row["group"] for row in rows}
    assert len(themes) > 1
    report = (workshop / "rapport.html").read_text("utf-8")
    assert max(row["count_class"] for row in rows) in report
