"""A training as a textbook writes it, for one network: matrices of one batch, sums by einsum, nothing in place.

It shares no formula with the project, only the streams from which masks of dropout are drawn.
"""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace

import numpy as np

from nnsweep.nn.streams import DROPOUT, stream


def plain_step(z):
    return (z > 0).astype(float)


def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


FUNCTIONS = {
    "relu": lambda z: np.maximum(z, 0),
    "relu_inclusive": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.1 * z),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "identity": lambda z: z,
    "softmax": softmax,
    "step": plain_step,
}
SLOPES = {
    "relu": plain_step,
    "relu_inclusive": lambda z: (z >= 0).astype(float),
    "leaky_relu": lambda z: np.where(z > 0, 1, 0.1),
    "sigmoid": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
    "tanh": lambda z: 1 / np.cosh(z) ** 2,
    "identity": np.ones_like,
    "step": np.zeros_like,
}
SHARES = {
    "mean": lambda samples, inputs: 1 / samples,
    "sum": lambda samples, inputs: 1,
    "mean_over_inputs": lambda samples, inputs: 1 / inputs,
}


def sgd(p, h):
    while True:
        p = p - h.learning_rate * (yield p)


def momentum(p, h):
    v = 0
    while True:
        v = h.momentum * v - h.learning_rate * (yield p)
        p = p + v


def adagrad(p, h):
    squares = 0
    while True:
        g = yield p
        squares = squares + g**2
        p = p - h.learning_rate * g / (np.sqrt(squares) + h.epsilon)


def adam(p, h):
    m, v = 0, 0
    for n in count(1):
        g = yield p
        m = h.beta1 * m + (1 - h.beta1) * g
        v = h.beta2 * v + (1 - h.beta2) * g**2
        rate = h.learning_rate * np.sqrt(1 - h.beta2**n) / (1 - h.beta1**n)
        p = p - rate * m / (np.sqrt(v) + h.epsilon)


DEFAULTS = {"momentum": 0.9, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7}
RULES = {"sgd": sgd, "momentum": momentum, "adagrad": adagrad, "adam": adam}
"""Each yields where parameters are, and is sent their gradient."""


def descent(name, p, hyperparameters):
    """Begin at p; `send` a gradient to learn where that leads."""
    steps = RULES[name](p, hyperparameters)
    next(steps)
    return steps


def weights_of_samples(class_weight, targets):
    """Each sample's weight (N, 1): balanced, the classes have equal sums of weights, and all samples a mean of 1."""
    if class_weight == "none":
        return np.ones((len(targets), 1))
    rows = [tuple(row) for row in targets]
    share = 1 / len(set(rows))
    return np.array([[share / (rows.count(row) / len(rows))] for row in rows])


class Reference:
    """One training; `parameters` are named ("weights", level) and so on, weights (O, I)."""

    def __init__(self, training, method):
        self.training, self.method, self.net = training, method, training.network
        self.depth = len(self.net.shapes)
        self.parameters = {}
        for level, (weights, biases) in enumerate(training.parameters):
            self.parameters["weights", level] = weights
            if self.net.bias:
                self.parameters["biases", level] = biases
            if self.net.batch_norm and level < self.depth - 1:
                self.parameters["gamma", level] = np.ones(len(weights))
                self.parameters["beta", level] = np.zeros(len(weights))
        hyperparameters = SimpleNamespace(
            learning_rate=training.learning_rate, **{**DEFAULTS, **training.hyperparameters}
        )
        self.descents = {key: descent(method.optimizer, p, hyperparameters) for key, p in self.parameters.items()}
        self.running = {level: (np.zeros(o), np.ones(o)) for level, (o, _) in enumerate(self.net.shapes)}
        self.masks = [stream(training.seed, DROPOUT, level + 1) for level in range(self.depth)]
        self.weights = weights_of_samples(method.class_weight, training.dataset.train_targets)

    def train(self, orders):
        """Train an epoch for each of `orders`, the places of samples; return self."""
        data = self.training.dataset
        samples = len(data.train_inputs)
        size = min(self.method.batch_size or samples, samples)
        for order in orders:
            for start in range(0, samples, size):
                batch = order[start : start + size]
                self.step(data.train_inputs[batch], data.train_targets[batch], size, self.weights[batch])
        return self

    def step(self, x, t, size, weights):
        inputs, preactivations, kept, normal = [x], [], [], {}
        for level in range(self.depth - 1):
            z = self.affine(level, inputs[-1])
            if self.net.batch_norm:
                mean, variance = z.mean(axis=0), z.var(axis=0)
                old_mean, old_variance = self.running[level]
                self.running[level] = 0.9 * old_mean + 0.1 * mean, 0.9 * old_variance + 0.1 * variance
                root = np.sqrt(variance + 1e-5)
                normal[level] = (z - mean) / root, self.parameters["gamma", level] / root
                z = self.parameters["gamma", level] * normal[level][0] + self.parameters["beta", level]
            kept.append(self.keep(level, size, z.shape))
            preactivations.append(z)
            inputs.append(FUNCTIONS[self.net.activation](z) * kept[-1])
        z = self.affine(self.depth - 1, inputs[-1])
        y = FUNCTIONS[self.net.output](z)
        delta = (y - t) * weights * SHARES[self.method.reduction](len(x), self.net.widths[0])
        if self.net.loss == "squared_error":
            delta = delta * self.slope(self.net.output, z)
        for level in reversed(range(self.depth)):
            weights = self.parameters["weights", level]
            self.descend("weights", level, np.einsum("bo,bi->oi", delta, inputs[level]))
            if self.net.bias:
                self.descend("biases", level, np.einsum("bo->o", delta))
            if level:
                if self.method.update == "sequential":
                    weights = self.parameters["weights", level]
                delta = np.einsum("bo,oi->bi", delta, weights) * kept[level - 1]
                delta = delta * self.slope(self.net.activation, preactivations[level - 1])
            if level and self.net.batch_norm:
                delta = self.through_norm(level - 1, delta, *normal[level - 1])

    def affine(self, level, x):
        z = np.einsum("oi,bi->bo", self.parameters["weights", level], x)
        return z + self.parameters["biases", level] if self.net.bias else z

    def slope(self, name, z):
        return SLOPES[name](FUNCTIONS[name](z) if self.method.derivative_at == "activation" else z)

    def keep(self, level, size, shape):
        """What outputs are multiplied by; the last batch of an epoch, too, draws for a whole one."""
        if not self.net.dropout:
            return np.ones(shape)
        rate = self.training.dropout_rate
        return (self.masks[level].random((size, shape[1]))[: shape[0]] >= rate) / (1 - rate)

    def through_norm(self, level, delta, normal, slope):
        self.descend("gamma", level, np.einsum("bo,bo->o", delta, normal))
        self.descend("beta", level, np.einsum("bo->o", delta))
        # ∂ẑ_c/∂z_b = (1{b=c} − 1/B − ẑ_b ẑ_c / B) / root
        jacobian = np.eye(len(delta))[..., None] - (1 + normal[:, None] * normal[None]) / len(delta)
        return np.einsum("co,bco->bo", delta, jacobian) * slope

    def descend(self, name, level, gradient):
        self.parameters[name, level] = self.descents[name, level].send(gradient)

    def outputs(self, x):
        """What the network that has learnt says of inputs (N, I)."""
        for level in range(self.depth):
            z = self.affine(level, x)
            if self.net.batch_norm and level < self.depth - 1:
                mean, variance = self.running[level]
                z = (z - mean) / np.sqrt(variance + 1e-5)
                z = self.parameters["gamma", level] * z + self.parameters["beta", level]
            x = FUNCTIONS[self.net.output if level == self.depth - 1 else self.net.activation](z)
        return x


def assert_met(trained, reference, message="", rtol=1e-9, atol=1e-12):
    """The parameters of a network without batch normalisation are those of the reference."""
    for level, (weights, biases) in enumerate(trained.parameters):
        expected = reference.parameters["weights", level], reference.parameters.get(("biases", level), 0)
        for found, wanted in zip((weights, biases), expected, strict=True):
            np.testing.assert_allclose(found, wanted, rtol=rtol, atol=atol, err_msg=str(message))
