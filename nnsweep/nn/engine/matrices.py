"""The trials-first layout: every array of a network is a stack of matrices, multiplied with `np.matmul`.

`np.matmul` treats the matrices of a stack one by one, so a trial's numbers depend neither on its neighbours nor on
their count. Arrays are (T, B, I) or (T, B, O): trials, samples of a batch, inputs or outputs of a layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.arithmetic import Function
from nnsweep.nn.batches import Indices
from nnsweep.nn.engine.base import Cost, Fit
from nnsweep.nn.engine.batch_norm import BatchNorm
from nnsweep.nn.engine.calls import CallsEngine
from nnsweep.nn.engine.direct import Ready
from nnsweep.nn.engine.dropout import Dropout
from nnsweep.nn.engine.program import Call, Loan
from nnsweep.nn.network import Array, Dataset, Layer, Network, Training


class MatricesLayer:
    """One layer's arrays, and the calls of its affine map and of its gradient.

    `parameters` and `gradient` (T, I + 1, O) hold the weights and, in a last row, the biases.
    """

    def __init__(self, inputs: Array, outputs: int, bias: bool, matmul: Function, in_place: bool) -> None:
        trials, batch, fan_in = inputs.shape
        self._inputs, self._matmul = inputs, matmul
        self._parameters = np.zeros((trials, fan_in + bias, outputs))
        self._gradient = np.zeros_like(self._parameters)
        self._weights, self._biases = np.split(self._parameters, [fan_in], axis=1)
        self._weight_gradient, self._bias_gradient = np.split(self._gradient, [fan_in], axis=1)
        self._ones = np.ones((trials, 1, batch))
        self.z, self.slope, self.delta = (np.zeros((trials, batch, outputs)) for _ in range(3))
        self.a = self.z if in_place else np.zeros((trials, batch, outputs))
        self.outputs = self.a
        self.norm: BatchNorm | None = None
        self.dropout: Dropout | None = None
        self.loans: list[Loan] = []

    def affine(self) -> list[Call]:
        """z = x weights + biases, normalised if the network asks for it."""
        calls: list[Call] = [(self._matmul, (self._inputs, self._weights, self.z))]
        if self._biases.size:
            calls.append((np.add, (self.z, self._biases, self.z)))
        return calls + (self.norm.forward() if self.norm else [])

    def drop(self) -> list[Call]:
        """Leave out some of the outputs."""
        return self.dropout.forward(self.a) if self.dropout else []

    def scale_delta(self, factors: Array) -> list[Call]:
        """Multiply the delta by factors (T, B, O), or by those of the samples (T, B, 1)."""
        return [(np.multiply, (self.delta, factors, self.delta))]

    def propagate(self, below: MatricesLayer) -> list[Call]:
        """delta below = delta weightsᵀ, 0 where a unit was left out, before the slope of the activation below."""
        calls: list[Call] = [(self._matmul, (self.delta, self._weights.transpose(0, 2, 1), below.delta))]
        return calls + (below.dropout.backward(below.delta) if below.dropout else [])

    def through_norm(self) -> list[Call]:
        """Turn the delta of what the activation was given into that of the affine map."""
        return self.norm.backward() if self.norm else []

    def gradients(self) -> list[Call]:
        """Gradient = xᵀ delta for the weights and Σ delta over the batch for the biases."""
        calls: list[Call] = [(self._matmul, (self._inputs.transpose(0, 2, 1), self.delta, self._weight_gradient))]
        if self._biases.size:
            calls.append((self._matmul, (self._ones, self.delta, self._bias_gradient)))
        return calls

    def params_and_grads(self) -> list[tuple[Array, Array]]:
        """Give the parameters with their gradients."""
        return [(self._parameters, self._gradient), *(self.norm.params_and_grads() if self.norm else [])]

    def sync_params(self) -> list[Call]:
        """Give no calls: the parameters are in one place only."""
        return []

    def changed(self, before: Sequence[Array]) -> NDArray[np.bool_]:
        """Tell whose parameters are not those copied `before` from `params_and_grads`, (T,)."""
        pairs = zip((parameters for parameters, _ in self.params_and_grads()), before, strict=True)
        return np.any([(now != was).reshape(len(now), -1).any(axis=1) for now, was in pairs], axis=0)

    def split(self, array: Array) -> list[Array]:
        """Copy each trial's part of an array (T, …)."""
        return [part.copy() for part in array]

    def join(self, array: Array, parts: Sequence[Array]) -> None:
        """Fill an array from what `split` gave of each trial."""
        for place, part in enumerate(parts):
            array[place] = part

    def generators(self) -> list[np.random.Generator]:
        """Give each trial's generator of units left out; none without dropout."""
        return self.dropout.generators if self.dropout else []

    @property
    def kept(self) -> list[Array]:
        """Give the running statistics of batch normalisation."""
        return self.norm.running if self.norm else []

    def load(self, span: slice, parameters: Layer) -> None:
        """Set trials `span`: weights (G, O, I) and biases (G, O)."""
        weights, biases = parameters
        self._weights[span] = weights.transpose(0, 2, 1)
        self._biases[span] = biases[:, None, :]

    def read(self, span: slice, shape: tuple[int, int]) -> Layer:
        """Get trials `span`: weights (G, O, I) and biases (G, O)."""
        weights = self._weights[span].transpose(0, 2, 1).copy()
        biases = self._biases[span, 0].copy() if self._biases.size else np.zeros(weights.shape[:2])
        return self.norm.fold(span, (weights, biases)) if self.norm else (weights, biases)


class Matrices(CallsEngine):
    """Networks of one shape, trials first, that learn in batches of B samples."""

    name = "matrices"
    working_set = 3 * 2**20
    """Products take one network after the other, so that the stack may be larger than the cache of a core: it then
    makes fewer calls. Much larger ones would take more memory for little."""

    @classmethod
    def fits(cls, network: Network, batch: int) -> Fit:
        """Take every network."""
        return Fit(True, "any network fits")

    @classmethod
    def numbers(cls, network: Network, batch: int) -> int:
        """Count the parameters, and every unit for each sample."""
        return network.size + sum(network.widths) * batch

    @classmethod
    def cost(cls, network: Network, steps: int, samples: float) -> Cost:
        """Estimate an epoch: in every step, `np.matmul` takes some time to begin with each trial."""
        slower = 12 if network.math == "portable" else 1  # matrix products in written order
        training = slower * samples * (40e-9 + 0.25e-9 * network.size) + 2e-6 * steps
        return Cost(training, slower * 8e-6 * steps * len(network.widths))

    def _allocate(
        self,
        trainings: Sequence[Training],
        datasets: Sequence[Dataset],
        dataset_of: NDArray[np.intp],
        weights: Sequence[Array] | None,
    ) -> None:
        network, trials, batch = trainings[0].network, len(trainings), self._batch
        self.per_trial = (trials, 1, 1)
        inputs, *widths = network.widths
        self._inputs, self.targets = np.zeros((trials, batch, inputs)), np.zeros((trials, batch, widths[-1]))
        self.factors, self._shares = np.zeros_like(self.targets), np.zeros((trials, 1, batch))
        self._train_inputs = _stacked([data.train_inputs for data in datasets])
        self._train_targets = _stacked([data.learnt_targets for data in datasets])
        self._train_weights = None if weights is None else np.concatenate(weights)[:, None]
        self.weights = None if weights is None else np.ones((trials, batch, 1))
        samples = len(datasets[0].train_inputs)
        self._first = (samples * dataset_of)[:, None]
        self._in_order = np.zeros(-(-samples // batch) * batch, dtype=np.intp)
        self._in_order[:samples] = np.arange(samples)
        layers: list[MatricesLayer] = []
        below = self._inputs
        for level, width in enumerate(widths, start=1):
            in_place = level < len(widths) and not network.hidden_activation.needs_z
            layers.append(MatricesLayer(below, width, network.bias, network.arithmetic.matmul, in_place))
            below = self._prepare(layers[-1], level, network, trainings) if level < len(widths) else below
        self.layers = layers

    def _prepare(self, layer: MatricesLayer, level: int, network: Network, trainings: Sequence[Training]) -> Array:
        """Add batch normalisation and dropout to a hidden layer, and give its outputs."""
        if network.batch_norm:
            layer.norm = BatchNorm(layer.z, layer.delta, self._shares, network.arithmetic.matmul)
        if network.dropout:
            layer.dropout = Dropout(layer.a.shape, trainings, level)
            return layer.dropout.outputs
        return layer.a

    def set_sample_weights(self, factors: Array, samples: int) -> None:
        """Multiply each delta by its trial's factor (T,), and those after the first `samples` of the batch by 0."""
        self.factors[:, :samples], self.factors[:, samples:] = factors[:, None, None], 0.0
        self._shares[:, 0, :samples], self._shares[:, 0, samples:] = 1 / samples, 0.0

    def batches(self, order: Indices | None, epochs: int) -> Iterator[Sequence[Ready]]:
        """Put one batch of every trial in place after the other, and give the calls of its step."""
        rows = self._first + (self._in_order if order is None else order)  # (T, samples)
        starts = range(0, rows.shape[1], self._batch)
        for start in chain.from_iterable(repeat(starts, epochs)):
            part = rows[:, start : start + self._batch]
            # The indices are right; "clip" spares take's check, which copies the result once more.
            np.take(self._train_inputs, part, axis=0, out=self._inputs, mode="clip")
            np.take(self._train_targets, part, axis=0, out=self.targets, mode="clip")
            if self._train_weights is not None:
                np.take(self._train_weights, part, axis=0, out=self.weights, mode="clip")
            yield self.ready

    def by_trial(self, parameters: Array) -> Array:
        """View one of the layers' parameters as (T, n)."""
        return parameters.reshape(len(parameters), -1)

    def of_samples(self, outputs: Array) -> Array:
        """View the last layer's outputs, or the targets, as (T, B, O)."""
        return outputs


def _stacked(arrays: Sequence[Array]) -> Array:
    """Put data sets one below the other, (datasets · N, I)."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
