"""What an exchange would avoid: primary material, and greenhouse gas.

What the primary material would have cost, less what treatment, electricity and
transport cost. The factors lie in ``resources/matching/avoided.csv``.

Notes
-----
One unit that arrives replaces one unit of what the receiver asks for. What is told in
tonnes goes by lorry, all else through a pipe, whose pumping is neglected. What it takes
to treat a material is not known and not counted; of water, heat and CO2 it is.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from ..flows.tables import MATERIAL
from ..resources import read_csv

BOUNDS = ("co2_low", "co2", "co2_high")
BY_LORRY = "t/y"
"""Unit of what is driven."""
ELECTRICITY, HEAT, TRANSPORT = "electricity", "heat", "transport"


@cache
def factors() -> pd.DataFrame:
    """Tonnes of CO2 per unit, low, mode and high, by material; do not change them."""
    rows = pd.DataFrame(read_csv("matching", "avoided.csv")).set_index("material")
    return rows[list(BOUNDS)].astype(float)


def avoided(leads: pd.DataFrame) -> pd.DataFrame:
    """What leads would avoid per year.

    Parameters
    ----------
    leads
        ``carrier``, ``replaces``, ``unit``; ``available`` (what arrives, NaN where
        nobody knows), ``yield``, ``distance_m``, ``electricity_mwh`` and ``heat_mwh``
        (per year).

    Returns
    -------
    DataFrame
        ``avoided_primary_t``: NaN of what isn't told in tonnes; ``avoided_co2_t`` with
        ``_low`` and ``_high``: NaN where nobody knows the factor. All in tonnes. The
        low one takes the low factor for what is saved and the high ones for what it
        costs; the high one the other way round.
    """
    table = factors()
    saved = table.reindex(leads["replaces"]).to_numpy()
    arrives = leads["available"].to_numpy(float)
    lorry = (leads["unit"] == BY_LORRY).to_numpy()
    driven = arrives / leads["yield"].to_numpy(float) * leads["distance_m"] / 1000
    costs = {
        ELECTRICITY: 1000 * leads["electricity_mwh"].to_numpy(float),
        HEAT: leads["heat_mwh"].to_numpy(float),
        TRANSPORT: np.where(lorry, driven, 0.0),
    }
    net = [
        saved[:, bound] * arrives
        - sum(table.at[name, BOUNDS[2 - bound]] * much for name, much in costs.items())
        for bound in range(len(BOUNDS))
    ]
    material = (leads["carrier"] == MATERIAL).to_numpy() & lorry
    columns = {
        "avoided_primary_t": np.where(material, arrives, np.nan),
        "avoided_co2_t": net[1],
        "avoided_co2_t_low": net[0],
        "avoided_co2_t_high": net[2],
    }
    return pd.DataFrame(columns, leads.index)
