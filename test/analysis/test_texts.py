"""Dutch and English texts: the same keys, the same placeholders, all of them used."""

import string
from pathlib import Path

import pytest
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.resources import read_toml, resource_path
from kansenkaart.analysis.texts import distance, listing, number, significant, text

ROOT = Path(__file__).resolve().parents[2]
THEMES = sorted(path.stem for path in resource_path("texts", "nl").glob("*.toml"))
FOLDERS = ("analysis", "processing_algorithms", "kansenkaart_plugin", "resources")


def flat(table, prefix=""):
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def placeholders(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_both_languages_have_the_same_themes():
    english = {path.stem for path in resource_path("texts", "en").glob("*.toml")}
    assert set(THEMES) == english


@pytest.mark.parametrize("theme", THEMES)
def test_same_keys_and_placeholders(theme):
    dutch = dict(flat(read_toml("texts", "nl", f"{theme}.toml")))
    english = dict(flat(read_toml("texts", "en", f"{theme}.toml")))
    assert dutch.keys() == english.keys()
    for key, template in dutch.items():
        if isinstance(template, str):
            assert placeholders(template) == placeholders(english[key]), key


def used(theme, key, code):
    """Written out in full, or from a beginning that a value completes."""
    first, last = key.split(".")[0], key.split(".")[-1]
    words = last.split("_")
    beginnings = ("_".join(words[:n]) + "_{" for n in range(1, len(words)))
    written = (last, f"{theme}.{first}", *beginnings)
    return any(form in code for form in written)


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_is_used(theme):
    """A key, or the part of it before a value is filled in, stands in the code."""
    code = "\n".join(
        path.read_text("utf-8")
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".toml", ".j2"} and "texts" not in path.parts
    )
    keys = [key for key, _ in flat(read_toml("texts", "nl", f"{theme}.toml"))]
    assert not [key for key in keys if not used(theme, key, code)]


def test_significant_digits():
    assert significant(0.0236, 6, "nl") == "0,0236"
    assert significant(79.6, 6, "en") == "79.6"
    assert significant(1000.0, 10, "nl") == "1000"


def test_numbers():
    assert number(12345.678, "nl", 1) == "12\u202f345,7"
    assert number(12345.678, "en", 1) == "12\u202f345.7"
    assert number(float("nan"), "nl") == "–"


def test_distances():
    assert distance(142.0, "nl") == "140\u00a0m"
    assert distance(1240.0, "nl") == "1,2\u00a0km"
    assert distance(None, "en") == "–"


def test_listing():
    assert listing(["weg", "spoor", "water"], "nl") == "weg, spoor en water"
    assert listing(["road", "rail"], "en") == "road and rail"
    assert listing([], "nl") == ""


def test_a_value_never_becomes_a_placeholder():
    told = text("messages.file_unreadable", "nl", path="{layer} {0}")
    assert "{layer} {0}" in told


def test_refusals_speak_both_languages():
    refusal = RefusalError("messages.not_positive", parameter="DISTANCE")
    assert "groter zijn dan nul" in refusal.sentence("nl")
    assert str(refusal) == refusal.sentence("en")
