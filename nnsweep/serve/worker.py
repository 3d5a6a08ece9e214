"""Makes reports and comparisons in a process of its own, which needs pandas and seconds: the server stays small."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnsweep.errors import NnsweepError
from nnsweep.folder.open import StoredSweep
from nnsweep.format import INTERVAL, p_value, signed, signed_percent
from nnsweep.report.content import Content

if TYPE_CHECKING:
    import pandas as pd

    from nnsweep.questions.compare.comparison import Comparison

NICE = 5
"""A report waits for training, where the processor has not enough for both."""
ROWS = 400
"""The most rows of a comparison's table; of more, those with the smallest p-values are shown."""


def work() -> None:
    """Read a question from standard input, and write the answer: both are JSON."""
    with suppress(OSError, AttributeError):
        os.nice(NICE)
    asked = json.load(sys.stdin)
    try:
        answer = ANSWERS[asked.pop("what")](**asked)
    except NnsweepError as error:
        answer = {"problem": str(error)}
    sys.stdout.write(json.dumps(answer))


def report(results: str, name: str) -> dict[str, Any]:
    """Make the page of a sweep from what is stored now."""
    from nnsweep.report.html.page import page
    from nnsweep.report.html.render import render
    from nnsweep.report.writer import report_data

    stored = StoredSweep.open(str(Path(results, name)), Path(results))
    content = Content(
        stored.sweep, stored.folder, stored.metrics, stored.grid, lambda parts: (stored.outcomes for _ in parts)
    )
    folder = stored.folder
    files = sorted(path for part in (folder.tables, folder.figures) if part.is_dir() for path in part.iterdir())
    return {"html": render(page(report_data(content, [] if stored.notices else files)))}


def compare(results: str, first: str, second: str, metric: str = "") -> dict[str, Any]:
    """Compare two sweeps as `nnsweep compare` does, without writing anything."""
    from nnsweep.questions.compare.comparison import between

    one, other = sides = [StoredSweep.open(str(Path(results, name)), Path(results)) for name in (first, second)]
    compared = between(one, other, metric)
    header, rows = _table(compared)
    common = [name for name in one.metrics if name in other.metrics]
    notices = [notice for side in sides for notice in side.notices]
    return {
        "text": str(compared).splitlines(),
        "header": header,
        "rows": rows[:ROWS],
        "left_out": max(0, len(rows) - ROWS),
        "metrics": common,
        "metric": compared.metric,
        "notices": notices,
    }


def _table(compared: Comparison) -> tuple[list[str], list[list[str]]]:
    """Write the table of a comparison, the smallest p-value first."""
    table, metric = compared.table, compared.metric
    adjusted = "p_adjusted" if compared.success else f"{metric}_p_adjusted"
    ordered = table.sort_values(adjusted, kind="stable")
    cells = [axis.name for axis in compared.sweep.cell_axes]
    columns: dict[str, list[str]] = {name: [_value(value) for value in ordered[name].tolist()] for name in cells}
    if compared.success:
        columns["pairs"] = [str(count) for count in ordered["pairs"].tolist()]
        columns |= {name: ordered[f"successes_{side}"].astype(str).tolist() for name, side in _sides(compared)}
        columns["difference, %"] = [signed_percent(share) for share in ordered["difference"].tolist()]
        columns[INTERVAL] = _ends(ordered, "", signed_percent)
        columns["p (adjusted)"] = [p_value(p) for p in ordered["p_adjusted"].tolist()]
    if f"{metric}_difference" in ordered:
        columns[f"median {metric}: difference"] = [_signed(value) for value in ordered[f"{metric}_difference"].tolist()]
        columns[f"{metric}: {INTERVAL}"] = _ends(ordered, f"{metric}_", _signed)
        columns[f"{metric}: p (adjusted)"] = [p_value(p) for p in ordered[f"{metric}_p_adjusted"].tolist()]
    return list(columns), [list(row) for row in zip(*columns.values(), strict=True)]


def _sides(compared: Comparison) -> list[tuple[str, str]]:
    return [(f"successes of {name}", side) for name, side in zip(compared.names, "ab", strict=True)]


def _ends(table: pd.DataFrame, prefix: str, write: Any) -> list[str]:
    pairs = zip(table[f"{prefix}low"].tolist(), table[f"{prefix}high"].tolist(), strict=True)
    return ["" if low != low else f"{write(low)} to {write(high)}" for low, high in pairs]


def _signed(value: float) -> str:
    return "" if value != value else signed(value, ".3g")


def _value(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


ANSWERS: Mapping[str, Any] = {"report": report, "compare": compare}
