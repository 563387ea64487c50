"""Weighted least squares against solvers of other kinds and a published example."""

import numpy as np
import pytest
from kansenkaart.analysis.flows.least_squares import Problem, adjust, contradictions
from scipy import sparse
from scipy.optimize import linprog, nnls

# Heat circuit of a steam turbine plant, t/h: the example of VDI 2048 part 1, Control
# and quality improvement of process data by means of correction calculation. The
# standard itself was not at hand. Measurements and correlations stand alike in the test
# of dvrlib (vdi2048_test) and in the User's Guide of OpenModelica (Data reconciliation,
# where one correlation is 0.39951); the results are those of dvrlib.
PLANT = {
    "FDKeI": (46.241, 0.800, 44.9644892064291),
    "FDKeII": (45.668, 0.790, 44.4179721417342),
    "SpI": (44.575, 0.535, 44.9259040471917),
    "SpII": (44.319, 0.532, 44.6670964499405),
    "V": (0.525, 0.105, 0.526347872422335),
    "HK": (69.978, 0.854, 70.553060829315),
    "A7": (10.364, 0.168, 10.3757829833265),
    "A6": (3.744, 0.058, 3.74540440603423),
    "A5": (4.391, 0.058, 4.39240440603423),
    "HDNK": (18.498, 0.205, 18.5135917953949),
}
"""Measured, half the width of the 95 % interval, reconciled."""
BALANCES = [
    {"FDKeI": 1, "FDKeII": 1, "SpI": -1, "SpII": -1, "V": 0.4},
    {"SpI": 1, "SpII": 1, "V": -1, "HK": -1, "A7": -1, "A6": -1, "A5": -1},
    {"A7": 1, "A6": 1, "A5": 1, "HDNK": -1},
]
CORRELATED = {("FDKeI", "FDKeII"): 0.2, ("SpI", "SpII"): 0.4}


def plain(sums, target, target_sd, value, own_sd, shared_sd=0.0, shared=None):
    """A problem from arrays; without shared errors unless they are given."""
    value = np.asarray(value, float)
    own_sd, shared_sd = (np.broadcast_to(x, value.shape) for x in (own_sd, shared_sd))
    shared = np.zeros(len(value), int) if shared is None else shared
    sums = sparse.csr_matrix(np.atleast_2d(np.asarray(sums, float)))
    target, target_sd = np.asarray(target, float), np.asarray(target_sd, float)
    return Problem(sums, target, target_sd, value, own_sd, shared_sd, shared)


def plant_by_program():
    """The plant through our solver; correlated errors as shared ones."""
    names = list(PLANT)
    spread = np.array([PLANT[name][1] for name in names]) / 1.96
    number, common = np.arange(len(names)), np.zeros(len(names))
    for pair, correlation in CORRELATED.items():
        places = [names.index(name) for name in pair]
        number[places] = places[0]
        common[places] = correlation
    sums = [[row.get(name, 0) for name in names] for row in BALANCES]
    value = [PLANT[name][0] for name in names]
    own, shared = spread * np.sqrt(1 - common), spread * np.sqrt(common)
    return adjust(plain(sums, np.zeros(3), np.zeros(3), value, own, shared, number))


def test_the_example_of_vdi_2048():
    expected = np.array([result for _, _, result in PLANT.values()])
    np.testing.assert_allclose(plant_by_program().value, expected, rtol=1e-6)


def test_what_stan_says_of_two_flows():
    """Equally unsure flows change alike, here by 5, and the less sure one changes more.

    Help of STAN, Data reconciliation (stan2web.net).
    """
    found = adjust(plain([[1, -1]], [0], [0], [100, 110], [5, 5]))
    assert found.value == pytest.approx([105, 105])
    found = adjust(plain([[1, -1]], [0], [0], [100, 110], [5, 10]))
    assert found.value == pytest.approx([102, 102])


def random_problem(seed, exact=True, shared=True):
    """Overlapping sums of values of very different sizes, true in a balanced system."""
    rng = np.random.default_rng(seed)
    n, k = rng.integers(2, 25), rng.integers(1, 7)
    sums = (rng.random((k, n)) < 0.5).astype(float)
    sums[:, 0] = 1
    value = rng.lognormal(0, 1.5, n)
    true = rng.lognormal(0, 2, n) * (rng.random(n) < 0.7)
    hard = rng.random(k) < 0.5 if exact else np.zeros(k, bool)
    off = rng.choice([1, 1, 0.2], k)
    target = sums @ true * np.where(hard, 1, off)
    target_sd = np.where(hard, 0, target * rng.choice([0.05, 0.3], k) + 0.01)
    own, common = value * rng.uniform(0.2, 2, n), value * rng.uniform(0, 1, n) * shared
    return plain(sums, target, target_sd, value, own, common, rng.integers(0, 3, n))


def as_least_squares(problem):
    """Matrix and right side of what is minimised, over values and shared errors."""
    n, count = len(problem.value), 3
    link = np.eye(count)[problem.shared] * (problem.shared_sd / problem.own_sd)[:, None]
    soft = problem.target_sd > 0
    sums = problem.sums.toarray()[soft] / problem.target_sd[soft, None]
    matrix = np.block(
        [
            [np.diag(1 / problem.own_sd), -link],
            [np.zeros((count, n)), np.eye(count)],
            [sums, np.zeros((len(sums), count))],
        ]
    )
    ends = (problem.target / np.where(soft, problem.target_sd, 1))[soft]
    return matrix, np.r_[problem.value / problem.own_sd, np.zeros(count), ends]


@pytest.mark.parametrize("seed", range(160))
def test_as_nonnegative_least_squares_has_it(seed):
    """Lawson and Hanson's active set; a shared error is a difference of two parts.

    It knows no exact sums: there they weigh a million times as much as all else.
    """
    problem = random_problem(seed, exact=seed % 4 > 1, shared=seed % 2)
    matrix, right = as_least_squares(problem)
    n, hard = len(problem.value), problem.target_sd == 0
    weight = 1e6 * np.abs(matrix).max()
    sums = np.pad(problem.sums.toarray()[hard], ((0, 0), (0, 3)))
    matrix = np.vstack([matrix, weight * sums])
    right = np.r_[right, weight * problem.target[hard]]
    expected = nnls(np.hstack([matrix, -matrix[:, n:]]), right, maxiter=10_000)[0][:n]
    found = adjust(problem).value
    size = max(expected.max(), problem.target.max())
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6 * size)
    off = problem.sums[hard] @ found - problem.target[hard]
    assert np.abs(off).max(initial=0) < 1e-9 * size
    assert found.min() >= 0


@pytest.mark.parametrize("seed", range(100, 160))
def test_no_step_along_the_exact_sums_is_better(seed):
    """The best direction of a linear program leads nowhere (Frank and Wolfe)."""
    problem = random_problem(seed, shared=0)
    hard = problem.target_sd == 0
    matrix, right = as_least_squares(problem)
    n = len(problem.value)
    found = adjust(problem).value
    slope = 2 * matrix[:, :n].T @ (matrix[:, :n] @ found - right)
    box = 10 * max(found.max(), problem.value.max())
    sums = problem.sums.toarray()[hard]
    least = linprog(
        slope, A_eq=sums if len(sums) else None,
        b_eq=sums @ found if len(sums) else None, bounds=(0, box),
    )  # fmt: skip
    height = ((matrix[:, :n] @ found - right) ** 2).sum()
    assert slope @ found - least.fun < 1e-5 * max(height, 1)


def test_values_that_are_pressed_to_nothing():
    """A whole and its two halves, all exact: what lies in neither half becomes 0."""
    sums = [[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [0, 0, 1, 1, 0]]
    value = [10, 30, 20, 20, 500]
    found = adjust(plain(sums, [100, 40, 60], [0, 0, 0], value, value)).value
    assert found[4] == pytest.approx(0, abs=1e-6)
    assert found[:2].sum() == pytest.approx(40)
    assert found[2:4] == pytest.approx([30, 30])


def test_an_exact_sum_of_nothing_and_one_told_twice():
    sums = [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
    found = adjust(plain(sums, [0, 0, 4], [0, 0, 0], [5, 9, 3], [1, 2, 1])).value
    np.testing.assert_allclose(found, [0, 0, 4], atol=1e-8)


def test_values_of_one_coefficient_change_in_the_same_ratio():
    value = np.array([1.0, 10.0, 100.0, 1000.0])
    wanted = [2 * value.sum()]
    found = adjust(plain([np.ones(4)], wanted, [0], value, 1e-3 * value, value))
    np.testing.assert_allclose(found.value / value, 2, rtol=1e-3)
    alone = adjust(plain([np.ones(4)], wanted, [0], value, value))
    assert alone.value[3] / alone.value[0] > 1000


def test_which_exact_sums_contradict():
    sums = sparse.csr_matrix(np.array(
        [[1, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 1, 0]], float
    ))  # fmt: skip
    assert contradictions(sums, [10, 4, 7, 7, 6]) == []
    assert contradictions(sums, [10, 12, 7, 7, 6]) == [[0, 1]]
    assert contradictions(sums, [10, 4, 7, 8, 5]) == [[0, 1, 4], [2, 3]]
    assert contradictions(sums, [0, 1e-3, 7, 7, 0]) == [[0, 1]]
    assert contradictions(sums[:0], np.empty(0)) == []


@pytest.mark.parametrize("seed", range(30))
def test_a_contradiction_is_one_and_as_small_as_can_be(seed):
    rng = np.random.default_rng(seed)
    sums = (rng.random((7, 6)) < 0.5).astype(float)
    target = rng.integers(0, 20, 7).astype(float)

    def possible(rows):
        rows = list(rows)
        if not rows:
            return True
        return linprog(np.zeros(6), A_eq=sums[rows], b_eq=target[rows]).status == 0

    found = contradictions(sparse.csr_matrix(sums), target)
    assert bool(found) != possible(range(7))
    for rows in found:
        assert not possible(rows)
        assert all(possible({*rows} - {row}) for row in rows)
    gone = {row for rows in found for row in rows}
    assert possible({*range(7)} - gone)
