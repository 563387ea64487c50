"""Numbers of the method that are no parameter, for the list of assumptions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from ..analysis.resources import read_toml


@dataclass(frozen=True)
class Constant:
    """What gives a number of the method when it is asked for.

    Parameters
    ----------
    place
        Where the number stands: a file of the plugin and, in code, its name there.
    read
        Gives it.
    """

    place: str
    read: Callable[[], float]

    def __call__(self, _settings) -> float:
        """The number, whatever the settings."""
        return self.read()


def constant(
    module: str, name: str, factor: float = 1.0, key: str | None = None
) -> Constant:
    """A number that stands in a module of the method.

    Modules of the method are heavy to load, and QGIS loads all algorithms at its start.

    Parameters
    ----------
    module, name
        Where the number stands: a module of ``analysis``, and its name there.
    factor
        What it is multiplied by, such as 100 for percent.
    key
        Which of several, where a table of numbers bears the name.
    """

    def read() -> float:
        found = getattr(import_module(f"..analysis.{module}", __package__), name)
        return factor * (found if key is None else found[key])

    return Constant(f"analysis/{module.replace('.', '/')}.py: {name}", read)


def datum(*parts: str, key: str) -> Constant:
    """The ``value`` of an entry in a TOML file of ``resources``."""

    def read() -> float:
        return read_toml(*parts)[key]["value"]

    return Constant("/".join(("resources", *parts)) + f": {key}", read)
