"""Prepare infrastructure."""

from __future__ import annotations

from ...analysis.vocabulary import MODES
from .prepare_base import PrepareAlgorithm


class PrepareInfrastructure(PrepareAlgorithm):
    """Any layer of lines becomes canonical infrastructure."""

    ID = "prepareinfrastructure"
    ROLE = "infrastructure"
    FIELDS = ("MODE_FIELD", "CLASS_FIELD")
    CHOICES = {"MODE": MODES}
