"""Which groupings come with the plugin; apart, since this is asked while it loads."""

from __future__ import annotations

from .resources import resource_path

ALL = "all"
"""The grouping, and its one group, that holds every activity."""
COMPUTED = (ALL, "section", "division")
"""Groupings that follow from the code lists."""
FILE = ".csv"


def shipped_groupings() -> list[str]:
    """Ids of the groupings that a planner may pick."""
    files = sorted(path.stem for path in resource_path("groupings").glob(f"*{FILE}"))
    return [*COMPUTED, *files]
