"""What is said of the best configuration, and of those that may be the best instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import floor, isnan, log10, nan
from typing import TYPE_CHECKING, Any

from nnsweep.confidence import LEVEL
from nnsweep.format import SURE, interval, percent, rate, whole_percent
from nnsweep.statistics.power import MOST_SEEDS

if TYPE_CHECKING:
    import pandas as pd

LISTED = 12
"""Configurations that are listed before it is said how many more there are."""

Cell = Mapping[Any, Any]


def format_best(
    table: pd.DataFrame, cells: int, axes: Sequence[str], metric: str, *, seeds: bool, fresh: float = nan
) -> str:
    """Say which configuration is the best, how many others may be it, and what it would take to know.

    `table` has the best and those that may be the best instead, of so many `cells` (see `analysis.best`); `fresh` is
    what the best gives on seeds that did not choose it.
    """
    top, *others = table.to_dict("records")
    lines = [f"Best: {_where(top, axes)}{_measured(top, metric)}."]
    if cells == 1:
        return f"{lines[0]}\nNo other configuration has results: there is nothing to compare it with."
    if not seeds:
        return f"{lines[0]}\n{NO_SEEDS}"
    by_success = "rate" in table
    if not isnan(fresh):
        lines.append(format_fresh(fresh, metric, by_success))
    close = sum(abs(cell["p"] - LEVEL) < 2 * cell["p_error"] for cell in others)
    doubt = f"; {close} of them by less than the error of the random flips" if close else ""
    of_what = "success" if by_success else f"the ranks of {metric}"
    lines.append(f"{alike(len(others), cells - 1)}: {SURE} confidence, joint sign flips by seed, of {of_what}{doubt}.")
    if by_success and 2 * len(others) > cells:
        lines.append(f"A number tells more than whether it is a success: rank by --metric {metric}.")
    return "\n".join([*lines, *_listed(others, axes, metric)])


def format_fresh(fresh: float, metric: str, by_success: bool) -> str:
    """Say what the best gives on seeds that did not choose it.

    >>> format_fresh(0.144, "error", True)
    'On seeds that did not choose it, the best cell succeeds in 14 % (cross-validated).'
    """
    given = f"succeeds in {whole_percent(fresh)} %" if by_success else f"has a median {metric} of {fresh:.4g}"
    return f"On seeds that did not choose it, the best cell {given} (cross-validated)."


def format_tested(cell: Cell, metric: str) -> str:
    """Say what the best gave on its test samples, where validation samples chose it."""
    return f"On its test samples, by which it was not chosen: {_measured(cell, metric)}."


def format_confirmed(cell: Cell, metric: str, seeds: Sequence[int]) -> str:
    """Say what the best gave with fresh seeds; `cell` is a row of the summary."""
    return f"On {len(seeds)} fresh seeds, {seeds[0]} to {seeds[-1]}: {_measured(cell, metric)}."


def format_importance(shares: pd.DataFrame | None, what: str) -> str:
    """Say what share of the variance between cells an axis explains; nothing of one axis, or an incomplete grid."""
    if shares is None or len(shares) < 2:
        return ""
    rows = [(row["axes"], row["share"]) for row in shares.to_dict("records") if row["share"] >= LEAST]
    return f"What {what} depends on, as shares of the variance between cells: {', '.join(map(_share, rows))}."


def _share(row: tuple[str, float]) -> str:
    return f"{row[0]} {percent(row[1])}"


LEAST = 0.01
"""A share below this is left out."""
NO_SEEDS = "One trial of each configuration tells none apart: give the sweep an axis of seeds, such as { count = 30 }."


def _where(cell: Cell, axes: Sequence[str]) -> str:
    text = ", ".join(f"{name.strip()} = {cell[name]}" for name in axes)
    return f"{text}: " if text else ""


def _measured(cell: Cell, metric: str) -> str:
    """Tell a cell's success, or the median of its metric, with its interval."""
    if "rate" in cell:
        return f"{cell['successes']} of {cell['finished']} succeed ({rate(cell)})"
    middle, low, high = (cell[f"{metric}_{name}"] for name in ("median", "median_low", "median_high"))
    wild = f", {cell['diverged']} diverged" if cell["diverged"] else ""
    if isnan(middle):
        return f"no trial has ended with its {metric}{wild}"
    ends = "" if isnan(low) or isnan(high) else f" ({interval(f'{low:.4g}', f'{high:.4g}')})"
    return f"median {metric} {middle:.4g} of {cell['finished']}{ends}{wild}"


def alike(count: int, others: int) -> str:
    """Say how many of the others may be the best instead.

    >>> alike(0, 1), alike(59, 167)
    ('The other is worse', '59 of the other 167 may be the best instead')
    """
    if others == 1:
        return f"The other {'may be the best instead' if count else 'is worse'}"
    if count == others:
        return f"Any of the other {others:,} may be the best instead"
    if not count:
        return f"Each of the other {others:,} is worse than another"
    return f"{count:,} of the other {others:,} may be the best instead"


def format_seeds_needed(cell: Cell) -> str:
    """About how many seeds: two digits are more than is known.

    >>> [format_seeds_needed({"seeds_needed": needed}) for needed in (2043, 9, None)]
    ['about 2,000', 'about 9', 'more than 100,000']
    """
    needed = cell["seeds_needed"]
    if not isinstance(needed, int):
        return f"more than {MOST_SEEDS:,}"
    return f"about {round(needed, 1 - floor(log10(needed))):,}"


def _listed(others: Sequence[Cell], axes: Sequence[str], metric: str) -> Iterator[str]:
    """Name the others, and how many seeds would tell each from the best, if what was observed is the truth."""
    if others:
        yield "These may be the best instead; and how many seeds would tell each from it:"
    names = [_where(cell, axes) for cell in others[:LISTED]]
    for name, cell in zip(names, others, strict=False):
        yield f"  {name:{max(map(len, names))}}{_measured(cell, metric)}; {format_seeds_needed(cell)}"
    if len(others) > LISTED:
        yield f"  … and {len(others) - LISTED:,} more"
