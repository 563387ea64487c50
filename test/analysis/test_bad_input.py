"""Bad input to the prepare functions: refused, skipped or repaired, as agreed."""

import bad_input as bad
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from bad_input import ROLES
from hypothesis import given, settings
from hypothesis import strategies as st
from kansenkaart.analysis import vocabulary
from kansenkaart.analysis.canonical import canonical, merge_layers
from kansenkaart.analysis.codes import code_table
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.layers import layer_type
from kansenkaart.analysis.numbers import parse_numbers
from kansenkaart.analysis.prepare import mapping_for, prepare
from kansenkaart.analysis.presets import load_preset
from kansenkaart.analysis.weights import file_weights, table_weights

USUAL = {"Point": bad.POINT, "Line": bad.LINE, "Polygon": bad.SQUARE}
ACCOUNT = ["layer", "source_id", "reason", "count"]


def layer(rows, shapes, index=None):
    index = [str(n + 1) for n in range(len(shapes))] if index is None else index
    data = pd.DataFrame({k: pd.Series(v, dtype=object) for k, v in rows.items()})
    data.index = index
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    return gpd.GeoDataFrame(data, geometry=geometry)


def run(role, frame, parameters=None, preset=None, name="bron"):
    """Prepare a layer and check what holds for every layer."""
    mapping = mapping_for(role, preset, parameters or {})
    before = frame.copy()
    prepared = prepare(
        role,
        frame,
        mapping,
        layer=name,
        area_of_use=bad.AREA_OF_USE,
        target_crs=28992,
    )
    pd.testing.assert_frame_equal(pd.DataFrame(before), pd.DataFrame(frame))
    check_account(frame, prepared, name)
    check_canonical(role, prepared.frame)
    return prepared


def check_account(frame, prepared, name="bron"):
    """In = out + skipped, one row per feature, each with a reason and a count of 1."""
    assert len(frame) == len(prepared.frame) + len(prepared.skipped)
    for table in (prepared.skipped, prepared.repaired):
        assert list(table) == ACCOUNT
        assert (table["count"] == 1).all()
        assert (table["layer"] == name).all()
        assert table["reason"].str.len().gt(0).all()
        assert table["source_id"].map(type).isin([str]).all()


def check_canonical(role, frame):
    """What holds for every canonical layer."""
    kind = layer_type(role)
    shapes = frame.geometry.to_numpy()
    assert not shapely.is_missing(shapes).any()
    assert not shapely.is_empty(shapes).any()
    assert shapely.is_valid(shapes).all()
    assert not shapely.has_z(shapes).any()
    assert np.isfinite(shapely.get_coordinates(shapes)).all()
    allowed = {
        "Point": {"Point"},
        "Line": {"LineString", "MultiLineString"},
        "Polygon": {"Polygon", "MultiPolygon"},
    }
    assert set(frame.geom_type) <= allowed[kind.geometry]
    assert set(kind.fields) <= set(frame)
    for name, field in kind.fields.items():
        present = frame[name].dropna()
        if field == "text":
            assert present.map(type).isin([str]).all()
            assert present.str.len().gt(0).all()
        elif field == "boolean":
            assert present.isin([True, False]).all()
        else:
            assert np.isfinite(present.astype(float)).all()
    ids = frame[kind.id] if kind.id else pd.Series([], dtype=object)
    assert ids.is_unique
    assert ids.is_monotonic_increasing
    assert ids.notna().all()
    CHECKS[role](frame)


def check_establishments(frame):
    assert set(frame["code_list"]) <= {"sbi2008", "nacebel2008"}
    for name, rows in frame.groupby("code_list"):
        assert set(rows["sbi"]) <= code_table(name)
    assert frame["sbi"].str.fullmatch("[0-9]{2,5}").all()
    assert (frame["jobs"].dropna() >= 0).all()
    assert frame["name"].notna().all()


def check_zones(frame):
    kinds = frame["kinds"].str.split(";").explode()
    assert set(kinds.dropna()) <= set(vocabulary.ZONE_KINDS)
    assert kinds.notna().sum() >= len(frame)
    assert set(frame["env_category"].dropna()) <= {
        1, 2, 3.1, 3.2, 4.1, 4.2, 5.1, 5.2, 5.3, 6,
    }  # fmt: skip
    assert (frame["available_ha"].dropna() >= 0).all()
    assert np.allclose(frame["area_ha"], frame.area / 10_000)
    assert frame["name"].notna().all()


CHECKS = {
    "establishments": check_establishments,
    "zones": check_zones,
    "infrastructure": lambda f: (
        set(f["mode"]) <= set(vocabulary.MODES) or pytest.fail()
    ),
    "facilities": lambda f: (
        set(f["kind"]) <= set(vocabulary.FACILITY_KINDS) or pytest.fail()
    ),
    "regions": lambda f: (f["population"].dropna() >= 0).all() or pytest.fail(),
    "constraints": lambda f: (
        (
            set(f["kind"]) <= set(vocabulary.CONSTRAINT_KINDS)
            and set(f["effect"]) <= set(vocabulary.EFFECTS)
        )
        or pytest.fail()
    ),
    "initiatives": lambda f: (
        set(f["kind"].dropna()) <= set(vocabulary.INITIATIVE_KINDS) or pytest.fail()
    ),
    "flows": lambda f: (
        ((f["quantity"] >= 0).all() and set(f["direction"]) <= {"supply", "demand"})
        or pytest.fail()
    ),
}


def needed(role, count):
    """The columns that a role can't do without, well filled."""
    flow = {"direction": "supply", "material": "sand", "quantity": "1", "unit": "kg"}
    columns = {
        "establishments": {"sbi": "2014"},
        "infrastructure": {"mode": "rail"},
        "flows": flow,
    }
    return {name: [value] * count for name, value in columns.get(role, {}).items()}


# --- geometry -------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_every_shape_meets_its_fate(role):
    corpus = bad.SHAPES[ROLES[role]]
    shapes = [shape for shape, _ in corpus.values()]
    frame = layer({"nr": list(corpus), **needed(role, len(corpus))}, shapes)
    prepared = run(role, frame, {"ID_FIELD": "nr"})
    skipped = set(prepared.skipped["source_id"])
    repaired = set(prepared.repaired["source_id"])
    fates = {
        name: bad.SKIPPED
        if name in skipped
        else bad.REPAIRED
        if name in repaired
        else bad.KEPT
        for name in corpus
    }
    assert fates == {name: fate for name, (_, fate) in corpus.items()}


@pytest.mark.parametrize("role", ROLES)
def test_kept_shapes_stay_where_they_are(role):
    corpus = bad.SHAPES[ROLES[role]]
    kept = {name: shape for name, (shape, fate) in corpus.items() if fate == bad.KEPT}
    frame = layer({"nr": list(kept), **needed(role, len(kept))}, list(kept.values()))
    out = run(role, frame, {"ID_FIELD": "nr"}).frame
    if role == "constraints":
        return  # Without an id, out and in can't be told together.
    for name, shape in zip(out.iloc[:, 0], out.geometry, strict=True):
        assert shape.equals(shapely.force_2d(kept[name]))
        parts = shapely.get_num_geometries([shape, kept[name]])
        assert parts[0] == parts[1]


@pytest.mark.parametrize("role", ROLES)
def test_nothing_but_wrong_shapes_is_refused(role):
    wrong = bad.LINE if ROLES[role] != "Line" else bad.SQUARE
    frame = layer(needed(role, 3), [wrong, None, wrong])
    with pytest.raises(RefusalError) as refusal:
        run(role, frame)
    assert refusal.value.key.startswith("prepare.wrong_geometry")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("shape", [None, "empty", "origin"])
def test_nothing_but_unusable_shapes_is_skipped(role, shape):
    shapes = {None: None, "empty": shapely.Point(), "origin": shapely.Point(0, 0)}
    prepared = run(role, layer(needed(role, 2), [shapes[shape]] * 2))
    assert len(prepared.skipped) == 2


@pytest.mark.parametrize("role", ROLES)
def test_no_features_at_all(role):
    prepared = run(role, layer(needed(role, 0), []))
    assert len(prepared.frame) == len(prepared.skipped) == 0


# --- values ---------------------------------------------------------------------


def establishments(**columns):
    count = len(next(iter(columns.values())))
    rows = {"nr": [f"{n:03}" for n in range(count)], "sbi": ["2014"] * count}
    return layer(rows | columns, [bad.POINT] * count)


def test_numbers_as_text():
    texts = list(bad.NUMBERS)
    out = run("establishments", establishments(jobs=texts), {"ID_FIELD": "nr"}).frame
    found = [None if np.isnan(value) else value for value in out["jobs"]]
    assert found == list(bad.NUMBERS.values())


def test_what_is_no_number_or_negative_is_no_number_of_jobs():
    wrong = [*bad.NO_NUMBERS, "-3", "-0,5", -3, -np.inf, np.inf, True]
    prepared = run("establishments", establishments(jobs=wrong), {"ID_FIELD": "nr"})
    assert len(prepared.frame) == 0
    assert len(prepared.skipped) == len(wrong)


def test_what_is_no_number_is_no_area():
    texts = [*bad.NUMBERS, *bad.NO_NUMBERS, "-3"]
    count = len(texts)
    frame = layer({"available_ha": texts}, [bad.SQUARE] * count)
    prepared = run("zones", frame)
    assert len(prepared.frame) == count
    assert len(prepared.repaired) == len(bad.NO_NUMBERS) + 1
    known = {str(n + 1): v for n, v in enumerate(bad.NUMBERS.values())}
    for zone_id, value in zip(
        prepared.frame["zone_id"], prepared.frame["available_ha"], strict=True
    ):
        expected = known.get(zone_id)
        assert np.isnan(value) if expected is None else value == expected


def test_activity_codes_as_text():
    written = [*bad.CODES, *bad.NO_CODES]
    frame = establishments(sbi=written)
    prepared = run("establishments", frame, {"ID_FIELD": "nr"})
    assert prepared.frame["sbi"].tolist() == list(bad.CODES.values())
    assert len(prepared.skipped) == len(bad.NO_CODES)


def test_activity_codes_as_numbers():
    numbers = [111.0, 1.11, 2410.0, 24101.0, 141.0, 20.0, 1.0, None, np.nan, 0.0]
    prepared = run("establishments", establishments(sbi=numbers), {"ID_FIELD": "nr"})
    assert prepared.frame["sbi"].tolist() == [
        "0111", "0111", "2410", "2410", "0141", "20", "01",
    ]  # fmt: skip
    assert len(prepared.skipped) == 3


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"constraints", "flows"}))
def test_names_come_out_as_they_went_in(role):
    names = bad.names()
    shapes = [USUAL[ROLES[role]]] * len(names)
    rows = {"naam": names, **needed(role, len(names))}
    out = run(role, layer(rows, shapes), {"NAME_FIELD": "naam"}, name="<b>%n{0}").frame
    assert sorted(out["name"]) == sorted(names)


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"constraints"}))
def test_names_may_be_ids(role):
    names = bad.names()
    shapes = [USUAL[ROLES[role]]] * len(names)
    rows = {"naam": names, **needed(role, len(names))}
    out = run(role, layer(rows, shapes), {"ID_FIELD": "naam"}).frame
    assert sorted(out.iloc[:, 0]) == sorted(names)


@pytest.mark.parametrize("role", ROLES)
def test_ids_that_are_no_ids(role):
    kept = ["A", "a", "1", 2, 3.0, "1.5", "é"]
    gone = [None, np.nan, "", " ", "\n", np.inf, "A", " A ", 1, 1.0, "3"]
    count = len(kept) + len(gone)
    frame = layer(
        {"nr": [*kept, *gone], **needed(role, count)}, [USUAL[ROLES[role]]] * count
    )
    prepared = run(role, frame, {"ID_FIELD": "nr"})
    assert len(prepared.skipped) == len(gone)
    if role != "constraints":
        ids = {"A", "a", "1", "2", "3", "1.5", "é"}
        assert set(prepared.frame.iloc[:, 0]) == ids


def test_features_may_be_equal_but_not_their_ids():
    frame = establishments(nr=["a", "a", "b"])
    prepared = run("establishments", frame, {"ID_FIELD": "nr"})
    assert prepared.frame["est_id"].tolist() == ["a", "b"]
    assert prepared.skipped["source_id"].tolist() == ["a"]


@pytest.mark.parametrize("name", bad.FIELD_NAMES)
def test_fields_may_have_any_name(name):
    frame = (
        gpd.GeoDataFrame(
            {name: ["2014"], "x": ["b"]}, geometry=[bad.POINT], index=["1"]
        )
        if name != "geometry"
        else gpd.GeoDataFrame(
            {"geometry": ["2014"], "plaats": [bad.POINT]}, index=["1"]
        ).set_geometry("plaats")
    )
    prepared = run("establishments", frame, {"ACTIVITY_FIELD": name})
    assert prepared.frame["sbi"].tolist() == ["2014"]


def test_fields_that_differ_in_case_only():
    frame = layer({"SBI": ["20"], "sbi": ["2014"], "Sbi": ["10"]}, [bad.POINT])
    for name, code in (("SBI", "20"), ("sbi", "2014"), ("Sbi", "10")):
        out = run("establishments", frame, {"ACTIVITY_FIELD": name}).frame
        assert out["sbi"].tolist() == [code]
    assert run("establishments", frame).frame["sbi"].tolist() == ["2014"]


@pytest.mark.parametrize("role", ROLES)
def test_a_field_that_is_not_there_is_named(role):
    frame = layer(needed(role, 1) | {"wel": [1]}, [USUAL[ROLES[role]]])
    for parameter in ("ID_FIELD", "NAME_FIELD"):
        with pytest.raises(RefusalError) as refusal:
            run(role, frame, {parameter: "{0} n'est pas <la>"})
        for language in ("nl", "en"):
            told = refusal.value.sentence(language)
            assert "{0} n'est pas <la>" in told
            assert "wel" in told


# --- properties -----------------------------------------------------------------

FLOW_CELLS = {
    name: st.sampled_from(words)
    for name, words in {
        "direction": ["supply", "Vraag", "demand"],
        "unit": ["kg", "ton", "GJ", "l/s", "MW", "m3/y"],
        "material": ["sand", "Warmte", "natural_gas", "knikkers"],
        "eural": ["20304", "17 06 01*", "999999", None],
        "quantity": ["1.234,5", 3, 0.1, "7"],
    }.items()
}
CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=6),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(),
    st.sampled_from([*bad.NUMBERS, *bad.NO_NUMBERS, *bad.CODES, *bad.NO_CODES]),
    st.sampled_from(bad.names()),
    st.sampled_from(
        ["ja", "nee", "rail", "Sea port", "nature;;waste|x", "cat. 4", "exclude",
         "sbi2008", "NACEBEL2008", "['a', 'b']", "2020-01-01"]
    ),
)  # fmt: skip
COLUMNS = {
    "establishments": [
        "sbi",
        "jobs",
        "size_class",
        "jobs_low",
        "jobs_high",
        "value_added_keur",
        "name",
    ],
    "zones": ["kinds", "env_category", "available_ha", "park_management", "name"],
    "infrastructure": ["mode", "class", "name"],
    "facilities": ["kind", "capacity", "unit", "name"],
    "regions": ["population", "centre_city", "name"],
    "constraints": ["kind", "effect", "name"],
    "initiatives": ["kind", "status", "source", "name"],
    "flows": [
        "actor_id", "actor_name", "sbi", "direction", "carrier", "material", "eural",
        "quantity", "quantity_low", "quantity_high", "unit", "hours", "quality",
        "temperature_c", "profile", "contracted_share", "confidential", "year",
    ],
}  # fmt: skip


@st.composite
def layers(draw, unique_ids=False):
    """A role, and a layer of it in which anything may stand."""
    role = draw(st.sampled_from(sorted(ROLES)))
    kind = ROLES[role]
    corpus = [shape for shape, _ in bad.SHAPES[kind].values()]
    count = draw(st.integers(0, 14))

    def column(cells):
        return draw(st.lists(cells, min_size=count + 1, max_size=count + 1))

    numbers = st.one_of(st.none(), st.floats(), st.integers(-9, 99_999).map(float))
    usual = FLOW_CELLS if role == "flows" else {}
    rows = {
        name: column(draw(st.sampled_from([CELLS, numbers, usual.get(name, CELLS)])))
        for name in COLUMNS[role]
    }
    if unique_ids:
        order = draw(st.permutations(range(count + 1)))
        rows["nr"] = [f"N{number}" for number in order]
    else:
        rows["nr"] = column(st.one_of(CELLS, st.sampled_from(["a", "b", "c"])))
    # One usual shape keeps the layer from being refused for its kind of geometry.
    shapes = [*column(st.sampled_from([USUAL[kind]] * len(corpus) + corpus))]
    shapes[-1] = USUAL[kind]
    return role, layer(rows, shapes)


QUICK = settings(max_examples=100, deadline=None, derandomize=True)


def same(one, other):
    pd.testing.assert_frame_equal(pd.DataFrame(one.frame), pd.DataFrame(other.frame))
    pd.testing.assert_frame_equal(one.skipped, other.skipped)
    pd.testing.assert_frame_equal(one.repaired, other.repaired)
    assert one.notes == other.notes


@QUICK
@given(layers(), st.booleans())
def test_every_feature_is_accounted_for(drawn, with_id):
    role, frame = drawn
    run(role, frame, {"ID_FIELD": "nr"} if with_id else {})


@QUICK
@given(layers(unique_ids=True), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(drawn, random):
    role, frame = drawn
    order = list(range(len(frame)))
    random.shuffle(order)
    # In another order the features have other numbers too.
    shuffled = frame.iloc[order].set_axis(frame.index)
    parameters = {"ID_FIELD": "nr"}
    same(run(role, frame, parameters), run(role, shuffled, parameters))


@QUICK
@given(layers(), st.randoms(use_true_random=False))
def test_order_of_features_does_not_matter_among_double_ids(drawn, random):
    role, frame = drawn
    order = list(range(len(frame)))
    random.shuffle(order)
    parameters = {"ID_FIELD": "nr"}
    same(run(role, frame, parameters), run(role, frame.iloc[order], parameters))


@QUICK
@given(layers())
def test_preparing_twice_is_preparing_once(drawn):
    role, frame = drawn
    once = run(role, frame, {"ID_FIELD": "nr"}).frame
    twice = run(role, once.set_axis([f"{n:03}" for n in range(len(once))]))
    assert not len(twice.skipped)
    assert not len(twice.repaired)
    columns = [name for name in layer_type(role).fields if name != "area_ha"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(once[columns]), pd.DataFrame(twice.frame[columns])
    )


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(CELLS))
def test_numbers_are_finite_or_unknown(values):
    numbers, unreadable = parse_numbers(pd.Series(values, dtype=object))
    assert not np.isinf(numbers).any()
    assert np.isnan(numbers[unreadable]).all()


# --- files ----------------------------------------------------------------------

HEAD = 'title_nl = "x"\ntitle_en = "x"\nsource = "x"\nfields_seen = true\n'
BAD_PRESETS = {
    "no_toml": "title_nl = ",
    "two_of_a_key": HEAD + 'source = "y"\n',
    "unknown_key": HEAD + "feilds = 1\n",
    "lacks_a_key": 'title_nl = "x"\n',
    "unknown_parameter": HEAD + '[fields]\nBANEN = "x"\n',
    "unknown_choice": HEAD + '[constants]\nKIND = "kasteel"\n',
    "unknown_mapped_choice": HEAD + '[values.KIND_FIELD]\na = "kasteel"\n',
    "mapped_to_a_number": HEAD + "[values.KIND_FIELD]\na = 5\n",
    "mapped_to_a_list": HEAD + '[values.KIND_FIELD]\na = ["mixed"]\n',
    "field_of_a_number": HEAD + "[fields]\nKIND_FIELD = 5\n",
    "factor_of_text": HEAD + '[factors]\nAVAILABLE_FIELD = "veel"\n',
    "factor_nan": HEAD + "[factors]\nAVAILABLE_FIELD = nan\n",
    "factor_inf": HEAD + "[factors]\nAVAILABLE_FIELD = inf\n",
    "factor_yes": HEAD + "[factors]\nAVAILABLE_FIELD = true\n",
    "nulls_of_lists": HEAD + "nulls = [[1], [2]]\n",
    "left_out_lists": HEAD + "[leave_out]\nx = [[1]]\n",
    "missing_column": HEAD + "[keep]\nnergens = [1]\n",
    "date": HEAD + "crs = 1979-05-27\n",
    "deep": HEAD + "nulls = " + "[" * 5000 + "]" * 5000,
    "table_for_list": HEAD + "[nulls]\na = 1\n",
    "empty": "",
}


@pytest.mark.parametrize("name", BAD_PRESETS)
def test_a_preset_that_makes_no_sense_is_refused(name, tmp_path):
    path = tmp_path / f"{name}.toml"
    path.write_text(BAD_PRESETS[name], encoding="utf-8")
    frame = layer({"x": [1]}, [bad.SQUARE])
    with pytest.raises(RefusalError) as refusal:
        run("zones", frame, preset=load_preset("zones", str(path)))
    for language in ("nl", "en"):
        assert len(refusal.value.sentence(language)) < 1000


def test_files_that_cannot_be_read_as_presets(tmp_path):
    folder, binary = tmp_path / "map.toml", tmp_path / "binary.toml"
    folder.mkdir()
    binary.write_bytes(bytes(range(256)))
    for path in (folder, binary, tmp_path / "nergens.toml", "a\0b.toml", "..", "[%"):
        with pytest.raises(RefusalError):
            load_preset("zones", str(path))


def test_a_byte_order_mark_is_read_past(tmp_path):
    path = tmp_path / "eigen.toml"
    path.write_text(HEAD + '[fields]\nKIND_FIELD = "soort"\n', encoding="utf-8-sig")
    frame = layer({"soort": ["mixed"]}, [bad.SQUARE])
    out = run("zones", frame, preset=load_preset("zones", str(path))).frame
    assert out["kinds"].tolist() == ["mixed"]


BAD_WEIGHTS = {
    "empty": "",
    "head_only": "criterion;weight\n",
    "other_columns": "a;b\n1;2\n",
    "with_commas": "criterion,weight\nspace,1\n",
    "no_number": "criterion;weight\nspace;veel\n",
    "nan": "criterion;weight\nspace;nan\n",
    "infinite": "criterion;weight\nspace;1e999\n",
    "huge_together": "criterion;weight\nspace;1e308\nC2;1e308\nC8;1e308\n",
    "negative": "criterion;weight\nspace;-1\nC2;3\n",
    "nothing": "criterion;weight\nspace;0\n",
    "double": "criterion;weight\nspace;1\nspace;2\n",
    "double_column": "criterion;weight;weight\nspace;1;9\n",
    "rank_below_one": "criterion;rank\nspace;0\n",
    "flat_scale": "criterion;weight;worst;best\nmijn;1;5;5\n",
    "half_a_scale": "criterion;weight;worst;best\nmijn;1;5;\n",
    "long_cell": "criterion;weight\n" + "x" * 200_000 + ";1\n",
    "open_quote": 'criterion;weight\n"space;1\n' + "x" * 200_000,
    "nul": "criterion;weight\nspa\0ce;x\n",
    "stakeholder_of_nothing": "criterion;Jan\nspace;0\nC2;0\n",
}


@pytest.mark.parametrize("name", BAD_WEIGHTS)
def test_weights_that_make_no_sense_are_refused(name):
    with pytest.raises(RefusalError) as refusal:
        file_weights(BAD_WEIGHTS[name])
    for language in ("nl", "en"):
        assert refusal.value.sentence(language)


@pytest.mark.parametrize(
    "cells", [["space", "veel"], ["space", "1", "C2"], ["space", "-1"], ["space", ""]]
)
def test_a_table_of_weights_that_makes_no_sense_is_refused(cells):
    with pytest.raises(RefusalError):
        table_weights(cells)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text(), st.sampled_from(["", "criterion;weight\n", "criterion;rank;worst\n"]))
def test_any_text_is_weights_or_refused(text, head):
    try:
        weights = file_weights(head + text)
    except RefusalError:
        return
    assert weights.weight.sum() == pytest.approx(1)
    assert (weights.weight >= 0).all()


# --- layers that should be canonical --------------------------------------------


def canonical_rows(role, count):
    """Rows of a canonical layer, the simplest there are."""
    values = {"text": "x", "real": 1.0, "integer": 1, "boolean": True}
    kind = layer_type(role)
    rows = {name: [values[field]] * count for name, field in kind.fields.items()}
    known = {
        "sbi": "2014", "mode": "rail", "kinds": "mixed", "env_category": 3.1,
        "effect": "exclude", "kind": "hub" if role == "initiatives" else "other",
        "direction": "supply", "carrier": "heat", "profile": "flat",
        "basis": "reported",
    }  # fmt: skip
    rows |= {name: [value] * count for name, value in known.items() if name in rows}
    if kind.id:
        rows[kind.id] = [f"id{number:03}" for number in range(count)]
    return rows


@pytest.mark.parametrize("role", ROLES)
def test_unusable_shapes_in_a_canonical_layer_are_left_out(role):
    corpus = bad.SHAPES[ROLES[role]]
    gone = ("missing", "empty", "x_unknown", "y_unknown", "infinite")
    shapes = [shape for name, (shape, _) in corpus.items() if name in gone]
    shapes.append(USUAL[ROLES[role]])
    frame = layer(canonical_rows(role, len(shapes)), shapes)
    kept, left_out, *_ = canonical(frame, layer_type(role), "laag")
    assert len(kept) == 1
    assert len(left_out) == len(shapes) - 1


@pytest.mark.parametrize("role", ROLES)
def test_kept_shapes_in_a_canonical_layer_are_valid_and_flat(role):
    corpus = bad.SHAPES[ROLES[role]]
    shapes = [shape for shape, fate in corpus.values() if fate != bad.SKIPPED]
    frame = layer(canonical_rows(role, len(shapes)), shapes)
    kept, left_out, *_ = canonical(frame, layer_type(role), "laag")
    assert len(kept) == len(shapes)
    assert not left_out
    assert kept.geometry.is_valid.all()
    assert not kept.geometry.has_z.any()
    if ROLES[role] == "Point":
        assert set(kept.geom_type) == {"Point"}


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"constraints"}))
@pytest.mark.parametrize("ids", [["", "b"], [" ", "b"], [None, "b"], ["b", "b"]])
def test_a_canonical_layer_has_ids(role, ids):
    frame = layer(canonical_rows(role, 2), [USUAL[ROLES[role]]] * 2)
    frame[layer_type(role).id] = ids
    with pytest.raises(RefusalError):
        canonical(frame, layer_type(role), "laag")


WRONG_WORDS = {
    ("establishments", "sbi"): ["A01.11", "1", "111111", "", "n.v.t.", 111, 2014.0],
    ("infrastructure", "mode"): ["Rail", "trein", "", "rail;road"],
    ("zones", "kinds"): ["Mixed", "mixed; waste", "mixed,waste", "", "[% 1+1 %]"],
    ("facilities", "kind"): ["Kade", "", "<b>"],
    ("constraints", "kind"): ["Natuur", ""],
    ("constraints", "effect"): ["Exclude", "", "uitsluiten"],
    ("initiatives", "kind"): ["Hub", ""],
    ("flows", "direction"): ["Supply", "aanbod", ""],
    ("flows", "carrier"): ["warmte", ""],
}


@pytest.mark.parametrize(("role", "field"), WRONG_WORDS)
def test_a_canonical_layer_speaks_our_language(role, field):
    kind = layer_type(role)
    for word in WRONG_WORDS[role, field]:
        frame = layer(canonical_rows(role, 1), [USUAL[ROLES[role]]])
        frame[field] = pd.Series([word], dtype=object, index=frame.index)
        with pytest.raises(RefusalError) as refusal:
            canonical(frame, kind, "laag")
        for language in ("nl", "en"):
            assert f"prepare{role}" in refusal.value.sentence(language)


@pytest.mark.parametrize("role", ROLES)
def test_what_was_prepared_is_canonical(role):
    rows = {"nr": ["b", "a"], **needed(role, 2)}
    prepared = run(role, layer(rows, [USUAL[ROLES[role]]] * 2), {"ID_FIELD": "nr"})
    kept, left_out, mended = canonical(prepared.frame, layer_type(role), "laag")
    assert (len(kept), left_out, mended) == (2, [], 0)


def test_constraints_are_sorted_by_all_they_hold():
    shapes = [bad.SQUARE, bad.SQUARE, bad.SQUARE.reverse(), bad.SQUARE]
    kinds = ["nature", "flood", "nature", "grid"]
    effects = ["penalise", "exclude", "exclude", "exclude"]
    frame = layer({"kind": kinds, "effect": effects}, shapes)
    one, *_ = canonical(frame, layer_type("constraints"), "laag")
    for order in ([3, 2, 1, 0], [1, 3, 0, 2]):
        other, *_ = canonical(frame.iloc[order], layer_type("constraints"), "laag")
        assert one.to_wkt().to_dict() == other.to_wkt().to_dict()


def test_numbers_in_a_canonical_layer_are_finite():
    frame = layer(canonical_rows("establishments", 5), [bad.POINT] * 5)
    frame["jobs"] = pd.Series(
        ["1.234,5", np.inf, None, "veel", 3], dtype=object, index=frame.index
    )
    out, *_ = canonical(frame, layer_type("establishments"), "laag")
    assert out["jobs"].fillna(-1).tolist() == [1234.5, -1, -1, -1, 3]


def test_ids_of_several_layers_stay_apart():
    def one(name, *ids):
        frame = layer(canonical_rows("facilities", len(ids)), [bad.POINT] * len(ids))
        frame["facility_id"] = ids
        return {name: canonical(frame, layer_type("facilities"), name)[0]}

    frames = one("A", "x", "y") | one("B", "x", "A-x", "B-x") | one("C", "B-B-x")
    merged, _ = merge_layers(frames, "facility_id")
    assert merged["facility_id"].is_unique
    assert len(merged) == 6
    assert "y" in set(merged["facility_id"])
