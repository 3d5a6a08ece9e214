"""The answer of `settle` as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from nnsweep.confidence import LEVEL
from nnsweep.format import SURE, count, signed_percent

if TYPE_CHECKING:
    import pandas as pd

LISTED = 12
"""Cells that have a line each; of more, only the number is printed."""


def format_settlement(table: pd.DataFrame, names: tuple[str, str], cells: int, axes: Sequence[str]) -> str:
    """Say whether the question is settled, after how many seeds, and how large the difference may be.

    `table` is `Settlement.table`: one row for all cells together, or one per cell.
    """
    rows = table.to_dict("records")
    if "answer" in table and len(rows) == 1:
        over = f", over {cells} cells" if cells > 1 else ""
        return f"{names[1]} against {names[0]}{over}: {_answer(rows[0])}"
    open_ = sum(row["answer"] == "open" for row in rows)
    head = f"{names[1]} against {names[0]}: {len(rows) - open_} of {len(rows)} cells settled at {SURE}, all together"
    return "\n".join([head, *_listed(rows, axes)])


def _listed(rows: Sequence[dict[Any, Any]], axes: Sequence[str]) -> Iterator[str]:
    ordered = sorted(rows, key=lambda row: (row["answer"] == "open", -row["e"]))
    for row in ordered[:LISTED]:
        yield f"  {', '.join(f'{name.strip()} = {row[name]}' for name in axes)}: {_answer(row)}"
    if len(rows) > LISTED:
        yield f"  … and {len(rows) - LISTED:,} more"


def _answer(row: dict[Any, Any]) -> str:
    low, high, gap = (signed_percent(row[name]) for name in ("low", "high", "difference"))
    counts = f"{count(row['more'], 'seed')} for more, {row['less']} for less"
    interval = f"difference {gap} %, between {low} and {high} % ({SURE}, at all times)"
    is_open = row["answer"] == "open"
    answer = "not settled" if is_open else f"succeeds {row['answer']} often, settled"
    evidence = f"evidence {row['e']:.3g}{f' of {1 / LEVEL:.0f}' if is_open else ''}"
    unsure = "its size is less sure: " if not is_open and row["low"] <= 0 <= row["high"] else ""
    return f"{answer} after {row['seeds']:,} seeds ({counts}, {evidence}); {unsure}{interval}"
