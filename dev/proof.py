"""What is slow to prove: ``make proof`` runs it and writes docs/proof.md."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from datetime import date

from qgis_process import ROOT

BUILD = ROOT / "build"
IMAGES = ROOT / "docs" / "images"
PAGES = {1: "kansenkaart_demo", 6: "flows_heat", 7: "matches_heat"}
"""Pictures of pages of the demo map, by number."""


def run_tests() -> list[tuple[str, str, float]]:
    """Run the slow tests; give name, outcome and seconds of each."""
    report = BUILD / "proof.xml"
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "proof", f"--junitxml={report}"],
        cwd=ROOT,
        check=False,
    )
    rows = []
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - our own
        failed = case.find("failure") is not None or case.find("error") is not None
        skipped = case.find("skipped") is not None
        outcome = "failed" if failed else "skipped" if skipped else "holds"
        rows.append((case.get("name"), outcome, float(case.get("time"))))
    return rows


def walk_manual() -> tuple[str, str, float]:
    """Walk the manual in QGIS Desktop, from the ZIP; gives it its pictures."""
    began = time.monotonic()
    done = subprocess.run(["bash", ROOT / "dev" / "desktop.sh", IMAGES], check=False)
    outcome = "failed" if done.returncode else "holds"
    return "the manual walked in QGIS Desktop", outcome, time.monotonic() - began


def make_pictures() -> list[str]:
    """Pages of the demo, as the documentation shows them, and QGIS Desktop with it."""
    for script in (
        "demo_figures.py",
        "cluster_profile.py",
        "flows_reality.py",
        "density_maps.py",
        "rediscovery.py",
        "agenda_ranks.py",
    ):
        subprocess.run([sys.executable, ROOT / "dev" / script], check=True)
    subprocess.run([sys.executable, ROOT / "dev" / "demo.py"], check=True)
    IMAGES.mkdir(parents=True, exist_ok=True)
    pdf = BUILD / "demo" / "kansenkaart.pdf"
    command = ["pdftoppm", "-r", "100", "-png", "-singlefile", "-f"]
    for page, name in PAGES.items():
        subprocess.run([*command, str(page), pdf, IMAGES / name], check=True)
    return [f"{PAGES[1]}.png", "manual_4_map.png"]


def write_page(rows: list[tuple[str, str, float]], pictures: list[str]) -> None:
    """Write docs/proof.md."""
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    lines = [
        "# Proof",
        "",
        "Made by `make proof`: what is too slow for every test run.",
        "",
        f"{date.today().isoformat()}, {system}, {os.cpu_count()} cores",
        "",
        "| what | outcome | seconds |",
        "|---|---|---|",
        *(f"| {name} | {outcome} | {took:.0f} |" for name, outcome, took in rows),
        "",
        *(f"![{picture}](images/{picture})" for picture in pictures),
        "",
    ]
    (ROOT / "docs" / "proof.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    began = time.monotonic()
    BUILD.mkdir(exist_ok=True)
    outcomes = [
        *run_tests(),
        walk_manual(),
    ]
    write_page(outcomes, make_pictures())
    print(f"Made: docs/proof.md ({time.monotonic() - began:.0f} s)")
    sys.exit(any(outcome == "failed" for _, outcome, _ in outcomes))
