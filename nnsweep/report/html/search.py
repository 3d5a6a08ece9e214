"""What a page shows of a search: charts, and tables of importances and of a front."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from nnsweep.format import percent
from nnsweep.questions.search.best_so_far import ORDERS
from nnsweep.report.html import plots
from nnsweep.report.html.charts import Plot
from nnsweep.report.html.context import value_labels
from nnsweep.report.search_view import LUCK, SearchView

LISTED = 12
"""Rows of a table, at most."""
LEAST = 0.005
"""The least share that is listed."""
BAND = (
    "Band: 80 % of all orders in which these configurations might have been tried; it closes at the right, because all "
    "orders end with the same best."
)


@dataclass(frozen=True)
class Part:
    """A heading with charts, a table and a note."""

    name: str
    plots: Sequence[Plot] = ()
    note: str = ""
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = field(default_factory=tuple)


def search_parts(view: SearchView, is_no_grid: bool, fitted: bool = True) -> list[Part]:
    """List what is shown, as figures of a run are; `fitted` is whether a surrogate is fitted, which takes a while."""
    if not view.has_values:
        return []
    found = [_best(view)]
    if view.stages is not None:
        note = "Coloured: those that were not stopped."
        found.append(Part("How far configurations came", [plots.stages_plot(view)], note))
    if not is_no_grid:
        return found
    if view.pareto is not None and view.pareto.front.any():
        found.append(_front(view))
    if view.found.axes:
        dots = "A dot for each configuration. Large: the best. Coloured: those that may be the best. Crosses: no value."
        found.append(Part("Each axis", plots.axis_plots(view), dots))
    if len(view.found.axes) > 1:
        gap = "A line for each configuration, thick for the best; it has a gap where an axis does not count."
        found.append(Part("All axes together", [plots.parallel_plot(view)], gap))
    return [*found, *(_of_surrogate(view) if fitted else ())]


def _best(view: SearchView) -> Part:
    band = f"{BAND} " if view.best_so_far().band == ORDERS else ""
    return Part("The best so far", [plots.best_plot(view)], f"{band}{LUCK}")


def _front(view: SearchView) -> Part:
    found = view.pareto
    assert found is not None
    table = found.table
    columns = [value_labels(table[name].tolist(), exact=True) for name in found.axes]
    columns += [[f"{value:.4g}" for value in table[f"{metric}_{found.average}"]] for metric in found.metrics]
    ends = [(table[f"{metric}_lower"].tolist(), table[f"{metric}_upper"].tolist()) for metric in found.metrics]
    columns += [[f"{low:.4g} to {high:.4g}" for low, high in zip(*pair, strict=True)] for pair in ends]
    header = [*(name.strip() for name in found.axes), *(f"{found.average} {metric}" for metric in found.metrics)]
    header += [f"middle half of {metric}" for metric in found.metrics]
    rows = list(zip(*columns, strict=True))
    more = f" {len(rows) - LISTED} more are in tables/pareto.csv." if len(rows) > LISTED else ""
    note = f"No other configuration is better by every metric than one of these. Their seeds chose them.{more}"
    return Part("In front", [plots.pareto_plot(view)], note, header, rows[:LISTED])


def _of_surrogate(view: SearchView) -> Iterator[Part]:
    table, fitted = view.fitted.importances, view.fitted
    if table is None:
        yield Part("What it depends on", note=f"No importances: {fitted.why_not}.")
        return
    pairs = zip(table["axes"].tolist(), table["share"].tolist(), strict=True)
    rows = [(name, percent(share)) for name, share in pairs if share >= LEAST][:LISTED]
    what = f"share of the variance of the {view.found.name} over the whole space"
    yield Part("What it depends on", note=fitted.note, header=["axes", what], rows=rows)
    if fitted.pair is not None:
        across, up = (axis.name for axis in fitted.pair)
        note = "Averaged over all other axes; empty where no configuration is near."
        yield Part(f"Over {across} and {up}", [plots.contour_plot(view)], note)
