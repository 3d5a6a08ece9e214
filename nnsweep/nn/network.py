"""What is trained: a network's architecture, one training's ingredients, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnsweep.nn.activations import ACTIVATIONS, OUTPUTS, Activation
from nnsweep.nn.arithmetic import ARITHMETIC, Arithmetic, with_math
from nnsweep.nn.losses import LOSSES, Loss

Array = NDArray[np.float64]
Layer = tuple[Array, Array]
"""Weights (O, I) and biases (O,) of one layer; with a leading axis G for a group of networks."""
Samples = tuple[Array, Array]
"""Inputs (N, I) and targets (N, O)."""
Spans = Sequence[tuple[slice, Samples]]
"""Neighbouring networks of a group, and the samples that they are measured on."""


@dataclass(frozen=True)
class Network:
    """A fully connected network: `widths` from inputs to outputs, names from ACTIVATIONS, OUTPUTS and LOSSES.

    Without `bias` its layers have weights only. `batch_norm` normalises the preactivations of hidden layers over each
    batch; `dropout` leaves out hidden units at random while the network learns. `math` is from ARITHMETIC.
    """

    widths: tuple[int, ...]
    activation: str = "relu"
    output: str = "step"
    loss: str = "straight_through"
    bias: bool = True
    batch_norm: bool = False
    dropout: bool = False
    math: str = "native"

    @property
    def arithmetic(self) -> Arithmetic:
        """The functions that the network is computed with."""
        return ARITHMETIC[self.math]

    @property
    def hidden_activation(self) -> Activation:
        """What hidden layers apply."""
        return with_math(ACTIVATIONS[self.activation], self.arithmetic)

    @property
    def output_activation(self) -> Activation:
        """What the last layer applies."""
        return with_math(OUTPUTS[self.output], self.arithmetic)

    @property
    def training_loss(self) -> Loss:
        """What training lowers."""
        return with_math(LOSSES[self.loss], self.arithmetic)

    @property
    def portable_widths(self) -> list[int]:
        """The widths of the layers whose activation is not NumPy's own, but a portable one."""
        last = len(self.widths) - 1
        names = [self.activation if level < last else self.output for level in range(1, last + 1)]
        chosen = [width for width, name in zip(self.widths[1:], names, strict=True) if OUTPUTS[name].portable]
        return chosen if self.math == "portable" else []

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """Each layer's (outputs, inputs)."""
        return tuple(zip(self.widths[1:], self.widths[:-1], strict=True))

    @cached_property
    def size(self) -> int:
        """Count the weights and biases."""
        return sum(outputs * (inputs + self.bias) for outputs, inputs in self.shapes)


@dataclass(frozen=True, eq=False)
class Dataset:
    """One split of one data set: inputs (N, I) and targets (N, O), float64, in the order of training.

    `validation` are the inputs and targets of samples that neither train nor test, where there are any. `units` are a
    mean and a deviation of each target (O,), with which training standardises the targets. Metrics, outputs and
    parameters that are read have the units of the data.
    """

    train_inputs: Array
    train_targets: Array
    test_inputs: Array
    test_targets: Array
    validation: tuple[Array, Array] | None = None
    units: tuple[Array, Array] | None = None

    @cached_property
    def learnt_targets(self) -> Array:
        """The training targets, standardised if there are `units`, (N, O)."""
        if self.units is None:
            return self.train_targets
        mean, deviation = self.units
        return (self.train_targets - mean) / deviation

    @classmethod
    def split(cls, inputs: ArrayLike, targets: ArrayLike, order: ArrayLike, n_train: int) -> Dataset:
        """Take rows `order` (indices): the first `n_train` train, in that order; the others test.

        `inputs` is (N, I), `targets` (N,) or (N, O).
        """
        inputs, order = np.asarray(inputs, dtype=np.float64), np.asarray(order)
        targets = np.asarray(targets, dtype=np.float64).reshape(len(inputs), -1)
        train, test = order[:n_train], order[n_train:]
        return cls(inputs[train], targets[train], inputs[test], targets[test])


@dataclass(frozen=True)
class Method:
    """How the trainings of a stack go, the same for all of them; names from OPTIMIZERS, ORDERS and so on.

    `batch_size` 0 takes all samples at once. The last batch of an epoch has what is left.
    """

    optimizer: str = "sgd"
    batch_size: int = 1
    order: str = "fixed"
    reduction: str = "mean"
    update: str = "simultaneous"
    derivative_at: str = "preactivation"
    class_weight: str = "none"


@dataclass(frozen=True, eq=False)
class Training:
    """One training to run: a network, its initial parameters (a `Layer` each), its data and its learning rate.

    `hyperparameters` are those of the optimiser by name; one that is missing has its default. `dropout_rate` is the
    share of hidden units left out, and `seed` draws the order of samples and the units left out, where the method and
    the network ask for that.
    """

    network: Network
    parameters: tuple[Layer, ...]
    dataset: Dataset
    learning_rate: float
    dropout_rate: float = 0.0
    seed: int = 0
    hyperparameters: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training gave.

    `history` has one float64 array per metric, with a value for each of `epochs`, those after which it was measured;
    NaN where a parameter or a metric was not finite, as `finite` tells, (epochs,). A metric that the samples leave
    undefined is absent. `parameters` are those after the last epoch; batch normalisation, whose running statistics are
    fixed then, is worked into them. `diagnostics` has one float64 array per name of DIAGNOSTICS that applies, with a
    value for each of `diagnosed_at`.
    """

    epochs: tuple[int, ...]
    history: Mapping[str, Array]
    finite: NDArray[np.bool_]
    parameters: tuple[Layer, ...]
    diagnosed_at: tuple[int, ...] = ()
    diagnostics: Mapping[str, Array] = field(default_factory=dict)

    @property
    def diverged_at(self) -> int | None:
        """The first epoch measured, counted from 1, after which something was not finite, or None."""
        return None if self.finite.all() else self.epochs[int(self.finite.argmin())]


@dataclass(frozen=True, eq=False)
class TrainingState:
    """Where a training stopped after `epochs` epochs: what it needs to go on as if it had not stopped.

    It holds no data and no initial parameters, which the `Training` has. It can be pickled. `values` are the metrics
    measured so far, (measured, metrics), and `finite` tells whether all was finite, (measured,). `observed` counts the
    steps that were observed for the diagnostics, `changed` those of them that changed a parameter.
    """

    epochs: int
    engine: Mapping[str, Any]
    order: Mapping[str, Any] | None
    measured: tuple[int, ...]
    values: Array
    finite: NDArray[np.bool_]
    diagnosed_at: tuple[int, ...]
    diagnostics: Mapping[str, Array]
    observed: int
    changed: float
