"""Which heat can serve which demand: as it is, or through a heat pump.

Notes
-----
Heat of a giver at ``T_g`` serves a receiver that asks for ``T_r`` when
``T_g - 5 K >= T_r``. Otherwise a heat pump lifts it, with half the coefficient of
performance of Carnot between ``T_c = T_g - 5 K`` and ``T_h = T_r``.

Only the two supply temperatures decide. Neglected are the return temperatures: a
receiver with a cold return could be preheated by heat that is too cold for its whole
demand, heat whose giver wants it back colder than the receiver's return can't all be
passed on, and a source that is cooled down gives a pump less than one that keeps its
temperature. Neglected as well: heat lost and pumping along a pipe, steam that must be
raised from water, and part load.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import months
from .quality import AS_IT_IS, HALF, TRANSFER, pairs_of

TEMPERATURE_DIFFERENCE = 5.0
"""Kelvin lost between giver and receiver (aanname)."""
CARNOT_SHARE = 0.5
"""Part of the ideal coefficient of performance that a heat pump reaches (aanname)."""
COP_MIN = 1.5
"""A pump that does worse is not proposed (aanname)."""
COP_MAX = 8.0
"""No pump does better, however small the lift (aanname)."""
SINK_MAX = 150.0
"""Hottest that a heat pump delivers, in °C (aanname)."""
FULL_SURPLUS = 20.0
"""Kelvin above what is needed from which the quality margin is 1 (aanname)."""
HEAT_PUMP = "heat_pump"
KELVIN = 273.15
KEYS = ("temperature_c", "profile")
"""What decides whether heat fits, of a giver and of a receiver."""

_ROUNDING = 1e-9


def coefficient_of_performance(
    giver_c: np.ndarray, receiver_c: np.ndarray
) -> np.ndarray:
    """Heat delivered per electricity of a pump, at most ``COP_MAX``, shape (m,).

    NaN where heat needs no pump, or where none can be proposed: below ``COP_MIN``,
    above ``SINK_MAX``, or a temperature is unknown.

    Parameters
    ----------
    giver_c, receiver_c : ndarray of float, shape (m,)
        Temperature that is given and temperature that is asked for, in °C.

    Examples
    --------
    >>> coefficient_of_performance(np.array([30.0, 90.0]), np.array([70.0, 70.0]))
    array([3.81277778,        nan])
    """
    giver_c, receiver_c = np.asarray(giver_c, float), np.asarray(receiver_c, float)
    lift = receiver_c - (giver_c - TEMPERATURE_DIFFERENCE)
    with np.errstate(divide="ignore", invalid="ignore"):
        cop = CARNOT_SHARE * (receiver_c + KELVIN) / lift
    able = (
        np.isfinite(lift)
        & (lift > _ROUNDING)
        & (receiver_c <= SINK_MAX)
        & (cop >= COP_MIN - _ROUNDING)
    )
    return np.where(able, np.minimum(cop, COP_MAX), np.nan)


def transfer(giver_c: np.ndarray, receiver_c: np.ndarray) -> pd.DataFrame:
    """How heat gets from givers to receivers, pair by pair.

    Parameters
    ----------
    giver_c, receiver_c : ndarray of float, shape (m,)
        Temperature that is given and temperature that is asked for, in °C.

    Returns
    -------
    DataFrame
        ``compatible`` and the columns of :data:`.quality.TRANSFER`, m rows. Delivered
        heat is ``COP / (COP - 1)`` times what is taken from the giver, with
        ``1000 / COP`` kWh of electricity per MWh delivered. The margin of heat that
        serves as it is rises from 0.5 to 1 with ``FULL_SURPLUS``, that of a pump from
        0 to 0.5 with its COP.
    """
    giver_c, receiver_c = np.asarray(giver_c, float), np.asarray(receiver_c, float)
    surplus = giver_c - TEMPERATURE_DIFFERENCE - receiver_c
    direct = np.isfinite(surplus) & (surplus >= -_ROUNDING)
    cop = coefficient_of_performance(giver_c, receiver_c)
    pumped = ~np.isnan(cop)
    spare = np.clip(surplus / FULL_SURPLUS, 0, 1)
    ease = (cop - COP_MIN) / (COP_MAX - COP_MIN)
    columns = {
        "treatment": np.where(pumped, HEAT_PUMP, AS_IT_IS).astype(object),
        "yield": np.where(pumped, cop / (cop - 1), 1.0),
        "electricity_kwh": np.where(pumped, 1000 / cop, 0.0),
        "heat_mwh": 0.0,
        "reject": "",
        "reject_per_unit": 0.0,
        "margin": np.where(pumped, HALF * ease, HALF + HALF * spare),
    }
    table = pd.DataFrame(columns, columns=list(TRANSFER))
    table.insert(0, "compatible", direct | pumped)
    return table


def serves(givers: pd.DataFrame, receivers: pd.DataFrame) -> pd.DataFrame:
    """Which kinds of supply can serve which kinds of demand.

    Parameters
    ----------
    givers, receivers
        Distinct combinations of :data:`KEYS`.

    Returns
    -------
    DataFrame
        ``giver`` and ``receiver`` (row numbers, sorted), the columns of
        :data:`.quality.TRANSFER`, and ``overlap``, see :func:`.months.overlap`.
    """
    giver, receiver = pairs_of(len(givers), len(receivers))
    table = transfer(
        givers["temperature_c"].to_numpy(float)[giver],
        receivers["temperature_c"].to_numpy(float)[receiver],
    )
    given = months.profile_codes(givers["profile"])[giver]
    asked = months.profile_codes(receivers["profile"])[receiver]
    table["overlap"] = months.overlap(given, asked)
    table.insert(0, "giver", giver)
    table.insert(1, "receiver", receiver)
    return table[table.pop("compatible")].reset_index(drop=True)
