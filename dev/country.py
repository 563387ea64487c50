"""A whole country: twelve demo provinces, one map each: ``make country``.

Writes ``docs/country.md`` with time and memory of every run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from qgis_process import ROOT, RunFailedError, environment, run

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
    rows = [measured("demodata", inputs | {"OUTPUT": str(country)}, env)]
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
        rows.append(measured("opportunitymap", inputs, env) | read_back(name, folder))
    return rows


def measured(algorithm: str, inputs: dict, env: dict) -> dict:
    """Run one algorithm; seconds and gigabytes at its peak."""
    asked, told = OUT / "inputs.json", OUT / "log.txt"
    asked.write_text(json.dumps({"inputs": inputs}), "utf-8")
    start = time.monotonic()
    with asked.open() as source, told.open("w") as log:
        command = ["qgis_process", "run", f"kansenkaart:{algorithm}", "-"]
        process = subprocess.Popen(
            command, stdin=source, stdout=log, stderr=log, env=env
        )
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RunFailedError(f"{algorithm}\n{told.read_text('utf-8')}")
    row = {
        "what": algorithm,
        "seconds": time.monotonic() - start,
        "memory_gb": usage.ru_maxrss / 1e6,
    }
    print("{what}: {seconds:.1f} s, {memory_gb:.2f} GB".format(**row), flush=True)
    return row


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
