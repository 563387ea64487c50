"""Case `flows` of ``make bench``: what 250,000 establishments give off and ask for."""

from __future__ import annotations

import resource
import time
from collections import defaultdict
from itertools import pairwise

from bench_scene import FOLDER, SCENE, layer_of, start_qgis
from bench_tools import note, say, target

LAND = ("regions", "zones", "infrastructure")
MOST_SECONDS, MOST_GB = 20, 2


def flows() -> bool:
    """Estimates of the scene against a loop over firms; then writing them."""
    application = start_qgis()
    from kansenkaart.analysis.flows.coefficients import shipped_coefficients
    from kansenkaart.analysis.flows.estimate import estimate_flows

    layers = {name: _frame(name) for name in ("establishments", *LAND)}
    start = time.perf_counter()
    told = [start]
    found = estimate_flows(
        layers["establishments"],
        shipped_coefficients(),
        **{role: layers[role] for role in LAND},
        progress=lambda _: told.append(time.perf_counter()),
    )
    took = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    start = time.perf_counter()
    alone = estimate_flows(layers["establishments"], shipped_coefficients())
    plain_s = time.perf_counter() - start
    start = time.perf_counter()
    expected = _loop(layers["establishments"])
    other_s = time.perf_counter() - start
    agree = _equal(alone.flows, expected)
    say("flows_firms", len(alone.flows), plain_s, ("loop_of_totals", other_s), agree)
    say("flows", len(found.flows), took, ("target", MOST_SECONDS), agree)
    target(f"<= {MOST_SECONDS} s", f"{took:.1f} s", took <= MOST_SECONDS)
    target(f"<= {MOST_GB} GB", f"{peak:.2f} GB, all layers read", peak <= MOST_GB)
    longest = max(later - sooner for sooner, later in pairwise(told))
    note(f"longest without a word: {longest:.2f} s")
    _write(found.flows)
    return agree and application is not None


def _frame(name: str):
    """A canonical layer of the scene."""
    from kansenkaart.analysis.canonical import canonical
    from kansenkaart.analysis.layers import layer_type
    from kansenkaart.processing_algorithms import border
    from qgis.core import QgsProcessingContext

    layer = layer_of(SCENE, name)
    raw = border.read(layer, layer.crs(), QgsProcessingContext())
    return canonical(raw, layer_type(name), name)[0]


def _loop(firms) -> dict[tuple, list[float]]:
    """Number and total of the flows per direction, material and class, row by row."""
    from kansenkaart.analysis.resources import read_csv

    rows = [row for row in read_csv("flows", "coefficients.csv") if row["per"] == "job"]
    used: dict[str, list] = {}
    totals: dict[tuple, list[float]] = defaultdict(lambda: [0, 0.0])
    for sbi, jobs in zip(firms["sbi"], firms["jobs"], strict=True):
        if not jobs > 0:
            continue
        if sbi not in used:
            used[sbi] = _rows_of(sbi, rows)
        for key, mode in used[sbi]:
            total = totals[key]
            total[0] += 1
            total[1] += jobs * mode
    return totals


def _rows_of(sbi: str, rows) -> list[tuple[tuple, float]]:
    """Streams of an activity, each by its longest prefix."""
    fitting = [row for row in rows if sbi.startswith(row["sbi"])]
    longest: dict[tuple, int] = defaultdict(int)
    for row in fitting:
        stream = (row["direction"], row["material"])
        longest[stream] = max(longest[stream], len(row["sbi"]))
    return [
        ((row["direction"], row["material"], row["quality"]), float(row["mode"]))
        for row in fitting
        if len(row["sbi"]) == longest[row["direction"], row["material"]]
        and float(row["mode"]) > 0
    ]


def _equal(flows, expected: dict[tuple, list[float]]) -> bool:
    """Whether numbers are the same, and totals to a billionth."""
    keys = ["direction", "material", "quality"]
    table = flows.assign(quality=flows["quality"].fillna(""))
    found = table.groupby(keys)["quantity"].agg(["size", "sum"])
    return found.index.isin(expected).all() and all(
        number == found.at[key, "size"] and abs(total / found.at[key, "sum"] - 1) < 1e-9
        for key, (number, total) in expected.items()
    )


def _write(found) -> None:
    """Write all flows into a GeoPackage, as an algorithm's sink does."""
    from kansenkaart.analysis.demo import CRS
    from kansenkaart.analysis.layers import layer_type
    from kansenkaart.processing_algorithms.geopackage import write_table
    from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingContext

    path = FOLDER / "flows.gpkg"
    path.unlink(missing_ok=True)
    crs = QgsCoordinateReferenceSystem(CRS)
    start = time.perf_counter()
    write_table(path, "flows", found, layer_type("flows"), QgsProcessingContext(), crs)
    took = time.perf_counter() - start
    size = path.stat().st_size / 1e9
    path.unlink()
    note(f"writing: {took:.1f} s, {len(found) / took:.0f} rows per s, {size:.2f} GB")
