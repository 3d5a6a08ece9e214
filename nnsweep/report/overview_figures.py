"""From the tables of a whole sweep to its figures: against its axes, every trial in strips, each axis averaged."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from nnsweep.design.columns import GROUP, LOW, VALUE
from nnsweep.design.sweep import Sweep
from nnsweep.figures import text
from nnsweep.figures.against import Panel, against
from nnsweep.figures.marginal import Column, marginal
from nnsweep.figures.strips import Lanes, Strips, strips
from nnsweep.report.selection import Selection
from nnsweep.tables import Settings, combinations
from nnsweep.tables.averages import Measure, View, averages, varied
from nnsweep.tables.settings import select
from nnsweep.tables.spread import boxes, points

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_against(found: Selection, view: View, metric: str | None) -> Figure:
    """Draw the success rate, or the median of a metric, against the axes of a view."""
    places = list(product(combinations(found.summary, found.layout, view.facets), view.against))
    panels = [_panel(found, view, axis, facet, Measure.of(metric)) for facet, axis in places]
    averaged = any(panel.cells is not None for panel in panels)
    bands = any(panel.average[LOW].notna().to_numpy().any() for panel in panels)
    return against(
        panels,
        text.rate_title(found.sweep, found.page)
        if metric is None
        else text.median_title(found.sweep, metric, found.page),
        _name(metric),
        view.lines,
        found.values(view.lines),
        across=len(view.against) if len(view.against) > 1 else None,
        share=metric is None,
        bound=_bound(found.sweep, metric),
        note=text.against_note(averaged, bands),
    )


def _panel(found: Selection, view: View, axis: str, facet: Settings, measure: Measure) -> Panel:
    cells, drawn = select(found.summary, facet), [axis, *([view.lines] if view.lines else [])]
    others = [name for name in varied(found.layout) if name not in (*drawn, *view.facets)]
    titles = [text.settings_text(facet)] if facet else []
    average = averages(cells, drawn, measure)
    if not others:
        return Panel(axis, ", ".join(titles), average)
    titles.append(f"averaged over {' and '.join(others)}")
    single = cells[drawn].assign(**{VALUE: cells[measure.value], GROUP: cells.groupby(others).ngroup()})
    return Panel(axis, ", ".join(titles), average, single)


def draw_distribution(found: Selection, metric: str) -> Figure:
    """Draw every trial's value of a metric: rows down, columns side by side, the panel axis as colours."""
    layout = found.layout
    axes = found.sweep.cell_names
    seed = found.sweep.seed_name
    frames = points(found.trials, axes, metric, seed), boxes(found.trials, axes, metric)
    beside = [name for name in (*layout.rest, layout.columns) if name]
    panels = {
        panel: Strips(*(select(frame, panel) for frame in frames)) for panel in combinations(frames[1], layout, beside)
    }
    return strips(
        panels,
        Lanes(layout.rows, found.values(layout.rows), layout.panels, found.values(layout.panels)),
        text.distribution_title(found.sweep, metric, found.page),
        metric.replace("_", " "),
        _bound(found.sweep, metric),
        text.strips_note(found.trials.loc[found.trials[metric].isna(), "status"]),
        across=len(found.values(layout.columns)) if layout.rest else None,
    )


def draw_marginal(found: Selection, measures: Sequence[str | None]) -> Figure:
    """Draw success rate (None) and medians of metrics for each value of each axis, averaged over all else.

    The axes stand in the order of how much their averages differ.
    """
    columns = [_column(found, each) for each in measures]
    first = {name: frame[VALUE].to_numpy() for name, frame in columns[0].averages.items()}
    # Rounded, so that equal spreads keep the order of the file on every machine.
    order = sorted(first, key=lambda name: -round(float(np.ptp(first[name])), 12))
    title = text.marginal_title(found.sweep, found.page)
    return marginal({name: found.values(name) for name in order}, columns, title, text.marginal_note())


def _column(found: Selection, metric: str | None) -> Column:
    measure, axes = Measure.of(metric), varied(found.layout)
    averaged = {name: averages(found.summary, [name], measure) for name in axes}
    cells = found.summary[axes].assign(**{VALUE: found.summary[measure.value]})
    return Column(_name(metric), averaged, cells, share=metric is None, bound=_bound(found.sweep, metric))


def _bound(sweep: Sweep, metric: str | None) -> tuple[str, float] | None:
    """The condition of success, where it is of this metric."""
    success = sweep.success
    if success is None or success.metric != metric:
        return None
    return str(success), success.bound


def _name(metric: str | None) -> str:
    return "success rate" if metric is None else f"median {metric}".replace("_", " ")
