"""Memory layouts: what a stack of networks offers to training, and which layout a network gets."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.activations import OUTPUTS
from nnsweep.nn.batches import Indices, batch_of, sample_weights
from nnsweep.nn.engine.matrices import Matrices
from nnsweep.nn.engine.program import Call
from nnsweep.nn.engine.rows import Rows
from nnsweep.nn.network import Array, Dataset, Layer, Method, Network, Training

ROWS_UP_TO = 128
"""Parameters times samples of a batch, beyond which `np.matmul` for each trial costs less than a call for each row.

So it is for some hundred trials; for fifty the bound would be lower, for thousands higher."""


class StackLayer(Protocol):
    """One layer of a stack in some memory layout; see `RowsLayer` and `MatricesLayer`."""

    z: Array
    a: Array
    slope: Array
    delta: Array

    def affine(self) -> list[Call]: ...
    def drop(self) -> list[Call]: ...
    def scale_delta(self, factors: Array) -> list[Call]: ...
    def propagate(self, below: Any) -> list[Call]: ...
    def through_norm(self) -> list[Call]: ...
    def gradients(self) -> list[Call]: ...
    def learnt(self) -> list[tuple[Array, Array]]: ...
    def moved(self) -> list[Call]: ...
    def changed(self, before: Sequence[Array]) -> NDArray[np.bool_]: ...
    def load(self, span: slice, parameters: Layer) -> None: ...
    def read(self, span: slice, shape: tuple[int, int]) -> Layer: ...


class Stack(Protocol):
    """Networks that learn together in some memory layout; see `Rows` and `Matrices`.

    `weights` are how much each sample of the batch counts, None if all count alike. `per_trial` is the shape in which
    one number per trial broadcasts against parameters.
    """

    targets: Array
    factors: Array
    weights: Array | None
    per_trial: tuple[int, ...]

    @property
    def layers(self) -> Sequence[StackLayer]: ...
    def weigh(self, factors: Array, samples: int) -> None: ...
    def steps(self, order: Indices | None) -> Iterator[None]: ...
    def by_trial(self, parameters: Array) -> Array: ...
    def of_samples(self, outputs: Array) -> Array: ...


def fits_rows(network: Network, batch: int) -> bool:
    """Whether networks like this train as rows; never said by the size of a stack, because the layouts' bits differ.

    Rows are elementwise: they have nothing that mixes units or samples.
    """
    mixes = network.batch_norm or network.dropout or not OUTPUTS[network.output].elementwise
    return network.size * batch <= ROWS_UP_TO and not mixes


def stack_key(network: Network, method: Method, samples: int) -> Hashable:
    """Return a key that is equal for trainings that may share a stack; `samples` train.

    Among rows, one hidden layer may have any width: plain gradient descent acts on rows of any length.
    """
    batch = batch_of(method, samples)
    ragged = len(network.widths) == 3 and batch == 1 and method.optimizer == "sgd" and fits_rows(network, batch)
    widths = (network.widths[0], 0, network.widths[2]) if ragged else network.widths
    kind = (network.activation, network.output, network.loss, network.bias, network.batch_norm, network.dropout)
    return widths, kind, method, samples


def lay_out(
    trainings: Sequence[Training], datasets: Sequence[Dataset], dataset_of: NDArray[np.intp], method: Method
) -> Stack:
    """Lay out trainings of equal `stack_key`, ordered by falling width; training k has `datasets[dataset_of[k]]`."""
    batch = batch_of(method, len(datasets[0].train_inputs))
    layout = Rows if fits_rows(trainings[0].network, batch) else Matrices
    return layout(trainings, datasets, dataset_of, batch, sample_weights(method, datasets))
