"""A fictional province to try the plug-in on, drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd

from ..resources import read_toml
from .province import make_province

__all__ = ["CRS", "generate"]

CRS = "EPSG:28992"


def generate(
    seed: int = 1,
    establishments_count: int = 20000,
    provinces: int = 1,
    progress: Callable[[float], object] | None = None,
    crs: object = CRS,
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
    progress : callable, optional
        Hears the share of the work done; returns False to stop.
    crs : object
        Written on the layers; the coordinates are EPSG:28992 whatever it says.
        None leaves it out, for who keeps the CRS elsewhere.

    Returns
    -------
    dict of str to GeoDataFrame
        ``establishments``, ``zones``, ``infrastructure``, ``facilities``,
        ``regions`` and ``constraints``, all in EPSG:28992 (metres).

    Raises
    ------
    InterruptedError
        When ``progress`` returns False.
    """
    made = []
    for number in range(provinces):
        prefix = f"P{number + 1:02d}-" if provinces > 1 else ""
        layers = make_province(
            np.random.SeedSequence([seed, number]),
            establishments_count,
            _origin(number, provinces),
            prefix,
            partial(_tell, progress, number, provinces),
        )
        made.append(layers)
    joined = {
        name: pd.concat([layers[name] for layers in made], ignore_index=True)
        for name in made[0]
    }
    return {
        name: layer if crs is None else layer.set_crs(crs)
        for name, layer in joined.items()
    }


def _tell(
    progress: Callable[[float], object] | None, number: int, count: int, share: float
) -> None:
    """Tell how much of ``count`` provinces is done; stop when asked to."""
    if progress and progress((number + share) / count) is False:
        raise InterruptedError("The demonstration province was not finished.")


def _origin(number: int, provinces: int) -> tuple[float, float]:
    """South-west corner of a province; at most four columns, filled northwards."""
    frame = read_toml("demo", "province.toml")["frame"]
    rows = max(frame["rows"], -(-provinces // 4))
    column, row = divmod(number, rows)
    width, height = frame["size"]
    west, south = frame["origin"]
    return west + column * (width + frame["gap"]), south + row * (height + frame["gap"])
