"""Curves of single trainings, as the lines of a small chart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nnsweep.figures.text import tick_labels
from nnsweep.report.html.ticks import powers, round_values
from nnsweep.trainers.protocol import EPOCH

WIDE, HIGH = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 58, 10, 10, 42
"""Room around the lines, in the units of the chart, which a browser scales."""
POINTS = 200
"""The most points of a line."""
LOGARITHMIC = 100
"""The scale is logarithmic where the largest value is more than so many times the smallest."""

History = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Series:
    """The history of one trial: its name, how it ended (`in training` while it is), and its page."""

    name: str
    end: str
    history: History
    id: str = ""


@dataclass(frozen=True)
class Line:
    """The path of a line in SVG's words, and the trial that it is of."""

    path: str
    end: str
    name: str


@dataclass(frozen=True)
class Chart:
    """The lines of one quantity, and the places and labels of the ticks of both axes."""

    name: str
    names: Sequence[str]
    """All quantities that the trials have."""
    lines: Sequence[Line]
    across: Sequence[tuple[float, str]]
    up: Sequence[tuple[float, str]]
    size: tuple[int, int] = (WIDE, HIGH)
    room: tuple[int, int, int, int] = (LEFT, RIGHT, TOP, BOTTOM)


def chart(series: Sequence[Series], wanted: Sequence[str]) -> Chart | None:
    """Draw the first of the wanted quantities that any trial has, else the first quantity; None without any."""
    names = list(dict.fromkeys(name for each in series for name in each.history if name != EPOCH))
    if not names:
        return None
    name = next((name for name in wanted if name in names), names[0])
    columns = [(each, *_points(each.history, name)) for each in series if name in each.history]
    up = _Scale.of(np.concatenate([values[np.isfinite(values)] for _, _, values in columns]))
    along = _Across.of(np.concatenate([epochs for _, epochs, _ in columns]))
    lines = [Line(_path(epochs, values, along, up), each.end, each.name) for each, epochs, values in columns]
    return Chart(name, names, lines, along.ticks(), up.ticks())


def _points(history: History, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Give the epochs and the values of a quantity: epochs are counted, unless the history has them as a list."""
    values = np.array(history[name], dtype=np.float64)
    epochs = np.array(history.get(EPOCH, ()), dtype=np.float64)
    return (epochs if len(epochs) == len(values) else np.arange(1.0, len(values) + 1)), values


def distinct(series: Sequence[Series], most: int) -> list[Series]:
    """Keep at most so many, without those whose history another one begins with: checkpoints of one training."""
    kept: list[Series] = []
    for each in sorted(series, key=lambda each: -_length(each.history)):
        if not any(_begins(other.history, each.history) for other in kept):
            kept.append(each)
    return kept[:most]


def _length(history: History) -> int:
    return max((len(values) for values in history.values()), default=0)


def _begins(whole: History, part: History) -> bool:
    return all(name in whole and list(whole[name][: len(values)]) == list(values) for name, values in part.items())


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    logarithmic: bool

    @classmethod
    def of(cls, known: np.ndarray) -> _Scale:
        if not len(known):
            return cls(0.0, 1.0, False)
        low, high = float(known.min()), float(known.max())
        logarithmic = low > 0 and high > LOGARITHMIC * low
        if not high > low:
            low, high = low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2
        return cls(low, high, logarithmic)

    def places(self, values: np.ndarray) -> np.ndarray:
        """Give the height of each value in the chart."""
        low, high, values = self.low, self.high, values
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            if self.logarithmic:
                low, high, values = math.log10(low), math.log10(high), np.log10(values)
            share = (values / 2 - low / 2) / (high / 2 - low / 2)
        return TOP + (1 - share) * (HIGH - TOP - BOTTOM)

    def ticks(self) -> list[tuple[float, str]]:
        """Give round values inside the scale."""
        values = powers(self.low, self.high) if self.logarithmic else round_values(self.low, self.high)
        return list(zip(self.places(np.array(values)).round(1).tolist(), tick_labels(values), strict=True))


class _Across(NamedTuple):
    """The epochs at both ends of the chart."""

    low: float
    high: float

    @classmethod
    def of(cls, epochs: np.ndarray) -> _Across:
        return cls(float(epochs.min()), float(epochs.max())) if len(epochs) else cls(1.0, 1.0)

    def places(self, epochs: np.ndarray) -> np.ndarray:
        wide = WIDE - LEFT - RIGHT
        if self.high == self.low:
            return np.full(len(epochs), LEFT + wide / 2)
        return LEFT + (epochs - self.low) / (self.high - self.low) * wide

    def ticks(self) -> list[tuple[float, str]]:
        """Give round epochs: the first and the last always."""
        near = (self.high - self.low) / 12  # where labels would touch
        inside = [value for value in round_values(*self) if value.is_integer()]
        shown = sorted({*self, *(value for value in inside if self.low + near < value < self.high - near)})
        return [
            (place, f"{epoch:.0f}")
            for place, epoch in zip(self.places(np.array(shown)).round(1).tolist(), shown, strict=True)
        ]


def _path(epochs: np.ndarray, values: np.ndarray, along: _Across, up: _Scale) -> str:
    """Write the path of one line, which has a gap where a value is not finite."""
    step = max(1, math.ceil(len(values) / POINTS))
    chosen = np.unique(np.append(np.arange(0, len(values), step), max(0, len(values) - 1)))[: len(values)]
    x, y = along.places(epochs[chosen]), up.places(values[chosen])
    return " ".join(_moves(zip(x.tolist(), y.tolist(), strict=True)))


def _moves(points: Iterable[tuple[float, float]]) -> Iterable[str]:
    drawn = False
    for x, y in points:
        if math.isfinite(y):
            yield f"{'L' if drawn else 'M'}{x:.1f} {y:.1f}" + ("" if drawn else "h0")  # the ends are round: a point
        drawn = math.isfinite(y)
