"""A race rules out the best configuration in at most 5 % of all races, and most of the others soon."""

from math import tanh

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnsweep.statistics.race import SLOPES, End, Race, scores_of_ranks

CELLS, SEEDS = 20, 40


def equal(random):
    """All are alike, and seeds matter more than configurations do."""
    return random.normal(size=(CELLS, SEEDS)) + 3 * random.normal(size=SEEDS)


def slightly_better(random):
    """The first is better than the others by less than a race can see."""
    return equal(random) + 0.1 * (np.arange(CELLS) == 0)[:, None]


def skewed(random):
    return random.lognormal(sigma=2.0, size=(CELLS, SEEDS))


def half_fail(random):
    found = equal(random)
    found[random.random(found.shape) < 0.5] = np.nan
    return found


def in_pairs(random):
    """Each two configurations are almost one."""
    found = np.repeat(random.normal(size=(CELLS // 2, SEEDS)), 2, axis=0)
    return found + 1e-3 * random.normal(size=found.shape)


def successes(random):
    return (random.random((CELLS, SEEDS)) < 0.1).astype(float)


def frequent_successes(random):
    """Of all rates below a third, the one by which a race comes closest to its level."""
    return (random.random((CELLS, SEEDS)) < 0.3).astype(float)


def of_different_spread(random):
    return equal(random) * random.uniform(0.1, 3, size=(CELLS, 1))


def few_good_seeds(random):
    """Only some seeds let anything succeed, and the metric tells beforehand which configurations nearly do."""
    found = random.normal(size=(CELLS, SEEDS)) + 3 * random.normal(size=SEEDS)
    return np.where(found > 3, 1.0, 0.0) + 0.1 / (1 + np.exp(-found))


KINDS = [
    equal,
    slightly_better,
    skewed,
    half_fail,
    in_pairs,
    successes,
    frequent_successes,
    of_different_spread,
    few_good_seeds,
]
BY_SUCCESS = [successes, frequent_successes, few_good_seeds]


def run(values, of_ranks=True, sizes=None, level=0.05):
    """Race configurations of which larger values are better, with rounds as `racing` has them.

    By success it is 1 from 1 on, and the ranks of the values come second.
    """
    race, at, sizes = Race(*values.shape, level), 0, iter(sizes or ())
    while len(race.next):
        size = next(sizes, max(1, at // 10) if at else 3)
        part = values[race.next, at : at + size]
        ranks = scores_of_ranks(part)
        race.add(ranks if of_ranks else np.floor(part), ranks)
        at += size
    return race


def ruled_out(kind, races, seed=0):
    """Count the races that rule out the first configuration, which is as good as any other or better."""
    random = np.random.default_rng(seed)
    found = sum(run(kind(random), kind not in BY_SUCCESS).ends[0] is End.RULED_OUT for _ in range(races))
    print(f"{kind.__name__}: {races} races, {found} without the best")
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_the_best_is_rarely_ruled_out(kind):
    """10 races: 4 or more without the best happen once in 1,000 times if the chance is 5 %."""
    assert ruled_out(kind, 10) <= 3


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_best_is_ruled_out_in_5_percent_at_most(kind):
    """400 races: above 20 plus three standard errors would show that the chance is above 5 %."""
    assert ruled_out(kind, 400, seed=1) <= 20 + 3 * (400 * 0.05 * 0.95) ** 0.5


def test_evidence_is_the_mean_capital_of_bets():
    """Three configurations: at first both others are leaders, then the third alone, and another one for itself."""
    scores = np.array([[0.0, 0.5, 0.5], [0.5, 0.0, 1.0], [1.0, 1.0, np.nan]])
    # The mean scores are 0, 0.5, 1 after one seed, and 0.25, 0.25, 1 after two.
    leaders = [[[1, 2], [0, 2], [0, 1]], [[2], [2], [1]], [[2], [2], [0]]]
    capital = {stake: [1.0] * 3 for stake in SLOPES.tolist()}
    peak = [1.0] * 3
    for seed, opponents in zip(scores.T.tolist(), leaders, strict=True):
        for stake, own in capital.items():
            for i in range(3):
                gaps = [seed[j] - seed[i] for j in opponents[i]]
                own[i] *= 1 + sum(tanh(stake * gap) for gap in gaps if gap == gap) / len(gaps)
        means = [sum(own[i] for own in capital.values()) / len(capital) for i in range(3)]
        peak = list(map(max, peak, means))
    race = Race(3, 40)
    race.add(scores[:, :2])
    race.add(scores[:, 2:])
    assert race.evidence == pytest.approx(peak, rel=1e-12)
    assert race.seeds.tolist() == [3, 3, 3]


def test_one_in_twenty_leads_by_earlier_seeds():
    """Of 45 configurations, the last three lead after two seeds; one of these has the next one in its own place."""
    scores = np.linspace(0, 1, 45)[:, None] * np.ones((1, 3))
    race = Race(45, 40, level=1e-9)
    race.add(scores[:, :2])
    before = race._capital.copy()
    race.add(scores[:, 2:])
    grown = np.exp(race._capital - before)
    for cell, leaders in ((0, [44, 43, 42]), (43, [44, 42, 41])):
        gaps = [scores[leader, 0] - scores[cell, 0] for leader in leaders]
        factors = [1 + sum(tanh(stake * gap) for gap in gaps) / 3 for stake in SLOPES]
        assert grown[cell] == pytest.approx(factors)


def test_the_second_scores_decide_who_leads_among_equals():
    """Nothing succeeds with the first seed. With the next one the third succeeds, and bets against the others."""
    first, second = np.zeros((4, 1)), np.array([[0.0], [0.3], [1.0], [0.7]])
    race = Race(4, 40)
    race.add(first, second)
    race.add(np.array([[0.0], [1.0], [1.0], [0.0]]))
    mean = sum(1 + tanh(stake) for stake in SLOPES) / len(SLOPES)
    assert race.evidence == pytest.approx([mean, 1.0, 1.0, mean])
    alone = Race(4, 40)
    alone.add(first)
    alone.add(np.array([[0.0], [1.0], [1.0], [0.0]]))
    assert alone.evidence == pytest.approx([mean, 1.0, 1.0, 1.0])  # the first leads, and the second against it


def test_what_always_loses_is_ruled_out_soon_and_gets_no_more_seeds():
    values = np.vstack([np.ones((4, 30)), np.zeros((1, 30))])
    race = run(values, of_ranks=False)
    assert race.remaining.tolist() == [0, 1, 2, 3]
    # The capital grows by 1.76, 1.96 and 2.00 with each seed; the mean of the fifth powers is 25.9.
    assert race.seeds[4] == 5


def test_what_equals_the_leaders_is_kept():
    """z is 0. It stays below 3 with 98 % if √(N/n − 1) < 3 / 2.054, which is so from 0.319 of the seeds."""
    race = run(np.ones((5, 100)), of_ranks=False, sizes=[10, 10, 11, 1])
    assert race.seeds.tolist() == [32] * 5
    assert set(race.ends) == {End.KEPT}


def test_leaders_go_on_while_another_is_open():
    """Two are far better than two others, of which one is worse by little: the best two get as many seeds as it."""
    random = np.random.default_rng(0)
    values = random.normal(size=(4, 60)) + np.array([3.0, 3.0, 1.8, 0.0])[:, None] + random.normal(size=60)
    race = run(values)
    assert race.ends[3] is End.RULED_OUT
    assert (race.seeds[:2] >= race.seeds[2:].max()).all()


def test_one_configuration_wins_alone():
    race = run(np.ones((1, 5)))
    assert race.remaining.tolist() == [0]
    assert race.seeds.tolist() == [3]


def test_what_never_ends_is_left_out():
    values = np.ones((3, 20))
    values[1] = np.nan
    race = run(values)
    assert race.ends[1] is End.NO_OUTCOME
    assert race.seeds[1] == 3
    assert race.remaining.tolist() == [0, 2]


@settings(max_examples=25)
@given(arrays(float, (6, 4), elements=st.sampled_from([np.nan, 0.0, 1.0, 2.5, -np.inf])))
def test_ranks_are_those_of_scipy(values):
    from scipy.stats import rankdata

    found = scores_of_ranks(values)
    for seed, ranks in zip(values.T, found.T, strict=True):
        there = ~np.isnan(seed)
        expected = (rankdata(seed[there]) - 1) / max(there.sum() - 1, 1)
        assert ranks[there] == pytest.approx(expected)
        assert np.isnan(ranks[~there]).all()
