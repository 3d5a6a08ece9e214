"""A network small enough to work out by hand."""

from __future__ import annotations

import numpy as np

from nnsweep.trainers.protocol import Model, Response

INPUTS = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
TARGETS = np.array([[0.0], [1.0], [1.0], [0.0]])


def by_hand(inputs: np.ndarray = INPUTS, targets: np.ndarray = TARGETS, names: tuple[str, ...] = ("a", "b", "one")):
    """Say 1 where a + b > ½; of three hidden units one switches at a = ½, one is always off, one always on."""
    return Model(names, (inputs, targets), (inputs[:2], targets[:2]), respond)


def respond(inputs: np.ndarray) -> Response:
    a, b = inputs[:, 0], inputs[:, 1]
    hidden = np.column_stack([a - 0.5, -1 - a * a, 1 + b * b])
    z = (a + b - 0.5)[:, None]
    return Response([hidden, z], (z > 0).astype(float))


def of_three(inputs: np.ndarray) -> Response:
    """Say class 0 where a is largest, 1 where b is, 2 where neither is above 0.4; no hidden units."""
    z = np.column_stack([inputs[:, 0], inputs[:, 1], np.full(len(inputs), 0.4)])
    return Response([z], np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))
