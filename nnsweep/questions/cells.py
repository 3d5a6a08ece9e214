"""The cells that are printed after a run: all of them if there are few, otherwise the best, with intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nnsweep import format
from nnsweep.design.search import OVER_EPOCHS
from nnsweep.format import count, with_interval
from nnsweep.questions.rank.criterion import choose_criterion, order_cells
from nnsweep.tables.summary import number_cells
from nnsweep.trainers.protocol import EPOCHS

if TYPE_CHECKING:
    from nnsweep.design.sweep import Sweep
    from nnsweep.tables import Columns, Layout, Settings

LISTED = 12
"""Up to this many cells are all printed; of more, only the best are."""
BEST = 6
"""How many of the best cells are printed: one of each panel or, if there are more panels, of all cells."""

Cell = dict[str, Any]


def format_cells(
    sweep: Sweep, summary: Columns, layout: Layout, order: Sequence[int], metrics: Sequence[str]
) -> Iterator[str]:
    """Name the cells that succeed most often, and the best of all; `order` lists the cells, the best first."""
    if sweep.search is not None:
        yield from _best_of_search(sweep, summary, layout, order, metrics)
    elif sweep.success is not None:
        yield from _successes(sweep, summary, layout, order)
    else:
        yield from _best_median(sweep, metrics, summary, layout, order)


def _best_of_search(
    sweep: Sweep, summary: Columns, layout: Layout, order: Sequence[int], metrics: Sequence[str]
) -> Iterator[str]:
    """Name the best configuration of a search, without an interval: the seeds that chose it tell none."""
    assert sweep.search is not None
    if not order:
        judged = sweep.search.ranked_by
        if metrics and judged not in ("", *metrics):
            yield f"no best: no trial has `{judged}`, by which the search judges; measured: {', '.join(metrics)}"
        return
    cell, where = (best := _record(summary, order[0])), _where(best, layout.values, end="")
    lead = f"best of {count(_configurations(sweep, summary), 'configuration')} (`{sweep.search.method}`)"
    criterion = choose_criterion(sweep, metrics)
    if not criterion.by_success:
        judged = f"{criterion.average} {criterion.metric}"
        yield f"{lead}: {judged} {cell[f'{criterion.metric}_{criterion.average}']:.4g} at {where}"
    elif cell["finished"]:
        yield f"{lead}: {cell['successes']} of {cell['finished']} ({sweep.success}) at {where}"


def _configurations(sweep: Sweep, summary: Columns) -> int:
    """Count the configurations of a search; one is several cells where it came to several numbers of epochs."""
    assert sweep.search is not None
    over_epochs = sweep.search.method in OVER_EPOCHS
    names = [axis.name for axis in sweep.cell_axes if not (over_epochs and axis.parameter == EPOCHS)]
    return len(number_cells(summary, names)[1])


def _successes(sweep: Sweep, summary: Columns, layout: Layout, order: Sequence[int]) -> Iterator[str]:
    cells = len(summary["n"])
    succeeded, finished = (sum(number or 0 for number in summary[name].tolist()) for name in ("successes", "finished"))
    if finished and not succeeded and cells > 1:
        yield f"successes ({sweep.success}): none of {finished:,}"
        return
    yield f"{'most ' if cells > LISTED else ''}successes ({sweep.success}):"
    if cells <= LISTED:
        yield from _every_cell(summary, layout)
    elif finished:
        yield from _best_of_panels(summary, layout, order) or _best_of_all(summary, layout, order)
    else:
        yield "  none ended"
    if finished and cells > 1:
        best, *others = order
        alike = int((summary["rate"][others] == summary["rate"][best]).sum())
        more = f"; {count(alike, 'other cell')} as often" if alike else ""
        yield f"best: {_at(_record(summary, best), layout.values)}{more}"


def _best_median(
    sweep: Sweep, metrics: Sequence[str], summary: Columns, layout: Layout, order: Sequence[int]
) -> Iterator[str]:
    """Name the cell with the best median of the first metric, for a sweep without [success]."""
    if not order:
        return
    ranked, cell = choose_criterion(sweep, metrics), _record(summary, order[0])
    if math.isnan(cell[f"{ranked.metric}_median"]):  # all trials of all cells diverged
        return
    middle = with_interval(*(cell[f"{ranked.metric}_{name}"] for name in ("median", "median_low", "median_high")))
    if len(summary["n"]) == 1:
        yield f"median {ranked.metric}: {middle}"
        return
    where = _where(cell, layout.values, end="")
    yield f"{'lowest' if ranked.lower else 'highest'} median {ranked.metric}: {middle} at {where}"


def chosen_cells(sweep: Sweep, trials: Columns, summary: Columns, layout: Layout) -> list[Cell]:
    """Choose the cells to print: all of them in grid order if there are few, otherwise the best."""
    cells = len(summary["n"])
    rows = range(cells) if cells <= LISTED else _best_rows(summary, layout, order_cells(sweep, trials))
    return [_record(summary, row) for row in rows]


def _best_rows(summary: Columns, layout: Layout, order: Sequence[int]) -> list[int]:
    """The best cell of each panel, or the best of all cells if there is one panel or very many."""
    return list(_panels(summary, layout, order).values()) or list(order[:BEST])


def _panels(summary: Columns, layout: Layout, order: Sequence[int]) -> dict[Settings, int]:
    """The best cell of each panel; empty if there is one panel or very many."""
    from nnsweep.tables import panels
    from nnsweep.tables.settings import having

    of_layout = panels(summary, layout)
    if not 1 < len(of_layout) <= BEST:
        return {}
    inside = {panel: having(summary, panel) for panel in of_layout}
    best = {panel: next((row for row in order if has_row[row]), None) for panel, has_row in inside.items()}
    return {panel: row for panel, row in best.items() if row is not None}


def _best_of_panels(summary: Columns, layout: Layout, order: Sequence[int]) -> list[str]:
    lines: list[str] = []
    for panel, row in _panels(summary, layout, order).items():
        settings = dict(panel)
        others = [name for name in layout.values if name not in settings]
        lines.append(f"  {_where(settings, settings)}{_at(_record(summary, row), others)}")
    return lines


def _best_of_all(summary: Columns, layout: Layout, order: Sequence[int]) -> list[str]:
    return [f"  {_at(_record(summary, row), layout.values)}" for row in order[:BEST]]


def _every_cell(summary: Columns, layout: Layout) -> Iterator[str]:
    """Name every cell, in the order of the grid."""
    cells = [_record(summary, row) for row in range(len(summary["n"]))]
    names = [_where(cell, layout.values) for cell in cells]
    digits = max((len(str(cell["successes"])) for cell in cells if cell["finished"]), default=1)
    for name, cell in zip(names, cells, strict=True):
        yield f"  {name:{max(map(len, names))}}{rate(cell, digits)}"


def _record(summary: Columns, row: int) -> Cell:
    from nnsweep.tables.columns import record

    return record(summary, row)


def _at(cell: Cell, names: Iterable[str]) -> str:
    return f"{rate(cell)} at {_where(cell, names, end='')}"


def _where(cell: Mapping[str, Any], names: Iterable[str], end: str = ": ") -> str:
    """Name a cell by its settings; empty if it has none."""
    text = ", ".join(f"{name.strip()} = {cell[name]}" for name in names)
    return f"{text}{end}" if text else ""


def rate(cell: Mapping[str, Any], digits: int = 1) -> str:
    """Write how many trials of a cell succeeded, and the rate with its interval."""
    if not cell["finished"]:
        return "not measured" if cell["n"] or cell["diverged"] else "none ended"
    return f"{cell['successes']:{digits}} of {cell['finished']} ({format.rate(cell)})"
