"""What the documentation promises is what the provider offers."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("nl", "en")
KINDS = ("parameters", "outputs")
TYPES = {
    "source": "layer",
    "multilayer": "layers",
    "field": "field",
    "string": "text",
    "expression": "expression",
    "enum": "choice",
    "distance": "distance",
    "number": "number",
    "boolean": "yes/no",
    "file": "file",
    "crs": "crs",
    "matrix": "table",
    "sink": "layer out",
    "fileDestination": "file out",
    "folderDestination": "folder out",
    "outputNumber": "number",
    "outputString": "text",
}
EMPTY = (None, "", [])
SAME_LABELS: set[str] = set()
"""Labels that are one word in both languages."""
TAGS = re.compile(r"</?(?:b|i|code)>")


@pytest.fixture(scope="module")
def offered():
    """The algorithms of the provider but its models, by id."""
    from kansenkaart.processing_algorithms.base import KansenkaartAlgorithm
    from kansenkaart.processing_algorithms.provider import KansenkaartProvider

    provider = KansenkaartProvider()
    provider.loadAlgorithms()
    # The provider owns them, so it must live as long as they are used.
    algorithms = provider.algorithms()
    own = (each for each in algorithms if isinstance(each, KansenkaartAlgorithm))
    yield {each.name(): each for each in own}
    del provider


# Reading the documentation.


@cache
def sections() -> dict[str, str]:
    """Text under every heading of the second level."""
    content = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", content, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(content: str, first: str) -> list[dict[str, str]]:
    """Rows of the table whose first column is called so."""
    lines = iter(content.splitlines())
    for line in lines:
        if line.startswith(f"| {first} |"):
            break
    names = cells(line) if content else []
    next(lines, None)
    found = []
    for row in lines:
        if not row.startswith("|"):
            break
        assert len(cells(row)) == len(names), row
        found.append(dict(zip(names, cells(row), strict=True)))
    return found


def cells(line: str) -> list[str]:
    return [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]


def layer_tables(content: str) -> dict[tuple[str, str], str]:
    """Text under every heading of an output, by its name and layer type."""
    parts = re.split(r"^### (.+)$", content, flags=re.MULTILINE)
    heading = re.compile(r"(?:`(\w+)`: |Table )`(\w+)`")
    return {
        found.groups(default=""): body
        for title, body in zip(parts[1::2], parts[2::2], strict=True)
        if (found := heading.fullmatch(title))
    }


def written(value: object) -> object:
    """A default as the documentation writes it, turned into a value."""
    if value == "–":
        return None
    if value in {"true", "false"}:
        return value == "true"
    return value.strip('"') if value.startswith('"') else float(value)


def extra_outputs(algorithm) -> list:
    names = {each.name() for each in algorithm.parameterDefinitions()}
    return [each for each in algorithm.outputDefinitions() if each.name() not in names]


# The documentation against the provider.


def test_every_algorithm_is_documented_and_no_other(offered):
    known = {name for name, body in sections().items() if rows(body, "parameter")}
    assert known == set(offered)


def test_parameters_stand_in_their_order_with_their_type(offered):
    for name, algorithm in offered.items():
        documented = [
            (row["parameter"], row["type"])
            for row in rows(sections()[name], "parameter")
        ]
        real = [(p.name(), TYPES[p.type()]) for p in algorithm.parameterDefinitions()]
        assert documented == real, name


def test_defaults_are_those_of_the_provider(offered):
    for name, algorithm in offered.items():
        for row in rows(sections()[name], "parameter"):
            if row["default"] == "mandatory":
                continue
            default = algorithm.parameterDefinition(row["parameter"]).defaultValue()
            expected = written(row["default"])
            same = default == expected or (default in EMPTY and expected in EMPTY)
            assert same, f"{name} {row['parameter']}: {default!r}, not {expected!r}"


def test_only_mandatory_parameters_must_be_given(offered):
    for name, algorithm in offered.items():
        for row in rows(sections()[name], "parameter"):
            definition = algorithm.parameterDefinition(row["parameter"])
            may_be_left_out = definition.checkValueIsAcceptable(None)
            said = row["default"] != "mandatory"
            assert may_be_left_out == said, f"{name} {row['parameter']}"


def test_numbers_and_texts_that_come_out_are_documented(offered):
    for name, algorithm in offered.items():
        documented = [
            (row["output"], row["type"]) for row in rows(sections()[name], "output")
        ]
        real = [(o.name(), TYPES[o.type()]) for o in extra_outputs(algorithm)]
        assert documented == real, name


def test_every_layer_that_comes_out_is_documented(offered):
    shared = layer_tables(sections()["Tables of all prepare algorithms"])
    common = {output for output, _ in shared}
    for name, algorithm in offered.items():
        parameters = algorithm.parameterDefinitions()
        sinks = {each.name() for each in parameters if each.type() == "sink"}
        documented = {output for output, _ in layer_tables(sections()[name]) if output}
        assert documented == sinks - common, name


def test_fields_are_those_of_the_layer_types():
    from kansenkaart.analysis.resources import read_toml

    layers = read_toml("layers.toml")
    documented = set()
    for body in sections().values():
        for (_, layer), table in layer_tables(body).items():
            fields = {row["field"]: row["type"] for row in rows(table, "field")}
            assert list(fields.items()) == list(layers[layer]["fields"].items()), layer
            documented.add(layer)
    assert documented == set(layers)


def test_presets_are_documented():
    from kansenkaart.analysis.presets import load_preset

    documented = [
        (row["role"], row["id"], row["title"], row["seen"] == "yes")
        for row in rows(sections()["Presets"], "id")
    ]
    real = []
    for path in (ROOT / "resources" / "presets").glob("*/*.toml"):
        preset = load_preset(path.parent.name, path.stem)
        real.append((path.parent.name, path.stem, preset.title_en, preset.fields_seen))
    assert sorted(documented) == sorted(real)


def test_value_functions_are_documented():
    from kansenkaart.analysis.resources import read_toml
    from kansenkaart.analysis.texts import text

    documented = [
        (row["id"], row["unit"], float(row["worst"]), float(row["best"]))
        for row in rows(sections()["Criteria"], "id")
    ]
    real = [
        (name, text(f"units.{entry['unit']}", "en"), entry["worst"], entry["best"])
        for name, entry in read_toml("criteria.toml").items()
    ]
    assert documented == real


def test_criteria_of_clusters_are_documented():
    from kansenkaart.analysis.resources import read_toml
    from kansenkaart.analysis.texts import text

    documented = [
        (row["criterion"], row["unit"])
        for row in rows(sections()["rankclusters"], "criterion")
    ]
    real = [
        (name, text(f"units.{entry['unit']}", "en"))
        for name, entry in read_toml("cluster_criteria.toml").items()
    ]
    assert documented == real


def test_strategies_are_documented():
    from kansenkaart.analysis.weights import strategy_ids

    documented = [row["id"] for row in rows(sections()["Strategies"], "id")]
    assert documented == strategy_ids()


# The help in both languages.


def help_file(language: str, name: str) -> dict:
    from kansenkaart.processing_algorithms.language import help_text

    return help_text(name, language)


def key_tree(entry: object, path: str = "") -> set[str]:
    """Paths of all keys in a help file."""
    if not isinstance(entry, dict):
        return {path}
    return set().union(*(key_tree(entry[key], f"{path}.{key}") for key in entry), set())


def texts_in(entry: object) -> list[str]:
    if isinstance(entry, dict):
        return [found for value in entry.values() for found in texts_in(value)]
    return [entry]


def described(algorithm) -> dict[str, list[str]]:
    return {
        "parameters": [each.name() for each in algorithm.parameterDefinitions()],
        "outputs": [each.name() for each in extra_outputs(algorithm)],
    }


def test_help_files_are_those_of_the_algorithms(offered):
    for language in LANGUAGES:
        files = (ROOT / "resources" / "help" / language).glob("*.toml")
        assert {path.stem for path in files} == {*offered, "_shared"}


def test_both_languages_have_the_same_keys(offered):
    for name in (*offered, "_shared"):
        dutch, english = (key_tree(help_file(each, name)) for each in LANGUAGES)
        assert dutch == english, name


def test_help_has_its_parts(offered):
    for language in LANGUAGES:
        for name in offered:
            content = help_file(language, name)
            for part in ("name", "short", "about", "example"):
                assert content[part].strip(), f"{language} {name} {part}"


def test_everything_has_a_label_and_an_explanation(offered):
    from kansenkaart.processing_algorithms.language import label

    for language in LANGUAGES:
        for name, algorithm in offered.items():
            for kind, names in described(algorithm).items():
                for each in names:
                    title, explanation = label(name, kind, each, language)
                    assert title.strip() and explanation.strip(), f"{name} {each}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_left_over(offered, language):
    shared = help_file(language, "_shared")
    used = {kind: set() for kind in KINDS}
    for name, algorithm in offered.items():
        own = help_file(language, name)
        for kind, names in described(algorithm).items():
            assert set(own.get(kind, {})) <= set(names), name
            used[kind] |= set(names) - set(own.get(kind, {}))
    assert {kind: set(shared[kind]) for kind in KINDS} == used


def test_labels_differ_between_the_languages(offered):
    for name in (*offered, "_shared"):
        dutch, english = (help_file(each, name) for each in LANGUAGES)
        same = {
            entry["label"]
            for kind in KINDS
            for key, entry in dutch.get(kind, {}).items()
            if entry["label"] == english[kind][key]["label"]
        }
        assert same <= SAME_LABELS, name


def test_help_is_html_without_surprises(offered):
    for language in LANGUAGES:
        for name in (*offered, "_shared"):
            content = help_file(language, name)
            shown = {key: content[key] for key in content if key != "example"}
            for found in texts_in(shown):
                plain = TAGS.sub("", found)
                assert not re.search("[<&]", plain), f"{language} {name}: {plain}"
                for tag in ("b", "i", "code"):
                    opened, closed = found.count(f"<{tag}>"), found.count(f"</{tag}>")
                    assert opened == closed, f"{language} {name} {tag}"


def test_examples_call_their_algorithm_with_parameters_that_exist(offered):
    for language in LANGUAGES:
        for name, algorithm in offered.items():
            example = help_file(language, name)["example"]
            given = set(re.findall(r"--([A-Z_]+)=", example))
            assert example.startswith(f"qgis_process run kansenkaart:{name} ")
            mandatory = {
                row["parameter"]
                for row in rows(sections()[name], "parameter")
                if row["default"] == "mandatory"
            }
            assert mandatory <= given <= set(described(algorithm)["parameters"])


def test_help_lists_every_id_that_can_be_chosen():
    from kansenkaart.analysis import vocabulary
    from kansenkaart.analysis.criteria import criterion_ids
    from kansenkaart.analysis.rank_clusters import cluster_criterion_ids
    from kansenkaart.analysis.weights import strategy_ids

    lists = {
        ("preparezones", "KIND_FIELD"): vocabulary.ZONE_KINDS,
        ("leverageareas", "ZONE_KINDS"): vocabulary.ZONE_KINDS,
        ("preparefacilities", "KIND"): vocabulary.FACILITY_KINDS,
        ("prepareinfrastructure", "MODE"): vocabulary.MODES,
        ("prepareconstraints", "KIND"): vocabulary.CONSTRAINT_KINDS,
        ("prepareconstraints", "EFFECT"): vocabulary.EFFECTS,
        ("prepareinitiatives", "KIND"): vocabulary.INITIATIVE_KINDS,
        ("prepareestablishments", "CODE_LIST"): vocabulary.CODE_LISTS,
        ("specialisation", "COUNT_UNIT"): vocabulary.COUNT_UNITS,
        ("corridors", "ACCESS"): vocabulary.ACCESS_CHOICES,
        ("opportunitymap", "PAGE"): vocabulary.PAGES,
        ("_shared", "LANGUAGE"): vocabulary.LANGUAGE_CHOICES,
        ("_shared", "STRATEGY"): strategy_ids(),
        ("_shared", "WEIGHTS_FILE"): criterion_ids(),
        ("scoreareas", "WEIGHTS"): criterion_ids(),
        ("rankclusters", "WEIGHTS"): cluster_criterion_ids(),
        ("rankclusters", "WEIGHTS_FILE"): cluster_criterion_ids(),
    }
    for language in LANGUAGES:
        for (name, parameter), ids in lists.items():
            entry = help_file(language, name)["parameters"][parameter]["help"]
            missing = [each for each in ids if f"<code>{each}</code>" not in entry]
            assert not missing, f"{language} {name} {parameter}: {missing}"


def test_help_lists_the_presets_with_their_titles(offered):
    from kansenkaart.analysis.presets import presets
    from kansenkaart.processing_algorithms.language import interface_language

    language = interface_language()
    for algorithm in offered.values():
        definition = algorithm.parameterDefinition("PRESET")
        for name, titles in presets(algorithm.ROLE).items() if definition else ():
            listed = f"<code>{name}</code> {titles[language]}"
            assert listed in definition.help(), f"{algorithm.name()} {name}"
            assert listed in algorithm.shortHelpString()
