"""What the best cell gives on seeds that did not choose it."""

import numpy as np
import pytest

from nnsweep.statistics.optimism import fresh_values


def test_of_equal_cells_the_luck_of_the_choice_is_taken_off():
    """100 cells of 50 seeds, all with a rate of 0.2: the best shows 0.36, fresh seeds would give 0.2."""
    random = np.random.default_rng(5)
    drawn = [(random.random((100, 50)) < 0.2).astype(float) for _ in range(40)]
    assert np.mean([each.mean(axis=1).max() for each in drawn]) > 0.33
    estimates = [fresh_values(each).mean() for each in drawn]
    assert np.mean(estimates) == pytest.approx(0.2, abs=4 * np.std(estimates) / 40**0.5)


def test_a_clear_winner_keeps_its_mean():
    scores = np.vstack([np.tile([1.0, 1.0, 1.0, 0.0], 10), np.zeros((9, 40))])
    assert fresh_values(scores).mean() == pytest.approx(0.75)


def test_another_number_of_the_chosen_cells_is_estimated():
    scores = np.vstack([np.ones(10), np.zeros(10)])
    assert fresh_values(scores, np.vstack([np.full(10, 7.0), np.full(10, 9.0)])).tolist() == [7.0] * 10


def test_missing_trials_have_no_say():
    scores = np.array([[1.0, np.nan, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]])
    assert fresh_values(scores).tolist() == pytest.approx([1.0, np.nan, 1.0, 1.0], nan_ok=True)


def test_one_seed_tells_nothing():
    assert np.isnan(fresh_values(np.ones((3, 1)))).all()
