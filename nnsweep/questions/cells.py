"""Which cells of a sweep are told when it has run: all of few, else the best, each with its interval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from nnsweep.design.sweep import Sweep
    from nnsweep.tables import Columns, Layout, Settings

LISTED = 12
"""Cells of a sweep that are all named; of larger ones, the best."""
BEST = 6
"""How many of the best are named: one of each panel, or where there are more panels, of all cells."""

Cell = dict[str, Any]


def format_cells(sweep: Sweep, summary: Columns, layout: Layout) -> Iterator[str]:
    """Say which cells succeed most, and which is the best of all."""
    if sweep.success is not None:
        yield from _successes(sweep, summary, layout)
    else:
        yield from _best_median(summary, layout)


def _successes(sweep: Sweep, summary: Columns, layout: Layout) -> Iterator[str]:
    cells = len(summary["n"])
    succeeded, finished = (sum(each or 0 for each in summary[name].tolist()) for name in ("successes", "finished"))
    if finished and not succeeded and cells > 1:
        yield f"successes ({sweep.success}): none of {finished:,}"
        return
    yield f"{'most ' if cells > LISTED else ''}successes ({sweep.success}):"
    if cells <= LISTED:
        yield from _every_cell(summary, layout)
    elif finished:
        yield from _best_of_panels(sweep, summary, layout) or _best_of_all(sweep, summary, layout)
    else:
        yield "  none ended"
    if finished and cells > 1:
        best, *others = ranked(sweep, summary)
        alike = sum(summary["rate"][others] == summary["rate"][best])
        more = f"; {alike:,} other cell{'s' * bool(alike != 1)} as often" if alike else ""
        yield f"best: {_at(_record(summary, best), layout.values)}{more}"


def _best_median(summary: Columns, layout: Layout) -> Iterator[str]:
    """Tell the best median of the first metric and its cell, where success is not defined."""
    import numpy as np

    from nnsweep.nn import higher_is_better

    ending = "_median"
    metric = next((name.removesuffix(ending) for name in summary if name.endswith(ending)), None)
    if metric is None or np.isnan(summary[f"{metric}{ending}"]).all():
        return
    higher = higher_is_better(metric)
    medians = summary[f"{metric}{ending}"]
    cell = _record(summary, int(np.nanargmax(medians) if higher else np.nanargmin(medians)))
    middle, low, high = (f"{cell[f'{metric}_{name}']:.4g}" for name in ("median", "median_low", "median_high"))
    interval = "" if "nan" in (low, high) else f" (95 % interval {low} to {high})"
    if len(medians) == 1:
        yield f"median {metric}: {middle}{interval}"
        return
    where = _where(cell, layout.values, end="")
    yield f"{'highest' if higher else 'lowest'} median {metric}: {middle}{interval} at {where}"


def ranked(sweep: Sweep, summary: Columns) -> list[int]:
    """Order the cells by their rates, equals by the median of the metric of success, then as in the grid."""
    import numpy as np

    success = sweep.required_success()
    medians = summary.get(f"{success.metric}_median", np.zeros(len(summary["n"])))
    keys = np.nan_to_num(medians if success.below is not None else -medians, nan=np.inf), -summary["rate"]
    order: np.ndarray = np.lexsort(keys)
    return [row for row in order.tolist() if not np.isnan(summary["rate"][row])]


def chosen_cells(sweep: Sweep, summary: Columns, layout: Layout) -> list[Cell]:
    """Choose the cells that are told: all of few, in the order of the grid, or else the best."""
    if len(summary["n"]) <= LISTED:
        return [_record(summary, row) for row in range(len(summary["n"]))]
    return [_record(summary, row) for row in _best_rows(sweep, summary, layout)]


def _best_rows(sweep: Sweep, summary: Columns, layout: Layout) -> list[int]:
    """The best cell of each panel, or where there is one panel or very many, the best of all."""
    return list(_panels(sweep, summary, layout).values()) or ranked(sweep, summary)[:BEST]


def _panels(sweep: Sweep, summary: Columns, layout: Layout) -> dict[Settings, int]:
    """The best cell of each panel; none where there is one panel or very many."""
    from nnsweep.tables import panels
    from nnsweep.tables.settings import having

    found = panels(summary, layout)
    if not 1 < len(found) <= BEST:
        return {}
    order = ranked(sweep, summary)
    inside = {panel: having(summary, panel) for panel in found}
    best = {panel: next((row for row in order if here[row]), None) for panel, here in inside.items()}
    return {panel: row for panel, row in best.items() if row is not None}


def _best_of_panels(sweep: Sweep, summary: Columns, layout: Layout) -> list[str]:
    lines: list[str] = []
    for panel, row in _panels(sweep, summary, layout).items():
        settled = dict(panel)
        others = [name for name in layout.values if name not in settled]
        lines.append(f"  {_where(settled, settled)}{_at(_record(summary, row), others)}")
    return lines


def _best_of_all(sweep: Sweep, summary: Columns, layout: Layout) -> list[str]:
    return [f"  {_at(_record(summary, row), layout.values)}" for row in ranked(sweep, summary)[:BEST]]


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
    """Name a cell by its settings; nothing where there are none."""
    text = ", ".join(f"{name.strip()} = {cell[name]}" for name in names)
    return f"{text}{end}" if text else ""


def rate(cell: Mapping[str, Any], digits: int = 1) -> str:
    """Say how many trials of a cell succeeded, and its rate with its interval."""
    if not cell["finished"]:
        return "not measured" if cell["n"] or cell["diverged"] else "none ended"
    share, low, high = (round(100 * cell[name]) for name in ("rate", "rate_low", "rate_high"))
    return f"{cell['successes']:{digits}} of {cell['finished']} ({share} %, 95 % interval {low} to {high} %)"
