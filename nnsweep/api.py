"""The interface for notebooks and scripts: load a sweep, run it, and get tables and figures."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnsweep import sweepfile
from nnsweep.defaults import AUTO, RESULTS
from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError, SpecError, StoreError
from nnsweep.execution.events import Listener
from nnsweep.execution.options import Options
from nnsweep.execution.plan import Plan
from nnsweep.execution.wanted import Again, Missing
from nnsweep.folder.paths import Folder
from nnsweep.folder.reuse import accept as take_over
from nnsweep.folder.searched import as_asked
from nnsweep.plan_sweep import plan_sweep
from nnsweep.report.drawing_process import DrawingProcess
from nnsweep.results import Results
from nnsweep.run_sweep import run_sweep
from nnsweep.status import FAILURES
from nnsweep.store import Store, lock
from nnsweep.trainers import Trainer
from nnsweep.trainers import load as load_trainer
from nnsweep.trials.expand import expand
from nnsweep.trials.ids import to_numbers
from nnsweep.trials.shards import Shard

if TYPE_CHECKING:
    from nnsweep.folder.merged import Merged
    from nnsweep.trackers.importing import Imported

FilePath = str | PathLike[str]
Asked = Sweep | FilePath | Mapping[str, Any]
"""A sweep, the path of its file, or a dict of its tables."""


def load(path: FilePath, overrides: Sequence[str] = ()) -> Sweep:
    """Read a sweep file; `overrides` are texts such as "alpha=0.01,0.02", which replace values of the file.

    Raises:
        SpecError: the file is wrong; one line for each mistake.
    """
    return sweepfile.load(Path(path), overrides)


def loads(text: str, overrides: Sequence[str] = ()) -> Sweep:
    """Read a sweep from text, as `load` does from a file.

    >>> loads("name = 'small'\\n[axes]\\nalpha = [0.01, 0.1]").axes[0].values
    (0.01, 0.1)

    Raises:
        SpecError: with everything wrong with the text, a line each.
    """
    if not isinstance(text, str):
        raise SpecError(f"`text`: found a value of type {type(text).__name__}; allowed: text")
    return sweepfile.loads(text, "text", overrides)


def open(source: FilePath, results: FilePath = RESULTS, *, trainer: str = "") -> Results:
    """Open the stored trials of a sweep by its name, its results folder or its file. Nothing is trained.

    A name or a folder opens the sweep as it was last run; its file, its data and its trainer are not needed. A file
    opens the sweep of that file with the trials that are stored; `notices` say how it differs from the last run.

    Args:
        source: a name below `results`, a results folder, or a sweep file.
        results: the folder in which the sweep has its own.
        trainer: your trainer, such as "mine:train", which may be imported to train single trials again. A trainer that
            only the store names is not imported.

    Raises:
        NnsweepError: no trial is stored. StoreError: the store is damaged.

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
    """Make a sweep in Python, with the keys of a sweep file as keywords. `run` and others also accept a dict of these.

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
    if not isinstance(sweep, Sweep | str | PathLike):
        allowed = "a sweep, the path of its file, or a dict of its tables"
        raise SpecError(f"`sweep`: found a value of type {type(sweep).__name__}; allowed: {allowed}")
    return sweep if isinstance(sweep, Sweep) else load(sweep)


def plan(
    sweep: Asked, results: FilePath = RESULTS, jobs: int | None = None, *, shard: tuple[int, int] | None = None
) -> Plan:
    """Return what `run` would train, without training or writing anything."""
    sweep, part = _read(sweep), _shard(shard)
    return plan_sweep(sweep, _folder(sweep, results, part), Options(jobs).jobs, part)


def run(
    sweep: Asked,
    results: FilePath = RESULTS,
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    timeout: float | None = None,
    engine: str = AUTO,
    figures: bool = True,
    all_files: bool = False,
    fresh: bool = False,
    fail_fast: bool = False,
    quiet: bool = True,
    shard: tuple[int, int] | None = None,
    listeners: Sequence[Listener] = (),
    drawing: DrawingProcess | None = None,
) -> Results:
    """Train the trials that are not stored yet, then write the tables and figures of all trials.

    Every stack of trials is stored as soon as it ends. After an interruption, call this again to continue. Failed
    trials are stored too, and not trained again; use `retry` for them.

    Args:
        sweep: a sweep file, the result of `load`, `loads` or `sweep`, or a dict with the keys of a file.
        results: the folder in which the sweep has its own.
        jobs: the number of worker processes; 1 trains in this process, None chooses by the expected time.
        scheduler: the Dask cluster that trains: "tcp://host:8786", a scheduler file, or "local:4", which starts one.
        timeout: the seconds that one training may take, instead of the sweep's; needs at least one worker.
        engine: "numpy", "compiled" (with the extra `fast`), or "auto", which compiles what is worth it.
        figures: whether to draw figures and to write the report.
        all_files: whether to write every table and figure; by default, only the most useful kinds of very many.
        fresh: whether to move the store to a backup file and train all trials again.
        fail_fast: whether to stop at the first trial that fails.
        quiet: whether to print no progress.
        shard: (3, 16) trains the third of 16 parts of the sweep, into a results folder of its own that has no tables
            and figures; see `merge`.
        listeners: what hears of the run's events.
        drawing: a process that draws the figures, if one was started ahead.

    Raises:
        SpecError: the file is wrong. StoreError: the results folder cannot be used, or another run is using it.

    Example:
        >>> results = run("sweeps/forum.toml")  # doctest: +SKIP
    """

    sweep, part = _read(sweep), _shard(shard)
    options = Options(jobs, timeout, fail_fast, quiet, tuple(listeners), scheduler, engine)
    wanted, folder = Missing(copying=not fresh), _folder(sweep, results, part)
    return run_sweep(sweep, folder, wanted, options, figures, all_files, fresh, part, drawing)


def retry(
    sweep: Asked,
    results: FilePath = RESULTS,
    *,
    ids: Collection[str] | None = None,
    statuses: Collection[str] = FAILURES,
    jobs: int | None = None,
    scheduler: str | None = None,
    timeout: float | None = None,
    engine: str = AUTO,
    figures: bool = True,
    all_files: bool = False,
    fail_fast: bool = False,
    quiet: bool = True,
    listeners: Sequence[Listener] = (),
) -> Results:
    """Train stored trials of some statuses again, then write the tables and figures of all trials, like `run`.

    The stored outcome of a trial is replaced only when its new outcome is complete. Trials that were never trained are
    not trained. The other arguments are those of `run`.

    Args:
        sweep: the sweep of the trials.
        results: the folder in which the sweep has its own.
        ids: the ids of the trials; None means all.
        statuses: the statuses to train again; by default failed, crashed and timeout.

    Raises:
        StoreError: nothing is stored.
        NnsweepError: as `run`.
    """

    sweep = _read(sweep)
    wanted = Again(statuses, None if ids is None else to_numbers(ids))
    options = Options(jobs, timeout, fail_fast, quiet, tuple(listeners), scheduler, engine)
    return run_sweep(sweep, _stored(sweep, results), wanted, options, figures, all_files)


def accept(sweep: Asked, results: FilePath = RESULTS) -> dict[str, int]:
    """Accept the stored trials of your trainer from before a change of its source; return counts by earlier version.

    Use this if the change keeps the results. The trials are stored again under their present ids; the old rows stay.

    Raises:
        NnsweepError: the trainer is built in. StoreError: nothing is stored, or another run is using the folder.
    """
    sweep = _read(sweep)
    folder, trainer = _stored(sweep, results), load_trainer(sweep.trainer)
    sweep = as_asked(sweep, folder)
    trials = expand(sweep, trainer)
    with lock(folder.root), Store.open(folder.store) as store:
        return take_over(store, folder, sweep, trials, trainer)


def merge(
    folders: FilePath | Sequence[FilePath],
    results: FilePath = RESULTS,
    *,
    name: str = "",
    figures: bool = True,
    all_files: bool = False,
    quiet: bool = True,
) -> Merged:
    """Copy the trials of results folders into one, then write its tables and figures. The others stay as they are.

    Equal ids must have equal results. Where a trial has another result in the target, the target keeps its own, the
    other one is kept in the table `rejected` of its store, and the returned object says so. It has the counts of each
    folder, and its text describes the merge.

    Args:
        folders: one or several results folders, by path or by name below `results`, such as the shards of a sweep.
        results: the folder in which the target is.
        name: the name of the target, or its path; by default the name of the sweep of all folders.
        figures, all_files, quiet: as in `run`.

    Raises:
        NnsweepError: the folders are of several sweeps, and the target has no name. StoreError: the target cannot be
            written, or a run is using it.
    """
    from nnsweep.folder.merge import merge as join
    from nnsweep.folder.merge_names import find_folders
    from nnsweep.folder.open import StoredSweep

    folders = [folders] if isinstance(folders, str | PathLike) else folders
    sources, target = find_folders([str(folder) for folder in folders], Path(results), name)
    merged = join(sources, target, quiet)
    try:
        stored = StoredSweep.open(str(target.root), target.root.parent)
    except StoreError:
        raise
    except NnsweepError as error:  # no trial of the sweep that was run last, or no sweep, is stored
        merged.notices = [str(error)]
        return merged
    Results.opened(stored).write(figures, all_files, quiet)
    merged.notices = stored.notices
    return merged


def import_runs(
    source: str,
    results: FilePath = RESULTS,
    *,
    name: str = "",
    seed: str = "",
    metrics: Sequence[str] = (),
    ignore: Sequence[str] = (),
    experiment: str = "",
    step: str = "",
    below: float | None = None,
    above: float | None = None,
    figures: bool = True,
    all_files: bool = False,
    quiet: bool = True,
) -> Imported:
    """Store runs that were trained elsewhere in a results folder, then write its tables and figures.

    The runs can then be opened like a sweep that was trained here. Runs that are there already are not stored again.

    Args:
        source: "mlflow:URI", "wandb:DIR" with files that were written offline, "optuna:sqlite:///FILE.db#STUDY",
            "optuna:journal:FILE.log#STUDY", or "csv:FILE".
        results: the folder in which the sweep has its own.
        name: the name of the sweep; by default that of the experiment, the project, the study or the file.
        seed: the parameter that tells replicates apart; by default `seed`. A run without it is a replicate of its own.
        metrics: the metrics that are read; all by default. Of a CSV file, the columns that were measured.
        ignore: parameters that are left out.
        experiment: the experiment of MLflow, the project of W&B or the study of Optuna, where there are several.
        step: of a CSV file with a row for each step of a run, the column of the steps: its metrics are then curves.
        below, above: a run succeeds if the first of `metrics` is below, or above, this number.
        figures, all_files, quiet: as in `run`.

    Raises:
        NnsweepError: nothing can be read there, or the options do not fit. StoreError: the folder cannot be written.
    """
    from nnsweep.folder.open import StoredSweep
    from nnsweep.trackers.importing import Wanted, import_from

    if not isinstance(source, str):
        raise NnsweepError(f"`source`: found a value of type {type(source).__name__}; allowed: text such as csv:FILE")
    wanted = Wanted(name, seed, tuple(metrics), tuple(ignore), experiment, step, below, above)
    imported = import_from(source, Path(results), wanted)
    stored = StoredSweep.open(str(imported.folder), imported.folder.parent)
    Results.opened(stored).write(figures, all_files, quiet)
    return imported


def _shard(shard: tuple[int, int] | None) -> Shard | None:
    return None if shard is None else Shard.parse("/".join(map(str, shard)))


def _folder(sweep: Sweep, results: FilePath, shard: Shard | None) -> Folder:
    return Folder(Path(results) / (sweep.name if shard is None else shard.folder(sweep.name)))


def _stored(sweep: Sweep, results: FilePath) -> Folder:
    folder = Folder(Path(results) / sweep.name)
    if not folder.has_store():
        raise StoreError(f"{folder.root}: no trials are stored here to train again; run the sweep first")
    return folder
