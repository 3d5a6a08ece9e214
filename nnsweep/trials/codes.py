"""The combinations of a sweep's values as columns of small whole numbers, which number the values of each axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnsweep.design.sweep import Axis
from nnsweep.sweepfile.product import Names, blocks

SPARSE = 4
"""With more possible combinations for each row, those that there are are sorted."""
Codes = tuple[NDArray[np.integer[Any]], ...]
"""For each axis one column (rows,)."""


def values_of(axis: Axis, include: Names) -> tuple[Any, ...]:
    """List the values of an axis that codes number: those of the grid, then those of `include`."""
    included = (value for entry in include for value in entry.get(axis.parameter, ()))
    return tuple(dict.fromkeys((*axis.every, *included)))


def combine(axes: Sequence[Axis], include: Names, exclude: Names, values: Sequence[Sequence[Any]]) -> tuple[int, Codes]:
    """Number the combinations of a sweep, each once, in the order of `product.combinations`; return how many, and how.

    >>> combine([Axis("a", "a", (1, 2)), Axis("b", "b", (3, 4))], (), [{"a": (2,), "b": (3,)}], [(1, 2), (3, 4)])
    (3, (array([0, 0, 1], dtype=uint8), array([0, 1, 1], dtype=uint8)))
    """
    numbers = [{value: code for code, value in enumerate(each)} for each in values]
    coded = [
        [[number[value] for value in each] for number, each in zip(numbers, b, strict=True)]
        for b in blocks(axes, include)
    ]
    kinds = [np.min_scalar_type(max(len(each) - 1, 0)) for each in values]
    sizes = [prod(map(len, block)) for block in coded]
    parts = [_product(block, kinds) for block in coded]
    parts[0], sizes[0] = _without(parts[0], sizes[0], axes, exclude, numbers)
    if len(parts) == 1:
        return sizes[0], parts[0]
    codes = tuple(np.concatenate(column) for column in zip(*parts, strict=True))
    rows, _ = number_rows(codes, sum(sizes))
    return len(rows), tuple(column[rows] for column in codes)


def number_asked(asked: Sequence[Sequence[Any]], values: Sequence[Sequence[Any]]) -> tuple[int, Codes]:
    """Number the values of trials that are listed one by one, a row each; return how many, and the codes.

    >>> number_asked([("a", 2), ("b", 1)], [("a", "b"), (1, 2)])
    (2, (array([0, 1], dtype=uint8), array([1, 0], dtype=uint8)))
    """
    numbers = [{value: code for code, value in enumerate(each)} for each in values]
    columns = zip(*asked, strict=True) if asked else ([] for _ in values)
    kinds = [np.min_scalar_type(max(len(each) - 1, 0)) for each in values]
    coded = zip(columns, numbers, kinds, strict=True)
    return len(asked), tuple(
        np.array([number[value] for value in column], dtype=kind) for column, number, kind in coded
    )


def number_rows(codes: Sequence[NDArray[Any]], size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Number the distinct combinations of some columns, in order of appearance.

    Returns the first row of each combination, in ascending order, and the number of each row's.
    """
    first, number = np.zeros(min(size, 1), dtype=np.intp), np.zeros(size, dtype=np.intp)
    for column in codes:
        most = int(column.max(initial=0))
        if most:
            first, number = _number(number * (most + 1) + column, len(first) * (most + 1))
    return first, number


def _number(keys: NDArray[np.intp], bound: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Number distinct keys, all below a bound, in order of appearance."""
    size = len(keys)
    if bound > SPARSE * size:
        order = np.argsort(keys)
        starts = np.diff(keys[order], prepend=-1) > 0
        keys = np.empty(size, dtype=np.intp)
        keys[order] = np.cumsum(starts) - 1
        bound = int(keys.max(initial=-1)) + 1
    first = np.full(bound, size)
    first[keys[::-1]] = np.arange(size)[::-1]  # of several rows with one key, the first is written last
    rows = np.sort(first[first < size])
    number = np.empty(bound, dtype=np.intp)
    number[keys[rows]] = np.arange(len(rows))
    return rows, number[keys]


def starts_of_runs(codes: Sequence[NDArray[Any]], size: int) -> list[int]:
    """List the rows at which a column differs from the row before; the first row is one."""
    starts = np.zeros(size, dtype=bool)
    starts[:1] = True
    for column in codes:
        starts[1:] |= column[1:] != column[:-1]
    return starts.nonzero()[0].tolist()


def _product(block: Sequence[Sequence[int]], kinds: Iterable[Any]) -> Codes:
    """Combine codes, the first axis outermost."""
    sizes = [len(each) for each in block]
    columns: list[NDArray[Any]] = []
    for at, (each, kind) in enumerate(zip(block, kinds, strict=True)):
        column = np.repeat(np.array(each, dtype=kind), prod(sizes[at + 1 :]))
        columns.append(np.tile(column, prod(sizes[:at])))
    return tuple(columns)


def _without(
    codes: Codes, size: int, axes: Sequence[Axis], exclude: Names, numbers: Sequence[Any]
) -> tuple[Codes, int]:
    """Leave out the combinations that match all names of an entry of `exclude`."""
    if not exclude:
        return codes, size
    place = {axis.parameter: at for at, axis in enumerate(axes)}
    gone = np.zeros(size, dtype=bool)
    for entry in exclude:
        named = [_among(codes[place[name]], numbers[place[name]], found) for name, found in entry.items()]
        gone |= reduce(np.logical_and, named, np.ones(size, dtype=bool))
    return tuple(column[~gone] for column in codes), int(size - gone.sum())


def _among(column: NDArray[Any], numbers: dict[Any, int], values: Iterable[Any]) -> NDArray[np.bool_]:
    return np.isin(column, [numbers[value] for value in values if value in numbers])
