"""The power of McNemar's exact test: a published example, and every outcome of few pairs added up."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from scipy.stats import binomtest, norm, wilcoxon

from nnsweep.statistics.power import MOST_SEEDS, POWER, power, seeds_needed, seeds_needed_by_rank


def test_a_published_example():
    """G*Power 3.1's manual, McNemar: π₁₂ = 0.08, π₂₁ = 0.32, N = 50, α = 0.05 one-sided; power 0.839343.

    The manual counts one side only; two sides of 0.05 each add 10⁻⁶.
    """
    assert power(50, gained=0.32, lost=0.08, level=0.10) == pytest.approx(0.839343, abs=2e-5)


@pytest.mark.parametrize("pairs", [5, 6, 9, 14])
@pytest.mark.parametrize(("gained", "lost"), [(Fraction(1, 2), Fraction(1, 10)), (Fraction(9, 10), Fraction(1, 10))])
def test_power_is_the_sum_over_all_outcomes_that_the_test_finds(pairs, gained, lost):
    expected = sum(
        comb(pairs, b) * comb(pairs - b, c) * gained**b * lost**c * (1 - gained - lost) ** (pairs - b - c)
        for b in range(pairs + 1)
        for c in range(pairs + 1 - b)
        if b + c and binomtest(b, b + c).pvalue <= 0.05
    )
    assert power(pairs, float(gained), float(lost)) == pytest.approx(float(expected), abs=1e-12)


def test_six_pairs_that_all_disagree_are_the_fewest_that_prove_anything():
    """2 · 2⁻⁵ is above 5 %, 2 · 2⁻⁶ is not."""
    assert seeds_needed(gained=4, lost=0, pairs=4) == 6


@pytest.mark.parametrize(("gained", "lost", "pairs"), [(9, 1, 50), (1, 9, 50), (2, 0, 100), (11, 8, 30)])
def test_one_seed_fewer_would_not_do(gained, lost, pairs):
    found = seeds_needed(gained, lost, pairs)
    assert found is not None
    assert power(found, gained / pairs, lost / pairs) >= POWER > power(found - 1, gained / pairs, lost / pairs)


def test_no_difference_is_never_found_and_a_small_one_not_with_seeds_that_anybody_has():
    assert seeds_needed(5, 5, 50) is None
    assert seeds_needed(0, 0, 50) is None
    assert power(MOST_SEEDS, 501 / 2000, 499 / 2000) < POWER
    assert seeds_needed(501, 499, 2000) is None


def test_noether_s_number_gives_wilcoxon_s_test_the_power():
    """Normal differences with a mean of half their deviation: p = Φ(½ √2) = 0.7602, hence N = 38.6."""
    found = seeds_needed_by_rank(norm.ppf((np.arange(1000) + 0.5) / 1000) + 0.5)
    assert found == 39
    p = wilcoxon(np.random.default_rng(0).normal(0.5, 1, (2000, found)), axis=1).pvalue
    assert np.mean(p < 0.05) == pytest.approx(POWER, abs=0.06)


def test_noether_s_number_where_there_is_no_difference_or_hardly_a_pair():
    assert seeds_needed_by_rank(np.array([-1.0, 1.0, -2.0, 2.0])) is None
    assert seeds_needed_by_rank(np.array([1.0])) is None
    assert seeds_needed_by_rank(np.ones(3)) == 11  # (1.95996 + 0.84162)² / 3 · ¼ = 10.47
