"""Ids as numbers: each once, and found among others."""

import numpy as np
import pytest

from nnsweep.trials.ids import KnownIds, distinct, places_among

HIGH = 2**64 - 1


def ids(*numbers):
    return np.array(numbers, dtype=np.uint64)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ((), []),
        ((7,), [7]),
        ((1, 2, HIGH), [1, 2, HIGH]),
        ((1, 1, 2, 2, 2), [1, 2]),
        ((HIGH, 0, HIGH, 0), [0, HIGH]),
        ((3, 2, 1), [1, 2, 3]),
    ],
)
def test_distinct_sorts_and_gives_each_once(given, found):
    before = ids(*given)
    assert distinct(before).tolist() == found
    assert before.tolist() == list(given)


def test_places_are_those_of_a_search_by_hand():
    known = ids(3, 8, 9, HIGH)
    asked = ids(9, 0, HIGH, 3, 10, 9)
    assert places_among(asked, known).tolist() == [2, -1, 3, 0, -1, 2]
    assert places_among(asked, ids()).tolist() == [-1] * 6
    assert places_among(ids(), known).tolist() == []


def test_known_ids_grow_by_those_that_are_new():
    known = KnownIds(ids(5, 1, 5))
    known.add(ids(9, 1, 0, 9))
    assert known.ids.tolist() == [0, 1, 5, 9]
