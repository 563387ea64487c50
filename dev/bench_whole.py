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

sys.path.insert(0, str(ROOT / "test"))

from hidden_packages import ALL, without

MAP = FOLDER / "map"
FILES = {
    "kansenkaart.gpkg",
    "kansenkaart.qgz",
    "ranglijst.xlsx",
    "rapport.html",
    "run.json",
}


# The whole map.


def province() -> bool:
    """The whole map without PDF, through real qgis_process, without and with flows."""
    return _province("province", False, 60, 2) and _province("whole", True, 180, 4)


def _province(case: str, flows: bool, seconds: int, gigabytes: int) -> bool:
    from qgis_process import environment, run

    shutil.rmtree(MAP, ignore_errors=True)
    settings = FOLDER / "settings.toml"
    settings.write_text(f"[opportunitymap]\nFLOWS = {str(flows).lower()}\n", "utf-8")
    env = environment()
    start = time.perf_counter()
    run("opportunitymap", _map_inputs() | {"SETTINGS": str(settings)}, env, quiet=True)
    took = time.perf_counter() - start
    # Kilobytes of the largest of our children: no other comes near.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    record = json.loads((MAP / "run.json").read_text("utf-8"))
    sizes = {entry["role"]: entry["features"] for entry in record["inputs"]}
    n = "{ESTABLISHMENTS}establishments+{ZONES}zones+{INFRASTRUCTURE}lines"
    n = n.format(**sizes)
    agree = say(case, n, took, ("target", float(seconds)), _complete(record))
    target(f"<= {seconds} s", f"{took:.1f} s", took <= seconds)
    target(f"<= {gigabytes} GB", f"{peak:.2f} GB", peak <= gigabytes)
    steps = record["timings_s"]
    rest = took - sum(steps.values())
    parts = [f"{name}={spent:.1f}" for name, spent in steps.items()]
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
from types import SimpleNamespace
import qgis.utils
from qgis.core import QgsApplication
from qgis.PyQt.QtWidgets import QMenu, QWidget
application = QgsApplication([], True)
application.initQgis()
window, menu = QWidget(), QMenu()
iface = SimpleNamespace(mainWindow=lambda: window, pluginMenu=lambda: menu)
qgis.utils.iface = iface
before = set(sys.modules)
start = time.perf_counter()
from kansenkaart import classFactory
plugin = classFactory(iface)
plugin.initGui()
took = time.perf_counter() - start
new = {name.partition(".")[0] for name in set(sys.modules) - before}
algorithms = plugin.provider.algorithms()
start = time.perf_counter()
able = all(each.canExecute()[0] for each in algorithms)
asked = time.perf_counter() - start
told = {"took": took, "count": len(algorithms), "able": able, "asked": asked}
print(json.dumps(told | {"new": sorted(new)}))
"""
HEAVY = {"geopandas", "pandas", "scipy", "shapely", "networkx", "matplotlib", "plotly"}


def load() -> bool:
    """What the plugin adds to starting QGIS Desktop, with its packages and without."""
    whole = _load("load", {})
    hook = FOLDER / "hook"
    hook.mkdir(parents=True, exist_ok=True)
    return _load("load_without_packages", without({}, hook, ALL)) and whole


def _load(case: str, more: dict[str, str]) -> bool:
    """Load some times, compiled as after a first start."""
    env = dict(os.environ) | {"PYTHONPYCACHEPREFIX": str(FOLDER / "pycache")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    places = (more.get("PYTHONPATH"), f"{ROOT}/.dev/plugins", env.get("PYTHONPATH"))
    env |= more | {"PYTHONPATH": ":".join(filter(None, places))}
    command = [sys.executable, "-W", "ignore", "-c", LOADING]
    answers = []
    for _ in range(6):
        done = subprocess.run(command, env=env, check=True, capture_output=True)
        answers.append(json.loads(done.stdout.splitlines()[-1]))
    first, *others = answers
    took = statistics.median(answer["took"] for answer in others)
    heavy = HEAVY & set(first["new"])
    agree = first["count"] > 0 and not heavy and first["able"] is not bool(more)
    say(case, f"{first['count']}algorithms", took, ("target", 0.3), agree)
    target("<= 0.3 s", f"{took:.3f} s", took <= 0.3)
    asked = statistics.median(answer["asked"] for answer in others)
    note(f"asking whether all can run {asked:.3f} s")
    note(f"first start {first['took']:.3f} s; heavy modules: {sorted(heavy) or 'none'}")
    return agree


# Stopping and silence.

MOMENTS = (1, 3, 6, 12, 22, 35, 50, 61, 72, 78, 84, 92)
"""Progress in percent at which a run is stopped: while reading, at every step, while
writing, and while the page (84) and the PDF (92) are drawn."""
DELAY = 0.3
"""Seconds between that and the click."""
TICK = 0.02
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
    runs = {moment: _Heard().run(stop_at=moment) for moment in MOMENTS}
    stopped = not any(run.succeeded for run in runs.values())
    left = [path for path in FOLDER.glob("map.*") if path.suffix != ".lock"]
    kept = (MAP / "run.json").read_bytes() == before
    agree = stopped and not left and kept
    worst = max(run.waited for run in runs.values())
    say("cancel", ESTABLISHMENTS, worst, ("target", 1.0), agree)
    target("<= 1 s", f"worst of {len(runs)} moments {worst:.2f} s", worst <= 1)
    note(", ".join(f"{run.waited:.2f} s at {at} %" for at, run in runs.items()))
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
        self.click: float | None = None
        self.waited = 0.0

    def hear(self, kind: str, what: object) -> None:
        """Note that something was said."""
        self.words.append((time.monotonic(), kind, str(what)))

    def _late(self, stop_at: float) -> bool:
        """Whether the moment of the click has come."""
        now = time.monotonic()
        if self.click is None:
            far = (word for word in self.words if word[1] == "progress")
            passed = (at for at, _, share in far if float(share) >= stop_at)
            at = next(passed, None)
            self.click = None if at is None else at + DELAY
        return self.click is not None and now >= self.click

    def silences(self, *kinds: str) -> list[tuple[float, str, str]]:
        """Seconds, what went before and what came after, longest first."""
        chosen = [word for word in self.words if word[1] in {"start", "end", *kinds}]
        gaps = [
            (later[0] - earlier[0], _shown(earlier), _shown(later))
            for earlier, later in pairwise(chosen)
        ]
        return sorted(gaps, reverse=True)

    def run(self, stop_at: float | None = None) -> _Heard:
        """Run the map as QGIS Desktop does: computing apart, drawing here."""
        from qgis.core import (
            QgsApplication,
            QgsProcessingAlgRunnerTask,
            QgsProcessingContext,
        )
        from qgis.PyQt.QtCore import QEventLoop, QTimer

        algorithm = QgsApplication.processingRegistry().createAlgorithmById(
            "kansenkaart:opportunitymap"
        )
        context, feedback = QgsProcessingContext(), _listener(self)
        self.hear("start", "")
        task = QgsProcessingAlgRunnerTask(
            algorithm, _map_inputs(pdf=True), context, feedback
        )
        loop = QEventLoop()

        def ended(succeeded: bool, _results: dict) -> None:
            self.hear("end", "")
            self.succeeded = succeeded
            if self.click is not None:
                self.waited = time.monotonic() - self.click
            loop.quit()

        def tick() -> None:
            self.hear("tick", "")
            if stop_at is not None and self._late(stop_at):
                task.cancel()

        ticker = QTimer()
        ticker.timeout.connect(tick)
        ticker.start(int(1000 * TICK))
        task.executed.connect(ended)
        QgsApplication.taskManager().addTask(task)
        loop.exec()
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
