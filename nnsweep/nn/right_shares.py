"""Count the samples whose class is right, of several classes, in single precision wherever that decides.

The class is the largest output. Softmax and the identity keep the order of preactivations, so what matters is how far
that of the right class is above the largest of the others. `gaps` gives this difference and a proved bound on its
rounding error. Double precision decides the samples that single precision leaves in doubt; where rounding matters there
too, the outputs are computed as for every other metric. So the count is always the one that those outputs give.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.forward import forward
from nnsweep.nn.gaps import Gaps, norms
from nnsweep.nn.metrics import METRICS
from nnsweep.nn.network import Array, Layer, Network, Samples, Spans

LEAST_GAP = 1e-12
"""Preactivations that differ by less may have equal softmax outputs."""

FEW = 0.5
"""The share of samples in doubt above which single precision is given up."""


class RightShares:
    """The share of samples whose class is right, where outputs keep the order of preactivations."""

    targets = "one_hot"

    @classmethod
    def fits(cls, network: Network, metrics: Sequence[str]) -> bool:
        """Whether these metrics of the network are such shares, if targets are classes."""
        ordered = network.widths[-1] > 1 and network.output in ("softmax", "identity")
        return ordered and set(metrics) == {"accuracy"} and network.hidden_activation.single is not None

    def __init__(self, network: Network, spans: Spans) -> None:
        self._network = network
        largest = max(span.stop - span.start for span, _ in spans)
        self._single, self._double = Gaps(network, largest, np.float32), Gaps(network, 1, np.float64)
        # A copy in single precision is kept if it takes no more memory than the layers of all samples would.
        keep = network.widths[0] <= 4 * sum(network.widths[1:])
        self._parts = [(span, _Classified(samples, keep)) for span, samples in spans]

    def __call__(self, parameters: Sequence[Layer]) -> dict[str, Array]:
        """Return the accuracy, (G,); NaN for networks with a parameter or an output that is not finite."""
        accuracy = np.empty(len(parameters[0][0]))
        for span, samples in self._parts:
            layers = [(w[span], b[span]) for w, b in parameters]
            right, doubtful = self._in_single(layers, samples)
            accuracy[span] = right / len(samples.classes)
            for g in np.flatnonzero(doubtful.any(axis=1)):
                network, at = [(w[g : g + 1], b[g : g + 1]) for w, b in layers], np.flatnonzero(doubtful[g])
                more = self._in_double(network, samples, at)
                accuracy[span.start + g] = (
                    self._by_outputs(network, samples) if more is None else (right[g] + more) / len(samples.classes)
                )
        return {"accuracy": accuracy}

    def _in_single(self, layers: Sequence[Layer], samples: _Classified) -> tuple[Array, NDArray[np.bool_]]:
        """Count the samples that are right beyond doubt (G,), and tell which are in doubt, (G, N)."""
        networks = len(layers[0][0])
        right, doubtful = np.zeros(networks), np.ones((networks, len(samples.classes)), dtype=bool)
        for part, gap, error in self._single(layers, samples.columns, samples.norms, samples.classes):
            # The error of a gap in double precision is far less than a hundredth of this one.
            least = np.maximum(1.01 * error, LEAST_GAP)
            certain = np.abs(gap) > least  # false for NaN
            if np.count_nonzero(certain) < (1 - FEW) * certain.size:
                doubtful[:, part.start :] = True
                break
            np.logical_not(certain, out=doubtful[:, part])
            right += np.count_nonzero(gap > least, axis=1)
        return right, doubtful

    def _in_double(self, network: Sequence[Layer], samples: _Classified, at: NDArray[np.intp]) -> int | None:
        """Count those of a network's samples `at` that are right; None if double precision leaves one in doubt."""
        inputs, norms, classes = samples.inputs, samples.norms, samples.classes
        if len(at) < len(classes):
            inputs, norms, classes = inputs[at], norms[at], classes[at]
        right = 0
        for _, gap, error in self._double(network, inputs.T, norms, classes):
            least = np.maximum(2.01 * error, LEAST_GAP)  # the outputs that decide elsewhere round too
            if not (np.abs(gap) > least).all():
                return None
            right += int(np.count_nonzero(gap > least))
        return right

    def _by_outputs(self, network: Sequence[Layer], samples: _Classified) -> float:
        if not all(np.isfinite(array).all() for layer in network for array in layer):
            return np.nan
        z, y = forward(self._network, network, samples.inputs)
        return METRICS["accuracy"].value(z, y, samples.targets, self._network.loss)[0]


class _Classified:
    """Samples in the forms in which `RightShares` takes them; `columns` are the inputs, (I, N)."""

    def __init__(self, samples: Samples, keep_single: bool) -> None:
        self.inputs, self.targets = samples
        self.columns = self.inputs.T.astype(np.float32, order="C") if keep_single else self.inputs.T
        self.norms = norms(self.inputs.T)
        self.classes = self.targets.argmax(axis=1)
