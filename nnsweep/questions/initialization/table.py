"""The activations of untrained networks: their spread, their histograms, and shares that are dead or saturated."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nnsweep.nn.activations import ACTIVATIONS

BINS = 30
"""Bins of a histogram."""

SATURATED = 0.01
"""An activation is saturated if it is this near to an asymptote, as a share of the distance between both."""

DIGITS = 6
"""Significant digits in the table. The last bits of a matrix product differ between processors, these do not."""

TAIL = 0.001
"""The share of a layer that a histogram may leave out at either end, if its function has no asymptotes."""

ROUND = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)
"""An axis ends at one of these, times a power of ten."""

Activations = NDArray[np.float64]
"""(layers, samples, units)."""
Layers = Mapping[tuple[str, str], Activations]
"""Activations by the names of activation function and initialisation."""


def activations_table(networks: Layers) -> pd.DataFrame:
    """Describe every layer: mean and standard deviation, and the shares that are dead, zero and saturated.

    A unit is dead if it is zero for every sample. `dead` and `zero` are given for ReLUs and steps, `saturated` for
    activation functions with two asymptotes; otherwise they are NaN. Numbers have six significant digits.
    """
    rows = [
        {"activation": activation, "initialisation": initialisation, "layer": number, **_described(activation, layer)}
        for (activation, initialisation), layers in networks.items()
        for number, layer in enumerate(layers, start=1)
    ]
    return pd.DataFrame(rows)


def format_activations(table: pd.DataFrame) -> str:
    """Format the table as text: three digits, names once per network, and blanks for what does not apply."""
    texts = pd.DataFrame({name: table[name].map(_formatter(name)) for name in table})
    names = ["activation", "initialisation"]
    texts.loc[table.duplicated(names), names] = ""
    for name in names:
        wide = max(len(name), texts[name].str.len().max())
        texts[name] = texts[name].str.ljust(wide)
        texts = texts.rename(columns={name: name.ljust(wide)})
    return texts.to_string(index=False)


def _formatter(name: str) -> Callable[[Any], str]:
    if name in ("dead", "zero", "saturated"):
        return lambda share: "" if math.isnan(share) else f"{100 * share:.1f} %"
    return lambda value: f"{value:.3g}" if isinstance(value, float) else str(value)


def _described(activation: str, layer: NDArray[np.float64]) -> dict[str, float]:
    described = {"mean": layer.mean(), "sd": layer.std(), "dead": np.nan, "zero": np.nan, "saturated": np.nan}
    function = ACTIVATIONS[activation]
    if function.cuts_off:
        described |= {"dead": (layer == 0).all(axis=0).mean(), "zero": (layer == 0).mean()}
    if function.asymptotes:
        low, high = function.asymptotes
        near = SATURATED * (high - low)
        described["saturated"] = ((layer < low + near) | (layer > high - near)).mean()
    return {name: float(f"{value:.{DIGITS}g}") for name, value in described.items()}


def histograms(networks: Layers) -> pd.DataFrame:
    """Count every layer in 30 bins: one row per bin, with its ends `low` and `high` and the `share` of the layer.

    All layers of a network have the same bins. They lie between the asymptotes or, without these, between round
    numbers that leave out at most a thousandth of any layer at either end.
    """
    rows = [
        {"activation": activation, "initialisation": initialisation, "layer": number, **each}
        for (activation, initialisation), layers in networks.items()
        for number, binned in enumerate(_binned(activation, layers), start=1)
        for each in binned
    ]
    return pd.DataFrame(rows)


def _binned(activation: str, layers: Activations) -> list[list[dict[str, float]]]:
    ends = np.linspace(*_limits(activation, layers), BINS + 1)
    return [
        [
            {"low": float(low), "high": float(high), "share": count / layer.size}
            for low, high, count in zip(ends[:-1], ends[1:], np.histogram(layer, ends)[0], strict=True)
        ]
        for layer in layers
    ]


def _limits(activation: str, layers: Activations) -> tuple[float, float]:
    """The ends of the histograms of a network's layers."""
    asymptotes = ACTIVATIONS[activation].asymptotes
    if asymptotes:
        return asymptotes
    ends = np.quantile(layers, [TAIL, 1 - TAIL], axis=(1, 2))
    low, high = 0.0 - rounded_up(-float(ends[0].min())), rounded_up(float(ends[1].max()))
    return (low, high) if high > low else (low, low + 1.0)


def rounded_up(value: float) -> float:
    """The smallest round number that is at least a positive value; 0 for other values.

    >>> [rounded_up(value) for value in (-3.0, 0.0, 0.27, 3.0, 61_000.0)]
    [0.0, 0.0, 0.3, 3.0, 80000.0]
    """
    if value <= 0:
        return 0.0
    power = math.floor(math.log10(value))
    ends = (float(f"{step}e{power}") for step in ROUND)
    return next((end for end in ends if end >= value), float(f"2e{power + 1}"))
