"""The axes of learning curves, common to all panels: epochs and a metric."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator

from nnsweep.figures.scale import Scale, apart, within
from nnsweep.figures.style import SPACE, TICK, text_size
from nnsweep.figures.text import short_number

RUNAWAY = 1000
"""The scale is logarithmic if the largest value is this many times the median."""
DECADES = 12
"""Decades of a logarithmic scale below the median: one vanishing value must not squeeze the others."""
RISE = 1e6
"""The upper end of a logarithmic scale, in medians; a curve beyond it leaves the panel."""
FROM_ZERO = 1 / 3
"""The scale starts at 0, so that heights compare, if the least value is below this share of the largest."""
MARGIN = 0.03
"""Margin above and below the curves, as a share of the scale."""


@dataclass(frozen=True)
class EpochScale:
    """The first and the last epoch."""

    low: int
    high: int

    def labelled(self, width: float) -> tuple[list[int], list[str]]:
        """Choose round epochs whose labels fit below a panel of this width in inches; return epochs and labels."""
        room = text_size(f"{self.high:,}", TICK)[0] + 0.25
        places = MaxNLocator(max(1, min(6, int(width / room))), integer=True, steps=[1, 2, 5, 10])
        ticks = [int(tick) for tick in places.tick_values(self.low, self.high) if self.low <= tick <= self.high]
        return ticks, [f"{tick:,}" for tick in ticks]


@dataclass(frozen=True)
class MetricScale:
    """The ends of the metric's axis, its ticks and their labels."""

    low: float
    high: float
    ticks: list[float]
    labels: list[str]
    log: bool = False

    def apply(self, panel: Axes, which: Literal["x", "y"] = "y", room: float | None = None) -> None:
        """Set this scale on an axis of a panel, with as many labels as fit into `room` inches."""
        setters: dict[str, Any] = {name: getattr(panel, f"set_{which}{name}") for name in ("lim", "scale", "ticks")}
        setters["lim"](self.low, self.high)  # First: a new scale adds margins, perhaps beyond the largest float.
        setters["scale"]("log" if self.log else "linear", **({"nonpositive": "clip"} if self.log else {}))
        every = 1 if room is None else self._every(room)
        setters["ticks"](self.ticks[::every], self.labels[::every])
        panel.minorticks_off()

    def _every(self, room: float) -> int:
        widest = max((text_size(label, TICK)[0] for label in self.labels), default=0.0) + 2 * SPACE
        return max(1, math.ceil(len(self.labels) * widest / room))


def epoch_scale(frames: Sequence[pd.DataFrame]) -> EpochScale:
    """Make the scale from the first to the last epoch of all panels."""
    epochs = np.concatenate([frame["epoch"].to_numpy(dtype=np.int64) for frame in frames])
    return EpochScale(int(epochs.min()), max(int(epochs.max()), int(epochs.min()) + 1))


def metric_scale(frames: Sequence[pd.DataFrame], metrics: Sequence[str], bound: float | None) -> MetricScale:
    """Make a scale for all curves, bands and the bound; logarithmic if a few large values would flatten the others."""
    columns = [f"{metrics[0]}_lower", f"{metrics[0]}_upper", *(f"{metric}_median" for metric in metrics)]
    values = np.concatenate([frame[columns].to_numpy(dtype=np.float64).ravel() for frame in frames])
    return value_scale(values, bound)


def value_scale(values: np.ndarray, bound: float | None) -> MetricScale:
    """Make a scale for all finite values and the bound; it starts at 0 if that does not squeeze them."""
    values = within(values[np.isfinite(values)])
    if not len(values):
        values = np.array([0.0, 1.0])
    ends = np.append(values, [] if bound is None else bound)
    low, high = float(ends.min()), float(ends.max())
    if low >= 0 and high > RUNAWAY * float(np.median(values)) > 0:
        return _logarithmic(ends, min(high, RISE * float(np.median(values))))
    low = 0.0 if 0 <= low < FROM_ZERO * high else low
    margin = MARGIN * (high - low) or 0.5 * abs(high) or 0.5
    scale = Scale(*apart(low - margin, high + margin))
    return MetricScale(scale.low, scale.high, scale.ticks, scale.tick_labels)


def share_scale(shares: np.ndarray) -> MetricScale:
    """Make a scale in percent, from 0 to the largest share."""
    known = shares[np.isfinite(shares)]
    high = min(1.0, float(known.max())) if len(known) else 1.0
    margin = MARGIN * (high or 1.0)
    scale = Scale(-margin, (high or 1.0) + margin)
    return MetricScale(scale.low, scale.high, scale.ticks, [f"{100 * tick:.6g} %" for tick in scale.ticks])


def _logarithmic(values: np.ndarray, high: float) -> MetricScale:
    low = max(float(values[values > 0].min()), float(np.median(values)) * 10.0**-DECADES)
    margin = (high / low) ** MARGIN
    ends = low / margin, high * margin
    ticks = [float(tick) for tick in LogLocator(numticks=7).tick_values(*ends) if ends[0] <= tick <= ends[1]]
    return MetricScale(*ends, ticks, [short_number(f"{tick:g}") for tick in ticks], log=True)
