"""Prepare zones."""

from __future__ import annotations

from .prepare_base import PrepareAlgorithm


class PrepareZones(PrepareAlgorithm):
    """Any layer of areas becomes canonical zones."""

    ID = "preparezones"
    ROLE = "zones"
    FIELDS = (
        "KIND_FIELD",
        "AVAILABLE_FIELD",
        "ENV_CATEGORY_FIELD",
        "PARK_MANAGEMENT_FIELD",
    )
