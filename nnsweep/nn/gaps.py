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
Classes = NDArray[np.intp]

BLOCK_NUMBERS = 2**17
"""Numbers of the widest layer that are computed at a time: few enough to stay in the cache of a core."""

INPUT_NUMBERS = 2**19
"""Numbers of inputs that are converted at a time: they are read once, and need not stay in the cache."""

LEAST_BLOCK = 64
"""Samples that are computed at a time even if they are more numbers than that."""

SMALL, LARGE = 1e-15, 1e15
"""Sizes between which single precision neither overflows nor underflows to any effect."""


Weights = tuple[Floats, Floats]
"""Weights (G, O, I) and biases (G, O) of a layer, in either precision."""

Sizes = tuple[Floats, Floats, Floats]
"""Norms of a layer's weights and of its biases, and a bound on the singular values of the weights: (G, 1) each."""


def sizes_of(layers: Sequence[Layer]) -> list[Sizes]:
    """Measure weights (G, O, I) and biases (G, O), layer by layer.

    The last number is 0 for the first layer, whose inputs have no error.
    """
    found: list[Sizes] = []
    for level, (weights, biases) in enumerate(layers):
        norm = _norm(weights)
        steepest = 1.01 * _singular_value(weights, norm + SMALL) if level else np.zeros_like(norm)
        found.append((norm, _norm(biases), steepest))
    return found


class Gaps:
    """Computes the gaps of up to `networks` networks of one shape, in one precision, on memory allocated once."""

    def __init__(self, network: Network, networks: int, dtype: type[np.float32] | type[np.float64]) -> None:
        self._activation = network.hidden_activation
        self._dtype, self._unit = dtype, float(np.finfo(dtype).eps) / 2
        function = self._activation.function if dtype is np.float64 else self._activation.single
        assert function is not None, "a network is measured in a precision that its activation has"
        self._function = function
        self._widths, self._largest = network.widths[1:-1], _largest_norms(network)
        widest = networks * max(network.widths[1:])
        self._block = max(LEAST_BLOCK, min(BLOCK_NUMBERS // widest, INPUT_NUMBERS // network.widths[0]))
        numbers = widest * self._block
        self._buffers = np.empty(numbers, dtype), np.empty(numbers, dtype)

    def __call__(
        self,
        layers: Sequence[Weights],
        sizes: Sequence[Sizes],
        columns: Sequence[Floats],
        norms: Floats,
        classes: Classes,
    ) -> Iterator[tuple[slice, Floats, Floats]]:
        """Give gaps (G, n), and bounds on their errors, which broadcast against them, of n samples after the other.

        `columns` are inputs (I, …), N in all, `norms` (N,) those of the inputs, `classes` (N,) the right ones.
        """
        inputs = len(columns[0])
        # Where activations are bounded, one bound for all samples is hardly larger than that of each.
        of_all = self._error(sizes, norms.max(), self._largest, inputs) if self._largest else None
        end = 0
        for block in self._blocks(columns):
            part = slice(end, end := end + block.shape[1])
            z, found = self._forward(layers, block)
            error = self._error(sizes, norms[part], found, inputs) if of_all is None else of_all
            yield part, _gap(z, classes[part]), error

    def _blocks(self, columns: Sequence[Floats]) -> Iterator[Floats]:
        """Cut inputs into blocks; the first of several is small, since it may show that the others are in vain."""
        several = sum(each.shape[1] for each in columns) > self._block
        size = max(LEAST_BLOCK, self._block // 8) if several else self._block
        for each in columns:
            start = 0
            while start < each.shape[1]:
                yield each[:, start : start + size]
                start, size = start + size, self._block

    def _forward(self, layers: Sequence[Weights], inputs: Floats) -> tuple[Floats, list[Floats]]:
        """Return the last preactivations (G, O, n) of inputs (I, n), and the norms of unbounded activations, (G, n)."""
        z: Floats = inputs.astype(self._dtype, copy=False)
        found: list[Floats] = []
        for level, (weights, biases) in enumerate(layers):
            out = self._buffers[level % 2][: biases.size * inputs.shape[1]]
            if level:
                self._function(z, z)
                if not self._largest:
                    found.append(norms(z))
                z = np.matmul(weights, z, out=out.reshape(*biases.shape, -1))
            else:
                z = self._of_inputs(weights.reshape(-1, len(inputs)), z, out, len(layers) > 1)
                z = z.reshape(*biases.shape, -1)
            z += biases[..., None]
        return z, found

    def _of_inputs(self, weights: Floats, inputs: Floats, out: Floats, any_order: bool) -> Floats:
        """Multiply weights (G · O, I) and inputs (I, n): one product for the whole group, whose inputs are the same.

        With inputs that have a sample's numbers side by side, `sgemm` takes a quarter less time for the transposed
        product. Only a layer that others follow may have `any_order` in memory.
        """
        if any_order and self._dtype is np.float32 and inputs.flags.f_contiguous:
            return np.matmul(inputs.T, weights.T, out=out.reshape(-1, len(weights))).T
        return np.matmul(weights, inputs, out=out.reshape(len(weights), -1))

    def _error(
        self, sizes: Sequence[Sizes], norm: Floats, others: Sequence[Floats] | Sequence[float], inputs: int
    ) -> Floats:
        """Bound the error of a gap, (G, 1) or (G, n), from the norms of the inputs and of the hidden activations."""
        each = self._activation
        error = np.zeros_like(sizes[0][0])
        for of_layer, size, width in zip(sizes, (norm, *others), (inputs, *self._widths), strict=True):
            weights, biases, steepest = of_layer
            if each.steepest is not None:
                error = error * each.steepest + each.value_error * self._unit * width**0.5
            terms = weights * size + biases + SMALL
            error = steepest * error + 1.1 * (width + 3) * self._unit * terms
            error = np.where(terms < LARGE, error, np.inf)
        return np.sqrt(2) * error


def _largest_norms(network: Network) -> list[float]:
    """Bound the norms of the activations of each hidden layer; empty if they have no bound."""
    each = network.hidden_activation
    size = max(abs(each.lowest), abs(each.highest))
    return [] if each.steepest is None else [size * width**0.5 for width in network.widths[1:-1]]


def _singular_value(weights: Floats, norm: Floats) -> Floats:
    """Bound the singular values by the fourth root of ‖(W Wᵀ)²‖, which is far nearer to them than ‖W‖."""
    share = (weights / norm[..., None]).astype(np.float32)  # powers of weights could overflow
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


def _gap(z: Floats, classes: Classes) -> Floats:
    """Tell how far the right class is above the largest other, (G, n), in preactivations (G, O, n) that it destroys."""
    flat, places = z.reshape(len(z), -1), classes * len(classes) + np.arange(len(classes))
    own = flat[:, places]
    flat[:, places] = -np.inf
    return own - z.max(axis=1)
