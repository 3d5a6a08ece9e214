"""Evidence that may be looked at after every seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from nnsweep.statistics.e_values import e_value, e_value_of_mean, mean_interval_at_all_times, settled

counts = st.integers(0, 40)


def differences(gained, same, lost):
    return np.repeat([1.0, 0.0, -1.0], [gained, same, lost])


@given(counts, counts)
def test_it_is_the_integral_over_all_biases(gained, lost):
    n = gained + lost
    expected, _ = quad(lambda theta: 2.0**n * theta**gained * (1 - theta) ** lost, 0, 1, epsrel=1e-10)
    assert e_value(gained, lost) == pytest.approx(expected, rel=1e-6)
    assert e_value_of_mean(differences(gained, 7, lost), 0.0) == pytest.approx(expected, rel=1e-6)


@given(st.integers(0, 12))
def test_its_mean_under_a_fair_coin_is_one(n):
    from math import comb

    assert sum(comb(n, k) * e_value(k, n - k) for k in range(n + 1)) / 2**n == pytest.approx(1)


def test_many_pairs_do_not_overflow():
    assert np.isfinite(e_value(100_000, 0))
    assert np.isfinite(e_value_of_mean(differences(100_000, 100_000, 0), -0.5))


@given(counts, counts, counts)
def test_the_interval_holds_zero_unless_the_evidence_speaks_against_it(gained, same, lost):
    low, high = mean_interval_at_all_times(differences(gained, same, lost))
    assert -1 <= low <= high <= 1
    assert (low <= 0 <= high) == (e_value(gained, lost) < 20)


@pytest.mark.slow
@pytest.mark.parametrize("mean", [0.0, 0.3, -0.7])
def test_the_true_mean_is_left_out_in_5_percent_at_most(mean):
    """400 sequences of 300 skewed values, looked at after each tenth."""
    random = np.random.default_rng(4)
    missed = 0
    for _ in range(400):
        values = 2 * random.beta(1 + mean, 1 - mean, size=300) - 1
        missed += any(e_value_of_mean(values[:n], mean) >= 20 for n in range(10, len(values) + 1, 10))
    assert missed / 400 <= 0.05


def test_of_several_the_largest_must_be_the_number_of_hypotheses_times_larger():
    assert settled(np.array([50.0, 19.0, 3.0])).tolist() == [False, False, False]
    assert settled(np.array([20.0, 60.0, 40.0])).tolist() == [True, True, True]


@pytest.mark.slow
def test_looking_after_every_seed_is_wrong_in_5_percent_at_most():
    """2,000 comparisons without a difference, 2,000 seeds each, looked at after each seed."""
    random = np.random.default_rng(1)
    limits = _limits(2_001)
    wrong = 0
    for _ in range(2_000):
        disagree = random.random(2_000) < 0.3
        gained = np.cumsum(disagree & (random.random(2_000) < 0.5))
        n = np.cumsum(disagree)
        extreme = np.maximum(gained, n - gained)
        wrong += bool((extreme >= np.array(limits)[n]).any())
    assert wrong / 2_000 <= 0.05


def _limits(count):
    """For each n, the smallest larger count of n at which the evidence reaches 20; n + 1 where none does.

    It is never smaller than that of n - 1.
    """
    found = [1]
    for n in range(1, count):
        found.append(next((k for k in range(found[-1], n + 1) if e_value(k, n - k) >= 20), n + 1))
    return found


@pytest.mark.slow
def test_an_effect_twice_the_planned_one_is_found_with_less_than_seven_tenths_of_the_planned_seeds():
    from nnsweep.statistics.power import seeds_needed

    random = np.random.default_rng(2)
    for share, difference in ((0.3, 0.1), (0.4, 0.2), (0.3, 0.2)):
        planned = seeds_needed(round(500 * (share + difference)), round(500 * (share - difference)), 1_000)
        gained, lost = (share + 2 * difference) / 2, max(0.0, (share - 2 * difference) / 2)
        taken = [_stop(random, gained, lost, 4 * planned) for _ in range(400)]
        assert np.mean(taken) <= 0.7 * planned
        assert np.mean(np.array(taken) < 4 * planned) >= 0.8


def _stop(random, gained, lost, most):
    drawn = random.random(most)
    wins, losses = np.cumsum(drawn < gained), np.cumsum((drawn >= gained) & (drawn < gained + lost))
    return next((s + 1 for s in range(most) if e_value(int(wins[s]), int(losses[s])) >= 20), most)
