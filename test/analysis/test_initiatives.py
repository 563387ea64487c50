"""Initiatives: prepared without guessing, numbered by their content."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from kansenkaart.analysis.demo import generate
from kansenkaart.analysis.initiatives import number_initiatives
from kansenkaart.analysis.layers import layer_type
from kansenkaart.analysis.prepare import mapping_for, prepare
from kansenkaart.analysis.vocabulary import INITIATIVE_KINDS

BOX = (0.0, 0.0, 1000.0, 1000.0)


def layer(**columns):
    count = len(next(iter(columns.values())))
    rows = {"initiative_id": [f"i{n}" for n in range(count)]}
    points = shapely.points([(10.0 * n + 10, 500.0) for n in range(count)])
    return gpd.GeoDataFrame(rows | columns, geometry=points)


def numbered(frame, box=BOX):
    found = number_initiatives(frame, box)
    return dict(zip(found["initiative_id"], found["number"], strict=True))


def prepared(frame, parameters=None):
    mapping = mapping_for("initiatives", None, parameters or {})
    done = prepare("initiatives", frame, mapping, layer="bron", language="nl")
    assert len(frame) == len(done.frame) + len(done.skipped)
    return done


# Numbers.


def test_kind_comes_first_then_name_then_id():
    frame = layer(
        name=["b", "Zuid", "a", "a", "B", "a", "c"],
        kind=["planned", "running", "hub", "planned", "planned", "planned", None],
    )
    order = ["i1", "i3", "i5", "i4", "i0", "i2", "i6"]
    assert numbered(frame) == {key: n + 1 for n, key in enumerate(order)}


def test_numbers_follow_the_vocabulary():
    kinds = ["castle", *reversed(INITIATIVE_KINDS), None]
    frame = layer(name=list("abcdef"), kind=kinds)
    assert list(numbered(frame).values()) == [5, 4, 3, 2, 1, 6]


@pytest.mark.parametrize("seed", range(5))
def test_order_of_the_rows_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    frame = layer(
        name=rng.choice(["a", "A", "b", None], 30).tolist(),
        kind=rng.choice([*INITIATIVE_KINDS, None], 30).tolist(),
    )
    shuffled = frame.sample(frac=1, random_state=seed).reset_index(drop=True)
    assert numbered(frame) == numbered(shuffled)
    assert sorted(numbered(frame).values()) == list(range(1, 31))


def test_outside_the_box_gets_no_number():
    frame = layer(name=["a", "b", "c"], kind=["hub"] * 3)
    assert numbered(frame, (15.0, 0.0, 30.0, 1000.0)) == {"i1": 1, "i2": 2}
    assert numbered(frame, (900.0, 0.0, 1000.0, 1000.0)) == {}


def test_nothing_to_number():
    frame = layer(name=["a"], kind=["hub"]).iloc[:0]
    found = number_initiatives(frame, BOX)
    assert found["number"].tolist() == []
    assert found["number"].dtype == int


def test_what_came_in_stays_as_it_is():
    frame = layer(name=["b", "a"], kind=["hub", "hub"])
    before = frame.copy()
    found = number_initiatives(frame, BOX)
    assert found["initiative_id"].tolist() == ["i0", "i1"]
    assert frame.equals(before)


# Preparing.


def test_an_unknown_kind_is_not_guessed():
    frame = layer(name=list("abcd"), kind=["Running", "plan", "", "hub"])
    done = prepared(frame)
    assert done.frame["kind"].tolist() == ["running", None, None, "hub"]
    # What is not there needs no repair; it is counted.
    assert done.repaired["source_id"].tolist() == ["i1"]
    counts = {key: values.get("count") for key, values in done.notes}
    assert counts["prepare.note.kind_unknown"] == 1
    assert counts["prepare.note.repaired"] == 1


def test_without_a_kind_every_kind_is_unknown():
    done = prepared(layer(name=["a", "b"]))
    assert done.frame["kind"].tolist() == [None, None]
    assert not len(done.repaired)


def test_one_kind_for_all():
    frame = layer(name=["a", "b"], kind=["hub", "?"])
    done = prepared(frame, {"KIND": "planned"})
    assert done.frame["kind"].tolist() == ["planned", "planned"]
    assert not len(done.repaired)


def test_all_fields_and_a_name_for_everyone():
    frame = layer(naam=["Bouwhub", None], fase=["open", None], herkomst=["plan", 2025])
    named = {"NAME_FIELD": "naam", "STATUS_FIELD": "fase", "SOURCE_FIELD": "herkomst"}
    done = prepared(frame, named)
    assert list(done.frame) == [*layer_type("initiatives").fields, "geometry"]
    assert done.frame["name"].tolist() == ["Bouwhub", "i1"]
    assert done.frame["status"].tolist() == ["open", None]
    assert done.frame["source"].tolist() == ["plan", "2025"]


# The demo province.


@pytest.fixture(params=[1, *(pytest.param(n, marks=pytest.mark.proof) for n in (2, 3))])
def made(request, province):
    """A demo province; the first is the one that tests share."""
    return province if request.param == 1 else generate(request.param, 1000)


def test_demo_has_initiatives_of_every_kind(made):
    initiatives = made["initiatives"]
    assert 8 <= len(initiatives) <= 15
    assert set(initiatives["kind"]) == set(INITIATIVE_KINDS)
    assert initiatives[["name", "status", "source"]].notna().all(axis=None)
    assert initiatives["source"].str.startswith("fictie").all()
    assert not initiatives["name"].str.contains("{", regex=False).any()
    land = made["regions"].union_all().buffer(1)
    assert initiatives.within(land).all()
