"""Curves of single trainings, as the lines of a small chart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nnsweep.figures.text import tick_labels

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
    """The history of one trial: its name, how it ended (`going` while it is trained), and its page."""

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
    names = list(dict.fromkeys(name for each in series for name, values in each.history.items() if len(values)))
    if not names:
        return None
    name = next((name for name in wanted if name in names), names[0])
    columns = [(each, np.array(each.history.get(name, ()), dtype=np.float64)) for each in series]
    longest = max(len(column) for _, column in columns)
    known = np.concatenate([column[np.isfinite(column)] for _, column in columns])
    scale = _Scale.of(known)
    lines = [Line(_path(column, longest, scale), each.end, each.name) for each, column in columns if len(column)]
    ticks = zip(_epochs(longest), map(str, _epochs(longest)), strict=True)
    across = [(round(float(_across(np.array([tick]), longest)[0]), 1), label) for tick, label in ticks]
    return Chart(name, names, lines, across, scale.ticks())


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
        values = _powers(self.low, self.high) if self.logarithmic else _round_values(self.low, self.high)
        return list(zip(self.places(np.array(values)).round(1).tolist(), tick_labels(values), strict=True))


def _powers(low: float, high: float) -> list[float]:
    first, last = math.ceil(math.log10(low)), math.floor(math.log10(high))
    step = max(1, math.ceil((last - first + 1) / 5))
    return [float(f"1e{power}") for power in range(first, last + 1, step)]


def _round_values(low: float, high: float) -> list[float]:
    """List about three to six round values between two numbers."""
    room = high / 6 - low / 6
    if not math.isfinite(room) or room <= 0:
        return []
    unit = 10.0 ** math.floor(math.log10(room))
    step = next((unit * times for times in (1, 2, 5, 10) if unit * times >= room), unit * 10)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [float(f"{place * step:.12g}") for place in range(first, min(last, first + 10) + 1)]


def _epochs(longest: int) -> list[int]:
    """List round numbers of epochs: the first and the last always."""
    inside = [int(value) for value in _round_values(1.0, float(longest)) if value.is_integer() and value > 1]
    near = longest / 12  # where labels would touch
    return sorted({1, longest, *(value for value in inside if near < value < longest - near)})


def _across(epochs: np.ndarray, longest: int) -> np.ndarray:
    wide = WIDE - LEFT - RIGHT
    return LEFT + (epochs - 1) / max(1, longest - 1) * wide if longest > 1 else np.full(len(epochs), LEFT + wide / 2)


def _path(column: np.ndarray, longest: int, scale: _Scale) -> str:
    """Write the path of one line, which has a gap where a value is not finite."""
    step = max(1, math.ceil(len(column) / POINTS))
    chosen = np.unique(np.append(np.arange(0, len(column), step), len(column) - 1))
    x, y = _across(chosen + 1, longest), scale.places(column[chosen])
    return " ".join(_moves(zip(x.tolist(), y.tolist(), strict=True)))


def _moves(points: Iterable[tuple[float, float]]) -> Iterable[str]:
    drawn = False
    for x, y in points:
        if math.isfinite(y):
            yield f"{'L' if drawn else 'M'}{x:.1f} {y:.1f}" + ("" if drawn else "h0")  # the ends are round: a point
        drawn = math.isfinite(y)
