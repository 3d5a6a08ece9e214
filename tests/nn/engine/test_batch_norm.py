"""Batch normalisation: forward and back against an own formula, its running statistics, and whole trainings."""

from dataclasses import replace

import numpy as np
import pytest

from nnsweep.nn import OPTIMIZERS, REDUCTIONS, UPDATES, Method, Network, predict, train
from nnsweep.nn.engine.batch_norm import BatchNorm
from tests.helpers.nn_reference import Reference
from tests.helpers.nn_strategies import dataset, training

TRIALS, BATCH, OUTPUTS = 3, 6, 2


def normalised(z, gamma, beta):
    """One trial's samples (B, O)."""
    return gamma * (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-5) + beta


def execute(calls):
    for function, operands in calls:
        function(*operands)


class Given:
    """A normalisation about to see a batch whose first `samples` count."""

    def __init__(self, samples):
        random = np.random.default_rng(samples)
        self.z, self.delta = random.normal(2, 3, (TRIALS, BATCH, OUTPUTS)), random.normal(size=(TRIALS, BATCH, OUTPUTS))
        self.z[:, samples:], self.delta[:, samples:] = 1e3, 0
        shares = np.zeros((TRIALS, 1, BATCH))
        shares[..., :samples] = 1 / samples
        self.first, self.back = self.z[:, :samples].copy(), self.delta[:, :samples].copy()
        self.norm = BatchNorm(self.z, self.delta, shares)
        (self.gamma, self.gamma_gradient), (self.beta, self.beta_gradient) = self.norm.params_and_grads()
        self.gamma[...], self.beta[...] = random.normal(size=(2, TRIALS, 1, OUTPUTS))

    def loss(self, trial, z, gamma, beta):
        """Whose slope at the normalised samples is the delta."""
        return (self.back[trial] * normalised(z, gamma, beta)).sum()


def slopes(function, at, h=1e-5):
    """Central differences at each number of an array."""
    found = np.empty(at.shape)
    for place in np.ndindex(at.shape):
        shift = np.zeros(at.shape)
        shift[place] = h
        found[place] = (function(at + shift) - function(at - shift)) / (2 * h)
    return found


@pytest.mark.parametrize("samples", [BATCH, 4])
def test_forward(samples):
    given = Given(samples)
    execute(given.norm.forward())
    for trial in range(TRIALS):
        expected = normalised(given.first[trial], given.gamma[trial], given.beta[trial])
        np.testing.assert_allclose(given.z[trial, :samples], expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("samples", [BATCH, 4])
def test_backward_is_the_slope_and_nought_for_what_only_fills_the_batch(samples):
    given = Given(samples)
    execute([*given.norm.forward(), *given.norm.backward()])
    for k in range(TRIALS):
        z, gamma, beta = given.first[k], given.gamma[k], given.beta[k]
        by_z = slopes(lambda z, k=k, gamma=gamma, beta=beta: given.loss(k, z, gamma, beta), z)
        by_gamma = slopes(lambda gamma, k=k, z=z, beta=beta: given.loss(k, z, gamma, beta), gamma)
        by_beta = slopes(lambda beta, k=k, z=z, gamma=gamma: given.loss(k, z, gamma, beta), beta)
        np.testing.assert_allclose(given.delta[k, :samples], by_z, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(given.gamma_gradient[k], by_gamma, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(given.beta_gradient[k], by_beta, rtol=1e-7, atol=1e-9)
    assert not given.delta[:, samples:].any()


def test_folded_weights_normalise_by_the_running_statistics():
    given, x = Given(BATCH), np.random.default_rng(0).normal(size=(9, 5))
    mean, variance = np.zeros((TRIALS, OUTPUTS)), np.ones((TRIALS, OUTPUTS))
    for scale in (1, 4, 2):
        given.z[:] = scale * given.first
        mean, variance = 0.9 * mean + 0.1 * given.z.mean(axis=1), 0.9 * variance + 0.1 * given.z.var(axis=1)
        execute(given.norm.forward())
    weights, biases = np.random.default_rng(1).normal(size=(2, OUTPUTS, 5)), np.array([[1.0, -1.0], [0.0, 3.0]])
    folded, shifted = given.norm.fold(slice(1, 3), (weights, biases))
    for g, k in enumerate((1, 2)):
        z = x @ weights[g].T + biases[g]
        expected = given.gamma[k] * (z - mean[k]) / np.sqrt(variance[k] + 1e-5) + given.beta[k]
        np.testing.assert_allclose(x @ folded[g].T + shifted[g], expected, rtol=1e-12)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("batch", [1, 5, 0])
def test_a_trained_network_predicts_what_the_reference_does(batch, optimizer, bias):
    """The reference keeps weights, γ, β and running statistics apart; a batch of 5 leaves 2 of 12 for the last."""
    data = dataset(0, outputs=2)
    net = Network((2, 5, 4, 2), "tanh", "sigmoid", "squared_error", bias, batch_norm=True)
    for reduction in REDUCTIONS:
        for update in UPDATES:
            method = Method(optimizer, batch, reduction=reduction, update=update)
            given = replace(training(1, net, data, 0.05), hyperparameters={"epsilon": 1e-3, "beta2": 0.9})
            trained, reference = train(given, 3, method), Reference(given, method).train([range(12)] * 3)
            found = predict(net, [(w[None], b[None]) for w, b in trained.parameters], data.test_inputs)[0]
            np.testing.assert_allclose(found, reference.outputs(data.test_inputs), rtol=1e-9, err_msg=str(method))
            assert np.ptp(found) > 0.1
