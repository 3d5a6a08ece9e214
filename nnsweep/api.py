"""What a notebook or a script calls: load a sweep, run it, get tables and figures."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from nnsweep import spec
from nnsweep.errors import NnsweepError, StoreError
from nnsweep.execution import Options, Plan, Work, make_plan, train
from nnsweep.grid import Trial, expand
from nnsweep.report import Folder, told
from nnsweep.spec.sweep import SEED, Axis, Sweep
from nnsweep.store import Store, lock
from nnsweep.trainers import FAILURES, Outcome
from nnsweep.trainers import load as load_trainer

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.figure import Figure

    from nnsweep.analysis import Layout

FilePath = str | PathLike[str]
RESULTS = "results"
"""Where results folders are made, below the working directory."""


def load(path: FilePath, overrides: Sequence[str] = ()) -> Sweep:
    """Read a sweep file; `overrides` are texts such as "alpha=0.01,0.02", which beat the file.

    Raises:
        SpecError: with everything wrong with the file, a line each.
    """
    return spec.load(Path(path), overrides)


def plan(sweep: Sweep, results: FilePath = RESULTS, jobs: int | None = None) -> Plan:
    """Say what `run` would train, without training or writing anything."""
    trainer = load_trainer(sweep.trainer)
    folder = Folder(Path(results) / sweep.name)
    trials = expand(sweep, trainer)
    with Store.read(folder.store) as store:
        return make_plan(trials, store.ids(), trainer, jobs, stale=store.stale(trials, trainer))


def run(
    sweep: Sweep,
    results: FilePath = RESULTS,
    *,
    jobs: int | None = None,
    timeout: float | None = None,
    figures: bool = True,
    fresh: bool = False,
    fail_fast: bool = False,
    quiet: bool = True,
) -> Results:
    """Train the trials that are not stored yet, then write the tables and figures of all.

    Every stack of trials is stored as soon as it ends, so that a run that is cut off goes on when called again. A trial
    that failed is stored too, and not trained again: `retry` does that.

    Args:
        sweep: what to run.
        results: the folder in which the sweep has its own.
        jobs: how many worker processes; 1 trains in this one, None chooses by the expected time.
        timeout: how many seconds one training may take, instead of what the sweep says; takes at least one worker.
        figures: whether to draw figures.
        fresh: whether to set the store aside and train everything anew.
        fail_fast: whether to stop at the first trial that fails.
        quiet: whether to keep the progress to oneself.

    Raises:
        StoreError: the results folder cannot be used, or another run is using it.
    """

    def known(store: Store, trials: Sequence[Trial]) -> Collection[str]:
        return store.ids()

    return _run(sweep, results, known, Options(jobs, timeout, fail_fast, quiet), figures, fresh)


def retry(
    sweep: Sweep,
    results: FilePath = RESULTS,
    *,
    ids: Collection[str] | None = None,
    statuses: Collection[str] = FAILURES,
    jobs: int | None = None,
    timeout: float | None = None,
    figures: bool = True,
    fail_fast: bool = False,
    quiet: bool = True,
) -> Results:
    """Train stored trials of some statuses again, then write the tables and figures of all, as `run` does.

    What is stored of a trial is replaced when its new outcome is there, not before. Trials that were never trained are
    left to `run`, whose arguments the others are.

    Args:
        sweep: whose trials.
        results: the folder in which the sweep has its own.
        ids: of which trials; None is all.
        statuses: those to train again; by default of what came to no end: failed, crashed and timeout.

    Raises:
        StoreError: nothing is stored, or as of `run`.
    """

    def known(store: Store, trials: Sequence[Trial]) -> Collection[str]:
        asked = {trial.id for trial in trials}
        ends = store.outcomes(asked if ids is None else asked.intersection(ids))
        return asked - {id for id, outcome in ends.items() if outcome.status in statuses}

    folder = Folder(Path(results) / sweep.name)
    if not folder.store.exists():
        raise StoreError(f"{folder.root}: no trials are stored here to train again; run the sweep first")
    return _run(sweep, results, known, Options(jobs, timeout, fail_fast, quiet), figures, fresh=False)


def _run(
    sweep: Sweep,
    results: FilePath,
    known: Callable[[Store, Sequence[Trial]], Collection[str]],
    options: Options,
    figures: bool,
    fresh: bool,
) -> Results:
    """Train the trials that are not `known`; the rest is one for `run` and `retry`."""
    # Imported here, with pandas: a plan, or a mistake in a file, should not wait for them.
    from nnsweep.analysis import check_names
    from nnsweep.analysis.measured import named, returned
    from nnsweep.report.write import write_question, write_record

    trainer, began = load_trainer(sweep.trainer), time.perf_counter()
    trials = expand(sweep, trainer)
    spent = time.perf_counter() - began
    metrics = named(trainer, trials)
    check_names(sweep, metrics)
    options = replace(options, timeout=options.timeout or sweep.run.timeout)
    folder = Folder(Path(results) / sweep.name)
    with lock(folder.root):
        folder.make()
        if fresh:
            folder.set_store_aside()
        with Store.open(folder.store) as store:
            began = time.perf_counter()
            todo = make_plan(trials, known(store, trials), trainer, options.jobs)
            spent += time.perf_counter() - began
            work = train(store, todo, sweep.trainer, options, lambda record: write_record(folder, record), spent)
            stored = store.outcomes(trial.id for trial in trials if trial.id not in work.outcomes)
            outcomes = stored | work.outcomes
            metrics = metrics or returned(sweep, (outcomes[trial.id] for trial in trials if trial.id in outcomes))
            store.describe(sweep, metrics, trials)
            found = Results(sweep, folder.root, work, metrics, trials, outcomes)
        changed = write_question(folder, sweep, trainer)
        found.write(figures, again=changed or bool(work.outcomes))
    return found


@dataclass
class Results:
    """What a sweep gave, as tables (pandas) and figures (matplotlib)."""

    sweep: Sweep
    folder: Path
    """`results/<name>/`, where all of this stands as files too."""
    work: Work
    """What this call trained, and where its time went; the other trials were stored before."""
    metrics: list[str]
    """What the sweep's trials measure."""
    _trials: Sequence[Trial]
    _outcomes: Mapping[str, Outcome]

    def __str__(self) -> str:
        return told(self.sweep, self.folder, self.work, self.trials, self.summary, self.layout)

    @property
    def trained(self) -> int:
        """How many trials this call trained."""
        return len(self.work.outcomes)

    @cached_property
    def trials(self) -> pd.DataFrame:
        """One row per trial, in grid order: id, axes, status, metrics and success."""
        from nnsweep.analysis import trials_table

        return trials_table(self.sweep, self._trials, self._outcomes, self.metrics)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row per cell of the grid, its seeds aggregated: counts, success rate with interval, statistics."""
        from nnsweep.analysis import summary

        axes = [axis.name for axis in self._axes]
        return summary(self.trials, axes, self.metrics, success=self.sweep.success is not None)

    @cached_property
    def history(self) -> pd.DataFrame:
        """One row per cell and epoch, its seeds aggregated: how many, and mean and quartiles of each metric."""
        from nnsweep.analysis import history

        return history(self.sweep, self._trials, self.trials, self._outcomes, self.metrics)

    @cached_property
    def _curves(self) -> pd.DataFrame | None:
        """The history, where it says more than the summary."""
        from nnsweep.analysis import has_curves

        if any(axis.parameter == "epochs" for axis in self.sweep.axes):
            return None
        return self.history if has_curves(self.history) else None

    def matrix(self, value: str = "successes", **panel: object) -> pd.DataFrame:
        """Lay out one column of `summary`, rows down and columns across: `matrix("successes", hidden=4)`.

        Raises:
            NnsweepError: the panel's settings, or the column, are not there.
        """
        from nnsweep.analysis import matrices

        self._check_column(value)
        found = matrices(self.summary, self.layout, value)
        wanted = tuple(panel.items())
        if wanted not in found:
            allowed = "; ".join(", ".join(f"{name}={setting!r}" for name, setting in each) for each in found)
            raise NnsweepError(f"no panel {dict(panel)!r}; allowed: {allowed or 'none'}")
        return found[wanted]

    def tensor(self, metric: str = "error") -> np.ndarray:
        """Return a metric of every trial as an array with one dimension per axis of the sweep, in its order.

        float64, the shape that of the grid: (14, 6, 2, 50) for the forum's. NaN where there is no value.
        """
        import numpy as np

        if self.sweep.include or self.sweep.exclude:
            raise NnsweepError("a grid with [[include]] or [[exclude]] is no full array; use `trials`")
        if metric not in self.metrics:
            raise NnsweepError(f"no metric `{metric}`; allowed: {', '.join(self.metrics)}")
        return self.trials[metric].to_numpy(dtype=np.float64).reshape([len(axis.values) for axis in self.sweep.axes])

    @cached_property
    def layout(self) -> Layout:
        """Which axis stands where in matrices and figures."""
        from nnsweep.analysis import choose_layout

        return choose_layout(self.sweep)

    @property
    def failed(self) -> int:
        """How many trials did not come to an end: failed, crashed or timed out."""
        return sum(outcome.status in FAILURES for outcome in self._outcomes.values())

    @cached_property
    def figures(self) -> dict[str, Callable[[], Figure]]:
        """The sweep's figures by name, each as a function that draws it: `results.figures["success"]()`."""
        from nnsweep.report.draw import figures

        return figures(self.sweep, self.summary, self._curves, self.layout, self.metrics)

    def figure(self, name: str = "success") -> Figure:
        """Draw a figure of the sweep as a matplotlib `Figure`.

        Raises:
            NnsweepError: there is no figure of this name.
        """
        if name not in self.figures:
            raise NnsweepError(f"no figure `{name}`; allowed: {', '.join(self.figures)}")
        return self.figures[name]()

    def write(self, figures: bool = True, again: bool = True) -> None:
        """Write the tables and the figures into the folder; figures that are there only if `again`."""
        from nnsweep.report.draw import write_figures
        from nnsweep.report.write import write_tables

        values = {f"{metric}_median": f"{metric}_median" for metric in self.metrics}
        if self.sweep.success is not None:
            values = {"success": "successes", **values}
        write_tables(Folder(self.folder), self.trials, self.summary, self._curves, self.layout, values)
        if figures:
            write_figures(Folder(self.folder), self.figures, again=again)

    @property
    def _axes(self) -> list[Axis]:
        return [axis for axis in self.sweep.axes if axis.parameter != SEED]

    def _check_column(self, value: str) -> None:
        columns = [name for name in self.summary.columns if name not in {axis.name for axis in self._axes}]
        if value not in columns:
            raise NnsweepError(f"no value `{value}` in the summary; allowed: {', '.join(columns)}")
