"""One new entry of each table. As a pytest plugin, `-p`, it adds them before anything reads the tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nnsweep.nn.activations import ACTIVATIONS, OUTPUTS, Activation
from nnsweep.nn.hyperparameters import Hyperparameter
from nnsweep.nn.initializers import INITIALIZERS, Initializer
from nnsweep.nn.losses import LOSSES, Loss
from nnsweep.nn.metrics import METRICS, Metric
from nnsweep.nn.optimizers import OPTIMIZERS, Optimizer  # noqa: F401


def documented() -> str:
    """Give the new optimiser of the page that tells how to write one."""
    page = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")
    return page.partition("## A new activation")[2].partition("```python\n")[2].partition("```")[0]


def softplus(z, out):
    """f(z) = log(1 + exp z)."""
    np.copyto(out, np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))))


def softplus_derivative(z, a, out):
    """f′(z) = 1 − exp(−f(z))."""
    np.negative(a, out=out)
    np.expm1(out, out=out)
    np.negative(out, out=out)


def huber(z, y, t):
    """½ d² for d = |y − t| up to 1, and d − ½ beyond (Huber 1964)."""
    d = np.abs(y - t)
    return np.where(d <= 1, 0.5 * d**2, d - 0.5)


def clipped_difference(y, t, out):
    np.subtract(y, t, out=out)
    np.clip(out, -1, 1, out=out)


def lecun_uniform(random, size, layer, *, gain):
    """U(−γ √(3 / inputs), γ √(3 / inputs)), where γ is the gain (LeCun et al. 1998)."""
    bound = gain * (3 / layer[1]) ** 0.5
    return random.uniform(-bound, bound, size)


def largest_error(z, y, t, loss):
    """Largest |y − t| of any sample and output."""
    return np.abs(y - t).reshape(len(y), -1).max(axis=1)


# An activation is an entry of ACTIVATIONS; OUTPUTS, which takes them over, has been made by now.
ACTIVATIONS["softplus"] = OUTPUTS["softplus"] = Activation(softplus, softplus_derivative, lowest=0)
LOSSES["huber"] = Loss(huber, difference=clipped_difference)
exec(documented())  # the optimiser "clipped"
gain = Hyperparameter(1.0, "Factor of `lecun_uniform` initial weights.", gt=0)
INITIALIZERS["lecun_uniform"] = Initializer(lecun_uniform, {"gain": gain})
METRICS["largest_error"] = Metric(largest_error)
