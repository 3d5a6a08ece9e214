"""What a notebook or a script calls: load a sweep, run it, get tables and figures."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnsweep import spec
from nnsweep.errors import NnsweepError
from nnsweep.execution import Plan, Progress, choose_jobs, dispatch, environment, make_plan
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
    figures: bool = True,
    fresh: bool = False,
    fail_fast: bool = False,
    quiet: bool = True,
) -> Results:
    """Train the trials that are not stored yet, then write the tables and figures of all.

    Every stack of trials is stored as soon as it ends, so that a run that is cut off goes on when called again.

    Args:
        sweep: what to run.
        results: the folder in which the sweep has its own.
        jobs: how many worker processes; 1 trains in this one, None chooses by the expected time.
        figures: whether to draw figures.
        fresh: whether to set the store aside and train everything anew.
        fail_fast: whether to stop at the first trial that fails.
        quiet: whether to keep the progress to oneself.

    Raises:
        StoreError: the results folder cannot be used, or another run is using it.
    """
    # Imported here, with pandas: a plan, or a mistake in a file, should not wait for them.
    from nnsweep.analysis import check_names
    from nnsweep.report.write import write_question

    trainer = load_trainer(sweep.trainer)
    trials = expand(sweep, trainer)
    measured = {name for names in {trainer.measured(trial.params) for trial in trials} for name in names}
    metrics = [name for name in trainer.metrics if name in measured]
    check_names(sweep, metrics)
    folder = Folder(Path(results) / sweep.name)
    with lock(folder.root):
        folder.make()
        if fresh:
            folder.set_store_aside()
        with Store.open(folder.store) as store:
            started = time.perf_counter()
            trained, where = _train(store, trials, sweep.trainer, jobs, fail_fast, quiet)
            seconds = time.perf_counter() - started
            store.describe(sweep, metrics, trials)
            stored = store.outcomes(trial.id for trial in trials if trial.id not in trained)
            found = Results(sweep, folder.root, len(trained), seconds, metrics, trials, stored | trained)
        changed = write_question(folder, sweep, trainer, where)
        found.write(figures, again=changed or bool(trained))
    return found


def _train(
    store: Store, trials: Sequence[Trial], trainer_name: str, jobs: int | None, fail_fast: bool, quiet: bool
) -> tuple[dict[str, Outcome], dict[str, Any]]:
    """Train what is missing; what became of it, and where it was done."""
    trainer = load_trainer(trainer_name)
    todo = make_plan(trials, store.ids(), trainer, jobs)
    workers = choose_jobs(todo.cost, jobs)
    where = environment(workers)
    if not todo.new:  # What was trained before was so there, and a run that was cut off did not write it down.
        runs = store.runs()
        return {}, json.loads(runs[-1]["environment"]) if runs else where
    number, started = store.begin_run(where, shlex.join(sys.argv)), time.perf_counter()
    trained: dict[str, Outcome] = {}
    try:
        with Progress(todo.new, quiet=quiet) as progress, closing(dispatch(trainer_name, todo.stacks, workers)) as done:
            for ended in done:
                store.write(number, trainer, ended)
                trained.update((trial.id, outcome) for trial, outcome in ended)
                progress.update(len(ended))
                if fail_fast and any(outcome.status in FAILURES for _, outcome in ended):
                    break
    finally:
        store.end_run(number, len(trained), time.perf_counter() - started)
    return trained, where


@dataclass
class Results:
    """What a sweep gave, as tables (pandas) and figures (matplotlib)."""

    sweep: Sweep
    folder: Path
    """`results/<name>/`, where all of this stands as files too."""
    trained: int
    """How many trials this call trained; the others were stored before."""
    seconds: float
    """How long the training took, wall time."""
    metrics: list[str]
    """What the sweep's trials measure."""
    _trials: Sequence[Trial]
    _outcomes: Mapping[str, Outcome]

    def __str__(self) -> str:
        return told(self.sweep, self.folder, self.trained, self.seconds, self.trials, self.summary, self.layout)

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
