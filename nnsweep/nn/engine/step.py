"""One training step, written down for a stack as NumPy calls: forward, back from the output, and down the gradient."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnsweep.nn.activations import ACTIVATIONS, OUTPUTS, Activation
from nnsweep.nn.engine.choose import Stack, StackLayer
from nnsweep.nn.engine.program import Call
from nnsweep.nn.losses import LOSSES
from nnsweep.nn.network import Method, Network, Training
from nnsweep.nn.optimizers import OPTIMIZERS, Hyperparameters

UPDATES = ("simultaneous", "sequential")
"""Whether each layer's error is carried down through the old weights, or through weights that have already moved."""

DERIVATIVES_AT = ("preactivation", "activation")
"""Where slopes are taken: f′(z), or by mistake f′(f(z))."""


def hyperparameters(stack: Stack, trainings: Sequence[Training]) -> Hyperparameters:
    """Put every training's hyperparameters in the shape that the stack's parameters ask for."""
    names = "learning_rate", "momentum", "beta1", "beta2", "epsilon"
    columns = {name: np.array([float(getattr(training, name)) for training in trainings]) for name in names}
    return Hyperparameters(**{name: column.reshape(stack.per_trial) for name, column in columns.items()})


def training_step(stack: Stack, network: Network, method: Method, hyper: Hyperparameters) -> list[Call]:
    """Write down a step; each layer descends as soon as its delta has been carried down, or before."""
    activation = ACTIVATIONS[network.activation]
    *hidden, top = stack.layers
    calls = _forward(stack, network) + _delta(top, stack, network, method) + top.scale_delta(stack.factors)
    calls += [] if stack.weights is None else top.scale_delta(stack.weights)
    for below, layer in zip(reversed(hidden), reversed(stack.layers), strict=False):
        down = [*layer.propagate(below), *_through(below, activation, method), *below.through_norm()]
        descend = _descend(layer, method, hyper)
        calls += [*descend, *down] if method.update == "sequential" else [*down, *descend]
    return calls + _descend(stack.layers[0], method, hyper)


def _forward(stack: Stack, network: Network) -> list[Call]:
    activation, output = ACTIVATIONS[network.activation], OUTPUTS[network.output]
    *hidden, top = stack.layers
    calls: list[Call] = []
    for layer in hidden:
        calls += [*layer.affine(), (activation.function, (layer.z, layer.a)), *layer.drop()]
    return [*calls, *top.affine(), (output.function, (top.z, top.a))]


def _delta(top: StackLayer, stack: Stack, network: Network, method: Method) -> list[Call]:
    """∂loss/∂z of the last layer: y − t, times f′(z) where the loss asks for it."""
    calls: list[Call] = [(np.subtract, (top.a, stack.targets, top.delta))]
    if LOSSES[network.loss].through_output:
        calls += _through(top, OUTPUTS[network.output], method)
    return calls


def _through(layer: StackLayer, activation: Activation, method: Method) -> list[Call]:
    """delta ·= f′(z), or by mistake f′(a)."""
    assert activation.derivative is not None, (
        "a loss that asks for the slope of its output goes with those that have one"
    )
    calls: list[Call] = []
    z, a = layer.z, layer.a
    if method.derivative_at == "activation":
        z, a = layer.a, np.empty_like(layer.a)
        calls.append((activation.function, (z, a)))
    return [
        *calls,
        (activation.derivative, (z, a, layer.slope)),
        (np.multiply, (layer.delta, layer.slope, layer.delta)),
    ]


def _descend(layer: StackLayer, method: Method, hyper: Hyperparameters) -> list[Call]:
    rule = OPTIMIZERS[method.optimizer].rule
    calls = layer.gradients()
    for parameters, gradient in layer.learnt():
        calls += rule(parameters, gradient, hyper)
    return calls + layer.moved()
