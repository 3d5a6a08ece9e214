"""Numbers at the edge of what a float64 can hold, through whole trainings: finite, or diverged and said so."""

from dataclasses import replace
from itertools import cycle

import numpy as np
import pytest

from nnsweep.nn import ACTIVATIONS, METRICS, OPTIMIZERS, TRAIN, Dataset, Method, Network, train
from tests.helpers.nn_strategies import PAIRS, dataset, training

BOUNDED = [("sigmoid", "binary_cross_entropy"), ("softmax", "categorical_cross_entropy"), ("sigmoid", "squared_error")]
EVERYTHING = [*METRICS, *(TRAIN + name for name in METRICS)]


@pytest.mark.parametrize("scale", [1e4, 1e150, 1e307])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("output", "loss"), BOUNDED)
@pytest.mark.parametrize("batch", [1, 5])
def test_certain_outputs_stay_finite_at_any_size(output, loss, optimizer, scale, batch, layout):
    """Logits of −scale, 0 and scale, right and wrong, of a network that only scales its inputs."""
    random = np.random.default_rng(0)
    x = np.array([random.permutation([-1.0, 0.0, 1.0]) for _ in range(12)])
    t = np.eye(3)[random.integers(3, size=12)]
    given = replace(
        training(0, Network((3, 3), "tanh", output, loss), Dataset(x, t, x, t), 1e-3),
        parameters=((scale * np.eye(3), np.zeros(3)),),
    )
    trained = train(given, 3, Method(optimizer, batch), EVERYTHING)
    assert trained.diverged_at is None
    assert np.abs(trained.parameters[0][0] - given.parameters[0][0]).max() < 1 + scale * 1e-15
    share = {"sigmoid": (x > 0) + 0.5 * (x == 0), "softmax": x > 0}[output]
    np.testing.assert_allclose(trained.history["error"], np.abs(share - t).mean(), atol=0.05)


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("rate", [0.1, 1e150])
@pytest.mark.parametrize("scale", [1e4, 1e150, 1e308])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_is_no_longer_finite_is_said(optimizer, scale, rate, batch_norm, layout):
    """Every activation, output and loss."""
    for activation, (output, loss) in zip(cycle(ACTIVATIONS), PAIRS, strict=False):
        net = Network((2, 3, 2), activation, output, loss, batch_norm=batch_norm)
        trained = train(
            training(1, net, dataset(0, outputs=2, one_hot=True), rate, scale), 3, Method(optimizer, 5), EVERYTHING
        )
        values = np.array(list(trained.history.values()))
        assert (np.isnan(values).all(axis=0) | np.isfinite(values).all(axis=0)).all()
        if not all(np.isfinite(array).all() for layer in trained.parameters for array in layer):
            assert np.isnan(values[:, -1]).all()
            assert trained.diverged_at is not None
