"""Initial weights: the distributions, by name, and the orders in which a network draws from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Protocol

import numpy as np

from nnsweep.nn.hyperparameters import Hyperparameter
from nnsweep.nn.network import Array, Layer, Network
from nnsweep.nn.streams import WEIGHTS, stream


class Random(Protocol):
    """What `numpy.random.Generator` and the legacy `numpy.random.RandomState` have in common."""

    def uniform(self, low: float, high: float, size: tuple[int, ...]) -> Array: ...
    def normal(self, loc: float, scale: float, size: tuple[int, ...]) -> Array: ...


@dataclass(frozen=True)
class Initializer:
    """`draw(random, size, layer, **hyperparameters)` gives numbers of shape `size` for a layer of (outputs, inputs).

    The docstring of `draw` begins with the distribution, which the docs and the schema take from there.
    """

    draw: Callable[..., Array]
    hyperparameters: Mapping[str, Hyperparameter] = field(default_factory=dict)


def uniform(random: Random, size: tuple[int, ...], layer: tuple[int, int], *, low: float, high: float) -> Array:
    """U(low, high)."""
    return random.uniform(low, high, size)


def normal(random: Random, size: tuple[int, ...], layer: tuple[int, int], *, std: float) -> Array:
    """N(0, std²)."""
    return random.normal(0.0, std, size)


def xavier(random: Random, size: tuple[int, ...], layer: tuple[int, int]) -> Array:
    """N(0, 1 / inputs), which keeps the spread of linear units (Glorot & Bengio 2010; LeCun et al. 1998)."""
    return random.normal(0.0, sqrt(1 / layer[1]), size)


def he(random: Random, size: tuple[int, ...], layer: tuple[int, int]) -> Array:
    """N(0, 2 / inputs), which keeps the spread of ReLU units (He et al. 2015)."""
    return random.normal(0.0, sqrt(2 / layer[1]), size)


def fan_out(random: Random, size: tuple[int, ...], layer: tuple[int, int]) -> Array:
    """N(0, 1 / outputs), which keeps the spread of errors on their way back (Glorot & Bengio 2010)."""
    return random.normal(0.0, sqrt(1 / layer[0]), size)


INITIALIZERS: dict[str, Initializer] = {
    "uniform": Initializer(
        uniform,
        {
            "low": Hyperparameter(-0.5, "Lower end of uniform initial weights."),
            "high": Hyperparameter(0.5, "Upper end of uniform initial weights."),
        },
    ),
    "normal": Initializer(normal, {"std": Hyperparameter(0.01, "Standard deviation of normal initial weights.", ge=0)}),
    "xavier": Initializer(xavier),
    "he": Initializer(he),
    "fan_out": Initializer(fan_out),
}
"""A new initialisation is one entry; its hyperparameters are parameters of sweep files, `init_` before their names."""


@dataclass(frozen=True)
class Initial:
    """How weights start: `init` from INITIALIZERS, with its hyperparameters; one that is missing has its default.

    `biases` start from the same distribution as their layer's weights, or at zero. `draws` is from DRAWS.
    """

    init: str = "uniform"
    hyperparameters: Mapping[str, float] = field(default_factory=dict)
    biases: bool = False
    draws: str = "default"

    def draw(self, random: Random, size: tuple[int, ...], layer: tuple[int, int]) -> Array:
        """Draw numbers of shape `size` for a layer of (outputs, inputs)."""
        entry = INITIALIZERS[self.init]
        own = {name: self.hyperparameters.get(name, each.default) for name, each in entry.hyperparameters.items()}
        return entry.draw(random, size, layer, **own)


def draw_parameters(network: Network, initial: Initial, seed: int) -> tuple[Layer, ...]:
    """Draw a network's initial weights (O, I) and biases (O,), layer by layer, float64."""
    return tuple(DRAWS[initial.draws](network, initial, seed))


def _default(network: Network, initial: Initial, seed: int) -> Sequence[Layer]:
    """Weights (O, I), then biases, layer by layer, from the seed's stream of weights."""
    random = network.arithmetic.random(stream(seed, WEIGHTS))
    return [(_weights(random, shape, initial), _biases(random, shape, initial)) for shape in network.shapes]


def _legacy(network: Network, initial: Initial, seed: int) -> Sequence[Layer]:
    """Weights (O, I), then biases, layer by layer."""
    random = _legacy_random(network, seed)
    return [(_weights(random, shape, initial), _biases(random, shape, initial)) for shape in network.shapes]


def _legacy_transposed(network: Network, initial: Initial, seed: int) -> Sequence[Layer]:
    """Weights (I, O), then biases, layer by layer."""
    random = _legacy_random(network, seed)
    return [
        (initial.draw(random, shape[::-1], shape).T.copy(), _biases(random, shape, initial)) for shape in network.shapes
    ]


def _legacy_biases_first(network: Network, initial: Initial, seed: int) -> Sequence[Layer]:
    """The biases of all layers, then the weights (O, I) of all layers."""
    random = _legacy_random(network, seed)
    biases = [_biases(random, shape, initial) for shape in network.shapes]
    return [(_weights(random, shape, initial), each) for shape, each in zip(network.shapes, biases, strict=True)]


def _legacy_random(network: Network, seed: int) -> Random:
    return network.arithmetic.legacy_random(np.random.RandomState(seed))


def _weights(random: Random, shape: tuple[int, int], initial: Initial) -> Array:
    return initial.draw(random, shape, shape)


def _biases(random: Random, shape: tuple[int, int], initial: Initial) -> Array:
    size = shape[:1]
    return initial.draw(random, size, shape) if initial.biases else np.zeros(size)


DRAWS: dict[str, Callable[[Network, Initial, int], Sequence[Layer]]] = {
    "default": _default,
    "legacy": _legacy,
    "legacy_transposed": _legacy_transposed,
    "legacy_biases_first": _legacy_biases_first,
}
"""Orders of drawing. The legacy ones use `numpy.random.RandomState(seed)`, to meet numbers published with it."""
