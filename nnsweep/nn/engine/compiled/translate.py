"""Translate a step of `Rows`, which is a list of NumPy calls on rows, into assignments of numbers for one trial.

Every operation acts on one trial at a time, so what the calls do to entry k of all rows is what a step does to trial k.
The translation keeps each operation and the order of sums. It has no rule of its own: another optimiser, another loss
or another order of the layers is only another list of calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnsweep.nn import activations, portable
from nnsweep.nn.engine.program import Call, add_up, copy
from nnsweep.nn.network import Array

EXPRESSIONS: Mapping[Callable[..., Any], str] = {
    np.add: "{0} + {1}",
    np.subtract: "{0} - {1}",
    np.multiply: "{0} * {1}",
    np.divide: "{0} / {1}",
    np.sqrt: "sqrt({0})",
    copy: "{0}",
    activations.identity: "{0}",
    activations.identity_derivative: "1.0",
    activations.step: "positive({0})",
    activations.step_derivative: "0.0",
    activations.relu: "relu({0})",
    activations.relu_derivative: "positive({0})",
    activations.relu_inclusive_derivative: "not_negative({0})",
    activations.leaky_relu: "leaky_relu({0})",
    activations.leaky_relu_derivative: "leaky_slope({0})",
    activations.sigmoid_derivative: "(1.0 - {1}) * {1}",
    activations.tanh_derivative: "1.0 - {1} * {1}",
    portable.sigmoid: "sigmoid({0})",
    portable.tanh: "tanh({0})",
}
"""What each function of a step computes of its operands, each operation rounded once, as in NumPy."""

FUNCTIONS = """
@njit
def positive(z):
    return 1.0 if z > 0.0 else 0.0

@njit
def not_negative(z):
    return 1.0 if z >= 0.0 else 0.0

@njit
def relu(z):
    return z if z > 0.0 or z != z else 0.0

@njit
def leaky_relu(z):
    return z if z >= z * 0.1 or z != z else z * 0.1

@njit
def leaky_slope(z):
    return 1.0 if z > 0.0 else 0.1
"""
"""The source of those that the expressions call. NaN stays NaN in a maximum, and is not above 0."""


class TranslationError(Exception):
    """A step has a call that stands in no table; the text is its name."""


@dataclass(frozen=True)
class Translation:
    """A step as assignments `name = expression` for one trial.

    `loaded` are the rows that a step needs by the name of their number, and `stored` the last names of those that it
    changes. `examples` are the names of the sample's numbers in the order of their rows, None for one that no call
    reads.
    """

    lines: Sequence[str]
    loaded: Mapping[str, Array]
    stored: Mapping[str, str]
    examples: Sequence[str | None]


def translate(calls: Sequence[Call], examples: Array, trials: int) -> Translation:
    """Translate calls on rows of `trials` numbers; `examples`, (rows, T), hold the batch.

    Raises:
        TranslationError: a call has no translation.
    """
    lines: list[str] = []
    numbers = _Numbers()
    for function, operands in calls:
        expression = _sum(len(operands) - 1) if function is add_up else EXPRESSIONS.get(function)
        if expression is None:
            raise TranslationError(function.__name__)
        for *sources, target in _by_row(operands, trials):
            names = [numbers.get(source) for source in sources]
            if expression == "{0}":
                numbers.set(target, names[0])
            else:
                numbers.set(target, numbers.new())
                lines.append(f"{numbers.get(target)} = {expression.format(*names)}")
    drawn = [numbers.loaded.pop(address_of(row), (None, row))[0] for row in examples]
    loaded = dict(numbers.loaded.values())
    ends = {name: numbers.last[address] for address, (name, _) in numbers.loaded.items()}
    return Translation(lines, loaded, {name: end for name, end in ends.items() if end != name}, drawn)


def _sum(count: int) -> str:
    return " + ".join(f"{{{place}}}" for place in range(count))


class _Numbers:
    """The name of the number that each row has at a time; a row that is read before it is written is `loaded`."""

    def __init__(self) -> None:
        self.last: dict[int, str] = {}
        self.loaded: dict[int, tuple[str, Array]] = {}
        self._count = 0

    def new(self) -> str:
        self._count += 1
        return f"v{self._count}"

    def get(self, row: Array) -> str:
        if row.ndim == 0:
            return repr(float(row))
        address = address_of(row)
        if address not in self.last:
            self.last[address] = self.new()
            self.loaded[address] = self.last[address], row
        return self.last[address]

    def set(self, row: Array, name: str) -> None:
        self.last[address_of(row)] = name


def _by_row(operands: Sequence[Array], trials: int) -> Iterator[list[Array]]:
    """Split the operands of a call into rows of one number for each trial, in the order in which they are computed."""
    split = [a if a.ndim == 0 else a.reshape(*a.shape[:-1], -1, trials) for a in operands]
    for index in np.ndindex(split[-1].shape[:-1]):
        yield [a if a.ndim == 0 else a[_broadcast(index, a)] for a in split]


def _broadcast(index: tuple[int, ...], array: Array) -> tuple[int, ...]:
    """Give the place in an array that is broadcast against one with more axes or longer ones."""
    shape = array.shape[:-1]
    own = index[len(index) - len(shape) :]
    return tuple(0 if length == 1 else at for at, length in zip(own, shape, strict=True))


def address_of(row: Array) -> int:
    """Give the address of an array's first number."""
    return row.__array_interface__["data"][0]
