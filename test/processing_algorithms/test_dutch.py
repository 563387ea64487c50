"""A planner with QGIS in Dutch meets no English.

Every word that the provider, the help, the texts and the data have in Dutch is compared
with the English one; what is the same stands here, with the reason.
"""

import re
import string
import sys
from pathlib import Path

import pytest
from bad_layers import run
from kansenkaart.analysis.flows.coefficients import shipped_coefficients
from kansenkaart.analysis.flows.facility import shipped_factors
from kansenkaart.analysis.matching.rules import shipped_rules
from kansenkaart.analysis.matching.uses import shipped_material_uses
from kansenkaart.analysis.resources import read_csv, read_toml, resource_path
from kansenkaart.processing_algorithms.base import KansenkaartAlgorithm
from kansenkaart.processing_algorithms.flows.estimate_flows import (
    EstimateFlows,
    coefficients_of,
)
from kansenkaart.processing_algorithms.maps.settings import StepSettings
from kansenkaart.processing_algorithms.matching.find_leads import FindLeads
from kansenkaart.processing_algorithms.provider import KansenkaartProvider
from qgis.core import QgsApplication
from steel_scene import steel_and_cement

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "dev"))

import i18n

SAME = {
    "is called so in Dutch too": (
        "Cluster", "Clusters", "1 Clusters", "clusters", "Corridors", "Hub", "hub",
        "Letter", "Matches", "Score", "Sector", "Station", "station", "Water", "water",
        "Zone", "Zones", "3 Matchmaking", "bitumen", "chloride", "compost",
        "warm water (40-80 °C)", "Score: R-ladder (0–1)", "Zones: {source}",
    ),
    "is a unit or a formula": (
        "km", "ha", "{value}\u00a0ha", "km per km²", "{low}–{high} per km²", "MWh",
        "GWh", "CO2", "CO₂", "m³", "MW", "MW gas",
    ),
    "has the same name in chemistry": ("cadmium, nicotine", "fluoride"),
    "is a size of paper": ("A0", "A1", "A3"),
    "is the name of the plugin": ("Kansenkaart",),
}  # fmt: skip
"""What may be the same in both languages, by the reason."""
ALLOWED = {words for each in SAME.values() for words in each}
PAIRS = (("nl", "en"), ("title_nl", "title_en"), ("name_nl", "name_en"))
TOLD = ("legal", "hazard_note", "source", "derivation")
"""What a planner reads of a data file, in columns that may be there per language."""
ENGLISH = re.compile(
    r"\b(the|and|of|with|from|which|that|are|not|by|this|than|without|each|there)\b"
)
"""Words of every English sentence that no Dutch one has."""
ENGLISH_WORDS = re.compile(
    r"\b(the|and|with|from|which|that|are|not|by|this|than|without|each|there|to|for"
    r"|only|own|year|[a-z]+/y|reach|yield|review|waste|jobs?|accounts"
    r"|planned|counted|practice|case|assumed|about|heat|steel|sludge|leaching|hazardous"
    r"|metals|rules|law|permit|food|feed|annex|Reg|Ghent|Flanders|Brazil|minus|total)\b"
    r"|\d\.\d+\b|\[[sk]\]"
)
"""English words and figures that stand alone between names in a citation."""
CALLED = re.compile(r"Food Waste Challenge|Gypsum-to-Gypsum|(bijlage|art\.) [\d.]+")
"""Names that hold such words, and numbers of articles."""
MARKUP = re.compile(r"<code>.*?</code>|<i>.*?</i>|<[^>]*>|\{[^}]*\}")
"""What is no language of ours; titles of books stand in <i>."""


def shown_by_the_provider(language):
    """Every word of every algorithm, by where it stands."""
    application = QgsApplication.instance()
    before = application.translation()
    application.setTranslation(language)
    provider = KansenkaartProvider()
    provider.loadAlgorithms()
    algorithms = provider.algorithms()
    shown = {}
    for each in algorithms:
        if isinstance(each, KansenkaartAlgorithm):
            shown |= {
                f"{each.name()}{path}": words
                for path, words in i18n.flat(words_of(each))
            }
    application.setTranslation(before)
    return shown


def words_of(algorithm):
    return {
        "name": algorithm.displayName(),
        "group": algorithm.group(),
        "short": algorithm.shortDescription(),
        "help": algorithm.shortHelpString(),
        "parameters": {
            each.name(): {
                "label": each.description(),
                "help": each.help(),
                "options": list(getattr(each, "options", list)()),
                "headers": list(getattr(each, "headers", list)()),
            }
            for each in algorithm.parameterDefinitions()
        },
        "outputs": {
            each.name(): each.description() for each in algorithm.outputDefinitions()
        },
    }


def in_data(place):
    """Names in the data files, of one of the languages: 0 Dutch, 1 English."""
    found = {}
    for path in sorted(resource_path().rglob("*.csv")):
        parts = path.relative_to(resource_path()).parts
        for number, row in enumerate(read_csv(*parts)):
            for columns in both_languages(row):
                found[f"{parts}.{number}.{columns[0]}"] = row[columns[place]]
    for path in sorted(resource_path().rglob("*.toml")):
        parts = path.relative_to(resource_path()).parts
        if parts[0] not in {"texts", "help"}:
            found |= dict(names(read_toml(*parts), place, str(parts)))
    return found


def both_languages(row):
    """The Dutch and the English column of each text; many citations have but one."""
    dutch = [name for name in filter(None, row) if name.endswith("_nl")]
    plain = [name.removesuffix("_nl") for name in dutch if name != "source_nl"]
    return [
        (f"{name}_nl", f"{name}_en" if f"{name}_en" in row else name) for name in plain
    ]


def names(entry, place, path):
    if isinstance(entry, dict):
        for pair in PAIRS:
            if pair[0] in entry:
                yield f"{path}.{pair[0]}", entry[pair[place]]
        for key, value in entry.items():
            yield from names(value, place, f"{path}.{key}")


def same(dutch, english):
    """What is not translated, by where it stands; signs and ids are no words."""
    assert dutch.keys() == english.keys()
    return {
        place: words
        for place, words in dutch.items()
        if words == english[place] and re.search(r"[^\W\d_]{2}", MARKUP.sub("", words))
    }


@pytest.fixture(scope="module")
def everything(qgis_app):  # noqa: ARG001 - QGIS must run
    """All words: Dutch and English, by where they stand."""
    return {
        "provider": [shown_by_the_provider(each) for each in ("nl", "en")],
        "texts": [i18n.words(each) for each in ("nl", "en")],
        "data": [in_data(place) for place in (0, 1)],
    }


@pytest.mark.parametrize("kind", ["provider", "texts", "data"])
def test_what_is_the_same_is_meant_to_be(everything, kind):
    dutch, english = everything[kind]
    assert len(dutch) > 200
    found = same(dutch, english)
    assert {
        place: words for place, words in found.items() if words not in ALLOWED
    } == {}


def test_every_text_of_the_data_is_given_in_both_languages(everything):
    dutch, english = everything["data"]
    given = {place: (dutch[place], english[place]) for place in dutch}
    assert {place: two for place, two in given.items() if any(two) != all(two)} == {}


def shipped(language):
    """The tables of which a planner reads texts, as they are read in a language."""
    return {
        "rules": shipped_rules(language),
        "material_uses": shipped_material_uses(language),
        "coefficients": shipped_coefficients(language),
        "facility_factors": shipped_factors(language),
    }


@pytest.mark.parametrize("name", shipped("nl"))
def test_what_a_planner_reads_of_the_data_is_dutch(name):
    """Of coefficients nobody is shown the derivation."""
    table = shipped("nl")[name]
    columns = [each for each in TOLD if each in table]
    if name == "coefficients":
        columns.remove("derivation")
    told = {words for each in columns for words in table[each]}
    assert [each for each in told if ENGLISH_WORDS.search(CALLED.sub("", each))] == []


def test_a_dutch_citation_differs_from_the_english_one():
    for parts in (("matching", "rules.csv"), ("flows", "coefficients.csv"),
                  ("flows", "facility_factors.csv")):  # fmt: skip
        for row in read_csv(*parts):
            assert row["source_nl"] != row["source"]


@pytest.mark.parametrize("name", shipped("nl"))
def test_nothing_but_texts_depends_on_the_language(name):
    dutch, english = (
        shipped(language)[name].drop(columns=[*TOLD], errors="ignore")
        for language in ("nl", "en")
    )
    assert dutch.equals(english)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_map_reads_the_data_in_its_own_language(everything, language):  # noqa: ARG001
    """Whatever the language of QGIS."""
    settings = [
        StepSettings(each().create(), {}, {}, language, lambda _: "")
        for each in (FindLeads, EstimateFlows)
    ]
    known = FindLeads.knowledge(settings[0])
    assert known.rules.equals(shipped_rules(language))
    assert known.material_uses.equals(shipped_material_uses(language))
    assert coefficients_of(settings[1]).equals(shipped_coefficients(language))


@pytest.mark.usefixtures("provider")
@pytest.mark.parametrize(
    ("language", "legal", "note", "source", "why"),
    [
        ("nl", "bouwstof", "uitloging", "reikwijdte: aanname", "ton per jaar"),
        ("en", "building material", "leaching", "reach: aanname", "tonnes a year"),
    ],
)
def test_leads_are_told_in_the_language_of_qgis(language, legal, note, source, why):
    application = QgsApplication.instance()
    before = application.translation()
    application.setTranslation(language)
    try:
        flows = steel_and_cement(1, material=lambda n: "clinker" if n else "steel_slag")
        (lead,) = run("findleads", FLOWS=flows, OUTPUT="memory:").rows()
    finally:
        application.setTranslation(before)
    assert legal in lead["legal"] and note in lead["hazard_note"]
    assert source in lead["source"] and why in lead["why"]


def test_nothing_is_allowed_for_nothing(everything):
    found = {words for pair in everything.values() for words in same(*pair).values()}
    assert found >= ALLOWED - {"A0", "A1", "A3"}


@pytest.mark.parametrize("kind", ["provider", "texts", "data"])
def test_no_english_sentence_stands_in_dutch(everything, kind):
    dutch, _ = everything[kind]
    assert {
        place: words
        for place, words in dutch.items()
        if len(set(ENGLISH.findall(MARKUP.sub("", words)))) > 1
    } == {}


def test_the_model_texts_are_dutch_in_every_language():
    """A model is a file, with one name; ours are written for Dutch planners."""
    for path in resource_path("models").glob("*.model3"):
        assert path.stem.startswith("Van bedrijven naar ")


def test_templates_of_the_report_hold_no_words():
    for path in resource_path("report").glob("*.j2"):
        template = path.read_text("utf-8")
        template = re.sub(r"(?s)\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", " ", template)
        read_aloud = re.findall(r'(?:title|alt|aria-label)="([^"]*)"', template)
        between = re.sub(r"(?s)<(style|script).*?</\1>|<[^>]*>", " ", template)
        words = " ".join([between, *read_aloud]).strip(string.whitespace)
        assert not re.findall(r"[^\W\d_]{2,}", words), path.name
