"""Activation functions and their derivatives, by name.

Each function is elementwise, takes arrays of any shape and writes its result to `out`, of the same shape and dtype.
The piecewise linear ones take float32 too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn import portable
from nnsweep.nn.arithmetic import NATIVE, PORTABLE, Arithmetic, Function

Array = NDArray[np.floating]

# 0-d arrays: a ufunc would convert a Python number on every call. `out` is given by place, which takes less time.
ZERO = np.array(0.0)
ONE = np.array(1.0)
HALF = np.array(0.5)
LEAK = np.array(0.1)
HALF_SINGLE, ONE_SINGLE = np.array(0.5, np.float32), np.array(1.0, np.float32)
LARGEST = np.array(np.finfo(np.float64).max)


def identity(z: Array, out: Array) -> None:
    """f(z) = z."""
    np.copyto(out, z)


def identity_derivative(z: Array, a: Array, out: Array) -> None:
    """f′(z) = 1."""
    out.fill(1.0)


def step(z: Array, out: Array) -> None:
    """f(z) = 1 if z > 0 else 0."""
    np.copyto(out, np.greater(z, ZERO))


def step_derivative(z: Array, a: Array, out: Array) -> None:
    """f′(z) = 0: a hidden layer of steps lets no error through, and the layers below it do not learn."""
    out.fill(0.0)


@lru_cache(maxsize=8)
def _zeros(shape: tuple[int, ...], dtype: np.dtype) -> Array:
    return np.zeros(shape, dtype)


def zeros_for(z: Array) -> Array:
    """Give the zeros that z is compared with in a maximum.

    NumPy's vector loop for a maximum does not take a number. An array is twice as fast if z is large.
    """
    return _zeros(z.shape, z.dtype) if z.size >= 1000 else ZERO


def relu(z: Array, out: Array) -> None:
    """f(z) = max(z, 0)."""
    np.maximum(z, zeros_for(z), out=out)


def relu_derivative(z: Array, a: Array, out: Array) -> None:
    """f′(z) = 1 if z > 0 else 0: the lower branch at z = 0."""
    np.copyto(out, np.greater(z, ZERO))


def relu_inclusive_derivative(z: Array, a: Array, out: Array) -> None:
    """f′(z) = 1 if z ≥ 0 else 0: the upper branch at z = 0."""
    np.copyto(out, np.greater_equal(z, ZERO))


def leaky_relu(z: Array, out: Array) -> None:
    """f(z) = max(z, 0.1 z)."""
    np.maximum(z, np.multiply(z, 0.1), out=out)


def leaky_relu_derivative(z: Array, a: Array, out: Array) -> None:
    """f′(z) = 1 if z > 0 else 0.1: the lower branch at z = 0."""
    np.copyto(out, np.where(np.greater(z, ZERO), ONE, LEAK))


def sigmoid(z: Array, out: Array) -> None:
    """f(z) = 1 / (1 + exp(−z)), written as ½(1 + tanh(z/2)), which cannot overflow."""
    np.multiply(z, HALF, out)
    np.tanh(out, out)
    np.add(out, ONE, out)
    np.multiply(out, HALF, out)


def sigmoid_single(z: Array, out: Array) -> None:
    """f(z) = ½(1 + tanh(z/2)) of a float32 array, without a number in double precision."""
    np.multiply(z, HALF_SINGLE, out)
    np.tanh(out, out)
    np.add(out, ONE_SINGLE, out)
    np.multiply(out, HALF_SINGLE, out)


def sigmoid_derivative(z: Array, a: Array, out: Array) -> None:
    """f′(z) = a (1 − a)."""
    np.subtract(ONE, a, out)
    np.multiply(out, a, out)


def logit(a: Array, math: Arithmetic = NATIVE) -> Array:
    """z = log a − log(1 − a), the inverse of the sigmoid."""
    return math.log(a) - math.log1p(-a)


def tanh(z: Array, out: Array) -> None:
    """f(z) = tanh z."""
    np.tanh(z, out)


def tanh_derivative(z: Array, a: Array, out: Array) -> None:
    """f′(z) = 1 − a²."""
    np.multiply(a, a, out)
    np.subtract(ONE, out, out)


def lowered(z: Array) -> Array:
    """Subtract the largest z over the last axis; a difference too large for a float64 is its largest number."""
    largest = z.max(axis=-1, keepdims=True)
    return np.maximum(z, np.maximum(largest, ZERO) - LARGEST) - largest


def softmax(z: Array, out: Array, math: Arithmetic = NATIVE) -> None:
    """f(z)ᵢ = exp(zᵢ) / Σⱼ exp(zⱼ) over the last axis. The largest z is subtracted first, so that nothing overflows."""
    # A maximum over the first axis is vectorised: it takes a third of the time, with the copy.
    largest = np.maximum.reduce(np.ascontiguousarray(z.reshape(-1, z.shape[-1]).T)).reshape(*z.shape[:-1], 1)
    with np.errstate(over="ignore"):  # a difference beyond a float64 is −∞, and exp of that is 0
        np.subtract(z, largest, out=out)
    math.exp(out, out)
    np.divide(out, math.total(out), out=out)


@dataclass(frozen=True)
class Activation:
    """`function(z, out)` and `derivative(z, a, out)`, where `a` is the function's value at `z`.

    A `piecewise_linear` function has slopes of at most one, so that rounding errors never grow through it. One that is
    not `elementwise` mixes the units of a layer, and has no derivative for each of them; the elementwise functions
    never fall. A bounded function that flattens out has its `steepest` slope. Values lie between `lowest` and
    `highest`. A function that is `flat` has the slope 0 everywhere, so that no gradient passes through it. `inverse(a)`
    gives the preactivations of values that lie strictly between `lowest` and `highest`; None stands for the values
    themselves. `single(z, out)` is the function for float32; None if there is none. A computed value of a bounded
    function, in single as in double precision, is off by at most `value_error` roundings of 1. A derivative that
    `needs_z` takes another value at `a` than at `z`, so that z must be kept for it. `portable` has what
    takes the place of functions that are not exact; see `with_math`.
    """

    function: Callable[[Array, Array], None]
    derivative: Callable[[Array, Array, Array], None] | None
    piecewise_linear: bool = False
    elementwise: bool = True
    steepest: float | None = None
    lowest: float = -inf
    highest: float = inf
    flat: bool = False
    inverse: Callable[[Any], Any] | None = None
    single: Callable[[Array, Array], None] | None = None
    value_error: float = 0.0
    needs_z: bool = True
    portable: Mapping[str, Function] = field(default_factory=dict)

    @property
    def asymptotes(self) -> tuple[float, float] | None:
        """The values that a function which flattens out at both ends comes near to."""
        return None if self.steepest is None else (self.lowest, self.highest)

    @property
    def cuts_off(self) -> bool:
        """Whether the function may be 0 for many arguments, so that a unit can be dead."""
        return self.lowest == 0 and self.steepest is None


ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation(relu, relu_derivative, piecewise_linear=True, lowest=0, single=relu, needs_z=False),
    "relu_inclusive": Activation(relu, relu_inclusive_derivative, piecewise_linear=True, lowest=0, single=relu),
    "leaky_relu": Activation(
        leaky_relu, leaky_relu_derivative, piecewise_linear=True, single=leaky_relu, needs_z=False
    ),
    "sigmoid": Activation(
        sigmoid,
        sigmoid_derivative,
        steepest=0.25,
        lowest=0,
        highest=1,
        inverse=logit,
        single=sigmoid_single,
        value_error=8,
        needs_z=False,
        portable={"function": portable.sigmoid, "inverse": partial(logit, math=PORTABLE)},
    ),
    "tanh": Activation(
        tanh,
        tanh_derivative,
        steepest=1.0,
        lowest=-1,
        highest=1,
        single=tanh,
        value_error=8,
        needs_z=False,
        portable={"function": portable.tanh},
    ),
    "step": Activation(step, step_derivative, lowest=0, highest=1, flat=True, needs_z=False),
    "identity": Activation(identity, identity_derivative, piecewise_linear=True, single=identity, needs_z=False),
}
"""What a hidden layer may apply. A new function is one entry."""

OUTPUTS: dict[str, Activation] = {
    **ACTIVATIONS,
    "softmax": Activation(
        softmax,
        None,
        elementwise=False,
        lowest=0,
        highest=1,
        inverse=np.log,
        portable={"function": partial(softmax, math=PORTABLE), "inverse": portable.log},
    ),
}
"""What the last layer may apply."""
