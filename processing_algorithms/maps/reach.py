"""How far a run looks round a study area."""

from __future__ import annotations

from ...analysis import criteria
from ..leverage.distances import DEFAULTS
from .settings import StepSettings


def largest_reach(settings: dict[str, StepSettings]) -> float:
    """Furthest distance in metres at which anything can change a listed area.

    A cluster is decided within twice its distance: that of a border point to its core
    point, and of this one to the points that make it core.

    Parameters
    ----------
    settings
        Settings by algorithm.
    """
    distances = [
        settings[algorithm].number(name)
        for algorithm in ("corridors", "environmenttypes")
        for name in DEFAULTS
    ]
    clusters = 2 * settings["detectclusters"].number("DISTANCE")
    clusters += settings["leverageareas"].number("CLUSTER_REACH")
    density = settings["businessdensity"].number("RADIUS")
    # A hexagon is listed by its middle; its corners lie less than this away.
    density += settings["businessdensity"].number("CELL_SIZE")
    others = criteria.largest_reach(criteria.criterion_ids())
    return max(*distances, clusters, density, others)
