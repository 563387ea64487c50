"""Presets: shipped ones are sound, a user's own ones are checked."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from kansenkaart.analysis.codes import code_table
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.prepare import mapping_for, prepare
from kansenkaart.analysis.presets import load_preset, preset_ids, presets
from kansenkaart.analysis.resources import resource_path

SHIPPED = [
    (folder.name, path.stem)
    for folder in sorted(resource_path("presets").iterdir())
    for path in sorted(folder.glob("*.toml"))
]
BELGIAN = ("Flanders", "Flemish", "Brussels", "Wallonia", "Belgium")
"""A title that holds one of these is of a source that lies in Belgium."""
SMALLEST = 'title_nl = "a"\ntitle_en = "b"\nsource = "c"\nfields_seen = false\n'


def write(folder, content):
    path = folder / "own.toml"
    path.write_text(SMALLEST + content, encoding="utf-8")
    return str(path)


def refusal_of(role, name):
    with pytest.raises(RefusalError) as refusal:
        mapping_for(role, load_preset(role, name), {})
    for language in ("nl", "en"):
        assert refusal.value.sentence(language)
    return refusal.value


def prepared(role, path, geometry, parameters=None, **columns):
    rows = pd.DataFrame(columns, dtype=object)
    rows.index = [str(number + 1) for number in range(len(rows))]
    frame = gpd.GeoDataFrame(rows, geometry=[geometry] * len(rows))
    mapping = mapping_for(role, load_preset(role, path), parameters or {})
    return prepare(role, frame, mapping, layer="bron")


POINT = shapely.Point(150_000, 450_000)
LINE = shapely.LineString([(150_000, 450_000), (150_100, 450_000)])


def test_there_are_presets():
    assert len(SHIPPED) >= 60


@pytest.mark.parametrize(("role", "name"), SHIPPED)
def test_shipped(role, name):
    preset = load_preset(role, name)
    assert preset.name == name
    belgian = any(word in preset.title_en for word in BELGIAN)
    assert preset.crs == ("EPSG:31370" if belgian else "EPSG:28992")
    mapping = mapping_for(role, preset, {})
    assert mapping.columns == preset.fields
    codes = list(preset.values.get("ACTIVITY_FIELD", {}).values())
    codes += [preset.constants["ACTIVITY"]] if "ACTIVITY" in preset.constants else []
    assert set(codes) <= code_table(preset.code_list or "sbi2008")
    # What is kept by a field that has a value map is in that map.
    for parameter in preset.values:
        assert set(preset.keep.get(parameter, ())) <= set(preset.values[parameter])


@pytest.mark.parametrize(("role", "name"), SHIPPED)
def test_titles_say_what_is_not_tested(role, name):
    preset = load_preset(role, name)
    unseen = (" (niet getoetst)", " (not tested)")
    marks = ("", "") if preset.fields_seen else unseen
    assert presets(role)[name] == {
        "nl": preset.title_nl + marks[0],
        "en": preset.title_en + marks[1],
    }


def test_titles_tell_the_presets_of_a_role_apart():
    for role in {role for role, _ in SHIPPED}:
        for language in ("nl", "en"):
            titles = [title[language] for title in presets(role).values()]
            assert len(set(titles)) == len(titles)


def test_unknown_role_has_no_presets():
    assert preset_ids("nothing") == []


@pytest.mark.parametrize(
    "name", ["ibsi", "ibsi.toml", "/nowhere/own.toml", "../zones/ibis"]
)
def test_a_missing_preset_names_those_there_are(name):
    refusal = refusal_of("zones", name)
    assert refusal.key == "prepare.preset_missing"
    assert "ibis_2017" in refusal.sentence("nl")


def test_own_preset(tmp_path):
    path = write(
        tmp_path, '[fields]\nID_FIELD = "NR"\n[factors]\nAVAILABLE_FIELD = 0.01'
    )
    preset = load_preset("zones", path)
    assert preset.name == "own"
    assert preset.fields == {"ID_FIELD": "NR"}
    assert preset.factors == {"AVAILABLE_FIELD": 0.01}


def test_byte_order_mark(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(SMALLEST, encoding="utf-8-sig")
    assert load_preset("zones", str(path)).title_nl == "a"


@pytest.mark.parametrize(
    ("content", "key", "named"),
    [
        ("titel = 1", "preset_key_unknown", "titel"),
        ("crs = 28992", "preset_key_wrong", "crs"),
        ("[fields]\nID_FIELD = 3", "preset_key_wrong", "fields.ID_FIELD"),
        ("[fields]\nJOBS_FIELD = 'x'", "preset_key_unknown", "fields.JOBS_FIELD"),
        ("[constants]\nMODE = 'rail'", "preset_key_unknown", "constants.MODE"),
        ("[keep]\nstate = 1", "preset_key_wrong", "keep.state"),
        ("[keep]\nstate = [[1]]", "preset_key_wrong", "keep.state"),
        ("nulls = [true]", "preset_key_wrong", "nulls"),
        ("centres = 1", "preset_key_wrong", "centres"),
        ("[fields]\nID_FIELD = []", "preset_key_wrong", "fields.ID_FIELD"),
        ("[fields]\nID_FIELD = ['a', 3]", "preset_key_wrong", "fields.ID_FIELD"),
        ("[values.KIND_FIELD]\nB = 3", "preset_key_wrong", "values.KIND_FIELD"),
        ("[factors]\nAVAILABLE_FIELD = true", "preset_key_wrong", "AVAILABLE_FIELD"),
        ("[fallbacks]\nID_FIELD = 'x'", "preset_key_unknown", "fallbacks.ID_FIELD"),
        ("optional = ['JOBS_FIELD']", "preset_key_unknown", "optional.JOBS_FIELD"),
        ("optional = [1]", "preset_key_wrong", "optional.1"),
        ("[patterns]\nKIND = '^(a)'", "preset_key_unknown", "patterns.KIND"),
        ("[patterns]\nID_FIELD = '(a)'", "preset_pattern_wrong", "patterns.ID_FIELD"),
        ("[patterns]\nID_FIELD = '^a'", "preset_pattern_wrong", "patterns.ID_FIELD"),
        ("[patterns]\nID_FIELD = '^(a)(b)'", "preset_pattern_wrong", "ID_FIELD"),
        ("[patterns]\nID_FIELD = '^(a'", "preset_pattern_wrong", "ID_FIELD"),
        ("[patterns]\nID_FIELD = '^(a+)+$'", "preset_pattern_wrong", "ID_FIELD"),
        ("[patterns]\nID_FIELD = '^(?:a+)*(b)'", "preset_pattern_wrong", "ID_FIELD"),
        ("[constants]\nKIND = 'castle'", "choice_unknown", "castle"),
        ("[values.KIND_FIELD]\nB = 'castle'", "choice_unknown", "castle"),
        ("[fields", "preset_unreadable", "own.toml"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, content, key, named):
    refusal = refusal_of("zones", write(tmp_path, content))
    assert refusal.key == f"prepare.{key}"
    assert named in refusal.sentence("nl")
    assert named in refusal.sentence("en")


def test_a_missing_key_is_named(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('title_nl = "a"\n')
    assert "title_en" in refusal_of("zones", str(path)).sentence("nl")


def test_what_the_user_names_beats_the_preset():
    preset = load_preset("facilities", "uwwtd")
    mapping = mapping_for(
        "facilities", preset, {"CAPACITY_FIELD": "load", "NAME_FIELD": None}
    )
    assert mapping.columns["CAPACITY_FIELD"] == "load"
    assert mapping.columns["NAME_FIELD"] == "uwwName"
    mapping = mapping_for("facilities", preset, {"KIND_FIELD": "type"})
    assert "KIND" not in mapping.constants
    mapping = mapping_for("facilities", preset, {"KIND": "quay"})
    assert mapping.constants["KIND"] == "quay"
    hotmaps = load_preset("establishments", "hotmaps")
    mapping = mapping_for("establishments", hotmaps, {"CODE_LIST": "nacebel2008"})
    assert mapping.constants["CODE_LIST"] == "nacebel2008"


def test_the_user_settles_what_a_preset_leaves_open(tmp_path):
    content = (
        'optional = ["NAME_FIELD"]\n[fields]\nID_FIELD = ["nr", "code"]\n'
        'NAME_FIELD = "naam"\n[fallbacks]\nID_FIELD = "oud"\n'
    )
    preset = load_preset("zones", write(tmp_path, content))
    mapping = mapping_for("zones", preset, {})
    assert mapping.unseen == ("ID_FIELD", "NAME_FIELD")
    assert mapping.fallbacks == {"ID_FIELD": "oud"}
    named = mapping_for("zones", preset, {"ID_FIELD": "x"})
    assert named.unseen == ("NAME_FIELD",)
    assert named.fallbacks == {}


# --- what the keys do -----------------------------------------------------------

SEEN = SMALLEST.replace("false", "true")


def own(folder, content):
    path = folder / "own.toml"
    path.write_text(SEEN + content, encoding="utf-8")
    return str(path)


def test_the_first_name_that_the_source_has_is_taken(tmp_path):
    path = own(tmp_path, '[fields]\nID_FIELD = ["nr", "CODE", "oud"]')
    found = prepared("regions", path, POINT.buffer(9), code=["a", None], oud=["b", "c"])
    assert found.frame["region_id"].tolist() == ["a"]
    assert found.skipped["source_id"].tolist() == ["2"]


def test_a_second_column_counts_where_the_first_is_empty(tmp_path):
    content = (
        'nulls = ["0"]\n[fields]\nACTIVITY_FIELD = "rsz"\n'
        '[fallbacks]\nACTIVITY_FIELD = "btw"\n'
    )
    found = prepared(
        "establishments", own(tmp_path, content), POINT,
        rsz=["2014", " ", "0", None, "onzin"], btw=["1011", "1011", "2014", None, "20"],
    )  # fmt: skip
    assert found.frame["sbi"].tolist() == ["2014", "1011", "2014"]
    assert found.skipped["reason"].tolist() == [
        "Geen activiteitencode", "Onleesbare activiteitencode",
    ]  # fmt: skip


def test_a_second_column_that_is_not_there_is_refused(tmp_path):
    content = '[fields]\nID_FIELD = "a"\n[fallbacks]\nID_FIELD = "b"'
    with pytest.raises(RefusalError, match="“b”"):
        prepared("regions", own(tmp_path, content), POINT.buffer(9), a=["1"])


def test_a_pattern_takes_its_group(tmp_path):
    content = (
        '[fields]\nCLASS_FIELD = "code"\n[constants]\nMODE = "water"\n'
        "[patterns]\nCLASS_FIELD = '^klasse (I+)'\n[values.CLASS_FIELD]\nII = 'twee'"
    )
    found = prepared(
        "infrastructure", own(tmp_path, content), LINE,
        code=["klasse III", "Klasse ii b", "geen klasse II", None],
    )  # fmt: skip
    assert found.frame["class"].tolist() == ["III", "twee", None, None]
    assert found.repaired["source_id"].tolist() == ["3"]
    assert found.repaired["reason"].tolist() == [
        "Onbruikbare waarde in “code” leeg gelaten"
    ]


def test_a_long_cell_costs_a_pattern_no_time(tmp_path):
    content = (
        '[fields]\nCLASS_FIELD = "code"\n[constants]\nMODE = "water"\n'
        "[patterns]\nCLASS_FIELD = '^a*a*a*(b)'"
    )
    found = prepared("infrastructure", own(tmp_path, content), LINE, code=["a" * 9_999])
    assert found.frame["class"].tolist() == [None]


def test_empty_values_can_be_kept_or_left_out(tmp_path):
    columns = {"gestopt": [None, " ", "2019-05-31", "1900-01-01"]}
    nulls = 'nulls = ["1900-01-01"]\n'
    path = own(tmp_path, nulls + '[keep]\ngestopt = [""]')
    found = prepared("regions", path, POINT.buffer(9), **columns)
    assert found.frame["region_id"].tolist() == ["1", "2", "4"]
    path = own(tmp_path, nulls + '[leave_out]\ngestopt = [""]')
    found = prepared("regions", path, POINT.buffer(9), **columns)
    assert found.frame["region_id"].tolist() == ["3"]


def test_a_part_between_bars_is_enough_to_be_kept(tmp_path):
    path = own(tmp_path, '[keep]\nsoort = ["kas, warenhuis"]')
    kinds = [
        "Kas, warenhuis",
        "kas, warenhuis|school",
        "school | kas, warenhuis",
        "kas",
    ]
    found = prepared("regions", path, POINT.buffer(9), soort=kinds)
    assert found.frame["region_id"].tolist() == ["1", "2", "3"]


def test_of_several_kinds_the_first_known_one_counts(tmp_path):
    content = '[fields]\nKIND_FIELD = "soort"\n[values.KIND_FIELD]\nkas = "greenhouse"'
    kinds = ["kas", "school|kas", "school"]
    found = prepared("facilities", own(tmp_path, content), POINT, soort=kinds)
    assert found.frame["kind"].tolist() == ["greenhouse", "greenhouse", "other"]


def test_codes_of_a_list_without_a_table(tmp_path):
    content = '[fields]\nACTIVITY_FIELD = "nace"\nCODE_LIST_FIELD = "lijst"'
    path = own(tmp_path, content)
    lists = ["nacebel2008", "nacebel2025", None]
    found = prepared("establishments", path, POINT, nace=["2014"] * 3, lijst=lists)
    assert found.frame["est_id"].tolist() == ["1", "3"]
    assert found.skipped["reason"].tolist() == [
        "Geen tabel van de codelijst nacebel2025"
    ]
    with pytest.raises(RefusalError, match="nacebel2025"):
        prepared("establishments", path, POINT, nace=["2014"], lijst=["nacebel2025"])


def test_lines_and_areas_as_points(tmp_path):
    shapes = [POINT, LINE, POINT.buffer(50), shapely.MultiPoint([POINT, (0, 1)]), None]
    frame = gpd.GeoDataFrame({"a": range(5)}, geometry=shapes)
    preset = load_preset("facilities", own(tmp_path, "centres = true"))
    mapping = mapping_for("facilities", preset, {"KIND": "quay"})
    found = prepare("facilities", frame, mapping, layer="bron")
    assert found.frame["facility_id"].tolist() == ["0", "1", "2"]
    assert set(found.frame.geometry.geom_type) == {"Point"}
    assert found.frame.geometry.distance(POINT).max() <= 50
    assert len(found.skipped) == 2


# --- size classes ---------------------------------------------------------------


def firms(tmp_path, content="", parameters=None, **columns):
    count = len(next(iter(columns.values())))
    found = prepared(
        "establishments", own(tmp_path, content), POINT, parameters,
        sbi=["2014"] * count, **columns,
    )  # fmt: skip
    jobs = found.frame[["jobs", "jobs_low", "jobs_high"]].fillna(-1)
    return found, list(jobs.itertuples(index=False, name=None))


UNKNOWN = (-1, -1, -1)


def test_jobs_beat_the_class(tmp_path):
    found, jobs = firms(
        tmp_path, parameters={"SIZE_CLASS_FIELD": "klasse"},
        jobs=[12, None, None, None, 0], klasse=["50-99", "50-99", "?", None, "?"],
    )  # fmt: skip
    assert jobs == [(12, -1, -1), (70, 50, 99), UNKNOWN, UNKNOWN, (0, -1, -1)]
    assert found.repaired["source_id"].tolist() == ["3"]
    counts = {key: values["count"] for key, values in found.notes}
    assert counts["prepare.note.jobs_from_class"] == 1
    assert counts["prepare.note.jobs_unknown"] == 2


def test_the_code_of_a_class_needs_a_value_map(tmp_path):
    _, jobs = firms(tmp_path, size_class=[3, "3"])
    assert jobs == [UNKNOWN, UNKNOWN]
    codes = '[values.SIZE_CLASS_FIELD]\n3 = "10-19"\n"9" = "1000+"'
    _, jobs = firms(tmp_path, codes, size_class=[3, "9"])
    assert jobs == [(14, 10, 19), (2000, 1000, 4000)]


def test_a_value_map_must_name_a_class(tmp_path):
    path = write(tmp_path, '[values.SIZE_CLASS_FIELD]\n3 = "veel"')
    refusal = refusal_of("establishments", path)
    assert refusal.key == "prepare.size_class_unknown"
    assert "veel" in refusal.sentence("nl")


def test_bounds_stay_when_prepared_again(tmp_path):
    once, jobs = firms(tmp_path, size_class=["5-9", None])
    frame = once.frame
    again = prepare(
        "establishments", frame, mapping_for("establishments", None, {}), layer="bron"
    )
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(again.frame))
    assert jobs == [(7, 5, 9), UNKNOWN]


def test_unknown_parameters_and_choices_are_refused():
    with pytest.raises(RefusalError, match="JOB_FIELD"):
        mapping_for("establishments", None, {"JOB_FIELD": "banen"})
    with pytest.raises(RefusalError, match="castle"):
        mapping_for("zones", None, {"KIND": "castle"})
