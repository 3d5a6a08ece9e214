"""Figures of a whole sweep from its tables: against its axes, every trial in strips, and each axis averaged."""

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


def draw_against(selection: Selection, view: View, metric: str | None) -> Figure:
    """Draw the success rate, or the median of a metric, against the axes of a view."""
    places = list(product(combinations(selection.summary, selection.layout, view.facets), view.against))
    panels = [_panel(selection, view, axis, facet, Measure.of(metric)) for facet, axis in places]
    averaged = any(panel.cells is not None for panel in panels)
    bands = any(panel.average[LOW].notna().to_numpy().any() for panel in panels)
    return against(
        panels,
        text.rate_title(selection.sweep, selection.page)
        if metric is None
        else text.median_title(selection.sweep, metric, selection.page),
        _name(metric),
        view.lines,
        selection.values(view.lines),
        across=len(view.against) if len(view.against) > 1 else None,
        share=metric is None,
        bound=_bound(selection.sweep, metric),
        note=text.against_note(averaged, bands),
    )


def _panel(selection: Selection, view: View, axis: str, facet: Settings, measure: Measure) -> Panel:
    cells, drawn = select(selection.summary, facet), [axis, *([view.lines] if view.lines else [])]
    others = [name for name in varied(selection.layout) if name not in (*drawn, *view.facets)]
    titles = [text.settings_text(facet)] if facet else []
    average = averages(cells, drawn, measure)
    if not others:
        return Panel(axis, ", ".join(titles), average)
    titles.append(f"averaged over {' and '.join(others)}")
    single = cells[drawn].assign(**{VALUE: cells[measure.value], GROUP: cells.groupby(others).ngroup()})
    return Panel(axis, ", ".join(titles), average, single)


def draw_distribution(selection: Selection, metric: str) -> Figure:
    """Draw a metric of every trial. Rows and columns are as in heatmaps; the panel axis has colours."""
    layout = selection.layout
    axes = selection.sweep.cell_names
    seed = selection.sweep.seed_name
    frames = points(selection.trials, axes, metric, seed), boxes(selection.trials, axes, metric)
    beside = [name for name in (*layout.rest, layout.columns) if name]
    panels = {
        panel: Strips(*(select(frame, panel) for frame in frames)) for panel in combinations(frames[1], layout, beside)
    }
    return strips(
        panels,
        Lanes(layout.rows, selection.values(layout.rows), layout.panels, selection.values(layout.panels)),
        text.distribution_title(selection.sweep, metric, selection.page),
        metric.replace("_", " "),
        _bound(selection.sweep, metric),
        text.strips_note(selection.trials.loc[selection.trials[metric].isna(), "status"]),
        across=len(selection.values(layout.columns)) if layout.rest else None,
    )


def draw_marginal(selection: Selection, measures: Sequence[str | None]) -> Figure:
    """Draw the success rate (None) and medians of metrics for each value of each axis, averaged over all other axes.

    The axis whose averages differ most comes first.
    """
    columns = [_column(selection, each) for each in measures]
    first = {name: frame[VALUE].to_numpy() for name, frame in columns[0].averages.items()}
    # Rounded, so that axes with equal differences keep the order of the file on every machine.
    order = sorted(first, key=lambda name: -round(float(np.ptp(first[name])), 12))
    title = text.marginal_title(selection.sweep, selection.page)
    return marginal({name: selection.values(name) for name in order}, columns, title, text.marginal_note())


def _column(selection: Selection, metric: str | None) -> Column:
    measure, axes = Measure.of(metric), varied(selection.layout)
    averaged = {name: averages(selection.summary, [name], measure) for name in axes}
    cells = selection.summary[axes].assign(**{VALUE: selection.summary[measure.value]})
    return Column(_name(metric), averaged, cells, share=metric is None, bound=_bound(selection.sweep, metric))


def _bound(sweep: Sweep, metric: str | None) -> tuple[str, float] | None:
    """Return the condition of success if it is of this metric."""
    success = sweep.success
    if success is None or success.metric != metric:
        return None
    return str(success), success.bound


def _name(metric: str | None) -> str:
    return "success rate" if metric is None else f"median {metric}".replace("_", " ")
