"""Preparing layers: nothing gets lost unseen, and order doesn't matter."""

import tomllib
from string import Formatter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.prepare import Mapping, mapping_for, prepare
from kansenkaart.analysis.presets import load_preset
from kansenkaart.analysis.resources import resource_path
from kansenkaart.analysis.texts import text

AREA = (0.0, 300_000.0, 300_000.0, 630_000.0)
POINT = shapely.Point(150_000, 450_000)
SQUARE = shapely.box(150_000, 450_000, 150_200, 450_100)
BOW_TIE = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
LINE = shapely.LineString([(150_000, 450_000), (151_000, 450_000)])


def layer(rows, shapes, index=None):
    index = [str(n + 1) for n in range(len(shapes))] if index is None else index
    data = pd.DataFrame(rows, index=index)
    return gpd.GeoDataFrame(data, geometry=np.array(shapes, dtype=object))


def run(role, frame, parameters=None, preset=None, **options):
    options = {"layer": "bron", "area_of_use": AREA, "target_crs": 28992} | options
    mapping = mapping_for(role, preset, parameters or {})
    prepared = prepare(role, frame, mapping, **options)
    assert len(frame) == len(prepared.frame) + len(prepared.skipped)
    assert (prepared.skipped["count"] == 1).all()
    assert list(prepared.skipped) == ["layer", "source_id", "reason", "count"]
    assert list(prepared.repaired) == list(prepared.skipped)
    for key, values in prepared.notes:
        assert text(key, "nl", **values)
        assert text(key, "en", **values)
    return prepared


def establishments(shapes=None, **columns):
    count = len(next(iter(columns.values())))
    rows = {"est_id": [f"E{n}" for n in range(count)], "sbi": ["2014"] * count}
    return layer(rows | columns, shapes or [POINT] * count)


def zones(**columns):
    count = len(next(iter(columns.values())))
    rows = {"zone_id": [f"Z{n}" for n in range(count)], "kinds": ["mixed"] * count}
    return layer(rows | columns, [SQUARE] * count)


def said(prepared, key):
    return [values for name, values in prepared.notes if name == f"prepare.note.{key}"]


def reasons(table, language="nl", kind="skip"):
    """Source id → key of the reason."""
    path = resource_path("texts", language, "prepare.toml")
    by_text = {
        value: key for key, value in tomllib.loads(path.read_text())[kind].items()
    }
    return {
        row.source_id: by_text.get(row.reason, row.reason) for row in table.itertuples()
    }


# --- a corpus of dirt -----------------------------------------------------------

DIRT = {
    "missing": (None, "2014", 1, "no_point"),
    "empty": (shapely.Point(), "2014", 1, "no_point"),
    "origin": (shapely.Point(0, 0), "2014", 1, "origin"),
    "infinite": (shapely.Point(np.inf, 450_000), "2014", 1, "not_finite"),
    "caribbean": (shapely.Point(-5_000_000, -2_000_000), "2014", 1, "outside"),
    "just_out": (shapely.Point(-100_001, 450_000), "2014", 1, "outside"),
    "line": (LINE, "2014", 1, "other_than_point"),
    "two": (shapely.MultiPoint([(1e5, 4e5), (1e5, 5e5)]), "2014", 1, "several_points"),
    "no_code": (POINT, " ", 1, "no_code"),
    "bad_code": (POINT, "onbekend", 1, "code"),
    "no_division": (POINT, "05", 1, "code"),
    "negative": (POINT, "2014", "-1", "jobs_negative"),
    "words": (POINT, "2014", "tien", "jobs"),
    "infinitely": (POINT, "2014", "inf", "jobs"),
    "both": (None, "onbekend", "tien", "no_point"),
}
FINE = {
    "good": (POINT, "2014", "1.234,5"),
    "unknown": (POINT, "2014", None),
    "blank": (POINT, "2014", " "),
    "z": (shapely.Point(150_000, 450_000, 9), "01.11", 3),
    "z_nan": (shapely.Point(150_000, 450_000, np.nan), "2014", 3),
    "one": (shapely.MultiPoint([(1.5e5, 4.5e5)]), "2014", 3),
    "just_in": (shapely.Point(-99_999, 450_000), "2014", 0),
    "cut": (POINT, "24101", 1),
}


def corpus():
    rows = [(name, *row[:3]) for name, row in {**DIRT, **FINE}.items()]
    names, shapes, codes, jobs = zip(*rows, strict=True)
    columns = {
        "nr": names,
        "sbi": codes,
        "banen": pd.Series(jobs, dtype=object).tolist(),
    }
    return layer(columns, shapes)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_dirt_is_skipped_once_for_the_first_reason(language):
    parameters = {"ID_FIELD": "nr", "JOBS_FIELD": "banen"}
    prepared = run("establishments", corpus(), parameters, language=language)
    expected = {name: row[3] for name, row in DIRT.items()}
    assert reasons(prepared.skipped, language) == expected
    assert sorted(FINE) == prepared.frame["est_id"].tolist()
    assert set(prepared.skipped["layer"]) == {"bron"}


def test_what_is_fine_comes_out_clean():
    parameters = {"ID_FIELD": "nr", "JOBS_FIELD": "banen"}
    prepared = run("establishments", corpus(), parameters)
    out = prepared.frame.set_index("est_id")
    assert out["jobs"].round(1).fillna(-1).to_dict() == {
        "good": 1234.5, "unknown": -1, "blank": -1, "z": 3, "z_nan": 3, "one": 3,
        "just_in": 0, "cut": 1,
    }  # fmt: skip
    assert set(out.geometry.geom_type) == {"Point"}
    assert not out.geometry.has_z.any()
    assert out.loc["z", "sbi"] == "0111"
    assert out.loc["cut", "sbi"] == "2410"
    assert (out["name"] == out.index).all()
    assert (out["code_list"] == "sbi2008").all()
    assert out.crs.to_epsg() == 28992
    assert reasons(prepared.repaired, kind="repair") == {"cut": "code_cut"}
    assert said(prepared, "codes_cut") == [{"count": 1, "examples": "24101 → 2410"}]
    assert said(prepared, "jobs_unknown") == [{"count": 2}]
    assert sum(values["count"] for values in said(prepared, "skipped")) == len(DIRT)


# --- ids ------------------------------------------------------------------------


def test_ids_are_texts_and_need_a_value():
    ids = [710.0, 8, "A 1 ", None, " ", np.nan, np.inf]
    frame = establishments(est_id=pd.Series(ids, dtype=object).tolist())
    prepared = run("establishments", frame)
    assert prepared.frame["est_id"].tolist() == ["710", "8", "A 1"]
    assert reasons(prepared.skipped) == dict.fromkeys("4567", "no_id")


def test_long_numbers_keep_their_digits():
    prepared = run("establishments", establishments(est_id=[363010012345678901]))
    assert prepared.frame["est_id"].tolist() == ["363010012345678901"]


def test_ids_are_made_of_the_feature_ids():
    frame = layer({"sbi": ["2014"] * 2}, [POINT] * 2, index=["11", "7"])
    prepared = run("establishments", frame)
    assert prepared.frame["est_id"].tolist() == ["11", "7"]
    assert said(prepared, "ids_made") == [{"count": 2}]


def test_of_duplicates_the_first_usable_one_is_kept():
    rows = {
        "est_id": ["A"] * 4,
        "sbi": ["x", "2014", "20", "2014"],
        "name": list("abcd"),
    }
    frame = layer(rows, [POINT, POINT, POINT, None], index=["2", "10", "9", "1"])
    for order in ([0, 1, 2, 3], [3, 1, 2, 0], [1, 3, 0, 2]):
        prepared = run("establishments", frame.iloc[order])
        assert prepared.frame["name"].tolist() == ["c"]  # feature 9 comes before 10
        keys = sorted(prepared.skipped["reason"])
        assert len(keys) == 3
        assert sum("komt vaker voor" in reason for reason in keys) == 1


# --- geometry -------------------------------------------------------------------


def test_polygons_are_mended_and_keep_their_parts():
    tie = shapely.transform(BOW_TIE, lambda xy: np.add(xy, (150_000, 450_000)))
    corners = [(0, 0), (100, 0), (100, 100), (900, 100), (100, 100), (0, 100)]
    spike = shapely.Polygon(np.add(corners, (150_000, 450_000)))
    flat = shapely.Polygon([(1.5e5, 4.5e5), (1.51e5, 4.5e5), (1.5e5, 4.5e5)])
    two = shapely.MultiPolygon([SQUARE, shapely.box(2e5, 5e5, 200_100, 500_100)])
    frame = layer({"zone_id": list("abcde")}, [tie, spike, flat, two, LINE])
    prepared = run("zones", frame)
    out = prepared.frame.set_index("zone_id")
    assert out["area_ha"].round(6).to_dict() == {"a": 0.5, "b": 1.0, "d": 3.0}
    assert out.geometry.is_valid.all()
    assert out.geometry["d"].equals(two)
    assert out.geometry["b"].geom_type == "Polygon"
    assert reasons(prepared.skipped) == {"c": "unmendable", "e": "other_than_polygon"}
    assert reasons(prepared.repaired, kind="repair") == dict.fromkeys("ab", "geometry")


def test_lines_keep_their_parts():
    still = shapely.LineString([(1.5e5, 4.5e5), (1.5e5, 4.5e5)])
    parts = shapely.MultiLineString([LINE, LINE.offset_curve(50)])
    half = shapely.MultiLineString([LINE, still])
    frame = layer({"infra_id": list("abcd")}, [still, parts, half, LINE])
    prepared = run("infrastructure", frame, {"MODE": "rail"})
    assert reasons(prepared.skipped) == {"a": "unmendable"}
    assert prepared.frame["infra_id"].tolist() == ["b", "c", "d"]
    assert shapely.get_num_geometries(prepared.frame.geometry.to_numpy()).tolist() == [
        2,
        1,
        1,
    ]
    assert reasons(prepared.repaired, kind="repair") == {"c": "geometry"}


def test_far_away_goes_by_the_centre_of_the_box():
    near = shapely.box(-500_000, 450_000, 350_000, 450_100)  # centre 75 km outside
    far = shapely.box(-500_000, 450_000, 250_000, 450_100)  # centre 125 km outside
    frame = layer({"zone_id": list("ab")}, [near, far])
    assert run("zones", frame).frame["zone_id"].tolist() == ["a"]
    assert len(run("zones", frame, area_of_use=None).frame) == 2


def test_reprojection_comes_between_the_tests():
    def shift(shapes):
        assert shapely.is_empty(shapes).sum() == 0
        moved = shapely.transform(shapes, lambda xy: xy * 10_000 + [100_000, 0])
        moved[shapely.get_x(shapes) == 7] = None
        moved[shapely.get_x(shapes) == 8] = shapely.Point(np.inf, np.inf)
        return moved

    shapes = [
        shapely.Point(*xy) for xy in [(5, 45), (0, 0), (7, 45), (8, 45), (90, 45)]
    ]
    prepared = run(
        "establishments", establishments(shapes, sbi=["2014"] * 5), reproject=shift
    )
    assert prepared.frame.geometry[0].coords[0] == (150_000, 450_000)
    assert reasons(prepared.skipped) == {
        "E1": "origin", "E2": "outside", "E3": "outside", "E4": "outside",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("role", "shape"),
    [("establishments", SQUARE), ("zones", POINT), ("infrastructure", SQUARE)],
)
def test_a_layer_of_another_kind_is_refused(role, shape):
    frame = layer({"sbi": ["2014"] * 2, "mode": ["rail"] * 2}, [None, shape])
    with pytest.raises(RefusalError) as refusal:
        run(role, frame)
    assert refusal.value.key.startswith("prepare.wrong_geometry")


def test_areas_by_their_outline_where_the_preset_says_so():
    frame = layer(
        {"LOCALID": ["w"], "OWMNAAM": ["IJssel"], "OWMTYPE": ["R7"]}, [SQUARE]
    )
    prepared = run(
        "infrastructure", frame, preset=load_preset("infrastructure", "krw_water")
    )
    assert prepared.frame.geometry[0].length == 600
    assert prepared.frame.loc[0, ["mode", "class"]].tolist() == ["water", "R7"]
    assert said(prepared, "outlined") == [{"count": 1}]


# --- fields ---------------------------------------------------------------------


def test_fields_that_do_not_exist_are_refused_by_name():
    with pytest.raises(RefusalError) as refusal:
        run("establishments", establishments(sbi=["20"]), {"JOBS_FIELD": "banen"})
    assert refusal.value.key == "prepare.field_missing"
    for word in ("banen", "JOBS_FIELD", "sbi"):
        assert word in refusal.value.sentence("nl")


@pytest.mark.parametrize(
    ("role", "shape", "key"),
    [
        ("establishments", POINT, "prepare.activity_missing"),
        ("infrastructure", LINE, "prepare.mode_missing"),
    ],
)
def test_what_a_role_cannot_do_without_is_refused(role, shape, key):
    with pytest.raises(RefusalError) as refusal:
        run(role, layer({"x": [1]}, [shape]))
    assert refusal.value.key == key


def test_defaults_are_said():
    prepared = run("constraints", layer({"x": [1]}, [SQUARE]))
    assert prepared.frame.loc[0, ["kind", "effect"]].tolist() == ["other", "penalise"]
    assert (
        said(prepared, "default_kind")
        == said(prepared, "default_effect")
        == [{"count": 1}]
    )
    prepared = run("facilities", layer({"x": [1]}, [POINT]))
    assert prepared.frame.loc[0, "kind"] == "other"


def test_column_names_may_differ_in_case_only():
    frame = layer({"SBI": ["2014"], "EST_ID": ["a"]}, [POINT])
    assert run("establishments", frame).frame["est_id"].tolist() == ["a"]


def test_environmental_categories():
    wrong = ["7", "3.3", "hoog", "3.1-4.2", "-1", "3.15", "0"]
    written = {
        "3.1": 3.1, "3,2": 3.2, "cat. 3.1": 3.1, "Categorie 4.2": 4.2, "cat 2": 2,
        "milieucategorie 5,3": 5.3, "1": 1, "6": 6, "2.0": 2, "4": 4.2, "cat. 3": 3.2,
        "5,0": 5.3, **dict.fromkeys(wrong),
    }  # fmt: skip
    prepared = run("zones", zones(env_category=list(written)))
    out = prepared.frame.set_index("zone_id")["env_category"]
    for number, expected in enumerate(written.values()):
        found = out[f"Z{number}"]
        assert found == expected or (expected is None and np.isnan(found))
    assert said(prepared, "env_at_most") == [{"count": 3}]
    assert len(prepared.repaired) == len(wrong)
    assert set(prepared.repaired["reason"]) == {
        "Onbruikbare waarde in “env_category” leeg gelaten"
    }


def test_environmental_categories_in_a_number_column():
    prepared = run("zones", zones(env_category=[4.0, 3.1, np.nan]))
    assert prepared.frame["env_category"].fillna(0).tolist() == [4.2, 3.1, 0]
    assert not len(prepared.repaired)


def test_available_land_and_management():
    frame = zones(
        available_ha=["1,5", "-2", "veel", None], park_management=["ja", 0, "?", None]
    )
    prepared = run("zones", frame)
    assert prepared.frame["available_ha"].fillna(-9).tolist() == [1.5, -9, -9, -9]
    assert prepared.frame["park_management"].tolist() == [True, False, None, None]
    assert len(prepared.repaired) == 3


def test_kinds_are_known_by_their_dutch_and_english_names():
    frame = zones(
        kinds=["Bedrijventerrein; Binnenhaven", "Seveso-industrie", "Mixed area"]
    )
    prepared = run("zones", frame, {"KIND_FIELD": "kinds"})
    assert prepared.frame["kinds"].tolist() == [
        "business_park;inland_port", "seveso_industry", "mixed",
    ]  # fmt: skip
    assert prepared.repaired.empty


def test_kinds_of_zones():
    frame = zones(
        kinds=["Business Park", "sea_port; sea-port|waste", "kasteel;mixed", None]
    )
    prepared = run("zones", frame)
    assert prepared.frame["kinds"].tolist() == [
        "business_park", "sea_port;waste", "other;mixed", "other",
    ]  # fmt: skip
    assert reasons(prepared.repaired, kind="repair").keys() == {"Z2", "Z3"}


def test_a_constant_fills_what_the_field_leaves_open():
    frame = layer({"soort": ["quay", None, "kasteel"]}, [POINT] * 3)
    prepared = run("facilities", frame, {"KIND_FIELD": "soort", "KIND": "wwtp"})
    assert prepared.frame["kind"].tolist() == ["quay", "wwtp", "other"]


def test_unknown_modes_are_skipped():
    frame = layer(
        {"infra_id": list("abc"), "soort": ["Rail", "kabelbaan", None]}, [LINE] * 3
    )
    prepared = run("infrastructure", frame, {"MODE_FIELD": "soort"})
    assert prepared.frame["mode"].tolist() == ["rail"]
    assert reasons(prepared.skipped) == {"b": "mode", "c": "mode"}


def test_value_maps_factors_and_null_tokens():
    mapping = Mapping(
        "zones",
        columns={"AVAILABLE_FIELD": "m2", "KIND_FIELD": "soort"},
        values={
            "KIND_FIELD": {
                "Bedrijventerrein": "business_park",
                "haven; zee": "sea_port",
            }
        },
        factors={"AVAILABLE_FIELD": 0.0001},
        nulls=("-99997", "n.b."),
    )
    frame = layer(
        {
            "m2": [25_000, -99997, 0],
            "soort": ["bedrijventerrein ", "Haven; zee", "n.b."],
        },
        [SQUARE] * 3,
    )
    prepared = prepare("zones", frame, mapping, layer="x", target_crs=28992)
    assert prepared.frame["available_ha"].fillna(-1).tolist() == [2.5, -1, 0]
    assert prepared.frame["kinds"].tolist() == ["business_park", "sea_port", "other"]
    assert len(prepared.repaired) == 1


def test_mapped_codes_stand_as_they_are():
    # 17 has a twin 017, and 235 shows no lost zero: the value map decides.
    frame = layer(
        {"SiteID": [1, 2, 3], "SiteName": list("abc"),
         "Subsector": ["Paper and printing", "111", "Onzin"]},
        [POINT] * 3,
    )  # fmt: skip
    preset = load_preset("establishments", "hotmaps")
    prepared = run("establishments", frame, preset=preset)
    assert prepared.frame["sbi"].tolist() == ["17", "0111"]
    assert reasons(prepared.skipped) == {"3": "code"}


def test_a_code_is_repaired_once():
    frame = establishments(sbi=[1110, 24100, 111])
    prepared = run("establishments", frame, {"CODE_LIST": "nacebel2008"})
    assert prepared.frame["sbi"].tolist() == ["0111", "2410", "0111"]
    assert reasons(prepared.repaired, kind="repair") == {
        "E0": "code_cut", "E1": "code_cut", "E2": "code_reread",
    }  # fmt: skip
    assert len(prepared.repaired) == 3


def test_a_constant_of_the_user_replaces_the_column_of_the_preset():
    preset = load_preset("establishments", "hotmaps")
    rows = {"SiteID": [1], "SiteName": ["a"], "Subsector": ["Glass"]}
    prepared = run("establishments", layer(rows, [POINT]), {"ACTIVITY": "38"}, preset)
    assert prepared.frame["sbi"].tolist() == ["38"]


def test_each_feature_may_have_its_own_code_list():
    frame = establishments(
        sbi=["35111", "35111", "20"], code_list=["sbi2008", "NACEBEL2008", None]
    )
    prepared = run("establishments", frame)
    assert prepared.frame["sbi"].tolist() == ["35111", "3511", "20"]
    assert prepared.frame["code_list"].tolist() == ["sbi2008", "nacebel2008", "sbi2008"]
    both = run("establishments", frame, {"CODE_LIST": "nacebel2008"})
    assert both.frame["sbi"].tolist() == ["3511", "3511", "20"]
    with pytest.raises(RefusalError, match="sbi2025"):
        run("establishments", frame, {"CODE_LIST": "sbi2025"})


def test_what_a_preset_leaves_out_is_listed():
    preset = load_preset("facilities", "powerplants")
    rows = {
        "id": [0, 1, 2],
        "Name": list("abc"),
        "Fueltype": ["Wind", "Biogas", "Biogas"],
        "DateOut": [np.nan, np.nan, 2019.0],
        "Capacity": [1.0, 2.0, 3.0],
    }
    prepared = run("facilities", layer(rows, [POINT] * 3), preset=preset)
    assert prepared.frame["facility_id"].tolist() == ["1"]
    assert prepared.frame.loc[0, ["capacity", "unit"]].tolist() == [2.0, "MW gas"]
    assert prepared.skipped["reason"].str.split(": ").str[1].tolist() == [
        "Fueltype = Wind",
        "DateOut = 2019",
    ]


@pytest.mark.parametrize(
    "role",
    [
        "establishments",
        "zones",
        "infrastructure",
        "facilities",
        "regions",
        "constraints",
    ],
)
def test_an_empty_layer_gives_an_empty_layer(role):
    frame = layer({"sbi": [], "mode": []}, [])
    prepared = run(role, frame)
    assert len(prepared.frame) == len(prepared.repaired) == 0
    assert "geometry" in prepared.frame


# --- properties -----------------------------------------------------------------

SHAPES = st.sampled_from(
    [POINT, POINT, None, shapely.Point(), shapely.Point(0, 0), SQUARE, LINE, BOW_TIE,
     shapely.MultiPoint([(1, 1), (2, 2)]), shapely.Point(np.nan, 1),
     shapely.Point(9e9, 1), shapely.Point(1e5, 4e5, 3)]
)  # fmt: skip
CELLS = st.one_of(
    st.none(), st.text(max_size=4), st.integers(-5, 99999), st.floats(),
    st.sampled_from(
        ["0111", "24101", "1.234,5", "ja", "rail", "cat. 4", "mixed", "10-19", "1000+"]
    ),
)  # fmt: skip
ROLES = {
    "establishments": (
        POINT,
        ["sbi", "jobs", "size_class", "jobs_low", "jobs_high", "value_added_keur"],
    ),
    "zones": (SQUARE, ["kinds", "env_category", "available_ha", "park_management"]),
    "infrastructure": (LINE, ["mode", "class"]),
    "facilities": (POINT, ["kind", "capacity", "unit"]),
    "regions": (SQUARE, ["population", "centre_city"]),
    "constraints": (SQUARE, ["kind", "effect"]),
    "initiatives": (POINT, ["kind", "status", "source"]),
}


@st.composite
def layers(draw):
    role = draw(st.sampled_from(sorted(ROLES)))
    usual, names = ROLES[role]
    count = draw(st.integers(0, 12))
    # One usual shape keeps the layer from being refused for its kind of geometry.
    shapes = [*draw(st.lists(SHAPES, min_size=count, max_size=count)), usual]
    rows = {
        name: pd.Series(
            draw(st.lists(CELLS, min_size=count + 1, max_size=count + 1)), dtype=object
        ).tolist()
        for name in names
    }
    rows["nr"] = draw(st.permutations([f"N{n}" for n in range(count + 1)]))
    return role, layer(
        {k: np.array([*v, None], dtype=object)[:-1] for k, v in rows.items()}, shapes
    )


@settings(max_examples=150, deadline=None)
@given(layers(), st.randoms(use_true_random=False))
def test_nothing_is_lost_and_order_does_not_matter(drawn, random):
    role, frame = drawn
    parameters = {"ID_FIELD": "nr"}
    first = run(role, frame, parameters)
    order = list(range(len(frame)))
    random.shuffle(order)
    # Another order in the file gives other feature ids too.
    shuffled = frame.iloc[order].set_axis(frame.index)
    again = run(role, shuffled, parameters)
    pd.testing.assert_frame_equal(pd.DataFrame(first.frame), pd.DataFrame(again.frame))
    pd.testing.assert_frame_equal(first.skipped, again.skipped)
    pd.testing.assert_frame_equal(first.repaired, again.repaired)
    assert first.notes == again.notes
    ids = first.frame.iloc[:, 0]
    assert ids.is_monotonic_increasing
    assert set(ids) | set(first.skipped["source_id"]) == set(frame["nr"])
    assert set(first.repaired["source_id"]) <= set(ids)


@settings(max_examples=30, deadline=None)
@given(layers())
def test_a_canonical_layer_stays_as_it_is(drawn):
    role, frame = drawn
    once = run(role, frame, {"ID_FIELD": "nr"}).frame
    twice = run(role, once)
    pd.testing.assert_frame_equal(pd.DataFrame(once), pd.DataFrame(twice.frame))
    assert not len(twice.skipped)
    assert not len(twice.repaired)


def test_texts_agree_in_both_languages():
    def flat(table, prefix=""):
        for key, value in table.items():
            if isinstance(value, dict):
                yield from flat(value, f"{prefix}{key}.")
            else:
                yield f"{prefix}{key}", {part[1] for part in Formatter().parse(value)}

    dutch, english = (
        dict(
            flat(
                tomllib.loads(
                    resource_path("texts", language, "prepare.toml").read_text()
                )
            )
        )
        for language in ("nl", "en")
    )
    assert dutch == english
