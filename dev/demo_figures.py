"""Figures and pictures of the demo province, for docs/demo.md.

Run by ``make proof``; by itself: ``.venv/bin/python dev/demo_figures.py``.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "demo.md"
IMAGES = ROOT / "docs" / "images"
SEED = 1
PICTURES = (1_000, 20_000, 250_000)
COUNTS = (1_000, 20_000, 192_000, 250_000)
"""Establishments; with 192,000 the province is as full as the Netherlands."""
WORK = (
    "business_park",
    "sea_port",
    "inland_port",
    "seveso_industry",
    "mixed",
    "innovation",
    "waste",
)
NET = 0.763
"""Net part of a gross hectare, in the sample of IBIS 2024 (source 15)."""
SETTINGS = (
    (500, 10, 0),
    (1000, 5, 0),
    (250, 10, 0),
    (300, 10, 500),
    (200, 50, 0),
    (200, 10, 1500),
)
"""Distance (m), least number of establishments and least jobs of clusters to try."""


def of_kind(zones: pd.DataFrame, *kinds: str) -> pd.DataFrame:
    """Zones of one of the kinds."""
    return zones[[not set(kinds).isdisjoint(row.split(";")) for row in zones["kinds"]]]


def inside(establishments: pd.DataFrame, zones: pd.DataFrame) -> pd.DataFrame:
    """Establishments that lie in one of the zones, with its ``zone_id``."""
    shapes = zones[["zone_id", "geometry"]]
    return establishments.sjoin(shapes, predicate="within").drop_duplicates("est_id")


def slope(sizes: np.ndarray) -> float:
    """Slope of log size against log rank, largest first."""
    sizes = np.sort(np.asarray(sizes, dtype=float))[::-1]
    return np.polyfit(np.log(np.arange(1, len(sizes) + 1)), np.log(sizes), 1)[0]


def exponent(jobs: pd.Series, low: int, high: int) -> float:
    """Exponent of the tail between two numbers of jobs; too few: not a number."""
    many, few = (jobs >= low).sum(), (jobs >= high).sum()
    return np.log(many / few) / np.log(high / low) if few >= 5 else np.nan


def sizes(layers: dict) -> dict[str, float]:
    """How large the establishments are."""
    jobs = layers["establishments"]["jobs"].dropna()
    largest = jobs.nlargest(len(jobs) // 100)
    return {
        "one": 100 * (jobs == 1).mean(),
        "few": 100 * jobs.between(2, 9).mean(),
        "ten": 100 * (jobs >= 10).mean(),
        "tens": 100 * jobs.between(10, 49).mean(),
        "fifties": 100 * jobs.between(50, 99).mean(),
        "hundreds": 100 * (jobs >= 100).mean(),
        "mean": jobs.mean(),
        "jobs_ten": 100 * jobs[jobs >= 10].sum() / jobs.sum(),
        "jobs_hundreds": 100 * jobs[jobs >= 100].sum() / jobs.sum(),
        "jobs_largest": 100 * largest.sum() / jobs.sum(),
        "pareto_small": exponent(jobs, 10, 100),
        "pareto_large": exponent(jobs, 50, 500),
    }


def sectors(layers: dict) -> dict[str, float]:
    """What the establishments do."""
    jobs, section = layers["establishments"]["jobs"], sections(layers)
    found = {}
    for letters in ("a", "c", "f", "g", "h", "mn", "q"):
        own = section.isin(list(letters.upper()))
        found[f"est_{letters}"] = 100 * own.mean()
        found[f"jobs_{letters}"] = 100 * jobs[own].sum() / jobs.sum()
    return found


def sections(layers: dict) -> pd.Series:
    """Section of each establishment, by its division."""
    from kansenkaart.analysis.resources import read_csv

    rows = read_csv("demo", "activities.csv")
    section = {row["sbi"][:2]: row["section"] for row in rows}
    return layers["establishments"]["sbi"].str[:2].map(section)


def places(layers: dict) -> dict[str, float]:
    """Where the establishments are."""
    firms, zones = layers["establishments"], layers["zones"]
    jobs, industry = firms["jobs"], sections(layers) == "C"
    work, centres = of_kind(zones, *WORK), of_kind(zones, "city_centre")
    parks, port = of_kind(zones, "business_park", "mixed"), of_kind(zones, "sea_port")
    there = firms.index.isin(inside(firms, work).index)
    by_park = inside(firms, parks).groupby("zone_id").size()
    by_park = by_park.reindex(parks["zone_id"], fill_value=0).to_numpy()
    by_centre = inside(firms, centres).groupby("zone_id").size()
    hectares = centres.set_index("zone_id")["area_ha"]
    people = layers["regions"]["population"].sum()
    return {
        "park_est": 100 * there.mean(),
        "park_jobs": 100 * jobs[there].sum() / jobs.sum(),
        "park_est_c": 100 * there[industry].mean(),
        "park_jobs_c": 100 * jobs[there & industry].sum() / jobs[industry].sum(),
        "filled": 100 * (by_park > 0).mean(),
        "filled_ha": 100 * np.average(by_park > 0, weights=parks["area_ha"]),
        "fullest": by_park.max(),
        "density": 1000 * len(firms) / people,
        "ha_jobs": 1000 * work["area_ha"].sum() / jobs.sum(),
        "jobs_net": jobs[there].sum() / work["area_ha"].sum() / NET,
        "jobs_ha": inside(firms, parks)["jobs"].sum() / parks["area_ha"].sum(),
        "jobs_port": inside(firms, port)["jobs"].sum() / port["area_ha"].sum(),
        "centre": (by_centre / hectares).max(),
    }


def ground(layers: dict) -> dict[str, float]:
    """What does not depend on the number of establishments."""
    zones, regions, lines = (
        layers["zones"], layers["regions"], layers["infrastructure"]
    )  # fmt: skip
    parks, port = of_kind(zones, "business_park", "mixed"), of_kind(zones, "sea_port")
    facilities, hectares = layers["facilities"], parks["area_ha"]
    junctions = facilities[facilities["kind"] == "motorway_junction"].union_all()
    away = parks.distance(junctions) / 1000
    near = parks.distance(lines[lines["class"] == "motorway"].union_all()) <= 500
    people, land = regions["population"], regions.area.sum()
    glass = zones["name"].str.startswith("Glastuinbouw")
    return {
        "people": people.sum(),
        "spread": people.sum() / land * 1e6,
        "municipalities": len(regions),
        "towns": slope(people),
        "capital": 100 * people.max() / people.sum(),
        "parks": len(parks),
        "park_ha": hectares.sum(),
        "park_median": hectares.median(),
        "park_sigma": np.log(hectares).std(),
        "park_large": 100 * hectares.nlargest(10).sum() / hectares.sum(),
        "port_ha": port["area_ha"].sum(),
        "park_land": 1e6 * (hectares.sum() + port["area_ha"].sum()) / land,
        "motorway": 100 * near.mean(),
        "motorway_ha": 100 * hectares[near].sum() / hectares.sum(),
        "junction": away.median(),
        "junction_mean": away.mean(),
        "glass": zones[glass]["area_ha"].sum(),
        "nature": 100 * of_kind(zones, "nature").area.sum() / land,
    }


def clusters(layers: dict) -> list[str]:
    """Number of clusters with each of the settings, and what is in them."""
    from kansenkaart.analysis.clusters import detect_clusters

    firms, zones = layers["establishments"], layers["zones"]
    spots = {"centre": ("city_centre", "retail_core"), "park": WORK}
    there = {
        name: firms["est_id"].isin(inside(firms, of_kind(zones, *kinds))["est_id"])
        for name, kinds in spots.items()
    }
    cells = []
    for distance, least, jobs in SETTINGS:
        members = detect_clusters(firms, distance, least, jobs).members
        groups = pd.DataFrame(there).groupby(members["cluster_id"].to_numpy()).mean()
        within = 100 * members["cluster_id"].notna().mean()
        mostly = (groups > 0.5).sum()
        cells.append(
            f"{len(groups)} ({within:.0f} %); {mostly['centre']} centre, "
            f"{mostly['park']} park"
        )
    return cells


def published() -> list[dict[str, str]]:
    """What is published, in the order of the tables."""
    with (ROOT / "dev" / "demo_published.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=";"))


def row(*cells: str) -> str:
    """A row of a table."""
    return "| " + " | ".join(cells) + " |"


def number(value: float) -> str:
    """A number with three digits, or whole; a dash where there is none."""
    if np.isnan(value):
        return "–"
    if abs(value) >= 100 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(name: str, heads: list[str], columns: list[dict]) -> str:
    """A table of figures beside what is published."""
    lines = [row("figure", "published", "source", *heads)]
    lines.append("|---" * (3 + len(heads)) + "|")
    for each in published():
        if each["table"] == name:
            cells = [number(column[each["id"]]) for column in columns]
            lines.append(row(each["figure"], each["published"], each["source"], *cells))
    return "\n".join(lines)


def cluster_table(found: dict[int, list[str]]) -> str:
    """A table of clusters by setting."""
    heads = [f"{count:,}" for count in found]
    lines = [row("settings", *heads), "|---" * (1 + len(heads)) + "|"]
    for (distance, least, jobs), *cells in zip(SETTINGS, *found.values(), strict=True):
        and_jobs = f", {jobs} jobs" if jobs else ""
        lines.append(row(f"{distance} m, {least}{and_jobs}", *cells))
    return "\n".join(lines)


def put(page: str, name: str, content: str) -> str:
    """Put a table between its marks in the page."""
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, rest = page.split(start)
    return f"{before}{start}\n\n{content}\n\n{end}{rest.split(end)[1]}"


def main() -> list[str]:
    """Make all; give the files."""
    from demo_picture import draw
    from kansenkaart.analysis.demo import generate

    columns, found, files = [], {}, []
    for count in COUNTS:
        layers = generate(SEED, count)
        columns.append(sizes(layers) | sectors(layers) | places(layers))
        if count in PICTURES:
            found[count] = clusters(layers)
            files.append(draw(layers, IMAGES / f"demo_{count}.png"))
        print(f"{count:,} establishments: measured", flush=True)
    page = PAGE.read_text("utf-8")
    heads = [f"{count:,}" for count in COUNTS]
    page = put(page, "establishments", table("firms", heads, columns))
    page = put(page, "ground", table("ground", ["demo province"], [ground(layers)]))
    page = put(page, "clusters", cluster_table(found))
    PAGE.write_text(page, "utf-8")
    return [str(path.relative_to(ROOT)) for path in [PAGE, *files]]


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / ".dev" / "plugins"))
    print("Made: " + ", ".join(main()))
