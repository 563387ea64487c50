"""A fictional province to try the plug-in on, drawn from a seed."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from ..progress import Progress, part, silent
from ..resources import read_toml
from .province import make_province

__all__ = ["CRS", "generate", "generate_province"]

CRS = "EPSG:28992"


def generate(
    seed: int = 1,
    establishments_count: int = 20000,
    provinces: int = 1,
    progress: Progress = silent,
    crs: object = CRS,
    planted: bool = True,
) -> dict[str, gpd.GeoDataFrame]:
    """Make the layers of one or more fictional provinces in the North Sea.

    Parameters
    ----------
    seed : int
        The same seed gives the same provinces; the number of establishments does
        not change the geography.
    establishments_count : int
        Number of establishments in each province.
    provinces : int
        Number of provinces, side by side; above one, ids start with ``P01-``.
    progress : callable
        Hears the share of the work done; raises CancelledError to stop.
    crs : object
        Written on the layers; the coordinates are EPSG:28992 whatever it says.
        None leaves it out, for who keeps the CRS elsewhere.
    planted : bool
        Plant exchanges; without them ``flows`` and ``truth`` are empty, and the
        firms that would have taken part do what they did.

    Returns
    -------
    dict of str to GeoDataFrame
        ``establishments``, ``zones``, ``infrastructure``, ``facilities``,
        ``regions``, ``constraints``, ``initiatives``, ``flows`` and ``truth``, all in
        EPSG:28992 (metres).
    """
    made = [
        generate_province(
            seed,
            establishments_count,
            number,
            provinces,
            part(progress, number / provinces, (number + 1) / provinces),
            planted,
        )
        for number in range(provinces)
    ]
    joined = {
        name: pd.concat([layers[name] for layers in made], ignore_index=True)
        for name in made[0]
    }
    return {
        name: layer if crs is None else layer.set_crs(crs)
        for name, layer in joined.items()
    }


def generate_province(
    seed: int,
    establishments_count: int,
    number: int,
    provinces: int,
    progress: Progress = silent,
    planted: bool = True,
) -> dict[str, gpd.GeoDataFrame]:
    """Make one of the provinces of :func:`generate`, without CRS.

    For who writes each before making the next: a country need not fit in memory.
    ``number`` counts from 0.
    """
    return make_province(
        np.random.SeedSequence([seed, number]),
        establishments_count,
        _origin(number, provinces),
        f"P{number + 1:02d}-" if provinces > 1 else "",
        progress,
        planted,
    )


def _origin(number: int, provinces: int) -> tuple[float, float]:
    """South-west corner of a province; at most four columns, filled northwards."""
    frame = read_toml("demo", "province.toml")["frame"]
    rows = max(frame["rows"], -(-provinces // 4))
    column, row = divmod(number, rows)
    width, height = frame["size"]
    west, south = frame["origin"]
    return west + column * (width + frame["gap"]), south + row * (height + frame["gap"])
