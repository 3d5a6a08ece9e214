"""The data for the page's script: every cell with all its measures, and every trial, as compact columns."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from nnsweep.folder.commands import replaying
from nnsweep.report.html.context import ReportData
from nnsweep.report.html.measures import Measure, facts

if TYPE_CHECKING:
    import pandas as pd

CELLS = 2_000
"""The most cells in the data of the page. If there are more, the page shows only its first view."""
TRIALS = 20_000
"""The most trials in the page. If there are more, the page shows only their cells."""
VALUES = 60_000
"""The most values of trials in the page. If all metrics have more, only the metric of success is included."""
ID_DIGITS = 12
"""Digits of an id in the page. Among a million trials, two share them by chance in 1 of 600 sweeps."""
REASONS, LONGEST = 200, 200
"""The most failure messages in the page, and the most characters of each. Other trials show only their status."""
ENDS = {"diverged": "d", "failed": "x", "crashed": "c", "timeout": "t", "missing": "m"}
"""A letter for each status; `s` is a success, `f` is none, `o` is ok if success is not defined."""


def explored(report: ReportData, shown: list[Measure]) -> dict[str, Any]:
    """Return the data for the script: names, the places of the cells on the axes, their measures and facts, and trials.

    The data are columns instead of records. Texts are formatted here, so that the script formats no number. There are
    at most 2,000 cells and 20,000 trials.
    """
    if len(report.summary) > CELLS or report.is_no_grid:
        return {"at": None}
    layout = report.layout
    return {
        "axes": [{"name": name, "labels": labels} for name, labels in report.labels.items()],
        "places": {place: getattr(layout, place) for place in ("rows", "columns", "panels")},
        "at": places(report),
        "measures": [asdict(measure) for measure in shown],
        "facts": facts(report),
        "chosen": chosen(report),
        "cell": a_cell(report),
        "trials": _trials(report) if len(report.trials) <= TRIALS else None,
    }


def places(report: ReportData) -> list[list[int]]:
    """For each axis, list the position of every cell's value."""
    numbers = ({value: at for at, value in enumerate(values)} for values in report.axes.values())
    columns = (report.summary[name].tolist() for name in report.axes)
    return [[numbered[value] for value in column] for numbered, column in zip(numbers, columns, strict=True)]


def a_cell(report: ReportData) -> str:
    """Write how many seeds a cell has: `50 seeds a cell`; empty if a cell is one trial."""
    from nnsweep.figures.text import seeds

    return f"{seeds(report.sweep)} a cell" if report.seed else ""


def chosen(report: ReportData) -> int:
    """Return the best cell in the first view, which has the first values of the axes beyond three."""
    cells = report.summary
    for name in report.layout.rest:
        first = cells.loc[cells[name] == report.axes[name][0]]
        cells = first if len(first) else cells
    return report.best(cells)


def _trials(report: ReportData) -> dict[str, Any]:
    """Return the trials, ordered by cell."""
    from nnsweep.tables import frame
    from nnsweep.tables.summary import number_cells

    cell, first = number_cells(report.columns, list(report.axes))
    table = frame(report.columns).iloc[np.argsort(cell, kind="stable")]
    ids = [id[:ID_DIGITS] for id in table["id"]]
    signatures = table["signature"].tolist() if report.has_signatures else []
    names = sorted({name for name in signatures if name})
    return {
        "counts": np.bincount(cell, minlength=len(first)).tolist(),
        "ids": "".join(ids),
        "digits": ID_DIGITS,
        "seeds": table[report.seed].tolist() if report.seed else None,
        "ends": "".join(ends(table)),
        "signatures": names,
        "signature": [names.index(name) if name else -1 for name in signatures],
        **_reasons(report, table),
        "metrics": [_values(report, table, metric) for metric in _embedded(report)],
        "replay": replaying(report.sweep.trainer, report.folder.parent),
    }


def _reasons(report: ReportData, table: pd.DataFrame) -> dict[str, Any]:
    """Return the failure messages, and for each trial the number of its message; -1 if it has none."""
    texts = [_shortened(report.reasons.get(id, "")) for id in table["id"]]
    numbers = {text: at for at, text in enumerate(list(dict.fromkeys(filter(None, texts)))[:REASONS])}
    return {"reasons": list(numbers), "reason": [numbers.get(text, -1) for text in texts]}


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def ends(table: pd.DataFrame) -> list[str]:
    """Return the letter of each trial's status."""
    well = ["s" if success else "f" for success in table["success"]] if "success" in table else ["o"] * len(table)
    return [ENDS.get(status, letter) for status, letter in zip(table["status"], well, strict=True)]


def _embedded(report: ReportData) -> list[str]:
    metrics = sorted(report.metrics, key=lambda metric: metric != report.metric)
    return metrics if len(metrics) * len(report.trials) <= VALUES else metrics[:1]


def _values(report: ReportData, table: pd.DataFrame, metric: str) -> dict[str, Any]:
    """Return a metric of every trial, the ends of its scale, and the bound of success if that is of this metric."""
    values = table[metric].to_numpy(dtype=float)
    known = values[np.isfinite(values)]
    success = report.sweep.success if report.sweep.judged_by == metric else None
    bound = None if success is None else success.bound
    ends = _ends(known, bound)
    low, high = (float(f"{end:.3g}") for end in ends)
    return {
        "name": metric,
        "values": [float(f"{value:.6g}") if np.isfinite(value) else None for value in values.tolist()],
        "low": low,
        "high": high,
        "labels": [f"{end:g}" for end in (low, high)],
        "bound": bound,
        "above": success is not None and not success.lower,
        "rule": str(success) if success is not None else "",
    }


def _ends(known: np.ndarray, bound: float | None) -> tuple[float, float]:
    """Return the ends of the scale: the extremes, without the outermost hundredth if that is far away."""
    inside = np.array([*known, bound] if bound is not None else known)
    if not len(inside):
        return 0.0, 1.0
    low, high = float(inside.min()), float(inside.max())
    near = np.quantile(inside, [0.01, 0.99]).tolist()
    if high - low > 10 * (near[1] - near[0]) > 0:
        low, high = near
    return (low, high) if high > low else (low, low + 1.0)
