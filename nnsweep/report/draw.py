"""The figures of a sweep, drawn from its summary and its history."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from nnsweep.design.sweep import Sweep
from nnsweep.nn.metrics import TRAIN, part_of, plain_name
from nnsweep.report.bounds import FIGURES, Chosen, choose, everything
from nnsweep.tables import Layout, Settings, combinations, difference, file_names, has_curves, matrices, pages, panels
from nnsweep.tables.settings import select

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nnsweep.figures.heatmap import Marks
    from nnsweep.folder.save_figures import Draw
    from nnsweep.report.tables import Tables

FEW, SURE, INTERVAL = 3, 10, ("_median_low", "_median_high")
"""Curves show the interval of their median if a panel has few curves, and enough seeds for a bootstrap."""
CURVES, DIFFERENCE = "curves_", "_difference"
"""The prefix of figures of curves, and the suffix of figures that show the last panel minus the first."""


def kinds(sweep: Sweep, layout: Layout, metrics: Sequence[str], curves: bool) -> dict[str, int]:
    """List the kinds of figures of a sweep, the most useful first, each with its number of panels."""
    count = {axis: len(layout.values[axis]) for axis in (layout.columns, layout.panels) if axis is not None}
    beside = count.get(layout.panels or "", 1)
    found: dict[str, int] = {}
    values = list(_values(sweep, metrics)) if layout.rows is not None else []
    for value in values[:1]:
        found |= {value: beside, **({f"{value}{DIFFERENCE}": 1} if beside > 1 else {})}
    for name in sorted(metrics, key=lambda name: name != sweep.judged_by):
        found |= {name: beside} if name in values else {}
        curved = curves and name in _pairs(metrics)
        found |= {f"{CURVES}{name}": beside * count.get(layout.columns or "", 1)} if curved else {}
    return found


def choose_kinds(tables: Tables, all_files: bool = False) -> Chosen:
    """Choose the kinds of figures that a run draws, in addition to the one that shows the whole sweep."""
    if tables.is_no_grid and not all_files:
        return Chosen(())
    across = kinds(tables.sweep, tables.layout, tables.metrics, tables.curves is not None)
    files = dict.fromkeys(across, len(pages(tables.summary, tables.layout)))
    return everything(files) if all_files else choose(files, FIGURES - 1, across)


def figures(
    sweep: Sweep,
    summary: pd.DataFrame,
    history: pd.DataFrame | None,
    layout: Layout,
    metrics: list[str],
    chosen: Collection[str] | None = None,
) -> dict[str, Draw]:
    """Return a function that draws each figure of a sweep, by name, such as `success`. Nothing is drawn yet.

    There are heatmaps of the successes and of each metric's median, the difference between the last panel and the
    first, and curves if there is a history. With more than three axes, there is a set of figures for each combination
    of the values of the others. `chosen` are the kinds to draw; None means all.
    """
    from nnsweep.report.overview import KINDS

    wanted = kinds(sweep, layout, metrics, history is not None) if chosen is None else chosen
    found: dict[str, Draw] = {}
    taken = set(KINDS)  # names of metrics may differ only in characters that a file name cannot have
    for page in pages(summary, layout) if wanted else []:
        drawn = list(_Page(sweep, summary, layout, page).figures(metrics, wanted)) if layout.rows is not None else []
        if history is not None:
            drawn += _curves(sweep, summary, history, layout, page, metrics, wanted)
        found |= {file_names(what, [page], suffix="", taken=taken)[page]: draw for what, draw in drawn}
    return found


def _values(sweep: Sweep, metrics: Sequence[str]) -> dict[str, str]:
    """Return the columns of the summary that heatmaps show, by the names of the figures."""
    success = {} if sweep.success is None else {"success": "successes"}
    shown = (name for name in metrics if part_of(name) != TRAIN or plain_name(name) not in metrics)
    return success | {name: f"{name}_median" for name in shown}


def _curves(
    sweep: Sweep,
    summary: pd.DataFrame,
    history: pd.DataFrame,
    layout: Layout,
    page: Settings,
    metrics: list[str],
    wanted: Collection[str],
) -> Iterator[tuple[str, Draw]]:
    """Yield a figure for each metric, with one curve per part of the samples: lines are rows, panels the other axes."""
    of_page, diverged = select(history, page), int(select(summary, page)["diverged"].to_numpy().sum())
    few = layout.rows is None or len(set(of_page[layout.rows])) <= FEW
    sure = few and of_page["n"].to_numpy().max(initial=0) >= SURE
    of_page = of_page if sure else of_page.drop(columns=[name for name in of_page if name.endswith(INTERVAL)])

    for name, pair in _pairs(metrics).items():
        measured = of_page.dropna(subset=[f"{metric}_median" for metric in pair], how="all")
        if f"{CURVES}{name}" in wanted and has_curves(measured):
            note = diverged, sure
            yield f"{CURVES}{name}", partial(_draw_curves, sweep, of_page, layout, page, name, pair, note)


def _draw_curves(
    sweep: Sweep,
    history: pd.DataFrame,
    layout: Layout,
    page: Settings,
    name: str,
    pair: list[str],
    note: tuple[int, bool],
) -> Figure:
    """Draw the curves of a pair of metrics; `note` says how many trials diverged, and whether there are intervals."""
    from nnsweep.figures.curves import curves
    from nnsweep.figures.text import curves_note, curves_title

    beside = [axis for axis in (layout.panels, layout.columns) if axis is not None]
    beside.sort(key=lambda axis: len(set(history[axis])))  # the longer axis goes across
    panels = {panel: select(history, panel) for panel in combinations(history, layout, beside)}
    success = sweep.success if sweep.success is not None and sweep.success.metric in pair else None
    bound = None if success is None else (str(success), success.bound)
    return curves(panels, pair, curves_title(sweep, name, page), layout.rows, bound, curves_note(*note))


def _pairs(metrics: Sequence[str]) -> dict[str, list[str]]:
    """Group each metric with the same metric on other parts of the samples, such as `loss` with `train_loss`."""
    pairs: dict[str, list[str]] = {}
    for metric in metrics:
        name = plain_name(metric)
        pairs.setdefault(name if name in metrics else metric, []).append(metric)
    return {name: sorted(pair, key=lambda metric: metric != name) for name, pair in pairs.items()}


class _Page:
    """The figures of one combination of the axes beyond three."""

    def __init__(self, sweep: Sweep, summary: pd.DataFrame, layout: Layout, page: Settings) -> None:
        self._sweep, self._summary, self._layout, self._page = sweep, summary, layout, page

    def figures(self, metrics: list[str], wanted: Collection[str]) -> Iterator[tuple[str, Draw]]:
        values = _values(self._sweep, metrics)
        for what, value in values.items():
            if what in wanted:
                yield what, partial(self._heatmaps, what, value)
        for what, value in list(values.items())[:1]:
            name = f"{what}{DIFFERENCE}"
            if name in wanted and len(panels(self._summary, self._layout, self._page)) > 1:
                yield name, partial(self._difference, what, value)

    def _matrices(self, value: str) -> dict[Settings, pd.DataFrame]:
        return matrices(self._summary, self._layout, value, self._page)

    def _marks(self) -> Marks:
        ways = [way for way in ("diverged", "failed") if self._summary[way].to_numpy().any()]
        return {way: self._matrices(way) for way in ways}

    def _heatmaps(self, what: str, value: str) -> Figure:
        from nnsweep.figures.heatmap import heatmaps
        from nnsweep.figures.text import median_title, success_title

        if what == "success":
            title = success_title(self._sweep, self._page)
            return heatmaps(self._matrices(value), title, "successes", marks=self._marks())
        title = median_title(self._sweep, what, self._page)
        return heatmaps(self._matrices(value), title, f"median {what}", marks=self._marks())

    def _difference(self, what: str, value: str) -> Figure:
        from nnsweep.figures.heatmap import difference_map
        from nnsweep.figures.text import difference_title

        found = difference(self._summary, self._layout, value, self._page)
        assert found is not None, "there are two panels"
        panels = list(self._matrices(value))
        name = "successes" if what == "success" else f"median {what}"
        title = difference_title(self._sweep, name, panels[0], panels[-1], self._page)
        return difference_map(found, title, f"difference in {name}")
