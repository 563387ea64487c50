"""Cases of ``make bench`` that measure the plugin as a whole, against a target."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from itertools import pairwise

from bench_scene import ESTABLISHMENTS, FOLDER, ROOT, inputs, start_qgis
from bench_tools import note, say, target

MAP = FOLDER / "map"
FILES = {
    "kansenkaart.gpkg",
    "kansenkaart.qgz",
    "ranglijst.xlsx",
    "rapport.html",
    "run.json",
}
PATIENCE = 120.0
"""Seconds after which a run that does not end is stopped."""


# The whole map.


def province() -> bool:
    """The whole map without PDF, through real qgis_process."""
    from qgis_process import environment, run

    shutil.rmtree(MAP, ignore_errors=True)
    env = environment()
    start = time.perf_counter()
    run("opportunitymap", _map_inputs(), env, quiet=True)
    took = time.perf_counter() - start
    # Kilobytes of the largest of our children: no other comes near.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    record = json.loads((MAP / "run.json").read_text("utf-8"))
    sizes = [entry["features"] for entry in record["inputs"][:3]]
    n = "{}establishments+{}zones+{}lines".format(*sizes)
    agree = say("province", n, took, ("target", 60.0), _complete(record))
    target("<= 60 s", f"{took:.1f} s", took <= 60)
    target("<= 2 GB", f"{peak:.2f} GB", peak <= 2)
    steps = record["timings_s"]
    rest = took - sum(steps.values())
    parts = [f"{name}={seconds:.1f}" for name, seconds in steps.items()]
    note(" ".join([*parts, f"rest={rest:.1f}"]))
    return agree


def _map_inputs(pdf: bool = False) -> dict:
    return inputs() | {"PDF": pdf, "OUTPUT_FOLDER": str(MAP)}


def _complete(record: dict) -> bool:
    """Whether all files are there, and the tables hold what the record says."""
    if not {path.name for path in MAP.iterdir()} >= FILES:
        return False
    with sqlite3.connect(MAP / "kansenkaart.gpkg") as database:
        counts = {
            name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
            for name in record["outputs"]
        }
    return counts == record["outputs"] and counts["leverage_areas"] > 0


# Loading.

LOADING = """
import json, sys, time
from qgis.core import QgsApplication
import qgis.utils
application = QgsApplication([], False)
application.initQgis()
before = set(sys.modules)
start = time.perf_counter()
from kansenkaart import classFactory
plugin = classFactory(None)
plugin.initProcessing()
took = time.perf_counter() - start
new = {name.partition(".")[0] for name in set(sys.modules) - before}
count = len(plugin.provider.algorithms())
print(json.dumps({"took": took, "count": count, "new": sorted(new)}))
"""
HEAVY = {"geopandas", "pandas", "scipy", "shapely", "networkx", "matplotlib", "plotly"}


def load() -> bool:
    """What the plugin adds to starting QGIS, compiled as after a first start."""
    env = dict(os.environ) | {"PYTHONPYCACHEPREFIX": str(FOLDER / "pycache")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    env["PYTHONPATH"] = f"{ROOT}/.dev/plugins:{env.get('PYTHONPATH', '')}"
    command = [sys.executable, "-W", "ignore", "-c", LOADING]
    answers = []
    for _ in range(6):
        done = subprocess.run(command, env=env, check=True, capture_output=True)
        answers.append(json.loads(done.stdout.splitlines()[-1]))
    first, *others = answers
    took = statistics.median(answer["took"] for answer in others)
    heavy = HEAVY & set(first["new"])
    agree = first["count"] > 0 and not heavy
    say("load", f"{first['count']}algorithms", took, ("target", 0.3), agree)
    target("<= 0.3 s", f"{took:.3f} s", took <= 0.3)
    note(f"first start {first['took']:.3f} s; heavy modules: {sorted(heavy) or 'none'}")
    return agree


# Stopping and silence.

MOMENTS = 10
"""How often a run is stopped, at moments spread over its length."""
WORDS = ("info", "warning")


def cancel() -> bool:
    """How soon a run stops, how long it says nothing, how long the window stands still.

    With PDF, in a background task, as QGIS Desktop runs it.
    """
    application = start_qgis()
    shutil.rmtree(MAP, ignore_errors=True)
    heard = _Heard().run()
    whole = heard.succeeded and {path.name for path in MAP.iterdir()} >= FILES
    _say_silence(heard, whole)
    before = (MAP / "run.json").read_bytes()
    length = heard.words[-1][0] - heard.words[0][0]
    asked = [length * (number + 0.5) / (MOMENTS + 1) for number in range(MOMENTS)]
    runs = [_Heard().run(cancel_after=moment) for moment in asked]
    stopped = [run for run in runs if not run.succeeded]
    left = [path for path in FOLDER.glob("map.*") if path.suffix != ".lock"]
    kept = (MAP / "run.json").read_bytes() == before
    # The last moments may come too late, when the machine has more time for the run.
    agree = len(stopped) >= MOMENTS - 2 and not left and kept
    worst = max(run.waited for run in stopped)
    say("cancel", ESTABLISHMENTS, worst, ("target", 1.0), agree)
    target("<= 1 s", f"worst of {len(stopped)} moments {worst:.2f} s", worst <= 1)
    for run in stopped:
        note(
            f"{run.waited:.2f} s, asked at {run.moment:.1f} s, after {run.last_word()}"
        )
    return agree and whole and application is not None


def _say_silence(heard: _Heard, whole: bool) -> None:
    silence, word, _ = heard.silences(*WORDS)[0]
    say("silence", ESTABLISHMENTS, silence, ("target", 2.0), whole)
    target("<= 2 s", f"{silence:.2f} s after {word}", silence <= 2)
    for seconds, before, after in heard.silences("progress", *WORDS)[:4]:
        note(f"{seconds:.2f} s without a look at cancel, from {before} to {after}")
    frozen = heard.silences("tick")
    note(f"window still: {', '.join(f'{gap[0]:.2f}' for gap in frozen[:3])} s")


class _Heard:
    """One run in the background, and when it let itself be heard."""

    def __init__(self) -> None:
        self.words: list[tuple[float, str, str]] = []
        self.succeeded = False
        self.moment = PATIENCE
        self.waited = 0.0

    def hear(self, kind: str, what: object) -> None:
        """Note that something was said."""
        self.words.append((time.monotonic(), kind, str(what)))

    def silences(self, *kinds: str) -> list[tuple[float, str, str]]:
        """Seconds, what went before and what came after, longest first."""
        chosen = [word for word in self.words if word[1] in {"start", "end", *kinds}]
        gaps = [
            (later[0] - earlier[0], _shown(earlier), _shown(later))
            for earlier, later in pairwise(chosen)
        ]
        return sorted(gaps, reverse=True)

    def last_word(self) -> str:
        """What was said last before the run was to stop."""
        asked = self.words[0][0] + self.moment
        said = [word for word in self.words if word[0] <= asked and word[1] in WORDS]
        return _shown(said[-1]) if said else "nothing"

    def run(self, cancel_after: float | None = None) -> _Heard:
        """Run the map as QGIS Desktop does: computing apart, drawing here."""
        from qgis.core import (
            QgsApplication,
            QgsProcessingAlgRunnerTask,
            QgsProcessingContext,
        )
        from qgis.PyQt.QtCore import QEventLoop, Qt, QTimer

        algorithm = QgsApplication.processingRegistry().createAlgorithmById(
            "kansenkaart:opportunitymap"
        )
        context, feedback = QgsProcessingContext(), _listener(self)
        self.moment = PATIENCE if cancel_after is None else cancel_after
        self.hear("start", "")
        task = QgsProcessingAlgRunnerTask(
            algorithm, _map_inputs(pdf=True), context, feedback
        )
        loop = QEventLoop()

        def ended(succeeded: bool, _results: dict) -> None:
            self.hear("end", "")
            self.succeeded = succeeded
            # From the moment of the click, also where the window stands still then.
            self.waited = self.words[-1][0] - self.words[0][0] - self.moment
            loop.quit()

        ticker = QTimer()
        ticker.timeout.connect(lambda: self.hear("tick", ""))
        ticker.start(20)
        task.executed.connect(ended)
        QgsApplication.taskManager().addTask(task)
        click = QTimer(singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        click.timeout.connect(task.cancel)
        click.start(int(1000 * self.moment))
        loop.exec()
        click.stop()
        ticker.stop()
        return self


def _shown(word: tuple[float, str, str]) -> str:
    _, kind, what = word
    return f"'{kind} {what[:40]}'"


def _listener(heard: _Heard):
    """A feedback that notes every call."""
    from qgis.core import QgsProcessingFeedback

    class Listener(QgsProcessingFeedback):
        """Hears progress and words alike."""

        def setProgress(self, share: float) -> None:  # noqa: N802
            """Progress in percent; whoever sets it looks at cancel first."""
            heard.hear("progress", f"{share:.1f}")
            super().setProgress(share)

        def pushInfo(self, words: str) -> None:  # noqa: N802
            """A word of progress."""
            heard.hear("info", words)

        def pushWarning(self, words: str) -> None:  # noqa: N802
            """A warning."""
            heard.hear("warning", words)

        def reportError(self, words: str, fatal: bool = False) -> None:  # noqa: N802
            """An error."""
            heard.hear("fatal" if fatal else "error", words)

    return Listener(False)
