"""No words for a planner stand in the code: they are texts, in two languages."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOWN = {
    "pushInfo", "pushWarning", "pushDebugInfo", "pushCommandInfo", "pushMessage",
    "pushConsoleInfo", "reportError", "setProgressText", "createMessage",
    "setText", "setTitle", "setWindowTitle", "setToolTip", "setStatusTip",
    "setWhatsThis", "setPlaceholderText", "setLabelText", "setInformativeText",
    "setDescription", "setHelp", "setShortDescription", "addAction", "addMenu",
    "addGroup", "addTab", "addButton", "addItem", "setAlias", "setFieldAlias",
    "setLabel", "setHeaders", "QLabel", "QPushButton", "QMessageBox",
    "QgsProcessingException", "information", "warning", "critical", "question",
    "LayerDetails", "setName", "setLayerName", "setHorizontalHeaderLabels",
}  # fmt: skip
"""Calls whose words a planner reads."""
KEYED = {"text", "say", "tell_text", "RefusalError"}
"""Calls whose first argument is the key of a text."""
ALLOWED = {
    "Kansenkaart": "the name of the plugin",
    "ESRI": "the name of a program",
}
"""Words that are the same in every language, with the reason."""


def code():
    for folder in ("analysis", "processing_algorithms", "kansenkaart_plugin"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text("utf-8"))


def called(node):
    """Name of what a call calls, without what it belongs to."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def literals(node):
    """Constant words in an argument, not those that go into another call."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif not isinstance(node, ast.Call | ast.Subscript | ast.Attribute | ast.Compare):
        for child in ast.iter_child_nodes(node):
            yield from literals(child)


def is_words(value):
    return re.search(r"[^\W\d_]{2}", value) is not None


def shown_literals(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in SHOWN:
            arguments = [*node.args, *(each.value for each in node.keywords)]
            for argument in arguments:
                for value in literals(argument):
                    yield node.lineno, value


def test_the_search_finds_literals():
    tree = ast.parse(
        'feedback.pushInfo("Klaar")\n'
        'label.setText(f"{n} areas")\n'
        'bar.pushWarning("Nee" if bad else text("a.b"))\n'
        'raise QgsProcessingException("No " + name)\n'
        'box = QLabel(text=text("a.b"), parent=window["x"])\n'
        'menu.addAction(f"{name} …")\n'
    )
    found = [value for _, value in shown_literals(tree) if is_words(value)]
    assert found == ["Klaar", " areas", "Nee", "No "]


def test_no_words_stand_in_the_code():
    assert not [
        f"{path}:{line}: {value!r}"
        for path, tree in code()
        for line, value in shown_literals(tree)
        if is_words(value) and value not in ALLOWED
    ]


def keys():
    """Every key of a text that stands in the code as it is."""
    for path, tree in code():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called(node) in KEYED and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and "." in str(first.value):
                    yield f"{path}:{node.lineno}", first.value


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_key_in_the_code_has_its_text(language):
    from kansenkaart.analysis.resources import read_toml

    checked = 0
    for place, key in keys():
        theme, *parts = key.split(".")
        found = read_toml("texts", language, f"{theme}.toml")
        for part in parts:
            assert part in found, f"{place}: {key}"
            found = found[part]
        assert isinstance(found, str), f"{place}: {key}"
        checked += 1
    assert checked > 200
