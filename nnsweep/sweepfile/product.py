"""The combinations of values in a sweep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, product
from math import prod
from typing import Any

from nnsweep.design.sweep import Axis

Values = tuple[Any, ...]
"""One value for each axis, in the axes' order."""
Names = Sequence[Mapping[str, Values]]
"""Entries of [[include]] or [[exclude]]: values by parameter."""


def blocks(axes: Sequence[Axis], include: Names) -> list[list[Values]]:
    """Return the values of each axis in the grid, then in each include; an axis that is not named keeps all values."""
    return [[entry.get(axis.parameter, axis.values) for axis in axes] for entry in ({}, *include)]


def count(axes: Sequence[Axis], include: Names) -> int:
    """Count the combinations before exclusion and duplicates, without making them."""
    return sum(prod(map(len, block)) for block in blocks(axes, include))


def excluded(axes: Sequence[Axis], exclude: Names) -> Callable[[Values], bool]:
    """Return a function that tells whether a combination matches all names of an exclude entry."""
    place = {axis.parameter: index for index, axis in enumerate(axes)}
    rules = [[(place[name], frozenset(values)) for name, values in entry.items()] for entry in exclude]
    return lambda values: any(all(values[at] in named for at, named in rule) for rule in rules)


def present(axes: Sequence[Axis], include: Names, exclude: Names) -> tuple[Axis, ...]:
    """Return the axes with the values of trials: without wholly excluded values, with included ones."""
    if not (include or exclude):
        return tuple(axes)
    found = [dict.fromkeys(column) for column in zip(*combinations(axes, include, exclude), strict=True)]
    return tuple(map(_present, axes, found))


def _present(axis: Axis, found: Mapping[Any, None]) -> Axis:
    own = dict.fromkeys(value for value in axis.values if value in found)
    return replace(axis, values=tuple(own), added=tuple(value for value in found if value not in own))


def combinations(axes: Sequence[Axis], include: Names = (), exclude: Names = ()) -> Iterator[Values]:
    """Yield each combination once: those of the grid that are not excluded, first axis outermost, then included ones.

    >>> list(combinations([Axis("a", "a", (1, 2)), Axis("b", "b", (3, 4))], exclude=[{"a": (2,), "b": (3,)}]))
    [(1, 3), (1, 4), (2, 4)]
    """
    grid, *more = blocks(axes, include)
    matches = excluded(axes, exclude)
    own = (values for values in product(*grid) if not (exclude and matches(values)))
    if not more:
        yield from own
        return
    seen: set[Values] = set()
    for values in chain(own, *(product(*block) for block in more)):
        if values not in seen:
            seen.add(values)
            yield values
