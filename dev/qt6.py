"""Whether code fits QGIS 4 on Qt 6: ``make lint`` runs it on what is shipped.

Every name that comes from QGIS or Qt is looked up in the QGIS that is here, and those
of Qt in the stubs of PyQt6 too. Found are names that do not exist, and members of enums
that are not called by their enum (``Qt.AlignLeft``), which Qt 6 no longer knows. Rules
on calls and imports are those of flake8-qgis.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STUBS = ROOT / ".dev" / "pyqt6" / "PyQt6"
QT = "qgis.PyQt."


def findings(source: str) -> Iterator[tuple[int, str]]:
    """Line and what is wrong there."""
    tree = ast.parse(source)
    origins = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and _is_ours(node.module):
            for alias in node.names:
                origins[alias.asname or alias.name] = (node.module, alias.name)
                yield from _wrong(node.lineno, node.module, [alias.name])
    inner = {id(node.value) for node in ast.walk(tree) if _is_dotted(node)}
    for node in ast.walk(tree):
        if _is_dotted(node) and id(node) not in inner:
            root, *rest = ast.unparse(node).split(".")
            if root in origins:
                module, name = origins[root]
                yield from _wrong(node.lineno, module, [name, *rest])


def _is_ours(module: str | None) -> bool:
    return module in ("qgis.core", "qgis.gui") or (module or "").startswith(QT)


def _is_dotted(node: ast.AST) -> bool:
    """Whether it is a name with names behind it, such as ``Qt.PenStyle.NoPen``."""
    while isinstance(node, ast.Attribute):
        node = node.value
        if isinstance(node, ast.Name):
            return True
    return False


def _wrong(line: int, module: str, names: list[str]) -> Iterator[tuple[int, str]]:
    dotted = ".".join(names)
    owner = import_module(module)
    for name in names:
        found = getattr(owner, name, None)
        if found is None and not hasattr(owner, name):
            yield line, f"{dotted} does not exist in QGIS"
            return
        if _is_enum_member(found) and type(found) is not owner:
            yield line, f"{dotted} must be called by its enum {type(found).__name__}"
        if _is_enum_member(found) or not isinstance(found, type):
            break
        owner = found
    if module.startswith(QT) and not _in_qt6(module.removeprefix(QT), names):
        yield line, f"{dotted} does not exist in Qt 6"


def _is_enum_member(found: object) -> bool:
    """Of Python's enums, or of those that PyQt5 makes of integers."""
    return isinstance(found, Enum) or (
        isinstance(found, int) and type(found) not in (int, bool)
    )


def _in_qt6(module: str, names: list[str]) -> bool:
    known = _stubs(module)
    for name in names:
        if name not in known:
            return False
        known = known[name]
        if not known:
            break
    return True


@cache
def _stubs(module: str) -> dict:
    """Names in a module of PyQt6, nested; empty where nothing is known inside."""
    stubs = (STUBS / f"{module}.pyi").read_text("utf-8")
    # Some stubs have a slash where Python knows none; arguments don't matter here.
    return _names(ast.parse(stubs.replace(", /)", ")")).body)


def _names(body: list[ast.stmt]) -> dict:
    names = {}
    for node in body:
        if isinstance(node, ast.ClassDef):
            inside = _names(node.body)
            # What comes from a base is not looked for.
            names[node.name] = inside if _is_whole(node) else {}
        elif isinstance(node, ast.FunctionDef):
            names[node.name] = {}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            names[ast.unparse(target)] = {}
    return names


def _is_whole(node: ast.ClassDef) -> bool:
    """Whether all that a class holds stands in its body."""
    bases = {ast.unparse(base) for base in node.bases}
    return all(base.startswith(("enum.", "PyQt6.sip.")) for base in bases)


def main(paths: list[str]) -> int:
    """Print what is wrong in files and folders; 1 where anything is."""
    given = [Path(path) for path in paths]
    files = [file for path in given for file in sorted(path.rglob("*.py")) or [path]]
    count = 0
    for file in files:
        for line, what in findings(file.read_text("utf-8")):
            count += 1
            print(f"{file}:{line}: {what}")
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
