"""Metrics, by name: from the outputs of a group of networks for N samples to one number for each network, (G,).

z (G, N, O) are the preactivations of the last layer, y (G, N, O) its outputs, and t (N, O) the targets. A metric is a
function of these alone. Those that scikit-learn has under the same name are equal to scikit-learn's.

Of one output, the class is 1 if the output is above ½, and 0 if not; of several, it is the first of the largest. Of
two classes, class 1 is the positive one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.arithmetic import NATIVE, PORTABLE, Arithmetic, Function, with_math
from nnsweep.nn.losses import LOSSES
from nnsweep.nn.network import Array
from nnsweep.targets import TargetKind

Counts = NDArray[np.intp]

CLASSES: tuple[TargetKind, ...] = ("binary", "one_hot")
ANY: tuple[TargetKind, ...] = (*CLASSES, "multilabel", "amounts")


def _always(t: Array) -> bool:
    return True


@dataclass(frozen=True)
class Metric:
    """`value(z, y, t, loss)` for each network, where `loss` names the loss of training.

    `targets` are the kinds of targets for which it has a meaning. With `probabilities` the outputs must be those of
    the classes; with `higher` more is better. `defined(t)` is false for samples for which it has no value,
    whatever the outputs are: the metric is then missing, and the trial is none the worse. `portable` has what takes the
    place of a `value` that is not exact.
    """

    value: Callable[[Array, Array, Array, str], Array]
    targets: tuple[TargetKind, ...] = ANY
    probabilities: bool = False
    higher: bool = False
    defined: Callable[[Array], bool] = _always
    portable: Mapping[str, Function] = field(default_factory=dict)


def error(z: Array, y: Array, t: Array, loss: str) -> Array:
    """Mean of |y − t| over samples and outputs."""
    return _mean(np.abs(y - t))


def mean_absolute_error(z: Array, y: Array, t: Array, loss: str) -> Array:
    """Mean of |y − t| over samples and outputs: `error` under scikit-learn's name."""
    return _mean(np.abs(y - t))


def mean_squared_error(z: Array, y: Array, t: Array, loss: str) -> Array:
    """Mean of (y − t)² over samples and outputs."""
    return _mean(np.square(y - t))


def r2(z: Array, y: Array, t: Array, loss: str) -> Array:
    """1 − Σ (y − t)² / Σ (t − mean t)², the mean over outputs. Missing for a single sample.

    Of constant targets it is 1 if they are met and 0 if not, as in scikit-learn's `r2_score`.
    """
    left, constant = _sums(np.square(y - t)), np.ptp(t, axis=0) == 0
    spread = np.where(constant, 1.0, _sums(np.square(t - t.mean(axis=0))[None]))
    return _finite(y, _mean(np.where(constant, left == 0, 1 - left / spread)))


def mean_loss(z: Array, y: Array, t: Array, loss: str, math: Arithmetic = NATIVE) -> Array:
    """Mean over samples of the loss, which is summed over outputs."""
    return _mean(with_math(LOSSES[loss], math).value(z, y, t)) * t.shape[1]


def log_loss(z: Array, y: Array, t: Array, loss: str, math: Arithmetic = NATIVE) -> Array:
    """Mean of −log p, where p is the output for the right class, kept 2.2·10⁻¹⁶ away from 0 and 1."""
    right = _classes(t)
    likely = np.where(right, y[..., 0], 1 - y[..., 0]) if t.shape[1] == 1 else y[:, np.arange(len(t)), right]
    smallest = np.finfo(np.float64).eps
    return _finite(y, _mean(-math.log(np.clip(likely, smallest, 1 - smallest))))


def accuracy(z: Array, y: Array, t: Array, loss: str) -> Array:
    """Share of samples whose class is right: the largest output, or for one output whether it is above ½."""
    return _finite(y, _mean((_classes(y) == _classes(t)).astype(np.float64)))


def balanced_accuracy(z: Array, y: Array, t: Array, loss: str) -> Array:
    """Mean over classes of the share of their samples that are right; classes without samples do not count."""
    right, _, true = _counts(y, t)
    there = true > 0
    return _finite(y, _mean(right[:, there] / true[there]))


def precision(z: Array, y: Array, t: Array, loss: str) -> Array:
    """Share of the samples predicted positive that are positive; 0 if none is predicted.

    Of three and more classes it is the mean over the classes that occur among targets or predictions.
    """
    right, predicted, true = _counts(y, t)
    return _finite(y, _macro(right, predicted, predicted + true))


def recall(z: Array, y: Array, t: Array, loss: str) -> Array:
    """Share of the positive samples that are predicted positive; 0 if there is none.

    Of three and more classes it is the mean over the classes that occur among targets or predictions.
    """
    right, predicted, true = _counts(y, t)
    return _finite(y, _macro(right, np.broadcast_to(true, predicted.shape), predicted + true))


def f1(z: Array, y: Array, t: Array, loss: str) -> Array:
    """Harmonic mean of precision and recall; 0 if both are.

    Of three and more classes it is the mean over the classes that occur among targets or predictions.
    """
    right, predicted, true = _counts(y, t)
    return _finite(y, _macro(2 * right, predicted + true, predicted + true))


def roc_auc(z: Array, y: Array, t: Array, loss: str) -> Array:
    """Share of pairs of a positive and a negative sample in which the positive one has the higher output.

    Equal outputs count as half a pair. Of three and more classes it is the mean over classes, each against the rest.
    Missing where a class has no sample.
    """
    columns = [0] if t.shape[1] == 1 else [1] if t.shape[1] == 2 else range(t.shape[1])
    areas = [[_area(each[:, column], t[:, column] == 1) for column in columns] for each in y]
    return _finite(y, _mean(np.array(areas)))


def _area(scores: Array, positive: NDArray[np.bool_]) -> float:
    """Count, for each positive sample, the others with a lower score, and half of those with the same."""
    others, ones = np.sort(scores[~positive]), scores[positive]
    twice = np.searchsorted(others, ones, "left").sum() + np.searchsorted(others, ones, "right").sum()
    return float(twice / (2 * len(others) * len(ones)))


def _mean(values: Array) -> Array:
    # Over one axis that is contiguous: each network's sum then has an order of its own, whatever the group.
    return np.ascontiguousarray(values).reshape(len(values), -1).mean(axis=1)


def _sums(values: Array) -> Array:
    """Sum over the samples of (G, N, O), in an order that does not depend on the group."""
    return np.ascontiguousarray(values.swapaxes(1, 2)).sum(axis=2)


def _finite(y: Array, values: Array) -> Array:
    """Give NaN for networks whose outputs are not all finite: they name no class."""
    return np.where(np.isfinite(y).all(axis=(1, 2)), values, np.nan)


def _classes(values: Array) -> Counts:
    """Give the class of outputs or targets (…, O)."""
    return (values[..., 0] > 0.5).astype(np.intp) if values.shape[-1] == 1 else values.argmax(axis=-1)


def _counts(y: Array, t: Array) -> tuple[Counts, Counts, Counts]:
    """Count each class's samples: predicted rightly (G, C), predicted (G, C), and true (C,)."""
    count = max(t.shape[1], 2)
    true, first = _classes(t), count * np.arange(len(y))[:, None]
    predicted = first + _classes(y)
    hits = predicted[predicted == first + true]
    right, told = (np.bincount(cells.ravel(), minlength=count * len(y)) for cells in (hits, predicted))
    return right.reshape(-1, count), told.reshape(-1, count), np.bincount(true, minlength=count)


def _macro(part: Counts, whole: Counts, occurs: Counts) -> Array:
    """Divide counts (G, C): of two classes for the positive one, of more the mean over those that occur."""
    shares = part / np.where(whole > 0, whole, 1)
    return shares[:, 1] if shares.shape[1] == 2 else shares.sum(axis=1) / np.count_nonzero(occurs, axis=1)


def _has_every_class(t: Array) -> bool:
    return len(np.unique(_classes(t))) == max(t.shape[1], 2)


def _has_two_samples(t: Array) -> bool:
    return len(t) > 1


METRICS: dict[str, Metric] = {
    "error": Metric(error),
    "accuracy": Metric(accuracy, CLASSES, higher=True),
    "loss": Metric(mean_loss, portable={"value": partial(mean_loss, math=PORTABLE)}),
    "mean_squared_error": Metric(mean_squared_error),
    "mean_absolute_error": Metric(mean_absolute_error),
    "r2": Metric(r2, higher=True, defined=_has_two_samples),
    "balanced_accuracy": Metric(balanced_accuracy, CLASSES, higher=True),
    "precision": Metric(precision, CLASSES, higher=True),
    "recall": Metric(recall, CLASSES, higher=True),
    "f1": Metric(f1, CLASSES, higher=True),
    "roc_auc": Metric(roc_auc, CLASSES, higher=True, defined=_has_every_class),
    "log_loss": Metric(log_loss, CLASSES, probabilities=True, portable={"value": partial(log_loss, math=PORTABLE)}),
}
"""Each is measured on the test samples; as `train_…` and `validation_…` on the others. A new metric is one entry."""

TRAIN, VALIDATION = "train_", "validation_"

PARTS = "train", "training", "validation", "valid", "val", "dev", "eval", "test"
"""Prefixes by which other programs tell what a metric is measured on."""


def part_of(metric: str) -> str:
    """Tell from a metric's name what it is measured on: TRAIN, VALIDATION, or "" for the test samples."""
    return next((part for part in (TRAIN, VALIDATION) if metric.startswith(part)), "")


def plain_name(metric: str) -> str:
    """Take from a metric's name what it is measured on."""
    return metric.removeprefix(part_of(metric))


def higher_is_better(name: str) -> bool:
    """Tell by its name whether more of a metric is better; names of other programs work too: `val_f1`, `test/accuracy`.

    Of a metric that METRICS does not have, less is better.

    >>> [higher_is_better(name) for name in ("train_accuracy", "val/f1", "test_r2_score", "loss", "regret")]
    [True, True, True, False, False]
    """
    plain = re.sub(rf"^({'|'.join(PARTS)})[_/.-]", "", name).removesuffix("_score")
    return plain in METRICS and METRICS[plain].higher
