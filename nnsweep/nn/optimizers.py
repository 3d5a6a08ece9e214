"""Optimisers, by name: how parameters p follow their gradient g, as calls on arrays allocated once.

p and g have the same shape. A hyperparameter is an array with one number per trial, shaped to broadcast against p.
A new optimiser is one entry of OPTIMIZERS: its hyperparameters become parameters of sweep files by that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from nnsweep.nn.engine.program import Call
from nnsweep.nn.hyperparameters import Hyperparameter
from nnsweep.nn.network import Array

ONE = np.array(1.0)

Keep = Callable[[Array], Array]
"""Registers an array that a rule needs again in the next step, and returns it: a training that stops saves these."""

Rule = Callable[..., list[Call]]
"""`rule(p, g, keep, **hyperparameters)` gives the calls of one step, which changes p in place."""


@dataclass(frozen=True)
class Optimizer:
    """The rule of one step, and the hyperparameters that it takes by keyword.

    A rule that is `linear` in the gradient is given α g for g, and no learning rate: scaling the delta of the last
    layer costs less than scaling the gradient of each parameter. The others take the keyword `learning_rate` too.
    A `stateless` rule keeps no array and takes no hyperparameter, so that networks of different widths may share a
    stack (see `Rows`).
    """

    rule: Rule
    hyperparameters: Mapping[str, Hyperparameter] = field(default_factory=dict)
    linear: bool = False
    stateless: bool = False


def sgd(p: Array, g: Array, keep: Keep) -> list[Call]:
    """p ← p − α g."""
    return [(np.subtract, (p, g, p))]


def momentum(p: Array, g: Array, keep: Keep, *, momentum: Array) -> list[Call]:
    """v ← μ v − α g; p ← p + v (Polyak 1964)."""
    v = keep(np.zeros(p.shape))
    return [(np.multiply, (v, momentum, v)), (np.subtract, (v, g, v)), (np.add, (p, v, p))]


def adam(
    p: Array, g: Array, keep: Keep, *, learning_rate: Array, beta1: Array, beta2: Array, epsilon: Array
) -> list[Call]:
    """m ← m + (1 − β₁)(g − m); v ← v + (1 − β₂)(g² − v); p ← p − αₙ m / (√v + ε).

    In the n-th step αₙ = α √(1 − β₂ⁿ) / (1 − β₁ⁿ) (Kingma & Ba 2015, the end of section 2).
    """
    m, v = keep(np.zeros(p.shape)), keep(np.zeros(p.shape))
    power1, power2 = keep(np.ones(beta1.shape)), keep(np.ones(beta2.shape))
    step, rate, spare = np.zeros(p.shape), np.zeros(beta1.shape), np.zeros(beta1.shape)
    return [
        (np.subtract, (g, m, step)),
        (np.multiply, (step, 1 - beta1, step)),
        (np.add, (m, step, m)),
        (np.multiply, (g, g, step)),
        (np.subtract, (step, v, step)),
        (np.multiply, (step, 1 - beta2, step)),
        (np.add, (v, step, v)),
        (np.multiply, (power1, beta1, power1)),
        (np.multiply, (power2, beta2, power2)),
        (np.subtract, (ONE, power2, rate)),
        (np.sqrt, (rate, rate)),
        (np.subtract, (ONE, power1, spare)),
        (np.divide, (rate, spare, rate)),
        (np.multiply, (rate, learning_rate, rate)),
        *_over_root(m, v, epsilon, step),
        (np.multiply, (step, rate, step)),
        (np.subtract, (p, step, p)),
    ]


def adagrad(p: Array, g: Array, keep: Keep, *, learning_rate: Array, epsilon: Array) -> list[Call]:
    """s ← s + g²; p ← p − α g / (√s + ε) (Duchi, Hazan & Singer 2011)."""
    s, step = keep(np.zeros(p.shape)), np.zeros(p.shape)
    return [
        (np.multiply, (g, g, step)),
        (np.add, (s, step, s)),
        *_over_root(g, s, epsilon, step),
        (np.multiply, (step, learning_rate, step)),
        (np.subtract, (p, step, p)),
    ]


def _over_root(dividend: Array, squares: Array, epsilon: Array, out: Array) -> list[Call]:
    """Out ← dividend / (√squares + ε)."""
    return [(np.sqrt, (squares, out)), (np.add, (out, epsilon, out)), (np.divide, (dividend, out, out))]


EPSILON = Hyperparameter(1e-7, "Added to the root in `adagrad` and `adam`.", gt=0)

OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer(sgd, linear=True, stateless=True),
    "momentum": Optimizer(
        momentum,
        {"momentum": Hyperparameter(0.9, "Share of its last step that `momentum` keeps.", ge=0, lt=1)},
        linear=True,
    ),
    "adam": Optimizer(
        adam,
        {
            "beta1": Hyperparameter(0.9, "Decay of the mean gradient in `adam`.", ge=0, lt=1),
            "beta2": Hyperparameter(0.999, "Decay of the mean squared gradient in `adam`.", ge=0, lt=1),
            "epsilon": EPSILON,
        },
    ),
    "adagrad": Optimizer(adagrad, {"epsilon": EPSILON}),
}
