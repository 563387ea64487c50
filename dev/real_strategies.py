"""The strategies on real Dutch open data: ``make real-ranking``, docs/strategies.md.

The ground round industrial sites and power stations is taken for the zones, since there
are no open business parks among the data (see the page). Nothing of the data is kept
but names of sites and municipalities, and a picture.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import real
import shapely
from bench_scene import start_qgis
from demo_figures import put, row
from qgis_process import ROOT, environment
from real_picture import draw

PAGE = ROOT / "docs" / "strategies.md"
PICTURE = ROOT / "docs" / "images" / "real_strategies.png"
PREPARED = ROOT / "build" / "real_prepared"
INHABITANTS = "jobs/cbs_key_figures_municipality.csv"
AROUND = 1000.0
"""Ground within so many metres of a site is a zone with it (aanname)."""
SITES = ("hotmaps", "powerplants")
SHOWN = 2
"""Sites that are named in the name of a place."""
TOP, MOST = 10, 15
"""Places up to the tenth are shown, if no more than so many share them."""
DRAWN = ("WA2", "WA3", "WA4", "WA3.1")
RANKINGS = (
    "basis", "all", "WA2", "WA3", "WA4", "WA2.3", "WA2.4", "WA3.1", "WA3.3", "WA4.6",
    "WA4.7",
)  # fmt: skip
OF_MUNICIPALITIES = ("basis", "all", "WA2", "WA3", "WA4", "WA3.1")


def read_role(role: str) -> gpd.GeoDataFrame:
    """What was prepared for a role, of all its sources."""
    from kansenkaart.processing_algorithms import border
    from qgis.core import QgsVectorLayer

    parts = []
    for preset in real.SOURCES[role]:
        path = PREPARED / f"{role}_{preset}.gpkg"
        frame = border.read(QgsVectorLayer(str(path)), None, None)
        parts.append(frame.assign(source=preset).dropna(axis="columns", how="all"))
    together = pd.concat(parts, ignore_index=True)
    return gpd.GeoDataFrame(together, geometry="geometry")


def people(data: Path, municipalities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Municipalities as regions, with their inhabitants where those are told."""
    with (data / INHABITANTS).open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter=";")
        known = {each["gemeentecode"]: float(each["inwoners"]) for each in rows}
    regions = municipalities[["zone_id", "name", "geometry"]]
    regions = regions.rename(columns={"zone_id": "region_id"})
    return regions.assign(population=regions["region_id"].map(known).astype(float))


def places(
    sites: gpd.GeoDataFrame, municipalities: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """The ground round sites, as zones: where it touches, it is one."""
    ground = shapely.get_parts(sites.buffer(AROUND).union_all())
    ground = ground[np.argsort(shapely.get_x(shapely.centroid(ground)))]
    nearest = municipalities.sindex.nearest(shapely.centroid(ground), return_all=False)
    towns = municipalities["name"].to_numpy()[nearest[1]]
    # Factories by their heat come before power stations by their power.
    order = sites.sort_values(["source", "size", "name"], ascending=[True, False, True])
    at, site = order.sindex.query(ground, "intersects")
    own = [order["name"].to_numpy()[np.sort(site[at == n])] for n in range(len(ground))]
    zones = gpd.GeoDataFrame(geometry=ground, crs=sites.crs)
    return zones.assign(
        zone_id=[f"Z{number:03}" for number in range(len(zones))],
        name=[_called(*pair) for pair in zip(towns, own, strict=True)],
        kinds="business_park",
        area_ha=zones.area / 1e4,
    )


def _called(town: str, sites: np.ndarray) -> str:
    """Name of a place: its municipality, its two largest sites, how many more."""
    more = f" and {len(sites) - SHOWN} more" if len(sites) > SHOWN else ""
    return f"{town}: {', '.join(sites[:SHOWN])}{more}"


def scene(data: Path) -> tuple[dict[str, gpd.GeoDataFrame], gpd.GeoDataFrame]:
    """The layers, zones among them, and the municipalities."""
    if not PREPARED.is_dir():
        real.prepare_all(data, PREPARED, environment())
    layers = {role: read_role(role) for role in real.SOURCES}
    municipalities = layers.pop("zones")
    layers["regions"] = people(data, municipalities)
    facilities, firms = layers["facilities"], layers["establishments"]
    size = facilities.groupby(["source", "facility_id"])["capacity"].max()
    known = pd.MultiIndex.from_frame(firms[["source", "est_id"]])
    firms["size"] = size.reindex(known).to_numpy(float)
    firms["jobs"] = np.nan
    sites = firms[firms["source"].isin(SITES)].reset_index(drop=True)
    layers["zones"] = places(sites, municipalities)
    return layers, municipalities


def ranked(layers: dict, areas: gpd.GeoDataFrame, strategy: str) -> gpd.GeoDataFrame:
    """The areas, scored for a strategy."""
    from kansenkaart.analysis.criteria import Layers
    from kansenkaart.analysis.score_areas import score_areas
    from kansenkaart.analysis.scoring_choices import Scoring
    from kansenkaart.analysis.weights import strategy_weights
    from kansenkaart.processing_algorithms.leverage.distances import default_distances

    seen = {name: layers[name] for name in layers if name != "constraints"}
    return score_areas(
        areas,
        Layers(**seen | {"zones": areas}, mode_distances=default_distances()),
        strategy_weights(strategy),
        how=Scoring(strategy=strategy, draws=0),
    ).areas


def in_top(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The first areas of a ranking, best first; equal ones that are too many are out.

    With ``shown``: the rank, marked ``=`` where several share it.
    """
    last = areas["rank"].rank(method="max")
    chosen = areas[(areas["rank"] <= TOP) & (last <= MOST)]
    ranks = chosen["rank"].astype(int).astype(str)
    shown = ranks + ranks.duplicated(keep=False).map({True: "=", False: ""})
    return chosen.assign(shown=shown).sort_values(["rank", "name"])


def rank_table(found: dict[str, gpd.GeoDataFrame]) -> str:
    """Ranks up to ten in every ranking, by place; the best of all rankings first."""
    columns = {
        name: in_top(areas).set_index("name")["shown"] for name, areas in found.items()
    }
    table = pd.DataFrame(columns)
    ranks = {name: areas.set_index("name")["rank"] for name, areas in found.items()}
    mean = pd.DataFrame(ranks).clip(upper=2 * TOP).fillna(2 * TOP).mean(axis=1)
    table = table.loc[mean[table.index].sort_values(kind="stable").index].fillna("")
    lines = [row("place", *table), "|---" * (1 + len(table.columns)) + "|"]
    lines += [row(name, *cells) for name, *cells in table.itertuples()]
    counts = [
        f"{areas['rank'].notna().sum()} / {areas['score'].round(9).nunique()}"
        for areas in found.values()
    ]
    lines.append(row("*ranked / different scores*", *counts))
    return "\n".join(lines)


def main(data: Path) -> None:
    """Write the tables into the page, and the picture."""
    application = start_qgis()
    layers, municipalities = scene(data)
    zones = layers["zones"]
    found = {name: ranked(layers, zones, name) for name in RANKINGS}
    towns = {name: ranked(layers, municipalities, name) for name in OF_MUNICIPALITIES}
    page = PAGE.read_text("utf-8")
    page = put(page, "real places", rank_table(found))
    page = put(page, "real municipalities", rank_table(towns))
    PAGE.write_text(page, "utf-8")
    draw({name: in_top(found[name]) for name in DRAWN}, data, PICTURE)
    application.exitQgis()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
    print("Made: docs/strategies.md")
