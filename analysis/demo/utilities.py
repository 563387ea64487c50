"""Pipelines, heat, steam, carbon dioxide and high voltage, and rural lanes."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import LineString, Point

from .canvas import Canvas
from .lines import Line, on_land
from .shapes import smooth_line, soften, step
from .terrain import Terrain
from .towns import Town

BRANCH = 6000  # plants within this distance (m) get a branch of the pipeline


def make_utilities(
    rng: np.random.Generator, canvas: Canvas, terrain: Terrain, towns: list[Town]
) -> list[Line]:
    """Lines below and above the ground that link port, towns and industry."""
    plants = [shape.centroid for shape in canvas.shapes("seveso_industry")]
    plants = sorted(plants, key=lambda plant: plant.x)
    corridor = _port_corridor(terrain)
    trunk = soften(_to_border(corridor, terrain))
    lines = [Line("pipeline", None, "Leidingenstraat", trunk)]
    near = [plant for plant in plants if plant.distance(trunk) < BRANCH]
    lines += [
        Line("pipeline", None, f"Aftakking {number}", _branch(trunk, plant))
        for number, plant in enumerate(near, start=1)
    ]
    port = [plant for plant in plants if plant.x < corridor[-1][0]]
    if len(port) > 1:
        lines.append(Line("steam", None, "Stoomnet Haven", _steam(port, corridor)))
    lines += _heat(rng, terrain, towns[0], corridor)
    lines.append(_carbon_dioxide(terrain, towns[0], corridor))
    lines += _power(terrain, towns, corridor)
    for line in lines:
        line.shape = on_land(line.shape, terrain)
    return lines


def _port_corridor(terrain: Terrain) -> np.ndarray:
    places = terrain.port_start + np.array([900.0, 4500, 8000, 12500, 16000])
    return np.c_[
        places, terrain.bank(places) - np.array([3240, 3240, 3240, 3260, 3700])
    ]


def _to_border(corridor: np.ndarray, terrain: Terrain) -> np.ndarray:
    width, height = terrain.width, terrain.height
    inland = [
        [0.58 * width, 0.325 * height],
        [0.8 * width, 0.27 * height],
        [width, 0.25 * height],
    ]
    return np.vstack([corridor, inland])


def _branch(trunk: LineString, plant: Point) -> LineString:
    """Branch from the trunk straight to ``plant``, bending off beforehand."""
    foot = trunk.project(plant)
    start = trunk.interpolate(max(foot - 500, 0))
    turn = trunk.interpolate(foot)
    course = shapely.get_coordinates([start, turn, plant])
    return soften(course + np.array([[0, 0], [0, 60], [0, 0]]), 600)


def _steam(port: list[Point], corridor: np.ndarray) -> LineString:
    """Steam main behind the terminals, from the first plant to the last."""
    places = np.linspace(port[0].x, port[-1].x, 12)
    levels = np.interp(places, corridor[:, 0], corridor[:, 1]) + 320
    return LineString(np.c_[places, levels])


def _heat(rng, terrain: Terrain, main: Town, corridor: np.ndarray) -> list[Line]:
    """Draw the main pipe from the port and its branches into the districts."""
    cross = main.centre[0] - 0.45 * main.radius
    south = [cross, float(terrain.bank(cross)) - 500]
    trunk = [
        corridor[2],
        corridor[3],
        south,
        [cross, float(terrain.bank(cross, 1)) + 400],
        main.centre + step(-250, 150),
        main.centre + step(0.45 * main.radius, 0.35 * main.radius),
    ]
    lines = [Line("heat", None, f"Warmtetransport {main.name}", soften(trunk))]
    for number, angle in enumerate(np.arange(6) * np.pi / 3 + rng.normal(0, 0.15, 6)):
        away = np.array([np.cos(angle), np.sin(angle)])
        bend = main.centre + main.radius * away * [0.5, 0.15]
        course = [
            main.centre + step(-250, 150),
            bend,
            main.centre + 0.68 * main.radius * away,
        ]
        lines.append(
            Line("heat", None, f"Warmtenet {main.name} {number + 1}", soften(course))
        )
    return lines


def _carbon_dioxide(terrain: Terrain, main: Town, corridor: np.ndarray) -> Line:
    """Carbon dioxide of the port to the glasshouses north of the river."""
    cross = main.centre[0] - 1.25 * main.radius
    course = [
        corridor[1] + step(0, 90),
        corridor[2] + step(0, 90),
        corridor[3] + step(0, 90),
        [cross, float(terrain.bank(cross)) - 700],
        [cross, float(terrain.bank(cross, 1)) + 600],
        main.centre + step(-0.9 * main.radius - 3200, 0.45 * main.radius + 1200),
    ]
    return Line("co2", None, "Koolzuurleiding Kasland", soften(course))


def _power(terrain: Terrain, towns: list[Town], corridor: np.ndarray) -> list[Line]:
    width, height = terrain.width, terrain.height
    east = towns[1].centre - step(0, 1.5 * towns[1].radius + 4500)
    south = [
        corridor[2] - step(0, 600),
        corridor[4] - step(0, 1700),
        east,
        [width, 0.36 * height],
    ]
    spur = np.array(
        [
            east,
            [0.62 * width, 0.5 * height],
            [0.6 * width, 0.7 * height],
            [0.57 * width, height],
        ]
    )
    return [
        Line("power", "380 kV", "Hoogspanning Haven–Oost", smooth_line(south, 400)),
        Line("power", "150 kV", "Hoogspanning Oost–Noord", smooth_line(spur, 400)),
    ]
