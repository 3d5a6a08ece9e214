"""Activations and losses by their formulas, and where they are easily computed wrong."""

import numpy as np
import pytest

from nnsweep.nn import ACTIVATIONS, LOSSES, OUTPUTS

Z = np.array([-3.0, -1.0, -0.3, 0.2, 0.7, 2.5])


@pytest.mark.parametrize(("name", "expected"), [("relu", 0.0), ("leaky_relu", 0.1), ("relu_inclusive", 1.0)])
def test_the_branch_at_zero(name, expected):
    slope, a = np.empty(1), np.zeros(1)
    ACTIVATIONS[name].derivative(np.zeros(1), a, slope)
    assert slope == expected


def test_softmax_is_the_share_of_exponentials():
    z = np.array([[0.0, 1.0, -2.0], [700.0, 699.0, -700.0], [-5.0, -5.0, -5.0]])
    out = np.empty_like(z)
    OUTPUTS["softmax"].function(z, out)
    exact = np.exp(z.astype(np.longdouble)) / np.exp(z.astype(np.longdouble)).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(out, exact.astype(float), rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize("size", [1e4, 1e20, 1e308])
@pytest.mark.parametrize("z", [(0, 1), (-1, 1), (-1, 0), (-1.5, -1)])
def test_softmax_of_certainty_is_certain(z, size):
    """1e20 less 800 is 1e20: a bound that near is none."""
    out = np.empty(2)
    OUTPUTS["softmax"].function(np.array(z) * size, out)
    np.testing.assert_array_equal(out, [0, 1])


def test_sigmoid_is_the_logistic_function():
    out = np.empty_like(Z)
    ACTIVATIONS["sigmoid"].function(Z, out)
    np.testing.assert_allclose(out, 1 / (1 + np.exp(-Z)), rtol=1e-15)


@pytest.mark.parametrize("size", [1e4, 1e20, 8e307, 1.7e308])
@pytest.mark.parametrize(("name", "apart"), [("binary_cross_entropy", 1), ("categorical_cross_entropy", 2)])
def test_cross_entropy_of_certainty_is_finite(name, apart, size):
    """Nought where it is right; where it is wrong as far off as the logits are, or a float64 can tell."""
    z, right, wrong = np.array([-size, size]), np.array([0.0, 1.0]), np.array([1.0, 0.0])
    assert LOSSES[name].value(z, right, right).sum() == 0
    off = LOSSES[name].value(z, right, wrong)
    np.testing.assert_allclose(off.max(), min(apart * size, np.finfo(float).max), rtol=1e-15)
