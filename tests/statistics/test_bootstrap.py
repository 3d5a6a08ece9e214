"""Bootstrap intervals: against scipy's, against all resamples of few values, and against published examples."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap, trim_mean

from nnsweep.statistics.bootstrap import CUTS, RESAMPLES, _weights, intervals
from nnsweep.tables.summary import describe

STATISTICS = {"median": np.median, "iqm": lambda values, axis: trim_mean(values, 0.25, axis=axis)}
MICE = [94, 197, 16, 38, 99, 141, 23]
"""Days that seven treated mice survived (Efron & Tibshirani 1993, table 2.1)."""


def interval(values, statistic):
    ordered = np.sort(np.asarray(values, dtype=float))
    low, high = intervals(ordered, np.array([0]), np.array([len(ordered)]), statistic)
    return float(low[0]), float(high[0])


def cuts_off(resampled, low, high, within):
    """Whether 2.5 % of resampled values lie below `low` and above `high`, but for so much."""
    slack = 1e-8 * np.ptp(resampled)
    below, at_most = (np.mean(resampled < low - slack), np.mean(resampled <= low + slack))
    above, at_least = (np.mean(resampled > high + slack), np.mean(resampled >= high - slack))
    return max(below, above) <= 0.025 + within and min(at_most, at_least) >= 0.025 - within


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("n", [2, 7, 20, 50])
def test_ends_are_where_those_of_scipy_are(statistic, n):
    values = np.random.default_rng(n).exponential(size=n)
    theirs = bootstrap(
        (values,), STATISTICS[statistic], n_resamples=20_000, method="percentile", rng=np.random.default_rng(5)
    ).bootstrap_distribution
    assert cuts_off(theirs, *interval(values, statistic), within=0.012)  # three standard errors of 1,999 resamples


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("values", [[1.0, 2.0], [3.0, 1.0, 7.0], [0.1, 0.1, 0.5, 0.9], [5.0, 1.0, 4.0, 2.0, 9.0]])
def test_ends_are_those_of_all_resamples(statistic, values):
    every = STATISTICS[statistic](np.array(list(product(values, repeat=len(values)))), axis=1)
    assert cuts_off(every, *interval(values, statistic), within=0.012)


def test_the_spread_of_the_resampled_median_is_that_published():
    """Efron & Tibshirani 1993, table 2.2: with infinitely many resamples, 37.83."""
    weights, times = _weights(7, CUTS["median"](7))
    drawn = np.repeat(np.sort(MICE) @ weights, times)
    assert drawn.std() == pytest.approx(37.83, rel=0.03)
    assert interval(MICE, "median") == (23.0, 141.0)


def test_the_interquartile_mean_of_a_published_example():
    """Wikipedia, Interquartile mean: of these twelve, (5 + 6 + 6 + 7 + 7 + 8) / 6 = 6.5; of nine odd numbers, 9."""
    assert describe([5, 8, 4, 38, 8, 6, 9, 7, 7, 3, 1, 6])[3] == 6.5
    assert describe([1, 3, 5, 7, 9, 11, 13, 15, 17])[3] == 9


def test_weights_are_what_is_left_of_each_resample():
    for n, cut in [(4, 1), (7, 3), (8, 3), (50, 12)]:
        weights, times = _weights(n, cut)
        assert weights.shape == (n, len(times))
        assert times.sum() == RESAMPLES
        assert (weights.sum(axis=0) == n - 2 * cut).all()


def test_cells_of_different_numbers_have_the_intervals_they_have_alone():
    parts = [np.sort(np.random.default_rng(n).normal(size=n)) for n in (9, 1, 4, 9, 0, *[6] * 130)]
    count = np.array([len(part) for part in parts])
    low, high = intervals(np.concatenate(parts), np.cumsum(count) - count, count, "iqm")
    for part, *ends in zip(parts, low, high, strict=True):
        expected = interval(part, "iqm") if len(part) > 1 else (np.nan, np.nan)
        np.testing.assert_array_equal(ends, expected)


@given(st.lists(st.floats(-1e300, 1e300), min_size=2, max_size=30), st.sampled_from(list(CUTS)), st.integers(-900, 900))
def test_ends_lie_among_the_values_of_whatever_size(values, statistic, power):
    scaled = [value * 2.0 ** -abs(power) for value in values]
    low, high = interval(scaled, statistic)
    assert min(scaled) <= low <= high <= max(scaled)


def test_equal_values_have_an_interval_of_no_width():
    assert interval([0.1] * 50, "iqm") == (0.1, 0.1)
    assert interval([1 / 3] * 7, "median") == (1 / 3, 1 / 3)
    assert interval([0.0] * 7, "median") == (0.0, 0.0)
