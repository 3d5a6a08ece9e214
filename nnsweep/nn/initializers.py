"""Initial weights: the distributions, by name, and the orders in which a network draws from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Protocol

import numpy as np

from nnsweep.nn.network import Array, Layer, Network
from nnsweep.nn.streams import WEIGHTS, stream


class Random(Protocol):
    """What `numpy.random.Generator` and the legacy `numpy.random.RandomState` have in common."""

    def uniform(self, low: float, high: float, size: tuple[int, ...]) -> Array: ...
    def normal(self, loc: float, scale: float, size: tuple[int, ...]) -> Array: ...


@dataclass(frozen=True)
class Initial:
    """How weights start: `init` from INITIALIZERS, with `low` and `high` if uniform, `std` if normal.

    `biases` start from the same distribution as their layer's weights, or at zero. `draws` is from DRAWS.
    """

    init: str = "uniform"
    low: float = -0.5
    high: float = 0.5
    std: float = 0.01
    biases: bool = False
    draws: str = "default"


Initializer = Callable[[Random, tuple[int, ...], tuple[int, int], Initial], Array]
"""From a source of randomness, the shape wanted, and the layer's (outputs, inputs), to numbers of that shape."""


def uniform(random: Random, size: tuple[int, ...], layer: tuple[int, int], initial: Initial) -> Array:
    """U(low, high)."""
    return random.uniform(initial.low, initial.high, size)


def normal(random: Random, size: tuple[int, ...], layer: tuple[int, int], initial: Initial) -> Array:
    """N(0, std²)."""
    return random.normal(0.0, initial.std, size)


def xavier(random: Random, size: tuple[int, ...], layer: tuple[int, int], initial: Initial) -> Array:
    """N(0, 1 / inputs), which keeps the spread of linear units (Glorot & Bengio 2010; LeCun et al. 1998)."""
    return random.normal(0.0, sqrt(1 / layer[1]), size)


def he(random: Random, size: tuple[int, ...], layer: tuple[int, int], initial: Initial) -> Array:
    """N(0, 2 / inputs), which keeps the spread of ReLU units (He et al. 2015)."""
    return random.normal(0.0, sqrt(2 / layer[1]), size)


def fan_out(random: Random, size: tuple[int, ...], layer: tuple[int, int], initial: Initial) -> Array:
    """N(0, 1 / outputs), which keeps the spread of errors on their way back (Glorot & Bengio 2010)."""
    return random.normal(0.0, sqrt(1 / layer[0]), size)


INITIALIZERS: dict[str, Initializer] = {
    "uniform": uniform,
    "normal": normal,
    "xavier": xavier,
    "he": he,
    "fan_out": fan_out,
}


def draw_parameters(network: Network, initial: Initial, seed: int) -> tuple[Layer, ...]:
    """Draw a network's initial weights (O, I) and biases (O,), layer by layer, float64."""
    return tuple(DRAWS[initial.draws](network, initial, seed))


def _default(network: Network, initial: Initial, seed: int) -> Sequence[Layer]:
    """Weights (O, I), then biases, layer by layer, from the seed's stream of weights."""
    random = stream(seed, WEIGHTS)
    return [(_weights(random, shape, initial), _biases(random, shape, initial)) for shape in network.shapes]


def _legacy(network: Network, initial: Initial, seed: int) -> Sequence[Layer]:
    """Weights (O, I), then biases, layer by layer."""
    random = _legacy_random(seed)
    return [(_weights(random, shape, initial), _biases(random, shape, initial)) for shape in network.shapes]


def _legacy_transposed(network: Network, initial: Initial, seed: int) -> Sequence[Layer]:
    """Weights (I, O), then biases, layer by layer."""
    random = _legacy_random(seed)
    draw = INITIALIZERS[initial.init]
    return [
        (draw(random, shape[::-1], shape, initial).T.copy(), _biases(random, shape, initial))
        for shape in network.shapes
    ]


def _legacy_biases_first(network: Network, initial: Initial, seed: int) -> Sequence[Layer]:
    """The biases of all layers, then the weights (O, I) of all layers."""
    random = _legacy_random(seed)
    biases = [_biases(random, shape, initial) for shape in network.shapes]
    return [(_weights(random, shape, initial), each) for shape, each in zip(network.shapes, biases, strict=True)]


def _legacy_random(seed: int) -> Random:
    return np.random.RandomState(seed)


def _weights(random: Random, shape: tuple[int, int], initial: Initial) -> Array:
    return INITIALIZERS[initial.init](random, shape, shape, initial)


def _biases(random: Random, shape: tuple[int, int], initial: Initial) -> Array:
    size = shape[:1]
    return INITIALIZERS[initial.init](random, size, shape, initial) if initial.biases else np.zeros(size)


DRAWS: dict[str, Callable[[Network, Initial, int], Sequence[Layer]]] = {
    "default": _default,
    "legacy": _legacy,
    "legacy_transposed": _legacy_transposed,
    "legacy_biases_first": _legacy_biases_first,
}
"""Orders of drawing. The legacy ones use `numpy.random.RandomState(seed)`, to meet numbers published with it."""
