"""Every optimiser against its formula, in the shapes of both layouts."""

from types import SimpleNamespace

import numpy as np
import pytest

from nnsweep.nn import OPTIMIZERS
from tests.helpers.nn_reference import RULES, descent

OF_TRIALS = {
    "learning_rate": [0.1, 0.01, 1.5],
    "momentum": [0.9, 0.0, 0.5],
    "beta1": [0.9, 0.5, 0.0],
    "beta2": [0.999, 0.9, 0.0],
    "epsilon": [1e-7, 0.1, 1e-3],
}
SHAPES = {"rows": ((5, 3), (3,)), "matrices": ((3, 4, 2), (3, 1, 1))}
"""Of parameters of three trials, and of a number for each trial."""


def hyperparameters(name, shape):
    """The keywords of a rule, for three trials."""
    names = [*OPTIMIZERS[name].hyperparameters, "learning_rate"]
    return {each: np.array(OF_TRIALS[each]).reshape(shape) for each in names}


def run(name, p, gradient, steps, h):
    """Yield what p, changed in place, is after each step down `gradient(p)`."""
    g = np.zeros_like(p)
    linear, rate = OPTIMIZERS[name].linear, h["learning_rate"]
    own = {key: value for key, value in h.items() if not (linear and key == "learning_rate")}
    calls = OPTIMIZERS[name].rule(p, g, lambda array: array, **own)
    for _ in range(steps):
        g[:] = gradient(p) * (rate if linear else 1)
        for function, operands in calls:
            function(*operands)
        yield p


def test_every_optimizer_has_a_formula():
    assert OPTIMIZERS.keys() == RULES.keys()


@pytest.mark.parametrize("layout", SHAPES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_number_of_each_trial_goes_by_the_formula(name, layout):
    shape, per_trial = SHAPES[layout]
    axis = shape.index(3)
    gradients = np.random.default_rng(1).normal(size=(6, *shape))
    queue = iter(gradients)
    *_, found = run(name, np.ones(shape), lambda p: next(queue), 6, hyperparameters(name, per_trial))
    for place in np.ndindex(shape):
        own = SimpleNamespace(**{key: values[place[axis]] for key, values in OF_TRIALS.items()})
        alone = descent(name, 1.0, own)
        for g in gradients:
            expected = alone.send(g[place])
        np.testing.assert_allclose(found[place], expected, rtol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_it_descends_a_parabola_to_its_bottom(name):
    """½ k (p − 3)²; steep and flat, from both sides."""
    k, start = np.array([[0.5], [1.0], [2.0]]), np.array([-7.0, 2.0, 13.0])
    own = {"learning_rate": 0.3, "momentum": 0.5, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7}
    h = {each: np.full(3, own[each]) for each in (*OPTIMIZERS[name].hyperparameters, "learning_rate")}
    *_, found = run(name, np.tile(start, (3, 1)), lambda p: k * (p - 3), 3000, h)
    np.testing.assert_allclose(found, 3, atol=1e-3)
