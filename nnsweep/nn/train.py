"""Train a stack of networks by stochastic gradient descent: one logic, whatever the memory layout."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.activations import ACTIVATIONS, OUTPUTS, Activation
from nnsweep.nn.evaluate import evaluator
from nnsweep.nn.losses import LOSSES
from nnsweep.nn.matrices import Matrices
from nnsweep.nn.network import Array, Dataset, Layer, Network, Trained, Training
from nnsweep.nn.program import Call
from nnsweep.nn.rows import Rows

Update = Literal["sequential", "simultaneous"]
UPDATES: tuple[Update, ...] = ("sequential", "simultaneous")

ROWS_UP_TO = 256
"""Parameters of a network, beyond which a call for each of them costs more than `np.matmul` for each trial."""


class StackLayer(Protocol):
    """One layer of a stack in some memory layout; see `RowsLayer` and `MatricesLayer`."""

    z: Array
    a: Array
    slope: Array
    delta: Array

    def affine(self) -> list[Call]: ...
    def scale_delta(self, rates: Array) -> list[Call]: ...
    def propagate(self, below: Any) -> list[Call]: ...
    def descend(self) -> list[Call]: ...
    def load(self, span: slice, parameters: Layer) -> None: ...
    def read(self, span: slice, shape: tuple[int, int]) -> Layer: ...


class Stack(Protocol):
    """Networks that learn together in some memory layout; see `Rows` and `Matrices`."""

    targets: Array

    @property
    def layers(self) -> Sequence[StackLayer]: ...
    def steps(self) -> Iterator[None]: ...


def train(training: Training, epochs: int, update: Update = "simultaneous") -> Trained:
    """Train one network from given initial parameters, on given samples in a given order; see `train_stack`.

    >>> from nnsweep.nn import Dataset, Network, Training
    >>> inputs, targets = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]
    >>> data = Dataset.split(inputs, targets, order=[3, 0, 1, 2, 0, 1, 2, 3], n_train=4)
    >>> weights, biases = np.zeros((1, 2)), np.zeros(1)
    >>> trained = train(Training(Network((2, 1)), ((weights, biases),), data, learning_rate=0.5), epochs=4)
    >>> trained.history["error"].tolist()
    [0.25, 0.25, 0.25, 0.0]
    """
    return train_stack([training], epochs, update)[0]


def train_stack(trainings: Sequence[Training], epochs: int, update: Update = "simultaneous") -> list[Trained]:
    """Train networks together, one sample a step, in the order of their data, for a number of epochs.

    They agree in activation, output, loss, depth and number of training samples, and, if there are several hidden
    layers or many parameters, in all their widths (`shares_stack`). Each result is, bit for bit, what the training
    gives alone.

    `update` is "simultaneous" for the gradient step, all layers from the old weights, or "sequential" where each
    layer's error is carried down through weights that have already moved.
    """
    datasets = list({id(training.dataset): training.dataset for training in trainings}.values())
    places = {id(data): place for place, data in enumerate(datasets)}

    def position(k: int) -> tuple[int, ...]:
        """Sort by falling width, then by data set, so that those measured together are neighbours."""
        return *(-width for width in trainings[k].network.widths), places[id(trainings[k].dataset)]

    order = sorted(range(len(trainings)), key=position)
    dataset_of = np.array([places[id(trainings[k].dataset)] for k in order])
    with np.errstate(all="ignore"):  # what overflows is found by its parameters, after the epoch
        trained = _train_ordered([trainings[k] for k in order], datasets, dataset_of, epochs, update)
    return [result for _, result in sorted(zip(order, trained, strict=True), key=lambda pair: pair[0])]


def shares_stack(widths: tuple[int, ...]) -> tuple[int, ...]:
    """Return a key that is equal for networks whose widths may differ within one stack."""
    if len(widths) == 3 and fits_rows(widths):
        return widths[0], 0, widths[2]
    return widths


@cache
def fits_rows(widths: tuple[int, ...]) -> bool:
    """Whether networks of these widths train as rows; said by the network alone, because the layouts' bits differ."""
    return Network(widths).size <= ROWS_UP_TO


def _train_ordered(
    trainings: Sequence[Training],
    datasets: Sequence[Dataset],
    dataset_of: NDArray[np.intp],
    epochs: int,
    update: Update,
) -> list[Trained]:
    layout = Rows if fits_rows(trainings[0].network.widths) else Matrices
    stack = layout([training.network.widths for training in trainings], datasets, dataset_of)
    groups = [_Group(stack, span, same) for span, same in _runs(trainings, lambda training: training.network.widths)]
    rates = np.array([training.learning_rate for training in trainings])
    calls = _step(stack, trainings[0].network, rates, update)
    for _ in range(epochs):
        for _ in stack.steps():
            for function, operands in calls:
                function(*operands)
        for group in groups:
            group.measure()
    return [trained for group in groups for trained in group.results()]


def _step(stack: Stack, network: Network, rates: Array, update: Update) -> list[Call]:
    """Write down one training step: forward, and back from the output, each layer descending on its way."""
    activation, output, loss = ACTIVATIONS[network.activation], OUTPUTS[network.output], LOSSES[network.loss]
    *hidden, top = stack.layers
    calls: list[Call] = []
    for layer in hidden:
        calls += [*layer.affine(), (activation.function, (layer.z, layer.a))]
    calls += [
        *top.affine(),
        (output.function, (top.z, top.a)),
        (np.subtract, (top.a, stack.targets, top.delta)),
    ]
    if loss.through_output:
        calls += _through(top, output)
    calls += top.scale_delta(rates)
    for below, layer in zip(reversed(hidden), reversed(stack.layers), strict=False):
        propagate = [*layer.propagate(below), *_through(below, activation)]
        calls += [*layer.descend(), *propagate] if update == "sequential" else [*propagate, *layer.descend()]
    return calls + stack.layers[0].descend()


def _through(layer: StackLayer, activation: Activation) -> list[Call]:
    """delta ·= f′(z)."""
    return [
        (activation.derivative, (layer.z, layer.a, layer.slope)),
        (np.multiply, (layer.delta, layer.slope, layer.delta)),
    ]


def _runs(trainings: Sequence[Training], key: Callable[[Training], Hashable]) -> Iterator[tuple[slice, list[Training]]]:
    """Split ordered trainings into neighbours of equal key, and say where these stand."""
    start = 0
    for _, run in groupby(trainings, key):
        members = list(run)
        yield slice(start, start + len(members)), members
        start += len(members)


class _Group:
    """Neighbouring trials of a stack whose networks have one shape: set, measured and read together."""

    def __init__(self, stack: Stack, span: slice, trainings: Sequence[Training]) -> None:
        self._stack, self._span = stack, span
        self._network = trainings[0].network
        self._errors: list[Array] = []
        self._diverged_at = np.zeros(len(trainings), dtype=int)
        runs = _runs(trainings, lambda training: id(training.dataset))
        self._measure = evaluator(self._network, [(within, same[0].dataset) for within, same in runs])
        for layer, same in zip(stack.layers, zip(*(t.parameters for t in trainings), strict=True), strict=True):
            layer.load(self._span, (np.array([w for w, _ in same]), np.array([b for _, b in same])))

    def measure(self) -> None:
        """Record the errors after one more epoch, NaN for networks that are no longer finite."""
        parameters = self._read()
        errors = self._measure(parameters)
        finite = np.isfinite(errors)
        for array in (array for layer in parameters for array in layer):
            finite &= np.isfinite(array).reshape(len(array), -1).all(axis=1)
        self._errors.append(np.where(finite, errors, np.nan))
        self._diverged_at[~finite & (self._diverged_at == 0)] = len(self._errors)

    def results(self) -> Iterator[Trained]:
        parameters, errors = self._read(), np.array(self._errors).reshape(-1, len(self._diverged_at))
        for g, diverged_at in enumerate(self._diverged_at):
            history = {"error": errors[:, g].copy()}
            yield Trained(history, tuple((w[g], b[g]) for w, b in parameters), int(diverged_at) or None)

    def _read(self) -> list[Layer]:
        shapes = self._network.shapes
        return [layer.read(self._span, shape) for layer, shape in zip(self._stack.layers, shapes, strict=True)]
