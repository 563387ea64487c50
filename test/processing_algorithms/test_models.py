"""The models that ship with the plugin: what their steps give one by one."""

import re
from pathlib import Path

import pytest
from kansenkaart.processing_algorithms.dependencies import NEEDED
from kansenkaart.processing_algorithms.language import interface_language
from kansenkaart.processing_algorithms.models import attach, models_of
from qgis.core import (
    QgsApplication,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingModelAlgorithm,
)

ROOT = Path(__file__).resolve().parents[2]
FILES = {path.stem: path for path in (ROOT / "resources/models").glob("*.model3")}
AREAS, FLOWS = sorted(FILES)
FIRMS = 1000
TEMPORARY = "TEMPORARY_OUTPUT"


@pytest.fixture(scope="module")
def province(provider, tmp_path_factory):  # noqa: ARG001 - the algorithms must be there
    """A small demo province: role in upper case to source."""
    import processing

    path = str(tmp_path_factory.mktemp("province") / "province.gpkg")
    inputs = {"OUTPUT": path, "ESTABLISHMENTS_COUNT": FIRMS}
    processing.run("kansenkaart:demodata", inputs)
    roles = ("establishments", "zones", "infrastructure", "facilities", "regions")
    return {role.upper(): f"{path}|layername={role}" for role in roles}


def some(layers, *roles):
    return {role: layers[role] for role in roles}


def step(algorithm, inputs, *outputs):
    import processing

    asked = inputs | dict.fromkeys(outputs, TEMPORARY)
    return processing.run(f"kansenkaart:{algorithm}", asked)


def one_by_one_areas(province):
    firms = some(province, "ESTABLISHMENTS")
    lines = some(province, "INFRASTRUCTURE", "FACILITIES")
    settings = {"DISTANCE": 700, "MIN_ESTABLISHMENTS": 8}
    clusters = step("detectclusters", firms | settings, "OUTPUT")["OUTPUT"]
    corridors = step("corridors", lines, "OUTPUT", "OUTPUT_MULTIMODAL")
    corridors = corridors["OUTPUT_MULTIMODAL"]
    inputs = firms | some(province, "ZONES")
    inputs |= {"CLUSTERS": clusters, "CORRIDORS": corridors}
    areas = step("leverageareas", inputs, "OUTPUT")["OUTPUT"]
    inputs = province | {"AREAS": areas, "STRATEGY": "WA2"}
    scores = step("scoreareas", inputs, "OUTPUT", "OUTPUT_CRITERIA")
    return {
        "bedrijvenclusters": clusters,
        "multimodale_corridors": corridors,
        "hefboomgebieden": areas,
        "gescoorde_gebieden": scores["OUTPUT"],
        "score_per_criterium": scores["OUTPUT_CRITERIA"],
    }


def one_by_one_flows(province):
    inputs = some(province, "ESTABLISHMENTS", "REGIONS", "ZONES")
    flows = step("estimateflows", inputs, "OUTPUT")["OUTPUT"]
    near = {"FLOWS": flows, "MAX_DISTANCE": 8000}
    leads = step("findleads", near, "OUTPUT")["OUTPUT"]
    matches = step("matchflows", near | {"OBJECTIVE": 1}, "OUTPUT", "OUTPUT_TOTALS")
    inputs = {"FLOWS": flows, "AREAS": province["REGIONS"], "SEED": 4}
    balance = step("resourcebalance", inputs, "OUTPUT", "OUTPUT_AREAS")
    return {
        "stromen": flows,
        "kansen": leads,
        "matches": matches["OUTPUT"],
        "totalen_per_materiaal": matches["OUTPUT_TOTALS"],
        "balans": balance["OUTPUT"],
        "balans_per_gebied": balance["OUTPUT_AREAS"],
    }


def rows(layer):
    """Everything in a layer."""
    features = layer.getFeatures()
    return [(each.attributes(), each.geometry().asWkt(6)) for each in features]


def same_as_its_steps(name, given, alone):
    import processing

    model = _read(FILES[name])
    model.initAlgorithm()
    together = processing.run(model, given | dict.fromkeys(alone, TEMPORARY))
    for output, layer in alone.items():
        assert rows(together[output]) == rows(layer), output
        assert rows(layer), output
        fields = [field.name() for field in together[output].fields()]
        assert fields == [field.name() for field in layer.fields()]


def test_areas_are_those_of_the_steps(province):
    settings = {"DISTANCE": 700, "MIN_ESTABLISHMENTS": 8, "STRATEGY": "WA2"}
    same_as_its_steps(AREAS, province | settings, one_by_one_areas(province))


def test_flows_are_those_of_the_steps(province):
    given = some(province, "ESTABLISHMENTS", "REGIONS", "ZONES")
    given |= {"AREAS": province["REGIONS"], "MAX_DISTANCE": 8000, "OBJECTIVE": 1}
    same_as_its_steps(FLOWS, given | {"SEED": 4}, one_by_one_flows(province))


def test_a_missing_package_is_named(province, monkeypatch):
    import processing

    model = _read(FILES[AREAS])
    model.initAlgorithm()
    asked = [each.name() for each in model.destinationParameterDefinitions()]
    given = province | dict.fromkeys(asked, TEMPORARY)
    feedback = QgsProcessingFeedback()
    monkeypatch.setitem(NEEDED, "geopandas", "9")
    with pytest.raises(QgsProcessingException):
        processing.run(model, given, feedback=feedback)
    assert "geopandas ≥ 9" in feedback.textLog()


def test_the_toolbox_has_them_under_one_group(provider):
    models = {model.name(): model for model in models_of(provider)}
    assert models.keys() == FILES.keys()
    assert {model.group() for model in models.values()} == {
        {"nl": "7 Modellen", "en": "7 Models"}[interface_language()]
    }


def test_the_listed_ones_find_their_steps(provider):
    models = models_of(provider)
    attach(models)
    for model in models:
        assert model.canExecute()[0]
        assert model.outputDefinitions()
        children = model.childAlgorithms().values()
        assert all(child.algorithm() is not None for child in children)


@pytest.fixture
def in_dutch(provider):
    """The provider in a Dutch QGIS."""
    application = QgsApplication.instance()
    before = application.translation()
    application.setTranslation("nl")
    provider.refreshAlgorithms()
    yield
    application.setTranslation(before)
    provider.refreshAlgorithms()


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_what_the_algorithms_make_of_it(
    in_dutch,  # noqa: ARG001
    monkeypatch,
    tmp_path,
    name,
):
    """Else ``make models`` was forgotten."""
    monkeypatch.syspath_prepend(str(ROOT / "dev"))
    from models import build

    made = tmp_path / FILES[name].name
    build(name).toFile(str(made))
    assert _read(FILES[name]).toVariant() == _read(made).toVariant()


def _read(path):
    model = QgsProcessingModelAlgorithm()
    assert model.fromFile(str(path))
    return model


def test_what_a_model_asks_has_a_label_and_help(provider):
    for model in models_of(provider):
        help_of = model.helpContent()
        assert help_of["ALG_DESC"]
        for definition in model.parameterDefinitions():
            assert definition.description() and help_of[definition.name()]


def documented(name):
    """What stands under the heading of a model: its inputs, and its outputs."""
    content = (ROOT / "docs" / "api.md").read_text("utf-8")
    body = re.split(r"\n##", content.split(f"### {name}\n")[1])[0]
    inputs, outputs = body.split("| output |")
    return (
        dict(re.findall(r"^\| `(\w+)` \| ([\w, ]+) \|$", inputs, re.MULTILINE)),
        re.findall(r"^\| `(\w+)` \| (\w+) `(\w+)` \|$", outputs, re.MULTILINE),
    )


@pytest.mark.parametrize("name", FILES)
def test_inputs_and_outputs_are_documented(provider, name):  # noqa: ARG001
    model = _read(FILES[name])
    children = model.childAlgorithms()
    names = [each.name() for each in model.parameterDefinitions()]
    made = [each.name() for each in model.destinationParameterDefinitions()]
    inputs, outputs = documented(name)
    assert {each: set(steps.split(", ")) for each, steps in inputs.items()} == {
        each: {
            key for key, child in children.items() if each in child.parameterSources()
        }
        for each in names
        if each not in made
    }
    assert sorted(each for each, *_ in outputs) == sorted(made)
    for each, step_id, output in outputs:
        asked = children[step_id].modelOutputs().values()
        titles = {one.description().lower().replace(" ", "_"): one for one in asked}
        assert titles[each].childOutputName() == output
