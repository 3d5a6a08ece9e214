"""Hold the gradient that a network learns by against central differences of its loss."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from nnsweep.nn.batches import REDUCTIONS, batch_of, orders
from nnsweep.nn.engine.choose import Stack, lay_out
from nnsweep.nn.engine.program import Call
from nnsweep.nn.engine.step import hyperparameters, training_step
from nnsweep.nn.losses import LOSSES
from nnsweep.nn.network import Array, Method, Training
from nnsweep.nn.parameter_names import parameter_name

DIFFERENCE_STEP = 1e-4
"""h of (L(p + h) − L(p − h)) / 2h: larger, and L's curvature counts; smaller, and its rounding does."""

KINK_STEP = 1e-6
"""h of a second look: a kink of the loss within the first h is most likely not within this."""

TOLERANCE = 1e-4
"""Relative error up to which a gradient passes. Mistakes give errors beyond a hundredth."""

SMALL = 1e-3
"""Gradients below this share of the largest one are compared with that share, not with themselves."""

ROUNDING = 1e-11
"""Share of the loss that its differences may be off by, divided by the tolerance; smaller gradients cannot be seen."""

BATCHES = 8
"""How many batches of the training data are looked at, because a unit may be off for all of the first."""

PER_ARRAY = 40
"""Parameters of each layer that are compared, drawn at random; all of them in a small network."""


@dataclass(frozen=True)
class GradientCheck:
    """The largest relative error, where it was found, how many derivatives were compared and how many lay at a kink."""

    largest: float
    where: str
    compared: int
    kinks: int

    @property
    def passed(self) -> bool:
        """Whether every derivative is that of the loss."""
        return self.largest < TOLERANCE


def check_gradient(training: Training, method: Method) -> GradientCheck:
    """Compare |g − d| / max(|g|, |d|), g the derivative as trained and d the central difference, over parameters.

    Copies of the network, each with one parameter moved by ±h, take the same step in one stack. Their losses give the
    differences, and the first copy, which is not moved, the gradients.
    """
    first = _Copies(training, method, DIFFERENCE_STEP)
    second = _Copies(training, method, KINK_STEP)
    with np.errstate(all="ignore"):
        error, again = first.errors(), second.errors()
    at_kink = (error >= TOLERANCE) & (again < TOLERANCE)  # a mistake is as wrong with any h
    largest = np.where(at_kink, 0.0, error).max(axis=0)
    worst = int(largest.argmax())
    return GradientCheck(float(largest[worst]), first.name(worst), len(largest), int(at_kink.sum()))


class _Copies:
    """A stack of copies of one network: the first as it is, then two for each parameter compared, moved by ±h."""

    def __init__(self, training: Training, method: Method, h: float) -> None:
        self._training, self._h = replace(training, learning_rate=1.0), h
        self._method = replace(method, optimizer="sgd")
        network, samples = training.network, len(training.dataset.train_inputs)
        self._batch = batch_of(method, samples)
        self._loss, self._share = LOSSES[network.loss], REDUCTIONS[method.reduction](self._batch, network.widths[0])
        self.places = list(_places(self._lay_out(1)))
        self._stack = self._lay_out(1 + 2 * len(self.places))
        self._calls = training_step(self._stack, network, self._method, hyperparameters(self._stack, self._trainings))
        self._start = [p.copy() for layer in self._stack.layers for p, _ in layer.learnt()]

    def _lay_out(self, copies: int) -> Stack:
        self._trainings = [self._training] * copies
        stack = lay_out(self._trainings, [self._training.dataset], np.zeros(copies, dtype=np.intp), self._method)
        stack.weigh(np.full(copies, self._share), self._batch)
        for layer, (weights, biases) in zip(stack.layers, self._training.parameters, strict=True):
            layer.load(slice(0, copies), (np.array([weights] * copies), np.array([biases] * copies)))
        return stack

    def errors(self) -> Array:
        """Give the relative errors, (batches, places), over the first batches, each from the initial parameters."""
        g, d, losses = (np.array(values) for values in zip(*self._batches(), strict=True))
        size = np.maximum(np.abs(g), np.abs(d))
        floor = max(SMALL * size.max(), ROUNDING * losses.max() / self._h)
        error = np.abs(g - d) / np.maximum(size, floor) if floor else np.zeros(g.shape)
        return np.where(np.isfinite(error), error, np.inf)

    def _batches(self) -> Iterator[tuple[Array, Array, float]]:
        """Take the first batches: gradients and differences, (places,) each, and the loss."""
        samples = len(self._training.dataset.train_inputs)
        order = next(orders(self._method, self._trainings, -(-samples // self._batch) * self._batch))
        for _ in islice(self._stack.steps(order), min(BATCHES, samples // self._batch)):
            _execute(self._moved())
            _execute(self._calls)
            losses = self._losses()
            yield self._gradients(), (losses[1::2] - losses[2::2]) / (2 * self._h), losses[0]

    def _moved(self) -> list[Call]:
        """Set the parameters back, and move each copy's own."""
        arrays = [p for layer in self._stack.layers for p, _ in layer.learnt()]
        for array, start in zip(arrays, self._start, strict=True):
            array[...] = start
        for k, (array, place) in enumerate(self.places):
            by_copy = self._stack.by_trial(arrays[array])
            by_copy[1 + 2 * k, place] += self._h
            by_copy[2 + 2 * k, place] -= self._h
        return [call for layer in self._stack.layers for call in layer.moved()]

    def _losses(self) -> Array:
        """Give each copy's loss over the batch, (copies,), with the share that each sample's gradient has."""
        top = self._stack.layers[-1]
        z, y, t = (self._stack.of_samples(array) for array in (top.z, top.a, self._stack.targets))
        weights = 1.0 if self._stack.weights is None else self._stack.of_samples(self._stack.weights)
        return self._share * (weights * self._loss.value(z, y, t)).sum(axis=(1, 2))

    def _gradients(self) -> Array:
        arrays = [self._stack.by_trial(g)[0] for layer in self._stack.layers for _, g in layer.learnt()]
        return np.array([arrays[array][place] for array, place in self.places])

    def name(self, place: int) -> str:
        """Name a parameter that is compared."""
        array, index = self.places[place]
        level, kind = [(k, a) for k, layer in enumerate(self._stack.layers) for a in range(len(layer.learnt()))][array]
        return parameter_name(self._training.network, level, kind, index)


def _places(stack: Stack) -> Iterator[tuple[int, int]]:
    """Choose parameters: the array they are in, and their place in it."""
    random = np.random.default_rng(0)
    arrays = [p for layer in stack.layers for p, _ in layer.learnt()]
    for array, parameters in enumerate(arrays):
        size = stack.by_trial(parameters).shape[1]
        for place in np.sort(random.permutation(size)[:PER_ARRAY]):
            yield array, int(place)


def _execute(calls: Sequence[Call]) -> None:
    for function, operands in calls:
        function(*operands)
