"""How far the preactivation of the right class is above the largest other one, and how far rounding can take that.

For a sum of products in which each term meets k roundings of relative size u, the error is at most about k u times the
sum of the terms' sizes, in whatever order they are summed (Higham 2002, section 3.1). With Euclidean norms over the
units of a layer, where ‖·‖ of weights is the Frobenius norm and σ their largest singular value,

    error of W a + b  ≤  σ · error of a  +  1.1 (inputs + 3) u (‖W‖ ‖a‖ + ‖b‖),

a tenth for "about". An activation passes on an error times its steepest slope, and adds that of its own values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.network import Layer, Network

Floats = NDArray[np.floating]

BLOCK_NUMBERS = 2**16
"""Numbers of the widest layer that are computed at a time: few enough to stay in the cache of a core."""

LEAST_BLOCK = 64
"""Samples that are computed at a time even if they are more numbers than that."""

SMALL, LARGE = 1e-15, 1e15
"""Sizes between which single precision neither overflows nor underflows to any effect."""


class Gaps:
    """Computes the gaps of up to `networks` networks of one shape, in one precision, on memory allocated once."""

    def __init__(self, network: Network, networks: int, dtype: type[np.float32] | type[np.float64]) -> None:
        self._activation = network.hidden_activation
        self._dtype, self._unit = dtype, float(np.finfo(dtype).eps) / 2
        function = self._activation.function if dtype is np.float64 else self._activation.single
        assert function is not None, "a network is measured in a precision that its activation has"
        self._function = function
        self._block = max(LEAST_BLOCK, BLOCK_NUMBERS // max(network.widths[0], networks * max(network.widths[1:])))
        numbers = networks * max(network.widths[1:]) * self._block
        self._buffers = np.empty(numbers, dtype), np.empty(numbers, dtype)

    def __call__(
        self, layers: Sequence[Layer], columns: Floats, norms: Floats, classes: NDArray[np.intp]
    ) -> Iterator[tuple[slice, Floats, Floats]]:
        """Give gaps and bounds on their errors, (G, n) each, of n samples after the other.

        `columns` are inputs (I, N), `norms` (N,) those of the inputs.
        """
        sizes = [_Sizes(weights, biases, first=not level) for level, (weights, biases) in enumerate(layers)]
        cast = [(w.astype(self._dtype, copy=False), b.astype(self._dtype, copy=False)) for w, b in layers]
        for start in range(0, len(classes), self._block):
            part = slice(start, min(start + self._block, len(classes)))
            z, error = self._forward(cast, sizes, columns[:, part], norms[part])
            yield part, _gap(z, classes[part]), np.sqrt(2) * error

    def _forward(
        self, layers: Sequence[tuple[Floats, Floats]], sizes: Sequence[_Sizes], inputs: Floats, norm: Floats | float
    ) -> tuple[Floats, Floats]:
        """Return the last preactivations (G, O, n), and the norms of their errors (G, n), of inputs (I, n)."""
        z: Floats = inputs.astype(self._dtype, copy=False)
        error = np.zeros((len(layers[0][0]), inputs.shape[1]))
        for level, ((weights, biases), size) in enumerate(zip(layers, sizes, strict=True)):
            if level:
                norm = self._activate(z, error)
            out = self._buffers[level % 2][: weights.shape[0] * weights.shape[1] * inputs.shape[1]]
            if level:
                z = np.matmul(weights, z, out=out.reshape(*biases.shape, -1))
            else:  # One product for the whole group, because its inputs are the same.
                z = np.matmul(weights.reshape(-1, len(inputs)), z, out=out.reshape(biases.size, -1))
                z = z.reshape(*biases.shape, -1)
            z += biases[..., None]
            terms = size.weights * norm + size.biases + SMALL
            error = size.steepest * error + 1.1 * (weights.shape[2] + 3) * self._unit * terms
            error = np.where(terms < LARGE, error, np.inf)
        return z, error

    def _activate(self, z: Floats, error: Floats) -> Floats | float:
        """Put activations in the place of preactivations (G, O, n), and return their norms; change the errors too."""
        self._function(z, z)
        each = self._activation
        if each.steepest is None:
            return norms(z)
        root = z.shape[1] ** 0.5
        error *= each.steepest
        error += each.value_error * self._unit * root
        return max(abs(each.lowest), abs(each.highest)) * root


class _Sizes:
    """Norms of weights (G, O, I) and biases (G, O), (G, 1) each, and `steepest`: a bound on the singular values.

    It is 0 for the first layer, whose inputs have no error.
    """

    def __init__(self, weights: Floats, biases: Floats, first: bool) -> None:
        self.weights, self.biases = _norm(weights), _norm(biases)
        self.steepest = 0.0 if first else 1.01 * _singular_value(weights, self.weights + SMALL)


def _singular_value(weights: Floats, norm: Floats) -> Floats:
    """Bound the singular values by the fourth root of ‖(W Wᵀ)²‖, which is far nearer to them than ‖W‖."""
    share = weights / norm[..., None]  # powers of weights could overflow
    if share.shape[1] > share.shape[2]:
        share = share.transpose(0, 2, 1)
    square = np.matmul(share, share.transpose(0, 2, 1))
    return norm * np.sqrt(np.sqrt(_norm(np.matmul(square, square))))


def _norm(arrays: Floats) -> Floats:
    """Compute the Euclidean norms of (G, …), (G, 1)."""
    flat = arrays.reshape(len(arrays), -1)
    return np.sqrt(np.einsum("gk,gk->g", flat, flat))[:, None]


def norms(z: Floats) -> Floats:
    """Compute the Euclidean norms over the units of (…, O, n), or a little more, lest squares that vanish count."""
    return np.sqrt(np.einsum("...on,...on->...n", z, z)) + 1e-18


def _gap(z: Floats, classes: NDArray[np.intp]) -> Floats:
    """Tell how far the right class is above the largest other, (G, n), in preactivations (G, O, n) that it destroys."""
    samples = np.arange(len(classes))
    own = z[:, classes, samples]
    z[:, classes, samples] = -np.inf
    return own - z.max(axis=1)
