"""A planner with QGIS in Dutch meets no English.

Every word that the provider, the help, the texts and the data have in Dutch is compared
with the English one; what is the same stands here, with the reason.
"""

import re
import string

import pytest
from kansenkaart.analysis.resources import read_csv, read_toml, resource_path
from kansenkaart.processing_algorithms.base import KansenkaartAlgorithm
from kansenkaart.processing_algorithms.provider import KansenkaartProvider
from qgis.core import QgsApplication

SAME = {
    "is called so in Dutch too": (
        "Cluster", "Clusters", "1 Clusters", "clusters", "Corridors", "Hub", "hub",
        "Letter", "Matches", "Score", "Sector", "Station", "station", "Water", "water",
        "Zone", "Zones", "3 Matchmaking", "bitumen", "chloride", "compost",
        "warm water (40-80 °C)", "Score: R-ladder (0–1)", "Zones: {source}",
    ),
    "is a unit or a formula": (
        "km", "ha", "{value}\u00a0ha", "km per km²", "{low}–{high} per km²", "MWh",
        "GWh", "CO2", "CO₂", "m³",
    ),
    "is a size of paper": ("A0", "A1", "A3"),
    "is the name of the plugin": ("Kansenkaart",),
}  # fmt: skip
"""What may be the same in both languages, by the reason."""
ALLOWED = {words for each in SAME.values() for words in each}
PAIRS = (("nl", "en"), ("title_nl", "title_en"), ("name_nl", "name_en"))
ENGLISH = re.compile(
    r"\b(the|and|of|with|from|which|that|are|not|by|this|than|without|each|there)\b"
)
"""Words of every English sentence that no Dutch one has."""
MARKUP = re.compile(r"<code>.*?</code>|<i>.*?</i>|<[^>]*>|\{[^}]*\}")
"""What is no language of ours; titles of books stand in <i>."""


def flat(entry, path=""):
    """Texts in tables and lists, by their path."""
    if isinstance(entry, str):
        yield path, entry
    elif isinstance(entry, dict | list):
        items = entry.items() if isinstance(entry, dict) else enumerate(entry)
        for key, value in items:
            yield from flat(value, f"{path}.{key}")


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
                f"{each.name()}{path}": words for path, words in flat(words_of(each))
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


def in_texts(language):
    """Every text and help, but the command lines of the examples."""
    return {
        f"{kind}.{path.stem}{key}": words
        for kind in ("texts", "help")
        for path in sorted(resource_path(kind, language).glob("*.toml"))
        for key, words in flat(read_toml(kind, language, path.name))
        if (kind, key) != ("help", ".example")
    }


def in_data(place):
    """Names in the data files, of one of the languages: 0 Dutch, 1 English."""
    found = {}
    for path in sorted(resource_path().rglob("*.csv")):
        parts = path.relative_to(resource_path()).parts
        for number, row in enumerate(read_csv(*parts)):
            if "name_nl" in row:
                found[f"{parts}.{number}"] = row[("name_nl", "name_en")[place]]
    for path in sorted(resource_path().rglob("*.toml")):
        parts = path.relative_to(resource_path()).parts
        if parts[0] not in {"texts", "help"}:
            found |= dict(names(read_toml(*parts), place, str(parts)))
    return found


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
        "texts": [in_texts(each) for each in ("nl", "en")],
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
