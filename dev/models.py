"""The models that ship with the plugin: ``make models``, after a change of algorithms.

A model is steps that feed each other. An input of the model is an input of one of its
steps, with the label and explanation that it has there.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
)
from qgis.PyQt.QtCore import QPointF, QSizeF

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / ".dev" / "plugins"))
FOLDER = ROOT / "resources" / "models"
GROUP = "Kansenkaart"
WIDTH, ROW = 260.0, 60.0
COLUMNS = {"inputs": 200.0, "steps": 620.0, "outputs": 1040.0}


@dataclass(frozen=True)
class Step:
    """An algorithm in a model.

    Parameters
    ----------
    algorithm
        Its id.
    inputs
        Parameters that are an input of the model by the same name.
    fed
        Parameters that an earlier step fills in: parameter → (algorithm, output).
    outputs
        Outputs that are an output of the model: output → its name in the model.
    """

    algorithm: str
    inputs: tuple[str, ...]
    fed: dict[str, tuple[str, str]]
    outputs: dict[str, str]


MODELS = {
    "Van bedrijven naar hefboomgebieden": (
        "Zoekt bedrijvenclusters en corridors, daarna de hefboomgebieden waar die "
        "samenkomen, en geeft deze een score en een rang. Open het model in de "
        "modelontwerper om een stap te wijzigen of toe te voegen.",
        (
            Step(
                "detectclusters",
                ("ESTABLISHMENTS", "GROUPING", "DISTANCE", "MIN_ESTABLISHMENTS"),
                {},
                {"OUTPUT": "Bedrijvenclusters"},
            ),
            Step(
                "corridors",
                ("INFRASTRUCTURE", "FACILITIES", "ACCESS", "MIN_MODES"),
                {},
                {"OUTPUT_MULTIMODAL": "Multimodale corridors"},
            ),
            Step(
                "leverageareas",
                ("ZONES", "ESTABLISHMENTS", "CONSTRAINTS", "ZONE_KINDS", "MIN_MODES"),
                {
                    "CLUSTERS": ("detectclusters", "OUTPUT"),
                    "CORRIDORS": ("corridors", "OUTPUT_MULTIMODAL"),
                },
                {"OUTPUT": "Hefboomgebieden"},
            ),
            Step(
                "scoreareas",
                (
                    "ESTABLISHMENTS", "ZONES", "INFRASTRUCTURE", "FACILITIES",
                    "CONSTRAINTS", "REGIONS", "STRATEGY",
                ),
                {"AREAS": ("leverageareas", "OUTPUT")},
                {
                    "OUTPUT": "Gescoorde gebieden",
                    "OUTPUT_CRITERIA": "Score per criterium",
                },
            ),
        ),
    ),
    "Van bedrijven naar uitwisselingen": (
        "Schat de stromen van bedrijven, huishoudens en grond, zoekt welke bij elkaar "
        "passen, verdeelt de hoeveelheden en maakt per gebied een balans. Open het "
        "model in de modelontwerper om een stap te wijzigen of toe te voegen.",
        (
            Step(
                "estimateflows",
                ("ESTABLISHMENTS", "REGIONS", "ZONES", "INFRASTRUCTURE", "REPORTED"),
                {},
                {"OUTPUT": "Stromen"},
            ),
            Step(
                "findleads",
                ("EXTRA_RULES", "MAX_DISTANCE", "NETWORK"),
                {"FLOWS": ("estimateflows", "OUTPUT")},
                {"OUTPUT": "Kansen"},
            ),
            Step(
                "matchflows",
                ("EXTRA_RULES", "MAX_DISTANCE", "NETWORK", "OBJECTIVE"),
                {"FLOWS": ("estimateflows", "OUTPUT")},
                {"OUTPUT": "Matches", "OUTPUT_TOTALS": "Totalen per materiaal"},
            ),
            Step(
                "resourcebalance",
                ("AREAS", "SEED"),
                {"FLOWS": ("estimateflows", "OUTPUT")},
                {"OUTPUT": "Balans", "OUTPUT_AREAS": "Balans per gebied"},
            ),
        ),
    ),
}  # fmt: skip
"""What it is for, and its steps, by the name of the model."""


def build(name: str) -> QgsProcessingModelAlgorithm:
    """A model by its name; the provider must be there, in Dutch."""
    about, steps = MODELS[name]
    model = QgsProcessingModelAlgorithm(name, GROUP)
    asked = _add_inputs(model, steps)
    height = ROW * len(asked) / len(steps)
    for place, step in enumerate(steps):
        model.addChildAlgorithm(_child(step, height * (place + 0.5)))
    model.updateDestinationParameters()
    told = {each.name(): each.help() for each in model.parameterDefinitions()}
    model.setHelpContent({"ALG_DESC": about, **told})
    return model


def _add_inputs(model, steps: tuple[Step, ...]) -> list[str]:
    """Add what the steps ask of the planner, each once; give the names."""
    asked = {name: step.algorithm for step in reversed(steps) for name in step.inputs}
    order = dict.fromkeys(name for step in steps for name in step.inputs)
    for place, name in enumerate(order):
        parameter = _algorithm(asked[name]).parameterDefinition(name).clone()
        if name == "MAX_DISTANCE":  # In metres of a layer that the model asks for.
            parameter.setParentParameterName("ESTABLISHMENTS")
        component = QgsProcessingModelParameter(name)
        _place(component, "inputs", ROW * place)
        model.addModelParameter(parameter, component)
    model.setParameterOrder(list(order))
    return list(order)


def _child(step: Step, y: float) -> QgsProcessingModelChildAlgorithm:
    """A step at a height of the drawing, fed and read as it says."""
    sources = QgsProcessingModelChildParameterSource
    child = QgsProcessingModelChildAlgorithm(f"kansenkaart:{step.algorithm}")
    child.setChildId(step.algorithm)
    child.setDescription(_algorithm(step.algorithm).displayName())
    _place(child, "steps", y)
    for name in step.inputs:
        child.addParameterSources(name, [sources.fromModelParameter(name)])
    for name, (algorithm, output) in step.fed.items():
        child.addParameterSources(name, [sources.fromChildOutput(algorithm, output)])
    child.setModelOutputs(
        {
            title: _output(step, output, title, y + ROW * row)
            for row, (output, title) in zip(count(), step.outputs.items())
        }
    )
    return child


def _output(step: Step, output: str, title: str, y: float) -> QgsProcessingModelOutput:
    """An output of a step that becomes one of the model."""
    made = QgsProcessingModelOutput(title, title)
    made.setChildId(step.algorithm)
    made.setChildOutputName(output)
    _place(made, "outputs", y)
    return made


def _place(component, column: str, y: float) -> None:
    """Where a box stands in the drawing, and how wide it is."""
    component.setPosition(QPointF(COLUMNS[column], ROW + y))
    component.setSize(QSizeF(WIDTH, component.size().height()))


def _algorithm(name: str):
    return QgsApplication.processingRegistry().algorithmById(f"kansenkaart:{name}")


def main() -> None:
    """Write every model, in Dutch."""
    application = QgsApplication([], False)
    application.initQgis()
    application.setTranslation("nl")
    from kansenkaart.processing_algorithms.provider import KansenkaartProvider

    provider = KansenkaartProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    FOLDER.mkdir(exist_ok=True)
    for name in MODELS:
        path = FOLDER / f"{name}.model3"
        build(name).toFile(str(path))
        print(f"Made: {path.relative_to(ROOT)}")
    QgsApplication.processingRegistry().removeProvider(provider)
    application.exitQgis()


if __name__ == "__main__":
    main()
