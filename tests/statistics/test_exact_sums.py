"""Sums of rows are those of `math.fsum`, bit for bit."""

import math

import numpy as np
import pytest

from nnsweep.statistics.exact_sums import exact_sums

RANDOM = np.random.default_rng(0)
TINY = np.finfo(float).smallest_subnormal
ROWS = {
    "like metrics": RANDOM.random((500, 100)),
    "of all sizes": RANDOM.standard_normal((500, 30)) * 10.0 ** RANDOM.integers(-300, 300, (500, 30)),
    "that cancel": np.hstack([(found := RANDOM.standard_normal((500, 20)) * 1e12), -found, RANDOM.random((500, 1))]),
    "few digits": RANDOM.integers(0, 9, (500, 10)) / 8,
    "halfway": np.array([[1.0, 2.0**-53], [1.0, 3 * 2.0**-53], [2.0**53, 1.0], [1.0, 2.0**-53 + 2.0**-105]]),
    "halfway but for a little": np.array([[1.0, 2.0**-53, TINY], [1.0, 2.0**-53, -TINY], [-1.0, TINY, 1.0]]),
    "zeros": np.array([[0.0, -0.0], [-0.0, -0.0], [1.0, -1.0]]),
    "one": RANDOM.random((5, 1)),
    "none": np.zeros((3, 0)),
}


@pytest.mark.parametrize("name", ROWS)
def test_sums_are_exact_before_they_are_rounded(name):
    rows = ROWS[name]
    assert exact_sums(rows).tobytes() == np.array([math.fsum(row) for row in rows.tolist()]).tobytes()


def test_a_sum_beyond_float64_is_not_finite():
    rows = np.array([[1e308, 1e308], [1e308, -1e308], [1e308, np.inf]])
    assert np.isfinite(exact_sums(rows)).tolist() == [False, True, False]
