"""The tables that every run writes, each made once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from nnsweep.analysis import (
    Columns,
    Layout,
    choose_layout,
    file_names,
    has_curves,
    history,
    matrix,
    panels,
    summary,
    trials_table,
)
from nnsweep.analysis.measured import judged
from nnsweep.grid import Trial
from nnsweep.report.folder import SUMMARY
from nnsweep.spec.sweep import Sweep
from nnsweep.trainers import Outcome, load


@dataclass(frozen=True)
class Tables:
    """What became of a sweep's trials, as columns: see `analysis.trials`, `.summary` and `.history`."""

    sweep: Sweep
    metrics: Sequence[str]
    grid: Sequence[Trial]
    outcomes: Mapping[str, Outcome]

    @cached_property
    def trials(self) -> Columns:
        """A row per trial, in grid order."""
        return trials_table(self.sweep, self.grid, self.outcomes, self.metrics)

    @cached_property
    def summary(self) -> Columns:
        """A row per cell of the grid."""
        asked = judged(self.sweep, load(self.sweep.trainer), self.grid)
        return summary(self.trials, self.sweep.cell_names, self.metrics, self.sweep.success is not None, asked)

    @cached_property
    def history(self) -> Columns:
        """A row per cell and epoch."""
        return history(self.sweep, self.grid, self.trials, self.outcomes, self.metrics)

    @cached_property
    def curves(self) -> Columns | None:
        """The history, where it says more than the summary."""
        if any(axis.parameter == "epochs" for axis in self.sweep.axes):
            return None
        return self.history if has_curves(self.history) else None

    @cached_property
    def layout(self) -> Layout:
        """Which axis stands where in matrices and figures."""
        return choose_layout(self.sweep)

    @cached_property
    def files(self) -> dict[str, Columns]:
        """Every table by the name of its file: trials, summary, history if it has curves, a matrix per panel and value.

        The values are the successes, if success is defined, and the median of each metric.
        """
        found = {"trials.csv": self.trials, SUMMARY: self.summary}
        if self.curves is not None:
            found["history.csv"] = self.curves
        values = {} if self.sweep.success is None else {"success": "successes"}
        for what, value in (values | {f"{metric}_median": f"{metric}_median" for metric in self.metrics}).items():
            names = file_names(what, panels(self.summary, self.layout))
            found |= {name: matrix(self.summary, self.layout, value, panel).flat for panel, name in names.items()}
        return found
