"""The configurations that take part in a race or a halving: all of a grid, or some that are drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, product
from math import prod
from typing import Any

import numpy as np

from nnsweep.design.sweep import Axis
from nnsweep.trials.search.configurations import Configuration, Configurations

List = Callable[..., Sequence[Configuration]]
"""Lists the configurations that take part: `candidates` or, for a plan, `sketch`."""
DRAWN_AT_ONCE = 256
IN_VAIN = 20
"""Draws of `DRAWN_AT_ONCE` without a new configuration, after which there are no others."""


def candidates(space: Configurations, count: int | None, seed: int, without: Axis | None = None) -> list[Configuration]:
    """List distinct configurations: the whole grid in its order, or the first `count` that are drawn at random.

    With a larger count, the first ones stay the same. The value on the axis `without` is always its first.
    """
    axes = [axis.values[:1] if axis is without else _values(axis) for axis in space.axes]
    whole = [values for values in axes if values is not None]
    if len(whole) == len(axes) and (count is None or count >= prod(map(len, whole))):
        return list(dict.fromkeys(space.of(values) for values in product(*whole)))
    assert count is not None, "a file with an interval says how many"
    return list(islice(_drawn(space, seed, without), count))


class Sketch(Sequence[Configuration]):
    """As many configurations as take part, drawn at random one after the other when somebody asks for them.

    Their number is that of the file, unless fewer fit into the spaces: a plan counts them, and asks for few.
    """

    def __init__(self, space: Configurations, size: int, seed: int, without: Axis | None = None) -> None:
        """Take the number of configurations."""
        self._size, self._drawn, self._found = size, _drawn(space, seed, without), dict[int, Configuration]()

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, at: Any) -> Any:
        if at not in self._found:
            self._found[at] = next(self._drawn)
        return self._found[at]


def sketch(space: Configurations, count: int | None, seed: int, without: Axis | None = None) -> Sequence[Configuration]:
    """Draw configurations as `candidates` does, of a grid at random; all of a grid whose size only a list tells."""
    sizes = [1 if axis is without else space.size_of(axis) for axis in space.axes]
    whole = None if None in sizes else prod(size for size in sizes if size is not None)
    if whole is not None and any(axis.only_if for axis in space.axes):
        return candidates(space, count, seed, without)
    return Sketch(space, min(size for size in (count, whole) if size is not None), seed, without)


def _values(axis: Axis) -> Sequence[object] | None:
    """List the values of an axis; None if it is an interval of numbers that are not whole."""
    if axis.space is None:
        return axis.values
    return None if axis.space.size is None else range(int(axis.space.low), int(axis.space.high) + 1)


def _drawn(space: Configurations, seed: int, without: Axis | None) -> Iterator[Configuration]:
    random, known, vain = np.random.default_rng(seed), set[Configuration](), 0
    held = [axis is without for axis in space.axes]
    while vain < IN_VAIN:
        vain += 1
        for shares in random.random((DRAWN_AT_ONCE, len(held))):
            found = space.at(np.where(held, 0.0, shares).tolist())
            if found not in known:
                known.add(found)
                vain = 0
                yield found
