"""The tables that every run writes, each made once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from nnsweep.design.sweep import Sweep
from nnsweep.folder.paths import HISTORY, SUMMARY, TRIALS, TRIALS_PARQUET
from nnsweep.report.bounds import MATRICES, Chosen, choose, everything
from nnsweep.report.totals import Part, Totals
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
    trials_table,
)
from nnsweep.tables.columns import join_parts
from nnsweep.tables.layout import is_no_grid
from nnsweep.tables.parquet import writes_parquet
from nnsweep.tables.trials import shown_values
from nnsweep.trials.cells import whole_cells
from nnsweep.trials.grid import Grid
from nnsweep.trials.outcomes import Ends, Outcomes
from nnsweep.trials.trial import Trial

if TYPE_CHECKING:
    from nnsweep.report.search_view import SearchView

SEARCH_TABLES = ("best_so_far", "importances", "pareto")
"""The tables of a search, by the start of their file names, which no matrix has."""
ReadOutcomes = Callable[[Iterable[Sequence[Trial]]], Iterator[Outcomes]]
"""Gives the outcomes of some trials, and then of others."""


@dataclass(frozen=True)
class Tables:
    """What became of a sweep's trials, as columns: see `tables.trials`, `.summary` and `.history`."""

    sweep: Sweep
    metrics: Sequence[str]
    grid: Sequence[Trial]
    read: ReadOutcomes

    @cached_property
    def outcomes(self) -> Outcomes:
        """The outcomes of all trials."""
        return next(self.read([self.grid]))

    @cached_property
    def ends(self) -> Ends:
        """What became of each trial, in grid order."""
        return Ends.of(self.grid, self.outcomes)

    @cached_property
    def trials(self) -> Columns:
        """A row per trial, in grid order."""
        return trials_table(self.sweep, self.grid, self.outcomes, self.metrics)

    def parts(self) -> Iterator[Part]:
        """Give the trials in parts of whole cells; all at once if they are few, or if their table is made already."""
        if "trials" in vars(self) or len(self._cells) == 1:
            yield Part(Grid.of(self.grid), self.ends, self.trials)
            return
        shown = shown_values(self.sweep, Grid.of(self.grid))
        for part, outcomes in zip(self._cells, self.read(self._cells), strict=True):
            table = trials_table(self.sweep, part, outcomes, self.metrics, shown)
            yield Part(part, Ends.of(part, outcomes), table)

    @cached_property
    def _cells(self) -> list[Grid]:
        return list(whole_cells(Grid.of(self.grid), {axis.name for axis in self.sweep.cell_axes}))

    @cached_property
    def totals(self) -> Totals:
        """What a run says of all trials."""
        return Totals.of(self.sweep, self.metrics, self.parts())

    def make_totals(self, hear: Callable[[Columns], object]) -> None:
        """Make the totals, and let each part of the trials table be heard meanwhile."""

        def heard() -> Iterator[Part]:
            for part in self.parts():
                hear(part.table)
                yield part

        vars(self)["totals"] = Totals.of(self.sweep, self.metrics, heard())

    @property
    def summary(self) -> Columns:
        """A row per cell of the grid."""
        return self.totals.summary

    @cached_property
    def history(self) -> Columns:
        """A row per cell and epoch."""
        found = (
            history(self.sweep, part.trials, part.table, part.ends.outcomes, self.metrics) for part in self.parts()
        )
        return join_parts(list(found))

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
        if self.is_no_grid and not all_files:
            return Chosen(())
        files = dict.fromkeys(self.values, len(self.panels))
        return everything(files) if all_files else choose(files, MATRICES)

    @property
    def is_no_grid(self) -> bool:
        """Whether a search has left most places of a grid of its values empty: a matrix would show gaps."""
        return is_no_grid(self.sweep, self.layout, len(self.summary["n"]))

    @cached_property
    def search(self) -> SearchView | None:
        """What a search found; None of a sweep that is no search."""
        return None if self.sweep.search is None else self._view_of_search()

    def _view_of_search(self) -> SearchView:
        from nnsweep.report.search_view import SearchView

        return SearchView(self.sweep, self.trials)

    def files(self, chosen: Chosen) -> Iterator[tuple[str, Iterable[Columns]]]:
        """Give each table in parts, under its file's name: summary, history if it has curves, the matrices, trials.

        The trials come last: another process may be writing them.
        """
        yield SUMMARY, [self.summary]
        if self.curves is not None:
            yield HISTORY, [self.curves]
        for name, table in self._of_search.items():
            yield f"{name}.csv", [table]
        for what, panel, name in self._matrices(chosen):
            yield name, [matrix(self.summary, self.layout, self.values[what], panel).flat]
        yield TRIALS, (part.table for part in self.parts())
        if writes_parquet(len(self.grid)):
            yield TRIALS_PARQUET, (part.table for part in self.parts())

    def names(self, chosen: Chosen) -> list[str]:
        """Name the files, without making the tables."""
        trials = [TRIALS, *([TRIALS_PARQUET] if writes_parquet(len(self.grid)) else [])]
        whole = [*trials, SUMMARY, *([HISTORY] if self.curves is not None else [])]
        found = [f"{name}.csv" for name in self._of_search]
        return [*whole, *found, *(name for _, _, name in self._matrices(chosen))]

    @property
    def _of_search(self) -> dict[str, Columns]:
        return {} if self.search is None else self.search.tables

    def _matrices(self, chosen: Chosen) -> Iterator[tuple[str, Settings, str]]:
        taken = set[str](SEARCH_TABLES)  # names of metrics may differ only in characters that a file name cannot have
        for what in chosen.kinds:
            for panel, name in file_names(what, self.panels, taken=taken).items():
                yield what, panel, name
