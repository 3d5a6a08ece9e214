"""The comparison that a page makes by default: the first and the last value of one axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nnsweep.confidence import LEVEL
from nnsweep.folder.commands import command
from nnsweep.format import INTERVAL, p_value, signed, signed_percent
from nnsweep.questions.compare.text import format_comparison
from nnsweep.report.html.context import ReportData
from nnsweep.report.html.measures import DIGITS, Measure
from nnsweep.report.html.view import View, view
from nnsweep.tables import Layout, columns

if TYPE_CHECKING:
    import pandas as pd

PALE = 0.28
"""The share of its colour that a cell without a clear difference keeps."""
ROWS = 400
"""The most rows of the table of differences. If there are more, those with the smallest p-values are shown."""


@dataclass(frozen=True)
class Comparison:
    """A comparison of the successes at two values of one axis, in words, as heatmaps, and in numbers."""

    axis: str
    names: tuple[str, str]
    lines: Sequence[str]
    view: View
    low: str
    high: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    left_out: int
    command: str


def comparison(report: ReportData) -> Comparison | None:
    """Compare the last value of the panel axis with the first, or the two values of the shortest axis that has two.

    None if there is nothing to compare, or there are no seeds to tell a difference from chance.
    """
    from nnsweep.questions.compare.table import along, compare, measuring, overall

    axis = _axis(report)
    if axis is None or report.sweep.success is None or report.seed is None:
        return None
    ends = report.axes[axis][0], report.axes[axis][-1]
    cells = [name for name in report.axes if name != axis]
    metric = report.sweep.success.metric
    first, second = (measuring(report.trials.loc[report.trials[axis] == end], cells, metric) for end in ends)
    table = compare(first, second, cells, report.seed)
    if table.empty:
        return None
    labels = report.labels[axis][0], report.labels[axis][-1]
    names = f"{axis.strip()} = {labels[0]}", f"{axis.strip()} = {labels[1]}"
    together = overall(first, second, cells, report.seed)
    axes = [along(first, second, cells, report.seed, name) for name in cells]
    lines = format_comparison(table, names, cells, None, together, axes).splitlines()
    header, rows = _rows(report, table, cells, labels)
    bound = int(np.abs(_gained(table)).max()) or 1
    return Comparison(
        axis,
        names,
        [line.strip() for line in lines],
        _differences(report, table, axis, bound),
        f"−{bound}",
        f"+{bound}",
        header,
        rows[:ROWS],
        max(0, len(rows) - ROWS),
        _command(report, axis, ends),
    )


def _command(report: ReportData, axis: str, ends: tuple[Any, Any]) -> str:
    """The command that compares the metric too; empty if a value contains a comma."""
    values = [str(end) for end in ends]
    if "," in "".join(values):
        return ""
    return command(
        "compare", report.sweep.name, "--on", f"{axis.strip()}={','.join(values)}", results=report.folder.parent
    )


def _axis(report: ReportData) -> str | None:
    several = [name for name, values in report.axes.items() if len(values) > 1]
    if report.layout.panels in several:
        return report.layout.panels
    pairs = [name for name in several if len(report.axes[name]) == 2]
    return pairs[-1] if pairs else None


def _gained(table: pd.DataFrame) -> np.ndarray:
    return table["successes_b"].to_numpy() - table["successes_a"].to_numpy()


def _differences(report: ReportData, table: pd.DataFrame, axis: str, bound: int) -> View:
    """Heatmaps of the gained successes, without the compared axis. Cells that may differ by chance are pale."""
    gained = _gained(table)
    differs = table["p_adjusted"].to_numpy() < LEVEL
    places = 0.5 + gained / (2 * bound) * np.where(differs, 1, PALE)
    levels = "".join(DIGITS[level] for level in np.rint(places * (len(DIGITS) - 1)).astype(int))
    texts = [signed(number) + ("*" if sure else "") for number, sure in zip(gained, differs, strict=True)]
    names = [name for name in report.axes if name != axis]
    measure = Measure("difference", texts, levels, "", "")
    return view(_without(report.layout, axis), report.labelled, columns(table.loc[:, names]), measure, "d")


def _without(layout: Layout, axis: str) -> Layout:
    """The layout without one axis. The others keep their place, but columns become rows if there are none."""
    rows, columns, panels = (None if name == axis else name for name in (layout.rows, layout.columns, layout.panels))
    if rows is None:
        rows, columns = columns, None
    return Layout(rows, columns, panels, tuple(name for name in layout.rest if name != axis), layout.values)


def _rows(
    report: ReportData, table: pd.DataFrame, cells: list[str], labels: tuple[str, str]
) -> tuple[list[str], list[list[str]]]:
    """The table of differences, the smallest p-value first; equal ones in grid order."""
    header = [*cells, "seeds", labels[0], labels[1], "difference, %", INTERVAL, "p (adjusted)"]
    ordered = table.sort_values(["p_adjusted", "p"], kind="stable").to_dict("records")
    return header, [_row(report, row, cells) for row in ordered]


def _row(report: ReportData, row: dict[Any, Any], cells: list[str]) -> list[str]:
    settings = [report.labels[name][report.axes[name].index(row[name])] for name in cells]
    counts = [str(row[name]) for name in ("pairs", "successes_a", "successes_b")]
    gap, low, high = (signed_percent(row[name]) for name in ("difference", "low", "high"))
    return [*settings, *counts, gap, f"{low} to {high}", p_value(row["p_adjusted"])]
