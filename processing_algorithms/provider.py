"""The Processing provider: the list of algorithms."""

from __future__ import annotations

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from ..analysis.resources import resource_path
from .clusters.business_density import BusinessDensity
from .clusters.detect_clusters import DetectClusters
from .clusters.rank_clusters import RankClusters
from .clusters.specialisation import Specialisation
from .data.demo_data import DemoData
from .data.prepare import PREPARE_ALGORITHMS
from .flows.estimate_flows import EstimateFlows
from .flows.facility_flows import FacilityFlows
from .flows.reconcile_flows import ReconcileFlows
from .flows.resource_balance import ResourceBalance
from .leverage.corridors import Corridors
from .leverage.environment_types import EnvironmentTypes
from .leverage.leverage_areas import LeverageAreas
from .leverage.score_areas import ScoreAreas
from .maps.opportunity_map import OpportunityMap
from .matching.coalitions import Coalitions
from .matching.find_leads import FindLeads
from .matching.match_flows import MatchFlows
from .matching.sankey import Sankey
from .models import shipped_models

ALGORITHMS = (
    *PREPARE_ALGORITHMS,
    DemoData,
    Specialisation,
    DetectClusters,
    RankClusters,
    BusinessDensity,
    EstimateFlows,
    FacilityFlows,
    ResourceBalance,
    ReconcileFlows,
    FindLeads,
    MatchFlows,
    Coalitions,
    Sankey,
    Corridors,
    LeverageAreas,
    EnvironmentTypes,
    ScoreAreas,
    OpportunityMap,
)


class KansenkaartProvider(QgsProcessingProvider):
    """Offers the algorithms of Kansenkaart in the toolbox and to qgis_process."""

    def id(self) -> str:
        """Id in front of every algorithm's."""
        return "kansenkaart"

    def name(self) -> str:
        """Name in the toolbox."""
        return "Kansenkaart"

    def icon(self) -> QIcon:
        """The icon of the plugin."""
        return QIcon(self.svgIconPath())

    def svgIconPath(self) -> str:
        """Path of the icon."""
        return str(resource_path("icons", "kansenkaart.svg"))

    def loadAlgorithms(self) -> None:
        """Offer every algorithm, and the models that chain them."""
        for algorithm in ALGORITHMS:
            self.addAlgorithm(algorithm())
        for model in shipped_models():
            self.addAlgorithm(model)
