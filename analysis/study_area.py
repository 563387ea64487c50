"""A study area: what lies near enough to count, and what is listed.

A run for a study area must tell of it what a run for the whole country would. So it
also looks outside, as far as anything it measures reaches.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .errors import RefusalError
from .ground import HECTARE

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class StudyArea:
    """The ground of a run.

    Parameters
    ----------
    shape
        The study area itself, CRS in metres.
    reach
        How far outside it things count, in metres.
    ground
        The study area and the zones that lie partly in it: an area is part of a zone,
        and may reach over the border.
    """

    shape: shapely.Geometry
    reach: float
    ground: np.ndarray

    @property
    def box(self) -> Box:
        """(xmin, ymin, xmax, ymax) of all that can count."""
        xmin, ymin, xmax, ymax = shapely.total_bounds(self.ground)
        reach = self.reach
        return xmin - reach, ymin - reach, xmax + reach, ymax + reach

    def as_layer(self, name: str) -> gpd.GeoDataFrame:
        """The study area as a layer of one feature, with fields of ``study_area``."""
        fields = {"name": [name], "area_ha": [self.shape.area / HECTARE]}
        return gpd.GeoDataFrame(fields, geometry=[self.shape])

    def near(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Features within reach of the ground."""
        shapes = frame.geometry.to_numpy()
        found, _ = shapely.STRtree(self.ground).query(
            shapes, predicate="dwithin", distance=self.reach
        )
        return frame.iloc[np.unique(found)].reset_index(drop=True)

    def listed(self, tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        """Results inside the study area.

        An area is listed where a point inside it lies, so that areas of neighbouring
        study areas are listed once. A cluster is listed when it lies partly in the
        study area or at a listed area, and so are its cells; corridors are cut along
        its border.

        Parameters
        ----------
        tables
            ``leverage_areas``, ``clusters``, ``corridors`` and ``members``, as far as
            they are there; others pass as they are.
        """
        listed = dict(tables)
        if "leverage_areas" in tables:
            listed["leverage_areas"] = self._areas(tables["leverage_areas"])
        if "clusters" in tables:
            areas = listed.get("leverage_areas")
            listed["clusters"] = self._clusters(tables["clusters"], areas)
            if "cluster_profile" in tables:
                cells, kept = tables["cluster_profile"], listed["clusters"]
                own = cells["cluster_id"].isin(kept["cluster_id"])
                listed["cluster_profile"] = cells[own].reset_index(drop=True)
        if "corridors" in tables:
            listed["corridors"] = self._cut(tables["corridors"])
        if "density" in tables:
            listed["density"] = self._middles(tables["density"])
        if "members" in tables:
            listed["members"] = self._inside(tables["members"])
        return listed

    def _areas(self, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        points = shapely.point_on_surface(areas.geometry.to_numpy())
        inside = shapely.intersects(self.shape, points)
        return areas[inside].reset_index(drop=True)

    def _clusters(self, clusters, areas) -> gpd.GeoDataFrame:
        named = (
            set() if areas is None else set(";".join(areas["cluster_ids"]).split(";"))
        )
        inside = shapely.intersects(self.shape, clusters.geometry.to_numpy())
        kept = inside | clusters["cluster_id"].isin(named).to_numpy()
        return clusters[kept].reset_index(drop=True)

    def _cut(self, pieces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        shapes = shapely.intersection(pieces.geometry.to_numpy(), self.shape)
        cut = pieces.set_geometry(gpd.GeoSeries(shapes, pieces.index))
        return cut[shapely.get_dimensions(shapes) == 2].reset_index(drop=True)

    def _middles(self, hexagons: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        middles = shapely.centroid(hexagons.geometry.to_numpy())
        return hexagons[shapely.intersects(self.shape, middles)].reset_index(drop=True)

    def _inside(self, points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        inside = shapely.intersects(self.shape, points.geometry.to_numpy())
        return points[inside].reset_index(drop=True)


def study_area(shapes: np.ndarray, zones: gpd.GeoDataFrame, reach: float) -> StudyArea:
    """Take polygons together as one study area.

    Parameters
    ----------
    shapes
        Polygons, shape (n,), CRS in metres.
    zones
        Canonical zones in the same CRS.
    reach
        Largest distance over which anything counts, in metres.

    Raises
    ------
    RefusalError
        If there is no ground in the polygons.
    """
    present = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    shape = shapely.union_all(shapely.make_valid(present))
    if shape.area == 0:
        raise RefusalError("messages.study_area_empty")
    shapely.prepare(shape)
    own = zones.geometry.to_numpy()
    own = own[shapely.intersects(shape, own)]
    return StudyArea(shape, reach, np.append(own, shape))


def cut_to_study_area(
    polygons: gpd.GeoDataFrame, study: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame:
    """Polygons as far as they lie in the study area; whole where there is none."""
    if study is None:
        return polygons
    (shape,) = study.geometry
    shapes = shapely.intersection(polygons.geometry.to_numpy(), shape)
    cut = polygons.set_geometry(gpd.GeoSeries(shapes, polygons.index))
    return cut[shapely.area(shapes) > 0].reset_index(drop=True)


def inside_study_area(
    points: gpd.GeoDataFrame, study: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame:
    """The points of a layer that lie in the study area; all where there is none."""
    if study is None:
        return points
    (shape,) = study.geometry
    shapely.prepare(shape)
    inside = shapely.intersects(shape, points.geometry.to_numpy())
    return points[inside].reset_index(drop=True)
