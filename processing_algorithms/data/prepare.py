"""The prepare algorithms, in the order of the toolbox."""

from __future__ import annotations

from .prepare_constraints import PrepareConstraints
from .prepare_establishments import PrepareEstablishments
from .prepare_facilities import PrepareFacilities
from .prepare_flows import PrepareFlows
from .prepare_infrastructure import PrepareInfrastructure
from .prepare_initiatives import PrepareInitiatives
from .prepare_regions import PrepareRegions
from .prepare_zones import PrepareZones

PREPARE_ALGORITHMS = (
    PrepareEstablishments,
    PrepareZones,
    PrepareInfrastructure,
    PrepareFacilities,
    PrepareRegions,
    PrepareConstraints,
    PrepareInitiatives,
    PrepareFlows,
)
