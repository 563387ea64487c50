"""Drawing aids: smooth lines, town-like blobs, rectilinear blocks, cutting."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from scipy.interpolate import Akima1DInterpolator
from shapely import LineString, Polygon

# Coordinates are multiples of 1/64 m: exact in binary, so that moving a shape to its
# place in the country cannot bend it into something invalid.
GRID = 1 / 64


def snapped(shapes):
    """Make shapes valid, with their coordinates on the grid."""
    return shapely.set_precision(shapely.make_valid(shapes), GRID)


def step(east: float, north: float) -> np.ndarray:
    """Make a displacement (2,) in metres."""
    return np.array([east, north], dtype=float)


def waves(rng: np.random.Generator, lengths: list[float]) -> Callable:
    """Smooth random function between -1 and 1, a sum of sines of given wavelengths."""
    phases = rng.uniform(0, 2 * np.pi, len(lengths))
    weights = np.sqrt(lengths) / np.sqrt(lengths).sum()  # long waves swing wider

    def value(place):
        angle = 2 * np.pi * np.asarray(place)[..., None] / np.array(lengths) + phases
        return np.sin(angle) @ weights

    return value


def smooth_line(points: np.ndarray, spacing: float = 250.0) -> LineString:
    """Bend a line gently through ``points`` (n, 2), a vertex every ``spacing`` m."""
    points = np.asarray(points, dtype=float)
    along = np.r_[0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    places = np.linspace(0, along[-1], max(3, int(along[-1] / spacing) + 1))
    if len(points) < 3:
        bent = np.column_stack([np.interp(places, along, axis) for axis in points.T])
    else:
        bent = Akima1DInterpolator(along, points)(places)
    return LineString(bent)


def soften(points: np.ndarray, stretch: float = 1500.0) -> LineString:
    """Straight stretches with rounded corners, as of canals (Chaikin's cutting).

    Corners are rounded over no more than half of ``stretch`` metres.
    """
    line = shapely.segmentize(LineString(points), stretch)
    points = shapely.get_coordinates(line)
    for _ in range(3):
        first = 0.75 * points[:-1] + 0.25 * points[1:]
        last = 0.25 * points[:-1] + 0.75 * points[1:]
        inner = np.stack([first, last], axis=1).reshape(-1, 2)
        points = np.vstack([points[:1], inner, points[-1:]])
    return LineString(points).simplify(0.5)


def direction_at(line: LineString, place: float) -> np.ndarray:
    """Give the unit vector (2,) along ``line`` at ``place`` metres from its start."""
    ends = shapely.line_interpolate_point(line, [max(place - 60, 0), place + 60])
    course = np.diff(shapely.get_coordinates(ends), axis=0)[0]
    return course / max(np.hypot(*course), 1e-9)


def blob(
    rng: np.random.Generator,
    centre: np.ndarray,
    radius: float,
    *,
    lobes: tuple[float, ...] = (),
    roughness: float = 0.13,
    corners: int = 44,
) -> Polygon:
    """Irregular shape around ``centre``, stretched along the angles in ``lobes``."""
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    angles += rng.normal(0, 0.35 * np.pi / corners, corners)
    swing = sum(
        rng.normal(0, 1 / k) * np.cos(k * angles + rng.uniform(0, 2 * np.pi))
        for k in range(2, 7)
    )
    reach = 1 + roughness * swing + rng.normal(0, roughness / 3, corners)
    for lobe in lobes:
        away = (angles - lobe + np.pi) % (2 * np.pi) - np.pi
        reach += 0.30 * np.exp(-((away / 0.22) ** 2))
    reach = radius * np.clip(reach, 0.45, 1.7)
    rim = np.column_stack([np.cos(angles), np.sin(angles)]) * reach[:, None]
    return snapped(Polygon(rim + centre))


def block(
    rng: np.random.Generator,
    anchor: np.ndarray,
    axes: tuple[np.ndarray, np.ndarray],
    size: tuple[float, float],
) -> Polygon:
    """Rectilinear plot of land beside a line, with steps in its two far corners.

    ``anchor`` is the middle of the side along the line, ``axes`` the unit vectors
    along and away from it, ``size`` the length and depth (m) in these directions.
    """
    (along, inward), (length, depth) = axes, size
    half = length / 2
    cut = rng.uniform(0.12, 0.42, 2) * length * (rng.random(2) < 0.45)
    notch = rng.uniform(0.2, 0.55, 2) * depth
    if rng.random() < 0.4:  # old parcels are seldom quite square
        inward = inward + rng.uniform(-0.25, 0.25) * along
    corners = np.array([
        [-half, 0], [half, 0],
        [half, depth - notch[1]], [half - cut[1], depth - notch[1]],
        [half - cut[1], depth], [cut[0] - half, depth],
        [cut[0] - half, depth - notch[0]], [-half, depth - notch[0]],
    ])  # fmt: skip
    return snapped(Polygon(anchor + corners @ np.array([along, inward])))


def parts_of(shape, smallest: float = 0.0) -> list[Polygon]:
    """Polygons in ``shape`` of at least ``smallest`` square metres, in their order."""
    parts = shapely.get_parts(snapped(np.atleast_1d(shape)))
    parts = shapely.get_parts(parts)  # collections may hold multipolygons
    kept = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    return [part for part in parts[kept] if part.area >= smallest and part.area > 0]


def largest_part(shape) -> Polygon:
    """Polygon of ``shape`` with the largest area; empty when there is none."""
    return max(parts_of(shape), key=lambda part: part.area, default=Polygon())


def opened(shape, width: float):
    """``shape`` without necks and slivers narrower than twice ``width``."""
    whole = snapped(shape)
    grown = snapped(whole.buffer(-width, quad_segs=2)).buffer(width, quad_segs=3)
    return snapped(grown).intersection(whole)


def split_blocks(
    rng: np.random.Generator, area: Polygon, largest: float
) -> list[Polygon]:
    """Cut ``area`` into blocks below ``largest`` m2, across its long side each time."""
    waiting, done = [area], []
    while waiting:
        piece = waiting.pop()
        if piece.area <= largest * rng.uniform(0.6, 1.25):
            done.append(piece)
            continue
        waiting.extend(parts_of(list(_halves(piece, rng.uniform(0.42, 0.58)))))
    return done


def _halves(piece: Polygon, share: float) -> tuple:
    """Two sides of a straight cut through ``piece`` at ``share`` of its length."""
    box = shapely.get_coordinates(piece.minimum_rotated_rectangle)[:4]
    if np.hypot(*(box[1] - box[0])) < np.hypot(*(box[2] - box[1])):
        box = np.roll(box, -1, axis=0)
    middle = [box[0] + share * (box[1] - box[0]), box[3] + share * (box[2] - box[3])]
    near = Polygon([box[0], middle[0], middle[1], box[3]]).buffer(1, join_style="mitre")
    far = Polygon([middle[0], box[1], box[2], middle[1]]).buffer(1, join_style="mitre")
    half = piece.intersection(near.difference(far))
    return half, piece.difference(half)


def stretched(shape: Polygon, centre: np.ndarray, angle: float, factor: float):
    """``shape`` longer by ``factor`` along ``angle`` (radians), as large as before."""
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]])
    grow = np.sqrt(factor)

    def moved(xy: np.ndarray) -> np.ndarray:
        way = xy - centre
        return (
            centre
            + np.outer(way @ along, along) * grow
            + np.outer(way @ across, across) / grow
        )

    return snapped(shapely.transform(shape, moved))
