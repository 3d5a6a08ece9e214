"""Activation functions and their derivatives, by name.

Each function is elementwise, takes arrays of any shape and writes its result to `out`, of the same shape and dtype.
The piecewise linear ones take float32 too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

# 0-d arrays: a ufunc converts a Python number anew on every call.
ZERO = np.array(0.0)
ONE = np.array(1.0)
HALF = np.array(0.5)
LEAK = np.array(0.1)


def identity(z: Array, out: Array) -> None:
    """f(z) = z."""
    np.copyto(out, z)


def identity_derivative(z: Array, a: Array, out: Array) -> None:
    """f′(z) = 1."""
    out.fill(1.0)


def step(z: Array, out: Array) -> None:
    """f(z) = 1 if z > 0 else 0."""
    np.copyto(out, np.greater(z, ZERO))


@lru_cache(maxsize=8)
def _zeros(shape: tuple[int, ...], dtype: np.dtype) -> Array:
    return np.zeros(shape, dtype)


def relu(z: Array, out: Array) -> None:
    """f(z) = max(z, 0)."""
    # Against an array, because NumPy's vector loop for a maximum does not take a number: twice as fast.
    np.maximum(z, _zeros(z.shape, z.dtype), out=out)


def relu_derivative(z: Array, a: Array, out: Array) -> None:
    """f′(z) = 1 if z > 0 else 0: the lower branch at z = 0."""
    np.copyto(out, np.greater(z, ZERO))


def leaky_relu(z: Array, out: Array) -> None:
    """f(z) = max(z, 0.1 z)."""
    np.maximum(z, np.multiply(z, 0.1), out=out)


def leaky_relu_derivative(z: Array, a: Array, out: Array) -> None:
    """f′(z) = 1 if z > 0 else 0.1: the lower branch at z = 0."""
    np.copyto(out, np.where(np.greater(z, ZERO), ONE, LEAK))


def sigmoid(z: Array, out: Array) -> None:
    """f(z) = 1 / (1 + exp(−z)), written as ½(1 + tanh(z/2)), which cannot overflow."""
    np.multiply(z, HALF, out=out)
    np.tanh(out, out=out)
    np.add(out, ONE, out=out)
    np.multiply(out, HALF, out=out)


def sigmoid_derivative(z: Array, a: Array, out: Array) -> None:
    """f′(z) = a (1 − a)."""
    np.subtract(ONE, a, out=out)
    np.multiply(out, a, out=out)


def tanh(z: Array, out: Array) -> None:
    """f(z) = tanh z."""
    np.tanh(z, out=out)


def tanh_derivative(z: Array, a: Array, out: Array) -> None:
    """f′(z) = 1 − a²."""
    np.multiply(a, a, out=out)
    np.subtract(ONE, out, out=out)


@dataclass(frozen=True)
class Activation:
    """`function(z, out)` and `derivative(z, a, out)`, where `a` is the function's value at `z`.

    `piecewise_linear` functions have slopes of at most one, so that rounding errors never grow through them.
    """

    function: Callable[[Array, Array], None]
    derivative: Callable[[Array, Array, Array], None]
    piecewise_linear: bool = False


ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation(relu, relu_derivative, piecewise_linear=True),
    "leaky_relu": Activation(leaky_relu, leaky_relu_derivative, piecewise_linear=True),
    "sigmoid": Activation(sigmoid, sigmoid_derivative),
    "tanh": Activation(tanh, tanh_derivative),
    "identity": Activation(identity, identity_derivative, piecewise_linear=True),
}
"""What a hidden layer may apply."""

OUTPUTS: dict[str, Activation] = {
    # A step has no useful slope: the error passes straight through it, as if its derivative were one.
    "step": Activation(step, identity_derivative),
    "sigmoid": ACTIVATIONS["sigmoid"],
    "tanh": ACTIVATIONS["tanh"],
    "identity": ACTIVATIONS["identity"],
}
"""What the last layer may apply."""
