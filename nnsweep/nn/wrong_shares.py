"""Count the errors of a single output by its sign, in single precision wherever that decides.

Where targets are 0 and 1, a network of one output that is a step is right or wrong at each sample, and so is one that
counts as right where its sigmoid is on the right side of ½. That takes only the sign of the last preactivation: single
precision decides it wherever rounding cannot matter, and double precision elsewhere. The count is the one that double
precision gives throughout, at a third of its time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.network import Array, Layer, Network, Samples, Spans
from nnsweep.targets import TargetKind

Single = NDArray[np.float32]
Mask = NDArray[np.bool_]


class _Wanted:
    """Samples in the forms in which `WrongShares` counts them after every epoch."""

    def __init__(self, samples: Samples) -> None:
        self.inputs, targets = samples
        ones = np.ones(len(self.inputs))
        self.columns: Single = np.vstack([*self.inputs.T, ones], dtype=np.float32)
        self.wanted: Mask = targets[:, 0] == 1
        self.positives = np.count_nonzero(self.wanted)
        # A prediction of 1 is one more error where 0 is wanted, one less where 1 is. Sums are exact below 2²⁴ samples.
        self.gain: Single = np.where(self.wanted, np.float32(-1), np.float32(1))


COUNTED = {"step": {"error", "accuracy"}, "sigmoid": {"accuracy"}}
"""Metrics that need only the sign of the preactivation of a single output."""


class WrongShares:
    """The share of samples on the wrong side of the output's threshold, where the layers below are piecewise linear."""

    targets: TargetKind = "binary"

    @classmethod
    def fits(cls, network: Network, metrics: Sequence[str]) -> bool:
        """Whether these metrics of the network are such shares, if targets are 0 and 1."""
        piecewise_linear = network.hidden_activation.piecewise_linear
        return network.widths[-1] == 1 and piecewise_linear and COUNTED.get(network.output, set()) >= set(metrics)

    def __init__(self, network: Network, spans: Spans) -> None:
        self._activation = network.hidden_activation
        self._parts = [(span, _Wanted(samples)) for span, samples in spans]
        self._largest = np.max([np.abs(data.columns[:-1]).max(axis=1) for _, data in self._parts], axis=0)

    def __call__(self, parameters: Sequence[Layer]) -> dict[str, Array]:
        """Return the error and the accuracy, (G,) each."""
        rounding = _single_rounding(parameters, self._largest).astype(np.float32)[:, None]
        single = [np.concatenate([w, b[..., None]], axis=2, dtype=np.float32) for w, b in parameters]
        shares = np.empty(len(rounding))
        for span, data in self._parts:
            z = self._single([layer[span] for layer in single], data.columns)
            counts = data.positives + ((z > 0).astype(np.float32) @ data.gain).astype(np.float64)
            certain = np.abs(z) > rounding[span]  # false for NaN
            if not certain.all():
                counts += self._corrections([(w[span], b[span]) for w, b in parameters], data, z > 0, ~certain)
            shares[span] = counts / len(data.wanted)
        return {"error": shares, "accuracy": 1 - shares}

    def _single(self, layers: Sequence[Single], columns: Single) -> Single:
        """Return the last preactivation (G, N), in single precision.

        A layer is its weights with the biases as a last column, (G, O, I + 1); `columns` are the inputs and a last
        row of ones, (I + 1, N).
        """
        first, *others = layers
        # One product for the whole group, because its inputs are the same.
        z = (first.reshape(-1, len(columns)) @ columns).reshape(*first.shape[:2], -1)
        for layer in others:
            self._activation.function(z, z)
            z = np.matmul(layer[..., :-1], z)
            z += layer[..., -1:]
        return z[:, 0]

    def _corrections(self, parameters: Sequence[Layer], data: _Wanted, positive: Mask, doubtful: Mask) -> Array:
        """Return how much double precision changes each count (G,), from the doubtful samples (G, N) only."""
        changes = np.zeros(len(doubtful))
        for g in np.flatnonzero(doubtful.any(axis=1)):
            at = np.flatnonzero(doubtful[g])
            z = self._double([(w[g], b[g]) for w, b in parameters], data.inputs[at].T)
            wanted = data.wanted[at]
            changes[g] = np.count_nonzero((z > 0) != wanted) - np.count_nonzero(positive[g, at] != wanted)
        return changes

    def _double(self, parameters: Sequence[Layer], columns: Array) -> Array:
        """Return one network's last preactivation (N,) at inputs (I, N), summed in the order of training.

        Elementwise over samples, so that a sample's value does not depend on which others are doubtful.
        """
        z = columns
        for level, (weights, biases) in enumerate(parameters):
            if level:
                self._activation.function(z, z)
            below, z = z, weights[:, :1] * z[0]
            for i in range(1, len(below)):
                z += weights[:, i : i + 1] * below[i]
            z += biases[:, None]
        return z[0]


def _single_rounding(parameters: Sequence[Layer], largest: Array) -> Array:
    """Bound how far single precision can take the last preactivation from its true value, (G,).

    A sum of products in which each term meets k roundings is off by at most about k · 2⁻²⁴ times the sum of the terms'
    sizes (Higham 2002, section 3.1); a tenth is added for "about". Where sizes leave the range in which single
    precision neither overflows nor underflows to any effect, the bound is infinite.
    """
    small, large = 1e-15, 1e15
    size = np.broadcast_to(largest, (len(parameters[0][0]), len(largest)))
    roundings = 0
    for weights, biases in parameters:
        size = np.matmul(np.abs(weights), size[..., None])[..., 0] + np.abs(biases) + small
        roundings += weights.shape[-1] + 3  # two conversions, the product, the sum with the bias
    bound = 1.1 * roundings * 2**-24 * size[:, 0]
    return np.where((size < large).all(axis=1), bound, np.inf)
