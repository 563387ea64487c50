"""The network of waterways, roads and railways."""

from __future__ import annotations

import numpy as np

from .lines import Network
from .motorways import make_junctions, make_motorways
from .railways import make_railways
from .roads import make_port_road, make_roads
from .terrain import Terrain
from .towns import Town
from .waterways import make_waterways


def make_network(
    rng: np.random.Generator, rules: dict, terrain: Terrain, towns: list[Town]
) -> Network:
    """Lay what carries people and goods; pipes and cables come later."""
    motorways = make_motorways(rng, rules, terrain, towns)
    junctions, names = make_junctions(rules, motorways, terrain, towns)
    lines = [
        *make_waterways(rng, terrain, towns),
        *motorways,
        *make_railways(rng, rules, terrain, towns),
        make_port_road(terrain, motorways[0].shape),
        *make_roads(rng, rules, terrain, towns),
    ]
    return Network(lines, junctions, names)
