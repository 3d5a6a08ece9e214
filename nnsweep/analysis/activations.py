"""The activations of networks that have not learnt yet: their spread, and how many units are dead or saturated."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

BOUNDS = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
"""Asymptotes of the activations that have two."""

SATURATED = 0.01
"""Share of the distance between the asymptotes, within which of either an activation is saturated."""

CUT_OFF = ("relu", "relu_inclusive")
"""Activations that are nought for half of all arguments, so that a unit can be dead."""

Layers = Mapping[tuple[str, str], NDArray[np.float64]]
"""Activations (layers, samples, units) by the names of activation and initialisation."""


def activations_table(found: Layers) -> pd.DataFrame:
    """Describe every layer: mean and standard deviation; shares of units dead, activations nought and saturated.

    A unit is dead that is nought for every sample; that, and the share of noughts, are told of ReLUs. `saturated`
    is told of activations with two asymptotes. What does not apply is NaN.
    """
    rows = [
        {"activation": activation, "initialisation": initialisation, "layer": number, **_described(activation, layer)}
        for (activation, initialisation), layers in found.items()
        for number, layer in enumerate(layers, start=1)
    ]
    return pd.DataFrame(rows)


def _described(activation: str, layer: NDArray[np.float64]) -> dict[str, float]:
    described = {"mean": layer.mean(), "sd": layer.std(), "dead": np.nan, "zero": np.nan, "saturated": np.nan}
    if activation in CUT_OFF:
        described |= {"dead": (layer == 0).all(axis=0).mean(), "zero": (layer == 0).mean()}
    if activation in BOUNDS:
        low, high = BOUNDS[activation]
        near = SATURATED * (high - low)
        described["saturated"] = ((layer < low + near) | (layer > high - near)).mean()
    return {name: float(value) for name, value in described.items()}
