"""Earlier results weighed again equal a fresh run with the new weights."""

import math

import pytest
from bad_layers import run
from pytest import approx
from scoring_scene import (
    METHODS,
    ROBUSTNESS,
    TABLES,
    pairwise_file,
    stakeholders_file,
    weights_file,
)

pytestmark = pytest.mark.usefixtures("provider")
ROLES = ("ESTABLISHMENTS", "ZONES", "INFRASTRUCTURE", "FACILITIES", "REGIONS",
         "CONSTRAINTS")  # fmt: skip
NEW = {"C1_mass": 5.0, "C2": 2.0, "C4_modes": 1.0, "C8": 0.5, "space": 4.0}
FIELDS = ("score", "rank", "score_low", "score_high", "completeness", "why",
          "why_short", *ROBUSTNESS)  # fmt: skip
FEW = {"DRAWS": 300, "SEED": 3}


@pytest.fixture(scope="module")
def chain(provider, tmp_path_factory):  # noqa: ARG001 - runs need it
    """Layers of a demo province, its leverage areas, and their first scores."""
    folder = tmp_path_factory.mktemp("demo")
    path = str(folder / "demo.gpkg")
    made = run("demodata", ESTABLISHMENTS_COUNT=2000, OUTPUT=path)
    assert made.ok, made.log
    layers = {role: f"{path}|layername={role.lower()}" for role in ROLES}
    out = {
        name: str(folder / f"{name}.gpkg")
        for name in ("clusters", "corridors", "areas", "scored", "criteria")
    }
    steps = (
        ("detectclusters", ("ESTABLISHMENTS",), {"OUTPUT": out["clusters"]}),
        (
            "corridors",
            ("INFRASTRUCTURE", "FACILITIES"),
            {"OUTPUT_MULTIMODAL": out["corridors"]},
        ),
        (
            "leverageareas",
            ("ZONES", "ESTABLISHMENTS", "CONSTRAINTS"),
            {
                "CLUSTERS": out["clusters"],
                "CORRIDORS": out["corridors"],
                "OUTPUT": out["areas"],
            },
        ),
        (
            "scoreareas",
            ROLES,
            {
                "AREAS": out["areas"],
                "OUTPUT": out["scored"],
                "OUTPUT_CRITERIA": out["criteria"],
                **FEW,
            },
        ),
    )
    for algorithm, roles, more in steps:
        found = run(algorithm, **{role: layers[role] for role in roles}, **more)
        assert found.ok, found.log
    return layers | out


def both(chain, **more):
    """A fresh run on all layers, and one on the earlier tables only."""
    more = FEW | dict.fromkeys(TABLES, "memory:") | more
    fresh = run("scoreareas", AREAS=chain["areas"], **_roles(chain), **more)
    again = run("scoreareas", AREAS=chain["scored"], CRITERIA=chain["criteria"], **more)
    for outcome in (fresh, again):
        assert outcome.ok, outcome.log
    return fresh, again


def _roles(chain):
    return {role: chain[role] for role in ROLES}


def same(fresh, again, fields=FIELDS):
    one, other = (
        {row["area_id"]: row for row in outcome.rows()} for outcome in (fresh, again)
    )
    assert len(one) > 10
    assert list(one) == list(other)
    for area, row in one.items():
        for field in fields:
            _equal(row[field], other[area][field], (area, field))


def _equal(one, other, where):
    if isinstance(one, float) and isinstance(other, float):
        assert math.isclose(one, other, rel_tol=0, abs_tol=1e-9), where
    else:
        assert one == other, where


def tables_same(fresh, again):
    for name in TABLES[1:]:
        one, other = fresh.rows(name), again.rows(name)
        assert len(one) == len(other), name
        for first, second in zip(one, other, strict=True):
            for field in set(first) - {"fid"}:
                _equal(first[field], second[field], (name, first["area_id"], field))


@pytest.mark.parametrize("method", METHODS)
def test_other_weights(chain, method, tmp_path):
    file = weights_file(tmp_path / "weights.csv", NEW)
    fresh, again = both(chain, WEIGHTS_FILE=file, METHOD=method)
    same(fresh, again)
    tables_same(fresh, again)
    ranks = [row["rank"] for row in fresh.rows()]
    assert ranks != [row["rank"] for row in run(
        "scoreareas", AREAS=chain["areas"], **_roles(chain), OUTPUT="memory:"
    ).rows()]  # fmt: skip


@pytest.mark.parametrize("language", [0, 1])
def test_the_same_weights_give_the_same(chain, language):
    fresh, again = both(chain, STRATEGY="basis", LANGUAGE=language)
    same(fresh, again)
    tables_same(fresh, again)


def test_stakeholders(chain, tmp_path):
    of_each = {"Een": NEW, "Twee": dict.fromkeys(NEW, 1.0)}
    file = stakeholders_file(tmp_path / "weights.csv", of_each)
    fresh, again = both(chain, WEIGHTS_FILE=file)
    same(fresh, again)
    tables_same(fresh, again)
    assert len(fresh.rows("OUTPUT_STAKEHOLDERS")) == 2 * len(fresh.rows())


def test_pairwise(chain, tmp_path):
    cells = [["1", "3", "5"], ["", "1", "2"], ["", "", "1"]]
    file = pairwise_file(tmp_path / "pairs.csv", ["C2", "space", "C8"], cells)
    fresh, again = both(chain, PAIRWISE=file)
    same(fresh, again)
    tables_same(fresh, again)


def test_weighed_again_and_again(chain, tmp_path):
    """What comes out goes in: the third run is fed by the second."""
    out = {
        name: str(tmp_path / f"{name}.gpkg") for name in ("OUTPUT", "OUTPUT_CRITERIA")
    }
    file = weights_file(tmp_path / "weights.csv", NEW)
    second = run(
        "scoreareas", AREAS=chain["scored"], CRITERIA=chain["criteria"],
        WEIGHTS_FILE=file, **FEW, **out,
    )  # fmt: skip
    assert second.ok, second.log
    narrow = weights_file(tmp_path / "narrow.csv", {"C2": 1.0, "space": 3.0})
    third = run(
        "scoreareas", AREAS=out["OUTPUT"], CRITERIA=out["OUTPUT_CRITERIA"],
        WEIGHTS_FILE=narrow, **FEW, OUTPUT="memory:",
    )  # fmt: skip
    fresh = run(
        "scoreareas", AREAS=chain["areas"], **_roles(chain),
        WEIGHTS_FILE=narrow, **FEW, OUTPUT="memory:",
    )  # fmt: skip
    same(fresh, third)


def test_a_criterion_that_was_not_measured_then_is_left_out(chain, tmp_path):
    """The first run had no matches."""
    file = weights_file(tmp_path / "weights.csv", {"symbiosis": 1.0, "C2": 1.0})
    again = run(
        "scoreareas", AREAS=chain["scored"], CRITERIA=chain["criteria"],
        WEIGHTS_FILE=file, OUTPUT="memory:", OUTPUT_CRITERIA="memory:", **FEW,
    )  # fmt: skip
    assert again.ok, again.log
    assert {row["criterion"] for row in again.rows("OUTPUT_CRITERIA")} == {"C2"}
    for row in again.rows("OUTPUT_CRITERIA"):
        assert row["weight"] in (None, approx(1))
