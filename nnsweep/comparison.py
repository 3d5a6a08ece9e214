"""Compare two settings of a sweep, or two sweeps, cell by cell: what differs, and is it more than chance?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnsweep.analysis import Layout, choose_layout
from nnsweep.analysis.compare import Overall, along, compare, overall
from nnsweep.errors import NnsweepError
from nnsweep.folder import StoredSweep
from nnsweep.report import Folder
from nnsweep.spec.columns import GAINED, SAME
from nnsweep.spec.sweep import Axis, Report, Sweep
from nnsweep.statistics.sign_flips import LEVEL

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False)
class Comparison:
    """Trials of a `first` and a `second` setting, the names of both, and the axes they have in common."""

    first: pd.DataFrame
    second: pd.DataFrame
    names: tuple[str, str]
    sweep: Sweep
    """The sweep of the first, without the axis on which they differ."""
    metric: str
    folder: Folder
    """Where the comparison is written: that of the first."""
    stem: str
    """How the names of its files begin."""

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row for each cell that both have: see `analysis.compare`."""
        found = compare(self.first, self.second, self.sweep.cell_names, self.sweep.seed_name, self.metric)
        if found.empty:
            raise NnsweepError(f"{self.names[0]} and {self.names[1]} have no cell and seed in common")
        return found

    @cached_property
    def overall(self) -> Overall | None:
        """The success over all cells together; None if the sweep has no seeds."""
        seed = self.sweep.seed_name
        return None if seed is None else overall(self.first, self.second, self.sweep.cell_names, seed)

    @cached_property
    def along(self) -> list[pd.DataFrame]:
        """The difference in success at each value of each axis, over all others; none if the sweep has no seeds."""
        axes, seed = self.sweep.cell_names, self.sweep.seed_name
        return [] if seed is None else [along(self.first, self.second, axes, seed, axis) for axis in axes]

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        from nnsweep.report.notebook import comparison_html

        return comparison_html(str(self), self.table, self.names, self.sweep.cell_names, self.metric)

    def __str__(self) -> str:
        from nnsweep.report.compare import format_comparison, told_of_partners

        axes = self.sweep.cell_names
        said = format_comparison(self.table, self.names, axes, self.metric, self.overall, self.along)
        alone = told_of_partners(len(self.first), len(self.second), sum(self.table["pairs"].tolist()))
        return f"{said}\n{alone}" if alone else said

    @cached_property
    def layout(self) -> Layout:
        """Which axis of the cells stands where."""
        return choose_layout(self.sweep)

    def figure(self) -> Figure:
        """Draw the differences in successes; cells that do not differ are pale."""
        from nnsweep.analysis import matrices
        from nnsweep.figures import difference_maps

        gained, same = self.table["successes_b"] - self.table["successes_a"], self.table["p_adjusted"] >= LEVEL
        table = self.table.assign(**{GAINED: gained, SAME: same.astype(int)})
        title = f"{self.sweep.name}: successes, {self.names[1]} minus {self.names[0]}, paired by seed"
        note = (
            f"Pale: no difference at {100 * LEVEL:.0f} % for all {len(table)} cells together (sign flips of the seeds)."
        )
        found = matrices(table, self.layout, GAINED)
        return difference_maps(found, title, "difference in successes", matrices(table, self.layout, SAME), note)

    def write(self, figures: bool = True, formats: Sequence[str] = ("png",)) -> list[Path]:
        """Write the table, and the figure, into the results folder of the first."""
        from nnsweep.analysis import file_names, write_csv
        from nnsweep.report.draw import write_figures
        from nnsweep.report.manifest import put_beside

        self.folder.make()
        (stem,) = file_names(self.stem, [()], suffix="").values()
        paths = [self.folder.tables / f"{stem}.csv"]
        put_beside(self.folder, paths[0], lambda path: write_csv(self.table, path))
        if figures and self.layout.rows is not None:
            paths += write_figures(self.folder, {stem: self.figure}, formats)
        return paths


def _metric(side: StoredSweep) -> str:
    """Name what a sweep's success is of.

    Raises:
        NnsweepError: the sweep defines none, or no trial has ended with it.
    """
    metric = side.sweep.required_success().metric
    if metric not in side.trials.columns:
        raise NnsweepError(f"{side.sweep.name}: no trial has ended with its {metric}; there is nothing to compare")
    return metric


def within(side: StoredSweep, on: str) -> Comparison:
    """Compare two values of one axis: `on` is such as `hidden=2,4` or `case=as posted,fixed`.

    Raises:
        NnsweepError: no such axis, or not two of its values.
    """
    sweep, trials = side.sweep, side.trials
    axis, *values = two_values(sweep, on)
    chosen = [axis.shown[value] for value in values]
    first, second = (trials.loc[trials[axis.name] == value] for value in chosen)
    names = f"{axis.name} = {chosen[0]}", f"{axis.name} = {chosen[1]}"
    stem = f"compare_{axis.name}={chosen[0]}_with_{chosen[1]}"
    return Comparison(first, second, names, _without(sweep, [axis.name]), _metric(side), side.folder, stem)


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
        allowed = ", ".join(map(str, axis.shown.values()))
        raise NnsweepError(f"--on {on}: found {texts or 'nothing'}; allowed: two of {allowed}")
    return axis, *chosen


def _two(axis: Axis, texts: str) -> list[Any]:
    """Cut a text into two different values at one of its commas, as lists and names of cases may have some too."""
    parts = texts.split(",")
    for at in range(1, len(parts)):
        found = [axis.matches(",".join(part).strip()) for part in (parts[:at], parts[at:])]
        if found[0] != found[1] and all(len(each) == 1 for each in found):
            return [value for each in found for value in each]
    return []


def between(side: StoredSweep, other: StoredSweep) -> Comparison:
    """Compare two sweeps, on the axes that both have and the values of these that both have.

    Raises:
        NnsweepError: they measure success by different metrics, or one has several values of an axis of its own.
    """
    first, second = side.sweep, other.sweep
    if _metric(side) != _metric(other):
        raise NnsweepError(
            f"{first.name} measures {_metric(side)}, {second.name} {_metric(other)}; allowed: two sweeps of one metric"
        )
    lacking = _more(first, than=second)
    for each, axes in ((side, lacking), (other, _more(second, than=first))):
        varied = [axis for axis in axes if len(set(each.trials[axis])) > 1]
        if varied:
            raise NnsweepError(
                f"{each.sweep.name} has several values of {', '.join(varied)}, which the other sweep has not"
            )
    stem = f"compare_with_{second.name}"
    names = first.name, second.name
    return Comparison(side.trials, other.trials, names, _without(first, lacking), _metric(side), side.folder, stem)


def _more(sweep: Sweep, than: Sweep) -> list[str]:
    return [axis.name for axis in sweep.axes if axis.name not in {each.name for each in than.axes}]


def _without(sweep: Sweep, names: Sequence[str]) -> Sweep:
    axes: list[Axis] = [axis for axis in sweep.axes if axis.name not in names]
    return Sweep(sweep.name, sweep.trainer, axes=tuple(axes), success=sweep.success, report=Report())
