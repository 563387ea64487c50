"""Prepare constraints."""

from __future__ import annotations

from ...analysis.vocabulary import CONSTRAINT_KINDS, EFFECTS
from .prepare_base import PrepareAlgorithm


class PrepareConstraints(PrepareAlgorithm):
    """Any layer of limits becomes canonical constraints."""

    ID = "prepareconstraints"
    ROLE = "constraints"
    CHOICES = {"KIND": CONSTRAINT_KINDS, "EFFECT": EFFECTS}
