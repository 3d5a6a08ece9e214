"""Which figures a sweep has, made from its summary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nnsweep.analysis import Layout, Settings, combinations, difference, file_names, has_curves, matrices, pages
from nnsweep.analysis.settings import select
from nnsweep.report.folder import Folder, write_file
from nnsweep.spec.sweep import Sweep

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nnsweep.figures.heatmap import Marks

Draw = Callable[[], "Figure"]

FEW, SURE, INTERVAL = 3, 10, ("_median_low", "_median_high")
"""Curves show their median's interval where a panel has few of them, and seeds enough for a bootstrap to be right."""
TRAIN = "train_"
"""How the name of a metric begins that is measured on the samples which train."""


def figures(
    sweep: Sweep, summary: pd.DataFrame, history: pd.DataFrame | None, layout: Layout, metrics: list[str]
) -> dict[str, Draw]:
    """Name every figure of a sweep, such as `success`, and say how it is drawn; nothing is drawn yet.

    Heatmaps of the successes and of each metric's median, the difference between the last panel and the first, and
    curves where there is a history. Axes beyond three give a set of figures for each combination of their values.
    """
    found: dict[str, Draw] = {}
    for page in pages(summary, layout):
        drawn = list(_Page(sweep, summary, layout, page).figures(metrics)) if layout.rows is not None else []
        if history is not None:
            drawn += _curves(sweep, summary, history, layout, page, metrics)
        found |= {file_names(what, [page], suffix="")[page]: draw for what, draw in drawn}
    return found


def _curves(
    sweep: Sweep, summary: pd.DataFrame, history: pd.DataFrame, layout: Layout, page: Settings, metrics: list[str]
) -> Iterator[tuple[str, Draw]]:
    """A figure for each metric, on test samples and on those that train: lines for the row axis, panels for others."""
    of_page, diverged = select(history, page), int(select(summary, page)["diverged"].to_numpy().sum())
    few = layout.rows is None or len(set(of_page[layout.rows])) <= FEW
    sure = few and of_page["n"].to_numpy().max(initial=0) >= SURE
    of_page = of_page if sure else of_page.drop(columns=[name for name in of_page if name.endswith(INTERVAL)])

    def draw(name: str, pair: list[str]) -> Figure:
        from nnsweep.figures import curves, curves_note, curves_title

        beside = [axis for axis in (layout.panels, layout.columns) if axis is not None]
        beside.sort(key=lambda axis: len(set(of_page[axis])))  # the longer one goes across
        panels = {panel: select(of_page, panel) for panel in combinations(of_page, layout, beside)}
        success = sweep.success if sweep.success is not None and sweep.success.metric in pair else None
        limit = None if success is None else success.below if success.below is not None else success.above
        bound = None if limit is None else (str(success), limit)
        return curves(panels, pair, curves_title(sweep, name, page), layout.rows, bound, curves_note(diverged, sure))

    for name, pair in _pairs(metrics).items():
        if has_curves(of_page.dropna(subset=[f"{metric}_median" for metric in pair], how="all")):
            yield f"curves_{name}", lambda name=name, pair=pair: draw(name, pair)


def _pairs(metrics: list[str]) -> dict[str, list[str]]:
    """Each metric with the same one on training samples, under the name of the former where there are both."""
    pairs: dict[str, list[str]] = {}
    for metric in metrics:
        name = metric.removeprefix(TRAIN)
        pairs.setdefault(name if name in metrics else metric, []).append(metric)
    return {name: sorted(pair, key=lambda metric: metric != name) for name, pair in pairs.items()}


def write_figures(folder: Folder, drawn: dict[str, Draw], formats: Sequence[str], *, again: bool) -> list[Path]:
    """Draw the figures that are not there or older than the tables, or all of them `again`; list those drawn."""
    written: list[Path] = []
    for name, draw in drawn.items():
        paths = [folder.figures / f"{name}.{form}" for form in formats]
        written += save_as(draw, [path for path in paths if again or is_old(folder, path)])
    return written


def save_as(draw: Draw, paths: Sequence[Path]) -> Sequence[Path]:
    """Draw a figure, once, and save it under each of the paths, in the formats of their suffixes."""
    if paths:
        from nnsweep.figures import save  # only where something is drawn: it takes as long as a small sweep

        figure = draw()
        for path in paths:
            write_file(path, lambda draft: save(figure, draft))
    return paths


def is_old(folder: Folder, path: Path) -> bool:
    """Whether a file is older than the tables it is made from, or not there."""
    return not path.exists() or path.stat().st_mtime < folder.summary.stat().st_mtime


class _Page:
    """The figures of one combination of the axes beyond three."""

    def __init__(self, sweep: Sweep, summary: pd.DataFrame, layout: Layout, page: Settings) -> None:
        self._sweep, self._summary, self._layout, self._page = sweep, summary, layout, page

    def figures(self, metrics: list[str]) -> Iterator[tuple[str, Draw]]:
        values = {name: f"{name}_median" for name in _pairs(metrics)}
        if self._sweep.success is not None:
            values = {"success": "successes", **values}
        for what, value in values.items():
            yield what, lambda what=what, value=value: self._heatmaps(what, value)
        if values and len(self._matrices(next(iter(values.values())))) > 1:
            what, value = next(iter(values.items()))
            yield f"{what}_difference", lambda: self._difference(what, value)

    def _matrices(self, value: str) -> dict[Settings, pd.DataFrame]:
        return matrices(self._summary, self._layout, value, self._page)

    def _marks(self) -> Marks:
        ways = [way for way in ("diverged", "failed") if self._summary[way].to_numpy().any()]
        return {way: self._matrices(way) for way in ways}

    def _heatmaps(self, what: str, value: str) -> Figure:
        from nnsweep.figures import heatmaps, median_title, success_title

        if what == "success":
            title = success_title(self._sweep, self._page)
            return heatmaps(self._matrices(value), title, "successes", marks=self._marks())
        title = median_title(self._sweep, what, self._page)
        return heatmaps(self._matrices(value), title, f"median {what}", marks=self._marks())

    def _difference(self, what: str, value: str) -> Figure:
        from nnsweep.figures import difference_map, difference_title

        found = difference(self._summary, self._layout, value, self._page)
        assert found is not None, "there are two panels"
        panels = list(self._matrices(value))
        name = "successes" if what == "success" else f"median {what}"
        title = difference_title(self._sweep, name, panels[0], panels[-1], self._page)
        return difference_map(found, title, f"difference in {name}")
