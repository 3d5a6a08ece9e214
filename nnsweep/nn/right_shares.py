"""Count the samples whose class is right, of several classes, in single precision wherever that decides.

The class is the largest output. Softmax and the identity keep the order of preactivations, so what matters is how far
that of the right class is above the largest of the others. `gaps` gives this difference and a proved bound on its
rounding error. Double precision decides the samples that single precision leaves in doubt; where rounding matters there
too, the outputs are computed as for every other metric. So the count is always the one that those outputs give.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.forward import forward
from nnsweep.nn.gaps import Gaps, Sizes, Weights, norms, sizes_of
from nnsweep.nn.metrics import METRICS
from nnsweep.nn.network import Array, Layer, Network, Samples
from nnsweep.targets import TargetKind

Mask = NDArray[np.bool_]

LEAST_GAP = 1e-12
"""Preactivations that differ by less may have equal softmax outputs."""

FEW = 0.5
"""The share of samples in doubt above which single precision is given up."""


class RightShares:
    """The share of samples whose class is right, where outputs keep the order of preactivations."""

    targets: TargetKind = "one_hot"

    @classmethod
    def fits(cls, network: Network, metrics: Sequence[str]) -> bool:
        """Whether these metrics of the network are such shares, if targets are classes."""
        ordered = network.widths[-1] > 1 and network.output in ("softmax", "identity")
        return ordered and set(metrics) == {"accuracy"} and network.hidden_activation.single is not None

    def __init__(self, network: Network, spans: Sequence[tuple[slice, Sequence[Samples]]]) -> None:
        self._network = network
        largest = max(span.stop - span.start for span, _ in spans)
        self._single, self._double = Gaps(network, largest, np.float32), Gaps(network, 1, np.float64)
        # A copy in single precision is kept if it takes no more memory than the layers of all samples would.
        keep = network.widths[0] <= 4 * sum(network.widths[1:])
        self._spans = [(span, _Classified(parts, keep)) for span, parts in spans]

    def __call__(self, parameters: Sequence[Layer]) -> Array:
        """Return the accuracy on each part of the samples, (parts, G); NaN for what is not finite."""
        single = [(w.astype(np.float32), b.astype(np.float32)) for w, b in parameters]
        whole = _Networks(parameters, single, sizes_of(parameters))
        return np.concatenate([self._measure(whole.of(span), samples) for span, samples in self._spans], axis=1)

    def _measure(self, group: _Networks, samples: _Classified) -> Array:
        """Return the accuracies of a group of networks, (parts, G)."""
        right, doubtful = self._in_single(group, samples)
        accuracy = samples.count(right) / samples.lengths[:, None]
        for g in np.flatnonzero(doubtful.any(axis=1)):
            network = group.of(slice(g, g + 1))
            found = self._in_double(network, samples, doubtful[g], right[g])
            accuracy[:, g] = self._by_outputs(network, samples) if found is None else found / samples.lengths
        return accuracy

    def _in_single(self, group: _Networks, samples: _Classified) -> tuple[Mask, Mask]:
        """Tell which samples are right beyond doubt, and which are in doubt, (G, N) each."""
        right, doubtful = np.zeros((2, len(group.double[0][0]), len(samples.classes)), dtype=bool)
        found = self._single(group.single, group.sizes, samples.columns, samples.norms, samples.classes)
        for part, gap, error in found:
            # The error of a gap in double precision is far less than a hundredth of this one.
            least = np.maximum(1.01 * error, LEAST_GAP)
            certain = np.abs(gap) > least  # false for NaN
            count = np.count_nonzero(certain)
            if count < (1 - FEW) * certain.size:
                doubtful[:, part.start :] = True
                break
            if count < certain.size:
                doubtful[:, part] = ~certain
            np.greater(gap, least, out=right[:, part])
        return right, doubtful

    def _in_double(self, network: _Networks, samples: _Classified, doubtful: Mask, right: Mask) -> Array | None:
        """Count a network's right samples, (parts,); None if double precision leaves one of the doubtful in doubt."""
        columns = [inputs.T if at.all() else inputs[at].T for inputs, at in samples.split(doubtful)]
        norms, classes = samples.norms[doubtful], samples.classes[doubtful]
        at = np.flatnonzero(doubtful)
        for part, gap, error in self._double(network.double, network.sizes, columns, norms, classes):
            least = np.maximum(2.01 * error, LEAST_GAP)  # the outputs that decide elsewhere round too
            if not (np.abs(gap) > least).all():
                return None
            right[at[part]] = (gap > least)[0]
        return samples.count(right[None])[:, 0]

    def _by_outputs(self, network: _Networks, samples: _Classified) -> Array | float:
        if not all(np.isfinite(array).all() for layer in network.double for array in layer):
            return np.nan
        accuracy, loss = METRICS["accuracy"].value, self._network.loss
        found = [(*forward(self._network, network.double, inputs), targets) for inputs, targets in samples.parts]
        return np.array([accuracy(*each, loss)[0] for each in found])


class _Networks(NamedTuple):
    """A group of networks in the forms in which `RightShares` takes them, layer by layer."""

    double: Sequence[Layer]
    single: Sequence[Weights]
    sizes: Sequence[Sizes]

    def of(self, span: slice) -> _Networks:
        return _Networks(
            [(weights[span], biases[span]) for weights, biases in self.double],
            [(weights[span], biases[span]) for weights, biases in self.single],
            [(weights[span], biases[span], steepest[span]) for weights, biases, steepest in self.sizes],
        )


class _Classified:
    """Samples in the forms in which `RightShares` takes them: parts, and N samples one part after the other.

    `columns` are the inputs, (I, …) each.
    """

    def __init__(self, parts: Sequence[Samples], keep_single: bool) -> None:
        self.parts = parts
        self.lengths = np.array([len(inputs) for inputs, _ in parts])
        self._starts = np.cumsum(self.lengths) - self.lengths
        self.columns = [inputs.T for inputs, _ in parts]
        if keep_single:  # with the numbers of an input side by side, as the products of all layers are made fastest
            self.columns = [np.ascontiguousarray(np.concatenate(self.columns, axis=1, dtype=np.float32))]
        self.norms = np.concatenate([norms(inputs.T) for inputs, _ in parts])
        self.classes = np.concatenate([targets.argmax(axis=1) for _, targets in parts])

    def count(self, right: Mask) -> Array:
        """Count samples (G, N) in each part, (parts, G)."""
        return np.add.reduceat(right, self._starts, axis=1, dtype=np.float64).T

    def split(self, mask: Mask) -> Iterator[tuple[Array, Mask]]:
        """Give the inputs of each part, and its piece of a mask (N,)."""
        for (inputs, _), piece in zip(self.parts, np.split(mask, self._starts[1:]), strict=True):
            yield inputs, piece
