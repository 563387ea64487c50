"""The auction of very many pairs, against one linear programme."""

import numpy as np
import pytest
from kansenkaart.analysis.matching.auction import STEP, Offers, auction
from kansenkaart.analysis.progress import CancelledError, silent
from scipy import sparse
from scipy.optimize import linprog


def scene(seed, givers=80, receivers=60, spread=1.5):
    """Offers within reach of points in a square, with yields, and quantities."""
    rng = np.random.default_rng(seed)
    at, to = rng.random((givers, 2)), rng.random((receivers, 2))
    giver, receiver = np.nonzero(np.linalg.norm(at[:, None] - to, axis=2) < 0.4)
    gain = rng.choice([1.0, 0.9, 0.5, 1.3, 0.2], len(giver))
    value = gain * rng.uniform(0.8, 1, len(giver))
    quantities = (rng.lognormal(3, spread, size) for size in (givers, receivers))
    return Offers(giver, receiver, gain, value), *quantities


def most(offers, available, asked):
    """The highest value, by one programme over all pairs."""
    number = np.arange(len(offers.giver))
    rows = sparse.vstack(
        [
            sparse.csr_matrix((1.0 + 0 * offers.gain, (offers.giver, number)),
                              (len(available), len(number))),
            sparse.csr_matrix((offers.gain, (offers.receiver, number)),
                              (len(asked), len(number))),
        ]
    )  # fmt: skip
    limits = np.r_[available, asked]
    return -linprog(-offers.value, A_ub=rows, b_ub=limits, method="highs").fun


def checked(offers, available, asked):
    """Value found and value that the prices prove; all limits hold."""
    pairs, amounts, prices = auction(offers, available, asked, silent)
    assert (amounts > 0).all()
    assert len({*pairs}) == len(pairs)
    given = np.bincount(offers.giver[pairs], amounts, len(available))
    got = np.bincount(offers.receiver[pairs], amounts * offers.gain[pairs], len(asked))
    assert (given <= available * (1 + 1e-9)).all()
    assert (got <= asked * (1 + 1e-9)).all()
    some = asked > 0
    paid = np.where(some, prices, 0.0)
    earned = offers.value - offers.gain * paid[offers.receiver]
    best = np.zeros(len(available))
    use = some[offers.receiver]
    np.maximum.at(best, offers.giver[use], earned[use])
    room = np.bincount(offers.giver, asked[offers.receiver] / offers.gain,
                       len(available))  # fmt: skip
    bound = best @ np.minimum(available, room) + paid @ asked
    return amounts @ offers.value[pairs], bound


@pytest.mark.parametrize("seed", range(12))
def test_nearly_the_best(seed):
    offers, available, asked = scene(seed)
    found, bound = checked(offers, available, asked)
    best = most(offers, available, asked)
    assert found <= best * (1 + 1e-9)
    assert best <= bound * (1 + 1e-9)
    # The step is a part of the highest worth of a giver: some pairs are worth less.
    assert bound - found <= 3 * STEP * best


@pytest.mark.parametrize("seed", range(4))
def test_quantities_of_every_size(seed):
    offers, available, asked = scene(seed, spread=12)
    available[:3], asked[:3] = 1e15, [1e15, 1e-3, 0.0]
    available[3] = 0.0
    found, bound = checked(offers, available, asked)
    assert found <= bound
    assert bound - found <= 3 * STEP * bound


def test_nobody_offers():
    none = np.empty(0, int)
    offers = Offers(none, none, np.empty(0), np.empty(0))
    pairs, amounts, prices = auction(offers, np.ones(2), np.ones(3), silent)
    assert len(pairs) == len(amounts) == 0
    assert prices.tolist() == [0.0, 0.0, 0.0]


def test_it_can_be_stopped():
    def stop(_):
        raise CancelledError

    with pytest.raises(CancelledError):
        auction(*scene(1), stop)
