"""Doubled ranks, against scipy."""

import numpy as np
import pytest
from scipy.stats import rankdata

from nnsweep.statistics.ranks import doubled_ranks


@pytest.mark.parametrize("values", [3, 10, 1_000_000], ids=["many ties", "ties", "no ties"])
def test_ranks_are_those_of_scipy(values):
    random = np.random.default_rng(values)
    rows = random.integers(values, size=(40, 23)).astype(float) - values / 2
    rows[random.random(rows.shape) < 0.2] = np.nan
    rows[random.random(rows.shape) < 0.1] = np.inf
    rows[random.random(rows.shape) < 0.1] = -0.0
    rows[7] = np.nan
    expected = np.nan_to_num(2 * rankdata(rows, axis=1, nan_policy="omit"))
    assert doubled_ranks(rows).tolist() == expected.tolist()


def test_no_rows_and_no_numbers():
    assert doubled_ranks(np.empty((0, 5))).shape == (0, 5)
    assert doubled_ranks(np.empty((2, 0))).shape == (2, 0)
