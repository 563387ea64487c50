"""Slow proofs: many seeds, shuffled rows, and runs that are killed."""

import json
import signal
import sqlite3
import subprocess
import time

import numpy as np
import pandas as pd
import pytest
from kansenkaart.analysis.clusters import detect_clusters
from kansenkaart.analysis.corridors import corridors
from kansenkaart.analysis.criteria import Layers
from kansenkaart.analysis.demo import generate
from kansenkaart.analysis.leverage_areas import leverage_areas
from kansenkaart.analysis.score_areas import choose_weights, score_areas

pytestmark = pytest.mark.proof
DISTANCES = {
    "road": 1000,
    "rail": 1000,
    "water": 500,
    "pipeline": 500,
    "heat": 1000,
    "steam": 1000,
    "co2": 1000,
    "power": 1000,
}


def chain(layers):
    clusters = detect_clusters(layers["establishments"]).footprints
    pieces = corridors(layers["infrastructure"], DISTANCES).multimodal
    areas = leverage_areas(
        layers["zones"],
        clusters,
        pieces,
        layers["establishments"],
        layers["constraints"],
    ).areas
    names = ("establishments", "zones", "infrastructure", "facilities", "constraints")
    return score_areas(
        areas,
        Layers(**{name: layers[name] for name in names}),
        choose_weights("basis", [], None),
    )


def shuffled(layers, seed):
    rng = np.random.default_rng(seed)
    return {
        name: frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)
        for name, frame in layers.items()
    }


@pytest.mark.parametrize("seed", range(1, 11))
def test_seed(seed):
    layers = generate(seed, 5000)
    found = chain(layers)
    assert len(found.areas) > 20
    total = found.criteria.groupby("area_id")["contribution"].sum()
    score = found.areas.set_index("area_id")["score"]
    assert (total - score).abs().max() < 1e-9
    again = chain(shuffled(layers, seed))
    pd.testing.assert_frame_equal(
        found.areas.drop(columns="geometry"), again.areas.drop(columns="geometry")
    )
    pd.testing.assert_frame_equal(found.criteria, again.criteria)


def complete(folder):
    """Whether a folder holds a map that opens."""
    if not (folder / "run.json").is_file():
        return False
    record = json.loads((folder / "run.json").read_text("utf-8"))
    with sqlite3.connect(folder / "kansenkaart.gpkg") as database:
        query = "SELECT count(*) FROM leverage_areas"
        (rows,) = database.execute(query).fetchone()
    return rows == record["outputs"]["leverage_areas"]


def test_killed_at_ten_moments(env, run, refusal, province, tmp_path):
    folder = tmp_path / "maps" / "kaart"
    inputs = province | {"OUTPUT_FOLDER": str(folder)}
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[detectclusters]\nAFSTAND = 800\n", encoding="utf-8")
    started = time.monotonic()
    run("opportunitymap", **inputs)
    whole = time.monotonic() - started
    for moment in np.linspace(0.3, 1.0, 10) * whole:
        process = subprocess.Popen(
            ["qgis_process", "run", "kansenkaart:opportunitymap", "-"],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        process.stdin.write(json.dumps({"inputs": inputs}))
        process.stdin.close()
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert complete(folder) or complete(folder.with_name("kaart.old"))
        # The next run restores it, even one that is refused.
        refusal("opportunitymap", **inputs, SETTINGS=str(wrong))
        assert complete(folder)
        assert [path.name for path in folder.parent.iterdir()] == ["kaart"]
    run("opportunitymap", **inputs)
    assert complete(folder)
