"""How far the total of many estimates may be off.

Estimates that rest on one coefficient are wrong together: adding more firms does not
make their total surer.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..progress import Progress, silent
from .tables import ESTIMATED

LOW, HIGH = 0.05, 0.95
"""Which points of the distribution ``low`` and ``high`` are."""
NORMAL_POINT = 1.6448536269514722
"""The 95 % point of the standard normal distribution."""
FIRM_FACTOR = 2.0
"""A firm lies within this factor of its coefficient, 5 to 95 % (aanname)."""
FIRM_VARIANCE = np.expm1((np.log(FIRM_FACTOR) / NORMAL_POINT) ** 2)
"""Variance of a firm's own factor, which is lognormal with mean 1."""
SMALLEST_PART = 1e-3
"""A low of nothing counts as this part of the mode: logarithms know no zero."""
DRAWS = 1000
CELLS = 2000
"""Cells that are drawn in one go: some 16 MB for 1,000 draws."""


def total_interval(
    quantity: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    coefficient: np.ndarray,
    group: np.ndarray,
    own_factor: np.ndarray | bool = True,
    draws: int = DRAWS,
    seed: int = 1,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Totals of groups of flows with their 5 and 95 % points.

    A flow is ``quantity`` times the draw of its coefficient, which all flows with that
    coefficient share, times an own factor. The draw of a coefficient is a two-piece
    lognormal: 1 in the middle, ``low / quantity`` at 5 % and ``high / quantity`` at
    95 %, so that one flow's own points are its ``low`` and ``high`` exactly. This is
    how "a lognormal through the mode" is read here: the mode is the median. The own
    factor is lognormal with mean 1 and 5 to 95 % of it within a factor
    ``FIRM_FACTOR``; in large totals it averages out.

    Parameters
    ----------
    quantity, low, high : ndarray of float, shape (n,)
        Mode and 5 and 95 % points, in one unit, not below 0. NaN in ``low`` or
        ``high``: that side is certain. A negative sign is for what is taken off.
    coefficient, group : ndarray, shape (n,)
        Id of the coefficient (see :func:`coefficient_ids`), and the group that a flow
        is added to.
    own_factor : ndarray of bool, shape (n,)
        Which flows are estimates of an actor, and not figures of its own.
    draws, seed
        Number of draws; the same seed gives the same intervals, whatever the order of
        the rows.

    Returns
    -------
    DataFrame
        ``group``, ``total`` (sum of the quantities), ``low``, ``high``; sorted.

    Notes
    -----
    Of a group's flows with one coefficient, the sum of the own factors is taken as one
    lognormal with the mean and variance of that sum (Fenton 1960, The sum of
    log-normal probability distributions in scatter transmission systems). Own factors
    are drawn per flow: a firm with two classes of water has one for each.
    """
    cells = _cells(quantity, low, high, coefficient, group, own_factor)
    shared = _draws(cells["coefficient"].nunique(), draws, seed)
    number = pd.factorize(cells["coefficient"], sort=True)[0]
    own = np.random.default_rng([seed, 1])
    names = cells["group"].unique()
    place = cells["group"].map({name: at for at, name in enumerate(names)}).to_numpy()
    points = np.zeros((len(names), 2))
    for start, end in _blocks(place):
        block = cells.iloc[start:end]
        sizes = block["quantity"].to_numpy()[:, None]
        drawn = sizes * _factors(block, shared[number[start:end]], own)
        firsts = np.flatnonzero(np.diff(place[start:end], prepend=-1))
        sums = np.add.reduceat(drawn, firsts, axis=0)
        found = np.quantile(sums, (LOW, HIGH), axis=1).T
        points[place[start] : place[start] + len(found)] = found
        progress(end / len(cells))
    totals = cells.groupby("group", sort=False)["quantity"].sum()
    return pd.DataFrame(
        {
            "group": names,
            "total": totals.to_numpy(),
            "low": points[:, 0],
            "high": points[:, 1],
        }
    )


def coefficient_ids(flows: pd.DataFrame) -> np.ndarray:
    """Which flows are wrong together, by an id per coefficient, shape (n,).

    An estimate of ours tells it in its ``flow_id``, behind the ``actor_id``. What
    firms report, and what others estimated, stands by itself.
    """
    pairs = zip(
        flows["flow_id"], flows["actor_id"], flows["basis"] == ESTIMATED, strict=True
    )
    return np.array(
        [
            flow[len(actor) + 1 :]
            if estimated and actor and flow.startswith(f"{actor}:")
            else f"={flow}"
            for flow, actor, estimated in pairs
        ],
        object,
    )


def _cells(quantity, low, high, coefficient, group, own_factor) -> pd.DataFrame:
    """Flows of one group, coefficient and width as one, sorted by content."""
    size = np.abs(quantity)
    # Of quantities beyond all numbers the square is infinite, and nothing is known.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        below = np.log(np.maximum(low / size, SMALLEST_PART))
        above = np.log(np.maximum(high / size, 1))
        square = np.square(quantity)
    rows = pd.DataFrame(
        {
            "group": group,
            "coefficient": coefficient,
            # Equal but for how they were rounded.
            "below": np.nan_to_num(np.minimum(below, 0)).round(9),
            "above": np.nan_to_num(above, posinf=0).round(9),
            "sign": np.sign(quantity),
            "quantity": quantity,
            "variance": np.where(own_factor, FIRM_VARIANCE * square, 0),
        }
    )
    keys = ["group", "coefficient", "below", "above", "sign"]
    cells = rows.groupby(keys, sort=True, as_index=False)[["quantity", "variance"]]
    return cells.sum()


def _draws(count: int, draws: int, seed: int) -> np.ndarray:
    """Standard normal draws, one row per coefficient."""
    rng = np.random.default_rng([seed, 0])
    return rng.standard_normal((count, draws), dtype=np.float32)


def _factors(cells: pd.DataFrame, shared: np.ndarray, own) -> np.ndarray:
    """What the quantity of each cell is multiplied with, in every draw."""
    below = -cells["below"].to_numpy()[:, None] / NORMAL_POINT
    above = cells["above"].to_numpy()[:, None] / NORMAL_POINT
    factors = np.exp(np.where(shared < 0, below, above) * shared)
    variance = cells["variance"].to_numpy()
    with np.errstate(invalid="ignore", over="ignore"):
        square = np.square(cells["quantity"].to_numpy())
        share = np.divide(variance, square, where=square > 0, out=np.zeros(len(square)))
    spread = np.sqrt(np.log1p(share))[:, None]
    drawn = own.standard_normal(shared.shape, dtype=np.float32)
    return factors * np.exp(spread * drawn - spread**2 / 2)


def _blocks(place: np.ndarray):
    """Bounds of runs of whole groups, of some ``CELLS`` cells each."""
    ends = np.append(np.flatnonzero(np.diff(place)) + 1, len(place))
    start = 0
    for at, end in enumerate(ends):
        last = at + 1 == len(ends)
        if end > start and (last or ends[at + 1] - start > CELLS):
            yield start, end
            start = end
