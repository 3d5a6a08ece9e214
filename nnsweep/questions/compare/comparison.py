"""Compare two settings of a sweep, or two sweeps, cell by cell: what differs, and is it more than chance?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnsweep.confidence import LEVEL
from nnsweep.design.columns import GAINED, SAME
from nnsweep.design.sweep import Axis, Report, Sweep
from nnsweep.errors import NnsweepError
from nnsweep.folder.open import StoredSweep
from nnsweep.folder.paths import Folder
from nnsweep.folder.save_figures import Draw, Save, write_figures
from nnsweep.folder.side_by_side import differences, settled, shared_axes, under_names_of_first
from nnsweep.questions.compare.table import Overall, along, compare, measuring, overall
from nnsweep.tables import Layout, choose_layout, matrices
from nnsweep.tables.columns import published

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False)
class Comparison:
    """The trials of a `first` and a `second` setting, the names of both, and the axes that both have."""

    first: pd.DataFrame
    second: pd.DataFrame
    names: tuple[str, str]
    sweep: Sweep
    """The sweep of the first, without the axis on which they differ."""
    metric: str
    success: bool
    """Whether successes are compared, besides the metric."""
    folder: Folder
    """The folder of the first, where the comparison is written."""
    stem: str
    """The start of its file names."""
    differences: tuple[str, ...] = ()
    """Further settings in which two sweeps differ."""
    elsewhere: int = 0
    """Number of trials of the second that have a value which the first does not have."""

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per cell that both have; see `table.compare`."""
        return published(self._table)

    @cached_property
    def sides(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Both tables, without trials of which success is not known.

        Raises:
            NnsweepError: one of them has no other trials.
        """
        success = self.sweep.success if self.success else None
        if success is None:
            return self.first, self.second

        def side(name: str, table: pd.DataFrame) -> pd.DataFrame:
            kept = measuring(table, self.sweep.cell_names, success.metric)
            if kept.empty and not table.empty:
                raise NnsweepError(f"no trial of {name} measures {success.metric}; there is nothing to compare")
            return kept

        return side(self.names[0], self.first), side(self.names[1], self.second)

    @cached_property
    def _table(self) -> pd.DataFrame:
        axes, seed = self.sweep.cell_names, self.sweep.seed_name
        cells = compare(*self.sides, axes, seed, self.metric, success=self.success)
        if cells.empty:
            why = f": {'; '.join(self.differences)}" if self.differences else ""
            raise NnsweepError(f"{self.names[0]} and {self.names[1]} have no cell and seed in common{why}")
        return cells

    @cached_property
    def overall(self) -> Overall | None:
        """Success over all cells together; None if the sweep has no seeds or successes are not compared."""
        seed = self.sweep.seed_name
        if seed is None or not self.success:
            return None
        return overall(*self.sides, self.sweep.cell_names, seed)

    @cached_property
    def along(self) -> list[pd.DataFrame]:
        """The difference in success at each value of each axis, over all other axes; empty without `overall`."""
        axes, seed = self.sweep.cell_names, self.sweep.seed_name
        if seed is None or not self.success:
            return []
        return [along(*self.sides, axes, seed, axis) for axis in axes]

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        from nnsweep.questions.notebook import comparison_html

        return comparison_html(str(self), self._table, self.names, self.sweep.cell_names, self.metric)

    def __str__(self) -> str:
        from nnsweep.questions.compare.text import format_comparison, format_unpaired

        axes = self.sweep.cell_names
        text = format_comparison(self._table, self.names, axes, self.metric, self.overall, self.along)
        pairs = self._table["pairs" if self.success else f"{self.metric}_pairs"].tolist()
        unpaired = format_unpaired(len(self.first), len(self.second) + self.elsewhere, sum(pairs))
        differ = f"what differs: {'; '.join(self.differences)}" if self.differences else ""
        return "\n".join(filter(None, (text, unpaired, differ)))

    @cached_property
    def layout(self) -> Layout:
        """Which axis of the cells is rows, columns and panels."""
        return choose_layout(self.sweep)

    def figure(self) -> Figure:
        """Draw the differences in successes or in the metric's median. Cells without a clear difference are pale."""
        return self._drawing()

    @property
    def _drawing(self) -> Draw:
        """A function that draws the figure, which can be sent to another process: it has no trials."""
        table, prefix = self._table, "" if self.success else f"{self.metric}_"
        gained = table["successes_b"] - table["successes_a"] if self.success else table[f"{prefix}difference"]
        same = ~(table[f"{prefix}p_adjusted"] < LEVEL)
        cells = table.assign(**{GAINED: gained, SAME: same.astype(int)})
        what = "successes" if self.success else f"median {self.metric}"
        title = f"{self.sweep.name}: {what}, {self.names[1]} minus {self.names[0]}, paired by seed"
        note = (
            f"Pale: no difference at {100 * LEVEL:.0f} % for all {len(table)} cells together (sign flips of the seeds)."
        )
        gains, same = matrices(cells, self.layout, GAINED), matrices(cells, self.layout, SAME)
        return partial(_draw, gains, title, f"difference in {what}", same, note)

    def write(self, figures: bool = True, formats: Sequence[str] = ("png",), save: Save | None = None) -> list[Path]:
        """Write the table and the figure, which is drawn here or by `save`, into the results folder of the first."""
        from nnsweep.folder.manifest import put_beside
        from nnsweep.tables import file_names, write_csv

        self.folder.make()
        (stem,) = file_names(self.stem, [()], suffix="").values()
        paths = [self.folder.tables / f"{stem}.csv"]
        put_beside(self.folder, paths[0], lambda path: write_csv(self._table, path))
        if figures and self.layout.rows is not None:
            paths += write_figures(self.folder, {stem: self._drawing}, formats, save)
        return paths


def _draw(*content: Any) -> Figure:
    from nnsweep.figures.heatmap import difference_maps

    return difference_maps(*content)


def _metric(sides: Sequence[StoredSweep], requested: str) -> tuple[str, bool]:
    """Choose the metric to compare: the requested one, that of success, or by which searches judge.

    Also tell whether to compare success.

    Raises:
        NnsweepError: there is no such metric in all of these sweeps, or they have none in common.
    """
    names = " and ".join(side.sweep.name for side in sides)
    common = [metric for metric in sides[0].metrics if all(metric in side.metrics for side in sides)]
    succeeding = {side.sweep.success.metric if side.sweep.success else "" for side in sides}
    of_success = succeeding.pop() if len(succeeding) == 1 else ""
    if requested and requested not in common:
        raise NnsweepError(f"{names}: no metric `{requested}`; allowed: {', '.join(common) or 'none'}")
    if of_success and of_success not in common:
        raise NnsweepError(f"{names}: no trial has ended with its {of_success}; there is nothing to compare")
    if not common:
        measured = "; ".join(f"{side.sweep.name} measures {', '.join(side.metrics) or 'nothing'}" for side in sides)
        raise NnsweepError(f"{measured}; allowed: sweeps with a metric in common")
    judged = {side.sweep.search.ranked_by if side.sweep.search else "" for side in sides}.intersection(common)
    return requested or of_success or (judged.pop() if len(judged) == 1 else common[0]), bool(of_success)


def within(side: StoredSweep, on: str, metric: str = "") -> Comparison:
    """Compare two values of one axis: `on` is such as `hidden=2,4` or `case=as posted,fixed`.

    Raises:
        NnsweepError: no such axis, or not two of its values; no such metric.
    """
    sweep = side.sweep
    axis, *values = two_values(sweep, on)
    chosen = [axis.shown[value] for value in values]
    trials = side.having(axis.name, values).trials
    first, second = (trials.loc[trials[axis.column] == value] for value in chosen)
    names = f"{axis.name} = {chosen[0]}", f"{axis.name} = {chosen[1]}"
    stem = f"compare_{axis.name}={chosen[0]}_with_{chosen[1]}" + (f"_{metric}" if metric else "")
    others = [each for each in sweep.axes if each is not axis]
    return Comparison(first, second, names, _of_axes(sweep, others), *_metric([side], metric), side.folder, stem)


def two_values(sweep: Sweep, on: str) -> tuple[Axis, Any, Any]:
    """Read two values of one axis: `on` is such as `hidden=2,4` or `case=as posted,fixed`.

    Raises:
        NnsweepError: no such axis, or not two of its values.
    """
    name, _, texts = on.partition("=")
    try:
        axis = sweep.cell_axis(name)
    except NnsweepError as error:
        raise NnsweepError(f"--on {on}: {error}") from None
    chosen = _two(axis, texts)
    if not chosen:
        shown = ", ".join(map(str, axis.shown.values()))
        allowed = f"allowed: two of {shown}" if len(axis.shown) > 1 else f"`{axis.name}` has one value here: {shown}"
        raise NnsweepError(f"--on {on}: found {texts or 'nothing'}; {allowed}")
    return axis, *chosen


def _two(axis: Axis, texts: str) -> list[Any]:
    """Split a text into two different values at one of its commas; a value may contain commas itself."""
    parts = texts.split(",")
    for at in range(1, len(parts)):
        matches = [axis.matches(",".join(part).strip()) for part in (parts[:at], parts[at:])]
        if matches[0] != matches[1] and all(len(match) == 1 for match in matches):
            return [value for match in matches for value in match]
    return []


def between(side: StoredSweep, other: StoredSweep, metric: str = "") -> Comparison:
    """Compare two sweeps on the axes and values that both have.

    An axis that only one sweep has must have a single value, or the value that all trials of the other sweep have.

    Raises:
        NnsweepError: they have no metric in common, or not the requested one; or an axis of only one has several
            values.
    """
    axes, compared = shared_axes(side.sweep, other.sweep), _metric([side, other], metric)
    (first, ours), (others, theirs) = settled(side, other), settled(other, side)
    second = under_names_of_first(first, others, axes)
    names = _named(side, ours), _named(other, theirs)
    keys = [axis.column for axis, _ in axes]
    differ = differences(side, other, axes, _paired(first, second, keys, side.sweep.seed_name))
    stem = f"compare_with_{other.sweep.name}" + (f"_{metric}" if metric else "")
    sweep = _of_axes(side.sweep, [axis for axis, _ in axes])
    elsewhere = len(others) - len(second)
    return Comparison(first, second, names, sweep, *compared, side.folder, stem, tuple(differ), elsewhere)


def _named(side: StoredSweep, chosen: str) -> str:
    return f"{side.sweep.name} with {chosen}" if chosen else side.sweep.name


def _paired(first: pd.DataFrame, second: pd.DataFrame, keys: list[str], seed: str | None) -> list[tuple[str, str]]:
    """The ids of one pair of trials of each cell."""
    if not keys:
        return list(zip(first["id"].head(1), second["id"].head(1), strict=False))
    columns = [*keys, "id"]
    pairs = first[columns].merge(second[columns], on=keys, suffixes=("_a", "_b"))
    cells = pairs.drop_duplicates([name for name in keys if name != seed]) if {*keys} - {seed} else pairs.head(1)
    return list(zip(cells["id_a"], cells["id_b"], strict=True))


def _of_axes(sweep: Sweep, axes: Sequence[Axis]) -> Sweep:
    return Sweep(sweep.name, sweep.trainer, axes=tuple(axes), success=sweep.success, report=Report())
