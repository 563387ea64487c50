"""Scores through real qgis_process: all tables, weighing again, a wide weights file."""

import pytest
from geopackages import only_table

PAIRS = "criterion;C8;space;C10\nC8;1;3;5\nspace;1/3;1;2\nC10;1/5;1/2;1\n"
VOTES = "criterion;gemeente;haven\nC8;20;70\nspace;20;20\nC10;60;10\n"
TABLES = (
    "OUTPUT_CRITERIA", "OUTPUT_STAKEHOLDERS", "OUTPUT_CENTRAL", "OUTPUT_STRATEGIES",
)  # fmt: skip


@pytest.fixture(scope="module")
def scored(run, province, tmp_path_factory):
    """Zones scored by judgements and stakeholders, with every table."""
    folder = tmp_path_factory.mktemp("scored")
    files = {"PAIRWISE": PAIRS, "WEIGHTS_FILE": VOTES}
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    roles = ("FACILITIES", "INFRASTRUCTURE", "CONSTRAINTS")
    paths = {name: folder / f"{name}.gpkg" for name in ("OUTPUT", *TABLES)}
    results = run(
        "scoreareas",
        AREAS=province["ZONES"],
        STRATEGY="WA3",
        METHOD=0,
        DRAWS=200,
        CONFIDENCE=2,
        SEED=7,
        TOP=5,
        LANGUAGE=1,
        **{role: province[role] for role in roles},
        **{name: str(folder / f"{name}.csv") for name in files},
        **{name: str(path) for name, path in paths.items()},
    )
    return results, paths


def test_all_tables(scored):
    results, paths = scored
    table = {name: only_table(path) for name, path in paths.items()}
    areas = table["OUTPUT"]
    assert results["AREA_COUNT"] == len(areas) > 100
    assert 0 < results["CONSISTENCY_RATIO"] < 0.1
    assert {row["criterion"] for row in table["OUTPUT_CRITERIA"]} == {
        "C8", "space", "C10"
    }  # fmt: skip
    ranked = [row for row in areas if row["rank"] is not None]
    assert all(row["rank_low"] <= row["rank_high"] for row in ranked)
    assert all(0 <= row["acceptability"] <= 1 for row in ranked)
    votes = table["OUTPUT_STAKEHOLDERS"]
    assert {row["stakeholder"] for row in votes} == {"gemeente", "haven"}
    assert any(row["dispute"] > 5 and row["cause"] == "C10" for row in votes)
    central = table["OUTPUT_CENTRAL"]
    best = {row["zone_id"] for row in ranked if row["acceptability"] > 0}
    assert {row["area_id"] for row in central} == best
    of_strategies = table["OUTPUT_STRATEGIES"]
    assert {row["strategy"][:4] for row in of_strategies} == {"WA3."}


def test_weighing_again(scored, run, tmp_path):
    _, paths = scored
    again = run(
        "scoreareas",
        AREAS=str(paths["OUTPUT"]),
        CRITERIA=str(paths["OUTPUT_CRITERIA"]),
        WEIGHTS=["C10", 1, "space", 3],
        METHOD=1,
        OUTPUT=str(tmp_path / "again.gpkg"),
    )
    rows = only_table(tmp_path / "again.gpkg")
    values = {}
    for row in only_table(paths["OUTPUT_CRITERIA"]):
        values.setdefault(row["area_id"], {})[row["criterion"]] = row["value"]
    assert again["AREA_COUNT"] == len(rows)
    for row in rows:
        own = values[row["zone_id"]]
        if own["space"] is None:
            continue
        expected = 100 * own["C10"] ** 0.25 * own["space"] ** 0.75
        assert row["score"] == pytest.approx(expected, abs=1e-9)


def test_refusals(refusal, province, tmp_path):
    file = tmp_path / "paren.csv"
    file.write_text("criterion;C8;space\nC8;1;veel\nspace;;1\n", encoding="utf-8")
    told = refusal("scoreareas", AREAS=province["ZONES"], PAIRWISE=str(file))
    assert "veel" in told
