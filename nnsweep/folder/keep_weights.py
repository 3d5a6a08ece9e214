"""Keep the weights of a sweep's best trial, or of all: `[keep] weights`."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence

import numpy as np

from nnsweep import format
from nnsweep.design.sweep import Sweep
from nnsweep.errors import StoreError
from nnsweep.folder.paths import Folder
from nnsweep.folder.weights_files import KEPT_WEIGHTS, write_npz
from nnsweep.store import Store
from nnsweep.threads import one_thread
from nnsweep.trainers.protocol import Trainer
from nnsweep.trainers.saved import SavedFile, keep_file
from nnsweep.trials.grid import Grid
from nnsweep.trials.outcomes import STATUSES, Ends, Outcomes
from nnsweep.trials.trial import Trial


def keep_weights(store: Store, sweep: Sweep, trials: Grid, trainer: Trainer) -> list[str]:
    """Train trials whose weights are to be kept, and are not, again, and keep them; say so in a line.

    Training again gives the same bits, so that these are the weights of the stored trials.

    Raises:
        StoreError: they cannot be written; those that are kept already stay.
    """
    outcomes, kept = store.columns(trials.ids), store.saved()
    chosen = [trials[place] for place in _chosen(sweep, trials, outcomes)]
    new = [each for each in chosen if KEPT_WEIGHTS not in [file.name for file in kept.get(each.id, ())]]
    artifacts = Folder(store.path.parent).artifacts
    for stack in _stacks(new, trainer):
        with one_thread():  # as in a worker: the order of a sum depends on the number of threads
            found = trainer.weights_of([trial.params for trial in stack])
        for trial, weights in zip(stack, found, strict=True):
            try:
                size, content = keep_file(artifacts, lambda path, weights=weights: write_npz(weights, path))
            except OSError as error:
                said = f"weights of trial {trial.id}: {error.strerror}"
                said = f"{said}; the trials are stored, run again to keep the weights"
                raise StoreError(f"{artifacts}: {said}") from error
            store.save(trial.id, SavedFile(KEPT_WEIGHTS, size, content))
    return [f"weights kept of {format.count(len(new), 'trial')}, each trained again for them"] if new else []


def _stacks(trials: Iterable[Trial], trainer: Trainer) -> Iterator[Sequence[Trial]]:
    """Put together what can be trained together."""
    together: dict[Hashable, list[Trial]] = {}
    for trial in trials:
        together.setdefault(trainer.stack_key(trial.params), []).append(trial)
    for same in together.values():
        size = max(1, trainer.capacity(same[0].params))
        yield from (same[start : start + size] for start in range(0, len(same), size))


def _chosen(sweep: Sweep, trials: Grid, outcomes: Outcomes) -> Iterable[int]:
    """Give the places of the trials whose weights are kept; of equally good ones the first is the best."""
    ends = Ends.of(trials, outcomes)
    well = ends.status == STATUSES.index("ok")
    if sweep.keep_weights == "all":
        return np.flatnonzero(well).tolist()
    assert sweep.success is not None
    values = ends.metric(sweep.success.metric) * (1 if sweep.success.below is not None else -1)
    values = np.where(well & ~np.isnan(values), values, np.inf)
    return [int(values.argmin())] if len(values) and np.isfinite(values).any() else []
