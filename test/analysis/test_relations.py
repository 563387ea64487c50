"""What cells say of each other, against numpy's ranks in floating point."""

import numpy as np
import pytest
from kansenkaart.analysis.relations import PRIME, Echelon, Relations


def cells(seed, count=12, blocks=14):
    """Which cell (row) holds which block (column); each block is in a cell."""
    rng = np.random.default_rng(seed)
    held = (rng.random((count, blocks)) < 0.3).astype(int)
    # Some cells are the sum of others.
    held[0] = np.clip(held[1] + held[2], 0, 1)
    held[3] = 1
    held[4] = 1 - held[5]
    return held


def echelon(held):
    return Echelon([np.flatnonzero(column).tolist() for column in held.T])


def signed(value):
    """A small whole number, from what it is modulo the prime."""
    return value if value < PRIME // 2 else value - PRIME


def spanned(rows, wanted):
    rank = np.linalg.matrix_rank
    return rank(np.vstack([*rows, wanted])) == rank(np.vstack(rows))


@pytest.mark.parametrize("seed", range(20))
def test_a_change_leaves_cells_and_what_follows_from_them(seed):
    held = cells(seed)
    change = echelon(held).change().astype(object)
    assert not any(held @ change % PRIME)
    blocks = np.eye(held.shape[1], dtype=int)
    for number, block in enumerate(blocks):
        assert (change[number] == 0) == spanned(held, block)
        for other in range(number):
            still = (change[number] + change[other]) % PRIME == 0
            assert still == spanned(held, block + blocks[other])


@pytest.mark.parametrize("seed", range(20))
def test_relations_are_all_sums_that_are_nothing(seed):
    held = cells(seed)
    rows = echelon(held).relations()
    filled = held.any(axis=1).sum()
    assert len(rows) == filled - np.linalg.matrix_rank(held)
    for row in rows:
        total = sum(value * held[cell].astype(object) for cell, value in row.items())
        assert not any(total % PRIME)
    matrix = np.zeros((len(rows), len(held)))
    for number, row in enumerate(rows):
        assert len(row) > 1
        for cell, value in row.items():
            # Small fractions become large numbers: two or three times is enough here.
            small = [n for n in range(1, 13) if abs(signed(value * n % PRIME)) < 100]
            matrix[number, cell] = signed(value * small[0] % PRIME) / small[0]
    assert not len(rows) or np.linalg.matrix_rank(matrix) == len(rows)


@pytest.mark.parametrize("seed", range(40))
def test_hidden_cells_that_can_be_computed_are_known(seed):
    held = cells(seed)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(held))[:6].tolist()
    relations = Relations(echelon(held).relations())
    for number, cell in enumerate(order, 1):
        relations.hide(cell)
        if number == 3:
            # A sum of cells as one more.
            relations.hide_sum(len(held), {order[0]: 1, order[1]: 1})
        shown = [row for each, row in enumerate(held) if each not in order[:number]]
        wanted = {each: held[each] for each in order[:number]}
        if number >= 3:
            wanted[len(held)] = held[order[0]] + held[order[1]]
        lonely = {
            relations.pivot[place]
            for place in relations.pivot
            if relations.number[place] == 1
        }
        for each, vector in wanted.items():
            if vector.any():
                assert (each in lonely) == spanned(shown, vector), (number, each)


def test_what_a_relation_gives():
    # 0 + 1 + 2 = 3.
    relations = Relations([{0: 1, 1: 1, 2: 1, 3: PRIME - 1}])
    relations.hide(0)
    relations.hide(3)
    (place,) = relations.news()
    assert relations.news() == []
    own = relations.known(place)
    assert {cell: signed(value) for cell, value in own.items()} == {0: 1, 3: -1}
    assert relations.published(place) == {1: True, 2: True}


def test_pairs_of_which_only_the_sum_is_known():
    # 0 + 2 = 3 and 1 - 2 = 4 give 0 + 1.
    first, second = {0: 1, 2: 1, 3: PRIME - 1}, {1: 1, 2: PRIME - 1, 4: PRIME - 1}
    relations = Relations([first, second])
    for cell in (0, 1, 2):
        relations.hide(cell)
    pairs = [relations.known_pairs(n, relations.known(n)) for n in relations.news()]
    assert pairs == [[], [{1: 1, 0: 1}]]
