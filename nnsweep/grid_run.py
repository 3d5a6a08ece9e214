"""One run of a grid: its trials are planned and trained block after block, and read in the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, partial

import numpy as np

from nnsweep.design.sweep import Sweep
from nnsweep.execution.block_plans import BlockPlans
from nnsweep.execution.estimate import Measured
from nnsweep.execution.gathered import Gathered
from nnsweep.execution.options import Options
from nnsweep.execution.origin import Origin
from nnsweep.execution.plan import Plan, make_plan
from nnsweep.execution.runner import train
from nnsweep.execution.wanted import Wanted
from nnsweep.execution.writer import Work
from nnsweep.folder.paths import Folder
from nnsweep.folder.reuse import Copier, keep
from nnsweep.results import Results
from nnsweep.store import Store
from nnsweep.trainers import load as load_trainer
from nnsweep.trials.cells import PART, stay_in_memory
from nnsweep.trials.expand import expand, notes_of
from nnsweep.trials.grid import Grid
from nnsweep.trials.ids import KnownIds, to_numbers
from nnsweep.trials.outcomes import Ends
from nnsweep.trials.sampler import GridSampler
from nnsweep.trials.shards import Shard


class GridRun:
    """One run of a sweep, or of a shard of it.

    The trials of a block are planned while the last ones of the block before are trained.
    """

    def __init__(
        self, sweep: Sweep, folder: Folder, wanted: Wanted, options: Options, shard: Shard | None = None
    ) -> None:
        began = time.perf_counter()
        self.folder, self.wanted, self.options = folder, wanted, options
        self.trainer = load_trainer(sweep.trainer)
        self._take(sweep, shard)
        self._work, self._copied = Work(overhead=time.perf_counter() - began), Counter[str]()
        self.count = 0
        """How many trials are stored in the end."""

    def _take(self, sweep: Sweep, shard: Shard | None = None) -> None:
        """Have the trials be those of the sweep."""
        from nnsweep.tables.metrics import named

        self.sweep = sweep
        self.whole = expand(sweep, self.trainer)
        self.trials = self.whole if shard is None else shard.take(self.whole, self.trainer)
        self._metrics, self._described = named(self.trainer, self.trials), False

    def train(self, store: Store) -> Results:
        """Train, and read what is stored of all trials."""
        from nnsweep.folder.save import write_record
        from nnsweep.tables.metrics import returned

        work, gathered = self._work, Gathered()
        find_origin = partial(Origin.of, self.sweep, self.folder.root.parent)
        record = partial(write_record, self.folder)
        try:
            train(store, self._plans(store), self.sweep.trainer, self._listened(gathered), record, work, find_origin)
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

    def _listened(self, gathered: Gathered) -> Options:
        """Add who else listens to the run."""
        if not stay_in_memory(self.trials):
            return self.options
        return replace(self.options, listeners=(gathered, *self.options.listeners))

    def confirm(self, found: Results, store: Store) -> None:
        """Train what the answer needs besides: nothing for a grid."""

    def find_unchanged(self, sealed: str, files: Sequence[bool]) -> Results | None:
        """Return what the last run found, if it is what this one would find: the files are as that one left them."""
        from nnsweep.folder.last_run import LastRun, search_source

        Store.read(self.folder.store).close()  # tells where another program keeps it locked
        last = LastRun.read(self.folder)
        is_same = last is not None and last.searched == search_source(sealed, self.sweep, self.trainer)
        self._ask_again(last.rows if last is not None and is_same else [])
        source = self._source(sealed, files)
        if last is None or not source or last.source != source:
            return None
        work = Work(notices=notes_of(self.trials, self.trainer))
        found = Results(self.sweep, self.folder.root, work, last.metrics, self.trials, None, last_run=last)
        found.confirmed = last.confirmed
        return found

    def _ask_again(self, rows: Sequence[tuple[object, ...]]) -> None:
        """Have the question be that of the last run, whose search asked for these rows."""
        from nnsweep.folder.save import write_question

        write_question(self.folder, self.sweep, self.trainer, self.whole)

    def keep(self, found: Results, sealed: str, files: Sequence[bool]) -> None:
        """Keep what is found for the next run; `sealed` is the digest of the store, if that could be sealed."""
        from nnsweep.folder.last_run import LastRun, search_source

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
                searched=search_source(sealed, self.sweep, self.trainer) if asked else "",
            ).write(self.folder)

    def _source(self, sealed: str, files: Sequence[bool]) -> str:
        from nnsweep.folder.last_run import source_of

        return source_of(sealed, self.folder, self.sweep, self.trials, self.trainer, files)

    def _plans(self, store: Store) -> BlockPlans:
        return BlockPlans(self._next_plans(store), len(self.trials))

    def _next_plans(self, store: Store) -> Iterator[Plan]:
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

    def _copy(self, store: Store, copier: Copier, block: Grid, known: KnownIds) -> None:
        """Copy the trials of a block that other folders have; where a file is damaged, a further folder is tried."""
        again = True
        while again:
            found = copier.find(block, known.ids)
            kept = keep(store, "copied", found)
            self._copied.update({place: len(copies) for place, copies in kept.items()})
            known.add(to_numbers(each.row.id for copies in kept.values() for each in copies))
            again = copier.pass_over(found, kept)

    def _describe(self, store: Store) -> None:
        """Keep the sweep, so that what an interrupted run has stored can be read.

        For a large grid it takes seconds, so that a first block is trained before.
        """
        if not self._described:
            store.describe(self.sweep, self._metrics, self.whole)
            self._described = True
