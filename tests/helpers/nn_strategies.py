"""Small networks, data and trainings drawn at random, for tests that must hold for all of them."""

from __future__ import annotations

import numpy as np

from nnsweep.nn import LOSSES, Dataset, Network, Training

PAIRS = [(output, loss) for loss, entry in LOSSES.items() for output in entry.outputs]
"""Every output with every loss it goes with."""


def dataset(seed, inputs=2, outputs=1, train=12, test=20, one_hot=False):
    """Draw samples whose targets are 0 or 1 in each column, or 1 in one column alone."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(train + test, inputs))
    t = (random.uniform(size=(train + test, outputs)) > 0.5).astype(float)
    if one_hot and outputs > 1:
        t = np.eye(outputs)[random.integers(outputs, size=len(x))]
    return Dataset.split(x, t, np.arange(train + test), train)


def training(seed, network, data, learning_rate=0.1, scale=1.0):
    random = np.random.default_rng(seed)
    parameters = tuple((random.normal(0, scale, shape), random.normal(0, scale, shape[0])) for shape in network.shapes)
    return Training(network, parameters, data, learning_rate)


def assert_same_bits(one, other):
    for name, values in one.history.items():
        np.testing.assert_array_equal(values, other.history[name])
    assert one.diverged_at == other.diverged_at
    assert one.diagnostics.keys() == other.diagnostics.keys()
    for name, values in one.diagnostics.items():
        assert values.tobytes() == other.diagnostics[name].tobytes(), name
    for a, b in zip(one.parameters, other.parameters, strict=True):
        for x, y in zip(a, b, strict=True):
            assert x.tobytes() == y.tobytes()


def network(widths=(2, 3, 1), activation="relu", output="step", loss="straight_through"):
    return Network(widths, activation, output, loss)
