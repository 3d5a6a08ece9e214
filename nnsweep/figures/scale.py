"""Colour scales, which all panels of a figure share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nnsweep.figures.text import minus

if TYPE_CHECKING:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

SEQUENTIAL = "viridis_r"
"""Perceptually uniform and safe for colour-blind readers; darker means more, in greyscale too."""
DIVERGING = "PuOr"
"""Orange below 0, purple above: safe for colour-blind readers. In greyscale the annotation shows the sign."""
FARTHEST = 1e300
"""Larger values are drawn here: matplotlib adds and subtracts, which must not give infinity."""
APART = 1e-9
"""How far apart the ends of a scale are at least, as a share of the larger."""

Colour = tuple[float, float, float, float]


@dataclass(frozen=True)
class Scale:
    """The ends of a scale, the name of its colour map, and whether it shows counts or differences."""

    low: float
    high: float
    colours: str = SEQUENTIAL
    counts: bool = False
    signed: bool = False

    @cached_property
    def mappable(self) -> ScalarMappable:
        """The scale as matplotlib's object."""
        from matplotlib.cm import ScalarMappable

        return ScalarMappable(self.norm, self.colours)

    @cached_property
    def norm(self) -> Normalize:
        """The map from numbers to 0 … 1."""
        from matplotlib.colors import Normalize

        return Normalize(self.low, self.high)

    @cached_property
    def ticks(self) -> list[float]:
        """About six round numbers within the scale; integers for counts."""
        from matplotlib.ticker import MaxNLocator

        places = MaxNLocator(6, integer=self.counts, steps=[1, 2, 2.5, 5, 10])
        ticks = places.tick_values(self.low, self.high)
        slack = 1e-9 * (self.high - self.low)
        return [float(tick) for tick in ticks if self.low - slack <= tick <= self.high + slack]

    @cached_property
    def tick_labels(self) -> list[str]:
        """The labels of the ticks, all with the same number of decimals."""
        labels = [f"{tick:.6g}" for tick in self.ticks]
        if not any("e" in label for label in labels):
            decimals = max((len(label.partition(".")[2]) for label in labels), default=0)
            labels = [f"{tick:.{decimals}f}" for tick in self.ticks]
        return [minus(label) for label in labels]


def sequential(frames: Sequence[pd.DataFrame], limits: tuple[float, float] | None = None) -> Scale:
    """Make one scale for all matrices: between the limits, or by default from 0 (counts) or the minimum upwards."""
    counts = are_counts(frames)
    low, high = limits or _ends(frames)
    if counts and limits is None:
        low = min(0.0, low)
    return Scale(*apart(low, high if high > low else low + 1.0), SEQUENTIAL, counts)


def diverging(frame: pd.DataFrame) -> Scale:
    """Make a symmetric scale of two colours that meet at 0."""
    bound = max(abs(end) for end in _ends([frame])) or 1.0
    return Scale(-bound, bound, DIVERGING, are_counts([frame]), signed=True)


def are_counts(frames: Sequence[pd.DataFrame]) -> bool:
    """Return whether all matrices hold integers."""
    return all(pd.api.types.is_integer_dtype(dtype) for frame in frames for dtype in frame.dtypes)


def numbers(frame: pd.DataFrame) -> np.ndarray:
    """Return a matrix as float64, with NaN for missing values."""
    return frame.to_numpy(dtype=np.float64, na_value=np.nan)


def _ends(frames: Sequence[pd.DataFrame]) -> tuple[float, float]:
    values = np.concatenate([numbers(frame).ravel() for frame in frames])
    known = values[np.isfinite(values)]
    return (float(within(known.min())), float(within(known.max()))) if len(known) else (0.0, 1.0)


def within(values: Any) -> Any:
    """Clip values to those with which matplotlib can calculate."""
    return np.clip(values, -FARTHEST, FARTHEST)


def apart(low: float, high: float) -> tuple[float, float]:
    """Move the ends of a scale apart, if they are so near each other that float64 has no round numbers between them."""
    least = APART * max(abs(low), abs(high))
    return (low, high) if high - low >= least else (low - least, high + least)
