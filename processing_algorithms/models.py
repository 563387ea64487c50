"""The models that ship with the plugin: algorithms in a chain, to open and change."""

from __future__ import annotations

from qgis.core import QgsProcessingModelAlgorithm

from ..analysis.resources import resource_path
from ..analysis.texts import text
from .language import interface_language


def shipped_models() -> list[QgsProcessingModelAlgorithm]:
    """The models of ``resources/models``, by name.

    Their steps are not found before the provider is registered; QGIS looks for them
    again in the copy that it makes for a run, and :func:`attach` in the listed one.
    """
    return [_model(str(path)) for path in sorted(resource_path("models").iterdir())]


def models_of(provider) -> list[QgsProcessingModelAlgorithm]:
    """The models among the algorithms of a provider."""
    every = provider.algorithms()
    return [each for each in every if isinstance(each, QgsProcessingModelAlgorithm)]


def attach(models: list[QgsProcessingModelAlgorithm]) -> None:
    """Have models find their steps, of a provider that is registered by now."""
    for model in models:
        model.loadVariant(model.toVariant())


def _model(path: str) -> QgsProcessingModelAlgorithm:
    """A model from its file, in the group of the models."""
    model = QgsProcessingModelAlgorithm()
    model.fromFile(path)
    model.setGroup(text("messages.groups.models", interface_language()))
    return model
