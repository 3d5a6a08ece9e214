"""The best so far, counted by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from nnsweep.errors import NnsweepError
from nnsweep.questions.search.best_so_far import ORDERS, SEARCHES, _rank_of_best, best_so_far
from nnsweep.questions.search.repetitions import check_repetitions
from tests.helpers.searches import UNIT, searched

LOSSES = {0.1: 3.0, 0.2: 5.0, 0.3: 1.0, 0.4: 2.0}


def losses(alpha, seed):
    return LOSSES[alpha] + seed


def test_each_configuration_improves_the_best_or_does_not():
    found = best_so_far(searched([(a,) for a in LOSSES], {"alpha": UNIT}, losses, seeds=3, method="tpe"))
    assert found.table["trainings"].tolist() == [3, 6, 9, 12]
    assert found.table["value"].tolist() == [4.0, 4.0, 2.0, 2.0]  # medians of three seeds: one more
    assert (found.band, sorted(found.table)) == ("", ["trainings", "value"])


@pytest.mark.parametrize("count", [1, 2, 5, 6])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_the_band_is_over_all_orders(count, share):
    orders = np.array(list(permutations(range(count))))
    best = np.minimum.accumulate(orders, axis=1)
    expected = [np.quantile(column, share, method="inverted_cdf") for column in best.T]
    assert _rank_of_best(count, share).tolist() == expected


def test_a_search_that_learns_nothing_has_a_band():
    found = best_so_far(searched([(a,) for a in LOSSES], {"alpha": UNIT}, losses))
    assert found.band == ORDERS
    assert found.table["low"].tolist() == [1.0, 1.0, 1.0, 1.0]
    assert found.table["high"].tolist() == [5.0, 3.0, 2.0, 1.0]


def test_a_halving_counts_the_epochs_of_trainings_that_continue():
    """Four for 5 epochs, two go on to 20: 4·5 + 2·15 epochs of each of two seeds. More epochs come first."""
    rows = [(a, 5) for a in LOSSES] + [(0.3, 20), (0.1, 20)]
    found = best_so_far(
        searched(
            rows, {"alpha": UNIT, "epochs": None}, lambda alpha, epochs, seed: LOSSES[alpha] + epochs, 2, "halving"
        )
    )
    assert found.table["epochs"].tolist() == [10, 20, 30, 40, 70, 100]
    assert found.table["value"].tolist() == [8, 8, 6, 6, 21, 21]


def test_a_race_may_get_worse():
    """Until its third seed alpha = 0.1 leads by luck; then it ends, and the other has its own four seeds."""
    values = {0.1: [0, 0, 0], 0.2: [1, 1, 1, 1]}
    found = best_so_far(
        searched(
            [(0.1,), (0.2,)],
            {"alpha": UNIT},
            lambda alpha, seed: float(values[alpha][seed]) if seed < len(values[alpha]) else "missing",
            4,
            "racing",
        )
    )
    assert found.table["trainings"].tolist() == [6, 7]
    assert found.table["value"].tolist() == [0.0, 1.0]


def test_repetitions_lie_beside_each_other():
    one, two = (searched([(a,) for a in order], {"alpha": UNIT}, losses) for order in ((0.1, 0.3, 0.2), (0.2, 0.4)))
    found = best_so_far(one, [two])
    assert found.band == SEARCHES
    assert found.table["trainings"].tolist() == [1, 2]
    assert found.table["value"].tolist() == [4.0, 1.5]
    assert (found.table["low"].tolist(), found.table["high"].tolist()) == ([3.0, 1.0], [5.0, 2.0])


def test_repetitions_differ_in_the_seed_alone():
    text = 'name = "{}"\n[axes]\nalpha = {{ uniform = [0, {}] }}\n[search]\nmethod = "random"\nseed = {}\n'
    made = searched([(0.1,)], {"alpha": UNIT}, losses).sweep

    def sweep(name, end, seed):
        return replace(made, name=name, source=text.format(name, end, seed), search=replace(made.search, seed=seed))

    one = sweep("one", 1, 0)
    check_repetitions(one, [sweep("two", 1, 1)])
    with pytest.raises(NnsweepError) as raised:
        check_repetitions(one, [sweep("two", 2, 1)])
    assert str(raised.value) == (
        "two is no repetition of one: they differ in axes.alpha; allowed: searches that differ in the `seed` and the "
        "budget of [search] alone"
    )
    with pytest.raises(NnsweepError) as raised:
        check_repetitions(one, [sweep("two", 1, 0)])
    assert str(raised.value) == "one, two: two of these have the same `seed` in [search], so that they are one search"
    with pytest.raises(NnsweepError) as raised:
        check_repetitions(replace(one, search=None), [])
    assert str(raised.value) == "one: no search; allowed: sweeps with a [search]"
