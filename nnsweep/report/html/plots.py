"""Charts of a search as SVG: what they draw is computed here, the template only lays it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from nnsweep.design.columns import BEST, FIRST, NONE, VALUE
from nnsweep.design.places import AxisPlaces, Floats
from nnsweep.figures.limits import limited
from nnsweep.report.html.colours import LINES
from nnsweep.report.html.ticks import log_values, round_values, short, tick_texts
from nnsweep.report.search_view import SearchView

WIDE, HIGH = 440, 240
"""Size of a chart, in the units of its drawing, which a browser scales."""
LEFT, RIGHT, TOP, BOTTOM = 84, 26, 12, 44
"""Room around what is drawn."""
MOST, MOST_LINES = 1000, 250
"""Configurations, at most, that are drawn as dots, and as lines: the best, and others evenly among the rest."""
BESIDE = 150
"""Distance of two axes of parallel coordinates."""
LOST = ("dropped", "ruled out", "none ended", "none ended well")
"""Why configurations are stopped whose lines have no colour."""
CROSS = 3.0
"""Half the width of a cross."""


@dataclass(frozen=True)
class Shape:
    """A path in SVG's words, and the classes of its style."""

    path: str
    style: str


@dataclass(frozen=True)
class Plot:
    """A chart: its name, the names of both axes, their ticks as places and labels, what is drawn, and its size."""

    name: str
    x_name: str
    y_name: str
    across: Sequence[tuple[float, str]]
    up: Sequence[tuple[float, str]]
    shapes: Sequence[Shape]
    wide: int = WIDE
    texts: Sequence[tuple[float, float, str]] = field(default_factory=tuple)
    """Labels inside: where each ends, across and down, and what it says."""
    coloured: bool = False
    """Whether colours stand for values."""
    high: int = HIGH
    room: tuple[int, int, int, int] = (LEFT, RIGHT, TOP, BOTTOM)


@dataclass(frozen=True)
class Scale:
    """Where values lie in a chart, in its units: between two ends, and beyond these at the edge."""

    low: float
    high: float
    begin: float
    end: float
    share: bool = False

    @classmethod
    def of(cls, values: Floats, upwards: bool, share: bool = False, wide: int = WIDE) -> Scale:
        """Make the scale of the finite values."""
        known = values[np.isfinite(values)]
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        if share:
            low, high = 0.0, high or 1.0
        elif 0 < low < high / 3:
            low = 0.0
        if not high > low:
            low, high = low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2
        begin, end = (HIGH - BOTTOM, TOP) if upwards else (LEFT, wide - RIGHT)
        return cls(low, high, begin, end, share)

    def at(self, values: Floats) -> Floats:
        """Return the places of values; NaN of NaN."""
        return self.begin + self.shares(values) * (self.end - self.begin)

    def shares(self, values: Floats) -> Floats:
        """Return the places of values, from 0 to 1."""
        inside = np.clip(values, self.low, self.high)
        return (inside / 2 - self.low / 2) / (self.high / 2 - self.low / 2)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Places and labels of round values."""
        values = round_values(self.low, self.high)
        texts = [f"{100 * value:.3g} %" for value in values] if self.share else tick_texts(values)
        return list(zip(self.at(np.array(values)).round(1).tolist(), texts, strict=True))


def best_plot(view: SearchView) -> Plot:
    """Draw the best value so far over the trainings or, of a halving, the epochs, with its band."""
    table = view.best_so_far().table
    along = "epochs" if "epochs" in table else "trainings"
    columns = [table[name] for name in ("value", "low", "high") if name in table]
    up = _up(view, np.concatenate(columns))
    across = Scale(0.0, float(max(table[along].max(), 1)), LEFT, WIDE - RIGHT)
    x = across.at(np.asarray(table[along], dtype=float))
    shapes = [Shape(_steps(x, up.at(columns[0])), "line among")]
    if len(columns) == 3:
        ends = [_corners(x, up.at(column)) for column in columns[1:]]
        corners = [*ends[0], *reversed(ends[1])]
        path = "M" + "L".join(f"{across:.1f} {down:.1f}" for across, down in corners) + "Z"
        shapes.insert(0, Shape(path, "band"))
    return Plot("", along, f"{view.found.name} of the best", across.ticks, up.ticks, shapes)


def axis_plots(view: SearchView) -> list[Plot]:
    """Draw the configurations over each axis."""
    points = _drawn(view, MOST)
    values = points[VALUE].to_numpy(dtype=float)
    up = _up(view, values)
    y = np.where(np.isnan(values), up.begin if view.found.is_better_higher else up.end, up.at(values))
    plots = []
    for axis in view.found.axes:
        x = LEFT + axis.beside(points[axis.column].to_numpy(dtype=float)) * (WIDE - LEFT - RIGHT)
        first, best, none = (points[name].to_numpy(dtype=bool) for name in (FIRST, BEST, NONE))
        groups = [(~best & ~first & ~none, "dot plain"), (best & ~first & ~none, "dot among"), (first, "dot first")]
        shapes = [Shape(_dots(x[rows], y[rows]), style) for rows, style in groups]
        shapes.append(Shape(_crosses(x[none], y[none]), "thin none"))
        plots.append(
            Plot(axis.name, "", view.found.name, _places(axis), up.ticks, [each for each in shapes if each.path])
        )
    return plots


def parallel_plot(view: SearchView) -> Plot:
    """Draw each configuration as a line through its values, in a colour for its value."""
    points, axes = _drawn(view, MOST_LINES), view.found.axes
    wide = LEFT + BESIDE // 3 + BESIDE * (len(axes) - 1)
    x: Floats = LEFT + BESIDE * np.arange(len(axes), dtype=np.float64)
    places = TOP + (1 - np.stack([points[axis.column] for axis in axes], axis=1)) * (HIGH - TOP - BOTTOM)
    levels = _levels(view, points[VALUE].to_numpy(dtype=float))
    shapes = list[Shape]()
    for level in ("none", *range(LINES)):
        rows = np.flatnonzero([each == level for each in levels])
        path = "".join(_line(x, places[row]) for row in rows.tolist())
        shapes += [Shape(path, f"thin c{level}" if level != "none" else "thin plain")] if path else []
    first = points[FIRST].to_numpy(dtype=bool)
    shapes += [Shape(_line(x, places[row]), f"line thick c{LINES - 1}") for row in np.flatnonzero(first).tolist()]
    rods = "".join(f"M{at:.1f} {TOP}V{HIGH - BOTTOM}" for at in x.tolist())
    ticks = [
        (at - 4, TOP + (1 - place) * (HIGH - TOP - BOTTOM), label)
        for at, axis in zip(x.tolist(), axes, strict=True)
        for place, label in _labelled(axis)
    ]
    names = [(at, short(axis.name, 18)) for at, axis in zip(x.tolist(), axes, strict=True)]
    return Plot("", "", "", names, (), [*shapes, Shape(rods, "rod")], wide, ticks, coloured=True)


def contour_plot(view: SearchView) -> Plot:
    """Draw the value over the two axes that explain most, and the configurations on it."""
    found, fitted = view.plane, view.fitted
    wide, high = WIDE - LEFT - RIGHT, HIGH - TOP - BOTTOM
    cell = wide / len(found.x), high / len(found.y)
    levels = np.array(_levels(view, found.values.ravel()), dtype=object).reshape(found.values.shape)
    shapes = []
    for level in range(LINES):
        rows, columns = np.nonzero(levels == level)
        at = zip((LEFT + columns * cell[0]).tolist(), (TOP + high - (rows + 1) * cell[1]).tolist(), strict=True)
        path = "".join(f"M{x:.1f} {y:.1f}h{cell[0] + 0.2:.1f}v{cell[1] + 0.2:.1f}h-{cell[0] + 0.2:.1f}z" for x, y in at)
        shapes += [Shape(path, f"cell c{level}")] if path else []
    points = _drawn(view, MOST)
    x = LEFT + points[found.across.column].to_numpy(dtype=float) * wide
    y = TOP + (1 - points[found.up.column].to_numpy(dtype=float)) * high
    first = points[FIRST].to_numpy(dtype=bool)
    shapes += [Shape(_dots(x[~first], y[~first]), "dot small"), Shape(_dots(x[first], y[first]), "dot first")]
    up = [(TOP + (1 - place) * high, label) for place, label in _labelled(found.up)]
    drawn = [each for each in shapes if each.path]
    return Plot("", found.across.name, found.up.name, _places(found.across), up, drawn, coloured=not fitted.why_not)


def pareto_plot(view: SearchView) -> Plot:
    """Draw the configurations by the first two metrics, and those in front."""
    found = view.pareto
    assert found is not None
    columns = [limited(found.values[:, at], not found.lower[at]) for at in range(2)]
    scales = Scale.of(columns[0], upwards=False), Scale.of(columns[1], upwards=True)
    x, y = (scale.at(column) for scale, column in zip(scales, columns, strict=True))
    shapes = [
        Shape(_dots(x[~found.front], y[~found.front]), "dot plain"),
        Shape(_dots(x[found.front], y[found.front]), "dot among"),
    ]
    x_name, y_name = (f"{found.average} {metric}" for metric in found.metrics[:2])
    return Plot("", x_name, y_name, scales[0].ticks, scales[1].ticks, [each for each in shapes if each.path])


def stages_plot(view: SearchView) -> Plot:
    """Draw the value of each configuration after each number of seeds or epochs, to where it stopped."""
    found = view.stages
    assert found is not None
    table, stage = found.table, np.asarray(found.table[found.along])
    up = _up(view, np.asarray(table["value"], dtype=float))
    known = np.unique(stage)
    places = np.searchsorted(known, stage) if found.along == "epochs" else stage
    across = Scale(float(places.min()), float(max(places.max(), places.min() + 1)), LEFT, WIDE - RIGHT)
    x, y = across.at(places.astype(float)), up.at(np.asarray(table["value"], dtype=float))
    starts = np.flatnonzero(np.diff(table["configuration"], prepend=-1))
    lost, kept = list[str](), list[str]()
    parts = np.split(np.arange(len(x)), starts[1:])
    for rows in parts[:: max(1, len(parts) // MOST_LINES)]:
        paths = lost if table["stopped"][rows[0]] in LOST else kept
        paths.append(_line(x[rows], y[rows]))
    ticks = across.ticks
    if found.along == "epochs":
        ticks = list(
            zip(across.at(np.arange(len(known)).astype(float)).tolist(), map(str, known.tolist()), strict=True)
        )
    shapes = [Shape("".join(lost), "thin plain"), Shape("".join(kept), "line among")]
    return Plot("", found.along, view.found.name, ticks, up.ticks, [each for each in shapes if each.path])


def _up(view: SearchView, values: Floats) -> Scale:
    share = view.found.criterion.by_success
    return Scale.of(values if share else limited(values, view.found.is_better_higher), upwards=True, share=share)


def _levels(view: SearchView, values: Floats) -> list[object]:
    """Return the colour of each value, from 0 for the worst to the best; "none" of NaN."""
    shares = _up(view, np.concatenate([view.points[VALUE].to_numpy(dtype=float), values])).shares(values)
    better = shares if view.found.is_better_higher else 1 - shares
    return ["none" if share != share else min(LINES - 1, int(share * LINES)) for share in better.tolist()]


def _drawn(view: SearchView, most: int):
    """Return the points that are drawn: of very many the best, and others evenly among the rest."""
    points = view.points
    if len(points) <= most:
        return points
    kept = np.zeros(len(points), dtype=bool)
    kept[np.linspace(0, len(points) - 1, most).round().astype(int)] = True
    return points.loc[kept | points[FIRST].to_numpy(dtype=bool)].reset_index(drop=True)


def _labelled(axis: AxisPlaces) -> list[tuple[float, str]]:
    """Return the places, from 0 to 1, and the labels of some values of an axis."""
    if axis.space is None:
        values, step = list(axis.levels), max(1, len(axis.levels) // 8)
        texts = [short(text) for text in tick_texts(values)]
        return list(zip(axis.places(np.array(values, dtype=object)).tolist(), texts, strict=True))[::step]
    low, high = float(axis.space.low), float(axis.space.high)
    values = log_values(low, high) if axis.space.log else round_values(low, high)
    if axis.space.whole:
        values = [int(value) for value in values if float(value).is_integer()]
    return [
        (place, text)
        for place, text in zip(axis.places(values).tolist(), tick_texts(values), strict=True)
        if place == place
    ]


def _places(axis: AxisPlaces) -> list[tuple[float, str]]:
    return [(round(LEFT + place * (WIDE - LEFT - RIGHT), 1), label) for place, label in _labelled(axis)]


def _pairs(x: Floats, y: Floats) -> Iterator[tuple[float, float]]:
    return (
        (across, down) for across, down in zip(x.tolist(), y.tolist(), strict=True) if across == across and down == down
    )


def _dots(x: Floats, y: Floats) -> str:
    return "".join(f"M{across:.1f} {down:.1f}h0" for across, down in _pairs(x, y))


def _crosses(x: Floats, y: Floats) -> str:
    size = 2 * CROSS
    return "".join(
        f"M{across - CROSS:.1f} {down - CROSS:.1f}l{size} {size}m0-{size}l-{size} {size}"
        for across, down in _pairs(x, y)
    )


def _line(x: Floats, y: Floats) -> str:
    """Write a line with a gap where a place is NaN; a part of one point is a dot."""
    found, drawing = "", False
    for across, down in zip(x.tolist(), y.tolist(), strict=True):
        is_known = down == down
        if is_known:
            found += f"{'L' if drawing else 'M'}{across:.1f} {down:.1f}" + ("" if drawing else "h0")
        drawing = is_known
    return found


def _corners(x: Floats, y: Floats) -> list[tuple[float, float]]:
    """List the corners of a line that goes to the right first."""
    pairs = list(_pairs(x, y))
    turns = [(corner, down) for (_, down), (corner, _) in pairwise(pairs)]
    return [each for pair in zip(pairs, [*turns, *pairs[-1:]], strict=True) for each in pair]


def _steps(x: Floats, y: Floats) -> str:
    corners = _corners(x, y)
    return "M" + "L".join(f"{across:.1f} {down:.1f}" for across, down in corners) if corners else ""
