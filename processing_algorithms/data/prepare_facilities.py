"""Prepare facilities."""

from __future__ import annotations

from ...analysis.vocabulary import FACILITY_KINDS
from .prepare_base import PrepareAlgorithm


class PrepareFacilities(PrepareAlgorithm):
    """Any layer of points becomes canonical facilities."""

    ID = "preparefacilities"
    ROLE = "facilities"
    FIELDS = ("KIND_FIELD", "CAPACITY_FIELD")
    CHOICES = {"KIND": FACILITY_KINDS}
