"""A sweep, checked: what every later room works from."""

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
from nnsweep.design.spelling import label, spell
from nnsweep.errors import NnsweepError
from nnsweep.format import did_you_mean

SEED = "seed"
"""The replicate axis: always aggregated, never a row, column or panel."""
CASE = "case"
"""The axis that a file's [cases] make."""

PLAIN = (bool, int, float, str)
"""Types of values that are their own labels."""

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Axis:
    """One varied name and its values, in the order of the file.

    `name` is as the file spells it (`alpha`), `parameter` the trainer's name for it (`learning_rate`); of the axis
    `case` the values are the cases' names and `parameter` is `case`. `added` are further values that trials have only
    by an include.
    """

    name: str
    parameter: str
    values: tuple[Any, ...]
    added: tuple[Any, ...] = ()

    @property
    def column(self) -> str:
        """The axis's column in tables: its name, and a space where tables have a column of their own of this name."""
        return column_of(self.name)

    @property
    def every(self) -> tuple[Any, ...]:
        """All values that trials have, those of the grid first."""
        return (*self.values, *self.added)

    @cached_property
    def labels(self) -> Mapping[Any, Any]:
        """The `label` of every value. No two are alike: where they would be, values are written as in a file.

        >>> list(Axis("hidden", "hidden", (2, 4, (4,), (8, 8))).labels.values())
        [2, 4, '[4]', '8-8']
        """
        return dict(zip(self.every, _apart(self.every, [label(value) for value in self.every]), strict=True))

    @cached_property
    def shown(self) -> Mapping[Any, Any]:
        """Every value as a column of a table holds it: all numbers, all truths or all texts. No two are alike.

        >>> list(Axis("gamma", "gamma", (0.1, 1), added=("scale",)).shown.values())
        ['0.1', '1', 'scale']
        """
        labels = list(self.labels.values())
        kinds = {type(each) for each in labels}
        if len(kinds) > 1 and kinds != {int, float}:
            labels = _apart(labels, [str(each) for each in labels])
        return dict(zip(self.every, labels, strict=True))

    def find(self, said: object) -> Any:
        """Find the value that is meant, as `finding.find_value` tells.

        Raises:
            NnsweepError: the axis has no such value, or several are written so.
        """
        return find_value(self.name, self.shown, said)

    def matches(self, said: object) -> list[Any]:
        """List the values that may be meant: none, one, or several of which a figure shows the same digits."""
        return matches(self.shown, said)


@dataclass(frozen=True)
class Success:
    """A trial succeeds when `metric` is below, or above, a bound (strictly)."""

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
        """Tell whether a value of the metric is a success, or which values of an array are; NaN is none.

        >>> Success("error", below=0.05).holds(0.01), Success("accuracy", above=0.9).holds(float("nan"))
        (True, False)
        """
        return values < self.bound if self.lower else values > self.bound


@dataclass(frozen=True)
class Report:
    """Which axes stand where in tables and figures, None is chosen from the axes; and what figures are saved as."""

    rows: str | None = None
    columns: str | None = None
    panels: str | None = None
    formats: tuple[str, ...] = ("png",)


@dataclass(frozen=True)
class Run:
    """How trials are trained: `timeout` is the seconds that one training may take, None is no limit."""

    timeout: float | None = None


@dataclass(frozen=True)
class Sweep:
    """Everything a sweep file says. Parameter names are canonical except where an `Axis` keeps the file's spelling."""

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
    source: str = ""
    """The text of the file the sweep was read from."""
    overrides: tuple[str, ...] = ()
    """The options that beat that text, such as "alpha=0.01,0.02"."""
    trainer_version: str = ""
    """The version of a trainer that is a function of this Python session; empty of all others."""
    folder: str = field(default="", compare=False)
    """Where that file is: its data and trainer are looked for there first; "" is in the working directory alone."""
    file: str = field(default="", compare=False)
    """The absolute path of that file; "" if the text came from elsewhere."""

    def required_success(self) -> Success:
        """When a trial succeeds, for what cannot do without.

        Raises:
            NnsweepError: the sweep does not say.
        """
        if self.success is None:
            raise NnsweepError(f"{self.name}: success is not defined; give the sweep a [success] and run it again")
        return self.success

    def axis(self, name: str) -> Axis:
        """Find an axis by its name in the file, or by its parameter's.

        Raises:
            NnsweepError: there is none of this name.
        """
        return _find_axis(self.axes, name)

    def cell_axis(self, name: str) -> Axis:
        """Find an axis of the cells, as `axis` does.

        Raises:
            NnsweepError: there is none of this name but that of the seeds.
        """
        return _find_axis(self.cell_axes, name)

    @property
    def judged_by(self) -> str:
        """The metric that says whether a trial succeeds; none where nothing does."""
        return self.success.metric if self.success else ""

    @property
    def cell_axes(self) -> list[Axis]:
        """The axes but that of the seeds: their combinations are the cells, in which seeds are replicates."""
        return [axis for axis in self.axes if axis.parameter != SEED]

    @property
    def cell_names(self) -> list[str]:
        """The columns of the axes of the cells."""
        return [axis.column for axis in self.cell_axes]

    @property
    def seed_name(self) -> str | None:
        """The column of the axis of the seeds; None without one."""
        return next((axis.column for axis in self.axes if axis.parameter == SEED), None)


def _find_axis(axes: Sequence[Axis], name: str) -> Axis:
    wanted = unicodedata.normalize("NFKC", name.strip())
    spellings = {spelling: axis for axis in reversed(axes) for spelling in (axis.parameter, axis.name)}
    if wanted in spellings:
        return spellings[wanted]
    allowed = ", ".join(axis.name for axis in axes) or "none"
    raise NnsweepError(f"no axis `{name}`; allowed: {allowed}{did_you_mean(wanted, spellings)}")


def _apart(values: Collection[Any], texts: Sequence[Any]) -> Sequence[Any]:
    """Texts of values, which are all different; of those that are alike, lists and tables are written as in a file."""
    found = Counter(texts)
    if len(found) == len(values):
        return texts
    pairs = list(zip(values, texts, strict=True))
    some = [spell(value) if found[text] > 1 and not isinstance(value, PLAIN) else text for value, text in pairs]
    return some if len(set(some)) == len(values) else [spell(value) for value in values]


def plain(value: Any) -> Any:
    """Give what a file writes as a table back as one, without defaults: the `default` of `json.dumps`.

    Raises:
        TypeError: it is nothing that a file can write.
    """
    if not isinstance(value, BaseModel):
        raise TypeError(f"a {type(value).__name__} is no value of a sweep")
    return value.model_dump(mode="json", exclude_defaults=True)
