"""The figures of a whole sweep, or of a part of it with some settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nnsweep.errors import NnsweepError
from nnsweep.report.search_figures import (
    draw_axes,
    draw_best_so_far,
    draw_contour,
    draw_importances,
    draw_parallel,
    draw_pareto,
    draw_stages,
    search_figures,
)
from nnsweep.report.search_view import SearchView
from nnsweep.report.selection import Selection
from nnsweep.tables import combinations
from nnsweep.tables.averages import Measure, View, overview, single, varied
from nnsweep.tables.settings import is_numeric, select
from nnsweep.trials.where import Condition, none_meets, setting

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nnsweep.folder.save_figures import Draw

Options = Mapping[str, "str | Sequence[Overview]"]
"""The options of a figure by name: texts or, for `others`, what is drawn of other sweeps."""
PANELS = 24
"""The most panels of a figure that every run draws."""


@dataclass(frozen=True)
class Overview(Selection):
    """The figures of a sweep, or of a part of it. `search` is what figures of searches are drawn from."""

    search: SearchView | None = None

    def figures(self) -> dict[str, Draw]:
        """Return the figures that every run draws: the rates or, with more than three axes, the marginal view.

        A search that left most of a grid empty has figures of its own instead, and any search some beside these.
        """
        found = {} if self.search is None else search_figures(self.search, self.is_no_grid)
        return found if self.is_no_grid else {**self._of_grid(), **found}

    def _of_grid(self) -> dict[str, Draw]:
        if self.layout.rest:
            return {"marginal": self.marginal} if self._measures() else {}
        view = overview(self.layout)
        if self.sweep.success is None or view is None or not self._has(None):
            return {}
        panels = len(view.against) * len(combinations(self.summary, self.layout, view.facets))
        return {"rates": self.rates} if panels <= PANELS else {}

    def figure(self, kind: str, **options: str | Sequence[Overview]) -> Figure:
        """Draw one of the figures in KINDS, with the options `metric`, `against` or `others`.

        Raises:
            NnsweepError: the figure does not have one of the options, or cannot be drawn.
        """
        taken = OPTIONS[kind]
        for name in options:
            if name not in taken:
                raise NnsweepError(f"figure `{kind}` takes no `{name}`; allowed: {', '.join(taken) or 'none'}")
        return KINDS[kind](self, **options)

    def rates(self, against: str | None = None) -> Figure:
        """Draw the success rate against each numeric axis, averaged over the others; or against one axis, not averaged.

        Raises:
            NnsweepError: success is not defined, no trial has ended, or there is no such axis or no numeric one.
        """
        from nnsweep.report.overview_figures import draw_against

        self.sweep.required_success()
        self._check_values(None)
        return draw_against(self, self._view(against), None)

    def medians(self, metric: str | None = None, against: str | None = None) -> Figure:
        """Draw the median of a metric, by default that of success, in the same way as `rates`.

        Raises:
            NnsweepError: there is no such metric, or as `rates`.
        """
        from nnsweep.report.overview_figures import draw_against

        name = self.metric(metric)
        self._check_values(name)
        return draw_against(self, self._view(against), name)

    def distribution(self, metric: str | None = None) -> Figure:
        """Draw a metric of every trial. Rows and columns are as in heatmaps; the panel axis has colours.

        Raises:
            NnsweepError: there is no such metric, or no trial has ended with it.
        """
        from nnsweep.report.overview_figures import draw_distribution

        name = self.metric(metric)
        self._check_values(name)
        return draw_distribution(self, name)

    def marginal(self, metric: str | None = None) -> Figure:
        """Draw the success rate and the median of a metric for each value of each axis, averaged over all other axes.

        Raises:
            NnsweepError: there is no such metric, or no axis of several values, or no trial has ended.
        """
        from nnsweep.report.overview_figures import draw_marginal

        if not varied(self.layout):
            raise NnsweepError(f"{self.sweep.name}: no axis but the seeds has several values")
        measures = self._measures(metric)
        if not measures:
            self._check_values(None if self.sweep.success is not None else self.metric(metric))
        return draw_marginal(self, measures)

    def searched(self, metric: str | None) -> SearchView:
        """Return what figures of searches are drawn from, judged by a metric."""
        from nnsweep.tables import columns

        if self.search is not None and not metric:
            return self.search
        table = columns(self.trials) if self.search is None else self.search.trials
        return SearchView(self.sweep, table, metric or "", self.page)

    def metric(self, name: str | None = None) -> str:
        """Return the name of a metric if it exists; the default is that of success, or the first.

        Raises:
            NnsweepError: there is no such metric.
        """
        if not self.metrics:
            raise NnsweepError(f"{self.sweep.name}: no trial has ended with a metric; there is nothing to draw")
        success = self.sweep.success
        name = name or (success.metric if success is not None else next(iter(self.metrics), ""))
        if name not in self.metrics:
            raise NnsweepError(f"{self.sweep.name}: no metric `{name}`; allowed: {', '.join(self.metrics)}")
        return name

    def _measures(self, metric: str | None = None) -> list[str | None]:
        """List the success rate, as None, and the metric, if any cell has a value of them."""
        success = self.sweep.success
        asked: list[str | None] = [] if success is None else [None]
        if metric or (self.metrics and (success is None or success.metric in self.metrics)):
            asked.append(self.metric(metric))
        return [each for each in asked if self._has(each)]

    def _has(self, metric: str | None) -> bool:
        return bool(self.summary[Measure.of(metric).value].notna().to_numpy().any())

    def _check_values(self, metric: str | None) -> None:
        """Make sure that there is something to draw: a median of the metric or, for None, a success rate.

        Raises:
            NnsweepError: no cell has one.
        """
        if not self._has(metric):
            what = metric or "success"
            raise NnsweepError(f"{self.sweep.name}: no trial has ended with its {what}; there is nothing to draw")

    def _view(self, against: str | None) -> View:
        numeric = [name for name in varied(self.layout) if is_numeric(self.layout.values[name])]
        if not numeric:
            raise NnsweepError(f"{self.sweep.name}: no axis has several numbers to draw against")
        axis = None if against is None else self.sweep.cell_axis(against).column
        if axis is not None and axis not in numeric:
            raise NnsweepError(
                f"{self.sweep.name}: `{axis}` has no two different numbers; allowed: {', '.join(numeric)}"
            )
        view = overview(self.layout) if axis is None else single(self.layout, axis)
        assert view is not None, "there is a numeric axis"
        return view

    def narrowed(self, where: Sequence[Condition]) -> Overview:
        """Keep the trials that meet every condition, such as `hidden=4`. Conditions on ids and seeds are not possible.

        Raises:
            NnsweepError: there is no such axis or value, or no trial meets all conditions.
        """
        page = tuple(self._setting(condition) for condition in where)
        trials, summary = (select(table, page).reset_index(drop=True) for table in (self.trials, self.summary))
        if trials.empty:
            raise none_meets(self.sweep, where)
        settled = dict(page)
        axes = tuple(axis for axis in self.sweep.axes if axis.column not in settled)
        narrowed = replace(self.sweep, axes=axes)
        return Overview(narrowed, trials, summary, self.metrics, (*self.page, *settled.items())) if where else self

    def _setting(self, condition: Condition) -> tuple[str, Any]:
        name, value = setting(condition)
        if value is None:
            raise NnsweepError(f"--where {name}: allowed: NAME=VALUE, such as hidden=4")
        axis = self.sweep.cell_axis(name)
        return axis.column, axis.shown[axis.find(value)]


def _of_search(draw: Callable[..., Draw]) -> Callable[..., Figure]:
    """Make a kind of figure from a function of what a search found."""

    def drawn(overview: Overview, metric: str | None = None, others: Sequence[Overview] = (), **options: str) -> Figure:
        beside = {"others": [other.searched(metric) for other in others]} if others else {}
        return draw(overview.searched(metric), **options, **beside)()

    return drawn


KINDS: dict[str, Callable[..., Figure]] = {
    "rates": Overview.rates,
    "medians": Overview.medians,
    "distribution": Overview.distribution,
    "marginal": Overview.marginal,
    "best_so_far": _of_search(draw_best_so_far),
    "axes": _of_search(draw_axes),
    "parallel": _of_search(draw_parallel),
    "importances": _of_search(draw_importances),
    "contour": _of_search(draw_contour),
    "pareto": _of_search(draw_pareto),
    "stages": _of_search(draw_stages),
}
"""Figures of a whole sweep, by name."""
OPTIONS = {
    "rates": ("against",),
    "medians": ("metric", "against"),
    "distribution": ("metric",),
    "marginal": ("metric",),
    "best_so_far": ("metric", "others"),
    "axes": ("metric",),
    "parallel": ("metric",),
    "importances": ("metric",),
    "contour": ("metric", "against"),
    "pareto": (),
    "stages": ("metric",),
}
"""The options of each figure."""
