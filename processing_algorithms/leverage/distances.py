"""The distances of the transport modes: one set of parameters for all who need it."""

from __future__ import annotations

DEFAULTS = {
    "ROAD_DISTANCE": 1000.0,
    "RAIL_DISTANCE": 1000.0,
    "WATER_DISTANCE": 500.0,
    "PIPELINE_DISTANCE": 500.0,
    "ENERGY_DISTANCE": 1000.0,
}
"""Metres by parameter; all of them assumptions."""
ENERGY_MODES = ("heat", "steam", "co2", "power")


def define_distances(algorithm, parent: str) -> None:
    """Add the distances to an algorithm."""
    for name, default in DEFAULTS.items():
        algorithm.distance(name, default, parent)


def distances_by_mode(run) -> dict[str, float]:
    """Distance in metres by mode."""
    transport = ("road", "rail", "water", "pipeline")
    distances = {mode: run.positive(f"{mode.upper()}_DISTANCE") for mode in transport}
    return distances | dict.fromkeys(ENERGY_MODES, run.positive("ENERGY_DISTANCE"))
