"""Work in threads: the same results, and an ear for the user."""

import threading
import time

import numpy as np
import pytest
import shapely
from kansenkaart.analysis.progress import CancelledError
from kansenkaart.analysis.threads import copies, in_pairs, in_threads, patiently


def test_results_come_in_the_order_of_the_items():
    def slowest_first(number):
        time.sleep((5 - number) / 100)
        return number

    assert in_threads(slowest_first, range(5)) == list(range(5))
    assert in_threads(slowest_first, []) == []


def test_an_error_is_raised_here():
    with pytest.raises(ZeroDivisionError):
        in_threads(lambda number: 1 / number, [1, 0, 2])
    with pytest.raises(ZeroDivisionError):
        patiently(lambda: 1 / 0, lambda: None)


def test_a_stop_does_not_wait_for_what_has_begun():
    begun, finish = threading.Event(), threading.Event()

    def work(_):
        begun.set()
        finish.wait(10)

    def stop(_done):
        begun.wait(10)
        raise CancelledError

    try:
        with pytest.raises(CancelledError):
            in_threads(work, range(1000), stop)
        assert not finish.is_set()
    finally:
        finish.set()


def test_progress_is_told_while_one_result_is_waited_for():
    told = threading.Event()
    heard = []

    def hear(done):
        heard.append(done)
        told.set()

    assert in_threads(lambda _: told.wait(10), [None], hear) == [True]
    assert heard[0] == 0


def test_what_is_done_patiently_is_done_to_its_end():
    finish, ended = threading.Event(), []

    def action():
        finish.wait(10)
        ended.append(True)

    def stop():
        finish.set()
        raise CancelledError

    with pytest.raises(CancelledError):
        patiently(action, stop)
    assert ended == [True]
    assert patiently(lambda: "result", lambda: None) == "result"


def test_pairs_of_shapes():
    rng = np.random.default_rng(1)
    discs = shapely.buffer(shapely.points(rng.random((500, 2)) * 4), 1)
    found = in_pairs(shapely.intersection, discs, discs[::-1])
    expected = shapely.intersection(discs, discs[::-1])
    assert shapely.equals_exact(found, expected, 0).all()
    assert len(in_pairs(shapely.intersection, discs[:0], discs[:0])) == 0


def test_copies_are_other_shapes_in_the_same_place():
    point = np.array([shapely.Point(1, 2)])
    (copy,) = copies(point)
    assert copy is not point[0]
    assert copy.equals(point[0])
