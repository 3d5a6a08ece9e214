"""Which trials a search has asked for: the search is followed again through what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from nnsweep import format
from nnsweep.design.search import Search
from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError
from nnsweep.folder.paths import Folder
from nnsweep.store import Store
from nnsweep.store.seal import find_seal
from nnsweep.trainers import Outcome, Trainer
from nnsweep.trainers import load as load_trainer
from nnsweep.trials.expand import expand
from nnsweep.trials.grid import Grid
from nnsweep.trials.ids import are_among, to_texts
from nnsweep.trials.outcomes import no_histories
from nnsweep.trials.shards import Shard
from nnsweep.trials.trial import Trial

if TYPE_CHECKING:
    from nnsweep.trials.search.sampler import SearchSampler

MOST_DRAWN = 20_000
"""Trials that are drawn for an estimate: of more, they tell enough."""
NO_SHARDS = "a search has no shards, because what it tries depends on all that came before; run it with --jobs"


def as_asked(sweep: Sweep, folder: Folder) -> Sweep:
    """Return a searched sweep with the trials that its search has asked for so far; any other sweep as it is.

    After a run that came to its end these are recorded. Otherwise the search is followed again, and chooses again.

    Raises:
        StoreError: the store cannot be read.
    """
    return sweep if sweep.search is None or sweep.asked else _read(sweep, folder)


def _read(sweep: Sweep, folder: Folder) -> Sweep:
    trainer = load_trainer(sweep.trainer)
    if recorded := _recorded(sweep, folder, trainer):
        return recorded
    with Store.read(folder.store) as store:
        return followed(sweep, trainer, store)


def _recorded(sweep: Sweep, folder: Folder, trainer: Trainer) -> Sweep | None:
    """Return what the last run recorded; None if anything has changed that its search follows from."""
    from nnsweep.folder.last_run import LastRun, search_source
    from nnsweep.folder.recorded import read_progress
    from nnsweep.trials.search.configurations import with_asked

    last = LastRun.read(folder)
    if last is None or not last.searched or last.searched != search_source(find_seal(folder.store), sweep, trainer):
        return None
    return replace(with_asked(sweep, last.rows), progress=read_progress(folder))


def followed(sweep: Sweep, trainer: Trainer, store: Store) -> Sweep:
    """Follow the search of a sweep through what is stored."""
    from nnsweep.trials.search.configurations import with_asked
    from nnsweep.trials.search.methods import sampler_of

    sampler = sampler_of(sweep, trainer)
    return replace(with_asked(sweep, follow(sampler, store)), progress=sampler.progress())


def follow(sampler: SearchSampler, store: Store) -> list[tuple[object, ...]]:
    """Ask a sampler and tell it what is stored, as far as all of a batch is; list the rows of `Sweep.asked`.

    A batch of which nothing is stored is left out, as the search has not come to it.
    """
    known, rows = store.known(), list(sampler.rows)
    while trials := sampler.ask():
        stored = are_among(Grid.of(trials).ids, known)
        if stored.any():
            rows = list(sampler.rows)
        if not stored.all():
            break
        sampler.tell(answers(store, trials))
    return rows


def answers(store: Store, trials: Sequence[Trial]) -> dict[str, Outcome]:
    """Read what became of trials, by id, as a sampler is told it: without histories."""
    ids = Grid.of(trials).ids
    return replace(store.columns(ids), fetch_histories=no_histories).chosen(to_texts(ids).tolist())


def likely_trials(sweep: Sweep, trainer: Trainer, store: Store, shard: Shard | None) -> tuple[Grid, int]:
    """Return the stored trials of a search, and for those that are not known yet as many that are drawn at random.

    About `MOST_DRAWN` are drawn; the second number says how many more there would be.

    Raises:
        NnsweepError: only a part of the search is wanted.
    """
    from nnsweep.trials.search.configurations import with_asked
    from nnsweep.trials.search.methods import drawn_trials, sampler_of, sketch_of

    if shard is not None:
        raise NnsweepError(f"{sweep.name}: {NO_SHARDS}")
    is_empty = not len(store.known())
    if is_empty and (sketch := sketch_of(sweep, trainer)).expected > MOST_DRAWN:
        likely = sketch.likely(MOST_DRAWN / sketch.expected)
        if likely is not None:
            return expand(with_asked(sweep, likely), trainer), sketch.expected - len(likely)
    sampler = sampler_of(sweep, trainer)
    rows = [] if is_empty else follow(sampler, store)
    likely = sampler.likely()
    grid = expand(with_asked(sweep, rows if likely is None else likely), trainer)
    if likely is not None:
        return grid, 0
    stored = grid.take(are_among(grid.ids, store.known()))
    missing = max(0, sampler.expected - len(stored))
    if not missing:
        return stored, 0
    drawn = drawn_trials(sweep, trainer, min(missing, MOST_DRAWN))
    undrawn = missing - len(drawn) if missing > MOST_DRAWN else 0
    return (Grid.joined([stored, drawn]) if len(stored) else drawn), undrawn


def describe_search(sweep: Sweep) -> str:
    """Write the method of a search and its budget; nothing of a grid."""
    return "" if sweep.search is None else _described(sweep, sweep.search)


def _described(sweep: Sweep, search: Search) -> str:
    from nnsweep.trials.search.methods import sketch_of

    if intent := sketch_of(sweep, load_trainer(sweep.trainer)).intent:
        return intent
    budget = [
        *([format.count(search.configurations, "configuration")] if search.configurations else []),
        *([format.count(search.trainings, "trial")] if search.trainings else []),
        *([f"{format.duration(search.seconds)} of training"] if search.seconds else []),
    ]
    return f"search: `{search.method}`, at most {' and '.join(budget)}"


def first_asked(sweep: Sweep, trainer: Trainer) -> Grid:
    """Return the first trials that a search asks for."""
    from nnsweep.trials.search.methods import sampler_of

    return Grid.of(sampler_of(sweep, trainer).ask())
