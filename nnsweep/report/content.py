"""The content of a sweep's report: tables, figures, and notes that qualify its numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nnsweep.design.sweep import Sweep
from nnsweep.errors import StoreError
from nnsweep.folder.paths import Folder
from nnsweep.trainers import BUILT_IN
from nnsweep.trainers import load as load_trainer
from nnsweep.trials.cells import stay_in_memory
from nnsweep.trials.grid import Grid
from nnsweep.trials.outcomes import Outcomes
from nnsweep.trials.trial import Trial

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from nnsweep.questions.noted.subjects import Noted
    from nnsweep.questions.trial.failures import Group
    from nnsweep.report.overview import Overview
    from nnsweep.report.tables import ReadOutcomes, Tables
    from nnsweep.tables import Layout

UNSAID = "very many trials: nothing is said of successes that take no skill, or of metrics without a value"


@dataclass(frozen=True, eq=False)
class Content:
    """A sweep, its trials and their outcomes by id; each table, figure or note is made once, when it is asked for."""

    sweep: Sweep
    folder: Folder
    metrics: Sequence[str]
    grid: Sequence[Trial]
    read: ReadOutcomes

    @cached_property
    def tables(self) -> Tables:
        """The tables as columns."""
        from nnsweep.report.tables import Tables

        return Tables(self.sweep, self.metrics, self.grid, self.read)

    @property
    def outcomes(self) -> Outcomes:
        """The outcomes of all trials."""
        return self.tables.outcomes

    def frame(self, name: str) -> pd.DataFrame:
        """Give the table `trials`, `summary` or `history` under the names that its columns have in memory."""
        from nnsweep.tables import frame

        if name not in self._frames:
            self._frames[name] = frame(getattr(self.tables, name))
        return self._frames[name]

    @cached_property
    def _frames(self) -> dict[str, pd.DataFrame]:
        return {}

    @cached_property
    def drawn(self) -> pd.DataFrame:
        """The trials without their ids and signatures: no figure needs these texts, which take the most memory."""
        from nnsweep.tables import frame

        return frame({name: values for name, values in self.tables.trials.items() if name not in ("id", "signature")})

    @property
    def layout(self) -> Layout:
        """Which axes are rows, columns and panels in matrices and figures."""
        return self.tables.layout

    @property
    def failed(self) -> int:
        """The number of trials that failed, crashed or timed out."""
        return sum(each.count for each in self.failures)

    @property
    def failures(self) -> Sequence[Group]:
        """The trials that failed, those alike together, the largest group first."""
        return self.tables.totals.failures

    @property
    def stored(self) -> int:
        """The number of different trials that are stored."""
        statuses = self.tables.totals.statuses
        return statuses.total() - statuses["missing"] if Grid.of(self.grid).are_distinct else len(self.outcomes)

    @property
    def reasons(self) -> dict[str, str]:
        """What was raised, or what happened, by the id of each trial that failed."""
        from nnsweep.questions.trial.failures import reasons

        return reasons(self.grid, self.tables.ends)

    @property
    def notes(self) -> list[str]:
        """What a reader must know before using the numbers, one line each."""
        first = [self.sweep.progress.text, self.alike]
        if not stay_in_memory(self.grid):
            return [*filter(None, first), UNSAID]
        return [*filter(None, [*first, self.no_skill]), *self._undefined]

    @cached_property
    def alike(self) -> str:
        """A sentence if seeds change nothing; else empty."""
        from nnsweep.tables.replicates import count_alike, format_alike

        cells = 0
        for part in self.tables.parts():
            found = count_alike(self.sweep, part.table, part.ends)
            if found is None:  # as in most sweeps, in the first part
                return ""
            cells += found
        return format_alike(cells)

    @cached_property
    def no_skill(self) -> str:
        """A sentence if successes take no skill; else empty."""
        from nnsweep.folder.skill import no_skill

        if self.sweep.success is None or not self.tables.summary["successes"].any():
            return ""
        found = no_skill(self.sweep, self.grid, self.tables.trials, self.tables.ends, self.folder)
        return "" if found is None else str(found)

    @property
    def _undefined(self) -> list[str]:
        """One line for each metric that has no value in some trials because of their samples."""
        from nnsweep.tables.metrics import format_undefined

        if self.sweep.trainer not in BUILT_IN:
            return []
        return format_undefined(load_trainer(self.sweep.trainer), self.grid, self.tables.ends)

    @property
    def environment(self) -> dict[str, Any]:
        """The content of `env.json`; empty if the file is missing or damaged."""
        return self._environment[0]

    @property
    def environment_problem(self) -> str:
        """What is wrong with `env.json`; empty if nothing is."""
        return self._environment[1]

    @cached_property
    def _environment(self) -> tuple[dict[str, Any], str]:
        from nnsweep.folder.recorded import read_environment

        try:
            return read_environment(self.folder), ""
        except StoreError as error:
            return {}, f"{error}; the report does not say where the sweep ran"

    @property
    def confirmed(self) -> str:
        """What the best of a search gives on the seeds that chose it, and on fresh ones.

        Empty of other sweeps, and where trials are missing that led to this best.
        """
        from nnsweep.folder.recorded import read_progress

        if self.sweep.search is None or self.tables.totals.statuses["missing"]:
            return ""
        try:
            return read_progress(self.folder).confirmed
        except StoreError:  # told where results are opened
            return ""

    @cached_property
    def _noted(self) -> tuple[Sequence[Noted], str]:
        from nnsweep.folder.notes import read_notes
        from nnsweep.questions.noted.subjects import all_noted

        try:
            return all_noted(self.sweep, self.grid, read_notes(self.folder)), ""
        except StoreError as error:
            return (), f"{error}; the report has no notes and no tags"

    @property
    def noted(self) -> Sequence[Noted]:
        """The notes and tags of the sweep and of its trials; empty if their file is damaged."""
        return self._noted[0]

    @property
    def notes_problem(self) -> str:
        """What is wrong with the file of notes; empty if nothing is."""
        return self._noted[1]

    @cached_property
    def overview(self) -> Overview:
        """The figures that show the whole sweep."""
        from nnsweep.report.overview import Overview

        return Overview(self.sweep, self.drawn, self.frame("summary"), self.metrics, search=self.tables.search)

    def figures(self, chosen: Collection[str] | None = None) -> dict[str, Callable[[], Figure]]:
        """Return a function that draws each figure, by name: of the `chosen` kinds, by default all."""
        import pandas as pd

        from nnsweep.report.draw import figures
        from nnsweep.report.overview import Overview

        history = self.frame("history") if self.tables.curves else None
        drawn = figures(self.sweep, self.frame("summary"), history, self.layout, list(self.metrics), chosen)
        # What every run draws needs no trials, which would be sent to the process that draws.
        whole = Overview(self.sweep, pd.DataFrame(), self.frame("summary"), self.metrics, search=self.tables.search)
        return drawn | whole.figures()
