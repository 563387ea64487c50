"""Estimates of flows next to published totals, for docs/flows.md.

By itself: ``.venv/bin/python dev/flows_reality.py``. What is published stands in
dev/flows_published.csv: ``who`` names activity codes with their jobs, or inhabitants.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from demo_figures import put, row

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "flows.md"
UNITS = {"kt": 1e3, "Mt": 1e6, "PJ": 1e6 / 3.6, "million m3": 1e6}
"""In t, MWh or m3."""
FAR = 2
"""A factor beyond which a pair is read."""
INHABITANT = "inhabitant"
PAIR_HEADS = (
    "place", "sector", "flow", "year", "published", "unit", "ours", "range", "factor",
    "kind", "source of what is published",
)  # fmt: skip
HARMLESS = "not hazardous"
MOSTLY = {"acids_caustics", "solvent_paint_residues", "metal_bearing_residues"}
"""Parts of the chemical waste of the accounts; some may be harmless (aanname: none)."""
FIRMS = (1, 10, 1000)
JOBS = 10
PRINTING = "1812"


def published() -> list[dict[str, str]]:
    """What is published, in the order of the table."""
    with (ROOT / "dev" / "flows_published.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=";"))


def made_up(firms: list[tuple[str, float]]) -> gpd.GeoDataFrame:
    """Establishments of these activity codes and jobs, all in one place."""
    names = [f"E{number:04d}" for number in range(len(firms))]
    table = {
        "est_id": names,
        "name": names,
        "sbi": [code for code, _ in firms],
        "jobs": [jobs for _, jobs in firms],
    }
    nowhere = gpd.points_from_xy(np.zeros(len(firms)), np.zeros(len(firms)))
    frame = pd.DataFrame(table).astype({"sbi": object, "jobs": float})
    return gpd.GeoDataFrame(frame, geometry=nowhere, crs="EPSG:28992")


def made_up_region(population: float) -> gpd.GeoDataFrame:
    """One region with so many inhabitants."""
    table = {"region_id": ["R"], "name": ["R"], "population": [population]}
    shape = gpd.points_from_xy([0], [0]).buffer(1)
    return gpd.GeoDataFrame(table, geometry=shape, crs="EPSG:28992")


def estimated(who: str) -> pd.DataFrame:
    """All flows of activities with their jobs, or of inhabitants."""
    from kansenkaart.analysis.flows.coefficients import choose_coefficients
    from kansenkaart.analysis.flows.estimate import estimate_flows

    amounts = [each.split("=") for each in who.split("|")]
    firms = [(code, float(n)) for code, n in amounts if code != INHABITANT]
    people = sum(float(n) for code, n in amounts if code == INHABITANT)
    regions = made_up_region(people) if people else None
    return estimate_flows(made_up(firms), choose_coefficients(), regions).flows


def interval(flows: pd.DataFrame, own_factor: bool, together: bool = True) -> pd.Series:
    """Total of flows and its 5 and 95 % points."""
    from kansenkaart.analysis.flows.uncertainty import coefficient_ids, total_interval

    found = total_interval(
        *(flows[f"quantity{end}"].to_numpy(float) for end in ("", "_low", "_high")),
        coefficient_ids(flows) if together else flows["flow_id"].to_numpy(object),
        np.full(len(flows), "all", object),
        own_factor,
    )
    return found.iloc[0]


def compared(pair: dict[str, str]) -> dict:
    """A pair with our total, its range and the factor, in the published unit.

    A whole sector has no factor of its own as a firm has: its range is that of its
    coefficients.
    """
    flows = estimated(pair["who"])
    kept = flows["direction"].eq(pair["direction"])
    kept &= flows["carrier"].eq(pair["carrier"]) & flows["unit"].isin(measured(pair))
    if pair["material"]:
        kept &= flows["material"].isin(meant(pair["material"]))
    ours = interval(flows[kept], own_factor=False)[["total", "low", "high"]]
    ours = ours.astype(float) / UNITS[pair["unit"]]
    return pair | dict(ours) | {"factor": ours["total"] / float(pair["published"])}


def meant(word: str) -> set[str]:
    """Codes of a material; of all that are never hazardous for ``not hazardous``."""
    from kansenkaart.analysis.flows.tables import materials

    if word != HARMLESS:
        return {word}
    return {code for code, each in materials().items() if not each.hazardous} - MOSTLY


def measured(pair: dict[str, str]) -> list[str]:
    """Units of flows that add up to the published one: no fuel gases to tonnes."""
    return {"PJ": ["MWh/y"], "million m3": ["m3/y"]}.get(pair["unit"], ["t/y"])


def is_far(pair: dict) -> bool:
    """Whether ours is off by more than a factor of two."""
    return not 1 / FAR <= pair["factor"] <= FAR


def inside(pair: dict) -> bool:
    """Whether the published total lies within our range."""
    return pair["low"] <= float(pair["published"]) <= pair["high"]


def digits(value: float, count: int = 2) -> str:
    """A number with so many digits that mean something."""
    rounded = float(f"{value:.{count}g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:g}"


def span(low: float, high: float) -> str:
    """A range."""
    return f"{digits(low)}–{digits(high)}"


def pair_table(pairs: list[dict]) -> str:
    """A table of estimates beside what is published."""
    lines = [row(*PAIR_HEADS), "|---" * len(PAIR_HEADS) + "|"]
    for each in pairs:
        kind = "circular" if each["circular"] == "yes" else "independent"
        lines.append(
            row(
                *(each[name] for name in ("place", "sector", "flow", "year")),
                each["published"],
                each["unit"],
                digits(each["total"], 3),
                span(each["low"], each["high"]),
                factor(each),
                kind,
                each["source"],
            )
        )
    return "\n".join(lines)


def factor(pair: dict) -> str:
    """Ours over what is published; bold where it is far off."""
    text = f"{pair['factor']:.2f}"
    return f"**{text}**" if is_far(pair) else text


def readings(pairs: list[dict]) -> str:
    """How many agree, and what to think of every pair that is far off."""
    free = [each for each in pairs if each["circular"] == "no"]
    near = sum(not is_far(each) for each in free)
    held = sum(inside(each) for each in free)
    typical = np.exp(np.median(np.abs(np.log([each["factor"] for each in free]))))
    lines = [
        f"Of {len(free)} independent pairs {near} are within a factor of 2; half of "
        f"them are within {typical:.1f}. {held} of the published totals lie within our "
        f"range. {len(pairs) - len(free)} pairs are circular and prove nothing.",
        "",
    ]
    for each in filter(is_far, free):
        where = f"{each['place']}, {each['sector']}, {each['flow']} {each['year']}"
        lines.append(f"- **{where}: {each['factor']:.2f}.** {each['note']}")
    return "\n".join(lines)


def sum_table() -> str:
    """How wide the total of ever more printers of ten jobs is, over its mode."""
    heads = ("firms", "waste paper, t/y", "one coefficient", "if each had its own")
    lines = [row(*heads), "|---" * len(heads) + "|"]
    lines += [row(*cells) for cells in map(sum_cells, FIRMS)]
    return "\n".join(lines)


def sum_cells(count: int) -> tuple[str, ...]:
    """Number of firms, their total, and its range as parts of it, told two ways."""
    from kansenkaart.analysis.flows.coefficients import choose_coefficients
    from kansenkaart.analysis.flows.estimate import estimate_flows

    firms = made_up([(PRINTING, JOBS)] * count)
    flows = estimate_flows(firms, choose_coefficients()).flows
    paper = flows[flows["direction"].eq("supply") & flows["material"].eq("waste_paper")]
    found = [interval(paper, True, together) for together in (True, False)]
    total = found[0]["total"]
    spans = (span(each["low"] / total, each["high"] / total) for each in found)
    return f"{count:,}", digits(total, 3), *(f"× {each}" for each in spans)


def figures() -> dict[str, str]:
    """Every table of the page, by its name."""
    pairs = [compared(each) for each in published()]
    return {
        "pairs": pair_table(pairs),
        "readings": readings(pairs),
        "sums": sum_table(),
    }


def main() -> None:
    """Write the tables into the page."""
    page = PAGE.read_text("utf-8")
    for name, content in figures().items():
        page = put(page, name, content)
    PAGE.write_text(page, "utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / ".dev" / "plugins"))
    main()
    print("Made: docs/flows.md")
