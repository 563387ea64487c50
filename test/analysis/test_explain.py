"""Explanations: readable sentences, five words, and what they name."""

import itertools
import math
import re

import numpy as np
import pandas as pd
import pytest
from kansenkaart.analysis.criteria import Measured, criterion_ids, linear_value
from kansenkaart.analysis.explain import criterion_title, explanations, raw_text
from kansenkaart.analysis.resources import read_toml
from kansenkaart.analysis.scoring import score_values

LANGUAGES = ["nl", "en"]
SCALE = read_toml("criteria.toml")
IDS = criterion_ids()


def explain(value, weight=None, language="nl", raw=None):
    """Explanations of values in [0, 1]; raw values follow from them."""
    value = pd.DataFrame(value, dtype=float)
    if raw is None:
        raw = pd.DataFrame(index=value.index)
        for name in value:
            entry = SCALE.get(name, {"worst": 0, "best": 1})
            span = entry["best"] - entry["worst"]
            raw[name] = entry["worst"] + span * value[name]
    if weight is None:
        weight = dict.fromkeys(value, 1 / value.shape[1])
    scores = score_values(value, pd.Series(weight))
    return explanations(Measured(raw, value), scores, language)


def check_readable(table):
    for column in ("why", "why_short"):
        for sentence in table[column]:
            assert not set("{}_[]") & set(sentence), sentence
            assert not re.search(r"\b(nan|None|inf)\b|  |-0\b", sentence), sentence
    for sentence in table["why"]:
        assert sentence
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    for words in table["why_short"]:
        assert len(words.split()) <= 5, words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mixture_is_readable(language):
    rng = np.random.default_rng(2)
    levels = rng.choice(
        [0, 0.1, 0.24, 0.25, 0.5, 0.51, 0.9, 1, np.nan], (400, len(IDS))
    )
    table = explain(pd.DataFrame(levels, columns=IDS), language=language)
    assert list(table.columns) == ["why", "why_short"]
    assert len(table) == 400
    check_readable(table)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_pair_of_criteria_is_readable(language):
    for one, other in itertools.combinations(IDS, 2):
        levels = itertools.product([0.0, 0.5, 1.0, math.nan], repeat=2)
        check_readable(
            explain(pd.DataFrame(levels, columns=[one, other]), None, language)
        )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("criterion", IDS)
def test_alone(criterion, language):
    """Strong, weak or unknown: each time the criterion is what is talked about."""
    table = explain({criterion: [1.0, 0.0, math.nan]}, language=language)
    check_readable(table)
    strong, weak, unknown = table["why"]
    words = {"nl": ("Sterk", "Zwakker"), "en": ("Strong", "Weaker")}[language]
    assert strong.startswith(words[0])
    assert words[1] not in strong
    assert words[1] in weak
    assert not weak.startswith(words[0])
    assert words[0] not in unknown
    assert words[1] not in unknown
    assert table["why_short"][0]


def test_strong_ones_by_contribution():
    """Mass contributes most, then rail and water; diversity is strong but light."""
    value = {"C1_mass": [0.9], "C2": [1.0], "C1_diversity": [1.0], "C8": [0.1]}
    weight = {"C1_mass": 0.5, "C2": 0.3, "C1_diversity": 0.1, "C8": 0.1}
    why = explain(value, weight)["why"][0]
    order = [
        why.index(word) for word in ("bedrijfsvestigingen", "spoor", "activiteiten")
    ]
    assert order == sorted(order)
    assert "Zwakker" in why
    assert why.index("Zwakker") > order[-1]
    assert "energie" in why[why.index("Zwakker") :]


def test_at_most_three_strong_ones():
    weight = {"C1_mass": 0.3, "C2": 0.25, "C1_diversity": 0.2}
    weight |= {"C4_modes": 0.15, "C6": 0.1}
    value = {criterion: [1.0] for criterion in weight}
    why = explain(value, weight)["why"][0]
    assert "activiteiten" in why
    assert "vervoerswijzen" not in why
    assert "afvalverwerking" not in why


def test_a_weak_value_is_no_strength_however_heavy():
    why = explain({"C1_mass": [0.3], "C2": [1.0]}, {"C1_mass": 0.9, "C2": 0.1})["why"][
        0
    ]
    assert "bedrijfsvestigingen" not in why.split(".")[0]


def test_the_weakest_is_named():
    why = explain({"C1_mass": [0.2], "C1_diversity": [0.0], "C2": [1.0]})["why"][0]
    weaker = why[why.index("Zwakker") :]
    assert "activiteiten" in weaker
    assert "bedrijfsvestigingen" not in weaker


def test_unknown_ones_are_named():
    why = explain({"C1_mass": [1.0], "space": [math.nan], "C8": [math.nan]})["why"][0]
    unknown = why[why.index("Onbekend") :].lower()
    assert "ruimte" in unknown
    assert "energie" in unknown
    assert "ruimte" not in why[: why.index("Onbekend")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_known(language):
    table = explain({"C1_mass": [math.nan, 1.0]}, language=language)
    check_readable(table)
    assert table["why"][0] != table["why"][1]


def test_criterion_without_weight_is_not_named():
    value = {"C1_mass": [1.0], "C2": [1.0], "C1_diversity": [0.0], "space": [math.nan]}
    weight = {"C1_mass": 1.0, "C2": 0.0, "C1_diversity": 0.0, "space": 0.0}
    why = explain(value, weight)["why"][0]
    assert "bedrijfsvestigingen" in why
    for word in ("spoor", "activiteiten", "ruimte"):
        assert word not in why


@pytest.mark.parametrize("language", LANGUAGES)
def test_own_criteria_keep_their_name(language):
    value = {"mooi uitzicht": [1.0, 0.0, math.nan], "C2": [0.6, 0.6, 0.6]}
    table = explain(value, language=language)
    assert table["why"].str.contains("mooi uitzicht").all()
    check_readable(table)
    assert criterion_title("mooi uitzicht", language) == "mooi uitzicht"


@pytest.mark.parametrize("language", LANGUAGES)
def test_own_criterion_with_a_long_name_keeps_to_five_words(language):
    name = "een heel lang eigen criterium met veel woorden"
    value = {name: [1.0], "C2": [1.0], "C6": [1.0]}
    check_readable(explain(value, {name: 0.5, "C2": 0.3, "C6": 0.2}, language))


def test_titles_in_both_languages():
    for criterion in IDS:
        titles = [criterion_title(criterion, language) for language in LANGUAGES]
        assert titles[0] != titles[1]
        assert criterion not in titles


def test_raw_values_as_a_reader_writes_them():
    assert raw_text("space", 2.5, "nl").startswith("2,5")
    assert raw_text("space", 2.5, "en").startswith("2.5")
    for criterion in IDS:
        for language in LANGUAGES:
            assert not set("{}_") & set(raw_text(criterion, 0.4, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_raw_value_stands_in_the_sentence(language):
    raw = pd.DataFrame({"C1_mass": [87.0]})
    value = pd.DataFrame({"C1_mass": linear_value(raw["C1_mass"], 0, 100)})
    table = explain(value, language=language, raw=raw)
    assert "87" in table["why"][0]


def test_index_is_that_of_the_areas():
    value = pd.DataFrame({"C2": [1.0, 0.0]}, index=[4, 9])
    assert explain(value).index.tolist() == [4, 9]
