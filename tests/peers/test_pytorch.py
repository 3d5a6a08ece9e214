"""The same initial parameters and batches, trained by PyTorch."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from nnsweep.nn import ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS, Initial, Method, Network, draw_parameters, train
from tests.helpers.peer_trainings import CLOSE, EPOCHS, METRICS, OWN, SAMPLES, training

torch = pytest.importorskip("torch", reason="nnsweep[peers] is not installed")
torch.set_num_threads(1)  # on a busy machine its threads wait for each other, ten times as long as they compute
nn = torch.nn

MODULES = {
    "relu": nn.ReLU,
    "leaky_relu": lambda: nn.LeakyReLU(0.1),
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "identity": nn.Identity,
}
CRITERIA = {
    "squared_error": nn.MSELoss(reduction="sum"),
    "binary_cross_entropy": nn.BCEWithLogitsLoss(reduction="sum"),
    "categorical_cross_entropy": nn.CrossEntropyLoss(reduction="sum"),
}
"""Of the last outputs for squares, of the last preactivations for the others."""
PAIRS = [(loss, output) for loss in CRITERIA for output in LOSSES[loss].outputs if output in {*MODULES, "softmax"}]

OPTIMIZER = {
    "sgd": lambda p, given: torch.optim.SGD(p, given.learning_rate),
    "momentum": lambda p, given: torch.optim.SGD(p, given.learning_rate, momentum=OWN["momentum"]),
    "adagrad": lambda p, given: torch.optim.Adagrad(p, given.learning_rate, eps=OWN["epsilon"]),
    "adam": lambda p, given: torch.optim.Adam(p, given.learning_rate, (OWN["beta1"], OWN["beta2"])),
}


def test_what_has_no_peer():
    assert ACTIVATIONS.keys() - MODULES == {"step", "relu_inclusive"}
    assert LOSSES.keys() - CRITERIA == {"straight_through"}
    assert OPTIMIZERS.keys() == OPTIMIZER.keys()


class Peer:
    """A PyTorch model of a training's network, but for the last activation, and its training."""

    def __init__(self, given, method):
        self.given, self.method, self.network = given, method, given.network
        self.affine = [affine(*layer, self.network.bias) for layer in given.parameters]
        modules = [self.affine[0]]
        for module in self.affine[1:]:
            if self.network.batch_norm:
                modules.append(nn.BatchNorm1d(module.in_features, dtype=torch.float64))
                modules[-1].register_forward_hook(towards_biased_variance)
            modules += [MODULES[self.network.activation](), module]
        self.model = nn.Sequential(*modules)
        self.optimizer = OPTIMIZER[method.optimizer](self.model.parameters(), given)
        self.steps = 0

    def train(self):
        data, size = self.given.dataset, self.method.batch_size or SAMPLES
        x, t = torch.from_numpy(data.train_inputs), torch.from_numpy(data.train_targets)
        for _ in range(EPOCHS[self.method.batch_size]):
            for batch in zip(x.split(size), t.split(size), strict=True):
                self.step(*batch)
        self.model.eval()
        return self

    def step(self, x, t):
        self.steps += 1
        if self.method.optimizer == "adam":
            # PyTorch adds ε to √(v / (1 − β₂ⁿ)), we to √v.
            self.optimizer.param_groups[0]["eps"] = OWN["epsilon"] / sqrt(1 - OWN["beta2"] ** self.steps)
        self.optimizer.zero_grad()
        loss = self.loss(x, t)
        (loss / len(x) if self.method.reduction == "mean" else loss).backward()
        self.optimizer.step()

    def loss(self, x, t):
        z = self.model(x)
        if self.network.loss == "squared_error":
            return CRITERIA["squared_error"](MODULES[self.network.output]()(z), t) / 2
        return CRITERIA[self.network.loss](z, t)

    def mean_loss(self, x, t):
        with torch.no_grad():
            return self.loss(torch.from_numpy(x), torch.from_numpy(t)).item() / len(x)


def affine(weights, biases, bias):
    module = nn.Linear(*weights.shape[::-1], bias=bias, dtype=torch.float64)
    with torch.no_grad():
        module.weight.copy_(torch.from_numpy(weights))
        if bias:
            module.bias.copy_(torch.from_numpy(biases))
    return module


def towards_biased_variance(norm, inputs, output):
    """Divide by n, like the batch's own variance; PyTorch's running one divides by n − 1."""
    if norm.training:
        z = inputs[0].detach()
        norm.running_var = norm.running_var + norm.momentum * (z.var(dim=0, correction=0) - z.var(dim=0))


def folded(peer):
    """Weights and biases, layer by layer, with the running statistics of normalisation worked in."""
    norms = [module for module in peer.model if isinstance(module, nn.BatchNorm1d)]
    for level, module in enumerate(peer.affine):
        weights = module.weight.detach().numpy()
        biases = np.zeros(len(weights)) if module.bias is None else module.bias.detach().numpy()
        if level < len(norms):
            norm = norms[level]
            gamma, beta = norm.weight.detach().numpy(), norm.bias.detach().numpy()
            slope = gamma / np.sqrt(norm.running_var.numpy() + norm.eps)
            weights, biases = weights * slope[:, None], (biases - norm.running_mean.numpy()) * slope + beta
        yield weights, biases


def assert_met(given, method):
    """In every parameter, and in the losses on what trained and what did not."""
    epochs = EPOCHS[method.batch_size]
    trained, peer, data = train(given, [epochs], method, METRICS), Peer(given, method).train(), given.dataset
    assert peer.steps >= 20
    for found, theirs, start in zip(trained.parameters, folded(peer), given.parameters, strict=True):
        assert np.abs(found[0] - start[0]).max() > 1e-3
        for ours, expected in zip(found, theirs, strict=True):
            np.testing.assert_allclose(ours, expected, **CLOSE)
    losses = peer.mean_loss(data.test_inputs, data.test_targets), peer.mean_loss(data.train_inputs, data.train_targets)
    np.testing.assert_allclose([trained.history[name][0] for name in METRICS], losses, **CLOSE)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("batch", EPOCHS)
@pytest.mark.parametrize("optimizer", OPTIMIZER)
def test_optimizers(optimizer, batch, reduction, layout):
    given = training((3, 5, 2), "tanh", "sigmoid", "binary_cross_entropy")
    assert_met(given, Method(optimizer, batch, reduction=reduction))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("activation", MODULES)
@pytest.mark.parametrize("widths", [(3, 2), (3, 4, 1), (3, 5, 4, 2), (3, 4, 4, 4, 1)], ids=str)
def test_activations_at_any_depth(widths, activation, bias, layout):
    assert_met(training(widths, activation, bias=bias), Method("momentum", 5))


@pytest.mark.parametrize("batch", EPOCHS)
@pytest.mark.parametrize(("loss", "output"), PAIRS)
def test_losses(loss, output, batch, layout):
    assert_met(training((2, 6, 3), "leaky_relu", output, loss), Method("sgd", batch))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("optimizer", OPTIMIZER)
@pytest.mark.parametrize("widths", [(3, 6, 2), (3, 5, 4, 2)], ids=str)
@pytest.mark.parametrize("batch", [5, 0])
def test_batch_normalisation(batch, widths, optimizer, bias):
    given = training(widths, "sigmoid", "softmax", "categorical_cross_entropy", batch_norm=True, bias=bias)
    assert_met(given, Method(optimizer, batch))


FILLS = {
    "uniform": lambda w, random: nn.init.uniform_(w, -0.25, 0.75, generator=random),
    "normal": lambda w, random: nn.init.normal_(w, 0.0, 0.01, generator=random),
    "xavier": lambda w, random: nn.init.kaiming_normal_(w, nonlinearity="linear", generator=random),
    "he": lambda w, random: nn.init.kaiming_normal_(w, nonlinearity="relu", generator=random),
    "fan_out": lambda w, random: nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="linear", generator=random),
}


@pytest.mark.parametrize("init", INITIALIZERS)
def test_initial_weights_spread_as_pytorchs(init):
    """Two draws of 120,000, to within five standard errors of their difference."""
    ((ours, _),) = draw_parameters(Network((400, 300)), Initial(init, {"low": -0.25, "high": 0.75}), seed=0)
    theirs = FILLS[init](torch.empty(300, 400, dtype=torch.float64), torch.Generator().manual_seed(0)).numpy()
    np.testing.assert_allclose(ours.std(), theirs.std(), rtol=5 / np.sqrt(ours.size))
    np.testing.assert_allclose(ours.mean(), theirs.mean(), atol=5 * ours.std() * np.sqrt(2 / ours.size))
