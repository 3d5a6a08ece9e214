"""Samples and classes, drawn the same way in every figure of one trial."""

from __future__ import annotations

from itertools import cycle, islice
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D

from nnsweep.figures.activations import COLOURS
from nnsweep.figures.style import INK

MARKERS = "os^Dv"
"""Markers of classes, which distinguish them without colours."""
MANY = 200
"""More samples than this are drawn small."""
LARGE, SMALL = 46.0, 5.0
"""Areas of a sample's marker, in square points."""
PALE = 0.35
"""Opacity of test samples."""
TINT = 0.25
"""The share of a class's colour in that of its region; the rest is white."""


def colours(count: int) -> list[str]:
    """Return the colours of this many classes; they repeat if there are more classes than colours."""
    return list(islice(cycle(COLOURS), count))


def tints(count: int) -> list[tuple[float, ...]]:
    """Return lighter colours for the regions of classes."""
    return [tuple(1 - TINT * (1 - np.array(to_rgb(colour)))) for colour in colours(count)]


def draw_samples(axes: Any, samples: pd.DataFrame, y: str, classes: int, *z: str) -> list[Artist]:
    """Draw samples that are `inside` at columns `x`, `y` (and `z`), with crosses on wrong ones; return legend entries.

    Samples without a `class` are all drawn alike, and none is wrong.
    """
    size = SMALL if len(samples) > MANY else LARGE
    inside: Any = samples[samples["inside"]]
    if "class" not in samples:
        _scatter(axes, inside, [y, *z], s=size, c=INK, marker="o", zorder=5)
        return [_key("o", INK, "sample")]
    shown = list(zip(range(classes), colours(classes), cycle(MARKERS), strict=False))
    for name in ("test", "training", "all"):  # The pale ones first, below the others.
        for number, colour, marker in shown:
            of_class = inside[(inside["set"] == name) & (inside["class"] == number)]
            opacity = PALE if name == "test" else 1.0
            _scatter(axes, of_class, [y, *z], s=size, c=colour, marker=marker, alpha=opacity, zorder=5)
    wrong = inside[inside["wrong"]]
    width = 0.5 if size == SMALL else 1.6
    _scatter(axes, wrong, [y, *z], s=size * 0.9, c=INK, marker="x", linewidths=width, zorder=6)
    keys: list[Artist] = [_key(marker, colour, f"class {number}") for number, colour, marker in shown]
    return [*keys, _key("x", INK, wrong_text(samples))] if samples["wrong"].to_numpy().any() else keys


def wrong_text(samples: pd.DataFrame) -> str:
    """Count the wrong samples of each set, one line each: `105 of 1,000 training`."""
    sets = samples.groupby("set", sort=False)["wrong"]
    each = [f"{wrong.sum():,} of {len(wrong):,}" + ("" if name == "all" else f" {name}") for name, wrong in sets]
    return "\n".join(["wrong:", *each])


def _scatter(axes: Any, samples: Any, others: list[str], **look: Any) -> None:
    edge = {} if look["marker"] == "x" else {"linewidths": 0}
    depth = {"depthshade": False} if len(others) == 2 else {}
    axes.scatter(samples["x"], *(samples[name] for name in others), **edge, **depth, **look)


def _key(marker: str, colour: str, text: str) -> Line2D:
    return Line2D([], [], linestyle="", marker=marker, color=colour, markersize=5, label=text)
