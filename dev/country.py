"""A whole country: twelve demo provinces, one map each: ``make country``.

Writes ``docs/country.md`` with time and memory of every run.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from qgis_process import ROOT, environment, measured, run

OUT = ROOT / "build" / "country"
PAGE = ROOT / "docs" / "country.md"
PROVINCES = 12
ESTABLISHMENTS = 192_000
ROLES = (
    "establishments",
    "zones",
    "infrastructure",
    "facilities",
    "regions",
    "constraints",
    "initiatives",
)


def make(provinces: int, count: int) -> list[dict]:
    """Generate the country and make the map of every province, one by one."""
    env = environment()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    country = OUT / "country.gpkg"
    inputs = {"ESTABLISHMENTS_COUNT": count, "PROVINCES": provinces}
    rows = [measured("demodata", inputs | {"OUTPUT": str(country)}, env, OUT)]
    layers = {role.upper(): f"{country}|layername={role}" for role in ROLES}
    for number in range(1, provinces + 1):
        name = f"P{number:02d}"
        border = OUT / f"{name}.gpkg"
        choose = {
            "INPUT": layers["REGIONS"],
            "EXPRESSION": f"region_id LIKE '{name}-%'",
            "OUTPUT": str(border),
        }
        run("native:extractbyexpression", choose, env, quiet=True)
        folder = OUT / name
        inputs = layers | {"STUDY_AREA": str(border), "OUTPUT_FOLDER": str(folder)}
        found = measured("opportunitymap", inputs, env, OUT)
        rows.append(found | read_back(name, folder))
    return rows


def read_back(name: str, folder: Path) -> dict:
    """What the record of a map says of it."""
    record = json.loads((folder / "run.json").read_text("utf-8"))
    used = {entry["role"]: entry["features"] for entry in record["inputs"]}
    return {
        "what": name,
        "establishments": used["ESTABLISHMENTS"],
        "areas": record["outputs"]["leverage_areas"],
        "clusters": record["outputs"]["clusters"],
    }


def page(rows: list[dict], provinces: int, count: int) -> str:
    """The table as a page of documentation."""
    total = sum(row["seconds"] for row in rows[1:])
    peak = max(row["memory_gb"] for row in rows[1:])
    lines = [
        "# A whole country",
        "",
        f"`make country` generates {provinces} demo provinces of {count:,} "
        f"establishments ({provinces * count:,} together) in one GeoPackage and makes "
        "the map of each, with the others around it: the province is the `STUDY_AREA`, "
        "the layers are those of the whole country.",
        "",
        f"Generating took {rows[0]['seconds']:.0f} s and "
        f"{rows[0]['memory_gb']:.2f} GB; the {provinces} maps, with PDF, "
        f"{total / 60:.1f} minutes together and {peak:.2f} GB at most (2 cores).",
        "",
        "| map | establishments used | clusters | areas | seconds | peak GB |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['what']} | {row['establishments']:,} | {row['clusters']} "
        f"| {row['areas']} | {row['seconds']:.1f} | {row['memory_gb']:.2f} |"
        for row in rows[1:]
    ]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    size = [int(value) for value in sys.argv[1:]] or [PROVINCES, ESTABLISHMENTS]
    found = make(*size)
    if size == [PROVINCES, ESTABLISHMENTS]:
        PAGE.write_text(page(found, *size), "utf-8")
    print(page(found, *size))
