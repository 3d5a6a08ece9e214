"""What is trained: a network's architecture, one training's ingredients, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Layer = tuple[Array, Array]
"""Weights (O, I) and biases (O,) of one layer; with a leading axis G for a group of networks."""


@dataclass(frozen=True)
class Network:
    """A fully connected network: `widths` from inputs to outputs, names from ACTIVATIONS, OUTPUTS and LOSSES."""

    widths: tuple[int, ...]
    activation: str = "relu"
    output: str = "step"
    loss: str = "straight_through"

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """Each layer's (outputs, inputs)."""
        return tuple(zip(self.widths[1:], self.widths[:-1], strict=True))

    @cached_property
    def size(self) -> int:
        """Count the weights and biases."""
        return sum(outputs * (inputs + 1) for outputs, inputs in self.shapes)


@dataclass(frozen=True, eq=False)
class Dataset:
    """One split of one data set: inputs (N, I) and targets (N, O), float64, in the order of training."""

    train_inputs: Array
    train_targets: Array
    test_inputs: Array
    test_targets: Array

    @classmethod
    def split(cls, inputs: ArrayLike, targets: ArrayLike, order: ArrayLike, n_train: int) -> Dataset:
        """Take rows `order` (indices): the first `n_train` train, in that order; the others test.

        `inputs` is (N, I), `targets` (N,) or (N, O).
        """
        inputs, order = np.asarray(inputs, dtype=np.float64), np.asarray(order)
        targets = np.asarray(targets, dtype=np.float64).reshape(len(inputs), -1)
        train, test = order[:n_train], order[n_train:]
        return cls(inputs[train], targets[train], inputs[test], targets[test])


@dataclass(frozen=True, eq=False)
class Training:
    """One training to run: a network, its initial parameters (a `Layer` each), its data and its rate."""

    network: Network
    parameters: tuple[Layer, ...]
    dataset: Dataset
    learning_rate: float


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training gave.

    `history` has one float64 array (epochs,) per metric, and `parameters` are those after the last epoch.
    `diverged_at` is the first epoch, counted from 1, after which a parameter or a metric was not finite, or None.
    From there on the history is NaN.
    """

    history: Mapping[str, Array]
    parameters: tuple[Layer, ...]
    diverged_at: int | None = None
