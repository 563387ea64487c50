"""Prepare establishments."""

from __future__ import annotations

from ...analysis.vocabulary import CODE_LISTS
from .prepare_base import PrepareAlgorithm


class PrepareEstablishments(PrepareAlgorithm):
    """Any register of establishments becomes canonical establishments."""

    ID = "prepareestablishments"
    ROLE = "establishments"
    FIELDS = (
        "ACTIVITY_FIELD",
        "JOBS_FIELD",
        "SIZE_CLASS_FIELD",
        "VALUE_ADDED_FIELD",
    )
    CHOICES = {"CODE_LIST": CODE_LISTS}
