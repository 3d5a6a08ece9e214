"""The best configuration, and the others that may be the best, as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import floor, isnan, log10, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnsweep.confidence import LEVEL
from nnsweep.format import SURE, interval, percent, rate, whole_percent
from nnsweep.questions.rank.grid import NO_RACE, UNDECIDED
from nnsweep.statistics.power import MOST_SEEDS
from nnsweep.tables.columns import Columns, length, record

LISTED = 12
"""Configurations that are listed; of more, only the number is printed."""

Cell = Mapping[Any, Any]


def format_best(
    table: Columns,
    cells: int,
    axes: Sequence[str],
    metric: str,
    *,
    seeds: bool,
    fresh: float = nan,
    searched: str = "",
    raced: Mapping[tuple[Any, ...], str] = NO_RACE,
    average: str = "median",
) -> str:
    """Name the best configuration, count the others that may be the best, and say how many seeds would decide.

    `table` has the best and the others that may be the best (see `table.best`), out of `cells` cells. `fresh` is the
    estimate for the best on seeds that did not choose it. `searched` is the method of a search: its seeds have chosen
    the configurations, so that no interval is given for these seeds.
    `raced` is the answer of a race, if one found the others, and `average` which average of the metric ranks.
    """
    top, others = record(table, 0), {name: values[1:] for name, values in table.items()}
    on = " on the seeds that chose it" if searched else ""
    lines = [f"Best: {_where(top, axes)}{_measured(top, metric, not searched, average)}{on}."]
    if cells == 1:
        return f"{lines[0]}\nNo other configuration has results: there is nothing to compare it with."
    if not seeds:
        return f"{lines[0]}\n{NO_SEEDS}"
    by_success = "rate" in table
    if not isnan(fresh):
        lines.append(format_fresh(fresh, metric, by_success, average))
    count = length(others)
    close = np.count_nonzero(np.abs(others["p"] - LEVEL) < 2 * others["p_error"])
    doubt = f"; {close} of them by less than the error of the random flips" if close else ""
    of_what = "success" if by_success else f"the ranks of {metric}"
    how = "over the whole race" if raced else "joint sign flips by seed"
    sure = CUT_OFF if raced is UNDECIDED else f"{SURE} confidence, {how}, of {of_what}{doubt}"
    lines.append(f"{alike(count, cells - 1)}: {sure}.")
    if raced and raced is not UNDECIDED and count:
        lines.append(format_raced(others["finished"]))
    if by_success and 2 * count > cells:
        lines.append(f"A number tells more than whether it is a success: rank by --metric {metric}.")
    if searched in LEARNING:
        lines.append(GUIDED)
    return "\n".join([*lines, *_listed(others, axes, metric, not searched, average)])


def format_chosen(cell: Cell, axes: Sequence[str], metric: str, average: str = "median") -> str:
    """Write the best and its result on the seeds that chose it, without an interval; `cell` is a row of `table.best`.

    >>> format_chosen({"alpha": 0.1, "successes": 9, "finished": 10, "rate": 0.9}, ["alpha"], "error")
    'alpha = 0.1: 9 of 10 succeed (90 %) on the seeds that chose it.'
    """
    return f"{_where(cell, axes)}{_measured(cell, metric, False, average)} on the seeds that chose it."


def format_raced(seeds: NDArray) -> str:
    """Say what it means that some may be the best after a race that gave them so many seeds.

    >>> format_raced(np.array([13, 42]))
    'They were not ruled out with the 13 to 42 seeds that they got; more seeds might rule out some.'
    """
    low, high = int(seeds.min()), int(seeds.max())
    got = f"{low}" if low == high else f"{low} to {high}"
    return f"They were not ruled out with the {got} seeds that they got; more seeds might rule out some."


def format_fresh(fresh: float, metric: str, by_success: bool, average: str = "median") -> str:
    """Write the estimate for the best on seeds that did not choose it.

    >>> format_fresh(0.144, "error", True)
    'On seeds that did not choose it, the best cell succeeds in 14 % (cross-validated).'
    """
    given = f"succeeds in {whole_percent(fresh)} %" if by_success else f"has a {average} {metric} of {fresh:.4g}"
    return f"On seeds that did not choose it, the best cell {given} (cross-validated)."


def format_tested(cell: Cell, metric: str, average: str = "median") -> str:
    """Write the result of the best on its test samples, if validation samples chose it."""
    return f"On its test samples, by which it was not chosen: {_measured(cell, metric, average=average)}."


def format_confirmed(cell: Cell, metric: str, seeds: Sequence[int], average: str = "median") -> str:
    """Write the result of the best with fresh seeds; `cell` is a row of the summary."""
    return f"On {len(seeds)} fresh seeds, {seeds[0]} to {seeds[-1]}: {_measured(cell, metric, average=average)}."


def format_importance(shares: Columns | None, what: str) -> str:
    """Write the share of the variance that each axis explains; empty for a single axis or an incomplete grid."""
    if shares is None or length(shares) < 2:
        return ""
    rows = [row for row in zip(*(values.tolist() for values in shares.values()), strict=True) if row[1] >= LEAST]
    return f"What {what} depends on, as shares of the variance between cells: {', '.join(map(_share, rows))}."


def _share(row: tuple[str, float]) -> str:
    return f"{row[0]} {percent(row[1])}"


LEAST = 0.01
"""A share below this is left out."""
LEARNING = frozenset({"tpe", "gp", "cmaes", "nsga2"})
"""Methods of searches that look at outcomes before they choose."""
GUIDED = "These seeds also led the search to its configurations, so that all of them look better than they are."
OF_SEVERAL = "This is by {} alone: `nnsweep figure pareto` and pareto.csv weigh it against {}."
CUT_OFF = "its race is not whole here, and rules nothing out"
NO_SEEDS = "One trial of each configuration tells none apart: give the sweep an axis of seeds, such as { count = 30 }."


def _where(cell: Cell, axes: Sequence[str]) -> str:
    text = ", ".join(f"{name.strip()} = {cell[name]}" for name in axes)
    return f"{text}: " if text else ""


def _measured(cell: Cell, metric: str, sure: bool = True, average: str = "median") -> str:
    """Write a cell's success, or the average of its metric, with its interval if that is `sure`."""
    if "rate" in cell:
        share = rate(cell) if sure else f"{whole_percent(cell['rate'])} %"
        return f"{cell['successes']} of {cell['finished']} succeed ({share})"
    middle, *ends = (cell.get(f"{metric}_{average}{end}", nan) for end in ("", "_low", "_high"))
    wild = f", {cell['diverged']} diverged" if cell["diverged"] else ""
    if isnan(middle):
        return f"no trial has ended with its {metric}{wild}"
    known = sure and not any(map(isnan, ends))
    between = f" ({interval(*(f'{end:.4g}' for end in ends))})" if known else ""
    return f"{average} {metric} {middle:.4g} of {cell['finished']}{between}{wild}"


def alike(count: int, others: int) -> str:
    """Count the other cells that may be the best.

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
    """Write a number of seeds with one digit; more digits would be more than is known.

    >>> [format_seeds_needed({"seeds_needed": needed}) for needed in (2043, 9, None)]
    ['about 2,000', 'about 9', 'more than 100,000']
    """
    needed = cell["seeds_needed"]
    if not isinstance(needed, int):
        return f"more than {MOST_SEEDS:,}"
    return f"about {round(needed, 1 - floor(log10(needed))):,}"


def _listed(others: Columns, axes: Sequence[str], metric: str, sure: bool, average: str) -> Iterator[str]:
    """List the others, each with the number of seeds that would tell it from the best."""
    count = length(others)
    if count:
        yield "These may be the best instead; and how many seeds would tell each from it:"
    listed = [record(others, row) for row in range(min(count, LISTED))]
    names = [_where(cell, axes) for cell in listed]
    for name, cell in zip(names, listed, strict=True):
        yield f"  {name:{max(map(len, names))}}{_measured(cell, metric, sure, average)}; {format_seeds_needed(cell)}"
    if count > LISTED:
        yield f"  … and {count - LISTED:,} more"
