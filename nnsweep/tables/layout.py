"""Assigns axes to rows, columns and panels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

from nnsweep.design.sweep import Axis, Sweep, axis_named
from nnsweep.tables.settings import is_numeric

PLACES = ("rows", "columns", "panels")


@dataclass(frozen=True)
class Layout:
    """The names of the axes in rows, columns and panels; None if no axis is left.

    `rest` are the axes beyond the third: each combination of their values is a page of its own. `values` are the values
    of every axis in grid order, as tables show them.
    """

    rows: str | None = None
    columns: str | None = None
    panels: str | None = None
    rest: tuple[str, ...] = ()
    values: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


def choose_layout(sweep: Sweep) -> Layout:
    """Place the axes as `[report]` asks; fill open places with numeric axes first, then by length.

    The seed is never placed. An axis with one value comes last; equal axes keep the order of the file.
    """
    axes = sweep.cell_axes
    asked = {place: _column(axes, getattr(sweep.report, place)) for place in PLACES}
    free = sorted((axis.column for axis in axes if axis.column not in asked.values()), key=_preference(axes))
    chosen = {place: asked[place] or (free.pop(0) if free else None) for place in PLACES}
    rest = tuple(axis.column for axis in axes if axis.column in free)
    return Layout(**chosen, rest=rest, values={axis.column: tuple(axis.shown.values()) for axis in axes})


def is_no_grid(sweep: Sweep, layout: Layout, cells: int) -> bool:
    """Whether a search has left most places of a grid of its values empty."""
    return sweep.search is not None and 2 * cells < prod(len(values) for values in layout.values.values())


def _column(axes: list[Axis], name: str | None) -> str | None:
    """Find the column of an axis; None of one that a part of the sweep no longer has."""
    axis = axis_named(axes, name) if name else None
    return axis.column if axis else None


def _preference(axes: list[Axis]):
    def key(name: str) -> tuple[bool, bool, int]:
        values = list(next(axis.shown.values() for axis in axes if axis.column == name))
        return len(values) == 1, not is_numeric(values), -len(values)

    return key
