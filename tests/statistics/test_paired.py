"""Differences of pairs: the tests against published examples, the interval against its definition and its promise."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import binom, rankdata, wilcoxon

from nnsweep.statistics.paired import _root, mcnemar, signed_rank, signed_ranks


def test_two_surveys_of_agresti():
    """Categorical Data Analysis, table 10.1: 944 and 880 of 1,600 approve; 0.04, 95 % interval 0.021 to 0.059."""
    found = mcnemar(gained=150, lost=86, pairs=1600)
    assert found.difference == pytest.approx(0.04)
    assert (found.low, found.high) == pytest.approx((0.0214, 0.0586), abs=0.001)
    assert found.p == pytest.approx(2 * binom.cdf(86, 236, 0.5))


def test_children_before_and_after_a_transplantation():
    """Bentur et al. 2009, in Fagerland et al. 2014, table II: 1, 1, 7 and 12 of 21; exact p = 0.070."""
    found = mcnemar(gained=7, lost=1, pairs=21)
    assert round(found.p, 3) == 0.070
    assert found.low < 0 < found.high
    assert mcnemar(gained=1, lost=7, pairs=21)[:3] == pytest.approx((-6 / 21, -found.high, -found.low))


def test_maize_of_darwin():
    """Fisher 1935, chapter 3, and the example of Wilcoxon's test in scipy's reference: T = 24, p = 0.0413."""
    found = signed_rank(np.array([6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75], dtype=float))
    assert found.p == pytest.approx(0.041259765625)
    assert found.difference == 24
    assert found.low < 24 < found.high


@pytest.mark.parametrize(
    ("gained", "lost", "pairs"), [(7, 1, 21), (11, 0, 50), (0, 2, 100), (2, 13, 15), (50, 0, 50), (40, 10, 50)]
)
def test_the_interval_is_that_of_its_definition(gained, lost, pairs):
    """Fay & Lumbard 2021: quantiles of T (2B − 1), the larger of those with T's lower and upper distribution."""
    random, differing = np.random.default_rng(1), gained + lost

    def upper(one, other):
        found = []
        for a, b in ((differing, pairs - differing + 1), (differing + 1, pairs - differing)):
            share = random.beta(a, b, 200_000) if b else 1.0
            win = random.beta(one + 1, other, 200_000) if other else np.ones(200_000)
            found.append(np.quantile(share * (2 * win - 1), 0.975))
        return max(found)

    found = mcnemar(gained, lost, pairs)
    assert (found.low, found.high) == pytest.approx((-upper(lost, gained), upper(gained, lost)), abs=0.003)


def test_the_interval_holds_no_difference_exactly_where_the_test_finds_none():
    for gained in range(16):
        for lost in range(16 - gained):
            found = mcnemar(gained, lost, 15)
            assert (found.low < 0 < found.high) == (found.p > 0.05)
            assert -1 <= found.low <= found.difference <= found.high <= 1


@pytest.mark.parametrize(("gained", "lost"), [(0.1, 0.1), (0.4, 0.1), (0.05, 0.0), (0.6, 0.4), (0.02, 0.01)])
def test_the_interval_holds_the_true_difference_in_95_of_100_samples(gained, lost):
    """All samples of 12 pairs, with their probabilities."""
    held = 0.0
    for b in range(13):
        for c in range(13 - b):
            chance = binom.pmf(b, 12, gained) * binom.pmf(c, 12 - b, lost / (1 - gained))
            found = mcnemar(b, c, 12)
            held += chance * (found.low <= gained - lost <= found.high)
    assert held >= 0.95


def test_no_pairs_and_none_that_disagrees():
    assert np.isnan(mcnemar(0, 0, 0)).all()
    found = mcnemar(0, 0, 50)
    assert found == (0.0, pytest.approx(-(1 - 0.025 ** (1 / 50))), pytest.approx(1 - 0.025 ** (1 / 50)), 1.0)
    assert np.isnan(signed_rank(np.array([]))).all()


def enumerated(gap):
    """Flip the signs of the ranks in every way: twice the share of sums that lie as far out, or further."""
    ranks = np.where(gap == 0, 0, rankdata(np.abs(gap)))
    sums = np.array(list(product((0, 1), repeat=len(gap)))) @ ranks
    own = ranks[gap > 0].sum()
    return min(1.0, 2 * min((sums <= own).mean(), (sums >= own).mean()))


def test_many_cells_have_the_differences_that_each_has_alone():
    """Of few and many pairs, with and without ties and zeros; scipy's p-values of ties are exact for fewer pairs."""
    random = np.random.default_rng(0)
    plain = [random.normal(0.3, 1, n) for n in (1, 2, 13, 14, 50, 51, 14, 60)]
    few = [np.round(random.normal(0.3, 1, n), places) + 0.0 for n in (1, 2, 9, 14) for places in (0, 1)]
    many = [np.round(random.normal(0.1, 1, n), 1) + 0.0 for n in (51, 60)]
    gaps = [*plain, *few, *many, np.zeros(5), np.array([])]
    p = [*(wilcoxon(gap).pvalue for gap in plain), *map(enumerated, few)]
    p += [*(wilcoxon(gap, zero_method="pratt").pvalue for gap in many), 1.0, np.nan]
    found = signed_ranks(gaps)
    np.testing.assert_allclose([each.p for each in found], p, rtol=1e-12)
    for gap, each in zip(gaps, found, strict=True):
        np.testing.assert_equal(each[:3], signed_rank(gap)[:3])
        np.testing.assert_equal(each.difference, np.median(gap) if len(gap) else np.nan)


def test_an_infinite_difference_counts_by_its_rank():
    gap = np.array([1.0, 2.0, -0.5, 3.0, 4.0, 6.0, 7.0])
    wild = np.where(gap == 7, np.inf, gap)
    assert signed_rank(wild).p == signed_rank(gap).p
    assert signed_rank(wild).difference == 2.5


def test_the_end_of_the_interval_is_the_root_that_scipy_finds():
    """Of steep and flat functions, as they are for many and for few pairs."""
    for scale, place in product((0.5, 3, 50, 5_000), (-0.95, -0.2, 0.0, 0.3, 0.999)):
        calls = []

        def rising(end, scale=scale, place=place, calls=calls):
            calls.append(end)
            return float(np.tanh(scale * (end - place))) + (0.02 if end > place else -0.02)

        assert _root(rising, -1.0, 1.0) == pytest.approx(brentq(rising, -1, 1, xtol=1e-13), abs=1e-12)
        assert len(calls) < 200
