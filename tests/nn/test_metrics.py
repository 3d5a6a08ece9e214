"""Every metric against its formula, one network and one sample at a time."""

from dataclasses import replace
from math import exp, isnan, log

import numpy as np
import pytest

from nnsweep.nn import LOSSES, METRICS, TRAIN, Network, train
from tests.nn.reference import FUNCTIONS
from tests.nn.strategies import PAIRS, dataset, training

CASES = [(1, output, loss) for output, loss in PAIRS if output != "softmax"] + [(3, *pair) for pair in PAIRS]


def in_class(values):
    """The class that the values of one sample speak for."""
    return values[0] > 0.5 if len(values) == 1 else max(range(len(values)), key=lambda o: values[o])


def loss_of(loss, z, y, t):
    """One sample's."""
    match loss:
        case "squared_error":
            return sum((a - b) ** 2 for a, b in zip(y, t, strict=True)) / 2
        case "straight_through":
            return sum(abs(a - b) for a, b in zip(y, t, strict=True))
        case "binary_cross_entropy":
            return -sum(log(1 / (1 + exp(-a))) if b else log(1 / (1 + exp(a))) for a, b in zip(z, t, strict=True))
        case "categorical_cross_entropy":
            return -sum(b * log(exp(a) / sum(exp(each) for each in z)) for a, b in zip(z, t, strict=True))


FORMULAS = {  # of one sample
    "error": lambda z, y, t, loss: sum(abs(a - b) for a, b in zip(y, t, strict=True)) / len(t),
    "mean_squared_error": lambda z, y, t, loss: sum((a - b) ** 2 for a, b in zip(y, t, strict=True)) / len(t),
    "accuracy": lambda z, y, t, loss: in_class(y) == in_class(t),
    "loss": lambda z, y, t, loss: loss_of(loss, z, y, t),
}


def says(net, parameters, x):
    """The last preactivation and the output for one sample, of a network without hidden layers."""
    ((w, b),) = parameters
    z = w @ x + b
    return z, FUNCTIONS[net.output](z)


def targets(data, outputs):
    """One class a sample, which is what every loss has a meaning for."""
    one_hot = np.eye(outputs)
    return replace(
        data,
        train_targets=one_hot[np.arange(len(data.train_targets)) % outputs] if outputs > 1 else data.train_targets,
        test_targets=one_hot[np.arange(len(data.test_targets)) % outputs] if outputs > 1 else data.test_targets,
    )


@pytest.mark.parametrize("prefix", ["", TRAIN])
@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize(("outputs", "output", "loss"), CASES)
def test_a_metric_is_the_mean_of_its_formula(name, outputs, output, loss, prefix):
    net, data = Network((2, outputs), "tanh", output, loss), targets(dataset(5, outputs=outputs), outputs)
    trained = train(training(3, net, data, 0.1), 1, metrics=[prefix + name, "error"])
    xs, ts = (data.train_inputs, data.train_targets) if prefix else (data.test_inputs, data.test_targets)
    expected = [FORMULAS[name](*says(net, trained.parameters, x), t, loss) for x, t in zip(xs, ts, strict=True)]
    np.testing.assert_allclose(trained.history[prefix + name], [np.mean(expected)], rtol=1e-12)


def measured(name, y, t, loss="squared_error"):
    return METRICS[name](np.array(y), np.array(y), np.array(t), loss)


def test_half_is_not_yet_the_class_and_the_first_of_equals_is():
    assert measured("accuracy", [[[0.5], [0.6]]], [[0.0], [1.0]]) == 1
    assert measured("accuracy", [[[0.5, 0.5], [0.2, 0.2]]], [[1.0, 0.0], [0.0, 1.0]]) == 0.5


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_one_output_that_is_no_number_spoils_its_own_network_only(name, wrong):
    y = np.array([[[0.3, 0.7], [1.0, 0.0]], [[0.3, 0.7], [wrong, 0.0]]])
    calm, wild = METRICS[name](y, y, np.array([[1.0, 0.0], [1.0, 0.0]]), "squared_error")
    assert np.isfinite(calm)
    assert not np.isfinite(wild)


def test_accuracy_of_no_number_is_not_that_of_a_wrong_class():
    assert isnan(measured("accuracy", [[[np.nan]]], [[0.0]])[0])


def test_every_loss_has_a_formula_here():
    assert {loss for _, _, loss in CASES} == set(LOSSES)
    assert METRICS.keys() == FORMULAS.keys()
