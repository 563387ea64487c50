"""Terminals of the sea port."""

from __future__ import annotations

import numpy as np

from ..resources import read_toml
from .canvas import Canvas, Zone
from .terrain import Terrain

LEVELS = ("5.1", "5.2", "5.3")


def lay_port(rng: np.random.Generator, canvas: Canvas, terrain: Terrain):
    """Lay the terminals; chemistry sits seaward, general cargo inland."""
    count = len(terrain.port_blocks)
    labels = rng.permutation(read_toml("demo", "names.toml")["port_parts"])
    for index, shape in enumerate(terrain.port_blocks):
        chemical = 2 <= index < 0.65 * count and index % 3 != 1
        kinds = ("sea_port", "seveso_industry") if chemical else ("sea_port",)
        category = "6" if chemical and rng.random() < 0.5 else str(rng.choice(LEVELS))
        free = float(rng.choice([0.0, rng.uniform(0.02, 0.25)]))
        zone = Zone(
            str(labels[index]), kinds, shape, "port", "sea_port",
            category=category, share_free=free, managed=True,
        )  # fmt: skip
        canvas.lay(zone, 5e4)
