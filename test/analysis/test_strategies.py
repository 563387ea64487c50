"""The strategies of the study: all of them, exactly, and files that are none."""

from pathlib import Path

import pytest
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.resources import read_toml
from kansenkaart.analysis.strategies import agenda_ids, read_strategies, strategies

ROOT = Path(__file__).resolve().parents[2]
# Read from the study's tables, strategy by strategy; "?" can be read in more ways.
STUDY = {
    "WA2.1": ("", "T14 T5 T9"),
    "WA2.2": ("", ""),
    "WA2.3": ("C5 C4 C9", "T21 T22"),
    "WA2.4": ("C6 C3 C1 C2 C7", "T1 T2 T5 T8"),
    "WA2.5": ("", "T15 T16 T17 T9"),
    "WA2.6": ("", "T10"),
    "WA2.7": ("C3 C1 C2", "T16 T17 T1 T2 T5 T9 T8 T11"),
    "WA2.8": ("", "T13 T3? T5"),
    "WA2.9": ("C1 C6 C3 C7 C2", "T1 T2 T5 T8 T11"),
    "WA3.1": ("C1 C7 C8", "T1 T2 T3 T4"),
    "WA3.2": ("C5 C6", "T8 T9"),
    "WA3.3": ("C2 C3 C4", "T5 T6"),
    "WA3.4": ("C9", "T21 T22"),
    "WA3.5": ("", "T23"),
    "WA4.1": ("", "T20"),
    "WA4.2": ("C3", "T1 T2 T3 T4 T5 T8 T9 T12?"),
    "WA4.3": ("C10", "T9? T12? T18 T1? T5?"),
    "WA4.4": ("C10", "T18 T17 T1? T5? T9?"),
    "WA4.5": ("C9", "T1 T5 T21 T22"),
    "WA4.6": ("", "T1 T7"),
    "WA4.7": ("", "T1 T7 T21"),
    "WA4.8": ("C2 C3 C4 C10", "T1 T5 T9 T16 T17 T18"),
    "WA4.9": ("", "T19 T16 T15 T17? T9?"),
    "WA4.10": ("C6 C3 C1 C2 C7", "T1 T2 T5 T8 T9 T16"),
    "WA4.11": ("", "T10 T1 T2"),
    "WA4.12": ("", "T19 T16 T15 T9"),
}
GOOD = {
    "nl": "Naam",
    "en": "Name",
    "conditions": ["C2"],
    "types": [{"id": "T5"}],
    "r_strategies": ["R8"],
}


def refused(content, *names):
    """One sentence in both languages that names what is wrong."""
    with pytest.raises(RefusalError) as refusal:
        read_strategies(content, "X")
    dutch, english = (refusal.value.sentence(language) for language in ("nl", "en"))
    assert dutch != english
    for name in names:
        assert name in dutch
        assert name in english


def test_every_strategy_of_the_study_is_there():
    assert list(strategies()) == list(STUDY)
    counts = [sum(name.startswith(f"{agenda}.") for name in STUDY) for agenda in
              agenda_ids()]  # fmt: skip
    assert (agenda_ids(), counts) == (["WA2", "WA3", "WA4"], [9, 5, 12])


@pytest.mark.parametrize("name", STUDY)
def test_conditions_and_types_are_those_of_the_study(name):
    found = strategies()[name]
    conditions, types = STUDY[name]
    assert set(found.conditions) == set(conditions.split())
    told = {each + "?" * doubtful for each, doubtful in found.types.items()}
    assert told == set(types.split())
    assert found.agenda == name.split(".")[0]


def test_every_strategy_has_titles_and_a_loop():
    for strategy in strategies().values():
        assert strategy.titles["nl"] != strategy.titles["en"]
        assert strategy.loops
        assert strategy.conditions or strategy.also or strategy.types


def test_every_condition_is_asked_for_and_quotes_the_study():
    conditions = read_toml("rules", "spatial_conditions.toml")
    assert list(conditions) == [f"C{number}" for number in range(1, 11)]
    asked = {name for each in strategies().values() for name in each.conditions}
    assert asked == set(conditions)
    for entry in conditions.values():
        assert entry["words"]
        assert entry["nl"] != entry["en"]


def test_the_documentation_has_every_condition_and_strategy():
    page = (ROOT / "docs" / "strategies.md").read_text("utf-8")
    cells = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")]
    rows = {first.strip("| "): rest for first, *rest in cells}
    for name, entry in read_toml("rules", "spatial_conditions.toml").items():
        words, rule, assumption = rows[name]
        assert words == f"“{entry['words']}”"
        assert all(f"`{criterion}`" in rule for criterion in entry["criteria"])
        assert any(letter.isdigit() for letter in assumption) or name == "C2"
    for name, strategy in strategies().items():
        title, conditions, types, steps = rows[name]
        assert title == strategy.titles["nl"]
        named = [*strategy.conditions, *(f"({each})" for each in strategy.also)]
        assert conditions == (", ".join(named) or "–")
        told = [each + "?" * doubt for each, doubt in strategy.types.items()]
        assert types == (", ".join(told) or "–")
        assert steps.rstrip(" |") == ", ".join(strategy.r_strategies)


def test_reading_a_strategy():
    steps = ["R0", "R3", "R4", "R9"]
    types = [{"id": "T5"}, {"id": "T1", "uncertain": True}]
    content = {"X.12": GOOD | {"also": ["C10"], "types": types, "r_strategies": steps}}
    found = read_strategies(content, "X")["X.12"]
    assert found.titles == {"nl": "Naam", "en": "Name"}
    assert (found.conditions, found.also) == (("C2",), ("C10",))
    assert found.types == {"T5": False, "T1": True}
    assert found.r_strategies == tuple(steps)
    assert found.loops == ("short", "medium", "long")
    lengths = {"R3": "short", "R4": "medium", "R7": "medium", "R8": "long"}
    for step, length in lengths.items():
        content = {"X.1": GOOD | {"r_strategies": [step]}}
        assert read_strategies(content, "X")["X.1"].loops == (length,)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"conditions": ["C11"]}, ["C11", "C10"]),
        ({"conditions": "C2"}, ["conditions", "C2"]),
        ({"conditions": [2]}, ["conditions", "2"]),
        ({"conditions": ["C2", "C2"]}, ["C2"]),
        ({"also": ["C2"]}, ["C2", "also"]),
        ({"types": [{"id": "T24"}]}, ["T24"]),
        ({"types": [{"id": "T1", "uncertain": "perhaps"}]}, ["perhaps"]),
        ({"types": [{"id": "T1", "weight": 1}]}, ["weight"]),
        ({"types": "T1"}, ["T1"]),
        ({"types": [{"id": "T1"}, {"id": "T1"}]}, ["T1"]),
        ({"types": [], "conditions": []}, ["X.1"]),
        ({"r_strategies": ["R10"]}, ["R10"]),
        ({"nl": " "}, ["nl"]),
        ({"en": 3}, ["en"]),
        ({"weight": 3}, ["weight"]),
    ],
)
def test_a_strategy_that_is_none(change, names):
    refused({"X.1": GOOD | change}, "X.1", *names)


def test_a_strategy_without_what_it_needs():
    for key in GOOD:
        refused({"X.1": {name: GOOD[name] for name in GOOD if name != key}}, "X.1", key)
    refused({"X.1": 7}, "X.1", "7")
    for name in ("Y.1", "X.0", "X1", "X.1.2", "XX.1"):
        refused({name: GOOD}, name, "X.1")
