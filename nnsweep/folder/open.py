"""Open a stored sweep by its name, its results folder, or a sweep file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnsweep import sweepfile
from nnsweep.design.search import Progress
from nnsweep.design.sweep import Report, Sweep
from nnsweep.errors import NnsweepError, StoreError
from nnsweep.folder.asked import asked, kept_sweep, shard_of
from nnsweep.folder.paths import Folder
from nnsweep.folder.searched import as_asked
from nnsweep.folder.select import is_file, select
from nnsweep.format import count_trials
from nnsweep.memory import give_back
from nnsweep.store import Store, is_held
from nnsweep.tables import Columns, frame, summary, trials_table
from nnsweep.tables.metrics import named, returned, seen
from nnsweep.trainers import load as load_trainer
from nnsweep.trials.expand import expand
from nnsweep.trials.grid import Grid
from nnsweep.trials.ids import are_among, distinct
from nnsweep.trials.outcomes import Ends, Outcomes, ids_of
from nnsweep.trials.trial import Trial

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class StoredSweep:
    """A sweep, and its results in a results folder.

    Opened by name or folder, it is the sweep as it was last run, read from the store: its file, its data and its
    trainer are not needed, and its trials have no parameters. Opened by a sweep file, it is the sweep of that file,
    with the trials that are stored.
    """

    folder: Folder
    sweep: Sweep
    grid: Sequence[Trial]
    """The trials in grid order."""
    declared: Sequence[str] = ()
    """The metrics that the trainer declares; empty if they are those that trials returned."""
    notices: Sequence[str] = ()
    """What a reader must know: how a file differs from the last run, and how many trials are stored."""
    differs: bool = False
    """Whether the file has changed, so that the tables and figures in the folder belong to another sweep."""

    @classmethod
    def open(cls, source: str, results: Path, overrides: Sequence[str] = ()) -> StoredSweep:
        """Open the stored trials of a sweep; `source` is a name below `results`, a results folder, or a sweep file.

        Raises:
            NnsweepError: no trial is stored. SpecError: the sweep file is wrong. StoreError: the store is damaged.
        """
        if is_file(source):
            return cls.of(sweepfile.load(Path(source), overrides), results, source)
        folder = select(source, results)
        if overrides:
            return cls.of(*asked(source, results, overrides), source)
        with Store.read(folder.store) as store:
            kept = kept_sweep(store, folder)
            partial = _partial(store, folder, kept.trials, _why_partial(store, folder))
        report, progress, notices = _recorded(folder, kept.sweep)
        if partial or kept.sweep.search is None:  # a search said that of all its trials
            progress = Progress()
        sweep = replace(kept.sweep, report=report, progress=progress)
        return cls(folder, sweep, kept.trials, kept.metrics, [*notices, *partial])

    @classmethod
    def grown(cls, sweep: Sweep, results: Path) -> StoredSweep:
        """Open a sweep with its stored trials, of which there may be none.

        Raises:
            NnsweepError: its data cannot be read.
        """
        trainer, folder = load_trainer(sweep.trainer), Folder(results / sweep.name)
        sweep = as_asked(sweep, folder)
        trials = expand(sweep, trainer)
        return cls(folder, sweep, trials, named(trainer, trials))

    @classmethod
    def of(cls, sweep: Sweep, results: Path, source: str = "") -> StoredSweep:
        """Open the stored trials of a sweep; `source` is its name in messages.

        Raises:
            NnsweepError: none of its trials is stored. StoreError: the store is damaged.
        """
        source, folder = source or sweep.name, Folder(results / sweep.name)
        if not folder.has_store():
            raise NnsweepError(f"{source}: no trial of `{sweep.name}` is stored in {results}; run the sweep first")
        sweep = stored_search(sweep, folder)
        trainer, trials = load_trainer(sweep.trainer), _expanded(sweep, folder)
        with Store.read(folder.store) as store:
            differing = _differing(store, sweep, trials, folder, source)
            why = "run it for the others" if differing else _why_partial(store, folder)
            notices = [*differing, *_partial(store, folder, trials, why, "".join(differing))]
        return cls(folder, sweep, trials, named(trainer, trials), notices, bool(differing))

    @cached_property
    def outcomes(self) -> Outcomes:
        """What became of its trials, by id, without their histories.

        Raises:
            StoreError: the store is damaged.
        """
        with Store.read(self.folder.store) as store:
            found = store.columns(ids_of(self.grid))
        give_back()
        return found

    def having(self, name: str, values: Sequence[Any]) -> StoredSweep:
        """Give the same sweep with those trials only that have one of some values on an axis: no others are read."""
        grid = Grid.of(self.grid)
        found = replace(self, grid=grid.take(grid.having(name, values)), declared=self.metrics)
        if "outcomes" in vars(self):  # they are in memory
            vars(found).update(outcomes=self.outcomes)
        return found

    @cached_property
    def metrics(self) -> list[str]:
        """The metrics of its trials."""
        return list(self.declared) or returned(self.sweep, [Ends.of(self.grid, self.outcomes)])

    @cached_property
    def table(self) -> Columns:
        """One row per trial, in grid order, as columns: see `tables.trials`."""
        return trials_table(self.sweep, self.grid, self.outcomes, self.metrics)

    @cached_property
    def trials(self) -> pd.DataFrame:
        """The table of the trials as a DataFrame."""
        return frame(self.table)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row per cell, its seeds aggregated: see `tables.summary`."""
        sweep, success = self.sweep, self.sweep.success
        judged = seen(self.table, sweep.cell_names, self.metrics, success.metric if success else None)
        return frame(summary(self.table, sweep.cell_names, self.metrics, success is not None, judged))


def _why_partial(store: Store, folder: Folder) -> str:
    shard = shard_of(store, folder)
    return "run it again for the others" if shard is None else f"this is {shard}; nnsweep merge joins them"


def _recorded(folder: Folder, sweep: Sweep) -> tuple[Report, Progress, list[str]]:
    """Read the [report] of the last run, and what its search did. If the file is damaged, return a notice."""
    from nnsweep.folder.recorded import read_progress, read_report

    try:
        return read_report(folder, sweep), read_progress(folder), []
    except StoreError as error:
        return Report(), Progress(), [f"{error}; the axes of tables and the formats of figures are the default ones"]


def stored_search(sweep: Sweep, folder: Folder) -> Sweep:
    """Return a searched sweep with the trials that it has asked for; any other sweep as it is.

    Raises:
        NnsweepError: none of them is stored. StoreError: the store is damaged.
    """
    found = as_asked(sweep, folder)
    if found.search is not None and not found.asked:
        raise NnsweepError(f"{folder.root}: no trial of this search is stored here; run the sweep first")
    return found


def _expanded(sweep: Sweep, folder: Folder) -> Grid:
    try:
        return expand(sweep, load_trainer(sweep.trainer))
    except NnsweepError as error:  # for example, its data are gone
        raise NnsweepError(f"{error}\nwhat is stored needs neither file nor data: name it, `{folder.root}`") from None


def _differing(store: Store, sweep: Sweep, trials: Grid, folder: Folder, source: str) -> list[str]:
    from nnsweep.folder.differences import differences

    found = differences(sweep, trials, store)
    if found and sweep.search is not None and (cut_off := _cut_off(store, trials)):
        return [f"{source}: {cut_off}"]
    return [f"{source} is not what was last run in {folder.root}: {'; '.join(found)}"] if found else []


def _cut_off(store: Store, trials: Grid) -> str:
    """Say that a search can be followed to a part only of what it asked for, because some of that is not stored."""
    kept = store.sweep_record()
    asked = distinct(kept.trials.ids) if kept else trials.ids[:0]
    missing = len(asked) - store.stored(asked)
    if not missing or not are_among(trials.ids, asked).all():
        return ""
    return f"{missing:,} of the {count_trials(len(asked))} of its search are missing, so that it is followed less far"


def _partial(store: Store, folder: Folder, trials: Sequence[Trial], why: str, differing: str = "") -> list[str]:
    """Write how many of a sweep's trials are stored, if not all are.

    Raises:
        NnsweepError: none is.
    """
    asked = distinct(ids_of(trials))
    stored = store.stored(asked)
    if stored == len(asked):
        return []
    going_on = is_held(folder.root)
    if not stored and not going_on:
        lead = differing or folder.root
        raise NnsweepError(f"{lead}; none of its {count_trials(len(asked))} is stored: run it first")
    return [f"{stored:,} of {count_trials(len(asked))} are stored: {'a run is going on' if going_on else why}"]
