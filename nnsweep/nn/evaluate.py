"""Measure networks of one shape: each metric of each network over its test samples, or over those that train.

Where targets are 0 and 1, a network of one output that is a step is right or wrong at each sample, and so is one that
counts as right where its sigmoid is on the right side of ½. That takes only the sign of the last preactivation: single
precision decides it wherever rounding cannot matter, and double precision elsewhere. The count is the one that double
precision gives throughout, at a third of its time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.activations import ACTIVATIONS, OUTPUTS
from nnsweep.nn.metrics import ANY, METRICS, TRAIN, VALIDATION, part_of, plain_name
from nnsweep.nn.network import Array, Dataset, Layer, Network
from nnsweep.targets import format_values, target_kind

Single = NDArray[np.float32]
Mask = NDArray[np.bool_]

Samples = tuple[Array, Array]
"""Inputs (N, I) and targets (N, O)."""

Evaluator = Callable[[Sequence[Layer]], Array]
"""From a group's weights (G, O, I) and biases (G, O), layer by layer, to its metrics (M, G)."""

Spans = Sequence[tuple[slice, Samples]]
"""Neighbouring networks of a group, and the samples that they are measured on."""

COUNTED = {"step": ("error", "accuracy"), "sigmoid": ("accuracy",)}
"""Metrics that need only the sign of the preactivation of a single output, if targets are 0 and 1."""


def evaluator(network: Network, spans: Sequence[tuple[slice, Dataset]], metrics: Sequence[str]) -> Evaluator:
    """Prepare the measurement of a group of networks, which is repeated while they learn.

    Each span of neighbouring networks is measured on one data set. A metric that the samples leave undefined is NaN.

    Raises:
        ValueError: a metric has no meaning for the targets.
    """
    parts: list[Callable[[Sequence[Layer]], dict[str, Array]]] = []
    for prefix in ("", TRAIN, VALIDATION):
        names = [name for name in metrics if part_of(name) == prefix]
        if names:
            parts.append(_part(network, [(span, _samples(data, prefix)) for span, data in spans], names))

    def measure(parameters: Sequence[Layer]) -> Array:
        values = {name: value for part in parts for name, value in part(parameters).items()}
        return np.array([values[name] for name in metrics])

    return measure


def defined(spans: Sequence[tuple[slice, Dataset]], metrics: Sequence[str]) -> Mask:
    """Tell which metrics each span's samples leave defined, whatever the outputs are: (M, spans)."""
    pairs = [(part_of(name), METRICS[plain_name(name)]) for name in metrics]
    return np.array([[each.defined(_samples(data, part)[1]) for _, data in spans] for part, each in pairs])


def _samples(data: Dataset, prefix: str) -> Samples:
    if prefix == VALIDATION:
        assert data.validation is not None, "only data sets with validation samples are measured on them"
        return data.validation
    return (data.train_inputs, data.train_targets) if prefix else (data.test_inputs, data.test_targets)


def _part(network: Network, spans: Spans, names: Sequence[str]) -> Callable[[Sequence[Layer]], dict[str, Array]]:
    """Prepare the metrics `names`, all of the same samples, (G,) each."""
    plain = [plain_name(name) for name in names]
    for _, (_, targets) in spans:
        _check(plain, targets)
    single = network.widths[-1] == 1 and ACTIVATIONS[network.activation].piecewise_linear
    countable = single and set(plain) <= set(COUNTED.get(network.output, ()))
    signs_tell = [countable and target_kind(targets) == "binary" for _, (_, targets) in spans]
    counted = [span for span, told in zip(spans, signs_tell, strict=True) if told]
    others = [span for span, told in zip(spans, signs_tell, strict=True) if not told]
    count = WrongShares(network, counted) if counted else None

    def measure(parameters: Sequence[Layer]) -> dict[str, Array]:
        values = np.empty((len(plain), len(parameters[0][0])))
        if count:
            wrong = count(parameters)
            for span, _ in counted:
                values[:, span] = [1 - wrong[span] if name == "accuracy" else wrong[span] for name in plain]
        for span, samples in others:
            values[:, span] = _computed(network, samples, plain, [(w[span], b[span]) for w, b in parameters])
        return dict(zip(names, values, strict=True))

    return measure


def _check(names: Sequence[str], targets: Array) -> None:
    kind = target_kind(targets) if any(METRICS[name].targets != ANY for name in names) else None
    for name in names:
        if kind and kind not in METRICS[name].targets:
            raise ValueError(f"metric {name!r} has no meaning for targets that are {kind}: {format_values(targets)}")


def _computed(network: Network, samples: Samples, names: Sequence[str], parameters: Sequence[Layer]) -> Array:
    inputs, targets = samples
    z, y = _forward(network, parameters, inputs)
    values = np.full((len(names), len(y)), np.nan)
    for row, name in zip(values, names, strict=True):
        if METRICS[name].defined(targets):
            row[:] = METRICS[name].value(z, y, targets, network.loss)
    return values


def predict(network: Network, parameters: Sequence[Layer], inputs: Array) -> Array:
    """Return the outputs (G, N, O) of a group of networks at inputs (N, I)."""
    return _forward(network, parameters, inputs)[1]


def layers(network: Network, parameters: Sequence[Layer], inputs: Array) -> Iterator[tuple[Array, Array]]:
    """Give each layer's preactivations and activations, (G, N, O) each, of a group of networks at inputs (N, I)."""
    a = np.broadcast_to(inputs, (len(parameters[0][0]), *inputs.shape))
    for level, (weights, biases) in enumerate(parameters, start=1):
        table = OUTPUTS[network.output] if level == len(parameters) else ACTIVATIONS[network.activation]
        z = np.matmul(a, weights.transpose(0, 2, 1)) + biases[:, None, :]
        a = np.empty_like(z)
        table.function(z, a)
        yield z, a


def _forward(network: Network, parameters: Sequence[Layer], inputs: Array) -> tuple[Array, Array]:
    """Return the last layer's preactivations and outputs, (G, N, O) each."""
    return deque(layers(network, parameters, inputs), maxlen=1).pop()


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


class WrongShares:
    """The share of samples on the wrong side of the output's threshold, where the layers below are piecewise linear."""

    def __init__(self, network: Network, spans: Spans) -> None:
        self._activation = ACTIVATIONS[network.activation].function
        self._parts = [(span, _Wanted(samples)) for span, samples in spans]
        self._largest = np.max([np.abs(data.columns[:-1]).max(axis=1) for _, data in self._parts], axis=0)

    def __call__(self, parameters: Sequence[Layer]) -> Array:
        """Return the shares, (G,)."""
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
        return shares

    def _single(self, layers: Sequence[Single], columns: Single) -> Single:
        """Return the last preactivation (G, N), in single precision.

        A layer is its weights with the biases as a last column, (G, O, I + 1); `columns` are the inputs and a last
        row of ones, (I + 1, N).
        """
        first, *others = layers
        # One product for the whole group, because its inputs are the same.
        z = (first.reshape(-1, len(columns)) @ columns).reshape(*first.shape[:2], -1)
        for layer in others:
            self._activation(z, z)
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
                self._activation(z, z)
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
