"""The tables that every run writes, each made once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from nnsweep.design.sweep import Sweep
from nnsweep.folder.paths import HISTORY, SUMMARY, TRIALS, TRIALS_PARQUET
from nnsweep.report.bounds import MATRICES, Chosen, choose, everything
from nnsweep.tables import (
    Columns,
    Layout,
    Settings,
    choose_layout,
    file_names,
    has_curves,
    history,
    matrix,
    panels,
    summary,
    trials_table,
)
from nnsweep.tables.metrics import seen
from nnsweep.tables.parquet import writes_parquet
from nnsweep.trials.outcomes import Ends, Outcomes
from nnsweep.trials.trial import Trial


@dataclass(frozen=True)
class Tables:
    """What became of a sweep's trials, as columns: see `tables.trials`, `.summary` and `.history`."""

    sweep: Sweep
    metrics: Sequence[str]
    grid: Sequence[Trial]
    outcomes: Outcomes

    @cached_property
    def ends(self) -> Ends:
        """What became of each trial, in grid order."""
        return Ends.of(self.grid, self.outcomes)

    @cached_property
    def trials(self) -> Columns:
        """A row per trial, in grid order."""
        return trials_table(self.sweep, self.grid, self.outcomes, self.metrics)

    @cached_property
    def summary(self) -> Columns:
        """A row per cell of the grid."""
        sweep, success = self.sweep, self.sweep.success
        judged = seen(self.trials, sweep.cell_names, self.metrics, success.metric if success else None)
        return summary(self.trials, sweep.cell_names, self.metrics, success is not None, judged)

    @cached_property
    def history(self) -> Columns:
        """A row per cell and epoch."""
        return history(self.sweep, self.grid, self.trials, self.outcomes, self.metrics)

    @cached_property
    def curves(self) -> Columns | None:
        """The history, if it says more than the summary; else None."""
        if any(axis.parameter == "epochs" for axis in self.sweep.axes):
            return None
        return self.history if has_curves(self.history) else None

    @cached_property
    def layout(self) -> Layout:
        """Which axes are rows, columns and panels in matrices and figures."""
        return choose_layout(self.sweep)

    @cached_property
    def values(self) -> dict[str, str]:
        """The columns of the summary that are laid out as matrices, by the start of their file names.

        The successes, if success is defined, and the median of each metric.
        """
        success = {} if self.sweep.success is None else {"success": "successes"}
        return success | {f"{metric}_median": f"{metric}_median" for metric in self.metrics}

    @cached_property
    def panels(self) -> list[Settings]:
        """The panels, each of which is a matrix of each value."""
        return panels(self.summary, self.layout)

    def chosen(self, all_files: bool = False) -> Chosen:
        """Choose the values whose matrices are written."""
        files = dict.fromkeys(self.values, len(self.panels))
        return everything(files) if all_files else choose(files, MATRICES)

    def files(self, chosen: Chosen) -> Iterator[tuple[str, Columns]]:
        """Give each table under its file's name: trials, summary, history if it has curves, and the matrices chosen."""
        yield TRIALS, self.trials
        if writes_parquet(len(self.grid)):
            yield TRIALS_PARQUET, self.trials
        yield SUMMARY, self.summary
        if self.curves is not None:
            yield HISTORY, self.curves
        for what, panel, name in self._matrices(chosen):
            yield name, matrix(self.summary, self.layout, self.values[what], panel).flat

    def names(self, chosen: Chosen) -> list[str]:
        """Name the files, without making the tables."""
        trials = [TRIALS, *([TRIALS_PARQUET] if writes_parquet(len(self.grid)) else [])]
        whole = [*trials, SUMMARY, *([HISTORY] if self.curves is not None else [])]
        return whole + [name for _, _, name in self._matrices(chosen)]

    def _matrices(self, chosen: Chosen) -> Iterator[tuple[str, Settings, str]]:
        taken: set[str] = set()  # names of metrics may differ only in characters that a file name cannot have
        for what in chosen.kinds:
            for panel, name in file_names(what, self.panels, taken=taken).items():
                yield what, panel, name
