"""One layer of networks in rows; `rows.py` tells of the layout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.engine.program import Call, Loan, add_up, adjacent, aligned_zeros, copy, fuse
from nnsweep.nn.network import Array, Layer


class Block:
    """Rows, one behind the other in one array, `flat`."""

    def __init__(self, lengths: Sequence[int], flat: Array | None = None) -> None:
        self.lengths = tuple(lengths)
        self.flat = aligned_zeros(sum(lengths)) if flat is None else flat
        assert self.flat.shape == (sum(lengths),), "rows lie one behind the other"
        assert self.flat.flags.c_contiguous, "rows lie one behind the other"
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
    a bias is the layer's delta: `delta` is that last part of `gradient`, and costs no call. `inputs` are the rows by
    which the weights are multiplied, one for each; `lengths` are those of the layer's units, over trials and the
    samples of a batch, (B · T,). What is learnt stands once, (rows, T); `parameters` repeat it for each sample.

    Two kinds of rows are lent out as scratch, which the engine checks (`assert_loans`): those of the weights' gradient
    while the affine map is computed, and the slopes of the layer below while its delta is.
    """

    def __init__(self, inputs: Sequence[Array], lengths: Sequence[int], bias: bool, batch: int, in_place: bool) -> None:
        self._inputs = inputs
        self._outputs = len(lengths)
        sizes = [row.size for row in inputs]
        self._weight_rows = len(sizes)
        self._parameters = Block([*sizes, *(lengths if bias else ())])
        self._gradient = Block([*sizes, *lengths])
        self._biases = self._parameters[len(sizes) : len(sizes) + self._outputs] if bias else None
        self._delta = self._gradient[len(sizes) : len(sizes) + self._outputs]
        self._z, self._slope = Block(lengths), Block(lengths)
        self._a = self._z if in_place else Block(lengths)
        self.z, self.a, self.slope, self.delta = (block.flat for block in (self._z, self._a, self._slope, self._delta))
        self.outputs = self._a
        self._batch = batch
        self._by_sample = self._parameters.by_sample(batch)
        self._gradient_by_sample = self._gradient[0 : len(self._parameters.rows)].by_sample(batch)
        assert adjacent(self._gradient[0 : len(sizes)].flat, self._delta.flat), "the gradient of a bias is the delta"
        self.loans: list[Loan] = []
        once = self._by_sample[:, 0], self._gradient_by_sample[:, 0]
        self._learnt, self._total = once if batch == 1 else (np.zeros(each.shape) for each in once)

    def _weights(self) -> Iterator[tuple[int, int, Array, Array]]:
        """Each weight's input i, output o, row, and the row of its gradient."""
        for place in range(self._weight_rows):
            i, o = divmod(place, self._outputs)
            yield i, o, self._parameters.rows[place], self._gradient.rows[place]

    def affine(self) -> list[Call]:
        """z[o] = Σᵢ weight[i][o] · x[i] + bias[o], summed from the first input on, the bias last."""
        products: list[Call] = []
        sums: list[Call] = []
        rows, outputs = self._gradient.rows, self._outputs
        # Where the first two products are as long as each other, their sum needs no copy of the first.
        lent = 0 if self._weight_rows > outputs and self._second_is_as_long else outputs
        for place, (i, o, weight, spare) in enumerate(self._weights()):
            z = self._z.rows[o][: weight.size]
            products.append((np.multiply, (weight, self._inputs[place], spare if i or not lent else z)))
            if i:
                sums.append((np.add, (rows[o] if i == 1 and not lent else z, spare, z)))
        if self._biases:
            sums.append((np.add, (self.z, self._biases.flat, self.z)))
        calls = fuse([*products, *sums])
        if self._weight_rows > outputs:
            self.loans.append(Loan(self._gradient[lent : self._weight_rows].flat, calls))
        return calls

    @property
    def _second_is_as_long(self) -> bool:
        """Whether the weights of the second input belong to as many trials as those of the first."""
        lengths, outputs = self._parameters.lengths, self._outputs
        return lengths[:outputs] == lengths[outputs : 2 * outputs]

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
            spare = below._slope.rows[i][: weight.size]
            calls.append((np.multiply, (weight, delta, spare if o else total)))
            if o:
                calls.append((np.add, (total, spare, total)))
        calls = fuse(calls)
        if self._outputs > 1:
            self.loans.append(Loan(below._slope.flat, calls))
        return calls

    def through_norm(self) -> list[Call]:
        """Nothing: normalised networks are not laid out in rows."""
        return []

    def gradients(self) -> list[Call]:
        """Gradient of weight[i][o] = x[i] · delta[o] and of bias[o] = delta[o], added up over the batch."""
        products: list[Call] = [
            (np.multiply, (x, self._delta.rows[o][: row.size], row))
            for x, (_, o, _, row) in zip(self._inputs, self._weights(), strict=True)
        ]
        sums: list[Call] = [(add_up, (*self._gradient_by_sample.swapaxes(0, 1), self._total))]
        return [*fuse(products), *(sums if self._batch > 1 else ())]

    def params_and_grads(self) -> list[tuple[Array, Array]]:
        """Give what is learnt with the gradient of all samples."""
        return [(self._learnt, self._total)]

    def sync_params(self) -> list[Call]:
        """Repeat what is learnt for each sample."""
        return [(copy, (self._learnt[:, None], self._by_sample))] if self._batch > 1 else []

    def changed(self, before: Sequence[Array]) -> NDArray[np.bool_]:
        """Tell whose parameters are not those copied `before` from `params_and_grads`, (T,)."""
        (was,) = before
        found = np.zeros(max(self._parameters.lengths) // self._batch, dtype=bool)
        found[self._trial_of[self._learnt != was]] = True
        return found

    @property
    def _learnt_rows(self) -> Sequence[Array]:
        """What is learnt, a row for each weight and bias, (T,)."""
        return self._parameters.rows if self._batch == 1 else list(self._learnt)

    @cached_property
    def _trial_of(self) -> NDArray[np.intp]:
        """Tell whose each of the numbers is that are learnt, in their shape."""
        trials = [np.arange(length // self._batch) for length in self._parameters.lengths]
        return np.concatenate(trials).reshape(self._learnt.shape)

    @property
    def kept(self) -> list[Array]:
        """Give none: a step changes nothing here but the parameters."""
        return []

    def split(self, array: Array) -> list[Array]:
        """Copy each trial's part of an array that has the shape of the parameters, or one number per trial."""
        if array.ndim == 1:
            return [number.copy() for number in array.reshape(-1, 1)]
        trial_of = self._trial_of.ravel()
        ends = np.cumsum(np.bincount(trial_of))
        return np.split(array.ravel()[np.argsort(trial_of, kind="stable")], ends[:-1])

    def join(self, array: Array, parts: Sequence[Array]) -> None:
        """Fill an array from what `split` gave of each trial."""
        together = np.concatenate(parts)
        if array.ndim == 1:
            array[:] = together
            return
        flat = np.empty(array.size)
        flat[np.argsort(self._trial_of.ravel(), kind="stable")] = together
        array[...] = flat.reshape(array.shape)

    def generators(self) -> list[np.random.Generator]:
        """Give none: nothing is drawn here."""
        return []

    def load(self, span: slice, parameters: Layer) -> None:
        """Set trials `span`, whose layers have all one shape: weights (G, O, I) and biases (G, O)."""
        weights, biases = parameters
        for place, row in enumerate(self._learnt_rows[: self._weight_rows]):
            i, o = divmod(place, self._outputs)
            if o < weights.shape[1] and i < weights.shape[2]:
                row[span] = weights[:, o, i]
        for row, bias in zip(self._learnt_rows[self._weight_rows :], biases.T, strict=False):
            row[span] = bias

    def read(self, span: slice, shape: tuple[int, int]) -> Layer:
        """Get trials `span`, whose layers have all this shape (O, I): weights (G, O, I) and biases (G, O)."""
        outputs, inputs = shape
        rows = self._learnt_rows
        weights = [[rows[i * self._outputs + o][span] for i in range(inputs)] for o in range(outputs)]
        found = np.array(weights).transpose(2, 0, 1)
        if self._biases is None:
            return found, np.zeros(found.shape[:2])
        return found, np.array([row[span] for row in rows[self._weight_rows :][:outputs]]).T
