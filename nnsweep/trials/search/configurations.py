"""The configurations of a searched sweep: points of its spaces, and their trials."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from math import prod
from typing import Any

from nnsweep.design.sweep import CASE, SEED, Axis, Sweep
from nnsweep.errors import NnsweepError
from nnsweep.sweepfile.parameters import Parameters
from nnsweep.trainers.protocol import Trainer
from nnsweep.trials.expand import expand
from nnsweep.trials.grid import Grid

Configuration = tuple[Any, ...]
"""A value for each axis but that of the seeds, in their order."""


class Configurations:
    """All configurations that a search may choose."""

    def __init__(self, sweep: Sweep, trainer: Trainer) -> None:
        self.sweep, self._trainer = sweep, trainer
        self.axes: Sequence[Axis] = sweep.cell_axes
        self._parameters = Parameters.of(trainer)

    @property
    def seeds(self) -> tuple[Any, ...]:
        """The seeds of the file, of which each configuration has a trial; empty without an axis of seeds."""
        return next((axis.values for axis in self.sweep.axes if axis.parameter == SEED), ())

    @cached_property
    def size(self) -> int | None:
        """At most how many configurations there are; None if there is no end of them."""
        sizes = list(map(self.size_of, self.axes))
        return None if None in sizes else prod(size for size in sizes if size is not None)

    @staticmethod
    def size_of(axis: Axis) -> int | None:
        """How many values an axis has; None if there is no end of them."""
        return len(axis.values) if axis.space is None else axis.space.size

    def at(self, shares: Sequence[float]) -> Configuration:
        """Return the configuration at a share of each axis, from 0 to 1; a list has equal shares for its values."""
        return self.of(self.values_at(shares))

    def values_at(self, shares: Sequence[float]) -> list[Any]:
        """Return a value of each axis, before conditions count and the trainer checks it."""
        return [_value(axis, share) for axis, share in zip(self.axes, shares, strict=True)]

    def of(self, values: Sequence[Any]) -> Configuration:
        """Return the configuration of some values: an axis whose conditions do not hold has its default.

        Raises:
            NnsweepError: the trainer refuses a value.
        """
        kept = [self._checked(axis, value) for axis, value in zip(self.axes, values, strict=True)]
        settings = {axis.parameter: value for axis, value in zip(self.axes, kept, strict=True)}
        return tuple(
            value if axis.applies(settings) else axis.default for axis, value in zip(self.axes, kept, strict=True)
        )

    def _checked(self, axis: Axis, value: Any) -> Any:
        """Return a value of an interval as the trainer keeps it; those of lists are checked already."""
        if axis.space is None or axis.parameter == CASE:
            return value
        kept, problems = self._parameters.check(axis.name, value, (), f"{axis.name} in [axes]")
        for problem in problems:
            raise NnsweepError(f"{self.sweep.name}: {problem}")
        return kept

    def rows(self, configurations: Iterable[Configuration], seeds: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """List the trials of configurations as rows of `Sweep.asked`, with these seeds or those of the file."""
        if not self.seeds:
            return list(configurations)
        return [(*each, seed) for each in configurations for seed in seeds or self.seeds]

    def trials(self, rows: Sequence[tuple[Any, ...]]) -> Grid:
        """Make the trials of some rows."""
        return expand(with_asked(self.sweep, rows), self._trainer)


def with_asked(sweep: Sweep, rows: Sequence[tuple[Any, ...]]) -> Sweep:
    """Return a searched sweep with the trials that were asked for, whose values become those of its axes."""
    if not rows:
        return sweep
    columns = zip(*rows, strict=True)
    axes = tuple(_with_values(axis, column) for axis, column in zip(sweep.axes, columns, strict=True))
    return replace(sweep, axes=axes, asked=tuple(rows))


def _with_values(axis: Axis, column: Sequence[Any]) -> Axis:
    """Give an axis the values that were asked for: those of a list in its order, others by size."""
    found = dict.fromkeys(column)
    listed = () if axis.space is not None else axis.values
    more = [value for value in found if value not in listed]
    if axis.parameter == SEED:  # all of them belong to the search, also those that a race has not come to
        return replace(axis, values=(*axis.values, *_sorted(more)))
    return replace(axis, values=(*(value for value in listed if value in found), *_sorted(more)))


def _sorted(values: Sequence[Any]) -> Sequence[Any]:
    """Sort numbers, also those that a trainer keeps in a list; others, such as a default that is a text, follow."""
    numbers = {value: number for value in values if (number := _number(value)) is not None}
    return [*sorted(numbers, key=numbers.__getitem__), *(value for value in values if value not in numbers)]


def _number(value: Any) -> float | None:
    if isinstance(value, tuple) and len(value) == 1:
        return _number(value[0])
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _value(axis: Axis, share: float) -> Any:
    if axis.space is not None:
        return axis.space.at(share)
    return axis.values[min(int(share * len(axis.values)), len(axis.values) - 1)]
