"""Estimating flows in QGIS: what is written, said, refused and styled."""

import pytest
from bad_layers import one_sentence, run, small, usual

pytestmark = pytest.mark.usefixtures("provider")

HEAD = "sbi;direction;carrier;material;low;mode;high;unit;data_quality;source"
GFT = "10;supply;material;gft;1;2;4;t/y;3;een bron"


@pytest.fixture
def file(tmp_path):
    """Write a file of coefficients."""

    def write(*rows, name="kentallen.csv", head=HEAD):
        path = tmp_path / name
        path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        return str(path)

    return write


def firms(sbi="1013", jobs=10.0):
    return small("establishments", sbi=lambda _: sbi, jobs=lambda _: jobs)


def estimated(**parameters):
    given = {"ESTABLISHMENTS": firms(), "OUTPUT": "memory:", "SKIPPED": "memory:"}
    return run("estimateflows", **(given | parameters))


def test_mandatory_only():
    outcome = run("estimateflows", ESTABLISHMENTS=firms(), OUTPUT="memory:")
    rows = outcome.rows()
    assert len(rows) == outcome.results["FLOW_COUNT"] > 10
    assert {row["basis"] for row in rows} == {"estimated"}
    assert [row["flow_id"] for row in rows] == sorted(row["flow_id"] for row in rows)
    assert sum(
        outcome.results[f"FLOW_COUNT_{name}"]
        for name in ("MATERIAL", "WATER", "HEAT", "CO2")
    ) == len(rows)


def test_unknown_jobs_are_listed_under_the_name_of_the_layer(file):
    unknown = firms(jobs=None)
    outcome = estimated(ESTABLISHMENTS=unknown, COEFFICIENTS=file(GFT))
    assert outcome.rows() == []
    skipped = outcome.rows("SKIPPED")
    assert len(skipped) == unknown.featureCount() == outcome.results["UNKNOWN_JOBS"]
    assert {(row["layer"], row["count"]) for row in skipped} == {("establishments", 1)}
    assert all(row["reason"] for row in skipped)


def test_own_and_extra_coefficients(file):
    own = file(GFT, "11;supply;material;gft;1;2;4;t/y;3;een bron")
    extra = file("10;supply;material;gft;1;3;4;t/y;3;een bron", name="extra.csv")
    outcome = estimated(COEFFICIENTS=own, EXTRA_COEFFICIENTS=extra)
    assert {row["quantity"] for row in outcome.rows()} == {30.0}
    alone = estimated(EXTRA_COEFFICIENTS=extra).results["FLOW_COUNT"]
    assert alone > outcome.results["FLOW_COUNT"] > 0


def test_a_reported_flow_comes_out_and_its_estimate_does_not(file):
    firm = usual("establishments")
    name = next(firm.getFeatures())["est_id"]
    words = {"actor_id": name, "direction": "supply", "carrier": "material",
             "material": "gft", "basis": "reported", "profile": None}  # fmt: skip
    told = small("flows", **{key: lambda _, v=v: v for key, v in words.items()})
    outcome = estimated(REPORTED=told, COEFFICIENTS=file(GFT))
    rows = outcome.rows()
    reported = [row for row in rows if row["basis"] == "reported"]
    assert len(reported) == told.featureCount() == outcome.results["REPORTED_COUNT"]
    assert outcome.results["REPLACED"] == 1
    assert name not in {row["actor_id"] for row in rows if row not in reported}


def test_another_layer_is_no_reported_flow():
    told = estimated(REPORTED=small("facilities")).refusal
    one_sentence(told, "facilities")


def test_a_row_that_cannot_be_used_is_refused_in_words(file):
    text = GFT.replace(";2;", ";veel;")
    told = estimated(EXTRA_COEFFICIENTS=file(GFT, text)).refusal
    one_sentence(told, "EXTRA_COEFFICIENTS", "3", "mode", "veel")
    told = estimated(COEFFICIENTS=file(GFT, head=HEAD.replace("unit", "maat"))).refusal
    one_sentence(told, "maat", "unit")
    told = estimated(COEFFICIENTS="/nergens/kentallen.csv").refusal
    one_sentence(told, "/nergens/kentallen.csv")


def test_an_unknown_material_is_kept_and_told(file):
    outcome = estimated(COEFFICIENTS=file(GFT.replace("gft", "eigen_stof")))
    assert {row["material"] for row in outcome.rows()} == {"eigen_stof"}
    assert outcome.results["GROSS_COUNT"] == len(outcome.rows())
    assert "eigen_stof" in outcome.log


def test_the_run_works_in_the_system_of_the_areas():
    import processing

    moved = processing.run(
        "native:reprojectlayer",
        {"INPUT": small("zones"), "TARGET_CRS": "EPSG:31370", "OUTPUT": "memory:"},
    )["OUTPUT"]
    outcome = estimated(ZONES=moved)
    assert outcome.layer().crs().authid() == "EPSG:31370"
