"""Wilson's interval against SciPy and against published examples."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from nnsweep.statistics.intervals import wilson


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_every_count_of_up_to_50_agrees_with_scipy(confidence):
    for n in (1, 2, 7, 50):
        low, high = wilson(np.arange(n + 1), n, confidence)
        for k in range(n + 1):
            expected = binomtest(k, n).proportion_ci(confidence, method="wilson")
            assert (low[k], high[k]) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_newcombe_1998_table_1_method_3(successes, n, low, high):
    found = wilson(successes, n)
    assert (round(float(found[0]), 4), round(float(found[1]), 4)) == (low, high)


def test_the_ends_are_exact_and_no_trials_say_nothing():
    low, high = wilson([0, 9, 0], [9, 9, 0])
    assert low[0] == 0
    assert high[1] == 1
    assert np.isnan([low[2], high[2]]).all()
