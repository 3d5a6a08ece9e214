"""A surrogate finds functions again that are known, and says how well."""

from __future__ import annotations

import numpy as np
import pytest

from nnsweep.statistics.surrogate import Prior, Surrogate, _loss_and_slope, cross_validated_r2
from tests.statistics.test_sobol import ishigami, ishigami_shares, shares


def smooth(axes):
    return np.zeros(axes, dtype=bool)


def test_the_shares_of_a_surrogate_of_the_ishigami_function_are_its_own():
    points = np.random.default_rng(1).random((200, 3))
    surrogate = Surrogate.fit(points, ishigami(points), smooth(3))
    found = shares(surrogate.predict, 3, 1024)
    assert {key: found[key] for key in ishigami_shares()} == pytest.approx(ishigami_shares(), abs=0.02)


def test_it_predicts_what_it_has_not_seen():
    random = np.random.default_rng(2)
    points, other = random.random((80, 2)), random.random((50, 2))
    values = points[:, 0] ** 2 + points[:, 1]
    found = Surrogate.fit(points, values, smooth(2)).predict(other)
    assert found == pytest.approx(other[:, 0] ** 2 + other[:, 1], abs=0.02)
    assert cross_validated_r2(points, values, smooth(2)) > 0.99


def test_categories_have_no_order():
    """Values 0, 2, 1 of three categories at 1/6, 3/6, 5/6: none is predicted from its neighbours."""
    points = np.repeat(np.array([[1 / 6], [3 / 6], [5 / 6]]), 10, axis=0)
    values = np.repeat([0.0, 2.0, 1.0], 10)
    found = Surrogate.fit(points, values, np.array([True])).predict(np.array([[1 / 6], [3 / 6], [5 / 6]]))
    assert found == pytest.approx([0, 2, 1], abs=0.01)


def test_noise_is_not_predicted():
    random = np.random.default_rng(3)
    found = [cross_validated_r2(random.random((20, 3)), random.standard_normal(20), smooth(3)) for _ in range(3)]
    assert max(found) < 0.4


def test_the_slope_is_that_of_the_loss():
    random = np.random.default_rng(4)
    points, y = random.random((15, 2)), random.standard_normal(15)
    categories = np.array([False, True])
    points[:, 1] = np.round(points[:, 1])
    apart = np.stack([np.abs(points[:, axis, None] - points[None, :, axis]) for axis in range(2)])
    at = np.array([-0.5, 0.3, -2.0])
    slope = _loss_and_slope(at, y, apart, categories, Prior.of(2))[1]
    for place in range(3):
        step = 1e-5 * (np.arange(3) == place)
        higher, lower = (_loss_and_slope(at + sign * step, y, apart, categories, Prior.of(2))[0] for sign in (1, -1))
        assert slope[place] == pytest.approx((higher - lower) / 2e-5, rel=1e-4)


def test_the_posterior_is_that_of_the_normal_distribution():
    """Rasmussen and Williams, equations 2.25 and 2.26, with the variance of the function that fits best."""
    random = np.random.default_rng(5)
    points, values, other = random.random((12, 2)), random.standard_normal(12), random.random((5, 2))
    found = Surrogate.fit(points, values, smooth(2))
    lengths, noise = np.exp(found.logs[:-1]), np.exp(found.logs[-1])

    def covariance(one, two):
        s = np.sqrt(5) * np.abs(one[:, None] - two[None]) / lengths
        return ((1 + s + s**2 / 3) * np.exp(-s)).prod(axis=2)

    whole = covariance(points, points) + noise * np.eye(12)
    y, across = values - values.mean(), covariance(other, points)
    mean = values.mean() + across @ np.linalg.solve(whole, y)
    variance = (y @ np.linalg.solve(whole, y) / 12) * (1 - (across * np.linalg.solve(whole, across.T).T).sum(axis=1))
    predicted, deviation = found.posterior(other)
    assert predicted == pytest.approx(mean) == found.predict(other)
    assert deviation == pytest.approx(np.sqrt(variance))
