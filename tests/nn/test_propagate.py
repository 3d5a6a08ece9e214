"""Random inputs through untrained layers, against integrals and against what multiplying weights by a number does."""

import numpy as np
import pytest

from nnsweep.nn import ACTIVATIONS, Initial
from nnsweep.nn.propagate import propagate
from nnsweep.questions.initialization.experiments import INITIALISATIONS

WIDTH = 1000
VARIANCES = {"deviation 1": 1.0, "deviation 0.01": 1e-4, "Xavier": 1 / WIDTH, "He": 2 / WIDTH}
FUNCTIONS = {
    "relu": lambda z: z * (z > 0),
    "relu_inclusive": lambda z: z * (z > 0),
    "leaky_relu": lambda z: np.where(z > 0, z, z / 10),
    "sigmoid": lambda z: (1 + np.tanh(z / 2)) / 2,
    "tanh": np.tanh,
    "step": lambda z: (z > 0) * 1.0,
    "identity": lambda z: z,
}
Z = np.linspace(-9, 9, 20_001)
DENSITY = np.exp(-(Z**2) / 2) / np.sqrt(2 * np.pi)


def mean_field(activation, variance, layers):
    """E[a²] layer by layer where layers are wide: z ~ N(0, n · Var w · E[a²] of the layer below), E[a²] = E[f(z)²]."""
    moments, moment = [], 1.0
    for _ in range(layers):
        z = Z * np.sqrt(WIDTH * variance * moment)
        moment = float(np.trapezoid(FUNCTIONS[activation](z) ** 2 * DENSITY, Z))
        moments.append(moment)
    return moments


def test_every_activation_and_initialisation_has_an_expectation():
    assert (FUNCTIONS.keys(), VARIANCES.keys()) == (ACTIVATIONS.keys(), INITIALISATIONS.keys())


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("name", VARIANCES)
def test_second_moments_are_those_of_wide_layers(activation, name):
    """At 1,000 units E[a²] of a layer strays from the integral by √(5 / 1000), 7 %, a layer, at most."""
    found = propagate(activation, INITIALISATIONS[name], samples=200, width=WIDTH, layers=3)
    expected = mean_field(activation, VARIANCES[name], 3)
    np.testing.assert_allclose((found**2).mean(axis=(1, 2)), expected, rtol=0.25)


def test_he_under_relu_and_xavier_under_identity_keep_the_second_moment_and_xavier_under_relu_halves_it():
    np.testing.assert_allclose(mean_field("relu", VARIANCES["He"], 5), 1.0, rtol=1e-3)
    np.testing.assert_allclose(mean_field("identity", VARIANCES["Xavier"], 5), 1.0, rtol=1e-3)
    np.testing.assert_allclose(mean_field("relu", VARIANCES["Xavier"], 5), 0.5 ** np.arange(1, 6), rtol=1e-3)


@pytest.mark.parametrize("activation", ["relu", "identity", "leaky_relu"])
def test_weights_a_hundred_times_as_large_multiply_layer_k_by_a_hundred_to_the_k(activation):
    """Because f(cz) = c f(z), and the weights are the same draws: initialisations differ by nothing else."""
    small, large = (propagate(activation, Initial("normal", {"std": std}), 30, 20, 4) for std in (0.01, 1.0))
    np.testing.assert_allclose(large, small * 100.0 ** np.arange(1, 5)[:, None, None], rtol=1e-9)


def test_all_activations_get_the_same_inputs_and_the_first_layer_the_same_weights():
    z = propagate("identity", Initial("xavier"), 30, 20, 1, seed=3)
    for activation in FUNCTIONS:
        found = propagate(activation, Initial("xavier"), 30, 20, 1, seed=3)
        np.testing.assert_allclose(found, FUNCTIONS[activation](z), rtol=1e-12)


def test_inputs_are_not_drawn_from_the_stream_of_the_weights():
    """Drawn from one stream, inputs and weights would be equal numbers, and units far from N(0, 1)."""
    z = propagate("identity", Initial("xavier"), WIDTH, WIDTH, 1)[0]
    assert abs(np.trace(z) / WIDTH) < 5 / np.sqrt(WIDTH)
