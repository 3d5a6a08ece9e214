"""The calls of a step as NumPy makes them: straight to ufuncs, on memory that is allocated once.

An activation is a function of Python, which anything may call. In a step of tiny networks its own time counts: what
looks up and allocates takes as long as the arithmetic. So a step makes the same ufunc calls itself, with the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from nnsweep.nn import activations
from nnsweep.nn.activations import HALF, LEAK, ONE, ZERO, zeros_for
from nnsweep.nn.engine.program import Call, add_up, copy, evenly_apart
from nnsweep.nn.network import Array

Ready = tuple[Callable[..., Any], tuple[Any, ...]]
"""A function and its operands, in whatever order it takes them."""


def direct(calls: Sequence[Call]) -> list[Ready]:
    """Replace functions by the ufunc calls that they make, where these are known."""
    found: list[Ready] = []
    for function, operands in calls:
        expand = DIRECT.get(function)
        found += [(function, operands)] if expand is None else expand(*operands)
    return found


def _above(compare: np.ufunc, z: Array, out: Array) -> list[Ready]:
    mask = np.empty(z.shape, dtype=bool)
    return [(compare, (z, ZERO, mask)), (np.copyto, (out, mask))]


def _step(z: Array, out: Array) -> list[Ready]:
    return _above(np.greater, z, out)


def _relu(z: Array, out: Array) -> list[Ready]:
    return [_maximum(z, zeros_for(z), out)]


def _relu_slope(z: Array, a: Array, out: Array) -> list[Ready]:
    return _above(np.greater, z, out)


def _relu_inclusive_slope(z: Array, a: Array, out: Array) -> list[Ready]:
    return _above(np.greater_equal, z, out)


def _leaky_relu(z: Array, out: Array) -> list[Ready]:
    spare = np.empty(z.shape)
    return [(np.multiply, (z, LEAK, spare)), _maximum(z, spare, out)]


def _leaky_slope(z: Array, a: Array, out: Array) -> list[Ready]:
    return [*_above(np.greater, z, out), _maximum(out, np.full(z.shape, LEAK), out)]


def _sigmoid(z: Array, out: Array) -> list[Ready]:
    halves = (np.multiply, (z, HALF, out)), (np.multiply, (out, HALF, out))
    return [halves[0], (np.tanh, (out, out)), (np.add, (out, ONE, out)), halves[1]]


def _sigmoid_slope(z: Array, a: Array, out: Array) -> list[Ready]:
    return [(np.subtract, (ONE, a, out)), (np.multiply, (out, a, out))]


def _tanh(z: Array, out: Array) -> list[Ready]:
    return [(np.tanh, (z, out))]


def _tanh_slope(z: Array, a: Array, out: Array) -> list[Ready]:
    return [(np.multiply, (a, a, out)), (np.subtract, (ONE, out, out))]


def _softmax(z: Array, out: Array) -> list[Ready]:
    turned = np.empty((z.shape[-1], z.size // z.shape[-1]))
    largest, total = np.empty(turned.shape[1]), np.empty((*z.shape[:-1], 1))
    return [
        (np.copyto, (turned, z.reshape(-1, z.shape[-1]).T)),
        (partial(np.maximum.reduce, axis=0, out=largest), (turned,)),
        (np.subtract, (z, largest.reshape(*z.shape[:-1], 1), out)),
        (np.exp, (out, out)),
        (partial(np.add.reduce, axis=-1, keepdims=True, out=total), (out,)),
        (np.divide, (out, total, out)),
    ]


def _copy(source: Array, target: Array) -> list[Ready]:
    return [(np.copyto, (target, source))]


def _add_up(*operands: Array) -> list[Ready]:
    """Reduce the first axis of arrays that lie evenly apart: in their order, as long as it is not the innermost.

    A sum that starts with -0.0 keeps the sign of zeros; NumPy's starts with 0.0.
    """
    *arrays, total = operands
    if total.shape[-1] == 1:
        return [(add_up, operands)]
    return [(partial(np.add.reduce, axis=0, initial=-0.0, out=total), (evenly_apart(arrays),))]


def _maximum(a: Any, b: Any, out: Array) -> Ready:
    return partial(np.maximum, out=out), (a, b)


DIRECT: dict[Callable[..., Any], Callable[..., list[Ready]]] = {
    activations.step: _step,
    activations.relu: _relu,
    activations.relu_derivative: _relu_slope,
    activations.relu_inclusive_derivative: _relu_inclusive_slope,
    activations.leaky_relu: _leaky_relu,
    activations.leaky_relu_derivative: _leaky_slope,
    activations.sigmoid: _sigmoid,
    activations.sigmoid_derivative: _sigmoid_slope,
    activations.tanh: _tanh,
    activations.tanh_derivative: _tanh_slope,
    activations.softmax: _softmax,
    activations.identity: _copy,
    copy: _copy,
    add_up: _add_up,
}
"""What a function does in a step; one that is not here is called as it is."""
