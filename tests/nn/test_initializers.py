"""Initial weights: the distributions by their moments, the orders of drawing by NumPy's calls written out."""

import numpy as np
import pytest
from numpy.random import RandomState

from nnsweep.nn import DRAWS, INITIALIZERS, Initial, Network, draw_parameters, stream
from nnsweep.nn.streams import WEIGHTS

OUTPUTS, INPUTS = 300, 200
OWN = {"low": -1.0, "high": 3.0, "std": 0.03}
MOMENTS = {  # mean, standard deviation, and excess kurtosis: −6/5 is uniform, 0 is normal
    "uniform": (1.0, 4 / np.sqrt(12), -1.2),
    "normal": (0.0, 0.03, 0.0),
    "xavier": (0.0, np.sqrt(1 / INPUTS), 0.0),
    "he": (0.0, np.sqrt(2 / INPUTS), 0.0),
    "fan_out": (0.0, np.sqrt(1 / OUTPUTS), 0.0),
}


def test_every_initializer_has_its_moments_here():
    assert INITIALIZERS.keys() == MOMENTS.keys()


@pytest.mark.parametrize("draws", DRAWS)
@pytest.mark.parametrize("init", INITIALIZERS)
def test_moments(init, draws):
    """Within five standard errors of 60,000 numbers."""
    initial = Initial(init, OWN, draws=draws)
    ((weights, biases),) = draw_parameters(Network((INPUTS, OUTPUTS)), initial, seed=1)
    mean, deviation, excess = MOMENTS[init]
    n, score = weights.size, (weights - mean) / deviation
    assert weights.shape == (OUTPUTS, INPUTS)
    assert abs(score.mean()) < 5 / np.sqrt(n)
    assert abs((score**2).mean() - 1) < 5 * np.sqrt((excess + 2) / n)
    assert abs((score**4).mean() - 3 - excess) < 5 * np.sqrt(96 / n)
    assert not biases.any()


@pytest.mark.parametrize("init", INITIALIZERS)
def test_biases_are_drawn_like_their_layers_weights(init):
    initial = Initial(init, OWN, biases=True)
    found = [draw_parameters(Network((INPUTS, OUTPUTS)), initial, seed)[0][1] for seed in range(100)]
    mean, deviation, _ = MOMENTS[init]
    score = (np.array(found) - mean) / deviation
    assert score.shape == (100, OUTPUTS)
    assert abs(score.mean()) < 5 / np.sqrt(score.size)
    assert abs(score.std() - 1) < 5 * np.sqrt(0.5 / score.size)


def default(biases):
    """Weights (O, I), then biases, layer by layer, from the seed's stream of weights."""
    random = stream(7, WEIGHTS)
    w1 = random.uniform(-0.5, 0.5, (3, 2))
    b1 = random.uniform(-0.5, 0.5, 3) if biases else np.zeros(3)
    w2 = random.uniform(-0.5, 0.5, (1, 3))
    b2 = random.uniform(-0.5, 0.5, 1) if biases else np.zeros(1)
    return w1, b1, w2, b2


def legacy(biases):
    random = RandomState(7)
    w1 = random.uniform(-0.5, 0.5, (3, 2))
    b1 = random.uniform(-0.5, 0.5, 3) if biases else np.zeros(3)
    w2 = random.uniform(-0.5, 0.5, (1, 3))
    b2 = random.uniform(-0.5, 0.5, 1) if biases else np.zeros(1)
    return w1, b1, w2, b2


def legacy_transposed(biases):
    random = RandomState(7)
    w1 = random.uniform(-0.5, 0.5, (2, 3)).T
    b1 = random.uniform(-0.5, 0.5, 3) if biases else np.zeros(3)
    w2 = random.uniform(-0.5, 0.5, (3, 1)).T
    b2 = random.uniform(-0.5, 0.5, 1) if biases else np.zeros(1)
    return w1, b1, w2, b2


def legacy_biases_first(biases):
    random = RandomState(7)
    b1 = random.uniform(-0.5, 0.5, 3) if biases else np.zeros(3)
    b2 = random.uniform(-0.5, 0.5, 1) if biases else np.zeros(1)
    w1 = random.uniform(-0.5, 0.5, (3, 2))
    w2 = random.uniform(-0.5, 0.5, (1, 3))
    return w1, b1, w2, b2


WRITTEN_OUT = {each.__name__: each for each in (default, legacy, legacy_transposed, legacy_biases_first)}


@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("draws", DRAWS)
def test_the_order_of_drawing(draws, biases):
    found = draw_parameters(Network((2, 3, 1)), Initial(biases=biases, draws=draws), seed=7)
    for array, expected in zip((a for layer in found for a in layer), WRITTEN_OUT[draws](biases), strict=True):
        np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize("draws", DRAWS)
def test_the_seed_says_all(draws):
    initial = Initial("he", biases=True, draws=draws)
    one, again, other = (draw_parameters(Network((2, 3, 1)), initial, seed) for seed in (1, 1, 2))
    for layer, same, different in zip(one, again, other, strict=True):
        for a, b, c in zip(layer, same, different, strict=True):
            np.testing.assert_array_equal(a, b)
            assert (a != c).all()


@pytest.mark.parametrize("draws", DRAWS)
def test_layers_scale_by_their_own_inputs(draws):
    found = draw_parameters(Network((400, 100, 400)), Initial("xavier", draws=draws), seed=0)
    np.testing.assert_allclose([w.std() for w, _ in found], [1 / 20, 1 / 10], rtol=0.02)
