"""Would documented exchanges be found again? The tables of docs/rediscovery.md.

By itself: ``.venv/bin/python dev/rediscovery.py``; case `rediscovery` of ``make bench``
shows the main figures.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from demo_figures import put, row
from rediscovery_figures import METRICS, by_group, measured, spread, wilson
from rediscovery_misses import chance_table, kind_table, miss_table, readings
from rediscovery_scenes import (
    AROUND_ONLY,
    BASELINE,
    FIRST_SET,
    LEFT_OUT,
    METHODS,
    MIXES,
    PROVINCE,
    ROOT,
    Scenes,
    exchanges,
    made,
    ranks,
)

PAGE = ROOT / "docs" / "rediscovery.md"
SHUFFLES = 50


def groups(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Which exchanges are told together."""
    material = table["carrier"].eq("material").to_numpy()
    first = table["set"].eq(FIRST_SET).to_numpy()
    strict = table["strict"].eq("yes").to_numpy()
    firm = {
        "materials, first collection": material & first,
        "materials, further collection": material & ~first,
        "… both parties known (strict)": material & ~first & strict,
        "materials, both": material,
    }
    others = {name: table["carrier"].eq(name).to_numpy() for name in _OTHERS}
    return firm | {name: chosen for name, chosen in others.items() if chosen.any()}


_OTHERS = ("heat", "water", "co2", "fuel gas")
ONCE = {
    "materials, further collection": "… each pair of activities once (further)",
    "materials, both": "… each pair of activities once (both)",
}
"""Groups of which each pair of giver's and receiver's activity is also told once."""


def samples(table: pd.DataFrame, values: dict[str, np.ndarray]):
    """Values of methods by group, with what is drawn together for an interval."""
    pairs = table["giver_sbi"] + "-" + table["receiver_sbi"]
    for name, rows in groups(table).items():
        own = {method: each[rows] for method, each in values.items()}
        yield name, own, table["place"][rows].to_numpy()
        if name in ONCE:
            once = {m: by_group(each, pairs[rows]) for m, each in own.items()}
            yield ONCE[name], once, np.unique(pairs[rows])


def recall_table(table: pd.DataFrame, values: dict[str, np.ndarray]) -> str:
    """Recall and mean reciprocal rank by group and method."""
    lines = _head("exchanges", "n", "places", "method", *METRICS)
    for name, by_method, places in samples(table, values):
        for method in METHODS:
            own = by_method[method]
            means, ends = own.mean(axis=0), spread(own, places)
            cells = [
                f"{mean:.2f} {_span(*wilson(mean, len(own)))}" for mean in means[:-1]
            ]
            last = f"{means[-1]:.2f} {_span(*ends[:, -1])}"
            size = (name, str(len(own)), str(len({*places})))
            lines.append(
                row(
                    *(size if method == METHODS[0] else ("", "", "")),
                    method,
                    *cells,
                    last,
                )
            )
    return "\n".join(lines)


def gain_table(
    table: pd.DataFrame, values: dict[str, dict[str, np.ndarray]], over: str = BASELINE
) -> str:
    """What is gained over a baseline, by group and mix of decoys."""
    lines = _head("exchanges", "decoys", "n", *METRICS)
    for mix, by_mix in values.items():
        for name, by_method, places in samples(table, by_mix):
            gain = by_method[LEFT_OUT] - by_method[over]
            means, ends = gain.mean(axis=0), spread(gain, places)
            cells = [
                f"{mean:+.2f} ({end[0]:+.2f} to {end[1]:+.2f})"
                for mean, end in zip(means, ends.T, strict=True)
            ]
            lines.append(row(name, mix, str(len(gain)), *cells))
    return "\n".join(lines)


def shuffled_table(table: pd.DataFrame, scenes: dict[str, Scenes]) -> str:
    """Materials, with receivers as they are and with receivers shuffled."""
    own = table[table["carrier"] == "material"].reset_index(drop=True)
    lines = _head("method", "decoys", "receivers", *METRICS)
    for mix, each in scenes.items():
        for method in (LEFT_OUT, BASELINE):
            real = measured(ranks(each.found, own, method)).mean(axis=0)
            lines.append(row(method, mix, "their own", *map(_share, real)))
            random = np.random.default_rng(1)
            drawn = [
                measured(
                    ranks(
                        each.found, own, method, own.iloc[random.permutation(len(own))]
                    )
                ).mean(axis=0)
                for _ in range(SHUFFLES)
            ]
            mean = np.mean(drawn, axis=0)
            lines.append(row(method, mix, "shuffled", *map(_share, mean)))
    return "\n".join(lines)


def densities(scenes: Scenes) -> list[tuple[int, int]]:
    """Leads and pairs in reach of materials among the decoys of each scene."""
    from kansenkaart.analysis.matching.knowledge import choose_knowledge
    from kansenkaart.analysis.matching.leads import search
    from kansenkaart.analysis.matching.pairs import Limits

    known, counted = choose_knowledge(), []
    for flows in scenes.flows:
        some = flows[flows["actor_id"].str.startswith("D")]
        pairs = search(some, known, Limits(per_division=1, most=1)).pairs
        counted.append((pairs.compatible["material"], pairs.in_reach["material"]))
    return counted


def density_table(counted: dict[str, list[tuple[int, int]]]) -> str:
    """Lead density by mix of decoys."""
    lines = _head("decoys", "leads", "pairs within reach", "share", "least – most")
    for mix, each in counted.items():
        leads, pairs = np.array(each, float).T
        shares = leads / pairs
        lines.append(
            row(
                mix,
                f"{leads.mean():,.0f}",
                f"{pairs.mean():,.0f}",
                f"{100 * leads.sum() / pairs.sum():.2f} %",
                f"{100 * shares.min():.2f}–{100 * shares.max():.2f} %",
            )
        )
    return "\n".join(lines)


def _head(*names: str) -> list[str]:
    return [row(*names), "|---" * len(names) + "|"]


def _share(value: float) -> str:
    return f"{value:.2f}"


def _span(low: float, high: float) -> str:
    return f"({low:.2f}–{high:.2f})"


def values_of(table: pd.DataFrame, scenes: Scenes) -> dict[str, np.ndarray]:
    """Hits and reciprocal ranks by method."""
    return {each: measured(ranks(scenes.found, table, each)) for each in METHODS}


def figures() -> dict[str, str]:
    """All tables of the page, by name."""
    table = exchanges()
    scenes = {mix: made(table, mix) for mix in MIXES}
    values = {mix: values_of(table, each) for mix, each in scenes.items()}
    chosen = table["carrier"].eq("material").to_numpy()
    tables = {
        "gain": gain_table(table, values),
        "gain around": gain_table(
            table[table["carrier"] == "material"].reset_index(drop=True),
            {
                mix: {method: each[chosen] for method, each in by.items()}
                for mix, by in values.items()
            },
            AROUND_ONLY,
        ),
        "shuffled": shuffled_table(table, scenes),
        "density": density_table(
            {mix: densities(each) for mix, each in scenes.items()}
        ),
    }
    for mix, each in scenes.items():
        read = readings(table, each)
        tables |= {
            f"recall {mix}": recall_table(table, values[mix]),
            f"kinds {mix}": kind_table(read),
            f"misses {mix}": miss_table(read),
        }
        if mix == PROVINCE:
            tables["chance"] = chance_table(read)
    return tables


def main() -> None:
    """Write the tables into the page."""
    page = PAGE.read_text("utf-8")
    for name, content in figures().items():
        page = put(page, name, content)
    PAGE.write_text(page, "utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / ".dev" / "plugins"))
    main()
    print("Made: docs/rediscovery.md")
