"""A comparison as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from nnsweep.confidence import LEVEL
from nnsweep.format import INTERVAL, count, format_p, interval, listed, signed, signed_percent, with_interval

if TYPE_CHECKING:
    import pandas as pd

    from nnsweep.questions.compare.table import Overall


def format_comparison(
    table: pd.DataFrame,
    names: tuple[str, str],
    axes: list[str],
    metric: str | None,
    overall: Overall | None = None,
    along: Sequence[pd.DataFrame] = (),
) -> str:
    """Count the cells in which the second succeeds more or less often, and in which its metric is lower or higher.

    `table` is the result of `table.compare`. A difference is more than chance if its adjusted p-value is below 5 %. For
    several cells, the text also has the `overall` comparison and the values `along` each axis with a clear difference.
    """
    lines = [f"{names[1]} against {names[0]}: {count(len(table), 'cell')}, {_pairs(table)} paired by seed; {TEST}"]
    if overall is not None and len(table) > 1:
        lines.append(f"  {format_overall(overall)}")
    lines += [f"  {line}" for of_axis in along if (line := format_along(of_axis))]
    if "difference" in table:
        lines += _counted(table, "", ("succeeds less often", "succeeds more often"))
    if metric is not None and f"{metric}_difference" in table:
        lines += _counted(table, f"{metric}_", (f"median {metric} lower", f"median {metric} higher"))
    return "\n".join([*lines, f"  largest: {_largest(table, axes, metric)}"])


TEST = "at 5 % for all cells together, by sign flips of the seeds"


def format_overall(overall: Overall) -> str:
    """Compare the two over all cells together."""
    counts = f"{overall.successes_b:,} against {overall.successes_a:,} of {overall.pairs:,} trials succeed"
    low, high = signed_percent(overall.low), signed_percent(overall.high)
    ends = "" if isnan(overall.low) else f", {INTERVAL} over seeds {low} to {high} %"
    seeds = f"more with {overall.more} of {overall.seeds} seeds, fewer with {overall.less}"
    gap = f"{signed_percent(overall.difference)} %{ends}"
    return f"over all cells: {counts} ({gap}); {seeds} ({format_p(overall.p)})"


def format_along(along: pd.DataFrame) -> str:
    """Name the values of an axis at which the second succeeds more or less often; empty if there are none.

    `along` is the result of `table.along`. Neighbouring numbers are joined.
    """
    name, *_ = along.columns
    sure = np.sign(along["difference"].to_numpy()) * (along["p_adjusted"].to_numpy() < LEVEL)
    if len(along) < 2 or not sure.any():
        return ""
    named = _named if any(isinstance(value, str) for value in along[name].tolist()) else _runs
    values = [str(value) for value in along[name].tolist()]
    parts = [
        f"{words} at {listed(named(values, sure == sign))}"
        for sign, words in ((1, "more often"), (-1, "less often"))
        if (sure == sign).any()
    ]
    return f"along {name.strip()}, over all other axes, by more than chance: {'; '.join(parts)}"


def _named(values: Sequence[str], marked: np.ndarray) -> list[str]:
    return [value for value, wanted in zip(values, marked, strict=True) if wanted]


def _runs(values: Sequence[str], marked: np.ndarray) -> list[str]:
    """Name the values that are marked, three or more neighbours as `first to last`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(int)))
    runs = [values[start:end] for start, end in edges.reshape(-1, 2)]
    return [name for run in runs for name in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else run)]


def _largest(table: pd.DataFrame, axes: list[str], metric: str | None) -> str:
    """Name the cell that differs most."""
    column = "difference" if "difference" in table else f"{metric}_difference"
    best = table.to_dict("records")[int(table[column].abs().fillna(0).to_numpy().argmax())]
    where = ", ".join(f"{name.strip()} = {best[name]}" for name in axes)
    if column == "difference":
        counts = f"{best['successes_b']} against {best['successes_a']} of {best['pairs']}"
        low, high, gap = (signed_percent(best[name]) for name in ("low", "high", "difference"))
        text = f"{counts} (difference {gap} %, {interval(low, f'{high} %')})"
    else:
        gap, low, high = (best[f"{metric}_{name}"] for name in ("difference", "low", "high"))
        gap = with_interval(gap, low, high, lambda number: signed(number, ".3g"))
        text = f"median {metric} {gap} of {best[f'{metric}_pairs']}"
    return text + (f" at {where}" if where else "")


def _pairs(table: pd.DataFrame) -> str:
    (column,) = [name for name in table if name == "pairs"] or [name for name in table if name.endswith("_pairs")][:1]
    pairs = table[column].tolist()
    low, high = min(pairs), max(pairs)
    return count(low, "trial") if low == high else f"{low} to {high} trials"


def _counted(table: pd.DataFrame, prefix: str, directions: tuple[str, str]) -> Iterator[str]:
    gap, p, error = (table[f"{prefix}{name}"].to_numpy() for name in ("difference", "p_adjusted", "p_error"))
    for sign, direction in zip((-1, 1), directions, strict=True):
        marked = gap * sign > 0
        if marked.any():
            close = int((marked & (np.abs(p - LEVEL) < 2 * error)).sum())
            doubt = f" ({close} within the error of the random flips)" if close else ""
            holds = int((marked & (p < LEVEL)).sum())
            yield f"  {direction} in {count(int(marked.sum()), 'cell')}, and by more than chance in {holds}{doubt}"


def format_unpaired(first: int, second: int, paired: int) -> str:
    """Count the trials that are left out because they have no partner with their cell and seed; empty if none."""
    alone = [f"{count - paired:,} of the {name}" for name, count in (("first", first), ("second", second))]
    left = [text for text, count in zip(alone, (first, second), strict=True) if count > paired]
    return f"unpaired, and left out: {' and '.join(left)}'s trials" if left else ""
