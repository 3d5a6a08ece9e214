"""Diagnostics of why a network does not learn: stuck units, a constant output, steps that change nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.arithmetic import Arithmetic, Function
from nnsweep.nn.engine.base import Engine
from nnsweep.nn.network import Array, Dataset, Layer, Network

Single = NDArray[np.float32]
LARGEST = float(np.finfo(np.float32).max)

DIAGNOSTICS: Mapping[str, str] = {
    "dead": "Share of hidden units whose slope is 0 at all screened training samples. Such units no longer learn.",
    "saturated": "Share of hidden units, if sigmoid or tanh, that are nearly flat at nearly all of these samples.",
    "output_range": "Range of an output over these samples, as a share of its targets' range; the widest output.",
    "changed": "Share of the observed steps that changed a weight or a bias; 0 only if all equal their start.",
}
"""The diagnostics that are computed at an epoch."""

SCREENED = 48
"""How many training samples are looked at; all of them, if there are fewer.

They are evenly spread. If units can be dead, most of them are the OUTMOST ones, each in its own direction: a unit of
the first hidden layer rises along one direction, and is dead if it is off at the outmost sample.
"""
OUTMOST = 32
FLAT = 0.01
"""A slope below this share of the activation's greatest is nearly flat."""
NEARLY_ALL = 0.95
"""A unit that is flat at this share of the samples is saturated."""
OBSERVED_EVERY = 251
"""One step in this many is observed, beginning with the first. A prime number reaches each sample of a fixed order."""


def screened(network: Network, datasets: Sequence[Dataset]) -> Single:
    """Choose the training samples to look at in each data set: (datasets, I, N)."""
    if network.hidden_activation.steepest is None:
        chosen = [_outer(data.train_inputs, network.arithmetic) for data in datasets]
    else:
        chosen = [_spread(data.train_inputs) for data in datasets]
    return np.stack([inputs.T for inputs in chosen], dtype=np.float32)


def target_ranges(datasets: Sequence[Dataset]) -> Single:
    """Give the range of each column of targets, 1 if they are all the same: (datasets, O)."""
    ranges = [np.ptp(np.vstack([data.train_targets, data.test_targets]), axis=0) for data in datasets]
    return np.where(np.array(ranges) > 0, ranges, 1).astype(np.float32)


class Screen:
    """Looks at the units and outputs of G networks of one shape, at samples that each was trained on."""

    def __init__(self, network: Network, inputs: Single, ranges: Single) -> None:
        self._network, self._inputs, self._ranges = network, inputs, ranges  # (G, I, N) and (G, O)
        trials, _, samples = inputs.shape
        self._hidden = [np.empty((2, trials, width, samples), np.float32) for width in network.widths[1:-1]]

    def __call__(self, parameters: Sequence[Layer]) -> dict[str, Single]:
        """Give all diagnostics but `changed`, (G,) each, from weights (G, O, I) and biases (G, O)."""
        # In C order for every engine: the matrix product may round differently in another order.
        *hidden, top = ((w.astype(np.float32, order="C"), b.astype(np.float32)) for w, b in parameters)
        activation, matmul = self._network.hidden_activation, self._network.arithmetic.matmul
        assert activation.derivative is not None
        stuck, below = [], self._inputs
        for (weights, biases), (z, a) in zip(hidden, self._hidden, strict=True):
            _affine(matmul, weights, biases, below, z)
            activation.function(z, a)
            activation.derivative(z, a, z)
            stuck.append(_stuck(z, activation.steepest))
            below = a
        found = {"output_range": self._output_range(_affine(matmul, *top, below))}
        if stuck:
            name = "dead" if activation.steepest is None else "saturated"
            found = {name: np.concatenate(stuck, axis=1).mean(axis=1)} | found
        return found

    def _output_range(self, z: Single) -> Single:
        output = self._network.output_activation
        z = np.ascontiguousarray(z.transpose(2, 0, 1))
        if output.elementwise:  # It never falls, so the ends are enough.
            z = np.stack([z.min(axis=0), z.max(axis=0)])
        y = np.empty_like(z)
        output.function(z, y)
        # A range too large for single precision counts as the largest number.
        return np.fmin(((y.max(axis=0) - y.min(axis=0)) / self._ranges).max(axis=1), LARGEST)


def _spread(inputs: Array, screened: int = SCREENED) -> Array:
    """Take rows (N, I) at even distances."""
    count = min(screened, len(inputs))
    return inputs[np.arange(count) * len(inputs) // count]


def _outer(inputs: Array, math: Arithmetic) -> Array:
    """Take the OUTMOST rows, each in its own direction, and the rest of SCREENED at even distances."""
    if len(inputs) <= SCREENED:
        return inputs
    outmost = math.matmul(_directions(inputs.shape[1]), inputs.T).argmax(axis=1)
    return np.concatenate([_spread(inputs, SCREENED - OUTMOST), inputs[outmost]])


@cache
def _directions(inputs: int) -> Array:
    """Draw the directions of the outmost rows, always the same: (OUTMOST, I)."""
    return np.random.default_rng(0).normal(size=(OUTMOST, inputs))


def _stuck(slope: Single, steepest: float | None) -> NDArray[np.bool_]:
    """Tell which units (G, O) are dead, or saturated, by their slopes (G, O, N)."""
    if steepest is None:
        return _mean(slope) == 0
    return _mean(slope < FLAT * steepest) >= NEARLY_ALL


def _mean(values: Single | NDArray[np.bool_]) -> Single:
    """Give the means (G, O) over the samples of (G, O, N). A matrix product takes a third of the time of `mean`."""
    samples = values.shape[2]
    return np.matmul(values.astype(np.float32, copy=False), np.ones(samples, np.float32)) / samples


def _affine(matmul: Function, weights: Single, biases: Single, inputs: Single, out: Single | None = None) -> Single:
    """Give z = weights inputs + biases, (G, O, N)."""
    z = matmul(weights, inputs, out)
    z += biases[:, :, None]
    return z


class Changes:
    """Counts, trial by trial, of the observed steps that changed a parameter. Make it before the first step."""

    def __init__(self, engine: Engine, trials: int) -> None:
        self._engine, self._start = engine, engine.copy_parameters()
        self.counts, self.observed, self._steps = np.zeros(trials), 0, 0

    def steps_to_observe(self, count: int) -> range:
        """Choose those of the next `count` steps, counted from 1, that are to be observed."""
        first = 1 + -self._steps % OBSERVED_EVERY
        self._steps += count
        return range(first, count + 1, OBSERVED_EVERY)

    def observe(self, step: Callable[[], None]) -> None:
        """Take a step, and note whose parameters it changed."""
        before = self._engine.copy_parameters()
        step()
        self.counts += self._engine.changed_since(before)
        self.observed += 1

    def shares(self) -> Array:
        """Give the share of the observed steps that changed something, (T,).

        Counts half a step if no observed step changed a parameter but the parameters differ from their start.
        """
        counts = np.where(self.counts == 0, 0.5 * self._engine.changed_since(self._start), self.counts)
        return counts / self.observed

    def restore(self, counts: Array, observed: int, steps: int) -> None:
        """Go on from `counts` (T,) and so many steps observed and taken."""
        self.counts, self.observed, self._steps = counts, observed, steps
