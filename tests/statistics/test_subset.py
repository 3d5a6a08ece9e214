"""The set of cells that may be the best, against brute force and an independent computation, and its coverage."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import norm

from nnsweep.statistics import subset
from nnsweep.statistics.sign_flips import ROUNDING
from nnsweep.statistics.subset import best_set
from tests.helpers.forum_successes import successes


def everywhere(scores):
    return np.ones(scores.shape, dtype=bool)


def by_brute_force(scores, ended):
    """The p-value of each cell over all flips, one pair of cells at a time."""
    cells, seeds = scores.shape
    p = []
    for i in range(cells):

        def largest(signs, i=i):
            found = []
            for j in range(cells):
                gap = [(scores[j, s] - scores[i, s]) if ended[i, s] and ended[j, s] else 0 for s in range(seeds)]
                square = sum(g * g for g in gap)
                if square:
                    found.append(sum(f * g for f, g in zip(signs, gap, strict=True)) / square**0.5)
            return max(found, default=0.0)

        observed = largest([1] * seeds)
        flips = list(product((-1, 1), repeat=seeds))
        p.append(sum(largest(f) >= observed - 1e-9 for f in flips) / len(flips) if observed > 0 else 1.0)
    return p


@pytest.mark.parametrize("share", [1.0, 0.8])
def test_all_flips_agree_with_brute_force(share):
    random = np.random.default_rng(2)
    for _ in range(5):
        scores, ended = random.integers(0, 2, size=(4, 7)), random.random((4, 7)) < share
        ended[:, 0] = True
        assert best_set(scores, ended).p == pytest.approx(by_brute_force(scores, ended))


def test_a_clear_winner_stands_alone():
    scores = np.zeros((5, 30), dtype=int)
    scores[2] = 1
    assert best_set(scores, everywhere(scores)).stays.tolist() == [False, False, True, False, False]


def test_equal_cells_all_stay():
    scores = np.tile(np.arange(30) % 3 == 0, (6, 1)).astype(int)
    assert best_set(scores, everywhere(scores)).stays.all()


def test_a_cell_in_which_nothing_ended_leaves():
    scores = np.array([[1, 0, 1], [0, 0, 0]])
    assert best_set(scores, np.array([[True] * 3, [False] * 3])).stays.tolist() == [True, False]


def test_one_cell_is_the_best():
    assert best_set(np.array([[0, 0]]), np.ones((1, 2), dtype=bool)).stays.tolist() == [True]


def test_the_forums_cells_that_may_be_the_best():
    cells, table = successes("forum", ["alpha", "epochs", "hidden"])
    stays = best_set(table, everywhere(table)).stays
    assert len(cells) == 168
    assert stays.sum() == 60
    assert sum(cell[2] == 2 for cell, stay in zip(cells, stays, strict=True) if stay) == 1


def test_the_fixed_forums_cells_that_may_be_the_best():
    cells, table = successes("forum_fixes", ["case", "alpha", "hidden"])
    assert len(cells) == 198
    assert best_set(table, everywhere(table)).stays.sum() == 40


TRUTHS = {
    "equal cells, dependent": (np.full(20, 0.2), 0.3),
    "equal cells, independent": (np.full(20, 0.5), 0.0),
    "many near ties": (np.linspace(0.05, 0.5, 20), 0.3),
    "one clear winner": (np.array([0.9, *[0.6] * 9]), 0.3),
    "rare successes": (np.full(20, 0.02), 0.0),
}


@pytest.mark.slow
@pytest.mark.parametrize("truth", TRUTHS)
def test_the_best_cell_is_in_the_set_in_95_percent_of_sweeps(truth):
    """Successes of 50 seeds, dependent by a Gaussian copula; of equal cells the first is asked for."""
    rates, dependence = TRUTHS[truth]
    random = np.random.default_rng(11)
    repeats, held = 200, 0
    for _ in range(repeats):
        luck = random.normal(size=50) * dependence**0.5
        drawn = luck + random.normal(size=(len(rates), 50)) * (1 - dependence) ** 0.5
        scores = (drawn < norm.ppf(rates)[:, None]).astype(int)
        held += bool(best_set(scores, everywhere(scores), flips=1_000).stays[rates.argmax()])
    assert held / repeats >= 0.95 - 2 * (0.05 * 0.95 / repeats) ** 0.5


def test_many_cells_have_the_answers_that_all_pairs_give(monkeypatch):
    """Of cells that are much alike, groups leave out most; without groups, each cell is compared with all others."""
    random = np.random.default_rng(4)
    near = random.normal(size=(40, 25)).cumsum(axis=0) / 20  # of neighbours, the scores are alike
    scores = np.argsort(np.argsort((near + np.linspace(0, 1, 40)[:, None]).ravel())).reshape(near.shape)
    grouped = best_set(scores, np.ones(scores.shape, dtype=bool))
    monkeypatch.setattr(subset._Cells, "_reached", each_against_all)
    alone = best_set(scores, np.ones(scores.shape, dtype=bool))
    assert 0 < alone.stays.sum() < 40
    assert [each.tolist() for each in grouped] == [each.tolist() for each in alone]


def each_against_all(cells, asked, signs):
    sums, found = cells.scores @ signs, []
    for cell in asked:
        squares = np.square(cells.scores - cells.scores[cell]).sum(axis=1)
        with np.errstate(divide="ignore"):
            weights = np.where(squares > 0, 1 / np.sqrt(squares), 0.0)
        found.append(((sums - sums[cell]) * weights[:, None] >= cells.observed[cell] * ROUNDING).any(axis=0).sum())
    return np.array(found, dtype=float)
