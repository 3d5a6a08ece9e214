"""Charts of a search."""

from __future__ import annotations

import numpy as np

from nnsweep.design.columns import BEST, FIRST, NONE, VALUE
from nnsweep.design.places import AxisPlaces, Floats
from nnsweep.figures.limits import limited
from nnsweep.report.html.charts import (
    BOTTOM,
    HIGH,
    LEFT,
    RIGHT,
    TOP,
    WIDE,
    Plot,
    Scale,
    Shape,
    band,
    crosses,
    dots,
    line,
    steps,
)
from nnsweep.report.html.colours import LINES
from nnsweep.report.html.ticks import log_values, round_values, short, tick_texts
from nnsweep.report.search_view import SearchView

MOST, MOST_LINES = 1000, 250
"""Configurations, at most, that are drawn as dots, and as lines: the best, and others evenly among the rest."""
BESIDE = 150
"""Distance of two axes of parallel coordinates."""
LOST = ("dropped", "ruled out", "none ended", "none ended well")
"""Why configurations are stopped whose lines have no colour."""


def best_plot(view: SearchView) -> Plot:
    """Draw the best value so far over the trainings or, of a halving, the epochs, with its band."""
    table = view.best_so_far().table
    along = "epochs" if "epochs" in table else "trainings"
    columns = [table[name] for name in ("value", "low", "high") if name in table]
    up = _up(view, np.concatenate(columns))
    across = Scale(0.0, float(max(table[along].max(), 1)), LEFT, WIDE - RIGHT)
    x = across.at(np.asarray(table[along], dtype=float))
    shapes = [Shape(steps(x, up.at(columns[0])), "line among")]
    if len(columns) == 3:
        shapes.insert(0, Shape(band(x, up.at(columns[1]), up.at(columns[2])), "band"))
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
        shapes = [Shape(dots(x[rows], y[rows]), style) for rows, style in groups]
        shapes.append(Shape(crosses(x[none], y[none]), "thin none"))
        plots.append(Plot(axis.name, "", view.found.name, _places(axis), up.ticks, shapes))
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
        path = "".join(line(x, places[row]) for row in rows.tolist())
        shapes.append(Shape(path, f"thin c{level}" if level != "none" else "thin plain"))
    first = points[FIRST].to_numpy(dtype=bool)
    shapes += [Shape(line(x, places[row]), f"line thick c{LINES - 1}") for row in np.flatnonzero(first).tolist()]
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
        shapes.append(Shape(path, f"cell c{level}"))
    points = _drawn(view, MOST)
    x = LEFT + points[found.across.column].to_numpy(dtype=float) * wide
    y = TOP + (1 - points[found.up.column].to_numpy(dtype=float)) * high
    first = points[FIRST].to_numpy(dtype=bool)
    shapes += [Shape(dots(x[~first], y[~first]), "dot small"), Shape(dots(x[first], y[first]), "dot first")]
    up = [(TOP + (1 - place) * high, label) for place, label in _labelled(found.up)]
    return Plot("", found.across.name, found.up.name, _places(found.across), up, shapes, coloured=not fitted.why_not)


def pareto_plot(view: SearchView) -> Plot:
    """Draw the configurations by the first two metrics, and those in front."""
    found = view.pareto
    assert found is not None
    columns = [limited(found.values[:, at], not found.lower[at]) for at in range(2)]
    scales = Scale.of(columns[0], upwards=False), Scale.of(columns[1], upwards=True)
    x, y = (scale.at(column) for scale, column in zip(scales, columns, strict=True))
    shapes = [
        Shape(dots(x[~found.front], y[~found.front]), "dot plain"),
        Shape(dots(x[found.front], y[found.front]), "dot among"),
    ]
    x_name, y_name = (f"{found.average} {metric}" for metric in found.metrics[:2])
    return Plot("", x_name, y_name, scales[0].ticks, scales[1].ticks, shapes)


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
        paths.append(line(x[rows], y[rows]))
    ticks = across.ticks
    if found.along == "epochs":
        ticks = list(
            zip(across.at(np.arange(len(known)).astype(float)).tolist(), map(str, known.tolist()), strict=True)
        )
    shapes = [Shape("".join(lost), "thin plain"), Shape("".join(kept), "line among")]
    return Plot("", found.along, view.found.name, ticks, up.ticks, shapes)


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
