"""In which language a planner reads the toolbox, and the help files in it."""

from __future__ import annotations

from qgis.core import QgsApplication

from ..analysis.resources import read_toml


def interface_language() -> str:
    """Dutch in a Dutch or Flemish QGIS, else English.

    What QGIS is translated into counts; without a translation, the locale does.
    """
    shown = getattr(QgsApplication.instance(), "translation", str)()
    return "nl" if (shown or QgsApplication.locale()).startswith("nl") else "en"


def help_text(algorithm: str, language: str) -> dict:
    """The help file of an algorithm: name, short, about, parameters and outputs."""
    return read_toml("help", language, f"{algorithm}.toml")


def label(algorithm: str, kind: str, name: str, language: str) -> tuple[str, str]:
    """Label and explanation of one parameter or output.

    An algorithm's own file beats the texts that all algorithms share.

    Parameters
    ----------
    algorithm
        Algorithm id.
    kind
        ``parameters`` or ``outputs``.
    name
        Name of the parameter or output.
    language
        ``nl`` or ``en``.
    """
    for file in (algorithm, "_shared"):
        entry = help_text(file, language).get(kind, {}).get(name)
        if entry is not None:
            return entry["label"], entry.get("help", "")
    raise KeyError(f"No {language} text for {kind} {name} of {algorithm}")
