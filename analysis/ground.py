"""Measures of ground that several modules share."""

HECTARE = 10_000.0
"""Square metres in a hectare."""
QUARTER_SEGMENTS = 16
"""Segments per quarter circle of a buffer."""
