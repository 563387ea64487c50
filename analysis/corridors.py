"""Multimodal corridors: ground within reach of several transport modes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .ground import HECTARE, QUARTER_SEGMENTS
from .grouping import positions_by
from .progress import Progress, part, silent
from .threads import in_threads
from .vocabulary import ENERGY_MODES, TRANSPORT_MODES

ACCESS_KINDS = {"motorway_junction": "road", "rail_terminal": "rail", "quay": "water"}
"""Facilities where a mode can be entered. Stations for passengers are none."""
TILE = 5_000.0
"""Lines are buffered tile by tile, in metres; the tile does not show in the result."""
MOST_VERTICES = 100
"""Longer lines are buffered in pieces: a buffer's cost grows faster than its length."""


@dataclass(frozen=True)
class Corridors:
    """The reach of every mode, and where modes come together.

    Parameters
    ----------
    by_mode
        One row per mode; fields of ``mode_corridors`` in ``resources/layers.toml``.
    multimodal
        Pieces that do not overlap; fields of ``corridors``.
    without_points
        Modes that have no access points, whose lines are taken instead.
    """

    by_mode: gpd.GeoDataFrame
    multimodal: gpd.GeoDataFrame
    without_points: list[str] = field(default_factory=list)


def corridors(
    infrastructure: gpd.GeoDataFrame,
    distances: Mapping[str, float],
    facilities: gpd.GeoDataFrame | None = None,
    access: str = "lines",
    min_modes: int = 2,
    progress: Progress = silent,
) -> Corridors:
    """Find the corridors of every mode, and the ground where modes come together.

    A mode reaches the ground within its distance of its lines, of its access points
    or of both. Where at least ``min_modes`` transport modes reach, the ground is
    multimodal; it is cut into pieces by the set of modes. Energy lines say which
    energy reaches a piece and do not count as a mode.

    Parameters
    ----------
    infrastructure
        Canonical infrastructure, CRS in metres.
    distances
        Distance in metres by mode, for the transport and the energy modes.
    facilities
        Canonical facilities, of which the access points are taken.
    access
        ``lines``, ``points`` or ``both``. A mode without points falls back to lines.
    min_modes
        Lowest number of transport modes of a multimodal corridor.

    Source
    ------
    "minstens 2 performante transportmodi": Departement Omgeving, Een passende
    omgeving voor circulaire economie, agenda chemie en kunststoffen, strategie 3.
    The distances are assumptions.
    """
    sources, without_points = _sources(infrastructure, facilities, access)
    reach = _reach(sources, distances, part(progress, 0, 0.8))
    by_mode = _by_mode(reach, distances, access, without_points, infrastructure.crs)
    multimodal = _pieces(reach, min_modes, infrastructure.crs)
    progress(1.0)
    return Corridors(by_mode, multimodal, without_points)


def _sources(infrastructure, facilities, access):
    """What to buffer, by mode, and the modes that lack access points."""
    known = TRANSPORT_MODES + ENERGY_MODES
    lines = {
        mode: part.geometry.to_numpy()
        for mode, part in infrastructure.groupby("mode", sort=True)
        if mode in known
    }
    if access == "lines":
        return lines, []
    points = _access_points(facilities)
    without = [m for m in lines if m in TRANSPORT_MODES and m not in points]
    if access == "points":
        return {**lines, **points}, without
    both = dict(lines)
    for mode, found in points.items():
        both[mode] = np.concatenate([lines.get(mode, found[:0]), found])
    return both, without


def _reach(sources, distances, progress: Progress) -> dict[str, shapely.Geometry]:
    """The ground within the distance of any of the shapes of a mode, by mode.

    Lines that lie together are buffered in one go, tile by tile, and the tiles are put
    together: neighbouring buffers overlap almost wholly, so this is much cheaper than
    a buffer per line.
    """
    modes = sorted(sources)
    tiles = in_threads(
        lambda mode: _tiles(sources[mode]), modes, part(progress, 0, 0.2)
    )
    jobs = [
        (mode, tile) for mode, own in zip(modes, tiles, strict=True) for tile in own
    ]
    buffers = in_threads(
        lambda job: _buffer(job[1], distances[job[0]]), jobs, part(progress, 0.2, 0.5)
    )
    owner = np.array([mode for mode, _ in jobs])
    # The tiles run from west to east: two halves, so that two threads have work.
    halves = [np.array_split(np.array(buffers)[owner == mode], 2) for mode in modes]
    unions = in_threads(
        shapely.union_all, list(chain(*halves)), part(progress, 0.5, 0.9)
    )
    whole = in_threads(
        shapely.union_all,
        list(zip(unions[::2], unions[1::2], strict=True)),
        part(progress, 0.9, 1),
    )
    return dict(zip(modes, whole, strict=True))


def _tiles(shapes: np.ndarray) -> list[np.ndarray]:
    """Shapes in pieces, by the tile in which their middle lies."""
    shapes = _chopped(_merged(shapely.get_parts(shapes)))
    middles = shapely.get_coordinates(shapely.centroid(shapes))
    _, tile = np.unique(
        np.floor(middles / TILE).astype(np.int64), axis=0, return_inverse=True
    )
    return [shapes[rows] for _, rows in positions_by(tile.ravel())]


def _access_points(facilities) -> dict[str, np.ndarray]:
    if facilities is None:
        return {}
    modes = facilities["kind"].map(ACCESS_KINDS)
    return {
        mode: part.geometry.to_numpy()
        for mode, part in facilities.groupby(modes, sort=True)
    }


def _merged(shapes: np.ndarray) -> np.ndarray:
    """Lines that continue each other as one, which saves a round end at every joint."""
    lines = shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING
    merged = shapely.line_merge(shapely.multilinestrings(_strung(shapes[lines])))
    return np.concatenate([shapely.get_parts(merged), shapes[~lines]])


def _strung(lines: np.ndarray) -> np.ndarray:
    """Lines that begin where the one before them ends as one.

    Merging takes much longer, and finds nothing more to do in most layers of pieces.
    """
    if len(lines) == 0:
        return lines
    xy, line = shapely.get_coordinates(lines, return_index=True)
    first = np.flatnonzero(np.diff(line, prepend=-1))
    joined = np.zeros(len(xy), bool)
    joined[first[1:]] = (xy[first[1:]] == xy[first[1:] - 1]).all(axis=1)
    string = np.cumsum(~joined[first])[line] - 1
    return shapely.linestrings(xy[~joined], indices=string[~joined])


def _chopped(shapes: np.ndarray) -> np.ndarray:
    """Lines with many vertices in pieces that fit in a tile; together the same line."""
    long = shapely.get_num_coordinates(shapes) > MOST_VERTICES
    pieces = [shapes[~long]]
    for line in shapes[long]:
        vertices = shapely.get_coordinates(line)
        starts = range(0, len(vertices) - 1, MOST_VERTICES)
        # The last vertex of a piece is the first of the next.
        runs = [vertices[start : start + MOST_VERTICES + 1] for start in starts]
        pieces.append(np.array([shapely.linestrings(run) for run in runs]))
    return np.concatenate(pieces)


def _buffer(shapes: np.ndarray, distance: float) -> shapely.Geometry:
    """Buffer of shapes that lie together."""
    return shapely.union_all(
        shapely.buffer(shapes, distance, quad_segs=QUARTER_SEGMENTS)
    )


def _by_mode(reach, distances, access, without_points, crs) -> gpd.GeoDataFrame:
    modes = sorted(reach)
    used = ["lines" if mode in without_points else access for mode in modes]
    frame = gpd.GeoDataFrame(
        {
            "mode": modes,
            "distance_m": [float(distances[mode]) for mode in modes],
            "access": [
                "lines" if mode in ENERGY_MODES else choice
                for mode, choice in zip(modes, used, strict=True)
            ],
        },
        geometry=[reach[mode] for mode in modes],
        crs=crs,
    )
    frame["area_ha"] = frame.area / HECTARE
    return frame


def _pieces(reach, min_modes, crs) -> gpd.GeoDataFrame:
    """Cut the plane along the edges of all modes and keep what enough modes reach.

    Neighbouring faces never have the same modes: the edge between them is a mode's.
    """
    modes = sorted(reach)
    faces = _faces([reach[mode] for mode in modes])
    inside = _inside(faces, [reach[mode] for mode in modes])
    transport = np.array([mode in TRANSPORT_MODES for mode in modes], bool)
    counts = inside[:, transport].sum(axis=1) if modes else np.zeros(0, int)
    kept = counts >= max(min_modes, 1)
    frame = gpd.GeoDataFrame(
        {
            "modes": _joined(inside[kept], modes, transport),
            "mode_count": counts[kept].astype(float),
            "energy": _joined(inside[kept], modes, ~transport),
        },
        geometry=faces[kept],
        crs=crs,
    )
    return _sorted_by_place(frame)


def _faces(shapes: list) -> np.ndarray:
    """The pieces into which the edges of the shapes cut the plane."""
    if not shapes:
        return np.empty(0, object)
    edges = shapely.union_all(shapely.boundary(shapes))
    return shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))


def _inside(faces: np.ndarray, shapes: list) -> np.ndarray:
    """Which face lies in which shape; booleans, shape (faces, shapes)."""
    x, y = shapely.get_coordinates(shapely.point_on_surface(faces)).T
    inside = np.zeros((len(faces), len(shapes)), bool)
    for column, shape in enumerate(shapes):
        shapely.prepare(shape)
        inside[:, column] = shapely.contains_xy(shape, x, y)
    return inside


def _joined(inside: np.ndarray, modes: list[str], which: np.ndarray) -> np.ndarray:
    """Names of the modes of every face, sorted and joined by commas."""
    names = np.array(modes, dtype=object)[which]
    chosen = inside[:, which]
    sets, inverse = np.unique(chosen, axis=0, return_inverse=True)
    texts = np.array([",".join(names[row]) for row in sets], dtype=object)
    return texts[inverse.ravel()] if len(texts) else np.empty(len(inside), object)


def _sorted_by_place(pieces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    place = pieces.geometry.bounds.round(3)
    keys = pd.concat([pieces[["modes", "energy"]], place], axis=1)
    order = keys.sort_values(["modes", "energy", "minx", "miny", "maxx", "maxy"]).index
    return pieces.loc[order].reset_index(drop=True)
