"""Dropout: how much is left out, what is kept of the mean, and what learns."""

from dataclasses import replace

import numpy as np
import pytest

from nnsweep.nn import DERIVATIVES_AT, OPTIMIZERS, UPDATES, Method, Network, train
from nnsweep.nn.engine.dropout import Dropout
from tests.helpers.nn_reference import Reference, assert_met
from tests.helpers.nn_strategies import assert_same_bits, dataset, training

RATES = np.array([0.0, 0.2, 0.5, 0.9])
SHAPE = 100, 50


def given(widths=(2, 8, 6, 1), dropout=True, rate=0.4, seed=3):
    net = Network(widths, "tanh", "sigmoid", "binary_cross_entropy", dropout=dropout)
    return replace(training(1, net, dataset(0), 0.1), dropout_rate=rate, seed=seed)


def dropped(trainings, a, level=1, times=1):
    """Outputs for `a` (T, B, O), each time, and the layer's dropout."""
    layer = Dropout(a.shape, trainings, level)
    found = []
    for _ in range(times):
        for function, operands in layer.forward(a):
            function(*operands)
        found.append(layer.outputs.copy())
    return found, layer


def stack():
    return [given(rate=rate, seed=seed) for seed, rate in enumerate(RATES)]


def test_the_share_left_out_is_the_rate_and_the_rest_is_scaled_up():
    a = np.random.default_rng(0).uniform(1, 2, (4, *SHAPE))
    ((found,), _) = dropped(stack(), a)
    count = np.prod(SHAPE)
    for rate, before, after in zip(RATES, a, found, strict=True):
        out = after == 0
        assert abs(out.mean() - rate) <= 5 * np.sqrt(rate * (1 - rate) / count)
        np.testing.assert_allclose(after[~out], before[~out] / (1 - rate), rtol=1e-15)


def test_the_mean_is_kept():
    found, _ = dropped(stack(), np.ones((4, *SHAPE)), times=20)
    errors = np.mean(found, axis=(0, 2, 3)) - 1
    assert (np.abs(errors) <= 5 * np.sqrt(RATES / (1 - RATES) / (20 * np.prod(SHAPE)))).all()


def test_errors_pass_where_outputs_did():
    (found,), layer = dropped(stack(), np.ones((4, *SHAPE)))
    delta = np.ones((4, *SHAPE))
    for function, operands in layer.backward(delta):
        function(*operands)
    np.testing.assert_array_equal(delta, found)


def test_units_left_out_differ_between_steps_layers_and_seeds_and_not_between_stacks():
    a, trial = np.ones((1, *SHAPE)), stack()[2]
    (first, second), _ = dropped([trial], a, times=2)
    assert (first != second).any()
    assert (first != dropped([trial], a, level=2)[0][0]).any()
    assert (first != dropped([replace(trial, seed=9)], a)[0][0]).any()
    (together, afterwards), _ = dropped(stack(), np.ones((4, *SHAPE)), times=2)
    np.testing.assert_array_equal(together[2], first[0])
    np.testing.assert_array_equal(afterwards[2], second[0])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("batch", [1, 5, 0])
def test_training_without_leaving_any_out_has_the_bits_of_no_dropout(batch, batch_norm, optimizer, monkeypatch):
    monkeypatch.setattr("nnsweep.nn.engine.rows.ROWS_UP_TO", 0)
    pair = [given(dropout=dropout, rate=0.0) for dropout in (True, False)]
    pair = [replace(each, network=replace(each.network, batch_norm=batch_norm)) for each in pair]
    method = Method(optimizer, batch, order="reshuffled")
    one, other = (train(each, 3, method, ["loss", "train_loss"]) for each in pair)
    assert_same_bits(one, other)


@pytest.mark.parametrize("at", DERIVATIVES_AT)
@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("batch", [1, 5, 0])
def test_training_is_the_references(batch, optimizer, update, at):
    method = Method(optimizer, batch, update=update, derivative_at=at)
    trial = replace(given(), hyperparameters={"epsilon": 1e-4})
    assert_met(train(trial, 2, method), Reference(trial, method).train([range(12)] * 2))


def test_nothing_is_left_out_when_a_network_is_measured():
    metrics = "loss", "train_loss"
    still, plain = (replace(given(dropout=dropout, rate=0.9), learning_rate=0.0) for dropout in (True, False))
    assert_same_bits(train(still, 2, metrics=metrics), train(plain, 2, metrics=metrics))
