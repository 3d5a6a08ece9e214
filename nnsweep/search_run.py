"""One run of a search: batch after batch is asked for, trained, and told to the sampler."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from nnsweep.design.search import OVER_EPOCHS
from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError
from nnsweep.execution.block_plans import BlockPlans
from nnsweep.execution.continued import kept_states
from nnsweep.execution.estimate import Measured
from nnsweep.execution.gathered import Gathered
from nnsweep.execution.in_training import InTraining
from nnsweep.execution.options import Options
from nnsweep.execution.plan import Plan, make_plan
from nnsweep.execution.wanted import Wanted
from nnsweep.folder.paths import Folder
from nnsweep.folder.reuse import Copier
from nnsweep.folder.searched import answers, as_asked, followed
from nnsweep.grid_run import GridRun
from nnsweep.results import Results
from nnsweep.store import Store
from nnsweep.trials.grid import Grid
from nnsweep.trials.ids import KnownIds
from nnsweep.trials.search.configurations import with_asked
from nnsweep.trials.search.methods import sampler_of

NO_SEEDS = "The sweep has no axis of seeds: the best configuration is not confirmed on fresh ones."


class SearchRun(GridRun):
    """One run of a search. Its trials are those that it has asked for so far."""

    def __init__(self, sweep: Sweep, folder: Folder, wanted: Wanted, options: Options) -> None:
        super().__init__(sweep, folder, wanted, options)
        self._asked, self._sampler = sweep, sampler_of(sweep, self.trainer)
        self._in_training, self._states, self._forgotten = InTraining(), "", False

    def train(self, store: Store) -> Results:
        search = self.sweep.search
        if search is None or search.method not in OVER_EPOCHS:
            return super().train(store)
        with kept_states(self.folder.root) as self._states:  # some of the trainings that it stops continue
            return super().train(store)

    def confirm(self, found: Results, store: Store) -> None:
        """Train the best configuration with fresh seeds, and keep what came of it."""
        from nnsweep.questions.settle.more_seeds import MoreSeeds

        search = found.sweep.search
        assert search is not None
        if not search.confirm:
            return
        if found.sweep.seed_name is None:
            found.confirmed = NO_SEEDS
            return
        try:
            ranked = found.best()
        except NnsweepError:  # no trial has ended with a metric
            return
        quiet, recorded = replace(self.options, quiet=True, listeners=()), not self._work.trained
        source = MoreSeeds(found.sweep, self.folder, quiet, store, recorded)
        found.confirmed = ranked.confirm(source, search.confirm)
        progress = replace(self.sweep.progress, confirmed=f"{ranked.chosen} {found.confirmed}")
        self.sweep = replace(self.sweep, progress=progress)

    def _forget(self) -> None:
        """Have the folder repeat nothing that an earlier run said of this search, also if this one is killed."""
        from nnsweep.folder.save import write_question

        if not self._forgotten:
            write_question(self.folder, self.sweep, self.trainer, self.whole)
            self._forgotten = True

    def find_unchanged(self, sealed: str, files: Sequence[bool]) -> Results | None:
        found = super().find_unchanged(sealed, files)
        if found is None:
            self._take(self._asked)
        return found

    def _ask_again(self, rows: Sequence[tuple[object, ...]]) -> None:
        from nnsweep.folder.recorded import read_progress

        if rows:
            self._take(replace(with_asked(self._asked, rows), progress=read_progress(self.folder)))

    def _listened(self, gathered: Gathered) -> Options:
        return replace(self.options, listeners=(self._in_training, *self.options.listeners))

    def _plans(self, store: Store) -> BlockPlans:
        self._batches = BlockPlans(self._next_plans(store), self._sampler.expected)
        self._batches.waits = self._in_training.any
        return self._batches

    def _next_plans(self, store: Store) -> Iterator[Plan]:
        """Plan batch after batch, each when all of the one before is stored, and the sampler is told."""
        copier = Copier(self.folder, self.sweep, self.trainer) if self.wanted.copying else None
        known, sampler = KnownIds(store.known()), self._sampler
        measured = cache(lambda: Measured(store.seconds(self.trainer)))
        while batch := sampler.ask():
            began = time.perf_counter()
            batch = Grid.of(batch)
            if copier is not None:
                of_batch = with_asked(self._asked, [tuple(each.values()) for each in batch.settings()])
                self._copy(store, copier.of(of_batch), batch, known)
            plan = make_plan(batch, known.ids, self.trainer, self.options.stacked_for, measured=measured)
            plan = plan.continued(self._states)
            if plan.new:
                self._take(with_asked(self._asked, sampler.rows))
                self._forget()
                self._describe(store)
            self._in_training.add(plan.new)
            known.add(batch.ids)
            self._work.overhead += time.perf_counter() - began
            yield plan
            self._batches.store_now()
            sampler.tell(answers(store, batch))
        self._take(replace(with_asked(self._asked, sampler.rows), progress=sampler.progress()))


class AgainRun(GridRun):
    """Trains trials again that a search has asked for, and follows the search through what came of them."""

    def __init__(self, sweep: Sweep, folder: Folder, wanted: Wanted, options: Options) -> None:
        super().__init__(as_asked(sweep, folder), folder, wanted, options)
        self._searched = sweep

    def train(self, store: Store) -> Results:
        found = super().train(store)
        progress = followed(self._searched, self.trainer, store).progress
        self.sweep = found.sweep = replace(self.sweep, progress=progress)
        return found
