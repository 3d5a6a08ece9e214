"""What is said of a comparison."""

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
    """Say in how many cells the second succeeds more often or less, in how many its metric is lower or higher.

    `table` is that of `table.compare`; a difference holds where its adjusted p-value is below 5 %. Of several cells,
    `overall` is said, and where `along` an axis the difference holds.
    """
    lines = [f"{names[1]} against {names[0]}: {count(len(table), 'cell')}, {_pairs(table)} paired by seed; {TEST}"]
    if overall is not None and len(table) > 1:
        lines.append(f"  {format_overall(overall)}")
    lines += [f"  {said}" for each in along if (said := format_along(each))]
    if "difference" in table:
        lines += _counted(table, "", ("succeeds less often", "succeeds more often"))
    if metric is not None and f"{metric}_difference" in table:
        lines += _counted(table, f"{metric}_", (f"median {metric} lower", f"median {metric} higher"))
    return "\n".join([*lines, f"  largest: {_largest(table, axes, metric)}"])


TEST = "at 5 % for all cells together, by sign flips of the seeds"


def format_overall(found: Overall) -> str:
    """Say how the two compare over all cells together."""
    counts = f"{found.successes_b:,} against {found.successes_a:,} of {found.pairs:,} trials succeed"
    low, high = signed_percent(found.low), signed_percent(found.high)
    ends = "" if isnan(found.low) else f", {INTERVAL} over seeds {low} to {high} %"
    seeds = f"more with {found.more} of {found.seeds} seeds, fewer with {found.less}"
    gap = f"{signed_percent(found.difference)} %{ends}"
    return f"over all cells: {counts} ({gap}); {seeds} ({format_p(found.p)})"


def format_along(found: pd.DataFrame) -> str:
    """Say at which values of an axis the second succeeds more often or less, neighbouring numbers together; nothing if
    at none.

    `found` is of `table.along`.
    """
    name, *_ = found.columns
    sure = np.sign(found["difference"].to_numpy()) * (found["p_adjusted"].to_numpy() < LEVEL)
    if len(found) < 2 or not sure.any():
        return ""
    named = _named if any(isinstance(value, str) for value in found[name].tolist()) else _runs
    values = [str(value) for value in found[name].tolist()]
    said = [
        f"{words} at {listed(named(values, sure == sign))}"
        for sign, words in ((1, "more often"), (-1, "less often"))
        if (sure == sign).any()
    ]
    return f"along {name.strip()}, over all other axes, by more than chance: {'; '.join(said)}"


def _named(values: Sequence[str], there: np.ndarray) -> list[str]:
    return [value for value, wanted in zip(values, there, strict=True) if wanted]


def _runs(values: Sequence[str], there: np.ndarray) -> list[str]:
    """Name the values that are there, three neighbours and more as `first to last`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(int)))
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
        said = f"{counts} (difference {gap} %, {interval(low, f'{high} %')})"
    else:
        gap, low, high = (best[f"{metric}_{name}"] for name in ("difference", "low", "high"))
        gap = with_interval(gap, low, high, lambda number: signed(number, ".3g"))
        said = f"median {metric} {gap} of {best[f'{metric}_pairs']}"
    return said + (f" at {where}" if where else "")


def _pairs(table: pd.DataFrame) -> str:
    (column,) = [name for name in table if name == "pairs"] or [name for name in table if name.endswith("_pairs")][:1]
    pairs = table[column].tolist()
    low, high = min(pairs), max(pairs)
    return count(low, "trial") if low == high else f"{low} to {high} trials"


def _counted(table: pd.DataFrame, prefix: str, directions: tuple[str, str]) -> Iterator[str]:
    gap, p, error = (table[f"{prefix}{name}"].to_numpy() for name in ("difference", "p_adjusted", "p_error"))
    for sign, direction in zip((-1, 1), directions, strict=True):
        there = gap * sign > 0
        if there.any():
            close = int((there & (np.abs(p - LEVEL) < 2 * error)).sum())
            doubt = f" ({close} within the error of the random flips)" if close else ""
            holds = int((there & (p < LEVEL)).sum())
            yield f"  {direction} in {count(int(there.sum()), 'cell')}, and by more than chance in {holds}{doubt}"


def format_partners(first: int, second: int, paired: int) -> str:
    """Say how many trials have no partner of the same cell and seed, and are left out; nothing if all have."""
    alone = [f"{count - paired:,} of the {name}" for name, count in (("first", first), ("second", second))]
    left = [text for text, count in zip(alone, (first, second), strict=True) if count > paired]
    return f"unpaired, and left out: {' and '.join(left)}'s trials" if left else ""
