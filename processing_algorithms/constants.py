"""Numbers of the method that are no parameter, for the list of assumptions."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module


def constant(module: str, name: str, factor: float = 1.0) -> Callable[..., float]:
    """What gives a number of the method when it is asked for.

    Modules of the method are heavy to load, and QGIS loads all algorithms at its start.

    Parameters
    ----------
    module, name
        Where the number stands: a module of ``analysis``, and its name there.
    factor
        What it is multiplied by, such as 100 for percent.
    """

    def value(_settings) -> float:
        found = import_module(f"..analysis.{module}", __package__)
        return factor * getattr(found, name)

    return value
