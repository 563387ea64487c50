"""Prepare regions."""

from __future__ import annotations

from .prepare_base import PrepareAlgorithm


class PrepareRegions(PrepareAlgorithm):
    """Any layer of administrative areas becomes canonical regions."""

    ID = "prepareregions"
    ROLE = "regions"
    FIELDS = ("POPULATION_FIELD", "CENTRE_CITY_FIELD")
