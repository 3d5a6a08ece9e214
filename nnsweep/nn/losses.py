"""Losses, by name: the delta that starts back-propagation, ∂loss/∂z at the output layer's preactivation z."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.activations import lowered

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Loss:
    """`value(z, y, t)` per output, to be summed over the outputs, and how its delta is made.

    z are the preactivations of the last layer, y its outputs, t the targets, (…, O). The delta is y − t, times the
    output's derivative where `through_output`. `outputs` names the output functions the loss goes with.
    """

    value: Callable[[Array, Array, Array], Array]
    through_output: bool
    outputs: tuple[str, ...]


def squared_error(z: Array, y: Array, t: Array) -> Array:
    """½ (y − t)²; delta (y − t) f′(z)."""
    return 0.5 * np.square(y - t)


def binary_cross_entropy(z: Array, y: Array, t: Array) -> Array:
    """−t log y − (1 − t) log(1 − y); with a sigmoid output its delta is y − t (Bishop 2006, section 4.3.2).

    Written as log(1 + exp(−|z|)) + max(z, 0) − t z, which neither overflows nor loses digits where y is near 0 or 1.
    """
    return np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0) - t * z


def categorical_cross_entropy(z: Array, y: Array, t: Array) -> Array:
    """−t log y; with a softmax output, and targets that sum to one, its delta is y − t (Bishop 2006, section 4.3.4).

    log y = z − max z − log Σ exp(z − max z).
    """
    low = lowered(z)
    return t * (np.log(np.exp(low).sum(axis=-1, keepdims=True)) - low)


def straight_through(z: Array, y: Array, t: Array) -> Array:
    """|y − t|; delta y − t, as if the output were linear: the perceptron's rule. Not a gradient of this value."""
    return np.abs(y - t)


SMOOTH = ("relu", "relu_inclusive", "leaky_relu", "sigmoid", "tanh", "identity")

LOSSES: dict[str, Loss] = {
    "straight_through": Loss(straight_through, False, ("step", *SMOOTH)),
    "squared_error": Loss(squared_error, True, SMOOTH),
    "binary_cross_entropy": Loss(binary_cross_entropy, False, ("sigmoid",)),
    "categorical_cross_entropy": Loss(categorical_cross_entropy, False, ("softmax",)),
}
