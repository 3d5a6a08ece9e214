"""Which combinations of values a sweep is made of."""

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
    """The values of each axis in the grid itself, then in each include, where axes not named keep all of theirs."""
    return [[entry.get(axis.parameter, axis.values) for axis in axes] for entry in ({}, *include)]


def count(axes: Sequence[Axis], include: Names) -> int:
    """How many combinations there are before any is excluded or found twice; none is made."""
    return sum(prod(map(len, block)) for block in blocks(axes, include))


def excluded(axes: Sequence[Axis], exclude: Names) -> Callable[[Values], bool]:
    """A test of whether a combination of the grid matches every name of an exclude entry."""
    place = {axis.parameter: index for index, axis in enumerate(axes)}
    rules = [[(place[name], frozenset(values)) for name, values in entry.items()] for entry in exclude]
    return lambda values: any(all(values[at] in named for at, named in rule) for rule in rules)


def present(axes: Sequence[Axis], include: Names, exclude: Names) -> tuple[Axis, ...]:
    """The axes with the values that trials have: less those that are wholly excluded, with those that are included."""
    if not (include or exclude):
        return tuple(axes)
    found = [dict.fromkeys(column) for column in zip(*combinations(axes, include, exclude), strict=True)]
    return tuple(map(_present, axes, found))


def _present(axis: Axis, found: Mapping[Any, None]) -> Axis:
    own = dict.fromkeys(value for value in axis.values if value in found)
    return replace(axis, values=tuple(own), added=tuple(value for value in found if value not in own))


def combinations(axes: Sequence[Axis], include: Names = (), exclude: Names = ()) -> Iterator[Values]:
    """Each combination once: the grid's own, first axis outermost, less the excluded; then those included.

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
