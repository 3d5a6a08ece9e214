"""Measure networks of one shape: each metric of each network over its test samples, or over those that train.

Where only a class is asked for, single precision decides it for most samples, and double precision for the others:
see `WrongShares` and `RightShares`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.arithmetic import with_math
from nnsweep.nn.forward import forward
from nnsweep.nn.metrics import ANY, METRICS, TRAIN, VALIDATION, part_of, plain_name
from nnsweep.nn.network import Array, Dataset, Layer, Network, Samples, Spans
from nnsweep.nn.right_shares import RightShares
from nnsweep.nn.wrong_shares import WrongShares
from nnsweep.targets import TargetKind, format_values, target_kind

Mask = NDArray[np.bool_]

Each = TypeVar("Each")

Evaluator = Callable[[Sequence[Layer]], Array]
"""From a group's weights (G, O, I) and biases (G, O), layer by layer, to its metrics (M, G)."""

Part = Callable[[Sequence[Layer]], Mapping[str, Array]]
"""From the same to some of the metrics, (G,) each."""


def evaluator(
    network: Network,
    spans: Sequence[tuple[slice, Dataset]],
    metrics: Sequence[str],
    counter: type[WrongShares] = WrongShares,
) -> Evaluator:
    """Prepare the measurement of a group of networks, which is repeated while they learn.

    Each span of neighbouring networks is measured on one data set. A metric that the samples leave undefined is NaN.
    `counter` counts wrong shares of networks that fit it.

    Raises:
        ValueError: a metric has no meaning for the targets.
    """
    parts: list[Part] = []
    shares: dict[str, list[Samples]] = {}
    for prefix in ("", TRAIN, VALIDATION):
        names = [name for name in metrics if part_of(name) == prefix]
        if not names:
            continue
        samples = [_samples(data, prefix) for _, data in spans]
        _check([plain_name(name) for name in names], samples)
        if RightShares.fits(network, [plain_name(name) for name in names]) and _are(RightShares.targets, samples):
            shares[names[0]] = samples
        else:
            parts.append(_part(network, _spans(spans, samples), names, counter))
    if shares:
        count = RightShares(network, _spans(spans, [*zip(*shares.values(), strict=True)]))
        parts.append(lambda parameters: dict(zip(shares, count(parameters), strict=True)))

    def measure(parameters: Sequence[Layer]) -> Array:
        values = {name: value for part in parts for name, value in part(parameters).items()}
        return np.array([values[name] for name in metrics])

    return measure


def finite_values(
    values: Array, parameters: Sequence[Layer], defined: NDArray[np.bool_] | None = None
) -> tuple[Array, NDArray[np.bool_]]:
    """Replace the metrics (M, G) of networks that are not finite by NaN, and tell which are finite, (G,).

    A metric that is not `defined`, (M, G), may be NaN.
    """
    finite = (np.isfinite(values) if defined is None else np.isfinite(values) | ~defined).all(axis=0)
    for array in (array for layer in parameters for array in layer):
        finite &= np.isfinite(array).reshape(len(array), -1).all(axis=1)
    return np.where(finite, values, np.nan), np.asarray(finite)


def _spans(spans: Sequence[tuple[slice, Dataset]], samples: Sequence[Each]) -> list[tuple[slice, Each]]:
    """Put the samples of each span in the place of its data set."""
    return [(span, each) for (span, _), each in zip(spans, samples, strict=True)]


def _are(kind: TargetKind, samples: Sequence[Samples]) -> bool:
    return all(target_kind(targets) == kind for _, targets in samples)


def defined(spans: Sequence[tuple[slice, Dataset]], metrics: Sequence[str]) -> Mask:
    """Tell which metrics each span's samples leave defined, whatever the outputs are: (M, spans)."""
    pairs = [(part_of(name), METRICS[plain_name(name)]) for name in metrics]
    return np.array([[each.defined(_samples(data, part)[1]) for _, data in spans] for part, each in pairs])


def _samples(data: Dataset, prefix: str) -> Samples:
    if prefix == VALIDATION:
        assert data.validation is not None, "only data sets with validation samples are measured on them"
        return data.validation
    return (data.train_inputs, data.train_targets) if prefix else (data.test_inputs, data.test_targets)


def _part(network: Network, spans: Spans, names: Sequence[str], counter: type[WrongShares]) -> Part:
    """Prepare the metrics `names`, all of the same samples, (G,) each."""
    plain = [plain_name(name) for name in names]
    counter = counter if counter.fits(network, plain) else WrongShares
    counts = counter.fits(network, plain)
    counted = [each for each in spans if counts and _are(WrongShares.targets, [each[1]])]
    others = [each for each in spans if not (counts and _are(WrongShares.targets, [each[1]]))]
    count = counter(network, counted) if counted else None

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


def _check(names: Sequence[str], samples: Sequence[Samples]) -> None:
    if all(METRICS[name].targets == ANY for name in names):
        return
    for _, targets in samples:
        kind = target_kind(targets)
        for name in names:
            if kind not in METRICS[name].targets:
                raise ValueError(
                    f"metric {name!r} has no meaning for targets that are {kind}: {format_values(targets)}"
                )


def _computed(network: Network, samples: Samples, names: Sequence[str], parameters: Sequence[Layer]) -> Array:
    inputs, targets = samples
    z, y = forward(network, parameters, inputs)
    values = np.full((len(names), len(y)), np.nan)
    for row, name in zip(values, names, strict=True):
        metric = with_math(METRICS[name], network.arithmetic)
        if metric.defined(targets):
            row[:] = metric.value(z, y, targets, network.loss)
    return values
