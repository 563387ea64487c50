"""Weights from judgements by pairs."""

import pytest
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.pairwise import pairwise_weights
from kansenkaart.analysis.score_areas import choose_weights

HEAD = "criterion;a;b;c\n"


def test_consistent_judgements_give_the_weights_behind_them():
    found = pairwise_weights(HEAD + "a;1;2;4\nb;1/2;1;2\nc;1/4;1/2;1\n")
    assert found.weight.tolist() == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert found.weight.index.tolist() == ["a", "b", "c"]
    assert found.consistency == pytest.approx(0, abs=1e-9)


def test_empty_cells_are_the_mirror_image():
    whole = pairwise_weights(HEAD + "a;1;3;0,2\nb;1/3;1;1/7\nc;5;7;1\n")
    half = pairwise_weights(HEAD + "a;;3;\nb;;;\nc;5;7\n")
    assert half.weight.tolist() == pytest.approx(whole.weight.tolist())
    assert half.consistency == pytest.approx(whole.consistency)


def test_columns_in_another_order_mean_the_same():
    one = pairwise_weights(HEAD + "a;1;3;5\nb;;1;2\nc;;;1\n")
    other = pairwise_weights("criterion;c;a;b\nb;2;;1\na;5;1;3\nc;1;;\n")
    assert other.weight[["a", "b", "c"]].tolist() == pytest.approx(one.weight.tolist())


def test_judgements_in_a_circle_are_inconsistent():
    found = pairwise_weights(HEAD + "a;1;9;1/9\nb;;1;9\nc;;;1\n")
    assert found.consistency > 1
    assert found.weight.tolist() == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("", "square"),
        ("a;1;2;3\nb;;1;2\n", "square"),
        ("a;1;2;3\nb;;1;2\nd;;;1\n", "square"),
        ("a;1;2;3\na;;1;2\nc;;;1\n", "square"),
        ("a;1;2;\nb;;1;2\nc;;;1\n", "missing"),
        ("a;1;2;3\nb;2;1;2\nc;;;1\n", "contradicts"),
        ("a;2;2;3\nb;;1;2\nc;;;1\n", "contradicts"),
        ("a;1;nee;3\nb;;1;2\nc;;;1\n", "judgement"),
        ("a;1;0;3\nb;;1;2\nc;;;1\n", "judgement"),
        ("a;1;-2;3\nb;;1;2\nc;;;1\n", "judgement"),
        ("a;1;1/0;3\nb;;1;2\nc;;;1\n", "judgement"),
    ],
)
def test_refused_judgements(rows, problem):
    with pytest.raises(RefusalError) as refusal:
        pairwise_weights(HEAD + rows)
    assert refusal.value.key == f"scoring.pairwise_{problem}"
    assert refusal.value.sentence("nl")


def test_more_criteria_than_the_random_index_knows():
    names = [f"c{number}" for number in range(16)]
    rows = "\n".join(f"{name};" + ";".join("1" * 16) for name in names)
    with pytest.raises(RefusalError, match="16"):
        pairwise_weights("criterion;" + ";".join(names) + "\n" + rows)


def test_judgements_beat_the_file_whose_scales_and_stakeholders_hold():
    file = "criterion;Ann;Bob;worst;best\na;1;3;0;50\nb;1;1;;\n"
    found = choose_weights("basis", [], file, "criterion;a;b\na;1;4\nb;;1\n")
    assert found.weight.tolist() == pytest.approx([0.8, 0.2])
    assert found.scales == {"a": (0, 50)}
    assert found.stakeholders["Bob"].tolist() == pytest.approx([0.75, 0.25])
