"""The interval of a mean over seeds, against scipy."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from nnsweep.statistics.mean import RESAMPLES, mean_interval


@pytest.mark.parametrize("seeds", [2, 5, 50])
def test_the_interval_is_that_of_scipy(seeds):
    random = np.random.default_rng(seeds)
    counts = random.integers(1, 80, size=seeds)
    sums = random.binomial(counts, 0.3) - random.binomial(counts, 0.1)

    def ratio(sums, counts, axis=-1):
        return sums.sum(axis=axis) / counts.sum(axis=axis)

    rng = np.random.default_rng(0)
    expected = bootstrap((sums, counts), ratio, paired=True, vectorized=True, n_resamples=RESAMPLES, rng=rng)
    found = mean_interval(sums, counts)
    assert found.mean == ratio(sums, counts)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval), rel=1e-12)


@pytest.mark.parametrize(
    ("sums", "counts", "mean"),
    [
        ([3], [10], 0.3),
        ([1, 2, 4], [10, 20, 40], 0.1),
        ([0, 0], [0, 0], np.nan),
        ([2, 0, 2], [4, 0, 4], 0.5),
    ],
    ids=["one seed", "equal means", "no trials", "a seed without trials"],
)
def test_an_interval_that_cannot_be_computed_is_not_a_number(sums, counts, mean):
    np.testing.assert_equal(mean_interval(np.array(sums), np.array(counts)), (mean, np.nan, np.nan))
