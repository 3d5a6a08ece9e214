"""Batch normalisation of one layer's preactivations, in the trials-first layout (Ioffe & Szegedy 2015)."""

from __future__ import annotations

import numpy as np

from nnsweep.nn.arithmetic import Function
from nnsweep.nn.engine.program import Call
from nnsweep.nn.network import Array, Layer

EPSILON = np.array(1e-5)
"""Added to the variance."""
MOMENTUM = np.array(0.1)
"""The weight of a batch in the running mean and variance, with which a trained network is measured."""


class BatchNorm:
    """ẑ = (z − mean) / √(variance + ε) over a batch; γ ẑ + β takes the place of z.

    Arrays are (T, B, O) for samples and (T, 1, O) for their sums; `shares` (T, 1, B) is each sample's part of a mean,
    0 for a sample that only fills up the last batch.
    """

    def __init__(self, z: Array, delta: Array, shares: Array, matmul: Function = np.matmul) -> None:
        trials, batch, outputs = z.shape
        self._z, self._delta, self._shares, self._matmul = z, delta, shares, matmul
        self._ones = np.ones((trials, 1, batch))
        self._scale_shift = np.zeros((2, trials, 1, outputs))
        self._gradient = np.zeros_like(self._scale_shift)
        self._scale_shift[0] = 1.0
        self._running_mean, self._running_variance = np.zeros((trials, 1, outputs)), np.ones((trials, 1, outputs))
        self.running = [self._running_mean, self._running_variance]
        self._root, self._sum = np.zeros((trials, 1, outputs)), np.zeros((trials, 1, outputs))
        self._normal, self._spare = np.zeros_like(z), np.zeros_like(z)

    def forward(self) -> list[Call]:
        """Put γ ẑ + β in the place of z."""
        z, normal, mean, root = self._z, self._normal, self._sum, self._root
        gamma, beta = self._scale_shift
        return [
            (self._matmul, (self._shares, z, mean)),
            *_towards(self._running_mean, mean, root),
            (np.subtract, (z, mean, normal)),
            (np.multiply, (normal, normal, self._spare)),
            (self._matmul, (self._shares, self._spare, root)),
            *_towards(self._running_variance, root, mean),
            (np.add, (root, EPSILON, root)),
            (np.sqrt, (root, root)),
            (np.divide, (normal, root, normal)),
            (np.multiply, (normal, gamma, z)),
            (np.add, (z, beta, z)),
        ]

    def backward(self) -> list[Call]:
        """Find the gradients of γ and β, and turn the delta of γ ẑ + β into that of z.

        ∂L/∂zᵦ = γ / root · (δᵦ − shareᵦ Σ δ − shareᵦ ẑᵦ Σ δ ẑ).
        """
        delta, spare, by_sample = self._delta, self._spare, self._shares.transpose(0, 2, 1)
        gamma, gamma_gradient, beta_gradient = self._scale_shift[0], *self._gradient
        return [
            (np.multiply, (delta, self._normal, spare)),
            (self._matmul, (self._ones, spare, gamma_gradient)),
            (self._matmul, (self._ones, delta, beta_gradient)),
            (np.multiply, (self._normal, gamma_gradient, spare)),
            (np.add, (spare, beta_gradient, spare)),
            (np.multiply, (spare, by_sample, spare)),
            (np.subtract, (delta, spare, delta)),
            (np.multiply, (delta, gamma, delta)),
            (np.divide, (delta, self._root, delta)),
        ]

    def params_and_grads(self) -> list[tuple[Array, Array]]:
        """γ and β with their gradients."""
        return list(zip(self._scale_shift, self._gradient, strict=True))

    def fold(self, span: slice, layer: Layer) -> Layer:
        """Work the running statistics into weights (G, O, I) and biases (G, O)."""
        gamma, beta = self._scale_shift[:, span, 0]
        slope = gamma / np.sqrt(self._running_variance[span, 0] + EPSILON)
        weights, biases = layer
        return weights * slope[..., None], (biases - self._running_mean[span, 0]) * slope + beta


def _towards(running: Array, found: Array, spare: Array) -> list[Call]:
    """Running ← running + MOMENTUM (found − running)."""
    return [
        (np.subtract, (found, running, spare)),
        (np.multiply, (spare, MOMENTUM, spare)),
        (np.add, (running, spare, running)),
    ]
