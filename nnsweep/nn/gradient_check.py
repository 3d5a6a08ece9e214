"""Compare the gradient by which a network learns with central differences of its loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.batches import REDUCTIONS, Indices, Orders, batch_of
from nnsweep.nn.engine.base import Engine
from nnsweep.nn.engine.choose import choose_engine
from nnsweep.nn.network import Array, Method, Training
from nnsweep.nn.parameter_names import parameter_name

DIFFERENCE_STEP = 1e-4
"""h of (L(p + h) − L(p − h)) / 2h. If it were larger, the curvature of L would count; if smaller, its rounding."""

KINK_STEP = 1e-6
"""h of a second comparison: a kink of the loss within the first h is most likely not within this one."""

TOLERANCE = 1e-4
"""Largest relative error with which a gradient passes. Mistakes give errors above 0.01."""

SMALL = 1e-3
"""Gradients below this share of the largest one are compared with that share, not with themselves."""

ROUNDING = 1e-11
"""Rounding error of the differences as a share of the loss, divided by the tolerance. Smaller gradients drown in it."""

LARGEST_WEIGHT = 1e6
"""Weights up to this size are checked. In larger ones, a step of h is rounded by more than the tolerance."""

BATCHES = 8
"""How many batches are compared: a unit may be off for the whole of the first one."""

PER_ARRAY = 40
"""Parameters of each layer that are compared, drawn at random; all of them in a small network."""


@dataclass(frozen=True)
class GradientCheck:
    """The largest relative error, where it was found, how many derivatives were compared and how many lay at a kink."""

    largest: float
    where: str
    compared: int
    kinks: int
    unchecked: str = ""
    """Why the gradient cannot be checked; empty if it was."""

    @property
    def passed(self) -> bool:
        """Whether every derivative is the one of the loss."""
        return self.largest < TOLERANCE


def check_gradient(training: Training, method: Method) -> GradientCheck:
    """Compare |g − d| / max(|g|, |d|), g the derivative as trained and d the central difference, over parameters.

    Copies of the network, each with one parameter moved by ±h, take the same step in one stack. Their losses give the
    differences, and the first copy, which is not moved, the gradients.
    """
    weight = max(float(np.abs(array).max(initial=0.0)) for layer in training.parameters for array in layer)
    if not weight <= LARGEST_WEIGHT:
        why = f"its weights are as large as {weight:.2g}, and differences are exact up to {LARGEST_WEIGHT:g}"
        return GradientCheck(np.nan, "", 0, 0, why)
    first = _Copies(training, method, DIFFERENCE_STEP)
    second = _Copies(training, method, KINK_STEP)
    with np.errstate(all="ignore"):
        error, _ = first.errors()
        again, one_sided = second.errors()
    at_kink = (error >= TOLERANCE) & ((again < TOLERANCE) | one_sided)  # a mistake stays as wrong with any h
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
        self._loss, self._share = network.training_loss, REDUCTIONS[method.reduction](self._batch, network.widths[0])
        self.places = list(_places(self._engine(1)))
        self._copies = self._engine(1 + 2 * len(self.places))
        self._start = [array.copy() for array in _flat(self._copies.parameters())]

    def _engine(self, copies: int) -> Engine:
        dataset_of = np.zeros(copies, dtype=np.intp)
        engine = choose_engine(self._training.network, self._batch).engine
        return engine([self._training] * copies, [self._training.dataset], dataset_of, self._method)

    def errors(self) -> tuple[Array, NDArray[np.bool_]]:
        """Give the relative errors, (batches, places), over the first batches, each from the initial parameters.

        Also tell which parameters are at a kink themselves, such as a bias of 0 whose unit has inputs of 0: the
        derivatives on both sides differ, and the gradient is one of them or between them.
        """
        g, left, right, losses = (np.array(values) for values in zip(*self._batches(), strict=True))
        d = (left + right) / 2
        size = np.maximum(np.abs(g), np.abs(d))
        floor = max(SMALL * size.max(), ROUNDING * losses.max() / self._h)
        size = np.maximum(size, floor)
        error = np.abs(g - d) / size if floor else np.zeros(g.shape)
        most = TOLERANCE * size
        between = (g > np.minimum(left, right) - most) & (g < np.maximum(left, right) + most)
        return np.where(np.isfinite(error), error, np.inf), between & (np.abs(right - left) > most)

    def _batches(self) -> list[tuple[Array, Array, Array, float]]:
        """Take the first batches: gradients, differences to the left and to the right, (places,) each, and the loss."""
        samples, found = len(self._training.dataset.train_inputs), []

        def compare(step: Callable[[], None]) -> None:
            self._move()
            step()
            losses = self._losses()
            right, left = (losses[1::2] - losses[0]) / self._h, (losses[0] - losses[2::2]) / self._h
            found.append((self._gradients(), left, right, losses[0]))

        count = min(BATCHES, samples // self._batch)
        self._copies.run_steps(self._order(count * self._batch), compare, range(1, count + 1))
        return found

    def _order(self, length: int) -> Indices:
        """Give the first samples of the first epoch, the same for every copy, (copies, length)."""
        order = Orders(self._method, [self._training], len(self._training.dataset.train_inputs)).next_epoch()
        first = np.arange(length) if order is None else order[0, :length]
        return np.tile(first, (1 + 2 * len(self.places), 1))

    def _move(self) -> None:
        """Set the parameters back, and move each copy's own."""
        arrays = _flat(self._copies.parameters())
        for array, start in zip(arrays, self._start, strict=True):
            array[...] = start
        for k, (array, place) in enumerate(self.places):
            arrays[array][1 + 2 * k, place] += self._h
            arrays[array][2 + 2 * k, place] -= self._h
        self._copies.parameters_changed()

    def _losses(self) -> Array:
        """Give each copy's loss over the batch, (copies,), with the share that each sample's gradient has."""
        z, y, t, weights = self._copies.results()
        return self._share * ((1.0 if weights is None else weights) * self._loss.value(z, y, t)).sum(axis=(1, 2))

    def _gradients(self) -> Array:
        arrays = _flat(self._copies.gradients())
        return np.array([arrays[array][0, place] for array, place in self.places])

    def name(self, place: int) -> str:
        """Name a parameter that is compared."""
        array, index = self.places[place]
        layers = self._copies.parameters()
        level, kind = [(k, a) for k, layer in enumerate(layers) for a in range(len(layer))][array]
        return parameter_name(self._training.network, level, kind, index)


def _places(engine: Engine) -> Iterator[tuple[int, int]]:
    """Choose parameters: the array they are in, and their place in it."""
    random = np.random.default_rng(0)
    for array, parameters in enumerate(_flat(engine.parameters())):
        for place in np.sort(random.permutation(parameters.shape[1])[:PER_ARRAY]):
            yield array, int(place)


def _flat(layers: Sequence[Sequence[Array]]) -> list[Array]:
    return [array for layer in layers for array in layer]
