"""Below which yearly quantity a flow does not count by itself on a map.

The shipped limits lie in ``resources/flows/min_flows.csv``, per carrier and unit, and
per group of materials or material where these differ. All of them are assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import RefusalError
from ..resources import read_csv
from .tables import CARRIERS, materials

EVERY = "*"


@dataclass(frozen=True)
class MinFlow:
    """One limit.

    Attributes
    ----------
    carrier, material, unit
        What it is about; ``material`` is a code, a group or ``*``.
    quantity
        In ``unit``.
    """

    carrier: str
    material: str
    unit: str
    quantity: float


def shipped_min_flows() -> list[MinFlow]:
    """The limits that come with Kansenkaart, in the order of the file."""
    return [
        MinFlow(row["carrier"], row["material"], row["unit"], float(row["min_flow"]))
        for row in read_csv("flows", "min_flows.csv")
    ]


def choose_min_flows(changed: float | Mapping[str, float] | None) -> list[MinFlow]:
    """The limits that a user asks for.

    Parameters
    ----------
    changed
        One number for every flow, in its own unit; or numbers by carrier, by group of
        materials or by material, which stand before the shipped ones; None for these.

    Raises
    ------
    RefusalError
        If a number is no quantity, or a name is none of these.
    """
    if changed is None:
        return shipped_min_flows()
    if not isinstance(changed, Mapping):
        quantity = _checked("MIN_FLOW", changed)
        every = {(each.carrier, each.unit) for each in shipped_min_flows()}
        return [MinFlow(name, EVERY, unit, quantity) for name, unit in sorted(every)]
    own = [limit for name in sorted(changed) for limit in _own(name, changed[name])]
    keys = {(each.carrier, each.material, each.unit) for each in own}
    kept = [
        each
        for each in shipped_min_flows()
        if (each.carrier, each.material, each.unit) not in keys
        # A carrier's own limit holds for all of its materials.
        and each.carrier not in changed
    ]
    return own + kept


def small_flows(flows: pd.DataFrame, limits: list[MinFlow]) -> np.ndarray:
    """Which flows are below their limit; shape (n,), bool.

    Without a limit, or without a quantity of 0 or more, a flow is not small.

    Parameters
    ----------
    flows
        Canonical flows.
    limits
        As :func:`choose_min_flows` gives them.
    """
    quantity = flows["quantity"].to_numpy(float)
    return (quantity >= 0) & (quantity < least_quantities(flows, limits))


def least_quantities(flows: pd.DataFrame, limits: list[MinFlow]) -> np.ndarray:
    """The limit of each flow in its own unit, 0 where it has none; shape (n,).

    Of a material its own limit counts, else that of its group, else that of its
    carrier.

    Parameters
    ----------
    flows
        ``carrier``, ``material`` and ``unit``.
    limits
        As :func:`choose_min_flows` gives them.
    """
    found = {(each.carrier, each.material, each.unit): each.quantity for each in limits}
    streams = flows[["carrier", "material", "unit"]].astype(object)
    kinds = streams.drop_duplicates()
    limit = {
        (carrier, material, unit): next(
            (
                found[carrier, name, unit]
                for name in _names(material)
                if (carrier, name, unit) in found
            ),
            0.0,
        )
        for carrier, material, unit in kinds.itertuples(index=False)
    }
    columns = (streams[name] for name in streams)
    return np.array([limit[key] for key in zip(*columns, strict=True)], float)


def _names(material: str | None) -> tuple[str, ...]:
    """Under which names the limit of a material may stand, the closest first."""
    known = materials().get(material)
    return (material, known.group, EVERY) if known else (material, EVERY)


def _own(name: str, quantity: object) -> list[MinFlow]:
    """The limits of one setting of the user."""
    number = _checked(name, quantity)
    shipped = shipped_min_flows()
    if name in CARRIERS:
        units = sorted({each.unit for each in shipped if each.carrier == name})
        return [MinFlow(name, EVERY, unit, number) for unit in units]
    concerned = {
        (each.carrier, each.unit)
        for code, each in materials().items()
        if name in (code, each.group)
    }
    if not concerned:
        raise RefusalError("flows.min_flow_unknown", name=name)
    return [MinFlow(carrier, name, unit, number) for carrier, unit in sorted(concerned)]


def _checked(name: str, quantity: object) -> float:
    number = isinstance(quantity, int | float) and not isinstance(quantity, bool)
    if not number or not 0 <= quantity < np.inf:
        raise RefusalError("messages.settings_value", name=name, value=str(quantity))
    return float(quantity)
