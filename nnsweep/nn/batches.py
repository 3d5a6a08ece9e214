"""Batches: which samples each step learns from, in which order, and how much each of them counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.network import Array, Dataset, Method, Training
from nnsweep.nn.streams import BATCHES, stream

Indices = NDArray[np.intp]


def reshuffled(random: np.random.Generator, samples: int) -> Indices:
    """Every sample once, in a new order each epoch."""
    return random.permutation(samples)


def with_replacement(random: np.random.Generator, samples: int) -> Indices:
    """Samples drawn independently: in one epoch some come several times, others not at all."""
    return random.integers(samples, size=samples)


ORDERS: dict[str, Callable[[np.random.Generator, int], Indices] | None] = {
    "fixed": None,
    "reshuffled": reshuffled,
    "with_replacement": with_replacement,
}
"""The order of samples in an epoch, (N,) indices; "fixed" is that of the data, in every epoch."""


def mean(samples: int, inputs: int) -> float:
    """Divide by the number of samples."""
    return 1 / samples


def total(samples: int, inputs: int) -> float:
    """Divide by nothing."""
    return 1.0


def mean_over_inputs(samples: int, inputs: int) -> float:
    """Divide by the number of the network's inputs: a mistake, where the number of samples is meant."""
    return 1 / inputs


REDUCTIONS: dict[str, Callable[[int, int], float]] = {"mean": mean, "sum": total, "mean_over_inputs": mean_over_inputs}
"""What the gradients of a batch's samples are multiplied by before they are added up."""


def balanced(targets: Array) -> Array:
    """n / (k · count of the sample's class) for each of n samples of k classes, (N,): on average 1."""
    rows, places, counts = np.unique(targets, axis=0, return_inverse=True, return_counts=True)
    return (len(targets) / (len(rows) * counts))[places.reshape(-1)]


CLASS_WEIGHTS: dict[str, Callable[[Array], Array] | None] = {"none": None, "balanced": balanced}
"""What a sample's gradient is multiplied by, from the targets (N, O) of the samples that train."""


def sample_weights(method: Method, datasets: Sequence[Dataset]) -> list[Array] | None:
    """Weigh the training samples of each data set, (N,) each; None if all count alike."""
    weigh = CLASS_WEIGHTS[method.class_weight]
    return None if weigh is None else [weigh(data.train_targets) for data in datasets]


def batch_of(method: Method, samples: int) -> int:
    """Samples in a batch, at most all of them."""
    return min(method.batch_size or samples, samples)


def orders(method: Method, trainings: Sequence[Training], length: int) -> Iterator[Indices | None]:
    """Give, epoch after epoch, every training's order of samples, (T, length), or None for that of the data.

    `length` is the number of samples made up to whole batches; sample 0 fills the last one, and counts for nothing.
    """
    draw = ORDERS[method.order]
    samples = len(trainings[0].dataset.train_inputs)
    found = np.zeros((len(trainings), length), dtype=np.intp)
    randoms = [stream(training.seed, BATCHES) for training in trainings] if draw else []
    while True:
        for row, random in zip(found, randoms, strict=False):
            assert draw is not None
            row[:samples] = draw(random, samples)
        yield found if draw else None
