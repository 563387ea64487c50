"""Imports go down only: plugin → algorithms → analysis."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("kansenkaart_plugin", "processing_algorithms", "analysis")


def sources(floor):
    return sorted((ROOT / floor).rglob("*.py"))


def imported(path):
    """Absolute names of all modules that a file imports, the package as ''."""
    place = path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = place[: len(place) - node.level] if node.level else ()
            module = (*above, *(node.module or "").split("."))
            yield ".".join(part for part in module if part)
            yield from (".".join((*module, alias.name)) for alias in node.names)


@pytest.mark.parametrize("floor", FLOORS)
def test_no_import_upward(floor):
    higher = FLOORS[: FLOORS.index(floor)]
    upward = [
        (path.name, name)
        for path in sources(floor)
        for name in imported(path)
        if name.removeprefix("kansenkaart.").split(".")[0] in higher
    ]
    assert sources(floor)
    assert not upward


def test_the_method_knows_no_qgis_and_reads_no_files():
    forbidden = {"qgis", "osgeo", "processing", "fiona", "pyogrio"}
    found = [
        (path.name, name)
        for path in sources("analysis")
        for name in imported(path)
        if name.split(".")[0] in forbidden
    ]
    assert not found


def test_no_pyproj_where_qgis_computes_in_the_background():
    """A second thread of QGIS that asks pyproj 3.7 for a CRS takes QGIS down."""
    found = [
        (path.name, name)
        for path in sources("processing_algorithms")
        for name in imported(path)
        if name.split(".")[0] == "pyproj"
    ]
    assert not found


def test_nobody_reads_or_writes_layers_past_qgis():
    for floor in FLOORS:
        for path in sources(floor):
            text = path.read_text("utf-8")
            assert "read_file(" not in text, path
            assert "to_file(" not in text, path


def test_an_upward_import_would_be_seen():
    """The reader of imports itself: relative imports resolve to their floor."""
    path = ROOT / "analysis" / "prepare" / "run.py"
    assert "analysis.errors" in set(imported(path))
