"""The trials-last layout: every number of a network is a row, with one entry per trial.

The rule is written for one neuron at a time, as in a textbook, and each of its operations acts on rows. `fuse` then
joins the rows that lie side by side. A row holds only the trials that have its neuron, so networks of different widths
share a stack: trials stand in order of falling width, and the row of neuron u holds the first `lengths[u]` of them.

A batch makes the rows longer: each row has the numbers of the first sample, then those of the second, and parameters
are repeated for each sample. Only the descent takes notice: it adds up the gradients of the samples, one after the
other, and repeats the new parameters.

Every operation is elementwise over trials. So a trial's numbers depend neither on its neighbours nor on their count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.batches import Indices
from nnsweep.nn.engine.base import Cost, Fit
from nnsweep.nn.engine.calls import CallsEngine
from nnsweep.nn.engine.direct import Ready
from nnsweep.nn.engine.program import Call, copy, moved
from nnsweep.nn.engine.rows_feed import Feed, arranged
from nnsweep.nn.engine.rows_layer import Block, RowsLayer
from nnsweep.nn.network import Array, Dataset, Method, Network, Training
from nnsweep.nn.optimizers import OPTIMIZERS

ROWS_UP_TO = 128
"""Parameters times samples of a batch, beyond which `np.matmul` for each trial costs less than a call for each row.

This is right for some hundred trials; for fifty the bound would be lower, for thousands higher."""


class Rows(CallsEngine):
    """Networks that learn in batches of B samples, trials last."""

    name = "rows"

    @classmethod
    def fits(cls, network: Network, batch: int) -> Fit:
        """Take small networks, without anything that mixes units or samples: rows are elementwise."""
        if not network.output_activation.elementwise:
            return Fit(False, f"{network.output} mixes the units of a layer")
        if network.batch_norm:
            return Fit(False, "batch normalisation mixes the samples of a batch")
        if network.dropout:
            return Fit(False, "dropout is drawn for whole layers")
        small = network.size * batch <= ROWS_UP_TO
        bound = f"{'at most' if small else 'more than'} {ROWS_UP_TO}"
        return Fit(small, f"{network.size:,} parameters × {batch:,} samples in a batch, {bound}")

    @classmethod
    def numbers(cls, network: Network, batch: int) -> int:
        """Count the parameters, which are repeated for each sample; units are few beside them."""
        return network.size * batch

    @classmethod
    def cost(cls, network: Network, steps: int, samples: float) -> Cost:
        """Estimate an epoch: a call for each row is most of it, and portable functions are some thirty calls."""
        portable = network.portable_widths
        training = samples * (15e-9 + 0.6e-9 * network.size + 12e-9 * sum(portable))
        return Cost(training, steps * (7e-6 + 0.5e-6 * network.size + 20e-6 * len(portable)))

    @classmethod
    def shared_widths(cls, network: Network, method: Method, batch: int) -> tuple[int, ...]:
        """Let one hidden layer have any width, if a step reads nothing but parameters and gradients."""
        any_width = len(network.widths) == 3 and batch == 1 and OPTIMIZERS[method.optimizer].stateless
        return (network.widths[0], 0, network.widths[2]) if any_width else network.widths

    def _allocate(
        self,
        trainings: Sequence[Training],
        datasets: Sequence[Dataset],
        dataset_of: NDArray[np.intp],
        weights: Sequence[Array] | None,
    ) -> None:
        widths, batch = [training.network.widths for training in trainings], self._batch
        length, inputs, outputs = batch * len(widths), widths[0][0], widths[0][-1]
        lengths = [
            [batch * sum(w[level] > unit for w in widths) for unit in range(max(w[level] for w in widths))]
            for level in range(1, len(widths[0]))
        ]
        self._inputs, self._units, read = inputs, lengths[0], inputs * len(lengths[0])
        self._examples = Block([*self._units * inputs, *[length] * (outputs + (weights is not None))])
        self.targets = self._examples[read : read + outputs].flat
        self.weights = None if weights is None else self._examples.rows[-1]
        self.factors, self.per_trial = np.zeros(length), (len(widths),)
        self.dataset_of, self._source = dataset_of, (datasets, batch, weights)
        layers, below = list[RowsLayer](), self._examples.rows[:read]
        for units in lengths:
            if layers:
                below = [row[:n] for row in layers[-1].outputs.rows for n in units]
            in_place = units is not lengths[-1] and not trainings[0].network.hidden_activation.needs_z
            layers.append(RowsLayer(below, units, trainings[0].network.bias, batch, in_place))
        self.layers = layers

    @cached_property
    def data(self) -> Array:
        """The samples by step, (steps, I + O, B, datasets); weights are one more row."""
        return arranged(*self._source)

    def numbered_step(self) -> tuple[list[Call], Array]:
        """Give a step that starts from each number of the batch, and of what is learnt, in one place.

        Its first calls repeat them. The numbers of the batch are (rows · B, T).
        """
        rows = np.zeros((self.data.shape[1], self.factors.size))
        sources = [row[:n] for row in rows[: self._inputs] for n in self._units] + [*rows[self._inputs :]]
        repeat = [(copy, pair) for pair in zip(sources, self._examples.rows, strict=True)]
        sync = [call for layer in self.layers for call in layer.sync_params()]
        return [*repeat, *sync, *self.calls], rows.reshape(-1, *self.per_trial)

    def set_sample_weights(self, factors: Array, samples: int) -> None:
        """Multiply each delta by its trial's factor (T,), and those after the first `samples` of the batch by 0."""
        by_sample = self.factors.reshape(self._batch, -1)
        by_sample[:samples], by_sample[samples:] = factors, 0.0

    def batches(self, order: Indices | None, epochs: int) -> Iterator[Sequence[Ready]]:
        """Put one batch of every trial in place after the other, and give the calls of its step."""
        blocks, programs = self._feed.blocks(order), self._programs
        for _ in range(epochs):
            for start, count in blocks:
                self._feed.lay_out(start, count, order)
                yield from programs[:count]

    @cached_property
    def _feed(self) -> Feed:
        return Feed(self.data, self._inputs, self.dataset_of, self._units)

    @cached_property
    def _programs(self) -> list[Sequence[Ready]]:
        """Give a step's calls on each batch that is laid out: they read it where it lies, and save its copy."""
        return [moved(self.ready, self._examples.flat, row) for row in self._feed.batches]

    def shown(self, calls: Sequence[Ready]) -> Sequence[Ready]:
        """Copy the batch of one of the programs to the examples, and give the calls of a step from there."""
        for program, batch in zip(self._programs, self._feed.batches, strict=True):
            if program is calls:
                np.copyto(self._examples.flat, batch)
        return self.ready

    def by_trial(self, parameters: Array) -> Array:
        """View one of the layers' parameters as (T, n), where all networks have one shape."""
        return parameters.T

    def of_samples(self, outputs: Array) -> Array:
        """View the last layer's outputs, or the targets, as (T, B, O)."""
        return outputs.reshape(-1, self._batch, *self.per_trial).transpose(2, 1, 0)
