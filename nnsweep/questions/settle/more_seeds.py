"""Train some cells of a sweep with more seeds than its grid has, and store them with the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from nnsweep.design.sweep import SEED, Axis, Sweep
from nnsweep.errors import NnsweepError
from nnsweep.execution.block_plans import BlockPlans
from nnsweep.execution.options import Options
from nnsweep.execution.plan import make_plan
from nnsweep.execution.runner import Record, train
from nnsweep.execution.writer import Work
from nnsweep.folder.asked import asked
from nnsweep.folder.paths import Folder
from nnsweep.folder.searched import as_asked
from nnsweep.store import Store, lock
from nnsweep.trainers import Outcome
from nnsweep.trainers import load as load_trainer
from nnsweep.trials.expand import expand
from nnsweep.trials.grid import Grid
from nnsweep.trials.outcomes import Ends, ids_of
from nnsweep.trials.trial import Trial

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class MoreSeeds:
    """A sweep whose cells can be trained with any seeds. These trials are stored like those of its grid."""

    sweep: Sweep
    folder: Folder
    options: Options
    store: Store | None = None
    """The store of the folder, if it is open and locked already."""
    recorded: bool = True
    """Whether `env.json` tells of these trainings; else it keeps what it tells of those before."""

    @cached_property
    def axis(self) -> Axis:
        """The axis of the seeds.

        Raises:
            NnsweepError: the sweep has none.
        """
        seeds = next((axis for axis in self.sweep.axes if axis.parameter == SEED), None)
        if seeds is None:
            raise NnsweepError(f"{self.sweep.name}: has no axis of seeds; give it one, such as seed = {{ count = 30 }}")
        return seeds

    @property
    def seeds(self) -> list[int]:
        """The seeds of the grid."""
        return sorted(self.axis.every)

    def fresh(self, count: int) -> list[int]:
        """List the next seeds above those of the grid."""
        first = self.seeds[-1] + 1
        return list(range(first, first + count))

    def trials(self, seeds: Sequence[int]) -> Grid:
        """Give the trials of all cells with these seeds."""
        found = expand(self._with(seeds), load_trainer(self.sweep.trainer))
        return found.take(found.having(self.axis.name, set(seeds)))

    def _with(self, seeds: Sequence[int]) -> Sweep:
        """The sweep with other seeds."""
        axes = (
            replace(axis, values=tuple(seeds), added=()) if axis.parameter == SEED else axis for axis in self.sweep.axes
        )
        cells = dict.fromkeys(row[:-1] for row in self.sweep.asked)  # the seed is the last axis
        asked = tuple((*cell, seed) for cell in cells for seed in seeds)
        return replace(self.sweep, axes=tuple(axes), asked=asked)

    def train(self, trials: Sequence[Trial]) -> Mapping[str, Outcome]:
        """Train the trials that are not stored yet, and return the outcomes of all by id, without histories.

        Raises:
            StoreError: the results folder cannot be used, or another run is using it.
        """
        if self.store is not None:
            return self._train(self.store, trials)
        with lock(self.folder.root):
            self.folder.make()
            with Store.open(self.folder.store) as store:
                return self._train(store, trials)

    def _train(self, store: Store, trials: Sequence[Trial]) -> Mapping[str, Outcome]:
        from nnsweep.folder.save import write_record

        trainer, options = load_trainer(self.sweep.trainer), self.options.of_sweep(self.sweep.run)
        plan = make_plan(trials, store.known(), trainer, options.stacked_for)
        if plan.new:
            self._describe(store)
        record = partial(write_record, self.folder) if self.recorded else _keep_record
        train(store, BlockPlans([plan]), self.sweep.trainer, options, record, Work())
        found = store.columns(ids_of(trials))
        # Each outcome that is asked for would open the store again for its history.
        return replace(found, fetch_histories=lambda ids: ({} for _ in ids))

    def table(self, trials: Sequence[Trial], outcomes: Mapping[str, Outcome]) -> pd.DataFrame:
        """Make the trials table of some trials, in their order."""
        from nnsweep.tables import frame, trials_table
        from nnsweep.tables.metrics import named, returned

        metrics = list(named(load_trainer(self.sweep.trainer), trials)) or returned(
            self.sweep, [Ends.of(trials, outcomes)]
        )
        sweep = self._with(list(dict.fromkeys(trial.settings[self.axis.name] for trial in trials)))
        return frame(trials_table(sweep, trials, outcomes, metrics))

    def _describe(self, store: Store) -> None:
        """Store the sweep's own grid, if none is stored yet, so that other verbs can read the store."""
        if store.sweep() is None:
            from nnsweep.tables.metrics import named

            trainer = load_trainer(self.sweep.trainer)
            trials = expand(self.sweep, trainer)
            store.describe(self.sweep, named(trainer, trials), trials)


def _keep_record(record: Record) -> None:
    """Write nothing."""


def source_of(source: str, results: Path, overrides: Sequence[str], trainer: str, options: Options) -> MoreSeeds:
    """Read a sweep to which seeds can be added, from its file, or as it was last run in a results folder.

    Raises:
        SpecError: the sweep file is wrong.
        NnsweepError: nothing is stored under that name, or its trainer is not named.
    """
    sweep, root = asked(source, results, overrides, trainer)
    folder = Folder(root / sweep.name)
    return MoreSeeds(as_asked(sweep, folder), folder, options)
