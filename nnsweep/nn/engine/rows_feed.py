"""The batches of networks in rows: laid out for some steps at a time, each input once for every unit that reads it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import groupby, product

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.batches import Indices
from nnsweep.nn.engine.program import aligned_zeros
from nnsweep.nn.network import Array, Dataset

FEED_BYTES = 2**19
"""How much is laid out for a stack at a time: little enough to stay in the cache."""

FEED_STEPS = 16
"""For how many steps it is laid out at most, each of which has a list of calls of its own."""

SHORT_RUN = 4
"""Trials in a row with one data set, below which indices take less time than copies."""

Copy = tuple[Array, Array]
"""A source and its target."""


class Feed:
    """What T trials learn from. Row k of `batches` is the batch of step k of those that are laid out.

    A batch has each input once for every unit of the first layer, whose rows have `units` numbers, in falling order;
    then the rows of the targets and, if there are some, of the weights. `data` are the samples by step,
    (steps, rows, B, datasets), and `dataset_of`, (T,), says which data set a trial has.
    """

    def __init__(self, data: Array, inputs: int, dataset_of: NDArray[np.intp], units: Sequence[int]) -> None:
        self._data, self._inputs, self._dataset_of, self._units = data, inputs, dataset_of, units
        steps, rows, batch, _ = data.shape
        size = inputs * sum(units) + (rows - inputs) * batch * len(dataset_of)
        count = min(steps, FEED_STEPS, max(1, FEED_BYTES // (8 * size)))
        self.batches = aligned_zeros(count * size).reshape(count, size)
        self._there: tuple[int, int] | None = None

    def blocks(self, order: Indices | None) -> list[tuple[int, int]]:
        """Give the first step, and the number of steps, of each part of an epoch that is laid out at a time."""
        count = len(self._data) if order is None else order.shape[1] // self._data.shape[2]
        most = len(self.batches)
        return [(start, min(most, count - start)) for start in range(0, count, most)]

    def lay_out(self, start: int, count: int, order: Indices | None) -> None:
        """Lay out `count` steps, in the order of the data or in each trial's own (T, samples).

        What is there in the order of the data is not done again.
        """
        if order is None and self._there == (start, count):
            return
        self._there = (start, count) if order is None else None
        drawn, copies = self._drawn
        self._draw(slice(start, start + count), order, drawn[:count])
        for source, target in copies:
            np.copyto(target[:count], source[:count])

    def _draw(self, steps: slice, order: Indices | None, out: Array) -> None:
        """Fill `out` (steps, rows, B, T) with what each trial learns from."""
        data = self._data[steps]
        if order is None and self._run:
            turns = out.reshape(*data.shape[:3], -1, data.shape[3], self._run)
            np.copyto(turns, data[:, :, :, None, :, None])
        elif order is None:
            # The indices are right; "clip" spares take's check, which copies the result once more.
            np.take(data, self._dataset_of, axis=3, out=out, mode="clip")
        else:
            batch = data.shape[2]
            step, place = np.divmod(order.T.reshape(-1, batch, len(order))[steps], batch)
            out[:] = self._data[step, :, place, self._dataset_of].transpose(0, 3, 1, 2)

    @cached_property
    def _run(self) -> int:
        """Count the trials in a row with one data set; 0 if the trials do not go through all data sets in turn.

        Trials are ordered by width and then by data set, so that a full grid's do. Copies take half as long as indices.
        """
        of, count = self._dataset_of, self._data.shape[3]
        run = int(np.argmax(np.append(of != of[0], True)))
        if len(of) % (count * run) or run < SHORT_RUN:
            return 0
        return run if (of.reshape(-1, count, run) == np.arange(count)[:, None]).all() else 0

    @cached_property
    def _drawn(self) -> tuple[Array, list[Copy]]:
        """Give memory for the batches, (steps, rows, B, T), and the copies that repeat it in `batches`."""
        steps, (rows, batch) = len(self.batches), self._data.shape[1:3]
        drawn, length = np.empty((steps, rows, batch, len(self._dataset_of))), batch * len(self._dataset_of)
        row, copies, start = drawn.reshape(steps, rows, 1, length), list[Copy](), 0
        of_a_length = [(len(list(units)), n) for n, units in groupby(self._units)]
        for place, (units, n) in product(range(self._inputs), of_a_length):
            end = start + units * n
            copies.append((row[:, place, :, :n], self.batches[:, start:end].reshape(steps, units, n)))
            start = end
        others = self.batches[:, start:].reshape(steps, rows - self._inputs, length)
        return drawn, [*copies, (row[:, self._inputs :, 0], others)]


def arranged(datasets: Sequence[Dataset], batch: int, weights: Sequence[Array] | None) -> Array:
    """Arrange samples by step, (steps, I + O, B, datasets); weights are one more row. Sample 0 fills the last batch."""
    columns = [[data.train_inputs, data.learnt_targets] for data in datasets]
    for each, weight in zip(columns, weights or (), strict=False):
        each.append(weight[:, None])
    samples = np.stack([np.hstack(each) for each in columns], axis=-1)
    missing = -len(samples) % batch
    filled = np.concatenate([samples, np.repeat(samples[:1], missing, axis=0)])
    return np.ascontiguousarray(filled.reshape(-1, batch, *samples.shape[1:]).swapaxes(1, 2))
