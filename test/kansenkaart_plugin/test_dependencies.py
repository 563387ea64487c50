"""Where packages are missing or too old: the plugin loads, and says what to do."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hidden_packages import ALL, without
from kansenkaart.analysis.texts import text
from kansenkaart.processing_algorithms import dependencies
from kansenkaart.processing_algorithms.dependencies import advice, missing_packages

ROOT = Path(__file__).resolve().parents[2]
ASKING = """
import json, sys
from types import SimpleNamespace
sys.path.insert(0, sys.argv[1])
import qgis.utils
from qgis.core import QgsApplication
from qgis.PyQt.QtWidgets import QMenu, QWidget
application = QgsApplication([], True)
application.initQgis()
window, plugins, warned = QWidget(), QMenu(), []
bar = SimpleNamespace(pushWarning=lambda title, told: warned.append(told))
qgis.utils.iface = SimpleNamespace(
    mainWindow=lambda: window, pluginMenu=lambda: plugins, messageBar=lambda: bar
)
from kansenkaart import classFactory
plugin = classFactory(qgis.utils.iface)
plugin.initGui()
heavy = sorted({"geopandas", "scipy", "pandas", "networkx"} & {*sys.modules})
from kansenkaart.processing_algorithms.base import KansenkaartAlgorithm
# Models ask their steps.
algorithms = [
    each for each in plugin.provider.algorithms()
    if isinstance(each, KansenkaartAlgorithm)
]
answers = {each.id(): each.canExecute() for each in algorithms}
helped = all(each.shortHelpString() for each in algorithms)
(menu,) = [action.menu() for action in plugins.actions()]
steps = [
    action for action in menu.actions() if not (action.isSeparator() or action.menu())
]
if not all(able for able, _ in answers.values()):
    for step in steps:
        step.trigger()
told = {"answers": answers, "helped": helped, "heavy": heavy, "warned": warned}
print(json.dumps(told | {"steps": len(steps)}))
"""
PLATFORMS = {
    "win32": ("windows", "(MSI)"),
    "darwin": ("macos", "macOS"),
    "linux": ("linux", "sudo apt install python3-geopandas python3-jinja2"),
}


def asked(folder, **how):
    """What QGIS Desktop would hear, in a Python of its own."""
    plugins = str(ROOT / ".dev" / "plugins")
    done = subprocess.run(
        [sys.executable, "-c", ASKING, plugins],
        env=without(dict(os.environ), folder, **how),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def no_flatpak(monkeypatch, tmp_path):
    """Not in a Flatpak, whatever these tests run in; the path that would tell."""
    monkeypatch.setattr(dependencies, "FLATPAK", tmp_path / ".flatpak-info")
    return tmp_path / ".flatpak-info"


def test_nothing_is_missing_here(tmp_path):
    assert missing_packages() == []
    told = asked(tmp_path)
    assert len(told["answers"]) > 20
    assert all(answer == [True, ""] for answer in told["answers"].values())
    assert told["heavy"] == [], "loading must be quick"


@pytest.mark.parametrize(
    ("how", "missing"),
    [
        ({"hidden": ["geopandas"]}, ["geopandas ≥ 1.0"]),
        ({"hidden": ["shapely"]}, ["shapely ≥ 2.0"]),
        ({"old": ["geopandas", "shapely"]}, ["geopandas ≥ 1.0", "shapely ≥ 2.0"]),
        (
            {"hidden": ALL},
            [f"{name} ≥ {low}" for name, low in dependencies.NEEDED.items()],
        ),
    ],
    ids=["geopandas hidden", "shapely hidden", "both too old", "all hidden"],
)
def test_every_algorithm_says_what_is_missing(tmp_path, how, missing):
    told = asked(tmp_path, **how)
    assert len(told["answers"]) > 20
    sentence = advice(missing, "en")
    assert set(map(tuple, told["answers"].values())) == {(False, sentence)}
    assert all(entry in sentence for entry in missing)
    assert told["helped"]
    # In QGIS Desktop the menu is there too, and says the same.
    assert told["warned"] == [sentence] * told["steps"]
    assert told["steps"] > 5


def test_what_cannot_be_imported_is_missing(monkeypatch):
    """Left behind by a package that was taken away: its metadata, without itself."""
    monkeypatch.setattr(dependencies, "find_spec", lambda _: None)
    dependencies._version.cache_clear()
    assert len(missing_packages()) == len(dependencies.NEEDED)
    dependencies._version.cache_clear()


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("system", PLATFORMS)
def test_advice_fits_the_platform(monkeypatch, no_flatpak, system, language):
    monkeypatch.setattr(sys, "platform", system)
    name, words = PLATFORMS[system]
    assert dependencies.platform() == name
    assert not no_flatpak.exists()
    told = advice(["geopandas ≥ 1.0", "Jinja2 ≥ 3.0"], language)
    assert "geopandas ≥ 1.0, Jinja2 ≥ 3.0" in told
    assert words in told
    assert ("Install" if language == "en" else "Installeer") in told


@pytest.mark.parametrize("language", ["nl", "en"])
def test_advice_in_a_flatpak(no_flatpak, language):
    no_flatpak.touch()
    told = advice(["pandas ≥ 1.5"], language)
    assert "Flatpak" in told
    assert "sudo apt install qgis python3-pandas" in told


def test_every_platform_has_a_sentence_of_its_own():
    names = ["windows", "macos", "linux", "flatpak"]
    told = [
        text(f"messages.packages_{name}", language, debian="python3-pandas")
        for name in names
        for language in ("nl", "en")
    ]
    assert len(set(told)) == len(told)
