"""Coalitions through real qgis_process: only the mandatory, and all parameters."""

import sqlite3

import pytest
from geopackages import only_table


@pytest.fixture(scope="module")
def layers(run, province, tmp_path_factory):
    """Matches of the demo province, and what lies behind them."""
    folder = tmp_path_factory.mktemp("matches")
    paths = {
        name: str(folder / f"{name}.gpkg") for name in ("FLOWS", "MATCHES", "UNLOCKS")
    }
    establishments = province["ESTABLISHMENTS"]
    run("estimateflows", ESTABLISHMENTS=establishments, OUTPUT=paths["FLOWS"])
    run(
        "matchflows",
        FLOWS=paths["FLOWS"],
        OUTPUT=paths["MATCHES"],
        OUTPUT_UNLOCKS=paths["UNLOCKS"],
    )
    return paths


def test_mandatory_only(run, layers, tmp_path):
    output = tmp_path / "coalities.gpkg"
    results = run("coalitions", MATCHES=layers["MATCHES"], OUTPUT=str(output))
    rows = only_table(output)
    assert results["COALITION_COUNT"] == len(rows)
    matches = len(only_table(layers["MATCHES"]))
    counted = ("MATCH_COUNT", "UNUSABLE_COUNT", "SMALL_COUNT", "BETWEEN_COUNT")
    assert sum(results[name] for name in counted) == matches
    with sqlite3.connect(output) as database:
        (style,) = database.execute("SELECT styleName FROM layer_styles").fetchone()
    assert style == "coalitions"


def test_all_parameters(run, province, layers, tmp_path):
    names = ("OUTPUT", "OUTPUT_PARTIES", "OUTPUT_LINKS", "OUTPUT_MISSING")
    paths = {name: tmp_path / f"{name}.gpkg" for name in names}
    results = run(
        "coalitions",
        **layers,
        REGIONS=province["REGIONS"],
        MAX_PARTIES=6,
        MAX_DISTANCE=20000,
        MIN_SIZE=0.01,
        **{name: str(path) for name, path in paths.items()},
    )
    coalitions, parties, links, missing = (only_table(paths[name]) for name in names)
    assert results["COALITION_COUNT"] == len(coalitions) > 1
    seated = [row for row in parties if row["at_table"]]
    assert results["PARTY_COUNT"] == len(seated)
    assert len(parties) - len(seated) == sum(row["followers"] for row in coalitions)
    assert len({row["actor_id"] for row in parties}) == len(parties)
    assert sum(row["matches"] for row in links) == results["MATCH_COUNT"]
    known = {row["coalition_id"] for row in coalitions}
    assert {row["coalition_id"] for row in missing} <= known
    for row in coalitions:
        own = [each for each in seated if each["coalition_id"] == row["coalition_id"]]
        assert 3 <= len(own) == row["parties"] <= 6
        assert sum(each["stake"] for each in own) == pytest.approx(1)
        assert 0 <= row["balance"] <= 1 and 0 < row["held"] <= 1
        assert row["longest_m"] <= 20000
        assert [each["actor_id"] for each in own if each["is_tie"]] == [row["tie"]]
