"""A map of the demo province, drawn with matplotlib."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import geopandas as gpd
import matplotlib.pyplot as plt
import numpy as np
import shapely
from matplotlib import patheffects
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from PIL import Image

WATER, BEYOND = "#cfe3ee", "#f1efec"
FILLS = {
    "sea_port": "#c3d0da",
    "business_park": "#9fbedb",
    "mixed": "#9fbedb",
    "innovation": "#c4b6dc",
    "waste": "#9fbedb",
    "brownfield": "#e3d3a6",
    "city_centre": "#d9d1ca",
    "retail_core": "#d9d1ca",
    "urban_high": "#e2dcd6",
    "urban_medium": "#e8e3de",
    "urban_low": "#eeebe7",
    "nature": "#e6efdf",
    "agriculture": "#ffffff",
}
"""Fill by kind of zone; the first that fits."""
GLASS = "#dcebd8"
LINES = {
    "water": {"color": "#8fbcd6", "linewidth": 1.3},
    "local": {"color": "#dcd8d3", "linewidth": 0.5},
    "provincial": {"color": "#cfc9c2", "linewidth": 0.8},
    "rail": {"color": "#8d8d8d", "linewidth": 0.9, "linestyle": (0, (5, 3))},
    "motorway": {"color": "#c98f5a", "linewidth": 2.0},
}
DOTS = {1_000: (7.0, 0.75), 20_000: (1.5, 0.5), 250_000: (0.16, 0.3)}
"""Area (pt²) of the dot of one job, and its opacity, by number of establishments."""
HOME, PARK = "#3d3a38", "#08519c"
HALO = [patheffects.withStroke(linewidth=2.6, foreground="white")]


def draw(layers: dict, path: Path) -> Path:
    """Draw the layers; give the path of the picture (PNG)."""
    figure, axes = plt.subplots(figsize=(13, 10.6), dpi=110)
    figure.subplots_adjust(0.01, 0.01, 0.8, 0.95)
    west, south, east, north = layers["regions"].total_bounds
    axes.set_xlim(west - 3500, east + 2000)
    axes.set_ylim(south - 2000, north + 2000)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    plt.setp(axes.spines.values(), color="#8a8f94", linewidth=0.6)
    _ground(axes, layers)
    _lines(axes, layers["infrastructure"])
    layers["regions"].boundary.plot(ax=axes, color="#8a8f94", linewidth=0.7)
    _dots(axes, layers)
    _names(axes, layers)
    _legend(axes, len(layers["establishments"]))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    plt.close(figure)
    # Few colours keep the file small.
    Image.open(path).convert("RGB").quantize(160).save(path, optimize=True)
    return path


def water(layers: dict) -> tuple:
    """Water, and land beyond the border, as the frame shows them."""
    land = shapely.union_all(layers["regions"].geometry.to_numpy())
    west, south, east, north = land.bounds
    frame = shapely.box(west - 2e4, south - 2e4, east + 2e4, north + 2e4)
    corners = shapely.get_coordinates(land)
    top, bottom = (
        corners[(corners @ [-1, north_or_south]).argmax()] for north_or_south in (1, -1)
    )
    # The shore bends inland at its ends, and does so beyond.
    shore = [
        [west - 2e4, north + 2e4], np.add(top, [7000, 2e4]), top, bottom,
        np.add(bottom, [7000, -2e4]), [west - 2e4, south - 2e4],
    ]  # fmt: skip
    lines = layers["infrastructure"]
    river = lines[lines["name"].isin(["Brede Maren", "Diepwaterkanaal"])].union_all()
    whole = land.buffer(1400, quad_segs=4).buffer(-1400, quad_segs=4)
    inland = whole.difference(land).intersection(river.buffer(2200))
    sea = shapely.Polygon(shore).difference(land)
    wet = shapely.union_all([sea, inland])
    return wet, frame.difference(shapely.union_all([wet, land]))


def _ground(axes, layers: dict) -> None:
    wet, beyond = water(layers)
    gpd.GeoSeries([beyond]).plot(ax=axes, color=BEYOND, zorder=0)
    gpd.GeoSeries([wet]).plot(ax=axes, color=WATER, zorder=0)
    zones = layers["zones"]
    fills = [
        next((fill for kind, fill in FILLS.items() if kind in row.split(";")), "white")
        for row in zones["kinds"]
    ]
    zones.plot(ax=axes, color=fills, edgecolor="white", linewidth=0.25, zorder=1)
    glass = zones[zones["name"].str.startswith("Glastuinbouw")]
    glass.plot(ax=axes, color=GLASS, zorder=1)


def _lines(axes, lines: gpd.GeoDataFrame) -> None:
    sort = np.where(lines["mode"] == "road", lines["class"], lines["mode"])
    for name, style in LINES.items():
        lines[sort == name].plot(ax=axes, zorder=2, **style)


def _dots(axes, layers: dict) -> None:
    """One dot for each establishment, larger with its jobs; those in parks blue."""
    firms, zones = layers["establishments"], layers["zones"]
    work = zones[zones["kinds"].str.contains("park|port|seveso|mixed|waste|innov")]
    tree = shapely.STRtree(work.geometry.to_numpy())
    there = np.unique(tree.query(firms.geometry.to_numpy(), predicate="within")[0])
    colours = np.full(len(firms), HOME)
    colours[there] = PARK
    size, opacity = DOTS[len(firms)]
    area = size * firms["jobs"].fillna(1).clip(1, 2000) ** 0.55
    order = np.argsort(-area.to_numpy(), kind="stable")
    axes.scatter(
        firms.geometry.x.to_numpy()[order], firms.geometry.y.to_numpy()[order],
        s=area.to_numpy()[order], c=colours[order], alpha=opacity, linewidths=0,
        zorder=3,
    )  # fmt: skip


def _names(axes, layers: dict) -> None:
    """Names of the towns, above their centre."""
    zones = layers["zones"]
    centres = zones[zones["kinds"] == "city_centre"].drop_duplicates("name")
    people = layers["regions"].set_index("name")["population"]
    for name, shape in zip(centres["name"], centres.geometry, strict=True):
        town = name.removesuffix(" Binnenstad")
        height = 1150 + 3.1 * np.sqrt(people[town])
        axes.annotate(
            town, (shape.centroid.x, shape.centroid.y + height), ha="center",
            fontsize=8 + 4 * (people[town] > 1e5), color="#4d5256", path_effects=HALO,
            zorder=4,
        )  # fmt: skip
    west, _, _, north = layers["regions"].total_bounds
    axes.text(west - 2400, north - 22_000, "sea", color="#5d8aa5", style="italic",
              fontsize=11, rotation=90)  # fmt: skip


def _legend(axes, count: int) -> None:
    axes.set_title(f"The demo province with {count:,} establishments", loc="left",
                   fontsize=14, fontweight="bold", color="#26282a")  # fmt: skip
    dot = {"marker": "o", "linestyle": "", "markersize": 5}
    handles = [
        Line2D([], [], color=HOME, label="establishment (larger: more jobs)", **dot),
        Line2D([], [], color=PARK, label="… on a park or in the port", **dot),
        Patch(color=FILLS["business_park"], label="business park"),
        Patch(color=FILLS["sea_port"], label="sea port"),
        Patch(color=FILLS["urban_high"], label="town, village"),
        Patch(color=FILLS["nature"], label="nature"),
        Patch(color=GLASS, label="glasshouses"),
        Line2D([], [], label="motorway", **LINES["motorway"]),
        Line2D([], [], label="provincial road", **LINES["provincial"]),
        Line2D([], [], label="railway", **LINES["rail"]),
        Line2D([], [], label="waterway", **LINES["water"]),
        Line2D([], [], label="municipality", color="#8a8f94", linewidth=0.7),
    ]
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1.0),
                fontsize=9, frameon=False, borderaxespad=0)  # fmt: skip
    x, y = axes.get_xlim()[1] - 12_500, axes.get_ylim()[0] + 900
    axes.plot([x, x + 5000, x + 10_000], [y] * 3, color="#3d3a38", linewidth=1.5)
    for place, words in ((0, "0"), (5000, "5"), (10_000, "10 km")):
        axes.text(x + place, y + 350, words, fontsize=8, ha="center", color="#3d3a38")
