"""The trials-last layout: every number of a network is a row, with one entry per trial.

The rule is written for one neuron at a time, as in a textbook, and each of its operations acts on rows; `fuse` then
joins the rows that lie side by side. A row holds only the trials that have its neuron, so networks of different width
share a stack: trials stand in order of falling width, and neuron u's row holds the first `lengths[u]` of them.

A batch makes the rows longer: each row has the numbers of the first sample, then those of the second, and parameters
are repeated for each sample. Only the descent minds that: it adds the samples' gradients up, one after the other, and
repeats what it gets.

Every operation is elementwise over trials. So a trial's numbers depend neither on its neighbours nor on their count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.batches import Indices
from nnsweep.nn.engine.program import Call, aligned_zeros, fuse
from nnsweep.nn.network import Array, Dataset, Layer, Training

FEED_BYTES = 2**19
"""How much of the training data is laid out for a stack at a time: little enough to stay in the cache."""


class Block:
    """Rows, one behind the other in one array, `flat`."""

    def __init__(self, lengths: Sequence[int], flat: Array | None = None) -> None:
        self.lengths = tuple(lengths)
        self.flat = aligned_zeros(sum(lengths)) if flat is None else flat
        ends = np.cumsum(self.lengths)
        self.rows = [self.flat[end - n : end] for end, n in zip(ends, self.lengths, strict=True)]

    def by_sample(self, batch: int) -> Array:
        """See the rows as (rows, B, T); rows of different lengths, with one sample, as one long row (1, 1, n)."""
        even = len(set(self.lengths)) == 1
        return self.flat.reshape(len(self.lengths) if even else 1, batch, -1)

    def __getitem__(self, rows: slice) -> Block:
        """Take neighbouring rows as a block of their own, without a copy."""
        start, stop = sum(self.lengths[: rows.start]), sum(self.lengths[: rows.stop])
        return Block(self.lengths[rows], self.flat[start:stop])


class RowsLayer:
    """One layer's arrays, and the calls of its affine map and of its gradient.

    `parameters` and `gradient` hold the rows of weight[i][o], input by input, then those of bias[o]. The gradient of
    a bias is the layer's delta: `delta` is that last part of `gradient`, and costs no call. `lengths` are those of
    the layer's units, over trials and the samples of a batch.
    """

    def __init__(self, inputs: Block, lengths: Sequence[int], bias: bool, batch: int) -> None:
        self._inputs = inputs
        self._outputs = len(lengths)
        sizes = [min(n, m) for n in inputs.lengths for m in lengths]
        self._weight_rows = len(sizes)
        self._parameters = Block([*sizes, *(lengths if bias else ())])
        self._gradient = Block([*sizes, *lengths])
        self._biases = self._parameters[len(sizes) : len(sizes) + self._outputs] if bias else None
        self._delta = self._gradient[len(sizes) : len(sizes) + self._outputs]
        self._z, self._a, self._slope = Block(lengths), Block(lengths), Block(lengths)
        self.z, self.a, self.slope, self.delta = (block.flat for block in (self._z, self._a, self._slope, self._delta))
        self.outputs = self._a
        self._batch = batch
        self._by_sample = self._parameters.by_sample(batch)
        self._gradient_by_sample = self._gradient[0 : len(self._parameters.rows)].by_sample(batch)
        self._total = self._gradient_by_sample[:, 0] if batch == 1 else np.zeros(self._by_sample[:, 0].shape)

    def _weights(self) -> Iterator[tuple[int, int, Array, Array]]:
        """Each weight's input i, output o, row, and the row of its gradient."""
        for place in range(self._weight_rows):
            i, o = divmod(place, self._outputs)
            yield i, o, self._parameters.rows[place], self._gradient.rows[place]

    def affine(self) -> list[Call]:
        """z[o] = Σᵢ weight[i][o] · x[i] + bias[o], summed from the first input on, the bias last."""
        products: list[Call] = []
        sums: list[Call] = []
        for i, o, weight, spare in self._weights():  # the gradient's rows are free until the backward pass
            x, z = self._inputs.rows[i][: weight.size], self._z.rows[o][: weight.size]
            products.append((np.multiply, (weight, x, spare if i else z)))
            if i:
                sums.append((np.add, (z, spare, z)))
        if self._biases:
            sums.append((np.add, (self.z, self._biases.flat, self.z)))
        return fuse([*products, *sums])

    def drop(self) -> list[Call]:
        """Nothing: networks with dropout are not laid out in rows."""
        return []

    def scale_delta(self, factors: Array) -> list[Call]:
        """delta[o] ·= factors, one for each sample and trial."""
        return [(np.multiply, (row, factors[: row.size], row)) for row in self._delta.rows]

    def propagate(self, below: RowsLayer) -> list[Call]:
        """delta below[i] = Σₒ weight[i][o] · delta[o], before the slope of the activation below."""
        calls: list[Call] = []
        for i, o, weight, _ in self._weights():
            delta, total = self._delta.rows[o][: weight.size], below._delta.rows[i][: weight.size]
            spare = below._slope.rows[i][: weight.size]  # computed only after this
            calls.append((np.multiply, (weight, delta, spare if o else total)))
            if o:
                calls.append((np.add, (total, spare, total)))
        return fuse(calls)

    def through_norm(self) -> list[Call]:
        """Nothing: normalised networks are not laid out in rows."""
        return []

    def gradients(self) -> list[Call]:
        """Gradient of weight[i][o] = x[i] · delta[o] and of bias[o] = delta[o], added up over the batch."""
        products: list[Call] = [
            (np.multiply, (self._inputs.rows[i][: row.size], self._delta.rows[o][: row.size], row))
            for i, o, _, row in self._weights()
        ]
        first, *others = self._gradient_by_sample.swapaxes(0, 1)
        sums: list[Call] = [(np.add, (self._total if k else first, each, self._total)) for k, each in enumerate(others)]
        return [*fuse(products), *sums]

    def learnt(self) -> list[tuple[Array, Array]]:
        """Give the first sample's parameters with the gradient of all."""
        return [(self._by_sample[:, 0], self._total)]

    def moved(self) -> list[Call]:
        """Repeat the first sample's parameters for the others."""
        first, others = self._by_sample[:, :1], self._by_sample[:, 1:]
        return [(_copy, (first, others))] if others.size else []

    def changed(self, before: Sequence[Array]) -> NDArray[np.bool_]:
        """Whose parameters are not those copied `before` from `learnt`, (T,)."""
        (was,) = before
        found = np.zeros(max(self._parameters.lengths) // self._batch, dtype=bool)
        found[self._trial_of[self._by_sample[:, 0] != was]] = True
        return found

    @cached_property
    def _trial_of(self) -> NDArray[np.intp]:
        """Whose each of the first sample's parameters is, in their shape."""
        trials = [np.arange(length // self._batch) for length in self._parameters.lengths]
        return np.concatenate(trials).reshape(self._by_sample[:, 0].shape)

    def load(self, span: slice, parameters: Layer) -> None:
        """Set trials `span`, whose layers have all one shape: weights (G, O, I) and biases (G, O)."""
        weights, biases = parameters
        for i, o, row, _ in self._weights():
            if o < weights.shape[1] and i < weights.shape[2]:
                row.reshape(self._batch, -1)[:, span] = weights[:, o, i]
        for row, bias in zip(self._biases.rows if self._biases else (), biases.T, strict=False):
            row.reshape(self._batch, -1)[:, span] = bias

    def read(self, span: slice, shape: tuple[int, int]) -> Layer:
        """Get trials `span`, whose layers have all this shape (O, I): weights (G, O, I) and biases (G, O)."""
        outputs, inputs = shape
        rows = self._parameters.rows
        weights = [[rows[i * self._outputs + o][span] for i in range(inputs)] for o in range(outputs)]
        found = np.array(weights).transpose(2, 0, 1)
        if self._biases is None:
            return found, np.zeros(found.shape[:2])
        return found, np.array([row[span] for row in self._biases.rows[:outputs]]).T


def _copy(source: Array, target: Array) -> None:
    np.copyto(target, source)


class Rows:
    """A stack of networks (T trials, falling width) learning in batches of B samples, trials last."""

    def __init__(
        self,
        trainings: Sequence[Training],
        datasets: Sequence[Dataset],
        dataset_of: NDArray[np.intp],
        batch: int,
        weights: Sequence[Array] | None = None,
    ) -> None:
        widths = [training.network.widths for training in trainings]
        length, inputs, outputs = batch * len(widths), widths[0][0], widths[0][-1]
        self._examples = Block([length] * (inputs + outputs + (weights is not None)))
        self.targets = self._examples[inputs : inputs + outputs].flat
        self.weights = None if weights is None else self._examples.rows[-1]
        self.factors, self.per_trial = np.zeros(length), (len(widths),)
        self._dataset_of, self._batch = dataset_of, batch
        self._samples = _arranged(datasets, batch, weights)
        self.layers: list[RowsLayer] = []
        below = self._examples[0:inputs]
        for level in range(1, len(widths[0])):
            lengths = [batch * sum(w[level] > unit for w in widths) for unit in range(max(w[level] for w in widths))]
            self.layers.append(RowsLayer(below, lengths, trainings[0].network.bias, batch))
            below = self.layers[-1].outputs

    def weigh(self, factors: Array, samples: int) -> None:
        """Multiply each delta by its trial's factor (T,), but those of samples that only fill the batch by nought."""
        by_sample = self.factors.reshape(self._batch, -1)
        by_sample[:samples], by_sample[samples:] = factors, 0.0

    def steps(self, order: Indices | None) -> Iterator[None]:
        """Go once through the training data: before each step, the next batch of every trial is in place."""
        target = self._examples.flat
        count = len(self._samples)
        block = np.empty((min(count, max(1, FEED_BYTES // target.nbytes)), target.size))
        for start in range(0, count, len(block)):
            steps = slice(start, min(start + len(block), count))
            batches = block[: steps.stop - start]
            self._lay_out(steps, order, batches.reshape(len(batches), *self._samples.shape[1:3], -1))
            for examples in batches:
                np.copyto(target, examples)
                yield

    def _lay_out(self, steps: slice, order: Indices | None, out: Array) -> None:
        """Fill `out` (steps, rows, B, T), in the order of the data or in each trial's own (T, samples)."""
        if order is None:
            # The indices are right; "clip" spares take's check, which copies the result once more.
            np.take(self._samples[steps], self._dataset_of, axis=3, out=out, mode="clip")
        else:
            samples = order.T.reshape(len(self._samples), self._batch, -1)[steps]
            step, place = np.divmod(samples, self._batch)
            out[:] = self._samples[step, :, place, self._dataset_of].transpose(0, 3, 1, 2)

    def by_trial(self, parameters: Array) -> Array:
        """See one of the layers' parameters as (T, n), where all networks are of one width."""
        return parameters.T

    def of_samples(self, outputs: Array) -> Array:
        """See the last layer's outputs, or the targets, as (T, B, O)."""
        return outputs.reshape(-1, self._batch, *self.per_trial).transpose(2, 1, 0)


def _arranged(datasets: Sequence[Dataset], batch: int, weights: Sequence[Array] | None) -> Array:
    """Arrange samples by step, (steps, I + O, B, datasets); weights are one more row. Sample 0 fills the last batch."""
    columns = [[data.train_inputs, data.learnt_targets] for data in datasets]
    for each, weight in zip(columns, weights or (), strict=False):
        each.append(weight[:, None])
    samples = np.stack([np.hstack(each) for each in columns], axis=-1)
    missing = -len(samples) % batch
    filled = np.concatenate([samples, np.repeat(samples[:1], missing, axis=0)])
    return np.ascontiguousarray(filled.reshape(-1, batch, *samples.shape[1:]).swapaxes(1, 2))
