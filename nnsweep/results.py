"""The results of a sweep: tables, figures and text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError
from nnsweep.folder.paths import Folder
from nnsweep.report.content import Content
from nnsweep.report.run_text import format_run, format_shard
from nnsweep.report.written import Written
from nnsweep.store import Store
from nnsweep.trainers import Outcome
from nnsweep.trainers import load as load_trainer
from nnsweep.trials.cells import stay_in_memory
from nnsweep.trials.expand import check_made
from nnsweep.trials.outcomes import Outcomes, as_columns, ids_of
from nnsweep.trials.shards import Shard
from nnsweep.trials.trial import Trial

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.figure import Figure

    from nnsweep.execution.writer import Work
    from nnsweep.folder.last_run import LastRun
    from nnsweep.folder.notes import Note
    from nnsweep.folder.open import StoredSweep
    from nnsweep.questions.compare.comparison import Comparison
    from nnsweep.questions.diagnose.diagnosis import Diagnosis
    from nnsweep.questions.history.difference import Difference
    from nnsweep.questions.history.runs import PastRun
    from nnsweep.questions.rank.ranking import Ranking
    from nnsweep.questions.trial.stored import StoredTrial
    from nnsweep.report.drawing_process import DrawingProcess
    from nnsweep.tables import Layout


@dataclass(repr=False)
class Results:
    """The results of a sweep, as pandas tables and matplotlib figures. A notebook shows the cells, or the best."""

    sweep: Sweep
    folder: Path
    """The results folder, `results/<name>/`, with the same content as files."""
    work: Work | None
    """What this call trained, and the time that it took; None if the results were opened."""
    metrics: list[str]
    """The metrics of the trials."""
    _trials: Sequence[Trial]
    _found: Mapping[str, Outcome] | None
    """The outcomes; None if they are read from the store when somebody asks for them."""
    written: Written = field(default_factory=Written, init=False)
    """What the last `write` removed, left alone and left out."""
    _all_files: bool = field(default=False, init=False)
    notices: Sequence[str] = ()
    """What a reader of opened results must know: how many trials are stored, if not all are."""
    _trainer: str = ""
    """A trainer that may be imported even if only a store names it."""
    last_run: LastRun | None = None
    """What the last run said, if this one found nothing changed."""
    confirmed: str = ""
    """What the best configuration of a search gives on fresh seeds, as a sentence."""

    @classmethod
    def opened(cls, stored: StoredSweep, trainer: str = "") -> Results:
        """Return the stored results of a sweep."""
        grid, root = stored.grid, stored.folder.root
        found = cls(stored.sweep, root, None, stored.metrics, grid, None, stored.notices, trainer)
        assert found._outcomes is not None  # read now: what is damaged is told when results are opened
        return found

    @cached_property
    def _outcomes(self) -> Mapping[str, Outcome]:
        if self._found is not None:
            return self._found
        with Store.read(Folder(self.folder).store) as store:
            return store.columns(ids_of(self._trials))

    @cached_property
    def _content(self) -> Content:
        return Content(self.sweep, Folder(self.folder), self.metrics, self._trials, self._read)

    def _read(self, parts: Iterable[Sequence[Trial]]) -> Iterator[Outcomes]:
        """Give the outcomes of parts of the trials; of very many trials, no others stay in memory."""
        if self._found is None and not stay_in_memory(self._trials):
            with Store.read(Folder(self.folder).store) as store:
                yield from (store.columns(ids_of(part)) for part in parts)
        else:
            whole = as_columns(self._outcomes)
            yield from (whole for _ in parts)

    def __str__(self) -> str:
        if self.last_run is not None:
            return self.last_run.text
        said = self._format(self.work, self.written)
        return "\n".join([*(f"warning: {notice}" for notice in self.notices), said])

    def _format(self, work: Work | None, written: Written) -> str:
        content = self._content
        totals = content.tables.totals
        if work is not None and Shard.of_folder(self.folder.name, self.sweep.name) is not None:
            return format_shard(self.folder, work, totals)
        noted = [*filter(None, [self.confirmed]), *content.notes]
        return format_run(self.sweep, self.folder, work, content.stored, totals, self.layout, written, noted)

    def format_again(self, work: Work) -> str:
        """Say what the next run says if it finds nothing changed; `work` is what that one does."""
        return self._format(work, self.written.lasting())

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        from nnsweep.questions.notebook import sweep_html

        return sweep_html(self.sweep, self._content.tables.trials, self._content.tables.summary, self.layout)

    @property
    def notes(self) -> list[Note]:
        """The notes on the sweep, as they are now: each has a number, a time and a text.

        Raises:
            StoreError: the file of notes is damaged.
        """
        from nnsweep.folder.notes import read_notes

        return read_notes(Folder(self.folder)).sweep.notes

    @property
    def tags(self) -> list[str]:
        """The tags of the sweep, as they are now.

        Raises:
            StoreError: the file of notes is damaged.
        """
        from nnsweep.folder.notes import read_notes

        return read_notes(Folder(self.folder)).sweep.tags

    @property
    def runs(self) -> list[PastRun]:
        """The runs that trained its trials, the oldest first: when, how many, with which code, on which machine."""
        from nnsweep.questions.history.runs import read_runs

        return read_runs(Folder(self.folder))

    def compare_runs(self, before: int, after: int) -> Difference:
        """Compare two runs by their numbers: settings, code, data, versions, and the numbers of what they trained.

        Raises:
            NnsweepError: there is no such run.
        """
        from nnsweep.questions.history.difference import differ_runs
        from nnsweep.questions.history.runs import find_run

        folder = Folder(self.folder)
        one, other = (find_run(self.runs, number, folder) for number in (before, after))
        return differ_runs(folder, one, other)

    @property
    def trained(self) -> int:
        """The number of trials that this call trained."""
        return 0 if self.work is None else self.work.trained

    @cached_property
    def trials(self) -> pd.DataFrame:
        """One row per trial, in grid order: id, axes, status, metrics, success and signature."""
        from nnsweep.tables.columns import published

        return published(self._content.frame("trials"))

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row per cell, aggregated over the seeds: counts, success rate with interval, statistics."""
        from nnsweep.tables.columns import published

        return published(self._content.frame("summary"))

    @cached_property
    def history(self) -> pd.DataFrame:
        """One row per cell and epoch, aggregated over the seeds: counts, and mean and quartiles of each metric."""
        from nnsweep.tables.columns import published

        return published(self._content.frame("history"))

    def matrix(self, value: str = "successes", **panel: object) -> pd.DataFrame:
        """Lay out one column of `summary` as a matrix: `matrix("successes", hidden=4)`.

        Raises:
            NnsweepError: there is no such panel or column.
        """
        from nnsweep.tables import matrices

        self._check_column(value)
        found = matrices(self._content.frame("summary"), self.layout, value)
        axes = {name: self.sweep.cell_axis(name) for name in panel}
        wanted = {axis.column: axis.shown[axis.find(panel[name])] for name, axis in axes.items()}
        for settings, matrix in found.items():
            if dict(settings) == wanted:
                return matrix
        allowed = "; ".join(", ".join(f"{name}={setting!r}" for name, setting in each) for each in found)
        named = ", ".join(f"{name}={value!r}" for name, value in panel.items())
        raise NnsweepError(f"panel: found {named or 'none'}; allowed: {allowed or 'none'}")

    def tensor(self, metric: str = "error") -> np.ndarray:
        """Return a metric of every trial as an array with one dimension per axis of the sweep, in its order.

        The type is float64, and the shape that of the grid: (14, 6, 2, 50) for the forum's. Missing values are NaN.
        """
        import numpy as np

        if self.sweep.include or self.sweep.exclude:
            raise NnsweepError("a grid with [[include]] or [[exclude]] is no full array; use `trials`")
        if metric not in self.metrics:
            raise NnsweepError(f"no metric `{metric}`; allowed: {', '.join(self.metrics)}")
        return self.trials[metric].to_numpy(dtype=np.float64).reshape([len(axis.values) for axis in self.sweep.axes])

    def compare(self, other: Results | None = None, *, on: str = "", metric: str = "") -> Comparison:
        """Compare two values of an axis, `compare(on="hidden=2,4")`, or this sweep with another one's results.

        The comparison is cell by cell and paired by seed, of success and its metric or another `metric`; see
        `nnsweep.questions.compare.comparison`.

        Raises:
            NnsweepError: no such axis or values, or the two sweeps cannot be compared.
        """
        from nnsweep.questions.compare import comparison

        allowed = 'on="axis=value,value", or the results of another sweep'
        if not isinstance(on, str):
            raise NnsweepError(f"compare: found on={on!r}; allowed: {allowed}")
        if not isinstance(other, Results | None):
            raise NnsweepError(f"compare: found {other!r}; allowed: {allowed}")
        if (other is None) is not bool(on):
            raise NnsweepError(f"compare: allowed: {allowed}")
        if other is None:
            return comparison.within(self._stored, on, metric)
        return comparison.between(self._stored, other._stored, metric)

    def best(self, metric: str = "", highest: bool | None = None) -> Ranking:
        """Rank the cells by success or by the median of a metric, and find those that may be the best.

        The result's `cells` are all cells. Its `table` has the cells that may be the best: with 95 % confidence the
        truly best one is among them. See `nnsweep.questions.rank.ranking`.

        Raises:
            NnsweepError: the sweep does not measure the metric.
        """
        from nnsweep.questions.rank.ranking import ranking

        return ranking(self._stored, metric, highest)

    @cached_property
    def _stored(self) -> StoredSweep:
        from nnsweep.folder.open import StoredSweep

        found = StoredSweep(Folder(self.folder), self.sweep, self._trials, self.metrics)
        vars(found).update(outcomes=self._content.outcomes, table=self._content.tables.trials)  # not to be read again
        return found

    def best_so_far(self, *others: Results, metric: str = "") -> pd.DataFrame:
        """Give the best value of a search after each of its trainings, alone or beside repetitions of it.

        The columns are `trainings` or, of a halving, `epochs` too; `value`; and `low` and `high` of a band. `others`
        are searches that differ in their seed alone: `value` is then the median of all.

        Raises:
            NnsweepError: it is no search, another is no repetition of it, or no trial has ended.
        """
        from nnsweep.tables import frame

        views = [each._content.overview.searched(metric) for each in (self, *others)]
        return frame(views[0].best_so_far(views[1:]).table)

    def importances(self, metric: str = "") -> pd.DataFrame:
        """Give the share of the variance over the space that each axis and pair of axes explains, by a surrogate.

        Raises:
            NnsweepError: no surrogate can be believed; the message says why.
        """
        from nnsweep.tables import frame

        return frame(self._content.overview.searched(metric).required_importances)

    def pareto(self) -> pd.DataFrame:
        """Give the configurations of a search by several metrics of which no other is better by each.

        Raises:
            NnsweepError: it is no such search.
        """
        from nnsweep.tables.columns import frame, published

        return published(frame(self._content.overview.searched(None).required_pareto.table))

    def diagnose(self, **settings: object) -> Diagnosis:
        """Find out why trials fail, of the sweep or of a part: `diagnose(hidden=4)`.

        Raises:
            NnsweepError: no trial has these settings.
        """
        from nnsweep.questions.diagnose.diagnosis import Diagnosis

        where = list(settings.items())
        return Diagnosis.of(self.sweep, self._trials, self._outcomes, self.metrics, Folder(self.folder), where)

    def trial(self, id: str = "", **settings: object) -> StoredTrial:
        """Find one trial by its settings, `trial(hidden=4, seed=7, …)`, or by the first digits of its id.

        The trial's `replay()` trains it again and compares it with the stored outcome, `trace()` returns its weights at
        every step, and `figure("trace")` draws them.

        Raises:
            NnsweepError: no trial matches, several do, or the trial was not trained.
        """
        from nnsweep.questions.trial.replay import find_trial, in_stored

        if not isinstance(id, str):
            raise NnsweepError(f"trial: found {id!r}; allowed: the first digits of an id, as text, or settings")
        where = [*([id] if id else []), *settings.items()]
        if self.work is None:
            return in_stored(self._stored, where, self._trainer)
        check_made(self.sweep, load_trainer(self.sweep.trainer))
        return find_trial(self.sweep, self._trials, where, Folder(self.folder), lambda _: self._outcomes)

    @property
    def layout(self) -> Layout:
        """Which axes are rows, columns and panels in matrices and figures."""
        return self._content.layout

    @property
    def failed(self) -> int:
        """The number of trials that failed, crashed or timed out."""
        return self._content.failed if self.last_run is None else self.last_run.failed

    @cached_property
    def figures(self) -> dict[str, Callable[[], Figure]]:
        """Functions that draw the figures, by name: `results.figures["success"]()`."""
        return self._content.figures()

    def figure(
        self, name: str = "success", *, metric: str | None = None, against: str | None = None, **where: object
    ) -> Figure:
        """Draw a figure of the sweep as a matplotlib `Figure`: one of `figures`, or a kind with options.

        "rates" and "medians" are drawn `against` one axis, or against all numeric axes. "medians", "distribution" and
        "marginal" show a `metric`. All of these accept settings to select trials: `figure("distribution", hidden=4)`.

        Raises:
            NnsweepError: there is no figure of this name, or it has no such options.
        """
        from nnsweep.report.overview import KINDS

        options = {key: value for key, value in (("metric", metric), ("against", against)) if value is not None}
        if name not in self.figures and name not in KINDS:
            raise NnsweepError(f"no figure `{name}`; allowed: {', '.join({**self.figures, **KINDS})}")
        if name in KINDS:
            return self._content.overview.narrowed(list(where.items())).figure(name, **options)
        if options or where:
            raise NnsweepError(f"figure `{name}` takes no options; those that do: {', '.join(KINDS)}")
        return self.figures[name]()

    def report(self) -> Path:
        """Write `report.html`, which needs no other file and no network, and return its path."""
        from nnsweep.report.writer import write_report

        return write_report(self._content, self._all_files)

    def write(
        self,
        figures: bool = True,
        all_files: bool = False,
        quiet: bool = True,
        process: DrawingProcess | None = None,
    ) -> None:
        """Write the tables and, with `figures`, the figures and the report, unless they are up to date.

        Files of an earlier run that the sweep no longer has are removed. If there are very many matrices and figures,
        only the most useful kinds are written, unless `all_files` is set. `process` draws, if one was started ahead.
        """
        from nnsweep.report.writer import write

        self._all_files, self.written = all_files, write(self._content, figures, all_files, quiet, process)

    def _check_column(self, value: str) -> None:
        columns = [name for name in self._content.frame("summary").columns if name not in self.sweep.cell_names]
        if value not in columns:
            raise NnsweepError(f"no value `{value}` in the summary; allowed: {', '.join(columns)}")
