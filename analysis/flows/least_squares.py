"""Weighted least squares with sums that are known, and nothing below zero.

What data reconciliation does (help of STAN, Data reconciliation, stan2web.net; User's
Guide of OpenModelica, which follows VDI 2048), with two things more: no value becomes
negative, and values that rest on one coefficient may err together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.linalg import splu

from ..progress import Progress, silent

ALMOST_EXACT = 1e-8
"""Variance with which an exact sum enters a step, as a part of that of its values."""
EXACT = 1e-12
"""How far from its target a sum may stay, as a part of its size."""
FAIR = 1e-4
"""Least part of the promised rise that a step must bring (Armijo)."""
SHORTEST = 1e-6
"""Shortest part of a step that is tried."""
STEPS, ROUNDS = 100, 50
"""Most steps of Newton's method, and of the method of multipliers."""
INFEASIBLE = 1e-7
"""From how much, as a part of the totals, exact sums are said to contradict."""


@dataclass(frozen=True)
class Problem:
    """Values to adjust, and the sums that they must or should make.

    Parameters
    ----------
    sums
        Sparse matrix, shape (k, n): how often each value counts in each sum.
    target, target_sd
        Shape (k,): what the sum should be, and its standard deviation; 0 = exactly.
    value, own_sd
        Shape (n,): value, and the standard deviation of its own error, above 0.
    shared_sd, shared
        Shape (n,): standard deviation of the error that a value shares with all
        values of the same number in ``shared`` (0, 1, …).
    """

    sums: sparse.csr_matrix
    target: np.ndarray
    target_sd: np.ndarray
    value: np.ndarray
    own_sd: np.ndarray
    shared_sd: np.ndarray
    shared: np.ndarray


@dataclass(frozen=True)
class Solution:
    """Adjusted values.

    Parameters
    ----------
    value
        Shape (n,), nowhere negative.
    pull
        Shape (k,): how hard each sum pulls at its values (multiplier); its sign is
        that of the change it asks for.
    sum_sd
        Shape (k,): standard deviation of the sums as the values give them, before.
    """

    value: np.ndarray
    pull: np.ndarray
    sum_sd: np.ndarray


def adjust(problem: Problem, progress: Progress = silent) -> Solution:
    r"""Adjust values to sums.

    Minimises :math:`\sum_i ((x_i - m_i - u_i f_{c(i)}) / \sigma_i)^2 + \sum_c f_c^2 +
    \sum_j ((a_j x - t_j) / \tau_j)^2` over :math:`x \ge 0` and the shared errors
    :math:`f`; a sum with :math:`\tau_j = 0` holds exactly. Without shared errors
    (:math:`u = 0`) these are the usual weighted least squares.

    The dual has one unknown per sum, and is concave with a gradient that is linear as
    long as the same values are zero: Newton's method ends after a few steps, each of
    which solves one system as large as the number of sums. An exact sum enters with a
    very small variance, whose effect the method of multipliers takes away.

    Parameters
    ----------
    problem
        Exact sums must be possible, see :func:`contradictions`.
    progress
        Called at every step.

    Returns
    -------
    Solution
    """
    dual = _Dual(problem)
    pull = np.zeros(len(problem.target))
    for _ in range(ROUNDS):
        dual.known = pull
        pull = _highest(dual, pull, progress)
        value = dual.at(pull).value
        if dual.exact_sums_hold(value):
            break
    # What is left of a value by rounding only is nothing.
    value = np.where(value > EXACT * np.abs(problem.value), value, 0.0)
    return Solution(value, pull, dual.sum_sd)


def _highest(dual: _Dual, pull: np.ndarray, progress: Progress) -> np.ndarray:
    """Where the dual is highest, by Newton's method."""
    point = dual.at(pull)
    for _ in range(STEPS):
        progress(0.0)
        left = dual.off(point.slope)
        if left <= EXACT:
            break
        step = dual.step(point)
        rise, part = point.slope @ step, 1.0
        reached = dual.at(pull + step)
        # Near the top heights are equal but for rounding, and slopes still tell.
        while (
            part > SHORTEST
            and reached.height < point.height + FAIR * part * rise
            and dual.off(reached.slope) > left / 2
        ):
            part /= 2
            reached = dual.at(pull + part * step)
        if part <= SHORTEST:  # as high as rounding allows
            break
        pull, point = pull + part * step, reached
    return pull


@dataclass(frozen=True)
class _Point:
    """The dual at some pulls: its height and slope, and the values that go with it."""

    value: np.ndarray
    height: float
    slope: np.ndarray


class _Dual:
    """The dual of a problem.

    Parameters
    ----------
    problem
        Its values and sums.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.sums = sparse.csr_matrix(problem.sums)
        self.back = self.sums.T.tocsr()
        self.variance = problem.own_sd**2
        rows = np.arange(len(problem.value))
        self.count = int(problem.shared.max(initial=-1)) + 1
        self.errors = sparse.csr_matrix(
            (problem.shared_sd, (rows, problem.shared)), shape=(len(rows), self.count)
        )
        own = self._covariance(np.ones(len(rows), bool)).diagonal()
        self.sum_sd = np.sqrt(own)
        self.exact = problem.target_sd == 0
        spread = np.where(own > 0, own, 1.0)
        self.slack = np.where(self.exact, ALMOST_EXACT * spread, problem.target_sd**2)
        self.scale = 1 / np.sqrt(spread + self.slack)
        self.size = np.maximum(np.abs(problem.target) * self.scale, 1.0)
        self.known = np.zeros(len(problem.target))

    def at(self, pull: np.ndarray) -> _Point:
        """The dual at some pulls."""
        problem = self.problem
        wish = self.back @ pull
        shared = self._shared_errors(wish)
        base = problem.value + self.errors @ shared
        value = np.maximum(base + self.variance * wish, 0.0)
        change = pull - np.where(self.exact, self.known, 0.0)
        slope = problem.target - self.sums @ value - self.slack * change
        height = (
            ((value - base) ** 2 / self.variance).sum() / 2
            + (shared**2).sum() / 2
            - wish @ value
            + problem.target @ pull
            - (self.slack * change**2).sum() / 2
        )
        return _Point(value, height, slope)

    def step(self, point: _Point) -> np.ndarray:
        """Newton's step: where the slope would be nothing if no value became zero."""
        matrix = self._covariance(point.value > 0) + sparse.diags(self.slack)
        scale = sparse.diags(self.scale)
        solver = splu((scale @ matrix @ scale).tocsc())
        return self.scale * solver.solve(self.scale * point.slope)

    def off(self, slope: np.ndarray) -> float:
        """How far sums are from their targets, as a part of their size, at most."""
        return np.max(np.abs(slope) * self.scale / self.size, initial=0.0)

    def exact_sums_hold(self, value: np.ndarray) -> bool:
        """Whether every exact sum is met."""
        left = np.where(self.exact, self.sums @ value - self.problem.target, 0.0)
        return self.off(left) <= 10 * EXACT

    def _covariance(self, free: np.ndarray) -> sparse.csr_matrix:
        """Covariance of the sums, of the values above zero."""
        own = self.sums @ sparse.diags(self.variance * free) @ self.back
        errors = self.sums @ sparse.diags(1.0 * free) @ self.errors
        return own + errors @ sparse.diags(1 / self._stiffness(free)) @ errors.T

    def _stiffness(self, free: np.ndarray) -> np.ndarray:
        """How strongly each shared error is held: values at zero don't follow it."""
        weights = np.where(free, 0.0, self.problem.shared_sd**2 / self.variance)
        return 1 + np.bincount(self.problem.shared, weights, self.count)

    def _shared_errors(self, wish: np.ndarray) -> np.ndarray:
        """The shared errors that go with what the sums wish of each value.

        Each is the zero of a rising function of straight pieces that bends down, on
        which Newton's method ends.
        """
        problem = self.problem
        shared = np.zeros(self.count)
        for _ in range(STEPS):
            base = problem.value + self.errors @ shared
            free = base + self.variance * wish > 0
            drive = np.where(free, wish, -problem.value / self.variance)
            moved = np.bincount(problem.shared, problem.shared_sd * drive, self.count)
            before, shared = shared, moved / self._stiffness(free)
            if np.allclose(before, shared, rtol=EXACT, atol=EXACT):
                break
        return shared


def contradictions(sums, target) -> list[list[int]]:
    """Sets of exact sums that no values of zero or more can make together.

    Each set is as small as can be: without any one of its sums it is possible. Once
    a set is found its sums are left out, and the rest is looked at.

    Parameters
    ----------
    sums
        Sparse matrix of 0 and 1, shape (k, n), of the values that may change.
    target
        Shape (k,), from 0.

    Returns
    -------
    list of list of int
        Places of the sums, those of a set from small to large.
    """
    blocks = _blocks(sparse.csr_matrix(sums))
    return sorted(_conflicts(blocks, np.asarray(target, float)))


def _conflicts(blocks, target) -> Iterator[list[int]]:
    left = list(range(len(target)))
    while suspects := _suspects(blocks, target, left):
        for each in [*suspects]:
            rest = [other for other in suspects if other != each]
            if _suspects(blocks, target, rest):
                suspects = rest
        yield sorted(suspects)
        left = [each for each in left if each not in suspects]


def _suspects(blocks, target, rows: list[int]) -> list[int]:
    """Sums that take part in a contradiction, more perhaps than need be."""
    if not rows:
        return []
    some, wanted, count = blocks[rows], target[rows] > 0, len(rows)
    weight = np.divide(1, target[rows], where=wanted, out=np.zeros(count))
    # No value can be above the smallest sum that it counts in: that is its unit.
    most = (sparse.diags(weight) @ some).max(axis=0).toarray().ravel()
    unit = np.divide(1, most, where=most > 0, out=np.ones(len(most)))
    parts = sparse.diags(weight) @ some @ sparse.diags(unit)
    parts += sparse.diags(1.0 * ~wanted) @ some
    missing = sparse.identity(count)
    matrix = sparse.hstack([parts, missing, -missing])
    cost = np.r_[np.zeros(some.shape[1]), np.ones(2 * count)]
    found = linprog(cost, A_eq=matrix, b_eq=1.0 * wanted, method="highs")
    if found.fun <= INFEASIBLE:
        return []
    marginal = np.abs(found.eqlin.marginals) > INFEASIBLE
    return [row for row, used in zip(rows, marginal, strict=True) if used]


def _blocks(sums: sparse.csr_matrix) -> sparse.csr_matrix:
    """One column for all values that count alike in every sum."""
    lots = np.random.default_rng(0).integers(1, 2**62, (sums.shape[0], 2))
    pattern = sparse.csr_matrix(sums.T, dtype=np.int64) @ lots
    _, first = np.unique(pattern, axis=0, return_index=True)
    return sums[:, np.sort(first)]
