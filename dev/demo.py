"""A kansenkaart of the fictional demo province: ``make demo``."""

from __future__ import annotations

from pathlib import Path

from qgis_process import ROOT, environment, run

OUT = ROOT / "build" / "demo"
WORK_ZONES = (
    "business_park;sea_port;inland_port;seveso_industry;mixed;innovation;waste;"
    "brownfield"
)
ROLES = (
    "establishments",
    "zones",
    "infrastructure",
    "facilities",
    "regions",
    "constraints",
    "initiatives",
    "flows",
)


def make(folder: Path, count: int = 20_000, seed: int = 1) -> dict:
    """Generate the province and make its map in a folder."""
    env = environment()
    folder.parent.mkdir(parents=True, exist_ok=True)
    province = folder.parent / f"{folder.name}_province.gpkg"
    inputs = {"OUTPUT": str(province), "ESTABLISHMENTS_COUNT": count, "SEED": seed}
    run("demodata", inputs, env)
    settings = folder.parent / f"{folder.name}_settings.toml"
    settings.write_text(f'[leverageareas]\nZONE_KINDS = "{WORK_ZONES}"\n', "utf-8")
    layers = {role.upper(): f"{province}|layername={role}" for role in ROLES}
    return run(
        "opportunitymap",
        layers
        | {
            "TITLE": "Kansenkaart demoprovincie",
            "SETTINGS": str(settings),
            "OUTPUT_FOLDER": str(folder),
        },
        env,
    )


if __name__ == "__main__":
    make(OUT)
    print("\nMade:")
    for path in sorted(OUT.iterdir()):
        print(f"  {path}")
