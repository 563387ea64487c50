"""Ranking clusters through QGIS: what comes out, and what is refused."""

import geopandas as gpd
import pytest
import shapely
from bad_layers import SQUARES, one_sentence, run, small
from kansenkaart.analysis.confidentiality import publishable
from kansenkaart.processing_algorithms.clusters.rank_clusters import RankClusters
from kansenkaart.processing_algorithms.maps.settings import StepSettings
from kansenkaart.processing_algorithms.maps.steps.rank_clusters import STEP

pytestmark = pytest.mark.usefixtures("provider")


def clusters(**changed):
    """Three clusters, the last one with waste firms."""
    usual = {
        "cluster_id": lambda n: f"C{n + 1}",
        "jobs": lambda n: 30.0 - 10 * n,
        "establishments": lambda n: 30 - 10 * n,
        "value_added_keur": lambda _: None,
        "low_hanging_fruit": lambda n: n == 2,
    }
    return small("clusters", SQUARES, **(usual | changed))


def ranked(**parameters):
    return run("rankclusters", **({"CLUSTERS": clusters()} | parameters))


def test_the_clusters_come_out_with_their_ranking():
    outcome = ranked(OUTPUT="memory:", OUTPUT_CRITERIA="memory:", TOP=1, LANGUAGE=1)
    rows = outcome.rows()
    assert [row["rank"] for row in rows] == [1, 2, 3]
    assert [row["score"] for row in rows] == [100, 50, 0]
    assert [row["selected"] for row in rows] == [True, False, True]
    assert [row["group"] for row in rows] == ["all"] * 3
    assert "Low-hanging fruit" in rows[2]["why"]
    assert len(outcome.rows("OUTPUT_CRITERIA")) == 15
    counts = {key: value for key, value in outcome.results.items() if "COUNT" in key}
    assert counts == {
        "CLUSTER_COUNT": 3,
        "RANKED_COUNT": 3,
        "SELECTED_COUNT": 2,
        "FLAGGED_COUNT": 1,
    }


def test_a_geopackage_can_be_read_at_once(tmp_path):
    outcome = ranked(OUTPUT=str(tmp_path / "kansrijk.gpkg"))
    assert len(outcome.rows()) == 3


def test_clusters_of_ones_own():
    """Polygons with an id and one figure."""
    kept = {"cluster_id", "jobs"}
    others = [field.name() for field in clusters().fields() if field.name() not in kept]
    outcome = ranked(
        CLUSTERS=small("clusters", SQUARES, without=others, jobs=lambda n: n),
        OUTPUT="memory:",
    )
    rows = outcome.rows()
    assert [row["score"] for row in rows] == [0, 50, 100]
    # One of five criteria is too little by default.
    assert [row["rank"] for row in rows] == [None] * 3
    assert [row["low_hanging_fruit"] for row in rows] == [None] * 3
    assert "waste" in outcome.log


def test_nothing_known_is_refused():
    unknown = {name: lambda _: None for name in ("jobs", "establishments")}
    told = ranked(CLUSTERS=clusters(**unknown), OUTPUT="memory:").refusal
    one_sentence(told, "clusters", "jobs")


@pytest.mark.parametrize("cells", [["jobs", "0"], ["C1_mass", "1"], ["jobs", "x"]])
def test_weights_that_make_no_sense_are_refused(cells):
    one_sentence(ranked(WEIGHTS=cells, OUTPUT="memory:").refusal)


def test_a_file_beats_the_table(tmp_path):
    path = tmp_path / "gewichten.csv"
    path.write_text("criterion;weight\njobs;1\n", encoding="utf-8")
    outcome = ranked(
        CLUSTERS=clusters(jobs=lambda n: 10.0 * n),
        WEIGHTS=["establishments", "1"],
        WEIGHTS_FILE=str(path),
        OUTPUT="memory:",
    )
    assert [row["rank"] for row in outcome.rows()] == [3, 2, 1]


def test_flows_count_where_they_lie():
    places = ["POINT (155100 463000)", "POINT (156100 463000)", "POINT (0 0)"]
    flows = small("flows", places, quantity=lambda n: 10.0 * (n + 1))
    outcome = ranked(FLOWS=flows, OUTPUT="memory:", OUTPUT_CRITERIA="memory:")
    raw = {
        row["cluster_id"]: row["raw"]
        for row in outcome.rows("OUTPUT_CRITERIA")
        if row["criterion"] == "residual_streams"
    }
    assert raw == {"C1": 0, "C2": 10, "C3": 20}
    assert [row["completeness"] for row in outcome.rows()] == pytest.approx([0.6] * 3)


# The step of the map.


def published(**figures):
    """What a workshop may know of three clusters."""
    square = shapely.box(0, 0, 100, 100)
    known = {
        "cluster_id": ["C1", "C2", "C3"],
        "name": ["Havenkom", "Oostwal", "C3"],
        "group_name": "Alle bedrijven samen",
        "low_hanging_fruit": [False, False, True],
        "withheld": [None, "jobs", "few"],
        **figures,
    }
    return gpd.GeoDataFrame(known, geometry=[square] * 3, crs="EPSG:28992")


def step(clusters):
    """Outcome of the step, and its section of the report."""
    fixed = {"LANGUAGE": 0, "WEIGHTS_FILE": None}
    settings = StepSettings(RankClusters().create(), {}, fixed, "nl", None)
    outcome = STEP.compute({"clusters": clusters}, settings, lambda _: True)
    tables = {name: publishable(name, table) for name, table in outcome.tables.items()}
    return outcome, tables, outcome.section(tables)


def test_the_step_ranks_what_is_published_and_tells_no_more():
    figures = {"jobs": [40.0, None, None], "establishments": [20.0, 30.0, None]}
    outcome, tables, section = step(published(**figures))
    assert STEP.from_published
    assert set(outcome.tables["clusters"]) == set(tables["clusters"])
    assert set(outcome.tables["cluster_criteria"]) == set(tables["cluster_criteria"])
    assert tables["clusters"]["rank"].tolist()[0] == 1
    assert tables["clusters"]["rank"].isna().tolist() == [False, True, True]
    assert tables["clusters"]["selected"].tolist() == [True, False, True]
    (table,) = section.tables
    assert [row[0] for row in table.rows] == ["Havenkom", "C3"]
    assert "economische waarde" in " ".join(section.paragraphs)


def test_a_map_is_made_though_all_is_withheld():
    figures = {"jobs": [None] * 3, "establishments": [None] * 3}
    _, tables, section = step(published(**figures))
    assert tables["clusters"]["rank"].isna().all()
    assert [row[0] for row in section.tables[0].rows] == ["C3"]
