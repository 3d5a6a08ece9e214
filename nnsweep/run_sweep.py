"""Train the trials of a sweep, one block after the other, then write the files of its results folder."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import cache, partial

import numpy as np

from nnsweep.design.search import OVER_EPOCHS
from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError
from nnsweep.execution import BlockPlans, Gathered, Measured, Options, Origin, Plan, Work, make_plan, train
from nnsweep.execution.continued import kept_states
from nnsweep.execution.in_training import InTraining
from nnsweep.execution.wanted import Wanted
from nnsweep.folder.paths import Folder
from nnsweep.folder.reuse import Copier, keep
from nnsweep.folder.searched import NO_SHARDS, answers, as_asked
from nnsweep.report.drawing_process import DrawingProcess
from nnsweep.results import Results
from nnsweep.store import Store, find_seal, lock, seal
from nnsweep.trainers import load as load_trainer
from nnsweep.trials.cells import PART, stay_in_memory
from nnsweep.trials.expand import expand, notes_of
from nnsweep.trials.grid import Grid
from nnsweep.trials.ids import KnownIds, to_numbers
from nnsweep.trials.outcomes import Ends
from nnsweep.trials.sampler import GridSampler
from nnsweep.trials.search.configurations import with_asked
from nnsweep.trials.search.methods import sampler_of
from nnsweep.trials.search.sampler import SearchSampler
from nnsweep.trials.shards import Shard


def run_sweep(
    sweep: Sweep,
    folder: Folder,
    wanted: Wanted,
    options: Options,
    figures: bool,
    all_files: bool,
    fresh: bool = False,
    shard: Shard | None = None,
    drawing: DrawingProcess | None = None,
) -> Results:
    """Train the wanted trials of a sweep, and write the tables and figures of all; of a shard, none.

    `drawing` draws the figures, or else a process that is started for them.

    Raises:
        StoreError: the results folder cannot be used, or another run is using it.
    """
    # Imported here, with what they import: a plan, or a mistake in a file, should not wait for them.
    from nnsweep.folder.save import write_question

    training, files = _Training(sweep, folder, wanted, options.of_sweep(sweep.run), shard), [figures, all_files]
    with lock(folder.root), nullcontext(drawing) if drawing else DrawingProcess() as drawing:
        folder.make()
        if fresh:
            folder.set_store_aside()
        if figures and shard is None and not folder.has_store():
            drawing.start()  # it imports what it needs while trials are trained
        sealed = find_seal(folder.store)
        may_be_unchanged = sealed and not wanted.again
        if may_be_unchanged and (unchanged := training.find_unchanged(sealed, files)):
            return unchanged
        is_sound = bool(sealed) or not folder.store.exists()
        with Store.open(folder.store) as store:
            found = training.train(store)
            if sweep.search is not None and not wanted.again:
                training.confirm(found, store)
        write_question(folder, training.sweep, training.trainer, training.whole)
        if shard is None:
            found.write(figures, all_files, options.quiet, drawing)
        with Store.read(folder.store) as store:
            store.confirm(training.count)
            is_sound = is_sound or store.is_sound()
        if is_sound:
            training.keep(found, seal(folder.store), files)
    return found


NO_SEEDS = "The sweep has no axis of seeds: the best configuration is not confirmed on fresh ones."


class _Training:
    """One run of a sweep. The trials of a block are planned while the last ones of the block before are trained."""

    def __init__(
        self, sweep: Sweep, folder: Folder, wanted: Wanted, options: Options, shard: Shard | None = None
    ) -> None:
        from nnsweep.tables.metrics import named

        began = time.perf_counter()
        self.sweep, self.folder, self.wanted, self.options = sweep, folder, wanted, options
        self.trainer = load_trainer(sweep.trainer)
        self._search = None
        if sweep.search is not None:
            if shard is not None:
                raise NnsweepError(f"{sweep.name}: {NO_SHARDS}")
            if wanted.again:  # of what was asked for
                self.sweep = as_asked(sweep, folder)
            else:
                self._search = sampler_of(sweep, self.trainer)
        self.whole = expand(self.sweep, self.trainer)
        self.trials = self.whole if shard is None else shard.take(self.whole, self.trainer)
        self._metrics, self._described = named(self.trainer, self.trials), False
        self._in_training, self._states = InTraining(), ""
        self._work, self._copied = Work(overhead=time.perf_counter() - began), Counter[str]()
        self.count = 0
        """How many trials are stored in the end."""

    def train(self, store: Store) -> Results:
        """Train, and read what is stored of all trials."""
        from nnsweep.folder.save import write_record
        from nnsweep.tables.metrics import returned

        work = self._work
        find_origin = partial(Origin.of, self.sweep, self.folder.root.parent)
        record = partial(write_record, self.folder)
        plans = BlockPlans(self._plans(store), len(self.trials))
        options, gathered = self.options, Gathered()
        if self._search is not None:
            plans = self._search_plans(store, self._search)
            options = replace(options, listeners=(self._in_training, *options.listeners))
        elif stay_in_memory(self.trials):
            options = replace(options, listeners=(gathered, *options.listeners))
        try:
            with self._keeping_states():
                train(store, plans, self.sweep.trainer, options, record, work, find_origin)
        finally:
            if work.trained:
                self._describe(store)
        sweep, trials = self.sweep, self.trials
        if sweep.keep_weights != "none":
            from nnsweep.folder.keep_weights import keep_weights

            work.notices += keep_weights(store, sweep, trials, self.trainer)
        outcomes = None
        if stay_in_memory(trials):
            outcomes = gathered.outcomes(trials.ids, store.fetch_histories) or store.columns(trials.ids)
        self.count = len(outcomes) if outcomes else store.stored(np.sort(trials.distinct.ids))
        work.copied, work.notices[:0] = dict(self._copied), notes_of(trials, self.trainer)
        parts = [trials] if outcomes else trials.parts(PART)
        ends = (Ends.of(part, outcomes or store.columns(part.ids)) for part in parts)
        measured = self._metrics or returned(sweep, ends)
        if not self._described or self._metrics != measured:
            store.describe(sweep, measured, self.whole)
        return Results(sweep, self.folder.root, work, measured, trials, outcomes)

    @contextmanager
    def _keeping_states(self) -> Iterator[None]:
        """Keep the states of trainings that a search stops, because some of them continue."""
        if self._search is None or self.sweep.search is None or self.sweep.search.method not in OVER_EPOCHS:
            yield
            return
        with kept_states(self.folder.root) as self._states:
            yield

    def find_unchanged(self, sealed: str, files: Sequence[bool]) -> Results | None:
        """Return what the last run found, if it is what this one would find: the files are as that one left them."""
        from nnsweep.folder.last_run import LastRun
        from nnsweep.folder.recorded import read_progress
        from nnsweep.folder.save import write_question

        Store.read(self.folder.store).close()  # tells where another program keeps it locked
        last, before = LastRun.read(self.folder), self.sweep
        if self._search is None:
            write_question(self.folder, self.sweep, self.trainer, self.whole)
        elif last is not None and last.rows:
            self._take(replace(with_asked(before, last.rows), progress=read_progress(self.folder)))
        source = self._source(sealed, files)
        if last is None or not source or last.source != source:
            if self._search is not None:
                self._take(before)
            return None
        work = Work(notices=notes_of(self.trials, self.trainer))
        return Results(
            self.sweep,
            self.folder.root,
            work,
            last.metrics,
            self.trials,
            None,
            confirmed=last.confirmed,
            last_run=last,
        )

    def keep(self, found: Results, sealed: str, files: Sequence[bool]) -> None:
        """Keep what is found for the next run; `sealed` is the digest of the store, if that could be sealed."""
        from nnsweep.folder.last_run import LastRun

        source = self._source(sealed, files)
        if source:
            said = found.format_again(Work(notices=notes_of(self.trials, self.trainer)))
            asked = [] if self.sweep.progress.text else [list(row) for row in self.sweep.asked]
            LastRun(
                source=source,
                text=said,
                metrics=found.metrics,
                failed=found.failed,
                confirmed=found.confirmed,
                asked=asked,
            ).write(self.folder)

    def confirm(self, found: Results, store: Store) -> None:
        """Train the best configuration of a search with fresh seeds, and keep what came of it."""
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
        quiet = replace(self.options, quiet=True, listeners=())
        found.confirmed = ranked.confirm(MoreSeeds(found.sweep, self.folder, quiet, store), search.confirm)
        progress = replace(self.sweep.progress, confirmed=f"{ranked.chosen} {found.confirmed}")
        self.sweep = replace(self.sweep, progress=progress)

    def _source(self, sealed: str, files: Sequence[bool]) -> str:
        from nnsweep.folder.last_run import source_of

        return source_of(sealed, self.folder, self.sweep, self.trials, self.trainer, files)

    def _search_plans(self, store: Store, sampler: SearchSampler) -> BlockPlans:
        """Plan batch after batch of a search, each when all of the one before is stored, and the search is told."""

        def next_plans() -> Iterator[Plan]:
            copier = Copier(self.folder, self.sweep, self.trainer) if self.wanted.copying else None
            known, asked = KnownIds(store.known()), self.sweep
            measured = cache(lambda: Measured(store.seconds(self.trainer)))
            while batch := sampler.ask():
                began = time.perf_counter()
                batch = Grid.of(batch)
                if copier is not None:
                    of_batch = with_asked(asked, [tuple(each.values()) for each in batch.settings()])
                    self._copy(store, copier.of(of_batch), batch, known)
                plan = make_plan(batch, known.ids, self.trainer, self.options.stacked_for, measured=measured)
                plan = plan.continued(self._states)
                if plan.new:
                    self._take(with_asked(asked, sampler.rows))
                    self._describe(store)
                self._in_training.add(plan.new)
                known.add(batch.ids)
                self._work.overhead += time.perf_counter() - began
                yield plan
                plans.store_now()
                sampler.tell(answers(store, batch))
            self._take(replace(with_asked(asked, sampler.rows), progress=sampler.progress()))

        plans = BlockPlans(next_plans(), sampler.expected)
        plans.waits = self._in_training.any
        return plans

    def _take(self, asked: Sweep) -> None:
        """Have the trials of a search be those that it has asked for."""
        from nnsweep.tables.metrics import named

        self.sweep = asked
        self.whole = self.trials = expand(asked, self.trainer)
        self._metrics, self._described = named(self.trainer, self.trials), False

    def _copy(self, store: Store, copier: Copier, block: Grid, known: KnownIds) -> None:
        """Copy the trials of a block that other folders have."""
        kept = keep(store, "copied", copier.find(block, known.ids))
        self._copied.update({place: len(copies) for place, copies in kept.items()})
        known.add(to_numbers(each.row.id for copies in kept.values() for each in copies))

    def _plans(self, store: Store) -> Iterator[Plan]:
        """Plan block after block: what was planned before is known."""
        began = time.perf_counter()
        known, sampler = KnownIds(store.known()), GridSampler(self.trials, self.trainer)
        copier = Copier(self.folder, self.sweep, self.trainer) if self.wanted.copying else None
        measured = cache(lambda: Measured(store.seconds(self.trainer)))
        for number, block in enumerate(iter(sampler.ask, [])):
            block = Grid.of(block)
            block.compute_ids()
            if copier is not None:
                self._copy(store, copier, block, known)
            ids = self.wanted.known(block, store, known.ids)
            plan = make_plan(block, ids, self.trainer, self.options.stacked_for, measured=measured)
            if not self.trials.are_distinct:
                known.add(block.ids)
            self._work.overhead += time.perf_counter() - began
            if plan.new and (number or len(block) == len(self.trials)):
                self._describe(store)
            yield plan
            began = time.perf_counter()

    def _describe(self, store: Store) -> None:
        """Keep the sweep, so that what an interrupted run has stored can be read.

        For a large grid it takes seconds, so that a first block is trained before.
        """
        if not self._described:
            store.describe(self.sweep, self._metrics, self.whole)
            self._described = True
