"""Optimisers, by name: how parameters p go down their gradient g, as calls on arrays allocated once.

p and g are of any one shape; the hyperparameters hold one number per trial, shaped to broadcast against them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnsweep.nn.engine.program import Call
from nnsweep.nn.network import Array

ONE = np.array(1.0)


@dataclass(frozen=True, eq=False)
class Hyperparameters:
    """α, μ, β₁, β₂ and ε of every trial."""

    learning_rate: Array
    momentum: Array
    beta1: Array
    beta2: Array
    epsilon: Array


Rule = Callable[[Array, Array, Hyperparameters], list[Call]]


@dataclass(frozen=True)
class Optimizer:
    """`rule(p, g, hyperparameters)` writes down one step, in place.

    A rule that is `linear` in the gradient is given α g for g: scaling the delta of the last layer, one number per
    output, costs less than scaling the gradient of each parameter.
    """

    rule: Rule
    linear: bool = False


def sgd(p: Array, g: Array, h: Hyperparameters) -> list[Call]:
    """p ← p − α g."""
    return [(np.subtract, (p, g, p))]


def momentum(p: Array, g: Array, h: Hyperparameters) -> list[Call]:
    """v ← μ v − α g; p ← p + v (Polyak 1964)."""
    v = np.zeros(p.shape)
    return [(np.multiply, (v, h.momentum, v)), (np.subtract, (v, g, v)), (np.add, (p, v, p))]


def adagrad(p: Array, g: Array, h: Hyperparameters) -> list[Call]:
    """s ← s + g²; p ← p − α g / (√s + ε) (Duchi, Hazan & Singer 2011)."""
    s, step = np.zeros(p.shape), np.zeros(p.shape)
    return [
        (np.multiply, (g, g, step)),
        (np.add, (s, step, s)),
        *_over_root(g, s, step, h),
        (np.multiply, (step, h.learning_rate, step)),
        (np.subtract, (p, step, p)),
    ]


def adam(p: Array, g: Array, h: Hyperparameters) -> list[Call]:
    """m ← m + (1 − β₁)(g − m); v ← v + (1 − β₂)(g² − v); p ← p − αₙ m / (√v + ε).

    In the n-th step αₙ = α √(1 − β₂ⁿ) / (1 − β₁ⁿ) (Kingma & Ba 2015, the end of section 2).
    """
    m, v, step = np.zeros(p.shape), np.zeros(p.shape), np.zeros(p.shape)
    rate, power1, power2 = np.zeros(h.beta1.shape), np.ones(h.beta1.shape), np.ones(h.beta2.shape)
    spare = np.zeros(h.beta1.shape)
    return [
        (np.subtract, (g, m, step)),
        (np.multiply, (step, 1 - h.beta1, step)),
        (np.add, (m, step, m)),
        (np.multiply, (g, g, step)),
        (np.subtract, (step, v, step)),
        (np.multiply, (step, 1 - h.beta2, step)),
        (np.add, (v, step, v)),
        (np.multiply, (power1, h.beta1, power1)),
        (np.multiply, (power2, h.beta2, power2)),
        (np.subtract, (ONE, power2, rate)),
        (np.sqrt, (rate, rate)),
        (np.subtract, (ONE, power1, spare)),
        (np.divide, (rate, spare, rate)),
        (np.multiply, (rate, h.learning_rate, rate)),
        *_over_root(m, v, step, h),
        (np.multiply, (step, rate, step)),
        (np.subtract, (p, step, p)),
    ]


def _over_root(dividend: Array, squares: Array, out: Array, h: Hyperparameters) -> list[Call]:
    """Out ← dividend / (√squares + ε)."""
    return [(np.sqrt, (squares, out)), (np.add, (out, h.epsilon, out)), (np.divide, (dividend, out, out))]


OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer(sgd, linear=True),
    "momentum": Optimizer(momentum, linear=True),
    "adagrad": Optimizer(adagrad),
    "adam": Optimizer(adam),
}
