"""What a notebook or a script calls: load a sweep, run it, get tables and figures."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from nnsweep import sweepfile
from nnsweep.design.sweep import Sweep
from nnsweep.errors import StoreError
from nnsweep.execution import Measured, Options, Origin, Plan, Work, count_histories, make_plan, train
from nnsweep.folder.paths import RESULTS, Folder
from nnsweep.folder.reuse import accept as take_over
from nnsweep.folder.reuse import copies, keep
from nnsweep.results import Results
from nnsweep.store import Store, lock
from nnsweep.store.rows import ID
from nnsweep.trainers import FAILURES, Outcome, Trainer
from nnsweep.trainers import load as load_trainer
from nnsweep.trials.grid import Grid, Trial, expand, notes_of
from nnsweep.trials.ids import to_texts
from nnsweep.trials.outcomes import Ends, ids_of
from nnsweep.trials.sampler import GridSampler, train_asked

FilePath = str | PathLike[str]
Asked = Sweep | FilePath | Mapping[str, Any]
"""A sweep, the file to read it from, or the tables of one."""


def load(path: FilePath, overrides: Sequence[str] = ()) -> Sweep:
    """Read a sweep file; `overrides` are texts such as "alpha=0.01,0.02", which beat the file.

    Raises:
        SpecError: with everything wrong with the file, a line each.
    """
    return sweepfile.load(Path(path), overrides)


def loads(text: str, overrides: Sequence[str] = ()) -> Sweep:
    """Read a sweep from text, as `load` does from a file.

    >>> loads("name = 'small'\\n[axes]\\nalpha = [0.01, 0.1]").axes[0].values
    (0.01, 0.1)

    Raises:
        SpecError: with everything wrong with the text, a line each.
    """
    return sweepfile.loads(text, "text", overrides)


def open(source: FilePath, results: FilePath = RESULTS, *, trainer: str = "") -> Results:
    """Open what is stored of a sweep: by its name, its results folder or its file; nothing is trained.

    By its name or folder it is the sweep as it was last run, of which neither the file nor the data nor the trainer is
    needed. By its file it is what the file asks for, as far as it is stored; `notices` tell in what it differs.

    Args:
        source: a name below `results`, a results folder, or a sweep file.
        results: the folder in which the sweep has its own.
        trainer: a trainer of yours, such as "mine:train", to train single trials again with: it is not imported because
            a store names it.

    Raises:
        NnsweepError: nothing is stored of it. StoreError: the store is damaged.

    Example:
        >>> open("forum").best()  # doctest: +SKIP
    """
    from nnsweep.folder.open import StoredSweep

    return Results.opened(StoredSweep.open(str(source), Path(results)), trainer)


def sweep(
    name: str,
    *,
    axes: Mapping[str, Any] | None = None,
    fixed: Mapping[str, Any] | None = None,
    trainer: str | Trainer | Callable[..., Any] = "mlp",
    overrides: Sequence[str] = (),
    **tables: Any,
) -> Sweep:
    """Make a sweep in Python: what a sweep file holds, as keywords. A dict of them does as well, for `run` and others.

    >>> sweep("small", axes={"alpha": [0.01, 0.1], "seed": {"count": 5}}).axes[0].values
    (0.01, 0.1)

    Args:
        name: the sweep's name, and its folder below the results folder.
        axes: the grid: lists, tuples, arrays, `range(30)`, or the tables of ranges that a file has.
        fixed: one value for every trial.
        trainer: a name as in a file, or any callable: a function of a notebook's cell, a closure, a partial, an object.
            It is identified by its source and by what it holds and uses, and sent to workers.
        overrides: texts such as "alpha=0.01,0.02".
        tables: `success`, `cases`, `include`, `exclude`, `report`, `run` and `description`, as a file has them.

    Raises:
        SpecError: with everything wrong with it, a line each.
    """
    given = {"name": name, "trainer": trainer, "fixed": fixed, "axes": axes, **tables}
    return sweepfile.from_python(given, overrides)


def _read(sweep: Asked) -> Sweep:
    if isinstance(sweep, Mapping):
        return sweepfile.from_python(sweep)
    return sweep if isinstance(sweep, Sweep) else load(sweep)


def plan(sweep: Asked, results: FilePath = RESULTS, jobs: int | None = None) -> Plan:
    """Say what `run` would train, without training or writing anything."""
    sweep = _read(sweep)
    trainer = load_trainer(sweep.trainer)
    folder = Folder(Path(results) / sweep.name)
    trials = expand(sweep, trainer)
    with Store.read(folder.store) as store:
        known, stale = store.ids(), store.stale(trials, trainer)
        copied = copies(folder, known, sweep, trials, trainer)
        known |= {row[ID] for rows in copied.values() for row in rows}
        made = make_plan(trials, known, trainer, jobs, stale, lambda: Measured(store.seconds(trainer)))
    made = replace(made, histories=count_histories(trials, known, trainer))
    described = {said: count for said, count in _describe(trials, trainer).most_common() if said}
    found = {place: len(rows) for place, rows in copied.items()}
    return replace(made, elsewhere=found, kinds=described, notes=tuple(notes_of(trials, trainer)))


def _describe(trials: Grid, trainer: Trainer) -> Counter[str]:
    """Count the trials that have the same description."""
    found: Counter[str] = Counter()
    kinds = trials.kinds
    for params, count in zip(kinds.first.params(), np.bincount(kinds.numbers).tolist(), strict=True):
        found[trainer.describe(params)] += count
    return found


def run(
    sweep: Asked,
    results: FilePath = RESULTS,
    *,
    jobs: int | None = None,
    timeout: float | None = None,
    figures: bool = True,
    all_files: bool = False,
    fresh: bool = False,
    fail_fast: bool = False,
    quiet: bool = True,
) -> Results:
    """Train the trials that are not stored yet, then write the tables and figures of all.

    Every stack of trials is stored as soon as it ends, so that a run that is cut off goes on when called again. A trial
    that failed is stored too, and not trained again: `retry` does that.

    Args:
        sweep: what to run: a sweep file, what `load`, `loads` or `sweep` made, or a dict of what a file holds.
        results: the folder in which the sweep has its own.
        jobs: how many worker processes; 1 trains in this one, None chooses by the expected time.
        timeout: how many seconds one training may take, instead of what the sweep says; takes at least one worker.
        figures: whether to draw figures and to write the report.
        all_files: whether to write every table and figure, however many; else the most telling kinds of very many.
        fresh: whether to set the store aside and train everything anew.
        fail_fast: whether to stop at the first trial that fails.
        quiet: whether to keep the progress to oneself.

    Raises:
        SpecError: the file is wrong. StoreError: the results folder cannot be used, or another run is using it.

    Example:
        >>> results = run("sweeps/forum.toml")  # doctest: +SKIP
    """

    def known(store: Store, trials: Sequence[Trial]) -> Collection[str]:
        return store.ids()

    return _run(
        _read(sweep),
        results,
        known,
        Options(jobs, timeout, fail_fast, quiet),
        figures,
        all_files,
        fresh,
        reuse=not fresh,
    )


def retry(
    sweep: Asked,
    results: FilePath = RESULTS,
    *,
    ids: Collection[str] | None = None,
    statuses: Collection[str] = FAILURES,
    jobs: int | None = None,
    timeout: float | None = None,
    figures: bool = True,
    all_files: bool = False,
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
        asked = {*to_texts(ids_of(trials))}
        ends = store.outcomes(asked if ids is None else asked.intersection(ids))
        return asked - {id for id, outcome in ends.items() if outcome.status in statuses}

    sweep = _read(sweep)
    _stored(sweep, results)
    return _run(sweep, results, known, Options(jobs, timeout, fail_fast, quiet), figures, all_files)


def accept(sweep: Asked, results: FilePath = RESULTS) -> dict[str, int]:
    """Take what a trainer of yours gave before its source changed as what it gives now; counts by earlier version.

    For a change that means the same. The trials get the ids that they would have now; their earlier rows stay.

    Raises:
        NnsweepError: the trainer is built in. StoreError: nothing is stored, or another run is using the folder.
    """
    sweep = _read(sweep)
    folder, trainer = _stored(sweep, results), load_trainer(sweep.trainer)
    trials = expand(sweep, trainer)
    with lock(folder.root), Store.open(folder.store) as store:
        return take_over(store, folder, sweep, trials, trainer)


def _stored(sweep: Sweep, results: FilePath) -> Folder:
    folder = Folder(Path(results) / sweep.name)
    if not folder.has_store():
        raise StoreError(f"{folder.root}: no trials are stored here to train again; run the sweep first")
    return folder


def _run(
    sweep: Sweep,
    results: FilePath,
    known: Callable[[Store, Sequence[Trial]], Collection[str]],
    options: Options,
    figures: bool,
    all_files: bool,
    fresh: bool = False,
    reuse: bool = False,
) -> Results:
    """Train the trials that are not `known`; the rest is one for `run` and `retry`.

    `reuse` is whether what other folders have of them is copied first.
    """
    # Imported here, with pandas: a plan, or a mistake in a file, should not wait for them.
    from nnsweep.folder.save import write_question, write_record
    from nnsweep.report.drawing_process import DrawingProcess
    from nnsweep.tables.metrics import named, returned

    trainer, began = load_trainer(sweep.trainer), time.perf_counter()
    sampler = GridSampler(sweep, trainer)
    trials, work = sampler.trials, Work(overhead=time.perf_counter() - began)
    metrics = named(trainer, trials)
    options = replace(options, timeout=options.timeout or sweep.run.timeout)
    folder = Folder(Path(results) / sweep.name)
    with lock(folder.root), DrawingProcess() as drawing:
        folder.make()
        if fresh:
            folder.set_store_aside()
        if figures and not folder.has_store():
            drawing.start()  # it imports what it needs while trials are trained
        with Store.open(folder.store) as store:

            def train_batch(batch: Sequence[Trial]) -> Mapping[str, Outcome]:
                began = time.perf_counter()
                if reuse:
                    work.copied = keep(store, "copied", copies(folder, store.ids(), sweep, batch, trainer))
                there = known(store, batch)
                todo = make_plan(batch, there, trainer, options.jobs, measured=lambda: Measured(store.seconds(trainer)))
                work.overhead += time.perf_counter() - began
                if todo.new:
                    store.describe(sweep, metrics, trials)  # so that what an interrupted run has stored can be read
                origin = Origin.of(sweep, Path(results)) if todo.new else Origin()
                train(store, todo, sweep.trainer, options, partial(write_record, folder), work, origin)
                return store.outcomes(id for id in to_texts(ids_of(batch)) if id not in work.outcomes) | work.outcomes

            outcomes = train_asked(sampler, train_batch)
            work.notices[:0] = notes_of(trials, trainer)
            measured = metrics or returned(sweep, Ends.of(trials, outcomes))
            if not work.outcomes or metrics != measured:
                store.describe(sweep, measured, trials)
            found = Results(sweep, folder.root, work, measured, trials, outcomes)
        write_question(folder, sweep, trainer, trials)
        found.write(figures, all_files, options.quiet, drawing)
        with Store.read(folder.store) as store:
            store.confirm(len(outcomes))
    return found
