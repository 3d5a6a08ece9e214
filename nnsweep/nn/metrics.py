"""Metrics, by name: from what a group of networks says of N samples to one number for each network, (G,).

z (G, N, O) are the preactivations of the last layer, y (G, N, O) its outputs, and t (N, O) the targets.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnsweep.nn.losses import LOSSES
from nnsweep.nn.network import Array

Metric = Callable[[Array, Array, Array, str], Array]
"""The last argument names the loss of training."""


def error(z: Array, y: Array, t: Array, loss: str) -> Array:
    """Mean of |y − t| over samples and outputs."""
    return _mean(np.abs(y - t))


def mean_squared_error(z: Array, y: Array, t: Array, loss: str) -> Array:
    """Mean of (y − t)² over samples and outputs."""
    return _mean(np.square(y - t))


def mean_loss(z: Array, y: Array, t: Array, loss: str) -> Array:
    """Mean over samples of the loss, which is summed over outputs."""
    return _mean(LOSSES[loss].value(z, y, t)) * t.shape[1]


def accuracy(z: Array, y: Array, t: Array, loss: str) -> Array:
    """Share of samples whose class is right: the largest output, or for one output whether it is above ½."""
    right = (y > 0.5)[..., 0] == (t > 0.5)[:, 0] if t.shape[1] == 1 else y.argmax(axis=-1) == t.argmax(axis=-1)
    finite = np.isfinite(y).all(axis=(1, 2))
    return np.where(finite, _mean(right.astype(np.float64)), np.nan)


def _mean(values: Array) -> Array:
    # Over one axis that is contiguous: each network's sum then has an order of its own, whatever the group.
    return values.reshape(len(values), -1).mean(axis=1)


METRICS: dict[str, Metric] = {
    "error": error,
    "accuracy": accuracy,
    "loss": mean_loss,
    "mean_squared_error": mean_squared_error,
}
"""Each is measured on the test samples, and under the name `train_…` on those that train."""

TRAIN = "train_"
