"""One training step, written down for a stack as NumPy calls: forward, back from the output, and down the gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.activations import Activation
from nnsweep.nn.engine.program import Call, Loan
from nnsweep.nn.network import Array, Layer, Method, Network

UPDATES = ("simultaneous", "sequential")
"""Whether each layer's error is carried down through the old weights, or through weights that have already moved."""

DERIVATIVES_AT = ("preactivation", "activation")
"""Where slopes are taken: f′(z), or by mistake f′(f(z))."""

Descend = Callable[["StackLayer", Array, Array], list[Call]]
"""From a layer, its parameters and their gradient to the calls of the optimiser's step."""


class StackLayer(Protocol):
    """One layer of a stack in some memory layout; see `RowsLayer` and `MatricesLayer`.

    `kept` are arrays, besides the parameters, that a step changes and the next step needs; `loans` is the memory that
    the layer's calls borrow.
    """

    z: Array
    a: Array
    slope: Array
    delta: Array
    loans: list[Loan]

    @property
    def kept(self) -> list[Array]: ...
    def affine(self) -> list[Call]: ...
    def drop(self) -> list[Call]: ...
    def scale_delta(self, factors: Array) -> list[Call]: ...
    def propagate(self, below: Any) -> list[Call]: ...
    def through_norm(self) -> list[Call]: ...
    def gradients(self) -> list[Call]: ...
    def params_and_grads(self) -> list[tuple[Array, Array]]: ...
    def sync_params(self) -> list[Call]: ...
    def changed(self, before: Sequence[Array]) -> NDArray[np.bool_]: ...
    def split(self, array: Array) -> list[Array]: ...
    def join(self, array: Array, parts: Sequence[Array]) -> None: ...
    def generators(self) -> list[np.random.Generator]: ...
    def load(self, span: slice, parameters: Layer) -> None: ...
    def read(self, span: slice, shape: tuple[int, int]) -> Layer: ...


class Stack(Protocol):
    """What a step needs of a stack; `factors` and `weights` are what each sample's delta is multiplied by."""

    targets: Array
    factors: Array
    weights: Array | None

    @property
    def layers(self) -> Sequence[StackLayer]: ...


def training_step(stack: Stack, network: Network, method: Method, descend: Descend) -> list[Call]:
    """Write down a step; each layer descends as soon as its delta has been carried down, or before."""
    activation = network.hidden_activation
    *hidden, top = stack.layers
    calls = _forward(stack, network) + _delta(top, stack, network, method) + top.scale_delta(stack.factors)
    calls += [] if stack.weights is None else top.scale_delta(stack.weights)
    for below, layer in zip(reversed(hidden), reversed(stack.layers), strict=False):
        down = [*layer.propagate(below), *_through(below, activation, method), *below.through_norm()]
        learn = _learn(layer, descend)
        calls += [*learn, *down] if method.update == "sequential" else [*down, *learn]
    return calls + _learn(stack.layers[0], descend)


def _forward(stack: Stack, network: Network) -> list[Call]:
    activation, output = network.hidden_activation, network.output_activation
    *hidden, top = stack.layers
    calls: list[Call] = []
    for layer in hidden:
        calls += [*layer.affine(), (activation.function, (layer.z, layer.a)), *layer.drop()]
    return [*calls, *top.affine(), (output.function, (top.z, top.a))]


def _delta(top: StackLayer, stack: Stack, network: Network, method: Method) -> list[Call]:
    """∂loss/∂z of the last layer: the loss's difference of y and t, times f′(z) where the loss asks for it."""
    loss = network.training_loss
    calls: list[Call] = [(loss.difference, (top.a, stack.targets, top.delta))]
    return calls + (_through(top, network.output_activation, method) if loss.through_output else [])


def _through(layer: StackLayer, activation: Activation, method: Method) -> list[Call]:
    """delta ·= f′(z), or by mistake f′(a)."""
    assert activation.derivative is not None, "a loss goes through the slope of outputs that have one"
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


def _learn(layer: StackLayer, descend: Descend) -> list[Call]:
    calls = layer.gradients()
    for parameters, gradient in layer.params_and_grads():
        calls += descend(layer, parameters, gradient)
    return calls + layer.sync_params()
