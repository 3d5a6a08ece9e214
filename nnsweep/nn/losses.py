"""Losses, by name: the delta that starts back-propagation, ∂loss/∂z at the output layer's preactivation z."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.activations import OUTPUTS, lowered
from nnsweep.nn.arithmetic import NATIVE, PORTABLE, Arithmetic, Function

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Loss:
    """`value(z, y, t)` per output, to be summed over the outputs, and how its delta is made.

    z are the preactivations of the last layer, y its outputs, t the targets, (…, O). `difference(y, t, out)` writes
    what the delta is before the slope of the output comes in. The delta is this, times the output's derivative where
    `through_output`. `only` names the output functions that the loss goes with; by default it goes with every one that
    is elementwise, but where the delta goes through the output, not with a flat one. `usual_output` is the one that a
    sweep file means which names the loss alone, and the loss is then the one of that output. `is_gradient` is false
    for a delta that is not the derivative of `value`. `portable` has what takes the place of a `value` that is not
    exact.
    """

    value: Callable[[Array, Array, Array], Array]
    through_output: bool = True
    difference: Callable[[Array, Array, Array], object] = np.subtract
    only: tuple[str, ...] = ()
    usual_output: str = ""
    is_gradient: bool = True
    portable: Mapping[str, Function] = field(default_factory=dict)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the output functions that the loss goes with."""
        fitting = (
            name for name, each in OUTPUTS.items() if each.elementwise and not (self.through_output and each.flat)
        )
        return self.only or tuple(fitting)


def squared_error(z: Array, y: Array, t: Array) -> Array:
    """½ (y − t)²; delta (y − t) f′(z)."""
    return 0.5 * np.square(y - t)


def binary_cross_entropy(z: Array, y: Array, t: Array, math: Arithmetic = NATIVE) -> Array:
    """−t log y − (1 − t) log(1 − y); with a sigmoid output its delta is y − t (Bishop 2006, section 4.3.2).

    Written as log(1 + exp(−|z|)) + max(z, 0) − t z, which neither overflows nor loses digits where y is near 0 or 1.
    """
    return math.log1p(math.exp(-np.abs(z))) + np.maximum(z, 0) - t * z


def categorical_cross_entropy(z: Array, y: Array, t: Array, math: Arithmetic = NATIVE) -> Array:
    """−t log y; with a softmax output, and targets that sum to one, its delta is y − t (Bishop 2006, section 4.3.4).

    log y = z − max z − log Σ exp(z − max z).
    """
    low = lowered(z)
    return t * (math.log(math.total(math.exp(low))) - low)


def straight_through(z: Array, y: Array, t: Array) -> Array:
    """|y − t|; delta y − t, as if the output were linear: the perceptron's rule. Not a gradient of this value."""
    return np.abs(y - t)


LOSSES: dict[str, Loss] = {
    "straight_through": Loss(straight_through, through_output=False, usual_output="step", is_gradient=False),
    "squared_error": Loss(squared_error),
    "binary_cross_entropy": Loss(
        binary_cross_entropy,
        through_output=False,
        only=("sigmoid",),
        usual_output="sigmoid",
        portable={"value": partial(binary_cross_entropy, math=PORTABLE)},
    ),
    "categorical_cross_entropy": Loss(
        categorical_cross_entropy,
        through_output=False,
        only=("softmax",),
        usual_output="softmax",
        portable={"value": partial(categorical_cross_entropy, math=PORTABLE)},
    ),
}
"""A new loss is one entry."""
