"""A road network among the layers: what it assumes, and the ways over it."""

from __future__ import annotations

from .constants import constant

NETWORK_ASSUMPTIONS = {
    "ACCESS": ("metre", constant("road_network", "ACCESS")),
    "JOIN": ("metre", constant("road_network", "JOIN")),
}
"""What is assumed of a road network."""
FIRST = 0.2
"""Part of the work that making the network is."""


def travel_over(layers: dict, progress):
    """The roads over which distances count, and the progress of what follows.

    None where no network is given. Layers may hold the roads ready under ``travel``.
    """
    from ..analysis.progress import part
    from ..analysis.road_network import road_network
    from ..analysis.travel import Travel

    if layers.get("network") is None:
        return None, progress
    if layers.get("travel") is not None:
        return layers["travel"], progress
    start = part(progress, 0.0, FIRST)
    travel = Travel(road_network(layers["network"]), start)
    return travel, part(progress, FIRST, 1.0)
