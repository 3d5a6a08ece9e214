"""The gradient check: true gradients pass, in every layout and with every table's entry, and wrong ones are caught."""

from dataclasses import replace

import numpy as np
import pytest

from nnsweep.nn import ACTIVATIONS, CLASS_WEIGHTS, REDUCTIONS, Dataset, Method, check_gradient
from nnsweep.nn.activations import Activation, tanh
from tests.helpers.nn_strategies import PAIRS, dataset, network, training

TRUE = [pair for pair in PAIRS if pair[1] != "straight_through"]
WIDTHS = [(2, 3, 2), (3, 4, 3, 2), (2, 90, 2)]


def model(widths, activation="tanh", output="sigmoid", loss="squared_error", **options):
    data = dataset(3, inputs=widths[0], outputs=widths[-1])
    if output == "softmax":
        data = replace(data, train_targets=np.eye(widths[-1])[data.train_targets.argmax(axis=1)])
    net = replace(network(widths, activation, output, loss), **options)
    return replace(training(5, net, data), dropout_rate=0.3)


@pytest.mark.parametrize("widths", WIDTHS, ids=str)
@pytest.mark.parametrize(("output", "loss"), TRUE)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_network_learns_by_its_gradient(widths, activation, output, loss):
    for batch_size in (1, 5, 0):
        found = check_gradient(model(widths, activation, output, loss), Method(batch_size=batch_size))
        assert found.passed, found


@pytest.mark.parametrize("options", [{"bias": False}, {"batch_norm": True}, {"dropout": True}], ids=str)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_with_everything_that_a_network_may_have(options, reduction):
    for widths in WIDTHS:
        found = check_gradient(model(widths, **options), Method(batch_size=6, reduction=reduction))
        assert found.passed, found


@pytest.mark.parametrize("batch_size", [1, 5, 0])
@pytest.mark.parametrize("widths", WIDTHS, ids=str)
def test_with_balanced_classes(widths, batch_size):
    balanced = Method(batch_size=batch_size, class_weight="balanced")
    given = model(widths, output="softmax", loss="categorical_cross_entropy")
    assert len(np.unique(CLASS_WEIGHTS["balanced"](given.dataset.train_targets))) > 1
    found = check_gradient(given, balanced)
    assert found.passed, found


@pytest.mark.parametrize("widths", WIDTHS, ids=str)
@pytest.mark.parametrize("method", [Method(update="sequential"), Method(derivative_at="activation")], ids=str)
def test_the_posted_mistakes_are_no_gradients(widths, method):
    assert check_gradient(model(widths), method).largest > 0.01


def test_straight_through_is_no_gradient():
    assert not check_gradient(model((2, 3, 1), "relu", "step", "straight_through"), Method()).passed
    assert not check_gradient(model((2, 3, 1), "relu", "identity", "straight_through"), Method()).passed


@pytest.mark.parametrize("widths", WIDTHS, ids=str)
def test_a_wrong_derivative_is_caught_and_named(monkeypatch, widths):
    def too_large(z, a, out):
        np.multiply(a, a, out=out)
        np.subtract(1.001, out, out=out)

    monkeypatch.setitem(ACTIVATIONS, "tanh", Activation(tanh, too_large))
    found = check_gradient(model(widths), Method())
    assert not found.passed
    assert found.where.startswith("layer 1") or (len(widths) > 3 and found.where.startswith("layer 2"))


def test_a_kink_is_no_mistake():
    """A preactivation 3e-5 from ReLU's kink: within one step of the differences and without the other."""
    weights = (np.array([[1.0]]), np.array([0.0])), (np.array([[1.0]]), np.array([0.0]))
    inputs, targets = np.array([[3e-5]]), np.array([[1.0]])
    net = network((1, 1, 1), "relu", "identity", "squared_error")
    given = replace(training(0, net, Dataset(inputs, targets, inputs, targets)), parameters=weights)
    found = check_gradient(given, Method())
    assert found.passed
    assert found.kinks > 0


@pytest.mark.parametrize("activation", ["relu", "relu_inclusive", "leaky_relu"])
def test_a_gradient_at_a_kink_is_that_of_one_side(monkeypatch, activation):
    """Inputs and biases of 0, as at the first row of XOR: each unit's preactivation is 0 itself."""
    weights = (np.array([[1.0], [-1.0]]), np.array([0.0, 0.0])), (np.array([[1.0, 2.0]]), np.array([0.0]))
    inputs, targets = np.array([[0.0]]), np.array([[1.0]])
    net = network((1, 2, 1), activation, "identity", "squared_error")
    given = replace(training(0, net, Dataset(inputs, targets, inputs, targets)), parameters=weights)
    found = check_gradient(given, Method())
    assert (found.passed, found.kinks) == (True, 2), "both biases are at the kink"
    steeper = replace(ACTIVATIONS[activation], derivative=lambda z, a, out: out.fill(1.5))
    monkeypatch.setitem(ACTIVATIONS, activation, steeper)
    assert not check_gradient(given, Method()).passed, "no side has this slope"


def test_few_parameters_of_a_large_network_are_compared():
    found = check_gradient(model((20, 50, 2)), Method(batch_size=4))
    assert found.passed
    assert found.compared == 80


@pytest.mark.parametrize("size", [2e6, 1e100, 1e200, 1.7e308])
@pytest.mark.parametrize("activation", ["sigmoid", "relu", "identity"])
def test_weights_in_which_a_step_is_lost_are_not_checked(activation, size):
    """Sigmoids of such weights are constant: no difference and no gradient would pass as equal."""
    given = model((2, 3, 1), activation)
    (weights, biases), last = given.parameters
    weights = np.full_like(weights, size)
    found = check_gradient(replace(given, parameters=((weights, biases), last)), Method())
    assert not found.passed
    assert found.unchecked == f"its weights are as large as {size:.2g}, and differences are exact up to 1e+06"


def test_the_largest_weights_that_are_checked():
    given = model((2, 3, 1), "identity", "identity")
    (weights, biases), last = given.parameters
    found = check_gradient(replace(given, parameters=((np.full_like(weights, 1e6), biases), last)), Method())
    assert found.passed, found
