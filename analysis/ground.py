"""Measures of ground that several modules share."""

from __future__ import annotations

from .errors import RefusalError

HECTARE = 10_000.0
"""Square metres in a hectare."""
QUARTER_SEGMENTS = 16
"""Segments per quarter circle of a buffer."""
SHORTEST, LONGEST = 0.001, 20_000_000.0
"""Distances that mean something, in metres: up to half-way round the earth."""


def checked_distance(metres: float, parameter: str) -> float:
    """Give a distance in metres, if it is one.

    Raises
    ------
    RefusalError
        If it is not above zero, or too short or long to work with.
    """
    if not metres > 0:
        raise RefusalError("messages.not_positive", parameter=parameter)
    if not SHORTEST <= metres <= LONGEST:
        raise RefusalError("messages.distance_unusable", parameter=parameter)
    return metres
