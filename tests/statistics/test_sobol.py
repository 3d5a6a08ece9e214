"""Sobol indices against functions whose indices are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import qmc

from nnsweep.statistics.sobol import sampled_shares


def shares(function, axes, count=4096):
    both = qmc.Sobol(2 * axes, rng=np.random.default_rng(0)).random(count)
    first, second = both[:, :axes], both[:, axes:]

    def at(chosen):
        return function(np.where(np.isin(np.arange(axes), list(chosen)), second, first))

    return sampled_shares(at, axes)


def ishigami(points):
    """T. Ishigami and T. Homma, ISUMA 1990, with a = 7 and b = 0.1, of points of the unit cube."""
    x = np.pi * (2 * points - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def ishigami_shares():
    """V₁ = (1 + bπ⁴/5)² / 2, V₂ = a²/8, V₁₃ = 8b²π⁸/225."""
    one, two, pair = (1 + 0.1 * np.pi**4 / 5) ** 2 / 2, 49 / 8, 8 * 0.01 * np.pi**8 / 225
    return {key: part / (one + two + pair) for key, part in {(0,): one, (1,): two, (0, 2): pair}.items()}


def test_shares_are_those_of_the_ishigami_function():
    expected = dict.fromkeys(((0,), (1,), (2,), (0, 1), (0, 2), (1, 2)), 0.0) | ishigami_shares()
    assert shares(ishigami, 3) == pytest.approx(expected, abs=0.005)


def test_shares_of_a_sum_are_those_of_its_variances():
    found = shares(lambda points: points @ np.array([3.0, 1.0]), 2)
    assert found == pytest.approx({(0,): 0.9, (1,): 0.1, (0, 1): 0.0}, abs=0.005)


def test_exclusive_or_is_nothing_but_an_interaction():
    found = shares(lambda points: ((points > 0.5).sum(axis=1) == 1).astype(float), 2)
    assert found == pytest.approx({(0,): 0.0, (1,): 0.0, (0, 1): 1.0}, abs=0.02)


def test_pairs_are_of_the_axes_that_matter_most():
    found = shares(lambda points: points @ np.arange(8.0), 8, 256)
    assert {key for key in found if len(key) == 1} == {(axis,) for axis in range(8)}
    assert {axis for key in found if len(key) == 2 for axis in key} == {2, 3, 4, 5, 6, 7}


def test_what_does_not_vary_has_no_shares():
    assert shares(lambda points: np.ones(len(points)), 2) == {}
