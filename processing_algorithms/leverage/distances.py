"""The distances of the transport modes: one set of parameters for all who need it."""

from __future__ import annotations

from ...analysis.vocabulary import ENERGY_MODES, TRANSPORT_MODES

DEFAULTS = {
    "ROAD_DISTANCE": 1000.0,
    "RAIL_DISTANCE": 1000.0,
    "WATER_DISTANCE": 500.0,
    "PIPELINE_DISTANCE": 500.0,
    "ENERGY_DISTANCE": 1000.0,
}
"""Metres by parameter; all of them assumptions."""


def define_distances(algorithm, parent: str) -> None:
    """Add the distances to an algorithm."""
    for name, default in DEFAULTS.items():
        algorithm.distance(name, default, parent)


def distances_by_mode(run) -> dict[str, float]:
    """Distance in metres by mode."""
    energy = run.distance("ENERGY_DISTANCE")
    return {
        mode: run.distance(f"{mode.upper()}_DISTANCE") for mode in TRANSPORT_MODES
    } | dict.fromkeys(ENERGY_MODES, energy)


def default_distances() -> dict[str, float]:
    """Default distance in metres by mode."""
    return {
        mode: DEFAULTS[f"{mode.upper()}_DISTANCE"] for mode in TRANSPORT_MODES
    } | dict.fromkeys(ENERGY_MODES, DEFAULTS["ENERGY_DISTANCE"])
