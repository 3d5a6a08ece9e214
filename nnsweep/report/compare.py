"""What is said of a comparison."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from nnsweep.analysis.compare import Overall


def told_of_comparison(
    table: pd.DataFrame,
    names: tuple[str, str],
    axes: list[str],
    metric: str,
    level: float,
    overall: Overall | None = None,
) -> str:
    """Say in how many cells the second succeeds more often or less, in how many its metric is lower or higher.

    `table` is that of `compare` or `compare_success`; a difference holds where its adjusted p-value is below `level`.
    `overall` is said of several cells.
    """
    pairs = f"{_pairs(table)} paired by seed"
    lines = [
        f"{names[1]} against {names[0]}: {_cells(len(table))}, {pairs}; at {100 * level:g} % after Holm's correction"
    ]
    if overall is not None and len(table) > 1:
        lines.append(f"  {told_overall(overall)}")
    lines += _counted(table, "difference", "p_holm", level, ("succeeds less often", "succeeds more often"))
    if f"{metric}_difference" in table:
        directions = f"median {metric} lower", f"median {metric} higher"
        lines += _counted(table, f"{metric}_difference", f"{metric}_p_holm", level, directions)
    best = table.to_dict("records")[int(table["difference"].abs().to_numpy().argmax())]
    where = ", ".join(f"{name} = {best[name]}" for name in axes)
    counts = f"{best['successes_b']} against {best['successes_a']} of {best['pairs']}"
    low, high, gap = (f"{100 * best[name]:+.0f}" for name in ("low", "high", "difference"))
    interval = f"difference {gap} %, 95 % interval {low} to {high} %"
    lines.append(f"  largest: {counts} ({interval})" + (f" at {where}" if where else ""))
    return "\n".join(lines)


def told_overall(found: Overall) -> str:
    """Say how the two compare over all cells together."""
    counts = f"{found.successes_b:,} against {found.successes_a:,} of {found.pairs:,} trials succeed"
    seeds = f"more with {found.more} of {found.seeds} seeds, fewer with {found.less}"
    return f"over all cells: {counts}; {seeds} (p = {found.p:.2g})"


def _cells(count: int) -> str:
    return f"{count} cell{'s' * (count != 1)}"


def _pairs(table: pd.DataFrame) -> str:
    pairs = table["pairs"].tolist()
    low, high = min(pairs), max(pairs)
    return f"{low} trials" if low == high else f"{low} to {high} trials"


def _counted(table: pd.DataFrame, column: str, p: str, level: float, directions: tuple[str, str]) -> Iterator[str]:
    for sign, direction in zip((-1, 1), directions, strict=True):
        there = table[column].to_numpy() * sign > 0
        if there.any():
            holds = there & (table[p].to_numpy() < level)
            yield f"  {direction} in {_cells(int(there.sum()))}, and by more than chance in {int(holds.sum())}"


def told_of_partners(first: int, second: int, paired: int) -> str:
    """Say how many trials have no partner of the same cell and seed, and are left out; nothing if all have."""
    alone = [f"{count - paired:,} of the {name}" for name, count in (("first", first), ("second", second))]
    left = [text for text, count in zip(alone, (first, second), strict=True) if count > paired]
    return f"unpaired, and left out: {' and '.join(left)}'s trials" if left else ""
