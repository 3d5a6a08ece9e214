"""Evaluation: counts from single precision are the counts of double precision."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnsweep.nn import Dataset, predict
from nnsweep.nn.evaluate import evaluator
from nnsweep.nn.wrong_shares import WrongShares
from tests.helpers.nn_strategies import dataset, network, training


def grouped(trainings):
    layers = zip(*(t.parameters for t in trainings), strict=True)
    return [(np.array([w for w, _ in layer]), np.array([b for _, b in layer])) for layer in layers]


def counted_in_double(net, parameters, data):
    outputs = predict(net, parameters, data.test_inputs)
    return np.array([np.mean(y != data.test_targets) for y in outputs])


@given(
    seed=st.integers(0, 10**6),
    widths=st.sampled_from([(2, 2, 1), (2, 4, 1), (3, 5, 4, 1), (2, 1)]),
    activation=st.sampled_from(["relu", "leaky_relu", "identity"]),
    exponent=st.floats(-6, 6),
)
def test_step_errors_are_those_of_double_precision(seed, widths, activation, exponent):
    net = network(widths, activation)
    data = dataset(seed, inputs=widths[0], test=300)
    group = grouped([training(seed + k, net, data, scale=10**exponent) for k in range(4)])
    found = evaluator(net, [(slice(0, 4), data)], ["error"])(group)[0]
    np.testing.assert_array_equal(found, counted_in_double(net, group, data))


@pytest.mark.parametrize("shift", [0.0, 1e-9, -1e-9, 1e-12, -1e-12])
def test_samples_too_near_the_step_for_single_precision(shift):
    """Points on a line that the network's boundary follows, to within far less than a float32 can tell."""
    h = np.linspace(-3, 3, 1001)
    data = Dataset(np.zeros((1, 2)), np.zeros((1, 1)), np.column_stack([h, h + shift]), np.ones((1001, 1)))
    weights = np.array([[[-1.0, 1.0]]]), np.array([[0.0]])
    net = network((2, 1))
    errors = WrongShares(net, [(slice(0, 1), (data.test_inputs, data.test_targets))])([weights])["error"]
    np.testing.assert_array_equal(errors, [np.mean((h + shift) - h <= 0)])


@pytest.mark.parametrize("size", [1e-300, 1e-20, 1e20, 1e300])
def test_weights_beyond_single_precision(size):
    data = dataset(0, test=50)
    net = network((2, 3, 1))
    group = [(w * size, b * size) for w, b in grouped([training(1, net, data)])]
    with np.errstate(all="ignore"):
        found = evaluator(net, [(slice(0, 1), data)], ["error"])(group)[0]
        np.testing.assert_array_equal(found, counted_in_double(net, group, data))


def test_groups_are_measured_each_on_its_own_data():
    net = network((2, 4, 1))
    one, other = dataset(1, test=200), dataset(2, test=200)
    group = grouped([training(5, net, one), training(5, net, one), training(5, net, other)])
    found = evaluator(net, [(slice(0, 2), one), (slice(2, 3), other)], ["error"])(group)[0]
    assert found[0] == found[1] == counted_in_double(net, group, one)[0]
    assert found[2] == counted_in_double(net, group, other)[2] != found[0]


def test_mean_error_of_a_smooth_output():
    net = network((2, 3, 1), "tanh", "sigmoid", "squared_error")
    data = dataset(3)
    group = grouped([training(1, net, data)])
    found = evaluator(net, [(slice(0, 1), data)], ["error"])(group)[0]
    (w, b), (v, c) = [(layer[0][0], layer[1][0]) for layer in group]
    y = 1 / (1 + np.exp(-(np.tanh(data.test_inputs @ w.T + b) @ v.T + c)))
    np.testing.assert_allclose(found, [np.abs(y - data.test_targets).mean()], rtol=1e-12)
