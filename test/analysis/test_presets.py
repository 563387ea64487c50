"""Presets: shipped ones are sound, a user's own ones are checked."""

import pytest
from kansenkaart.analysis.codes import code_table
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.prepare import mapping_for
from kansenkaart.analysis.presets import load_preset, preset_ids, presets
from kansenkaart.analysis.resources import resource_path

SHIPPED = [
    (folder.name, path.stem)
    for folder in sorted(resource_path("presets").iterdir())
    for path in sorted(folder.glob("*.toml"))
]
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


def test_there_are_presets():
    assert len(SHIPPED) >= 16


@pytest.mark.parametrize(("role", "name"), SHIPPED)
def test_shipped(role, name):
    preset = load_preset(role, name)
    assert preset.name == name
    assert preset.crs == "EPSG:28992"
    mapping = mapping_for(role, preset, {})
    assert mapping.columns == preset.fields
    codes = list(preset.values.get("ACTIVITY_FIELD", {}).values())
    codes += [preset.constants["ACTIVITY"]] if "ACTIVITY" in preset.constants else []
    assert set(codes) <= code_table(preset.code_list or "sbi2008")
    assert presets(role)[name] == {"nl": preset.title_nl, "en": preset.title_en}


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


def test_unknown_parameters_and_choices_are_refused():
    with pytest.raises(RefusalError, match="JOB_FIELD"):
        mapping_for("establishments", None, {"JOB_FIELD": "banen"})
    with pytest.raises(RefusalError, match="castle"):
        mapping_for("zones", None, {"KIND": "castle"})
