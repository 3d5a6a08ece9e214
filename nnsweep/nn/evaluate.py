"""Measure networks of one shape: each metric of each network over its test samples, or over those that train.

Where only a class is asked for, single precision decides it for most samples, and double precision for the others:
see `WrongShares` and `RightShares`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.arithmetic import with_math
from nnsweep.nn.forward import forward
from nnsweep.nn.metrics import ANY, METRICS, TRAIN, VALIDATION, part_of, plain_name
from nnsweep.nn.network import Array, Dataset, Layer, Network, Samples, Spans
from nnsweep.nn.right_shares import RightShares
from nnsweep.nn.wrong_shares import WrongShares
from nnsweep.targets import format_values, target_kind

Mask = NDArray[np.bool_]

Evaluator = Callable[[Sequence[Layer]], Array]
"""From a group's weights (G, O, I) and biases (G, O), layer by layer, to its metrics (M, G)."""

COUNTERS = WrongShares, RightShares
"""Ways to measure without the outputs of all samples in double precision, with the same result."""


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
    counter = next((each for each in COUNTERS if each.fits(network, plain)), None)
    fits = [counter is not None and target_kind(targets) == counter.targets for _, (_, targets) in spans]
    counted = [span for span, fit in zip(spans, fits, strict=True) if fit]
    others = [span for span, fit in zip(spans, fits, strict=True) if not fit]
    count = counter(network, counted) if counter and counted else None

    def measure(parameters: Sequence[Layer]) -> dict[str, Array]:
        values = np.empty((len(plain), len(parameters[0][0])))
        if count:
            found = count(parameters)
            for span, _ in counted:
                values[:, span] = [found[name][span] for name in plain]
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
    z, y = forward(network, parameters, inputs)
    values = np.full((len(names), len(y)), np.nan)
    for row, name in zip(values, names, strict=True):
        metric = with_math(METRICS[name], network.arithmetic)
        if metric.defined(targets):
            row[:] = metric.value(z, y, targets, network.loss)
    return values
