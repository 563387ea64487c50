"""What the tests of the method share: layers made by hand, in metres."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from kansenkaart.analysis.demo import generate


@pytest.fixture(scope="session")
def layer():
    """Make a layer in Dutch RD from geometries and columns."""

    def make(shapes, **columns):
        shapes = list(shapes)
        table = pd.DataFrame(columns, index=range(len(shapes)))
        geometry = gpd.GeoSeries(shapes, index=table.index, crs="EPSG:28992")
        return gpd.GeoDataFrame(table, geometry=geometry)

    return make


@pytest.fixture(scope="session")
def firms(layer):
    """Make canonical establishments from coordinates; ids ``E0000``, ``E0001`` …"""

    def make(xy, jobs=1.0, sbi="4711", ids=None):
        xy = np.asarray(xy, dtype=float).reshape(-1, 2)
        ids = [f"E{number:04}" for number in range(len(xy))] if ids is None else ids
        frame = layer(shapely.points(xy), est_id=pd.Series(ids, dtype=object))
        frame["name"] = [f"Bedrijf {est_id}" for est_id in frame["est_id"]]
        frame["sbi"] = sbi
        frame["jobs"] = pd.Series(jobs, index=frame.index, dtype=float)
        return frame[["est_id", "name", "sbi", "jobs", "geometry"]]

    return make


@pytest.fixture(scope="session")
def shuffled():
    """The same rows in another order."""

    def shuffle(frame, seed=7):
        return frame.sample(frac=1, random_state=seed).reset_index(drop=True)

    return shuffle


@pytest.fixture(scope="session")
def same_tables():
    """Say whether two tables are equal row for row, geometries to the last bit."""

    def check(one, other):
        left, right = pd.DataFrame(one), pd.DataFrame(other)
        if "geometry" in left:
            assert shapely.to_wkb(one.geometry.to_numpy()).tolist() == (
                shapely.to_wkb(other.geometry.to_numpy()).tolist()
            )
            left, right = left.drop(columns="geometry"), right.drop(columns="geometry")
        pd.testing.assert_frame_equal(left, right, check_exact=True)

    return check


@pytest.fixture(scope="session")
def province():
    """Layers of a fictional province of 2,000 firms; do not change them."""
    return generate(establishments_count=2000)
