"""The one door to a solver of linear programmes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

TOLERANCE = 1e-9
"""How far limits and prices may be off, in the units of a well scaled programme."""


class SolverError(RuntimeError):
    """The solver gave no optimum of a programme that has one."""


@dataclass(frozen=True)
class Program:
    r"""Minimise :math:`c^T x` with limits on rows and columns.

    Parameters
    ----------
    cost
        Shape (n,).
    matrix
        Sparse, shape (m, n).
    limit
        Shape (m,): most that the sum of a row may be.
    exact
        Shape (m,): rows whose sum must be their limit.
    least, most
        Shape (n,): bounds of the values; ``most`` may be infinite.
    """

    cost: np.ndarray
    matrix: sparse.csr_matrix
    limit: np.ndarray
    exact: np.ndarray
    least: np.ndarray
    most: np.ndarray


Solver = Callable[[Program], tuple[np.ndarray, np.ndarray]]
"""Gives an optimal vertex (n,) and the prices of the rows (m,): by how much the
optimal cost changes with a limit."""


def highs(program: Program) -> tuple[np.ndarray, np.ndarray]:
    """The default :data:`Solver`: HiGHS, as scipy brings it.

    Its dual simplex is quickest where all coefficients are equal, as in a transport
    problem; otherwise its interior point method with crossover is, up to thirty times.

    Raises
    ------
    SolverError
        When neither method ends well.
    """
    exact = program.exact
    limits = {
        "A_ub": program.matrix[~exact],
        "b_ub": program.limit[~exact],
        "A_eq": program.matrix[exact],
        "b_eq": program.limit[exact],
        "bounds": np.column_stack([program.least, program.most]),
    }
    options = {
        "primal_feasibility_tolerance": TOLERANCE,
        "dual_feasibility_tolerance": TOLERANCE,
    }
    methods = ["highs-ipm", "highs-ds"]
    if (program.matrix.data == 1).all():
        methods.reverse()
    for method in methods:
        found = linprog(program.cost, **limits, method=method, options=options)
        if found.status == 0:
            prices = np.empty(len(exact))
            prices[~exact] = found.ineqlin.marginals
            prices[exact] = found.eqlin.marginals
            return found.x, prices
    raise SolverError(found.message)
