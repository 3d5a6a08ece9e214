"""Ten problems for searches, with known optima: five tables of our networks, and five functions or small data sets."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import cos, pi
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd

import nnsweep

HERE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Axis:
    """An interval of numbers or of whole numbers, or a list, which has an order or none."""

    low: float = 0.0
    high: float = 0.0
    log: bool = False
    whole: bool = False
    listed: tuple[Any, ...] = ()

    @property
    def is_ordered(self) -> bool:
        return not isinstance(self.listed[0], str)

    def toml(self) -> str:
        """Write the axis as a sweep file has it."""
        if self.listed:
            return repr(list(self.listed)).replace("'", '"')
        kind = "integers" if self.whole else "log_uniform" if self.log else "uniform"
        return f"{{ {kind} = [{self.low}, {self.high}] }}"


Point = Mapping[str, Any]


@dataclass(frozen=True)
class Problem:
    """A loss of a point and a seed, of which less is better, and its mean over all seeds."""

    axes: Mapping[str, Axis]
    loss: Callable[[Point, int], float]
    mean: Callable[[Point], float]
    least: float
    """The least mean."""
    seeds: int
    """How many seeds there are; 1 if the loss does not depend on them."""


def table(axes: Mapping[str, Axis], losses: np.ndarray) -> Problem:
    """Make a problem of losses (values of the first axis, …, seeds)."""
    values = [axis.listed or range(int(axis.low), int(axis.high) + 1) for axis in axes.values()]
    places = [{value: place for place, value in enumerate(each)} for each in values]

    def at(point: Point) -> np.ndarray:
        return losses[tuple(place[point[name]] for name, place in zip(axes, places, strict=True))]

    means = losses.mean(axis=-1)
    seeds = losses.shape[-1]
    return Problem(
        axes, lambda point, seed: float(at(point)[seed]), lambda point: float(at(point).mean()), means.min(), seeds
    )


def function(axes: Mapping[str, Axis], mean: Callable[[Point], float], least: float, noise: float = 0.0) -> Problem:
    """Make a problem of a function, with normal noise that belongs to the point and the seed."""

    def loss(point: Point, seed: int) -> float:
        if not noise:
            return mean(point)
        key = crc32(repr(sorted(point.items())).encode())
        return mean(point) + noise * float(np.random.default_rng([key, seed]).normal())

    return Problem(axes, loss, mean, least, 1000 if noise else 1)


def trained(text: str, metric: str, *axes: str) -> np.ndarray:
    """Train a grid, and return a metric of its trials (values of each axis, …, seeds)."""
    with tempfile.TemporaryDirectory() as folder:
        trials = nnsweep.run(nnsweep.loads(text), folder, figures=False, quiet=True).trials
    places = [pd.factorize(trials[name])[0] for name in (*axes, "seed")]
    found = np.full([each.max() + 1 for each in places], np.nan)
    found[tuple(places)] = trials[metric]
    return found


def shipped(name: str) -> str:
    return (HERE / "sweeps" / f"{name}.toml").read_text(encoding="utf-8")


RATES = (0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.007, 0.008, 0.009, 0.01, 0.02, 0.03, 0.04, 0.05)


def forum() -> Problem:
    """The grid of sweeps/forum.toml."""
    axes = {"alpha": Axis(listed=RATES), "epochs": Axis(1, 6, whole=True), "hidden": Axis(listed=(2, 4))}
    return table(axes, trained(shipped("forum"), "error", *axes))


def fixes() -> Problem:
    """The grid of sweeps/forum_fixes.toml; its cases have no order."""
    losses = 1 - trained(shipped("forum_fixes"), "accuracy", "alpha", "hidden", "case")
    cases = Axis(listed=tuple(f"case {number}" for number in range(losses.shape[2])))
    axes = {
        "alpha": Axis(listed=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05)),
        "hidden": Axis(listed=(2, 4, 8)),
        "case": cases,
    }
    return table(axes, losses)


def optimizers() -> Problem:
    """The grid of sweeps/tutorial_optimizers.toml, after each of its epochs, with 40 seeds."""
    with np.load(HERE / "tests" / "data" / "optimizers_oracle.npz") as file:
        right = file["right"]  # (optimizers, rates, seeds, epochs)
    axes = {
        "optimizer": Axis(listed=("sgd", "momentum", "adagrad", "adam")),
        "rate": Axis(listed=(0.003, 0.01, 0.03, 0.1, 0.3, 1.0)),
        "epochs": Axis(1, 20, whole=True),
    }
    return table(axes, np.moveaxis(1 - right / 397, 2, 3))


XOR = """
name = "xor"
fixed = {{ data = "xor", standardize = true, metrics = "loss", {fixed} }}
[axes]
alpha = {{ logspace = [0.001, 1], num = 16 }}
hidden = {{ from = 2, to = 8 }}
{axis}
seed = {{ count = 20 }}
"""
ALPHAS = tuple(np.logspace(-3, 0, 16).tolist())


def xor(fixed: str, name: str, values: tuple[str, ...]) -> Problem:
    """A grid of networks that learn XOR."""
    axes = {"alpha": Axis(listed=ALPHAS), "hidden": Axis(2, 8, whole=True), name: Axis(listed=values)}
    text = XOR.format(fixed=fixed, axis=f"{name} = {axes[name].toml()}")
    return table(axes, np.nan_to_num(trained(text, "loss", *axes), nan=10.0).clip(max=10.0))


def branin(point: Point) -> float:
    x, y = point["x"], point["y"]
    return (y - 5.1 / (4 * pi**2) * x**2 + 5 / pi * x - 6) ** 2 + 10 * (1 - 1 / (8 * pi)) * cos(x) + 10


HARTMANN = (
    np.array([1.0, 1.2, 3.0, 3.2]),
    np.array(
        [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
    ),
    1e-4
    * np.array(
        [
            [1312, 1696, 5569, 124, 8283, 5886],
            [2329, 4135, 8307, 3736, 1004, 9991],
            [2348, 1451, 3522, 2883, 3047, 6650],
            [4047, 8828, 8732, 5743, 1091, 381],
        ]
    ),
)


def hartmann(point: Point) -> float:
    """Hartmann's function of six variables. Source: Dixon and Szegő, Towards Global Optimisation 2 (1978) 1–15."""
    weights, rates, centres = HARTMANN
    x = np.array([point[f"x{number}"] for number in range(6)])
    return -float(weights @ np.exp(-(rates * (x - centres) ** 2).sum(axis=1)))


def rosenbrock(point: Point) -> float:
    """The logarithm of Rosenbrock's function of four variables plus one, as its values span many powers of ten."""
    x = np.array([point[f"x{number}"] for number in range(4)])
    return float(np.log1p((100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()))


CENTRES = {"a": 0.2, "b": 0.4, "c": 0.6, "d": 0.8}


def sphere(point: Point) -> float:
    """A sphere whose centre and least value depend on a value without an order."""
    centre = CENTRES[point["kind"]]
    return sum((point[f"x{number}"] - centre) ** 2 for number in range(3)) + centre


def digits() -> Problem:
    """Errors of support vector machines on 300 digits, by three folds, at 15 × 15 settings."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import cross_val_score
    from sklearn.svm import SVC

    inputs, targets = (each[:300] for each in load_digits(return_X_y=True))
    costs, widths = (tuple(np.logspace(low, high, 15).tolist()) for low, high in ((-2, 3), (-6, -1)))
    losses = [
        1 - cross_val_score(SVC(C=c, gamma=gamma), inputs, targets, cv=3).mean() for c, gamma in product(costs, widths)
    ]
    return table({"cost": Axis(listed=costs), "gamma": Axis(listed=widths)}, np.reshape(losses, (15, 15, 1)))


UNIT = Axis(0.0, 1.0)
PROBLEMS: dict[str, Callable[[], Problem]] = {
    "forum": forum,
    "forum_fixes": fixes,
    "tutorial_optimizers": optimizers,
    "XOR, optimizers": lambda: xor('epochs = 300, activation = "tanh"', "optimizer", ("sgd", "momentum", "adam")),
    "XOR, activations": lambda: xor("epochs = 300", "activation", ("tanh", "sigmoid", "relu", "leaky_relu")),
    "Branin": lambda: function({"x": Axis(-5.0, 10.0), "y": Axis(0.0, 15.0)}, branin, 0.397887),
    "Hartmann 6": lambda: function({f"x{number}": UNIT for number in range(6)}, hartmann, -3.32237),
    "Rosenbrock 4": lambda: function({f"x{number}": Axis(-2.0, 2.0) for number in range(4)}, rosenbrock, 0.0),
    "noisy sphere": lambda: function(
        {**{f"x{number}": UNIT for number in range(3)}, "kind": Axis(listed=tuple(CENTRES))}, sphere, 0.2, noise=0.2
    ),
    "digits": digits,
}
"""Problems by name; the first five are tables of ours."""


@cache
def problem(name: str) -> Problem:
    """Make a problem once."""
    return PROBLEMS[name]()
