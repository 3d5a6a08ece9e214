"""The configurations that a search tried: where they lie on the axes, their values, and which may be the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nnsweep.design.places import AxisPlaces, Floats
from nnsweep.design.search import OVER_EPOCHS
from nnsweep.design.sweep import Sweep
from nnsweep.questions.rank.criterion import Criterion, choose_criterion, measured_metrics
from nnsweep.questions.rank.grid import AVERAGES, Grid
from nnsweep.statistics.subset import best_set
from nnsweep.tables import Columns
from nnsweep.tables.settings import Settings
from nnsweep.trainers.protocol import EPOCHS

COMPARED = 1000
"""Configurations, at most, that are compared with each other: of 5,000 it takes 10 seconds."""


@dataclass(frozen=True, eq=False)
class Configurations:
    """The configurations of a sweep, (n,), in the order in which its search asked for them.

    Of a halving, those of each number of epochs are configurations of their own.
    """

    sweep: Sweep
    trials: Columns
    """The trials table."""
    criterion: Criterion
    page: Settings = ()
    """Settings that all of these trials have on axes that the sweep has not."""

    @classmethod
    def of(cls, sweep: Sweep, trials: Columns, metric: str = "", page: Settings = ()) -> Configurations:
        """Judge configurations as the search did, or by the median of another metric.

        Raises:
            NnsweepError: there is no such metric, or no trial has a metric.
        """
        return cls(sweep, trials, choose_criterion(sweep, measured_metrics(trials), metric), page)

    @cached_property
    def grid(self) -> Grid:
        """The outcomes, (n, seeds)."""
        judged = self.criterion
        names, seed = self.sweep.cell_names, self.sweep.seed_name
        return Grid.of(self.trials, names, seed, judged.metric, judged.lower, judged.by_success)

    @cached_property
    def table(self) -> Columns:
        """The values on each axis, as tables show them."""
        return {name: np.asarray(self.trials[name])[self.grid.first] for name in self.sweep.cell_names}

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.grid.first)

    @cached_property
    def axes(self) -> list[AxisPlaces]:
        """The axes that are not the same for all configurations."""
        cells = self.sweep.cell_axes
        absent = {axis.column: not self._holds(axis.only_if).all() for axis in cells}
        varied = [axis for axis in cells if len(set(self.table[axis.column].tolist())) > 1]
        return [AxisPlaces.of(axis, cells, absent[axis.column]) for axis in varied]

    def _holds(self, conditions: Sequence[tuple[str, tuple[object, ...]]]) -> NDArray[np.bool_]:
        """Whether conditions hold for each configuration, (n,)."""
        found = np.ones(self.count, dtype=bool)
        for parameter, values in conditions:
            axis = next((axis for axis in self.sweep.cell_axes if axis.parameter == parameter), None)
            if axis is not None:
                allowed = {axis.shown.get(value, value) for value in values}
                found &= np.array([value in allowed for value in self.table[axis.column].tolist()], dtype=bool)
        return found

    @cached_property
    def places(self) -> Floats:
        """Where the value on each axis lies, (n, axes); NaN where the axis does not count."""
        found = np.full((self.count, len(self.axes)), np.nan)
        for number, axis in enumerate(self.axes):
            of_file = next(each for each in self.sweep.cell_axes if each.column == axis.column)
            counts = self._holds(of_file.only_if)
            found[counts, number] = axis.places(self.table[axis.column][counts])
        return found

    @cached_property
    def value(self) -> Floats:
        """The success rate, or the average over the seeds, of which diverged ones count as worse than any; NaN if none.

        It is infinite nowhere: a configuration of which half diverged has no median, and one of which any did no mean.
        """
        if self.criterion.by_success:
            return self.grid.rates()["rate"]
        found = AVERAGES[self.criterion.average](self.grid.value)
        return np.where(np.isfinite(found), self.grid.sign * found, np.nan)

    @cached_property
    def quartiles(self) -> Floats:
        """The quartiles of the finite values of the metric, (2, n), NaN without any."""
        values = np.where(np.isfinite(self.grid.value), self.grid.sign * self.grid.value, np.nan)
        some = ~np.isnan(values).all(axis=1)
        found = np.full((2, self.count), np.nan)
        found[:, some] = np.nanquantile(values[some], [0.25, 0.75], axis=1)
        return found

    @property
    def name(self) -> str:
        """What `value` is, for an axis of a figure."""
        if self.criterion.by_success:
            return "success rate"
        return f"{self.criterion.average} {self.criterion.metric}" if self.sweep.seed_name else self.criterion.metric

    @property
    def is_better_higher(self) -> bool:
        """Whether a higher value is better."""
        return self.criterion.by_success or not self.criterion.lower

    @cached_property
    def rank(self) -> NDArray[np.intp]:
        """The rank of each, 0 for the best, as `nnsweep best` has it; `count` where no trial has ended."""
        order = self.grid.ranked(self.criterion.by_success, self.criterion.average)
        found = np.full(self.count, self.count, dtype=np.intp)
        found[order] = np.arange(len(order))
        return found

    @cached_property
    def among_best(self) -> NDArray[np.bool_]:
        """Which of them may be the best, (n,), as `nnsweep best` has it; without seeds, or of very many, the best."""
        found = self.rank == 0
        if self.sweep.seed_name is not None and self.count <= COMPARED:
            found |= best_set(self.grid.scores(self.criterion.by_success), self.grid.ended).stays & (
                self.value == self.value
            )
        return found

    @cached_property
    def flawed(self) -> NDArray[np.bool_]:
        """Which of them have a trial that diverged or failed, (n,)."""
        return self._counts(np.asarray(self.trials["status"]) != "ok") > self._counts(self._missing)

    @property
    def _missing(self) -> NDArray[np.bool_]:
        return np.asarray(self.trials["status"]) == "missing"

    @cached_property
    def trained(self) -> NDArray[np.intp]:
        """How many trials of each are stored, (n,)."""
        return self._counts(~self._missing)

    def _counts(self, rows: NDArray[np.bool_]) -> NDArray[np.intp]:
        from nnsweep.tables.summary import number_cells

        cell, _ = number_cells(self.trials, self.sweep.cell_names)
        return np.bincount(cell[rows], minlength=self.count)

    @cached_property
    def stopped(self) -> list[str]:
        """Why each got no more seeds or epochs; empty texts if the search stops none early."""
        endings = self.sweep.stopped
        rows = zip(*(self.table[axis.column].tolist() for axis in self.sweep.cell_axes), strict=True)
        return [endings.get(row, "") for row in rows]

    @property
    def epochs(self) -> NDArray[np.float64] | None:
        """How many epochs each trained, (n,), if the search stops some early by their epochs; else None."""
        search = self.sweep.search
        axis = next((axis for axis in self.sweep.cell_axes if axis.parameter == EPOCHS), None)
        if search is None or search.method not in OVER_EPOCHS or axis is None:
            return None
        return np.asarray(self.table[axis.column], dtype=np.float64)

    @cached_property
    def training(self) -> NDArray[np.intp]:
        """A number for each configuration, (n,), which of a halving those of one training at several epochs share."""
        from nnsweep.tables.summary import number_cells

        names = [axis.column for axis in self.sweep.cell_axes if self.epochs is None or axis.parameter != EPOCHS]
        return number_cells(self.table, names)[0] if names else np.zeros(self.count, dtype=np.intp)

    @cached_property
    def last(self) -> NDArray[np.bool_]:
        """Which are the last of their training: those that did not go on, (n,)."""
        if self.epochs is None:
            return np.ones(self.count, dtype=bool)
        most = np.zeros(self.training.max(initial=0) + 1)
        np.maximum.at(most, self.training, self.epochs)
        return self.epochs == most[self.training]
