"""The best configuration of a sweep, and the others that may be the best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError
from nnsweep.folder.open import StoredSweep
from nnsweep.folder.paths import Folder
from nnsweep.nn import VALIDATION, part_of, plain_name
from nnsweep.questions.rank.criterion import Criterion, answer_of_race, choose_criterion, measured_metrics
from nnsweep.questions.rank.importance import importance
from nnsweep.questions.rank.table import best, on_fresh_seeds, without_intervals
from nnsweep.statistics.intervals import student
from nnsweep.tables.columns import Columns, frame, length, published, record

if TYPE_CHECKING:
    import pandas as pd

    from nnsweep.questions.settle.more_seeds import MoreSeeds


@dataclass(frozen=True, repr=False)
class Ranking:
    """The configurations of a sweep, ranked by success or by the average of a metric."""

    sweep: Sweep
    trials: Columns
    """The trials table."""
    folder: Folder
    metric: str
    by_success: bool
    lower: bool
    """Whether a lower metric is better."""
    average: str = "median"
    """Which average of the metric ranks: `median` or, of a search that judged by it, `mean`."""

    @cached_property
    def cells(self) -> pd.DataFrame:
        """One row per configuration, the best first; see `rank.table.best`.

        Raises:
            NnsweepError: no trial has ended.
        """
        return published(frame(self._cells))

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows of `cells` that may be the best. With 95 % confidence the truly best one is among them."""
        return published(frame(self._table))

    @cached_property
    def _cells(self) -> Columns:
        axes, seed = self.sweep.cell_names, self.sweep.seed_name
        cells = best(
            self.trials,
            axes,
            seed,
            self.metric,
            success=self.by_success,
            lower=self.lower,
            raced=self._raced,
            average=self.average,
        )
        if not length(cells):
            raise NnsweepError(f"{self.sweep.name}: no trial has ended with its {self.metric}; there is no best")
        return cells if self.sweep.search is None else without_intervals(cells)

    @property
    def _raced(self) -> Mapping[tuple[Any, ...], str]:
        criterion = Criterion(self.metric, self.by_success, self.lower, self.average)
        return answer_of_race(self.sweep, criterion, measured_metrics(self.trials))

    @cached_property
    def _table(self) -> Columns:
        among = self._cells["among_best"]
        return {name: values[among] for name, values in self._cells.items() if name != "among_best"}

    @cached_property
    def fresh(self) -> float:
        """The estimated success rate, or median, of the best on seeds that did not choose it."""
        axes, seed = self.sweep.cell_names, self.sweep.seed_name
        return on_fresh_seeds(
            self.trials, axes, seed, self.metric, success=self.by_success, lower=self.lower, average=self.average
        )

    @cached_property
    def tested(self) -> Mapping[Any, Any] | None:
        """The result of the best on test samples, as a row of `cells`; None unless validation samples chose it."""
        metric = plain_name(self.metric)
        if part_of(self.metric) != VALIDATION or metric not in self.trials:
            return None
        axes, seed = self.sweep.cell_names, self.sweep.seed_name
        is_best = np.ones(length(self.trials), dtype=bool)
        for name in axes:
            is_best &= self.trials[name] == self._cells[name][0]
        of_best = {name: values[is_best] for name, values in self.trials.items()}
        rows = best(of_best, axes, seed, metric, success=False, lower=self.lower, average=self.average)
        return record(rows, 0) if length(rows) else None

    @cached_property
    def importance(self) -> Columns | None:
        """The share of the variance between cells that each axis explains; see `rank.importance`."""
        return importance(self._cells, self.sweep.cell_names, self._value)

    @property
    def _value(self) -> str:
        return "rate" if self.by_success else f"{self.metric}_{self.average}"

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        from nnsweep.questions.rank.text import format_best, format_importance, format_tested

        axes, seeds = self.sweep.cell_names, self.sweep.seed_name is not None
        searched = self.sweep.search.method if self.sweep.search else ""
        cells, fresh = length(self._cells), self.fresh
        text = format_best(
            self._table,
            cells,
            axes,
            self.metric,
            seeds=seeds,
            fresh=fresh,
            searched=searched,
            raced=self._raced,
            average=self.average,
        )
        shares = format_importance(
            self.importance, "success" if self.by_success else f"the {self.average} {self.metric}"
        )
        tested = "" if self.tested is None else format_tested(self.tested, plain_name(self.metric), self.average)
        return "\n".join(filter(None, (text, tested, shares, self._others, self.sweep.progress.text)))

    @property
    def _others(self) -> str:
        """Say by which other metrics the search also judged; empty if by none."""
        from nnsweep.questions.rank.text import OF_SEVERAL

        search, ranked = self.sweep.search, "success" if self.by_success else self.metric
        others = [each for each in search.own.get("metrics", ()) if each != ranked] if search else []
        return OF_SEVERAL.format(ranked, " and ".join(others)) if others else ""

    @property
    def chosen(self) -> str:
        """What the best is and gives on the seeds that chose it, as a sentence."""
        from nnsweep.questions.rank.text import format_chosen

        return format_chosen(record(self._table, 0), self.sweep.cell_names, self.metric, self.average)

    def confirm(self, source: MoreSeeds, count: int) -> str:
        """Train the best with `count` fresh seeds, store these trials, and describe the result.

        Of a search, nothing but these seeds is free of the choice of the best.

        Raises:
            StoreError: the results folder cannot be used, or another run is using it.
        """
        from nnsweep.questions.rank.text import format_confirmed
        from nnsweep.tables import columns, summary

        names, seeds = self.sweep.cell_names, source.fresh(count)
        best = [str(self._cells[name].tolist()[0]) for name in names]
        trials = [
            trial
            for trial in source.trials(seeds)
            if [str(axis.shown[trial.settings[axis.name]]) for axis in source.sweep.cell_axes] == best
        ]
        cell = summary(columns(source.table(trials, source.train(trials))), names, [self.metric], self.by_success)
        row = record(cell, 0)
        if self.average == "mean":
            ends = student(row[f"{self.metric}_mean"], row[f"{self.metric}_sd"], row["n"])
            row |= {f"{self.metric}_mean_{name}": end for name, end in zip(("low", "high"), ends, strict=True)}
        return format_confirmed({"finished": row["n"]} | row, self.metric, seeds, self.average)

    def write(self) -> Path:
        """Write the table into the results folder as `best.csv`, or as `best_<metric>.csv` if a metric ranks."""
        from nnsweep.folder.manifest import put_beside
        from nnsweep.tables import file_names, write_csv

        self.folder.make()
        (name,) = file_names("best" if self.by_success else f"best_{self.metric}", [()]).values()
        path = self.folder.tables / name
        put_beside(self.folder, path, lambda draft: write_csv(self._table, draft))
        return path


def ranking(side: StoredSweep, metric: str = "", highest: bool | None = None) -> Ranking:
    """Rank the configurations of a sweep by success or by the average of a metric; see `choose_criterion`.

    Raises:
        NnsweepError: the sweep does not measure the metric.
    """
    judged = choose_criterion(side.sweep, measured_metrics(side.table), metric, highest)
    return Ranking(side.sweep, side.table, side.folder, judged.metric, judged.by_success, judged.lower, judged.average)
