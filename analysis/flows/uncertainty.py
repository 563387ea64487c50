"""How far the total of many estimates may be off.

Estimates that rest on one coefficient are wrong together: adding more firms does not
make their total surer.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.special import ndtri

from ..progress import Progress, part, silent
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
AT_ONCE = 1000
"""Sums, and factors of coefficients, that are held at once: 8 MB for 1,000 draws."""
PART = ["group", "own", "sign"]
WIDTH = ["coefficient", "below", "above"]
CERTAIN = 0
"""Coefficient of what has no range: its draws make no difference."""


# Of quantities beyond all numbers nothing is known.
@np.errstate(divide="ignore", invalid="ignore", over="ignore")
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
    Given the draws of the coefficients, the flows of a group with own factors are
    independent lognormals, and their sum is taken as one lognormal with the mean and
    variance of that sum (Fenton 1960, The sum of log-normal probability distributions
    in scatter transmission systems): per draw, mean Σ q f and variance v Σ q² f², with
    q the quantities, f the draws of their coefficients and v ``FIRM_VARIANCE``. Own
    factors are per flow: a firm with two classes of water has one for each. Flows
    without own factor, and what is taken off, are sums apart.

    Draws are Latin hypercube samples (McKay, Beckman and Conover 1979, A comparison of
    three methods for selecting values of input variables): every coefficient takes the
    same evenly spread points of the normal distribution, in an order that follows from
    its id alone. So a total depends on the flows in its group and on nothing else.
    """
    cells = _cells(quantity, low, high, coefficient, group, own_factor)
    shuffled = _Shuffled(draws, seed)
    place, names = pd.factorize(cells["group"])
    points = np.zeros((len(names), 2))
    bounds = np.searchsorted(place, [*range(0, len(names), AT_ONCE), len(names)])
    for start, end in pairwise(bounds):
        told = part(progress, start / len(cells), end / len(cells))
        sums = _sums(cells.iloc[start:end], shuffled, told)
        # Hazen's points are those that the draws stand for.
        found = np.quantile(sums, (LOW, HIGH), axis=1, method="hazen").T
        points[place[start] : place[start] + len(found)] = found
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
    below = np.minimum(np.log(np.maximum(low / size, SMALLEST_PART)), 0)
    above = np.log(np.maximum(high / size, 1))
    # Equal but for how they were rounded.
    below = np.nan_to_num(below).round(9)
    above = np.nan_to_num(above, posinf=0).round(9)
    # An encoding that knows halves of characters too.
    ids = pd.util.hash_array(np.asarray(coefficient, object), "unicode_escape")
    rows = pd.DataFrame(
        {
            "group": group,
            "own": own_factor,
            "sign": np.sign(quantity),
            "coefficient": np.where(below == above, CERTAIN, ids),
            "below": below,
            "above": above,
            "quantity": quantity,
            "square": np.where(own_factor, np.square(quantity), 0),
        }
    )
    return rows.groupby([*PART, *WIDTH], as_index=False).sum()


class _Shuffled:
    """Points of the normal distribution, for each coefficient in an order of its own.

    Parameters
    ----------
    draws
        Number of points.
    seed
        The same seed gives the same orders.
    """

    def __init__(self, draws: int, seed: int):
        self.points = ndtri((np.arange(draws) + 0.5) / draws)
        self.bits = np.random.Philox(key=seed)
        self.start = self.bits.state
        self.generator = np.random.Generator(self.bits)

    def of(self, ids: np.ndarray, stream: int = 0) -> np.ndarray:
        """One row per id; ids of another stream have other orders."""
        found = np.tile(self.points, (len(ids), 1))
        for row, number in zip(found, ids, strict=True):
            # Philox has a stretch of numbers for every value of its counter.
            self.start["state"]["counter"][2:] = number, stream
            self.bits.state = self.start
            self.generator.shuffle(row)
        return found


def _sums(cells: pd.DataFrame, shuffled: _Shuffled, progress: Progress) -> np.ndarray:
    """Totals of whole groups in every draw, shape (groups, draws)."""
    place = _runs(cells[PART])
    heads = cells.iloc[_firsts(place)]
    mean, square = np.zeros((2, len(heads), len(shuffled.points)))
    # Numbered as they come, so that rare widths have their sums together.
    width = cells.groupby(WIDTH, sort=False).ngroup().to_numpy()
    order = np.argsort(width, kind="stable")
    bounds = np.searchsorted(width[order], range(0, width.max() + 1, AT_ONCE))
    for start, end in pairwise([*bounds, len(cells)]):
        some = order[start:end]
        _add(cells.iloc[some], place[some], shuffled, mean, square)
        progress(end / len(cells))
    own = heads["own"].to_numpy()
    taken_off = heads["sign"].to_numpy()[own] < 0
    normal = shuffled.of([0, 1], stream=1)[taken_off.astype(int)]
    mean[own] *= _own_factors(mean[own], square[own], normal)
    return np.add.reduceat(mean, _firsts(_runs(heads[["group"]])), axis=0)


def _runs(keys: pd.DataFrame) -> np.ndarray:
    """Numbers from 0 of runs of rows that are the same."""
    return np.cumsum(keys.ne(keys.shift()).any(axis=1).to_numpy()) - 1


def _firsts(runs: np.ndarray) -> np.ndarray:
    """Where runs begin."""
    return np.flatnonzero(np.diff(runs, prepend=-1))


def _add(cells: pd.DataFrame, place, shuffled: _Shuffled, mean, square) -> None:
    """Add cells, sorted by width, to sums of quantities and of their squares."""
    width = _runs(cells[WIDTH])
    factors = _factors(cells.iloc[_firsts(width)], shuffled)
    rows = slice(place.min(), place.max() + 1)
    shape = (rows.stop - rows.start, len(factors))
    for sums, name, power in ((mean, "quantity", 1), (square, "square", 2)):
        amounts = cells[name].to_numpy()
        some = amounts != 0
        if some.any():
            places = (place[some] - rows.start, width[some])
            sums[rows] += csr_array((amounts[some], places), shape) @ factors**power


def _factors(widths: pd.DataFrame, shuffled: _Shuffled) -> np.ndarray:
    """What coefficients are multiplied with, in every draw."""
    ids, number = np.unique(widths["coefficient"], return_inverse=True)
    normal = shuffled.of(ids)[number]
    below = -widths["below"].to_numpy()[:, None] / NORMAL_POINT
    above = widths["above"].to_numpy()[:, None] / NORMAL_POINT
    return np.exp(np.where(normal < 0, below, above) * normal)


def _own_factors(mean: np.ndarray, square: np.ndarray, normal: np.ndarray):
    """What sums of flows are multiplied with for the own factors in them."""
    # No sum is less sure than one flow, nor is one beyond all numbers.
    share = np.fmin(np.square(np.sqrt(square) / mean), 1)
    spread = np.sqrt(np.log1p(FIRM_VARIANCE * share))
    return np.exp(spread * (normal - spread / 2))
