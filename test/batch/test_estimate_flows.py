"""Estimating flows through real qgis_process, against a loop over the files."""

import csv
import sqlite3
from collections import defaultdict
from pathlib import Path

import pytest

SHIPPED = Path(__file__).resolve().parents[2] / "resources/flows/coefficients.csv"
HEAD = "sbi;direction;carrier;material;low;mode;high;unit;data_quality;source"


def rows_of(path, name):
    with sqlite3.connect(path) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(f'SELECT * FROM "{name}"')]


def inputs_of(province, role):
    return rows_of(*province[role].split("|layername="))


def expected_totals(firms, coefficients):
    """Total per direction and material of the firms, row by row."""
    totals = defaultdict(float)
    for firm in firms:
        best = defaultdict(list)
        for row in coefficients:
            if row["per"] == "job" and firm["sbi"].startswith(row["sbi"]):
                stream = (row["direction"], row["material"])
                best[stream].append((len(row["sbi"]), float(row["mode"])))
        for stream, found in best.items():
            longest = max(found)[0]
            modes = (mode for length, mode in found if length == longest)
            totals[stream] += (firm["jobs"] or 0) * sum(modes)
    return {stream: total for stream, total in totals.items() if total}


def totals_of(flows):
    totals = defaultdict(float)
    for row in flows:
        totals[row["direction"], row["material"]] += row["quantity"]
    return dict(totals)


def test_mandatory_only(run, province, tmp_path):
    output = tmp_path / "flows.gpkg"
    found = run(
        "estimateflows", ESTABLISHMENTS=province["ESTABLISHMENTS"], OUTPUT=str(output)
    )
    flows = rows_of(output, "flows")
    assert len(flows) == found["FLOW_COUNT"] > 10_000
    with SHIPPED.open(encoding="utf-8") as file:
        coefficients = list(csv.DictReader(file, delimiter=";"))
    expected = expected_totals(inputs_of(province, "ESTABLISHMENTS"), coefficients)
    assert totals_of(flows) == pytest.approx(expected, rel=1e-9)
    (style,) = rows_of(output, "layer_styles")
    assert style["styleName"] == "flows"


def test_all_parameters(run, province, tmp_path):
    firms = inputs_of(province, "ESTABLISHMENTS")
    whole = tmp_path / "whole.gpkg"
    run("estimateflows", ESTABLISHMENTS=province["ESTABLISHMENTS"], OUTPUT=str(whole))
    own, extra = tmp_path / "own.csv", tmp_path / "extra.csv"
    codes = sorted({firm["sbi"][:2] for firm in firms})
    own.write_text(
        f"{HEAD};per;kind\n"
        + "".join(
            f"{code};supply;material;waste_paper;0,1;0,5;2;t/y;4;bron;job;\n"
            for code in codes
        )
        + ";supply;material;gft;0,1;0,5;2;t/y;4;bron;inhabitant;\n"
        ";supply;material;straw;0,1;0,5;2;t/y;4;bron;ha;agriculture\n"
        ";supply;material;roadside_grass;0,1;0,5;2;t/y;4;bron;km;road\n"
    )
    extra.write_text(
        f"{HEAD}\n{codes[0]};supply;material;waste_paper;0;0;0;t/y;4;uit\n"
    )
    output, skipped = tmp_path / "flows.gpkg", tmp_path / "skipped.gpkg"
    roles = ("ESTABLISHMENTS", "REGIONS", "ZONES", "INFRASTRUCTURE")
    found = run(
        "estimateflows",
        **{role: province[role] for role in roles},
        COEFFICIENTS=str(own),
        EXTRA_COEFFICIENTS=str(extra),
        REPORTED=f"{whole}|layername=whole|subset=material = 'waste_paper'",
        OUTPUT=str(output),
        SKIPPED=str(skipped),
    )
    flows = rows_of(output, "flows")
    assert len(flows) == found["FLOW_COUNT"]
    assert len(rows_of(skipped, "skipped")) == sum(
        firm["jobs"] is None for firm in firms
    )
    reported = [
        row for row in rows_of(whole, "whole") if row["material"] == "waste_paper"
    ]
    told = {row["actor_id"] for row in reported if row["direction"] == "supply"}
    ids = {row["flow_id"] for row in reported}
    of_firms = sum(
        0.5 * (firm["jobs"] or 0)
        for firm in firms
        if firm["est_id"] not in told and not firm["sbi"].startswith(codes[0])
    )
    people = sum(row["population"] or 0 for row in inputs_of(province, "REGIONS"))
    mine = [row for row in flows if row["flow_id"] not in ids]
    assert found["REPORTED_COUNT"] == len(reported) == len(flows) - len(mine)
    assert found["REPLACED"] > 0
    totals = totals_of(mine)
    assert totals["supply", "waste_paper"] == pytest.approx(of_firms, rel=1e-9)
    assert totals["supply", "gft"] == pytest.approx(0.5 * people, rel=1e-9)
    assert totals["supply", "roadside_grass"] > 0 < totals["supply", "straw"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("10;supply;material;gft;1;2;4;m3/y;3;bron", ["unit", "t/y"]),
        ("10;supply;material;gft;1;twee;4;t/y;3;bron", ["mode", "twee"]),
        ("10;supply;material;gft;3;2;4;t/y;3;bron", ["low", "high"]),
    ],
)
def test_refused(refused, province, tmp_path, row, words):
    file = tmp_path / "kentallen.csv"
    file.write_text(f"{HEAD}\n{row}\n")
    told = refused(
        "estimateflows",
        ESTABLISHMENTS=province["ESTABLISHMENTS"],
        COEFFICIENTS=str(file),
    )
    assert all(word in told for word in words), told
