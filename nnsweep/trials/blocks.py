"""Blocks of a grid: a large one is planned, trained and stored a block at a time, whole trainings in each."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from nnsweep.trainers.protocol import Trainer
from nnsweep.trials.codes import number_rows
from nnsweep.trials.grid import Grid

BLOCK = 50_000
"""Trials of a block, unless a training has more: what is kept of a block in memory grows with it."""


def blocks_of(trials: Grid, trainer: Trainer, size: int = 0) -> Iterator[Grid]:
    """Cut a grid into blocks of about `size` trials (0: BLOCK). The trials of one training are in one block."""
    size = size or BLOCK
    if len(trials) <= size:
        yield trials
        return
    numbers = number_trainings(trials, trainer).astype(np.uint32)
    ends = np.cumsum(np.bincount(numbers))
    # Not sorted once: of ten million trials, the order would take 80 MB as long as they are trained.
    yield from trials.blocks(np.flatnonzero((first <= numbers) & (numbers < last)) for first, last in _cuts(ends, size))


def _cuts(ends: NDArray[np.intp], size: int) -> Iterator[tuple[int, int]]:
    """Cut trainings, of which `ends` counts the trials up to each, into parts of about a size; give first and end."""
    first, done = 0, 0
    while first < len(ends):
        last = max(first + 1, int(np.searchsorted(ends, done + size, "right")))
        yield first, last
        first, done = last, int(ends[last - 1])


def number_trainings(trials: Grid, trainer: Trainer) -> NDArray[np.intp]:
    """Number the training of each trial, in order of appearance: those with the same `Trainer.training_key`."""
    if trainer.checkpoint == "":
        return np.arange(len(trials))
    columns = None if trainer.checkpoint is None else trials.columns_without(trainer.checkpoint)
    if columns is None or not trials.are_distinct:  # two values may stand for one
        return number(map(trainer.training_key, trials.params()))
    return number_rows(columns, len(trials))[1]


def number(keys: Iterable[Hashable]) -> NDArray[np.intp]:
    """Number distinct keys, in order of appearance."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.intp)
