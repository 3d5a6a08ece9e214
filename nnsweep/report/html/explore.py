"""What a page's script reads: every cell with all its measures, and every trial, as short columns."""

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
"""More cells than these are not put into the page: it shows the first view of them alone."""
TRIALS = 20_000
"""Of more trials than these the page shows their cells alone."""
VALUES = 60_000
"""Numbers of trials in the page: where all metrics have more, the one that success is of is there alone."""
ID_DIGITS = 12
"""Digits of an id in the page: of a million trials, two share them by chance in 1 of 600 sweeps."""
REASONS, LONGEST = 200, 200
"""Messages of failures in the page, and characters of each; of further trials it says only how they ended."""
ENDS = {"diverged": "d", "failed": "x", "crashed": "c", "timeout": "t", "missing": "m"}
"""A letter for how a trial ended; `s` succeeded, `f` did not, `o` ended where success is not defined."""


def explored(report: ReportData, shown: list[Measure]) -> dict[str, Any]:
    """Give what the script needs: names, the cells' places on the axes, their measures and facts, and trials.

    Columns instead of records, texts as they are to be read: the script formats no number. At most 2,000 cells and
    20,000 trials; what is left out is absent.
    """
    if len(report.summary) > CELLS:
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
    """For each axis, the number of every cell's value on it."""
    numbers = ({value: at for at, value in enumerate(values)} for values in report.axes.values())
    columns = (report.summary[name].tolist() for name in report.axes)
    return [[numbered[value] for value in column] for numbered, column in zip(numbers, columns, strict=True)]


def a_cell(report: ReportData) -> str:
    """Say what stands behind the number of a cell: `50 seeds a cell`; nothing where it is one trial."""
    from nnsweep.figures.text import seeds

    return f"{seeds(report.sweep)} a cell" if report.seed else ""


def chosen(report: ReportData) -> int:
    """The best of the cells that are shown first: those with the first values of the axes beyond three."""
    cells = report.summary
    for name in report.layout.rest:
        first = cells.loc[cells[name] == report.axes[name][0]]
        cells = first if len(first) else cells
    return report.best(cells)


def _trials(report: ReportData) -> dict[str, Any]:
    """The trials of one cell after another, those of the first cell first."""
    from nnsweep.tables.summary import number_cells

    cell, first = number_cells(report.trials, list(report.axes))
    table = report.trials.iloc[np.argsort(cell, kind="stable")]
    ids = [id[:ID_DIGITS] for id in table["id"]]
    signatures = table["signature"].tolist() if report.signed else []
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
    """The messages of failures, and for each trial the number of its own; -1 of a trial without one."""
    texts = [_shortened(report.reasons.get(id, "")) for id in table["id"]]
    numbers = {text: at for at, text in enumerate(list(dict.fromkeys(filter(None, texts)))[:REASONS])}
    return {"reasons": list(numbers), "reason": [numbers.get(text, -1) for text in texts]}


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def ends(table: pd.DataFrame) -> list[str]:
    """A letter for each trial."""
    well = ["s" if success else "f" for success in table["success"]] if "success" in table else ["o"] * len(table)
    return [ENDS.get(status, letter) for status, letter in zip(table["status"], well, strict=True)]


def _embedded(report: ReportData) -> list[str]:
    metrics = sorted(report.metrics, key=lambda metric: metric != report.metric)
    return metrics if len(metrics) * len(report.trials) <= VALUES else metrics[:1]


def _values(report: ReportData, table: pd.DataFrame, metric: str) -> dict[str, Any]:
    """A metric of every trial, the ends of the line that it is drawn on, and the bound of success, if it is of it."""
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
    """Where the line begins and ends: between the extremes, without the outermost hundredth if that is far away."""
    inside = np.array([*known, bound] if bound is not None else known)
    if not len(inside):
        return 0.0, 1.0
    low, high = float(inside.min()), float(inside.max())
    near = np.quantile(inside, [0.01, 0.99]).tolist()
    if high - low > 10 * (near[1] - near[0]) > 0:
        low, high = near
    return (low, high) if high > low else (low, low + 1.0)
