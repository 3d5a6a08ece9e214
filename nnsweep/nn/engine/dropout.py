"""Dropout: hidden units left out at random while a network learns (Srivastava et al. 2014)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnsweep.nn.engine.program import Call
from nnsweep.nn.network import Array, Training
from nnsweep.nn.streams import DROPOUT, stream


class Dropout:
    """Leaves out each output (T, B, O) of a layer with the rate of its trial, and scales up the others.

    Scaling by 1 / (1 − rate) while learning keeps the mean, so that nothing is scaled when the network is measured.
    Each trial draws from a stream of its own, and each layer from its own part of that stream.
    """

    def __init__(self, shape: tuple[int, ...], trainings: Sequence[Training], level: int) -> None:
        self.generators = [stream(training.seed, DROPOUT, level) for training in trainings]
        self._rates = np.array([training.dropout_rate for training in trainings])[:, None, None]
        self._kept_scale = 1 / (1 - self._rates)
        self._factors, self.outputs = np.zeros(shape), np.zeros(shape)

    def forward(self, a: Array) -> list[Call]:
        """Draw which units stay, and write them to `outputs`."""
        return [(self._draw, (self._factors,)), (np.multiply, (a, self._factors, self.outputs))]

    def backward(self, delta: Array) -> list[Call]:
        """Let through the error of the units that stayed."""
        return [(np.multiply, (delta, self._factors, delta))]

    def _draw(self, out: Array) -> None:
        """1 / (1 − rate) for a unit that stays, 0 for one left out."""
        for random, of_trial in zip(self.generators, out, strict=True):
            random.random(out=of_trial)
        np.multiply(out >= self._rates, self._kept_scale, out=out)
