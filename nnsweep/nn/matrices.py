"""The trials-first layout: every array of a network is a stack of matrices, multiplied with `np.matmul`.

`np.matmul` treats the matrices of a stack one by one, so a trial's numbers depend neither on its neighbours nor on
their count. B, the samples of a batch, is one here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.network import Array, Dataset, Layer
from nnsweep.nn.program import Call


class MatricesLayer:
    """One layer's arrays, and the calls of its affine map and of its descent."""

    def __init__(self, inputs: Array, outputs: int) -> None:
        trials, batch, fan_in = inputs.shape
        self._inputs = inputs
        self._weights, self._biases = np.zeros((trials, fan_in, outputs)), np.zeros((trials, 1, outputs))
        self._weight_gradient, self._bias_gradient = np.empty_like(self._weights), np.empty_like(self._biases)
        self._ones = np.ones((trials, 1, batch))
        self.z, self.a, self.slope, self.delta = (np.zeros((trials, batch, outputs)) for _ in range(4))

    def affine(self) -> list[Call]:
        """z = x weights + biases."""
        return [(np.matmul, (self._inputs, self._weights, self.z)), (np.add, (self.z, self._biases, self.z))]

    def scale_delta(self, rates: Array) -> list[Call]:
        """Multiply the delta by each trial's rate (T,)."""
        return [(np.multiply, (self.delta, rates[:, None, None], self.delta))]

    def propagate(self, below: MatricesLayer) -> list[Call]:
        """delta below = delta weightsᵀ, before the slope of the activation below."""
        return [(np.matmul, (self.delta, self._weights.transpose(0, 2, 1), below.delta))]

    def descend(self) -> list[Call]:
        """weights −= xᵀ delta and biases −= Σ delta over the batch, the delta already scaled by the rate."""
        return [
            (np.matmul, (self._inputs.transpose(0, 2, 1), self.delta, self._weight_gradient)),
            (np.matmul, (self._ones, self.delta, self._bias_gradient)),
            (np.subtract, (self._weights, self._weight_gradient, self._weights)),
            (np.subtract, (self._biases, self._bias_gradient, self._biases)),
        ]

    def load(self, span: slice, parameters: Layer) -> None:
        """Set trials `span`: weights (G, O, I) and biases (G, O)."""
        weights, biases = parameters
        self._weights[span] = weights.transpose(0, 2, 1)
        self._biases[span] = biases[:, None, :]

    def read(self, span: slice, shape: tuple[int, int]) -> Layer:
        """Get trials `span`: weights (G, O, I) and biases (G, O)."""
        return self._weights[span].transpose(0, 2, 1).copy(), self._biases[span, 0].copy()


class Matrices:
    """A stack of T networks of one shape, trials first."""

    def __init__(
        self, widths: Sequence[tuple[int, ...]], datasets: Sequence[Dataset], dataset_of: NDArray[np.intp]
    ) -> None:
        trials, (inputs, *outputs) = len(widths), widths[0]
        self._inputs, self.targets = np.zeros((trials, 1, inputs)), np.zeros((trials, 1, outputs[-1]))
        self._dataset_of = dataset_of
        self._samples = [np.stack([data.train_inputs for data in datasets], axis=1)]  # (steps, datasets, I)
        self._samples += [np.stack([data.train_targets for data in datasets], axis=1)]  # (steps, datasets, O)
        self.layers: list[MatricesLayer] = []
        below = self._inputs
        for width in outputs:
            self.layers.append(MatricesLayer(below, width))
            below = self.layers[-1].a

    def steps(self) -> Iterator[None]:
        """Go once through the training data: before each step, the next sample of every trial is in place."""
        for inputs, targets in zip(*self._samples, strict=True):
            np.take(inputs[:, None], self._dataset_of, axis=0, out=self._inputs, mode="clip")
            np.take(targets[:, None], self._dataset_of, axis=0, out=self.targets, mode="clip")
            yield
