"""Blocks of a grid: a large one is planned, trained and stored a block at a time, whole trainings in each."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from itertools import pairwise

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
    numbers = number_trainings(trials, trainer)
    order = np.argsort(numbers, kind="stable")
    yield from trials.blocks(np.sort(order[start:end]) for start, end in pairwise(_cuts(numbers[order], size)))


def _cuts(numbers: NDArray[np.intp], size: int) -> Iterator[int]:
    """Cut sorted numbers into parts of about a size, of which none parts equal numbers."""
    ends = np.flatnonzero(np.diff(numbers, append=-1)) + 1
    start = 0
    yield start
    while start < len(numbers):
        last, first = np.searchsorted(ends, start + size, "right") - 1, np.searchsorted(ends, start, "right")
        start = int(ends[max(last, first)])
        yield start


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
