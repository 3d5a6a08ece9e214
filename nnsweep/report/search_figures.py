"""Figures of a search, each as a function that draws it and data that are small enough to be sent elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from nnsweep.design.columns import BEST, FRONT, LOW, NONE
from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError
from nnsweep.figures import text
from nnsweep.format import count
from nnsweep.questions.search.best_so_far import FEW, ORDERS, SEARCHES, BestSoFar
from nnsweep.report.search_view import LUCK, SearchView
from nnsweep.tables import frame

if TYPE_CHECKING:
    from nnsweep.figures.searched import Value
    from nnsweep.folder.save_figures import Draw

BAND_OF_ORDERS = (
    "Band: 80 % of all orders in which these configurations might have been tried. It closes at the right, because all "
    "orders end with the same best; it says nothing of other configurations."
)
MASKED = "Averaged over all other axes. Grey: no configuration is near."


def search_figures(view: SearchView, is_no_grid: bool) -> dict[str, Draw]:
    """Return the figures that a run draws of a search: of one that left most of a grid empty, all of them."""
    if view.sweep.search is None or not view.has_values:
        return {}
    found = {"best_so_far": draw_best_so_far(view)}
    if view.stages is not None:
        found["stages"] = draw_stages(view)
    if not is_no_grid:
        return found
    if view.found.axes:
        found["axes"] = draw_axes(view)
    if len(view.found.axes) > 1:
        found["parallel"] = draw_parallel(view)
    if view.fitted.importances is not None:
        found["importances"] = draw_importances(view)
        if view.fitted.pair is not None:
            found["contour"] = draw_contour(view)
    if view.pareto is not None and view.pareto.front.any():
        found["pareto"] = draw_pareto(view)
    return found


def draw_best_so_far(view: SearchView, others: Sequence[SearchView] = ()) -> Draw:
    """Draw the best value so far over the trainings or, of a halving, the epochs."""
    from nnsweep.figures.best_so_far import best_so_far

    found = view.best_so_far(others)
    along = "epochs" if "epochs" in found.table else "trainings"
    title = _title(view, f"the best of {count(view.found.count, 'configuration')} so far ({_method(view.sweep)})")
    return partial(best_so_far, frame(found.table), along, _value(view), title, _note(view, found), found.lines)


def _note(view: SearchView, found: BestSoFar) -> str:
    if found.band == SEARCHES and found.lines is not None:
        many = len(found.lines)
        band = "from the worst to the best of them" if many < FEW else "the middle 80 % of them"
        return f"Line: the median of {many} searches that differ in their seed alone. Band: {band}. {LUCK}"
    method = view.sweep.search.method if view.sweep.search else ""
    said = [BAND_OF_ORDERS] if found.band == ORDERS else []
    if method == "racing":
        said.append("After each seed, the best in the race, by its seeds until then: it gets worse as luck evens out.")
    if "epochs" in found.table:
        said.append("The best of those that trained for the most epochs so far.")
    return " ".join([*said, LUCK])


def draw_axes(view: SearchView) -> Draw:
    """Draw the configurations over each axis."""
    from nnsweep.figures.axes_of_search import SPREAD_OF, axes_of_search

    _check_axes(view, 1)
    points = view.points
    dots = f"Dots: configurations{', each at its last epochs' if view.found.epochs is not None else ''}."
    spread = " Lines: the middle half of their seeds." if LOW in points and len(points) <= SPREAD_OF else ""
    title = _title(view, f"{count(len(points), 'configuration')} over each axis")
    note = f"{dots}{spread} Values of a list stand beside each other in the order in which they were tried."
    return partial(
        axes_of_search, points, view.found.axes, _value(view), title, note if _has_lists(view) else f"{dots}{spread}"
    )


def _has_lists(view: SearchView) -> bool:
    return any(axis.space is None for axis in view.found.axes)


def draw_parallel(view: SearchView) -> Draw:
    """Draw each configuration as a line through its values."""
    from nnsweep.figures.parallel import MARKED, parallel

    _check_axes(view, 2)
    points = view.points
    title = _title(view, f"{count(len(points), 'configuration')}, a line each")
    best, none = (points[name].to_numpy(dtype=bool) for name in (BEST, NONE))
    marked = best.sum() <= MARKED * len(points)
    note = f"Dark: better. Thick: the best{', and those that may be the best' if marked else ''}."
    gaps = np.isnan(points[[axis.column for axis in view.found.axes]].to_numpy(dtype=float)).any()
    note += " A line has a gap where an axis does not count." if gaps else ""
    note += " Grey: no value." if none.any() else ""
    return partial(parallel, points, view.found.axes, _value(view), title, note)


def draw_importances(view: SearchView) -> Draw:
    """Draw the share of the variance that each axis explains.

    Raises:
        NnsweepError: no surrogate can be believed.
    """
    from nnsweep.figures.importances import importances

    table = view.required_importances
    what = view.found.name
    title = _title(view, f"what the {what} depends on")
    note = f"Functional ANOVA over the whole space. {view.fitted.note}"
    return partial(importances, frame(table), f"share of the variance of the {what}", title, note)


def draw_contour(view: SearchView, against: str = "") -> Draw:
    """Draw the value over two axes, such as `alpha,hidden`, or over those that explain most.

    Raises:
        NnsweepError: there are no such axes.
    """
    from nnsweep.figures.contour import contour

    found = view.plane_of(against.split(",")) if against else view.plane
    title = _title(view, f"{view.found.name} over {found.across.name} and {found.up.name}")
    why_not = view.fitted.why_not
    note = f"Only configurations are drawn: {why_not}." if why_not else f"{MASKED} {view.fitted.note}"
    of_plane = (found.across, found.up), (found.x, found.y), found.values
    return partial(contour, *of_plane, view.points, _value(view), title, note)


def draw_pareto(view: SearchView) -> Draw:
    """Draw the configurations by the first two metrics of a search.

    Raises:
        NnsweepError: the search has no two metrics.
    """
    import pandas as pd

    from nnsweep.figures.pareto import pareto

    found = view.required_pareto
    columns: dict[str, Any] = {FRONT: found.front}
    for at, metric in enumerate(found.metrics):
        columns[f"{metric}_{found.average}"] = found.values[:, at]
        columns[f"{metric}_lower"], columns[f"{metric}_upper"] = found.quartiles[:, :, at]
    better = " and ".join(
        f"{'less' if low else 'more'} {name}" for name, low in zip(found.metrics, found.lower, strict=True)
    )
    title = _title(view, f"{int(found.front.sum())} of {count(len(found.front), 'configuration')} in front: {better}")
    note = "Lines: the middle half of the seeds. These seeds chose the front, so that it looks better than it is."
    return partial(pareto, pd.DataFrame(columns), found.metrics, found.lower, title, note, found.average)


def draw_stages(view: SearchView) -> Draw:
    """Draw how far each configuration of a race or a halving came.

    Raises:
        NnsweepError: the search stops none early.
    """
    from nnsweep.figures.stages import stages

    found = view.stages
    if found is None:
        raise NnsweepError(
            f"{view.sweep.name}: no configuration was stopped early; allowed: a race or a halving that has ended"
        )
    title = _title(view, f"how far {count(len(set(found.table['configuration'].tolist())), 'configuration')} came")
    of = "all seeds until then" if found.along == "seeds" else "all seeds at that many epochs"
    return partial(
        stages, frame(found.table), found.along, _value(view), title, f"Each line: a configuration, by {of}."
    )


def _check_axes(view: SearchView, least: int) -> None:
    if len(view.found.axes) < least:
        needed = "an axis" if least == 1 else f"{least} axes"
        raise NnsweepError(f"{view.sweep.name}: the figure needs {needed} of several values, besides the seeds")


def _value(view: SearchView) -> Value:
    from nnsweep.figures.searched import Value

    found, success = view.found, view.sweep.success
    bounded = success is not None and not found.criterion.by_success and success.metric == found.criterion.metric
    bound = (str(success), success.bound) if bounded and success is not None else None
    return Value(found.name.replace("_", " "), found.is_better_higher, found.criterion.by_success, bound)


def _method(sweep: Sweep) -> str:
    return sweep.search.method if sweep.search else "grid"


def _title(view: SearchView, what: str) -> str:
    where = text.settings_text(view.page)
    return f"{view.sweep.name}: {what}" + (f", {where}" if where else "")
