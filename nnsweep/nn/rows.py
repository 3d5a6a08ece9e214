"""The trials-last layout: every number of a network is a row, with one entry per trial.

The rule is written for one neuron at a time, as in a textbook, and each of its operations acts on rows; `fuse` then
joins the rows that lie side by side. A row holds only the trials that have its neuron, so networks of different width
share a stack: trials stand in order of falling width, and neuron u's row holds the first `lengths[u]` of them.

Every operation is elementwise over trials. So a trial's numbers depend neither on its neighbours nor on their count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.network import Array, Dataset, Layer
from nnsweep.nn.program import Call, aligned_zeros, fuse

FEED_BYTES = 2**19
"""How much of the training data is laid out for a stack at a time: little enough to stay in the cache."""


class Block:
    """Rows, one behind the other in one array, `flat`."""

    def __init__(self, lengths: Sequence[int], flat: Array | None = None) -> None:
        self.lengths = tuple(lengths)
        self.flat = aligned_zeros(sum(lengths)) if flat is None else flat
        ends = np.cumsum(self.lengths)
        self.rows = [self.flat[end - n : end] for end, n in zip(ends, self.lengths, strict=True)]

    def __getitem__(self, rows: slice) -> Block:
        """Take neighbouring rows as a block of their own, without a copy."""
        start, stop = sum(self.lengths[: rows.start]), sum(self.lengths[: rows.stop])
        return Block(self.lengths[rows], self.flat[start:stop])


class RowsLayer:
    """One layer's arrays, and the calls of its affine map and of its descent.

    `parameters` and `gradient` hold the rows of weight[i][o], input by input, then those of bias[o]. The gradient of
    a bias is the layer's delta: `delta` is that last part of `gradient`, and the bias's descent costs no call.
    """

    def __init__(self, inputs: Block, lengths: Sequence[int]) -> None:
        self._inputs = inputs
        self._outputs = len(lengths)
        sizes = [min(n, m) for n in inputs.lengths for m in lengths]
        self._parameters = Block([*sizes, *lengths])
        self._gradient = Block([*sizes, *lengths])
        self._biases = self._parameters[len(sizes) : len(sizes) + self._outputs]
        self._delta = self._gradient[len(sizes) : len(sizes) + self._outputs]
        self._z, self.outputs, self._slope = Block(lengths), Block(lengths), Block(lengths)
        self.z, self.a, self.slope, self.delta = (
            self._z.flat,
            self.outputs.flat,
            self._slope.flat,
            self._delta.flat,
        )

    def _weights(self) -> Iterator[tuple[int, int, Array, Array]]:
        """Each weight's input i, output o, row, and the row of its gradient."""
        for place in range(len(self._inputs.rows) * self._outputs):
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
        return fuse([*products, *sums, (np.add, (self.z, self._biases.flat, self.z))])

    def scale_delta(self, rates: Array) -> list[Call]:
        """delta[o] ·= rates (T,)."""
        return [(np.multiply, (row, rates[: row.size], row)) for row in self._delta.rows]

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

    def descend(self) -> list[Call]:
        """weight[i][o] −= x[i] · delta[o] and bias[o] −= delta[o], the delta already scaled by the rate."""
        products: list[Call] = [
            (np.multiply, (self._inputs.rows[i][: row.size], self._delta.rows[o][: row.size], row))
            for i, o, _, row in self._weights()
        ]
        return fuse([*products, (np.subtract, (self._parameters.flat, self._gradient.flat, self._parameters.flat))])

    def load(self, span: slice, parameters: Layer) -> None:
        """Set trials `span`, whose layers have all one shape: weights (G, O, I) and biases (G, O)."""
        weights, biases = parameters
        for i, o, row, _ in self._weights():
            if o < weights.shape[1] and i < weights.shape[2]:
                row[span] = weights[:, o, i]
        for o in range(biases.shape[1]):
            self._biases.rows[o][span] = biases[:, o]

    def read(self, span: slice, shape: tuple[int, int]) -> Layer:
        """Get trials `span`, whose layers have all this shape (O, I): weights (G, O, I) and biases (G, O)."""
        outputs, inputs = shape
        rows = [[self._parameters.rows[i * self._outputs + o][span] for i in range(inputs)] for o in range(outputs)]
        biases = [row[span] for row in self._biases.rows[:outputs]]
        return np.array(rows).transpose(2, 0, 1), np.array(biases).T


class Rows:
    """A stack of networks (T trials, falling width) learning one sample at a time, trials last."""

    def __init__(
        self, widths: Sequence[tuple[int, ...]], datasets: Sequence[Dataset], dataset_of: NDArray[np.intp]
    ) -> None:
        trials, inputs = len(widths), widths[0][0]
        self._examples = Block([trials] * (inputs + widths[0][-1]))
        self.targets = self._examples[inputs : len(self._examples.rows)].flat
        self._dataset_of = dataset_of
        samples = [np.hstack([data.train_inputs, data.train_targets]) for data in datasets]
        self._samples = np.ascontiguousarray(np.stack(samples, axis=-1))  # (steps, I + O, datasets)
        self.layers: list[RowsLayer] = []
        below = self._examples[0:inputs]
        for level in range(1, len(widths[0])):
            lengths = [sum(w[level] > unit for w in widths) for unit in range(max(w[level] for w in widths))]
            self.layers.append(RowsLayer(below, lengths))
            below = self.layers[-1].outputs

    def steps(self) -> Iterator[None]:
        """Go once through the training data: before each step, the next sample of every trial is in place."""
        target = self._examples.flat
        block = np.empty((max(1, FEED_BYTES // target.nbytes), len(self._examples.rows), len(self._dataset_of)))
        for start in range(0, len(self._samples), len(block)):
            part = self._samples[start : start + len(block)]
            # The indices are right; "clip" spares take's check, which copies the result once more.
            np.take(part, self._dataset_of, axis=2, out=block[: len(part)], mode="clip")
            for examples in block[: len(part)].reshape(len(part), -1):
                np.copyto(target, examples)
                yield
