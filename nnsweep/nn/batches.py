"""Batches: which samples each step learns from, in which order, and how much each of them counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.network import Array, Dataset, Method, Training
from nnsweep.nn.streams import BATCHES, stream

Indices = NDArray[np.intp]


def reshuffled(random: np.random.Generator, samples: int) -> Indices:
    """Take every sample once, in a new order each epoch."""
    return random.permutation(samples)


def with_replacement(random: np.random.Generator, samples: int) -> Indices:
    """Draw samples independently: in one epoch some come several times, others not at all."""
    return random.integers(samples, size=samples)


ORDERS: dict[str, Callable[[np.random.Generator, int], Indices] | None] = {
    "fixed": None,
    "reshuffled": reshuffled,
    "with_replacement": with_replacement,
}
"""The order of samples in an epoch, (N,) indices. "fixed" is the order of the data, in every epoch."""


def mean(samples: int, inputs: int) -> float:
    """Divide by the number of samples."""
    return 1 / samples


def total(samples: int, inputs: int) -> float:
    """Divide by nothing."""
    return 1.0


def mean_over_inputs(samples: int, inputs: int) -> float:
    """Divide by the number of the network's inputs: a mistake, if the number of samples is meant."""
    return 1 / inputs


REDUCTIONS: dict[str, Callable[[int, int], float]] = {"mean": mean, "sum": total, "mean_over_inputs": mean_over_inputs}
"""The factor of each sample's gradient in a batch, before the gradients are added up."""


def balanced(targets: Array) -> Array:
    """n / (k · count of the sample's class) for each of n samples of k classes, (N,): on average 1."""
    rows, places, counts = np.unique(targets, axis=0, return_inverse=True, return_counts=True)
    return (len(targets) / (len(rows) * counts))[places.reshape(-1)]


CLASS_WEIGHTS: dict[str, Callable[[Array], Array] | None] = {"none": None, "balanced": balanced}
"""The factor of each sample's gradient, from the targets (N, O) of the training samples."""


def sample_weights(method: Method, datasets: Sequence[Dataset]) -> list[Array] | None:
    """Weigh the training samples of each data set, (N,) each; None if all count alike."""
    weigh = CLASS_WEIGHTS[method.class_weight]
    return None if weigh is None else [weigh(data.train_targets) for data in datasets]


def batch_of(method: Method, samples: int) -> int:
    """Count the samples in a batch, at most all of them."""
    return min(method.batch_size or samples, samples)


class Orders:
    """The order of samples in each epoch, of every training of a stack.

    `length` is the number of samples, filled up to whole batches with sample 0, which then counts for nothing.
    """

    def __init__(self, method: Method, trainings: Sequence[Training], length: int) -> None:
        self._draw = ORDERS[method.order]
        self._samples = len(trainings[0].dataset.train_inputs)
        self._found = np.zeros((len(trainings), length), dtype=np.intp)
        self.generators = [stream(training.seed, BATCHES) for training in trainings] if self._draw else []

    def next_epoch(self) -> Indices | None:
        """Give the order for every training, (T, length), valid until the next call; None is the order of the data."""
        if self._draw is None:
            return None
        for row, random in zip(self._found, self.generators, strict=True):
            row[: self._samples] = self._draw(random, self._samples)
        return self._found
