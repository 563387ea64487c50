"""A bar chart that tells what the profile of a cluster is: docs/clusters.md."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from qgis_process import ROOT

sys.path.insert(0, str(ROOT / ".dev" / "plugins"))

from kansenkaart.analysis.cluster_profile import activity_totals, describe
from kansenkaart.analysis.clusters import detect_clusters
from kansenkaart.analysis.demo import generate
from kansenkaart.analysis.texts import number

SEED, COUNT, CLUSTER = 1, 20_000, "C019"
SHOWN = 8
OWN, REGION, QUIET = "#045a8d", "#c9c5bf", "#6b7075"


def draw(path: Path) -> Path:
    """Draw the largest divisions of a demo cluster beside those of the region."""
    cluster, rows = _cluster()
    figure, axes = plt.subplots(figsize=(9, 4.6), dpi=110)
    figure.subplots_adjust(0.33, 0.1, 0.97, 0.8)
    _draw_bars(axes, rows)
    title = f"Profiel van het cluster {cluster['name']}"
    figure.text(0.02, 0.93, title, size=13, weight="bold")
    figure.text(0.02, 0.87, _figures(cluster), size=9, color=QUIET)
    figure.legend(
        [plt.Rectangle((0, 0), 1, 1, color=colour) for colour in (OWN, REGION)],
        ["in het cluster", "in de hele provincie"],
        loc="lower right",
        bbox_to_anchor=(0.97, 0.14),
        frameon=False,
        fontsize=9,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    return path


def _cluster() -> tuple[pd.Series, pd.DataFrame]:
    """The cluster, and its largest divisions, the smallest of them first."""
    layers = generate(SEED, COUNT)
    firms = layers["establishments"]
    found = detect_clusters(firms, regions=layers["regions"])
    totals = activity_totals(firms)
    clusters, profile = describe(found.footprints, found.cells, totals, "nl")
    own = profile[profile["cluster_id"] == CLUSTER]
    return clusters.set_index("cluster_id").loc[CLUSTER], own.nlargest(SHOWN, "share")[
        ::-1
    ]


def _draw_bars(axes, rows: pd.DataFrame) -> None:
    """Two bars per division, and its location quotient in words."""
    places = np.arange(len(rows))
    share = 100 * rows["share"].to_numpy()
    axes.barh(places + 0.18, share, 0.36, color=OWN)
    axes.barh(places - 0.18, share / rows["lq"].to_numpy(), 0.36, color=REGION)
    for place, own, quotient in zip(places, share, rows["lq"], strict=True):
        words = f"{number(own, 'nl')} %: {number(quotient, 'nl', 1)} × de provincie"
        axes.text(own + 0.8, place + 0.18, words, va="center", fontsize=8.5)
    axes.set_yticks(places, rows["division_name"], fontsize=9)
    axes.set_xlim(0, share.max() * 1.32)
    axes.tick_params(length=0, colors="#1d2329")
    axes.set_xlabel("Aandeel in de banen (%)", fontsize=8.5, color=QUIET)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _figures(cluster: pd.Series) -> str:
    """The figures of a cluster in one line."""
    effective = number(cluster["divisions_effective"], "nl", 1)
    return (
        f"{number(cluster['establishments'], 'nl')} vestigingen, "
        f"{number(cluster['jobs'], 'nl')} banen, {cluster['divisions']} afdelingen "
        f"(even divers als {effective} even grote); "
        f"grootste werkgever {number(100 * cluster['largest_share'], 'nl')} %"
    )


if __name__ == "__main__":
    target = sys.argv[1] if sys.argv[1:] else ROOT / "docs/images/cluster_profile.png"
    print(f"Made: {draw(Path(target))}")
