"""Prepare initiatives."""

from __future__ import annotations

from ...analysis.vocabulary import INITIATIVE_KINDS
from .prepare_base import PrepareAlgorithm


class PrepareInitiatives(PrepareAlgorithm):
    """Any layer of points becomes canonical initiatives."""

    ID = "prepareinitiatives"
    ROLE = "initiatives"
    FIELDS = ("KIND_FIELD", "STATUS_FIELD", "SOURCE_FIELD")
    CHOICES = {"KIND": INITIATIVE_KINDS}
