"""A checked sweep, which every later room starts from."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from nnsweep.design.columns import column_of
from nnsweep.design.finding import find_value, matches
from nnsweep.design.search import Condition, Progress, Search, Space
from nnsweep.design.spelling import label, spell
from nnsweep.errors import NnsweepError
from nnsweep.format import did_you_mean

SEED = "seed"
"""The replicate axis: it is always aggregated, never a row, column or panel."""
CASE = "case"
"""The axis that the [cases] of a file make."""

PLAIN = (bool, int, float, str)
"""Types whose values are their own labels."""

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Axis:
    """One varied name and its values, in the order of the file.

    `name` is the name in the file (`alpha`), `parameter` the trainer's name (`learning_rate`). The values of the axis
    `case` are the names of the cases, and its `parameter` is `case`. `added` are further values that come from
    `include` alone.

    In a sweep that is searched, an axis may have a `space`. Its values are those that the search has chosen; before it
    has begun, they are both ends. Where one of the conditions `only_if` does not hold, the parameter has its `default`.
    """

    name: str
    parameter: str
    values: tuple[Any, ...]
    added: tuple[Any, ...] = ()
    space: Space | None = None
    only_if: tuple[Condition, ...] = ()
    default: Any = None

    @property
    def column(self) -> str:
        """The axis's column in tables: its name, with a space after it if tables have their own column of this name."""
        return column_of(self.name)

    @property
    def every(self) -> tuple[Any, ...]:
        """All values of trials, those of the grid first."""
        return (*self.values, *self.added)

    @cached_property
    def labels(self) -> Mapping[Any, Any]:
        """The `label` of every value. All differ: values whose labels would be equal are written as in a file.

        >>> list(Axis("hidden", "hidden", (2, 4, (4,), (8, 8))).labels.values())
        [2, 4, '[4]', '8-8']
        """
        return dict(zip(self.every, _apart(self.every, [label(value) for value in self.every]), strict=True))

    @cached_property
    def shown(self) -> Mapping[Any, Any]:
        """Every value as in a table's column: all numbers, all truth values or all texts. All differ.

        >>> list(Axis("gamma", "gamma", (0.1, 1), added=("scale",)).shown.values())
        ['0.1', '1', 'scale']
        """
        labels = list(self.labels.values())
        kinds = {type(each) for each in labels}
        if len(kinds) > 1 and kinds != {int, float}:
            labels = _apart(labels, [str(each) for each in labels])
        return dict(zip(self.every, labels, strict=True))

    def applies(self, settings: Mapping[str, Any]) -> bool:
        """Whether its conditions hold with these values of other axes, by parameter."""
        return all(settings[parameter] in values for parameter, values in self.only_if)

    def find(self, said: object) -> Any:
        """Find the value that is meant; see `finding.find_value`.

        Raises:
            NnsweepError: the axis has no such value, or several values have this spelling.
        """
        return find_value(self.name, self.shown, said)

    def matches(self, said: object) -> list[Any]:
        """List the values that may be meant: none, one, or several with the same digits in figures."""
        return matches(self.shown, said)


@dataclass(frozen=True)
class Success:
    """A trial succeeds if `metric` is strictly below, or above, a bound."""

    metric: str
    below: float | None = None
    above: float | None = None

    def __str__(self) -> str:
        """Write the condition: `error < 0.05`."""
        return f"{self.metric} < {self.below!r}" if self.below is not None else f"{self.metric} > {self.above!r}"

    @property
    def bound(self) -> float:
        """The number that the metric must stay below, or exceed."""
        found = self.above if self.below is None else self.below
        assert found is not None, "a sweep file has one of the two"
        return found

    @property
    def lower(self) -> bool:
        """Whether less of the metric is better."""
        return self.below is not None

    def holds(self, values: Any) -> Any:
        """Return whether a value of the metric, or each value of an array, is a success; NaN is none.

        >>> Success("error", below=0.05).holds(0.01), Success("accuracy", above=0.9).holds(float("nan"))
        (True, False)
        """
        return values < self.bound if self.lower else values > self.bound


@dataclass(frozen=True)
class Report:
    """The axes in rows, columns and panels of tables and figures (None: chosen from the axes), and figure formats."""

    rows: str | None = None
    columns: str | None = None
    panels: str | None = None
    formats: tuple[str, ...] = ("png",)


@dataclass(frozen=True)
class Run:
    """How trials are trained: `timeout` is the limit of one training in seconds, None is no limit.

    `scheduler` is the Dask cluster that trains, None is this machine.
    """

    timeout: float | None = None
    scheduler: str | None = None


@dataclass(frozen=True)
class Sweep:
    """The content of a sweep file. Parameter names are canonical, but an `Axis` keeps the file's spelling too."""

    name: str
    trainer: str
    description: str = ""
    fixed: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    axes: tuple[Axis, ...] = ()
    cases: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: NOTHING)
    include: tuple[Mapping[str, tuple[Any, ...]], ...] = ()
    exclude: tuple[Mapping[str, tuple[Any, ...]], ...] = ()
    success: Success | None = None
    report: Report = Report()
    run: Run = Run()
    keep_weights: str = "none"
    """Whose weights are kept: those of the "best" trial, of "all", or of "none"."""
    search: Search | None = None
    """How the sweep is searched; None for a grid."""
    asked: tuple[tuple[Any, ...], ...] = ()
    """The trials that the search has asked for so far: the value of each on every axis, in the order of `axes`."""
    progress: Progress = field(default_factory=Progress, compare=False)
    """What a search has done that stops configurations early."""
    source: str = ""
    """The text of the sweep file."""
    overrides: tuple[str, ...] = ()
    """The options that override the text, such as "alpha=0.01,0.02"."""
    trainer_version: str = ""
    """The version of a trainer that is a function of this Python session; empty for other trainers."""
    folder: str = field(default="", compare=False)
    """The folder of the file, where data and trainer are searched first; "" for the working directory alone."""
    file: str = field(default="", compare=False)
    """The absolute path of the file; "" if the text came from elsewhere."""

    @property
    def stopped(self) -> dict[tuple[Any, ...], str]:
        """Why a search gave each configuration no more seeds or epochs, by its values in tables."""
        pairs = ((zip(self.cell_axes, at, strict=True), why) for at, why in self.progress.endings.items())
        listed = (([axis.shown.get(value) for axis, value in cells], why) for cells, why in pairs)
        return {tuple(row): why for row, why in listed if None not in row}

    def required_success(self) -> Success:
        """Return the condition of success.

        Raises:
            NnsweepError: the sweep has none.
        """
        if self.success is None:
            raise NnsweepError(f"{self.name}: success is not defined; give the sweep a [success] and run it again")
        return self.success

    def axis(self, name: str) -> Axis:
        """Find an axis by its name in the file, or by the name of its parameter.

        Raises:
            NnsweepError: no axis has this name.
        """
        return _find_axis(self.axes, name)

    def cell_axis(self, name: str) -> Axis:
        """Find an axis other than that of the seeds, by name.

        Raises:
            NnsweepError: no such axis has this name.
        """
        return _find_axis(self.cell_axes, name)

    @property
    def judged_by(self) -> str:
        """The metric of the condition of success; "" if there is none."""
        return self.success.metric if self.success else ""

    @property
    def cell_axes(self) -> list[Axis]:
        """The axes except that of the seeds. Their combinations are the cells, in which seeds are replicates."""
        return [axis for axis in self.axes if axis.parameter != SEED]

    @property
    def cell_names(self) -> list[str]:
        """The columns of the axes of the cells."""
        return [axis.column for axis in self.cell_axes]

    @property
    def seed_name(self) -> str | None:
        """The column of the axis of the seeds; None without one."""
        return next((axis.column for axis in self.axes if axis.parameter == SEED), None)


def axis_named(axes: Sequence[Axis], name: str) -> Axis | None:
    """Find an axis by its name in the file, or by the name of its parameter; None if no axis has it."""
    wanted = unicodedata.normalize("NFKC", name.strip())
    named = (axis for axis in axes if axis.name == wanted)
    return next(named, None) or next((axis for axis in axes if axis.parameter == wanted), None)


def _find_axis(axes: Sequence[Axis], name: str) -> Axis:
    found = axis_named(axes, name)
    if found is None:
        allowed = ", ".join(axis.name for axis in axes) or "none"
        spellings = [spelling for axis in axes for spelling in (axis.parameter, axis.name)]
        raise NnsweepError(f"no axis `{name}`; allowed: {allowed}{did_you_mean(name.strip(), spellings)}")
    return found


def _apart(values: Collection[Any], texts: Sequence[Any]) -> Sequence[Any]:
    """Make texts of different values different: equal ones are written as in a file, lists and tables first."""
    found = Counter(texts)
    if len(found) == len(values):
        return texts
    pairs = list(zip(values, texts, strict=True))
    some = [spell(value) if found[text] > 1 and not isinstance(value, PLAIN) else text for value, text in pairs]
    return some if len(set(some)) == len(values) else [spell(value) for value in values]


def plain(value: Any) -> Any:
    """Convert a value that a file writes as a table to a dict without defaults: the `default` of `json.dumps`.

    Raises:
        TypeError: a file cannot write this value.
    """
    if not isinstance(value, BaseModel):
        raise TypeError(f"a {type(value).__name__} is no value of a sweep")
    return value.model_dump(mode="json", exclude_defaults=True)
