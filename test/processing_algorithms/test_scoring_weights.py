"""Weights by rank order and by comparisons, against libraries and by definition."""

import random
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
import scoring_oracles as oracle
from bad_layers import one_sentence
from kansenkaart.analysis.texts import text
from pytest import approx
from scoring_scene import (
    by_criterion,
    pairwise_file,
    random_values,
    scored,
    weights_file,
)

pytestmark = pytest.mark.usefixtures("provider")
CLOSE = 1e-9


def close(expected):
    return approx(expected, abs=CLOSE, rel=0)


def by_ahpy(names, matrix):
    import ahpy

    pairs = {
        (names[i], names[j]): matrix[i][j]
        for i, j in combinations(range(len(names)), 2)
    }
    found = ahpy.Compare("c", pairs, precision=15, random_index="saaty")
    return [found.local_weights[name] for name in names], found.consistency_ratio


def by_pymcdm_pairwise(matrix):
    from pymcdm.weights.subjective import AHP

    found = AHP(matrix=np.array(matrix))
    return found().tolist(), found.get_cr()


def test_rank_order_centroid(tmp_path):
    order = {"k0": 3, "k1": 1, "k2": 5, "k3": 2, "k4": 4}
    file = weights_file(tmp_path / "weights.csv", order, "rank")
    outcome = scored(random_values(), WEIGHTS_FILE=file)
    expected = oracle.rank_order_centroid(order)
    for row in by_criterion(outcome, "weight").values():
        assert row == close(expected)


def saaty(size, seed, consistent=False):
    """Comparisons as people write them, and their numbers."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    matrix = [[Fraction(1)] * size for _ in range(size)]
    order = [chance.randint(1, 3) for _ in range(size)]
    for i, j in combinations(range(size), 2):
        value = Fraction(chance.randint(1, 9))
        value = 1 / value if chance.random() < 0.5 else value
        if consistent:
            value = Fraction(order[i], order[j])
        matrix[i][j], matrix[j][i] = value, 1 / value
    return matrix, [list(map(float, row)) for row in matrix]


def judged(values, names, cells, path, **more):
    file = pairwise_file(path / "pairwise.csv", names, cells)
    return scored(values, PAIRWISE=file, **more)


@pytest.mark.parametrize("size", (2, 3, 4, 5, 7, 9, 12, 15))
def test_pairwise_weights_agree_with_two_libraries(size, tmp_path):
    written, matrix = saaty(size, seed=size)
    names = [f"k{number}" for number in range(size)]
    cells = [list(map(str, row)) for row in written]
    outcome = judged(random_values(4, size), names, cells, tmp_path)
    ratio = outcome.results["CONSISTENCY_RATIO"]
    weights, index = oracle.pairwise(matrix)
    expected = {"ahpy": by_ahpy(names, matrix), "pymcdm": by_pymcdm_pairwise(matrix)}
    for row in by_criterion(outcome, "weight").values():
        assert row == close(dict(zip(names, weights, strict=True)))
        for library, (parts, _) in expected.items():
            assert row == close(dict(zip(names, parts, strict=True))), library
    if size == 2:
        assert ratio == close(0)
        return
    assert any(ratio == close(index / table[size]) for table in oracle.RANDOM_INDICES)
    # The libraries divide by other random indices; the consistency index is one.
    from pymcdm.weights.subjective import AHP

    assert expected["pymcdm"][1] * AHP.RI_M[size - 1] == close(index)
    assert expected["ahpy"][1] * oracle.SAATY_2005[size] == close(index)


def test_one_published_table_of_random_indices_holds_for_all_sizes(tmp_path):
    fits = dict.fromkeys(range(len(oracle.RANDOM_INDICES)), True)
    for size in range(3, 16):
        written, matrix = saaty(size, seed=100 + size)
        names = [f"k{number}" for number in range(size)]
        cells = [list(map(str, row)) for row in written]
        outcome = judged(random_values(2, size), names, cells, tmp_path)
        ratio, (_, index) = (
            outcome.results["CONSISTENCY_RATIO"], oracle.pairwise(matrix)
        )  # fmt: skip
        for number, table in enumerate(oracle.RANDOM_INDICES):
            fits[number] &= abs(ratio - index / table[size]) < CLOSE
    assert any(fits.values())


def test_consistent_comparisons_have_ratio_zero_and_no_warning(tmp_path):
    written, matrix = saaty(6, 3, consistent=True)
    names = [f"k{number}" for number in range(6)]
    cells = [list(map(str, row)) for row in written]
    outcome = judged(random_values(4, 6), names, cells, tmp_path)
    assert outcome.results["CONSISTENCY_RATIO"] == close(0)
    total = sum(row[0] for row in matrix)
    for row in by_criterion(outcome, "weight").values():
        assert list(row.values()) == close([line[0] / total for line in matrix])
    assert not complained(outcome)


def complained(outcome):
    """Whether the log says that comparisons contradict each other."""
    said = (
        text("scoring.inconsistent", language, ratio="", most="")
        for language in ("nl", "en")
    )
    return any(sentence.split(":")[0] in outcome.log for sentence in said)


def test_inconsistent_comparisons_are_warned_about_and_used(tmp_path):
    cells = [["1", "9", "1/9"], ["1/9", "1", "9"], ["9", "1/9", "1"]]
    outcome = judged(random_values(4, 3), ["k0", "k1", "k2"], cells, tmp_path)
    assert outcome.ok, outcome.log
    assert outcome.results["CONSISTENCY_RATIO"] > 0.1
    assert complained(outcome)
    ratio = f"{outcome.results['CONSISTENCY_RATIO']:.2f}"
    assert ratio in outcome.log.replace(",", "."), "the ratio is said"
    for row in by_criterion(outcome, "weight").values():
        assert list(row.values()) == close([1 / 3] * 3)


WRITTEN = {
    "upper half": [["1", "3", "5"], ["", "1", "2"], ["", "", "1"]],
    "lower half": [["1", "", ""], ["1/3", "1", ""], ["1/5", "1/2", "1"]],
    "mixed": [["1", "", "5"], ["1/3", "1", ""], ["", "1/2", "1"]],
    "blanks": [[" 1 ", " 3", "5 "], [" 1/3 ", "1", "2"], ["1 / 5", "0,5", "1,0"]],
    "decimals": [["1", "3", "5"], ["", "1.0", "2.0"], ["0.2", "0,5", "1"]],
}


@pytest.mark.parametrize("name", WRITTEN)
def test_comparisons_as_people_write_them(name, tmp_path):
    matrix = [[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]]
    outcome = judged(random_values(4, 3), ["k0", "k1", "k2"], WRITTEN[name], tmp_path)
    expected, _ = oracle.pairwise(matrix)
    for row in by_criterion(outcome, "weight").values():
        assert list(row.values()) == close(expected)


def test_rows_and_columns_of_comparisons_in_any_order(tmp_path):
    path = tmp_path / "pairwise.csv"
    path.write_text(
        "criterion;k2;k0;k1\nk1;2;1/3;1\nk0;5;1;3\nk2;1;1/5;1/2\n", encoding="utf-8"
    )
    outcome = scored(random_values(4, 3), PAIRWISE=str(path))
    expected, _ = oracle.pairwise([[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]])
    for row in by_criterion(outcome, "weight").values():
        assert row == close(dict(zip(("k0", "k1", "k2"), expected, strict=True)))


LARGE = [["1"] * 16 for _ in range(16)]
REFUSED = {
    "not square": ("criterion;k0;k1\nk0;1;2\n", ["k1"]),
    "one row too many": ("criterion;k0;k1\nk0;1;2\nk1;;1\nk2;;\n", ["k2"]),
    "unknown name": ("criterion;k0;Onzin\nk0;1;2\nOnzin;1/2;1\n", ["Onzin"]),
    "not reciprocal": ("criterion;k0;k1\nk0;1;3\nk1;3;1\n", ["k0", "k1"]),
    "negative": ("criterion;k0;k1\nk0;1;-3\nk1;;1\n", ["-3"]),
    "zero": ("criterion;k0;k1\nk0;1;0\nk1;;1\n", ["k0"]),
    "one by zero": ("criterion;k0;k1\nk0;1;1/0\nk1;;1\n", ["1/0"]),
    "no number": ("criterion;k0;k1\nk0;1;veel\nk1;;1\n", ["veel"]),
    "not finite": ("criterion;k0;k1\nk0;1;inf\nk1;;1\n", ["inf"]),
    "diagonal": ("criterion;k0;k1\nk0;2;3\nk1;1/3;1\n", ["k0"]),
    "a pair without comparison": ("criterion;k0;k1\nk0;1;\nk1;;1\n", ["k0", "k1"]),
    "row twice": ("criterion;k0;k1\nk0;1;3\nk0;1;3\n", ["k0"]),
    "column twice": ("criterion;k0;k0\nk0;1;3\nk1;1/3;1\n", []),
    "no criterion": ("naam;k0;k1\nk0;1;3\nk1;;1\n", []),
    "nothing": ("", []),
    "only a head": ("criterion;k0;k1\n", []),
}


@pytest.mark.parametrize("name", REFUSED)
def test_comparisons_that_make_no_sense(name, tmp_path):
    content, words = REFUSED[name]
    path = tmp_path / "pairwise.csv"
    path.write_text(content, encoding="utf-8")
    one_sentence(scored(random_values(4, 2), PAIRWISE=str(path)).refusal, *words)


def test_too_many_comparisons(tmp_path):
    names = [f"k{number}" for number in range(16)]
    outcome = judged(random_values(3, 16), names, LARGE, tmp_path)
    one_sentence(outcome.refusal, "15")


def test_a_file_of_comparisons_that_is_not_there(tmp_path):
    outcome = scored(random_values(4, 2), PAIRWISE=str(tmp_path / "weg.csv"))
    one_sentence(outcome.refusal)


def test_what_beats_what(tmp_path):
    values = random_values(4, 3)
    file = weights_file(tmp_path / "weights.csv", {"k1": 1, "k2": 1})
    pairs = pairwise_file(
        tmp_path / "pairwise.csv", ["k0", "k1"], [["1", "3"], ["1/3", "1"]]
    )
    used = {"WEIGHTS": ["k0", "1", "k2", "3"], "STRATEGY": "basis"}
    for more, expected in (
        ({}, {"k0": 0.25, "k2": 0.75}),
        ({"WEIGHTS_FILE": file}, {"k1": 0.5, "k2": 0.5}),
        ({"WEIGHTS_FILE": file, "PAIRWISE": pairs}, {"k0": 0.75, "k1": 0.25}),
    ):
        used |= more
        for row in by_criterion(scored(values, **used), "weight").values():
            assert row == close(expected)
