"""The joint test of many cells, against brute force, against scipy, and against an independent computation."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import binomtest, wilcoxon

from nnsweep.statistics.sign_flips import ENUMERATED, max_t, signed_ranks
from tests.helpers.forum_successes import successes


def by_brute_force(weights):
    """Step-down max-T over all flips, one flip and one cell at a time."""
    cells, seeds = weights.shape

    def statistic(cell, signs):
        square = sum(w * w for w in weights[cell])
        return abs(sum(s * w for s, w in zip(signs, weights[cell], strict=True))) / square**0.5 if square else 0.0

    observed = [statistic(cell, [1] * seeds) for cell in range(cells)]
    order = sorted(range(cells), key=lambda cell: -observed[cell])
    p, last = [1.0] * cells, 0.0
    for place, cell in enumerate(order):
        flips = list(product((-1, 1), repeat=seeds))
        reached = sum(max(statistic(c, f) for c in order[place:]) >= observed[cell] - 1e-9 for f in flips)
        last = max(last, reached / len(flips))
        p[cell] = last if any(weights[cell]) else 1.0
    return p


def test_all_flips_agree_with_brute_force():
    random = np.random.default_rng(3)
    for _ in range(20):
        weights = random.integers(-1, 2, size=(4, 7))
        assert max_t(weights).p == pytest.approx(by_brute_force(weights))


def test_one_cell_is_mcnemars_exact_test():
    weights = np.array([[1] * 10 + [-1] * 2 + [0] * 30])
    assert max_t(weights).p[0] == pytest.approx(binomtest(10, 12).pvalue)


def test_one_cell_of_ranks_is_wilcoxons_exact_test():
    gaps = np.array([[0.3, -0.1, 0.5, 0.7, -0.2, 1.1, 0.9, 0.4, 0.8, -0.6]])
    assert max_t(signed_ranks(gaps)).p[0] == pytest.approx(wilcoxon(gaps[0], method="exact").pvalue)


def test_equal_cells_need_no_correction():
    """84 copies of one cell are one question: Holm's correction would multiply by 84."""
    cell = np.array([1] * 9 + [-1] + [0] * 40)
    assert max_t(np.tile(cell, (84, 1))).p == pytest.approx([binomtest(9, 10).pvalue] * 84)


def test_random_flips_are_near_the_exact_value_and_say_how_near():
    weights = np.array([[1] * 18 + [-1] * 4])
    assert weights.shape[1] > ENUMERATED
    found = max_t(weights)
    assert abs(found.p[0] - binomtest(18, 22).pvalue) < 4 * found.error[0]
    assert found.error[0] < 0.001
    assert max_t(weights).p.tolist() == found.p.tolist()


def test_cells_without_a_difference_have_p_1():
    assert max_t(np.zeros((3, 20))).p.tolist() == [1.0, 1.0, 1.0]
    assert max_t(np.zeros((0, 20))).p.tolist() == []


def test_signed_ranks_treat_zeros_after_pratt_and_leave_gaps_out():
    gaps = np.array([[0.0, -0.5, 0.5, np.inf, np.nan]])
    assert signed_ranks(gaps).tolist() == [[0.0, -5.0, 5.0, 8.0, 0.0]]  # twice the ranks 1, 2.5, 2.5, 4


EXPECTED = [
    *((0.004, 6), (0.006, 5), (0.006, 6), (0.007, 5), (0.007, 6), (0.008, 3), (0.008, 5), (0.009, 3), (0.009, 4)),
    *((0.009, 6), (0.01, 2), (0.01, 3), (0.01, 4), (0.01, 5), (0.02, 4)),
]
"""Where 4 neurons of the forum's network differ from 2, computed independently with three generators."""


def test_the_forums_cells_in_which_four_neurons_differ_from_two():
    cells, table = successes("forum", ["hidden", "alpha", "epochs"])
    two, four = table[[c[0] == 2 for c in cells]], table[[c[0] == 4 for c in cells]]
    names = [(alpha, epochs) for hidden, alpha, epochs in cells if hidden == 2]
    p = max_t(four - two).p
    assert sorted(name for name, each in zip(names, p, strict=True) if each < 0.05) == EXPECTED
    ordered = np.sort(p)
    assert ordered[0] <= 0.003
    assert 0.039 < ordered[14] < 0.046
    assert 0.052 < ordered[15] < 0.059


@pytest.mark.slow
@pytest.mark.parametrize("dependence", [0.0, 0.9])
def test_the_chance_of_any_false_finding_is_at_most_5_percent(dependence):
    """1,000 sweeps of 30 cells and 40 seeds without any difference; cells that share their seeds' luck, or do not."""
    random = np.random.default_rng(7)
    repeats, cells, seeds = 1_000, 30, 40
    false = 0
    for _ in range(repeats):
        luck = random.normal(size=(2, 1, seeds))
        a, b = dependence**0.5 * luck + (1 - dependence) ** 0.5 * random.normal(size=(2, cells, seeds)) > 0.8
        false += max_t(b.astype(int) - a.astype(int), flips=1_000).p.min() < 0.05
    assert false / repeats <= 0.05 + 2 * (0.05 * 0.95 / repeats) ** 0.5
