"""The axes of learning curves: epochs across, a metric upwards, the same for all panels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.ticker import LogLocator, MaxNLocator

from nnsweep.figures.scale import Scale
from nnsweep.figures.style import TICK, text_size

RUNAWAY = 1000
"""How many times their median the greatest value must be for a logarithmic scale."""
DECADES = 12
"""What a logarithmic scale shows below the median, so that one vanishing value does not press the others together."""
RISE = 1e6
"""Where a logarithmic scale ends, in medians; a curve that ran beyond leaves the panel."""
FARTHEST = 1e300
"""What is beyond is drawn here: matplotlib adds and subtracts, and must not come to infinity."""
FROM_ZERO = 1 / 3
"""Values that reach below this share of the greatest are drawn from 0, so that heights compare; others are not."""
MARGIN = 0.03
"""Above and below the curves, as a share of the scale."""


@dataclass(frozen=True)
class EpochScale:
    """The first and the last epoch."""

    low: int
    high: int

    def labelled(self, width: float) -> tuple[list[int], list[str]]:
        """Round epochs, as many as can be written below a panel of so many inches, and what is written."""
        room = text_size(f"{self.high:,}", TICK)[0] + 0.25
        places = MaxNLocator(max(1, min(6, int(width / room))), integer=True, steps=[1, 2, 5, 10])
        ticks = [int(tick) for tick in places.tick_values(self.low, self.high) if self.low <= tick <= self.high]
        return ticks, [f"{tick:,}" for tick in ticks]


@dataclass(frozen=True)
class MetricScale:
    """The ends of the metric's axis, its ticks and what they say."""

    low: float
    high: float
    ticks: list[float]
    labels: list[str]
    log: bool = False


def epoch_scale(frames: Sequence[pd.DataFrame]) -> EpochScale:
    """From the first epoch of any panel to the last."""
    epochs = np.concatenate([frame["epoch"].to_numpy(dtype=np.int64) for frame in frames])
    return EpochScale(int(epochs.min()), max(int(epochs.max()), int(epochs.min()) + 1))


def metric_scale(frames: Sequence[pd.DataFrame], metrics: Sequence[str], bound: float | None) -> MetricScale:
    """Hold all curves, bands and the bound; logarithmic where some ran away and pressed the others flat."""
    columns = [f"{metrics[0]}_lower", f"{metrics[0]}_upper", *(f"{metric}_median" for metric in metrics)]
    values = np.concatenate([frame[columns].to_numpy(dtype=np.float64).ravel() for frame in frames])
    values = within(values[np.isfinite(values)])
    if not len(values):
        values = np.array([0.0, 1.0])
    ends = np.append(values, [] if bound is None else bound)
    low, high = float(ends.min()), float(ends.max())
    if low >= 0 and high > RUNAWAY * float(np.median(values)) > 0:
        return _logarithmic(ends, min(high, RISE * float(np.median(values))))
    low = 0.0 if 0 <= low < FROM_ZERO * high else low
    margin = MARGIN * (high - low) or 0.5 * abs(high) or 0.5
    scale = Scale(low - margin, high + margin)
    return MetricScale(scale.low, scale.high, scale.ticks, scale.tick_labels)


def within(values: np.ndarray) -> np.ndarray:
    """Values that matplotlib can reckon with."""
    return np.clip(values, -FARTHEST, FARTHEST)


def _logarithmic(values: np.ndarray, high: float) -> MetricScale:
    low = max(float(values[values > 0].min()), float(np.median(values)) * 10.0**-DECADES)
    margin = (high / low) ** MARGIN
    ends = low / margin, high * margin
    ticks = [float(tick) for tick in LogLocator(numticks=7).tick_values(*ends) if ends[0] <= tick <= ends[1]]
    return MetricScale(*ends, ticks, [f"{tick:g}" for tick in ticks], log=True)
