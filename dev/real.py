"""The chain on real Dutch open data: ``make real``.

The data are thin (a thousand points, no roads): this shows that real dirt passes, not
where to invest. Hence the mark on the map.
"""

from __future__ import annotations

import sys
from pathlib import Path

from qgis_process import ROOT, environment, run

OUT = ROOT / "build" / "real"
SETTINGS = """\
# Thin data: a thousand points in a whole country.
[detectclusters]
DISTANCE = 5000
MIN_ESTABLISHMENTS = 3

[opportunitymap]
PROOF = true
"""
BOUNDARIES = "boundaries/nl_boundaries_2022_rd.gpkg|layername="
INFRASTRUCTURE = "infrastructure/nl_rail_water_rd.gpkg|layername="
SOURCES = {
    "establishments": {
        "hotmaps": "industry/hotmaps_industry_nl.geojson",
        "uwwtd": "industry/wastewater_plants_nl.geojson",
        "powerplants": "industry/powerplants_nl.geojson",
    },
    "facilities": {
        "hotmaps": "industry/hotmaps_industry_nl.geojson",
        "uwwtd": "industry/wastewater_plants_nl.geojson",
        "powerplants": "industry/powerplants_nl.geojson",
        "sea_ports": "infrastructure/sea_ports_nl.geojson",
    },
    "infrastructure": {
        "top10nl_rail": INFRASTRUCTURE + "spoorbaandeel_top10nl",
        "krw_water": INFRASTRUCTURE + "krw_oppervlaktewater",
    },
    "zones": {"cbs_gemeenten_2022": BOUNDARIES + "gemeenten"},
    "regions": {"cbs_provincies_2022": BOUNDARIES + "provincies"},
}
"""Source by role and preset."""


def prepare_all(data: Path, work: Path, env: dict) -> dict[str, list[str]]:
    """Prepare every source; give the canonical layers by role."""
    work.mkdir(parents=True, exist_ok=True)
    prepared: dict[str, list[str]] = {}
    for role, sources in SOURCES.items():
        for preset, source in sources.items():
            output = work / f"{role}_{preset}.gpkg"
            counts = run(
                f"prepare{role}",
                {
                    "INPUT": str(data / source),
                    "PRESET": preset,
                    "OUTPUT": str(output),
                    "SKIPPED": str(work / f"{role}_{preset}_skipped.csv"),
                },
                env,
            )
            print(
                f"  {counts['COUNT_IN']} in, {counts['COUNT_OUT']} out, "
                f"{counts['COUNT_SKIPPED']} skipped"
            )
            prepared.setdefault(role.upper(), []).append(str(output))
    return prepared


def make(data: Path, folder: Path) -> dict:
    """Prepare the sources and make the map."""
    env = environment()
    work = folder.parent / f"{folder.name}_prepared"
    layers = prepare_all(data, work, env)
    layers["REGIONS"] = layers["REGIONS"][0]
    settings = work / "settings.toml"
    settings.write_text(SETTINGS, encoding="utf-8")
    named = {
        "TITLE": "Proef: kansen op open data",
        "SETTINGS": str(settings),
        "OUTPUT_FOLDER": str(folder),
    }
    return run("opportunitymap", layers | named, env)


if __name__ == "__main__":
    data_folder = Path(sys.argv[1]).resolve()
    if not data_folder.is_dir():
        sys.exit(f"No data in {data_folder}: name a folder with make real DATA=…")
    make(data_folder, OUT)
    print("\nMade:")
    for path in sorted(OUT.iterdir()):
        print(f"  {path}")
