"""The help of every algorithm as a page per language, for docs/help/."""

from __future__ import annotations

import re
from pathlib import Path

from markdown import table

LANGUAGES = ("nl", "en")
MARKUP = {"b": "**", "i": "*", "code": "`"}
FURTHER = {
    "businessdensity": ("clusters.md",),
    "coalitions": ("matching.md",),
    "demodata": ("demo.md",),
    "detectclusters": ("clusters.md",),
    "environmenttypes": ("environment_types.md",),
    "estimateflows": ("flows.md",),
    "facilityflows": ("flows_facilities.md",),
    "findleads": ("matching.md", "rediscovery.md"),
    "matchflows": ("matching.md",),
    "opportunitymap": ("handleiding.md", "batch.md", "country.md"),
    "rankclusters": ("clusters.md",),
    "sankey": ("matching.md",),
    "scoreareas": ("scoring.md", "strategies.md"),
    "specialisation": ("specialisation.md",),
}
"""Pages that tell more; all also stand in api.md."""
PICTURES = {"opportunitymap": "kansenkaart_demo.png"}
"""What is drawn elsewhere; all others are drawn by help_pictures."""
WORDS = {
    "nl": {
        "title": "Hulp bij de algoritmen",
        "made": "Gemaakt door `make docs` uit `resources/help`; pas de tekst daar aan.",
        "example": "Voorbeeld",
        "picture": "{name}: wat eruit komt op de demoprovincie",
        "fiction": "Deze provincie bestaat niet, en de bedrijven erin ook niet.",
        "further": "Meer: {pages}.",
        "mandatory": "verplicht",
        "optional": "mag leeg",
        "temporary": "tijdelijk als er niets staat",
        "default": "standaard",
        "advanced": "gevorderd",
        "true": "ja",
        "false": "nee",
        "heads": ["algoritme", "naam", "waarvoor"],
        "source": "laag",
        "multilayer": "een of meer lagen",
        "field": "veld",
        "string": "tekst",
        "expression": "expressie",
        "enum": "keuze",
        "distance": "afstand in meter",
        "number": "getal",
        "boolean": "ja/nee",
        "file": "bestand",
        "crs": "coördinatenstelsel",
        "matrix": "tabel",
        "sink": "laag die uitkomt",
        "fileDestination": "bestand dat uitkomt",
        "folderDestination": "map die uitkomt",
        "outputNumber": "getal",
        "outputString": "tekst",
    },
    "en": {
        "title": "Help of the algorithms",
        "made": "Made by `make docs` from `resources/help`; change the text there.",
        "example": "Example",
        "picture": "{name}: what comes out on the demo province",
        "fiction": "This province does not exist, nor do its firms. Words are Dutch.",
        "further": "More: {pages}.",
        "mandatory": "mandatory",
        "optional": "may stay empty",
        "temporary": "temporary where nothing is given",
        "default": "default",
        "advanced": "advanced",
        "true": "yes",
        "false": "no",
        "heads": ["algorithm", "name", "what it is for"],
        "source": "layer",
        "multilayer": "one or more layers",
        "field": "field",
        "string": "text",
        "expression": "expression",
        "enum": "choice",
        "distance": "distance in metres",
        "number": "number",
        "boolean": "yes/no",
        "file": "file",
        "crs": "coordinate system",
        "matrix": "table",
        "sink": "layer that comes out",
        "fileDestination": "file that comes out",
        "folderDestination": "folder that comes out",
        "outputNumber": "number",
        "outputString": "text",
    },
}


def help_pages(folder: Path) -> dict[Path, str]:
    """A page per algorithm and language, and a list of them per language."""
    from kansenkaart.processing_algorithms.provider import ALGORITHMS

    algorithms = [each().create() for each in ALGORITHMS]
    pages = {}
    for language in LANGUAGES:
        pages[folder / language / "README.md"] = _contents(algorithms, language)
        for algorithm in algorithms:
            path = folder / language / f"{algorithm.ID}.md"
            pages[path] = _page(algorithm, language)
    return pages


def _contents(algorithms: list, language: str) -> str:
    """The list of all algorithms, in the order of the toolbox."""
    from kansenkaart.analysis.texts import text

    words, parts = WORDS[language], []
    for group in sorted({each.GROUP for each in algorithms}, key=_place_of(language)):
        rows = [
            (f"[`{each.ID}`]({each.ID}.md)", told["name"], told["short"])
            for each in algorithms
            if group == each.GROUP and (told := _told(each, language))
        ]
        heading = text(f"messages.groups.{group}", language)
        parts.append(f"## {heading}\n\n{table(words['heads'], rows)}")
    return "\n\n".join([f"# {words['title']}", words["made"], *parts]) + "\n"


def _place_of(language: str):
    """Groups by their title, which begins with a number."""
    from kansenkaart.analysis.texts import text

    return lambda group: text(f"messages.groups.{group}", language)


def _page(algorithm, language: str) -> str:
    """What an algorithm is for, all that goes in and comes out, and an example."""
    from kansenkaart.analysis.texts import text

    words, told = WORDS[language], _told(algorithm, language)
    group = text(f"messages.groups.{algorithm.GROUP}", language)
    parts = [
        f"# {told['name']}",
        f"`kansenkaart:{algorithm.ID}` · {group}",
        f"**{told['short']}**",
        _markdown(told["about"].strip()),
    ]
    for kind, entries in _entries(algorithm, language).items():
        parts += [f"## {text(f'messages.help.{kind}', language)}", *entries]
    parts += [f"## {words['example']}", f"```sh\n{told['example'].strip()}\n```"]
    picture = PICTURES.get(algorithm.ID, f"help/{algorithm.ID}.png")
    called = words["picture"].format(name=told["name"])
    parts += [f"![{called}](../../images/{picture})", words["fiction"]]
    links = [f"[{name}](../../{name})" for name in FURTHER.get(algorithm.ID, ())]
    links.append(f"[api.md](../../api.md#{algorithm.ID})")
    parts += [words["further"].format(pages=", ".join(links)), words["made"]]
    return "\n\n".join(parts) + "\n"


def _told(algorithm, language: str) -> dict:
    from kansenkaart.processing_algorithms.language import help_text

    return help_text(algorithm.ID, language)


def _entries(algorithm, language: str) -> dict[str, list[str]]:
    """Parameters, and outputs that are no parameter, each as a paragraph."""
    parameters = algorithm.parameterDefinitions()
    names = {each.name() for each in parameters}
    outputs = [o for o in algorithm.outputDefinitions() if o.name() not in names]
    entries = {
        "parameters": [_parameter(algorithm, each, language) for each in parameters],
        "outputs": [
            _entry(algorithm, "outputs", each, [], language) for each in outputs
        ],
    }
    return {kind: found for kind, found in entries.items() if found}


def _parameter(algorithm, definition, language: str) -> str:
    """One parameter, and whether it must be given."""
    from qgis.core import Qgis

    words = WORDS[language]
    remarks = [_default(definition, words)]
    if definition.flags() & Qgis.ProcessingParameterFlag.Advanced:
        remarks.append(words["advanced"])
    return _entry(algorithm, "parameters", definition, remarks, language)


def _default(definition, words: dict) -> str:
    """The default in words; else whether something must be given."""
    from qgis.core import QgsProcessing

    value = definition.defaultValue()
    if value == QgsProcessing.TEMPORARY_OUTPUT:
        return words["temporary"]
    if definition.isDestination() or value in (None, "", []):
        may_be_left_out = definition.checkValueIsAcceptable(None)
        return words["optional" if may_be_left_out else "mandatory"]
    if isinstance(value, bool):
        return f"{words['default']} {words[str(value).lower()]}"
    shown = f"{value:g}" if isinstance(value, float) else value
    return f"{words['default']} `{shown}`"


def _entry(algorithm, kind, definition, remarks, language: str) -> str:
    title, explanation = algorithm.explained(kind, definition.name(), language)
    about = ", ".join([WORDS[language][definition.type()], *remarks])
    return f"**{title}** (`{definition.name()}`, {about}). {_markdown(explanation)}"


def _markdown(told: str) -> str:
    """The few tags of the help as Markdown."""
    plain = re.sub(r"([*_])", r"\\\1", told)
    plain = re.sub(r"<code>(.*?)</code>", _code, plain)
    return re.sub(r"</?([bi])>", lambda tag: MARKUP[tag[1]], plain)


def _code(found: re.Match) -> str:
    unescaped = found[1].replace("\\", "")
    return f"`{unescaped}`"
