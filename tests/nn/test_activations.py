"""Every activation against central differences, and for every size of its argument."""

import numpy as np
import pytest

from nnsweep.nn import ACTIVATIONS, LOSSES, OUTPUTS

Z = np.array([-3.0, -1.0, -0.3, 0.2, 0.7, 2.5])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_derivative_is_the_slope(name):
    def f(z):
        out = np.empty_like(z)
        ACTIVATIONS[name].function(z, out)
        return out

    h = 1e-6
    slope = np.empty_like(Z)
    ACTIVATIONS[name].derivative(Z, f(Z), slope)
    np.testing.assert_allclose(slope, (f(Z + h) - f(Z - h)) / (2 * h), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_the_lower_branch_at_zero(name):
    slope, a = np.empty(1), np.zeros(1)
    ACTIVATIONS[name].derivative(np.zeros(1), a, slope)
    assert slope == {"relu": 0.0, "leaky_relu": 0.1}[name]


@pytest.mark.parametrize("name", [*ACTIVATIONS, *OUTPUTS])
def test_no_argument_overflows(name):
    z = np.array([-1e308, -1000.0, 0.0, 1000.0, 1e308])
    a, slope = np.empty_like(z), np.empty_like(z)
    table = {**OUTPUTS, **ACTIVATIONS}[name]
    table.function(z, a)
    table.derivative(z, a, slope)
    assert np.isfinite(a).all()
    assert np.isfinite(slope).all()


def test_sigmoid_is_the_logistic_function():
    out = np.empty_like(Z)
    ACTIVATIONS["sigmoid"].function(Z, out)
    np.testing.assert_allclose(out, 1 / (1 + np.exp(-Z)), rtol=1e-15)


@pytest.mark.parametrize("name", LOSSES)
def test_delta_is_the_slope_of_the_loss(name):
    """∂loss/∂z by central differences; the straight-through delta is by definition no slope."""
    if name == "straight_through":
        return
    entry = LOSSES[name]
    t, h = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0]), 1e-6
    for output in entry.outputs:

        def y(z, output=output):
            out = np.empty_like(z)
            OUTPUTS[output].function(z, out)
            return out

        delta = y(Z) - t
        if entry.through_output:
            slope = np.empty_like(Z)
            OUTPUTS[output].derivative(Z, y(Z), slope)
            delta = delta * slope
        numeric = (entry.value(y(Z + h), t) - entry.value(y(Z - h), t)) / (2 * h)
        np.testing.assert_allclose(delta, numeric, rtol=1e-7, atol=1e-9)


def test_cross_entropy_of_certainty_is_finite():
    assert np.isfinite(LOSSES["binary_cross_entropy"].value(np.array([0.0, 1.0]), np.array([1.0, 0.0]))).all()
