"""Measure networks inside a kernel: after some of its steps, each metric of each trial, as `evaluate` computes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nnsweep.nn.engine.compiled.translate import EXPRESSIONS
from nnsweep.nn.metrics import CLASSES, TRAIN, VALIDATION, part_of, plain_name
from nnsweep.nn.network import Array, Dataset, Network, Samples
from nnsweep.nn.wrong_shares import WrongShares
from nnsweep.targets import target_kind

ACCURACY = "accuracy"
ABSOLUTE, SQUARE = "abs({y} - {t})", "({y} - {t}) * ({y} - {t})"
TERMS: Mapping[str, str] = {"error": ABSOLUTE, "mean_absolute_error": ABSOLUTE, "mean_squared_error": SQUARE}
"""What each metric is the mean of, over samples and outputs. `loss` has the loss of training."""
LOSS_TERMS: Mapping[tuple[str, str], str] = {
    ("straight_through", "native"): ABSOLUTE,
    ("straight_through", "portable"): ABSOLUTE,
    ("squared_error", "native"): f"0.5 * ({SQUARE})",
    ("squared_error", "portable"): f"0.5 * ({SQUARE})",
    ("binary_cross_entropy", "portable"): "(log1p(exp(-abs({z}))) + relu({z})) - {t} * {z}",
}
"""The value of each loss and arithmetic; NumPy's own exp and log are left to NumPy."""

MEASURED_UP_TO = 64
"""Parameters of the largest network that kernels measure; for a larger one the compiler takes too long."""


class MeasuredPart(NamedTuple):
    """The metrics of some samples, by their plain names.

    They are `counted` if all are shares of samples on the right side of a threshold, which `WrongShares` counts.
    """

    prefix: str
    names: tuple[str, ...]
    samples: int
    counted: bool


@dataclass(frozen=True)
class Measurement:
    """What is measured of networks of one shape."""

    network: Network
    metrics: tuple[str, ...]
    parts: tuple[MeasuredPart, ...]

    @property
    def rows(self) -> int:
        """Count the numbers of a sample: its inputs, its targets and its class."""
        return self.network.widths[0] + self.network.widths[-1] + 1


def measurement_of(network: Network, metrics: Sequence[str], datasets: Sequence[Dataset]) -> Measurement | None:
    """Describe what is measured; None if kernels cannot measure that."""
    if not metrics or network.size > MEASURED_UP_TO:
        return None
    functions = network.hidden_activation.function, network.output_activation.function
    known = all(function in EXPRESSIONS for function in functions)
    if not known or not all(_is_known(network, plain_name(name)) for name in metrics):
        return None
    if any(data.units is not None for data in datasets):
        return None
    parts: list[MeasuredPart] = []
    for prefix in ("", TRAIN, VALIDATION):
        names = tuple(plain_name(name) for name in metrics if part_of(name) == prefix)
        if not names:
            continue
        samples = [samples_of(data, prefix) for data in datasets]
        counts, may_count = {len(targets) for _, targets in samples}, WrongShares.fits(network, names)
        kinds = {target_kind(targets) for _, targets in samples} if may_count or ACCURACY in names else set()
        if len(counts) > 1 or len(kinds) > 1 or 0 in counts or not kinds <= {*CLASSES}:
            return None
        parts.append(MeasuredPart(prefix, names, counts.pop(), may_count and kinds == {WrongShares.targets}))
    return Measurement(network, tuple(metrics), tuple(parts))


def _is_known(network: Network, name: str) -> bool:
    return name in TERMS or name == ACCURACY or (name == "loss" and (network.loss, network.math) in LOSS_TERMS)


def samples_of(data: Dataset, prefix: str) -> Samples:
    """Give the samples that metrics with this prefix are measured on."""
    if prefix == VALIDATION:
        assert data.validation is not None, "only data sets with validation samples are measured on them"
        return data.validation
    return (data.train_inputs, data.train_targets) if prefix else (data.test_inputs, data.test_targets)


def arranged(measurement: Measurement, datasets: Sequence[Dataset]) -> Array:
    """Arrange the samples of all parts one after the other, (datasets, rows, samples)."""
    found = np.empty((len(datasets), measurement.rows, sum(part.samples for part in measurement.parts)))
    for rows, data in zip(found, datasets, strict=True):
        start = 0
        for part in measurement.parts:
            inputs, targets = samples_of(data, part.prefix)
            classes = targets > 0.5 if targets.shape[1] == 1 else targets.argmax(axis=1)[:, None]
            rows[:, start : start + part.samples] = np.hstack([inputs, targets, classes]).T
            start += part.samples
    return found
