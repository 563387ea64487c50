"""Type environments: each rule by hand, the logic and the measures against oracles."""

import re
from itertools import combinations
from pathlib import Path

import environment_scenes as scenes
import numpy as np
import pytest
import shapely
from environment_scenes import (
    CLASSES_FAIL,
    CLASSES_HOLD,
    DISTANCES,
    FAILS,
    HOLDS,
    frame,
    line,
    scene,
    square,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from kansenkaart.analysis.environments.conditions import FORMS, Condition, Reader
from kansenkaart.analysis.environments.kleene import FALSE, TRUE, UNKNOWN
from kansenkaart.analysis.environments.library import (
    class_rules,
    read_rules,
    shipped_reader,
    thresholds,
    type_rules,
)
from kansenkaart.analysis.environments.measures import MEASURES, state
from kansenkaart.analysis.environments.scene import Layers, Scene, straight_line
from kansenkaart.analysis.environments.types import environment_types
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.resources import read_toml
from kansenkaart.analysis.strategies import strategies

ROOT = Path(__file__).resolve().parents[2]
TYPES = [f"T{number}" for number in range(1, 24)]


def found(layers, **more):
    return environment_types(layers, DISTANCES, **more)


def of_place(result, name):
    """What holds and what is unknown, of the zone or the line of a scene."""
    if name == "T21" or name in {"motorway", "waterway", "rail_freight"}:
        row = result.network.set_index("infra_id").loc["L"]
        return row["types"], "", row["synthesis_classes"]
    row = result.zones.set_index("zone_id").loc["Z"]
    return row["types"], row["types_unknown"], row["synthesis_classes"]


# Each type by hand.


@pytest.mark.parametrize(
    ("name", "words"), [(name, words) for name in HOLDS for words in HOLDS[name]]
)
def test_type_holds(name, words):
    types, unknown, _ = of_place(found(scene(**words)), name)
    assert name in types.split(";")
    assert unknown == ""


@pytest.mark.parametrize(
    ("name", "words"), [(name, words) for name in FAILS for words in FAILS[name]]
)
def test_type_does_not_hold_and_that_is_known(name, words):
    types, unknown, _ = of_place(found(scene(**words)), name)
    assert name not in types.split(";")
    assert unknown == ""


@pytest.mark.parametrize("name", CLASSES_HOLD)
def test_class_of_the_synthesis_map(name):
    for words, holds in ((CLASSES_HOLD[name], True), (CLASSES_FAIL[name], False)):
        *_, classes = of_place(found(scene(**words)), name)
        assert (name in classes.split(";")) == holds


def test_every_type_and_class_has_its_scenes():
    assert list(HOLDS) == list(FAILS) == TYPES
    assert (
        list(CLASSES_HOLD)
        == list(CLASSES_FAIL)
        == list(read_toml("rules", "synthesis_classes.toml"))
    )


# What is unknown.


def test_without_other_layers_only_what_zones_tell_is_known():
    for kinds, types, unknown in (
        ("sea_port", "T1", "T2;T3;T4;T5;T6;T7;T8;T9;T10;T11;T12;T13;T22"),
        ("agriculture", "", "T23"),
        ("urban_high", "T14", "T13;T15;T16;T17;T18;T19"),
        ("waste", "T8", "T2;T3;T4;T5;T6;T7;T9;T10;T11;T12;T13;T22"),
        ("other", "", ""),
    ):
        layers = Layers(frame([square()], zone_id=["Z"], kinds=kinds, area_ha=[100.0]))
        result = found(layers)
        assert of_place(result, "T1")[:2] == (types, unknown)
        assert result.network is None
        last = result.types.set_index("type").loc["T21"]
        assert last[["zones", "unknown", "lines", "length_km"]].isna().all()


def test_a_layer_without_anything_of_the_kind_tells_nothing():
    full = scene(lines=[("rail", None, line(0))])
    only_rail = full.infrastructure["mode"] == "rail"
    only_parks = full.zones["kinds"] == "business_park"
    only_wwtp = full.facilities["kind"] == "wwtp"
    layers = Layers(
        full.zones[only_parks].reset_index(drop=True),
        full.establishments,
        full.regions,
        full.infrastructure[only_rail].reset_index(drop=True),
        full.facilities[only_wwtp].reset_index(drop=True),
        full.constraints,
    )
    result = found(layers)
    types, unknown, _ = of_place(result, "T5")
    assert types == "T5"
    # Rail is near; water may be, and a second mode.
    assert unknown == "T3;T4;T6;T7;T8;T10;T11;T12;T13;T22"
    said = dict(result.remarks)
    assert "Kennisinstelling" in said["environments.absent_facilities"]["names"]
    assert "Weg" in said["environments.absent_infrastructure"]["names"]
    assert "Spoor" not in said["environments.absent_infrastructure"]["names"]
    assert "landbouw" in said["environments.absent_zones"]["names"]
    assert "T10" in said["environments.types_unknown"]["names"]


def test_cells_without_value_are_unknown():
    layers = scene(kinds="urban_low", lines=[("road", None, line(500))])
    layers.regions["centre_city"] = None
    types, unknown, _ = of_place(found(layers), "T19")
    assert "T19" in unknown
    assert "T19" not in types
    layers = scene(**HOLDS["T9"][0])
    layers.regions["population"] = np.nan
    assert "T9" in of_place(found(layers), "T9")[1]
    # A road of unknown class may be a motorway, and is no local road.
    result = found(scene(kinds="brownfield", lines=[("road", None, line(500))]))
    assert of_place(result, "motorway")[2] == ""
    assert "T20" in of_place(result, "T20")[0]


def test_nothing_is_said_of_layers_that_hold_everything():
    assert found(scene()).remarks == []


# Totals.


def test_hectares_are_per_type():
    layers = scene(kinds="sea_port", lines=[("water", None, line(0))])
    result = found(layers)
    totals = result.types.set_index("type")
    assert list(totals.index) == TYPES
    zones = result.zones
    for name in set(TYPES) - {"T21"}:
        holds = zones["types"].str.split(";").map(lambda own, name=name: name in own)
        assert totals.loc[name, "zones"] == holds.sum()
        assert totals.loc[name, "area_ha"] == zones.loc[holds, "area_ha"].sum()
    assert totals.loc["T1", "area_ha"] == 300.0
    assert totals.loc["T21", "lines"] == 0
    assert totals.loc[["T1", "T7"], "area_ha"].sum() > 300


def test_area_of_the_polygon_counts_where_the_layer_tells_none():
    layers = scene(side=scenes.LARGE, facilities=[("power_plant", 0)])
    layers.zones.loc[0, "area_ha"] = np.nan
    assert "T3" in of_place(found(layers), "T3")[0]
    layers.zones.loc[0, "area_ha"] = 29.0
    assert "T3" not in of_place(found(layers), "T3")[0]


def test_a_part_of_the_map_has_its_own_totals():
    layers = scene(
        kinds="sea_port",
        zones=[("sea_port", scenes.square(3000))],
        lines=[("water", "Va", scenes.line(1500))],
    )
    whole = found(layers)
    # Holds the middle of the first port and an end of the line, and cuts the other.
    part = whole.inside(shapely.box(-10, -10, 3100, 900))
    assert part.zones["zone_id"].tolist() == ["Z"]
    totals = part.types.set_index("type")
    assert totals.loc["T1", ["zones", "area_ha"]].tolist() == [1, 100.0]
    assert part.network.length.tolist() == [910.0]
    classes = part.classes.set_index("type")
    assert classes.loc["waterway", ["lines", "length_km"]].tolist() == [1, 0.91]
    assert classes.loc["sea_port", ["zones", "area_ha"]].tolist() == [1, 100.0]
    assert len(classes) == 11
    assert whole.types.set_index("type").loc["T1", "zones"] > 1


@pytest.mark.parametrize("hectares", [1e308, np.inf])
@pytest.mark.filterwarnings("error")
def test_more_hectares_than_can_be_multiplied_are_not_mixed(hectares):
    layers = scene(kinds="urban_high", firms=scenes.CODES)
    layers.zones.loc[0, "area_ha"] = hectares
    assert "T16" not in of_place(found(layers), "T16")[0]


def test_order_of_rows_makes_no_difference():
    rng = np.random.default_rng(3)
    layers = scene(**HOLDS["T9"][0], firms=scenes.CODES, lines=[scenes.MAIN])
    mixed = Layers(
        **{
            role: part.iloc[rng.permutation(len(part))].reset_index(drop=True)
            for role, part in vars(layers).items()
        }
    )
    one, other = found(layers), found(mixed)
    for part, key in (("zones", "zone_id"), ("network", "infra_id")):
        first, second = (getattr(each, part) for each in (one, other))
        second = second.set_index(key).loc[first[key]].reset_index()
        for name in ("types", "synthesis_classes"):
            assert first[name].tolist() == second[name].tolist()
    assert one.types.equals(other.types)


def test_distance_can_be_measured_otherwise():
    """As along a network on which everything is twice as far."""

    def detour(origins, targets, metres):
        return straight_line(origins, targets, metres / 2)

    layers = scene(facilities=[("knowledge", 2900)])
    assert "T10" in of_place(found(layers), "T10")[0]
    assert "T10" not in of_place(found(layers, near=detour), "T10")[0]


# The logic against plain Python.

LEAVES = st.sampled_from([True, False, None])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["all", "any"]), st.lists(inner, min_size=1)),
    ),
    max_leaves=12,
)


def oracle(tree):
    """Value of a tree: True, False or None."""
    if tree is None or isinstance(tree, bool):
        return tree
    test, inner = tree
    if test == "not":
        value = oracle(inner)
        return None if value is None else not value
    values = [oracle(part) for part in inner]
    decisive = test == "any"
    if decisive in values:
        return decisive
    return None if None in values else not decisive


def as_toml(tree):
    """The same tree as a condition: known, known not, unknown."""
    if tree is True:
        return {"kinds": ["mixed"]}
    if tree is False:
        return {"kinds": ["waste"]}
    if tree is None:
        return {"available_ha": 1}
    test, inner = tree
    return {
        test: as_toml(inner) if test == "not" else [as_toml(part) for part in inner]
    }


@given(TREES)
@settings(max_examples=300, deadline=None)
def test_logic_is_that_of_kleene(tree):
    zones = frame([square()], zone_id=["Z"], kinds="mixed", area_ha=[100.0])
    value = state(Scene(Layers(zones), {}), Reader().read(as_toml(tree), "rule"))
    assert value.tolist() == [{True: TRUE, False: FALSE, None: UNKNOWN}[oracle(tree)]]


# The measures against plain loops.


@pytest.fixture(scope="module")
def rough():
    """A rough country of random places."""
    rng = np.random.default_rng(11)

    def points(count):
        return shapely.points(rng.uniform(0, 20_000, (count, 2)))

    def pick(words, count):
        return rng.choice(np.array(words, object), count)

    zones = shapely.buffer(points(60), rng.uniform(100, 1500, 60), quad_segs=3)
    ends = points(80)
    lines = [
        shapely.LineString([a, b]) for a, b in zip(ends[::2], ends[1::2], strict=True)
    ]
    grid = [shapely.box(x, y, x + 5000, y + 5000) for x in range(0, 20_000, 5000)
            for y in range(0, 20_000, 5000)]  # fmt: skip
    return Layers(
        frame(
            zones,
            zone_id=[f"z{n}" for n in range(60)],
            kinds=pick(["mixed", "urban_low", "waste;mixed", "nature"], 60),
            area_ha=shapely.area(zones) / 1e4,
            available_ha=np.where(rng.random(60) < 0.3, np.nan, rng.uniform(0, 9, 60)),
        ),
        frame(points(300), sbi=pick(["2014", "2059", "4120", "4673", "38"], 300)),
        frame(
            grid,
            population=np.where(rng.random(16) < 0.2, np.nan, rng.uniform(0, 9e4, 16)),
            centre_city=pick([True, False, None], 16),
        ),
        frame(
            lines,
            mode=pick(["road", "rail", "heat"], 40),
            **{"class": pick(["motorway", "local", None], 40)},
        ),
        frame(points(30), kind=pick(["station", "knowledge"], 30)),
        frame(shapely.buffer(points(20), 900), kind=pick(["flood", "nature"], 20)),
    )


def three(sure, possible):
    return TRUE if sure else UNKNOWN if possible else FALSE


def check(layers, raw, expected):
    """A condition on every zone against a function of its row."""
    value = state(Scene(layers, DISTANCES), Reader().read(raw, "rule"))
    wanted = [expected(at, zone.geometry, zone) for at, zone in layers.zones.iterrows()]
    assert value.tolist() == wanted
    assert len(set(wanted)) > 1, "tells nothing"


def near_rows(layer, shape, metres):
    return layer[[shape.distance(other) <= metres for other in layer.geometry]]


def test_facilities_near(rough):
    raw = {"near_facility": ["station"], "within": 2500, "at_least": 2}

    def expected(_at, shape, _zone):
        kinds = near_rows(rough.facilities, shape, 2500)["kind"]
        return three((kinds == "station").sum() >= 2, False)

    check(rough, raw, expected)


@pytest.mark.parametrize("least", [1, 2, 3])
def test_modes_near(rough, least):
    raw = {
        "near_mode": ["road", "rail", "heat"],
        "at_least": least,
        "classes": ["motorway"],
    }

    def expected(_at, shape, _zone):
        near = near_rows(rough.infrastructure, shape, 1000)
        sure = set(near.loc[near["class"] == "motorway", "mode"])
        maybe = set(near.loc[near["class"].isna(), "mode"])
        return three(len(sure) >= least, len(sure | maybe) >= least)

    check(rough, raw, expected)


def test_other_zones_near(rough):
    raw = {"near_zone": {"available_ha": 5}, "within": 800, "at_least": 2}

    def expected(at, shape, _zone):
        near = near_rows(rough.zones.drop(index=at), shape, 800)["available_ha"]
        sure = (near >= 5).sum()
        return three(sure >= 2, sure + near.isna().sum() >= 2)

    check(rough, raw, expected)


def test_zones_that_lie_together_count_once(rough):
    raw = {
        "near_zone": {"kinds": ["urban_low"]},
        "within": 3000,
        "apart": 700,
        "at_least": 3,
    }
    towns = rough.zones[rough.zones["kinds"] == "urban_low"]
    label = {at: at for at in towns.index}
    for one, other in [*combinations(label, 2)] * len(label):
        if towns.geometry[one].distance(towns.geometry[other]) <= 700:
            label[one] = label[other] = min(label[one], label[other])

    def expected(at, shape, _zone):
        near = near_rows(towns.drop(index=at, errors="ignore"), shape, 3000)
        return three(len({label[town] for town in near.index}) >= 3, False)

    check(rough, raw, expected)


@pytest.mark.parametrize("within", [None, 600])
def test_firms_near_and_inside(rough, within):
    raw = {"firms": ["20", "4673"], "at_least": 3} | (
        {"within": within} if within else {}
    )

    def expected(_at, shape, _zone):
        codes = near_rows(rough.establishments, shape, within or 0)["sbi"]
        return three(codes.str.startswith(("20", "4673")).sum() >= 3, False)

    check(rough, raw, expected)


def test_activities_and_firms_per_hectare(rough):
    def inside(shape):
        return near_rows(rough.establishments, shape, 0)["sbi"]

    check(
        rough,
        {"activities": ["*"], "digits": 3, "at_least": 3},
        lambda _at, shape, _zone: three(inside(shape).str[:3].nunique() >= 3, False),
    )
    check(
        rough,
        {"firms_per_ha": 0.01},
        lambda _at, shape, zone: three(
            len(inside(shape)) >= 0.01 * zone["area_ha"], False
        ),
    )


def test_density_of_lines(rough):
    roads = rough.infrastructure[rough.infrastructure["mode"] == "road"].geometry

    def expected(_at, shape, _zone):
        length = sum(shape.intersection(road).length for road in roads) / 1e3
        return three(length / (shape.area / 1e6) >= 0.7, False)

    check(rough, {"line_density": ["road"], "at_least": 0.7}, expected)


def test_share_under_constraints_and_in_regions(rough):
    flood = rough.constraints[rough.constraints["kind"] == "flood"].union_all()
    check(
        rough,
        {"covered": ["flood"], "share": 0.2},
        lambda _at, shape, _zone: three(
            shape.intersection(flood).area >= 0.2 * shape.area, False
        ),
    )
    marks = rough.regions["centre_city"]
    sure = rough.regions[marks == True].union_all()  # noqa: E712
    possible = rough.regions[(marks == True) | marks.isna()].union_all()  # noqa: E712
    check(
        rough,
        {"region": "centre_city", "share": 0.5},
        lambda _at, shape, _zone: three(
            shape.intersection(sure).area >= 0.5 * shape.area,
            shape.intersection(possible).area >= 0.5 * shape.area,
        ),
    )


def test_population_within_reach(rough):
    def expected(_at, shape, _zone):
        around, people, doubt = shape.buffer(1500, quad_segs=16), 0.0, False
        for region in rough.regions.itertuples():
            share = around.intersection(region.geometry).area / region.geometry.area
            doubt |= bool(np.isnan(region.population)) and share > 0
            people += 0 if np.isnan(region.population) else share * region.population
        return three(people >= 25_000, doubt)

    check(rough, {"population": 25_000, "within": 1500}, expected)


# The rules as data.


def test_types_and_classes_are_those_of_the_study():
    assert [rule.name for rule in type_rules()] == TYPES
    assert [rule.name for rule in type_rules() if rule.on == "lines"] == ["T21"]
    labels = [e["label"] for e in read_toml("rules", "synthesis_classes.toml").values()]
    assert labels == [
        "Economische zone - Binnenhaven",
        "Economische zone - Zeehaven",
        "Economische zone - industriegebied met Seveso",
        "Economische zone - Corridors - Goede connectiviteit, weg en spoor",
        "Economische zone - Nabij stedelijke gebieden",
        "Kernwinkelgebieden",
        "Innovatiecluster",
        "Afvalbeheer - Inzameling en Sortering",
        "Belangrijke snelwegen",
        "Bevaarbare waternetwerken",
        "Spoorwegvrachtcorridors",
    ]
    lines = [rule.name for rule in class_rules() if rule.on == "lines"]
    assert lines == ["motorway", "waterway", "rail_freight"]


def test_every_type_says_what_the_study_says_and_where():
    agendas = read_toml("rules", "agendas.toml")
    for name, entry in read_toml("rules", "environment_types.toml").items():
        assert entry["nl"] != entry["en"], name
        named = {each.agenda for each in strategies().values() if name in each.types}
        assert named <= set(entry["words"]) <= set(agendas), name


def named_numbers(raw):
    """Every number and every name of one in a condition as TOML gives it."""
    if isinstance(raw, list):
        return [pair for part in raw for pair in named_numbers(part)]
    if not isinstance(raw, dict):
        return []
    own = [
        (key, value)
        for key, value in raw.items()
        if isinstance(value, int | float) or str(value).isupper()
    ]
    return own + [pair for part in raw.values() for pair in named_numbers(part)]


def test_every_number_of_a_rule_is_a_threshold_with_its_reason():
    rules = [
        entry.get("rule", entry)
        for name in ("environment_types", "synthesis_classes", "conditions")
        for entry in read_toml("rules", f"{name}.toml").values()
    ]
    pairs = named_numbers(rules)
    used = {value for _, value in pairs if isinstance(value, str)}
    # One is enough; two modes is the study's own; digits are no quantity.
    own = {("at_least", 1), ("at_least", 2), ("digits", 2), ("digits", 3)}
    assert {pair for pair in pairs if not isinstance(pair[1], str)} <= own
    assert used == set(thresholds())
    for language in ("nl", "en"):
        reasons = read_toml("texts", language, "assumptions.toml")["environmenttypes"]
        units = read_toml("texts", language, "units.toml")
        for name, entry in read_toml("rules", "thresholds.toml").items():
            assert set(reasons[name]) == {"label", "why"}
            assert entry["unit"] in units


def test_the_documentation_has_each_type_its_words_and_each_number():
    page = (ROOT / "docs" / "environment_types.md").read_text("utf-8")
    rows = {
        line.split("|")[1].strip(" `"): line
        for line in page.splitlines()
        if "|" in line
    }
    agendas = read_toml("rules", "agendas.toml")
    for name, entry in read_toml("rules", "environment_types.toml").items():
        for agenda, words in entry["words"].items():
            assert words.rstrip(".") in rows[name], name
            assert agendas[agenda]["pages"] in rows[name], name
    for name, entry in read_toml("rules", "synthesis_classes.toml").items():
        assert entry["label"] in rows[name]
    for name, value in thresholds().items():
        shown = f"{value:,.10g}".replace(",", " ")
        assert f"| {shown} |" in rows[name], name
        used = [row for row in rows.values() if f"`{name}`" in row]
        assert len(used) > 1 or name in {"TOWN_DISTANCE", "CENTRE_CITY_SHARE"}, name


def test_every_test_is_measured():
    assert set(MEASURES) == set(FORMS)


# Rules that are none.

DEEP = {"kinds": ["mixed"]}
for _ in range(30):
    DEEP = {"not": DEEP}
MALFORMED = {
    "text": ("__import__('os')", "no_condition"),
    "nothing": (None, "no_condition"),
    "no_test": ({}, "no_test"),
    "two_tests": ({"kinds": ["mixed"], "area_ha": 1}, "no_test"),
    "unknown_test": ({"eval": "1 + 1"}, "no_test"),
    "unknown_name": ({"use": "castle"}, "name_unknown"),
    "name_and_more": ({"use": "urban", "within": 5}, "no_test"),
    "name_is_list": ({"use": ["urban"]}, "name_unknown"),
    "empty_all": ({"all": []}, "no_list"),
    "all_of_texts": ({"all": ["urban"]}, "no_condition"),
    "not_a_list": ({"not": [{"kinds": ["mixed"]}]}, "no_condition"),
    "unknown_kind": ({"kinds": ["castle"]}, "word_unknown"),
    "kind_is_number": ({"kinds": [7]}, "word_unknown"),
    "kinds_is_text": ({"kinds": "mixed"}, "no_list"),
    "unknown_mode": ({"near_mode": ["horse"]}, "word_unknown"),
    "unknown_field": ({"region": "name", "share": 0.5}, "word_unknown"),
    "missing": ({"near_facility": ["station"]}, "argument_missing"),
    "strange": ({"kinds": ["mixed"], "colour": 3}, "argument_unknown"),
    "number_is_text": ({"area_ha": "MUCH"}, "no_number"),
    "number_is_bool": ({"area_ha": True}, "no_number"),
    "number_is_nan": ({"area_ha": float("nan")}, "no_number"),
    "number_is_infinite": ({"area_ha": float("inf")}, "no_number"),
    "number_is_negative": ({"area_ha": -1}, "no_number"),
    "share": ({"covered": ["flood"], "share": 1.5}, "no_share"),
    "no_share": ({"covered": ["flood"], "share": 0}, "no_share"),
    "half": ({"near_mode": ["rail"], "at_least": 1.5}, "not_whole"),
    "none": ({"firms": ["38"], "at_least": 0}, "not_whole"),
    "prefix": ({"firms": ["3.8"], "at_least": 1}, "no_prefix"),
    "classes": ({"near_mode": ["road"], "classes": "local"}, "no_list"),
    "lines_only": ({"mode": ["rail"]}, "not_of"),
    "deep": (DEEP, "too_deep"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_rules_are_refused_in_words(case):
    raw, key = MALFORMED[case]
    with pytest.raises(RefusalError) as refused:
        read_rules({"T99": {"on": "zones", "rule": raw}}, shipped_reader())
    assert refused.value.key == f"environments.{key}"
    for language in ("nl", "en"):
        told = refused.value.sentence(language)
        assert "T99" in told
        assert not re.search(r"[{}]\w", told.replace("{'", ""))


def test_rules_must_say_what_they_are_about():
    for entry in ({"rule": {"kinds": ["mixed"]}}, {"on": "cities"}, "text"):
        with pytest.raises(RefusalError, match="T99"):
            read_rules({"T99": entry}, Reader())
    with pytest.raises(RefusalError, match="kinds"):
        read_rules({"T99": {"on": "lines", "rule": {"kinds": ["mixed"]}}}, Reader())
    with pytest.raises(RefusalError, match="urban"):
        read_rules({"T99": {"on": "lines", "rule": {"use": "urban"}}}, shipped_reader())


def test_conditions_are_plain_data():
    """Nothing in a rule is ever run: what is read holds words, numbers, conditions."""

    def plain(value):
        if isinstance(value, tuple):
            return all(map(plain, value))
        return isinstance(value, str | float | Condition)

    for rule in (*type_rules(), *class_rules()):
        for condition in rule.condition.inside():
            assert plain(condition.value)
            assert plain(condition.arguments)
