"""The measures that the heatmaps of a page can show, with a text and a colour for every cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nnsweep.format import interval
from nnsweep.report.html.colours import LEVELS
from nnsweep.report.html.context import ReportData

if TYPE_CHECKING:
    import pandas as pd

STATISTICS = {"median": "median", "iqm": "interquartile mean", "mean": "mean"}
"""The statistics of a metric in the summary, and their names on the page."""
DIGITS = "0123456789abcdefghijklmnopqrstuv"
"""One digit per colour; `-` is no value."""


@dataclass(frozen=True)
class Measure:
    """One number of every cell, as text and as the digit of its colour."""

    label: str
    texts: list[str]
    levels: str
    low: str
    high: str
    """The values at the two ends of the colour scale."""
    gaps: str = ""
    """Why some cells have no value and are hatched; empty if none is."""
    metric: str = ""
    """The metric of this measure, if it has one."""


def measures(report: ReportData, signatures: pd.DataFrame) -> Iterator[Measure]:
    """List the measures: successes first, then metrics, then counts of trials that went wrong, if any did."""
    summary = report.summary
    if report.sweep.success is not None:
        gaps = _without_rate(summary)
        yield _measure("successes", summary["successes"], gaps=gaps)
        percent = (100 * summary["rate"]).round().astype("Int64")
        yield _measure("success rate, %", percent, (0.0, 100.0), gaps=gaps)
    for metric in report.metrics:
        for name, label in statistics(report, metric).items():
            yield _measure(label, summary[f"{metric}_{name}"], metric=metric)
    for label, column in {"diverged": "diverged", "failed": "failed", "without every metric": "missing"}.items():
        if summary[column].to_numpy().any():
            yield _measure(f"trials {label}", summary[column])
    for name in signatures:
        yield _measure(f"trials with {name}", signatures[name])


def _without_rate(summary: pd.DataFrame) -> str:
    """Write why cells have no success rate: no trial ended, or none measures the metric of success."""
    from nnsweep.questions.cells import rate

    cells: list[dict[Any, Any]] = summary.loc[summary["finished"] == 0].to_dict("records")
    return " or ".join(sorted({rate(cell) for cell in cells}))


def statistics(report: ReportData, metric: str) -> dict[str, str]:
    """Return the statistics of a metric in the summary with their names; only the value if cells are single trials."""
    if report.seed is None:
        return {"median": metric}
    return {name: f"{label} {metric}" for name, label in STATISTICS.items() if f"{metric}_{name}" in report.summary}


def _measure(
    label: str, column: Any, limits: tuple[float, float] | None = None, *, metric: str = "", gaps: str = "no value"
) -> Measure:
    """Format a column of the summary as the figures do, and place it on their colour scale."""
    import pandas as pd

    from nnsweep.figures.scale import are_counts, numbers, sequential
    from nnsweep.figures.text import cell_texts

    values = pd.DataFrame({label: column})
    texts, scale = [row[0] for row in cell_texts([values])[0]], sequential([values], limits)
    ends = [int(end) if are_counts([values]) else end for end in (scale.low, scale.high)]
    low, high = (row[0] for row in cell_texts([pd.DataFrame(ends)])[0])
    places = (numbers(values)[:, 0] - scale.low) / (scale.high - scale.low)
    levels = digits(places)
    return Measure(label, texts, levels, low, high, gaps if "-" in levels else "", metric)


def digits(places: np.ndarray) -> str:
    """Return the digit of the colour of each place between 0 and 1.

    >>> digits(np.array([0.0, 0.5, 1.0, np.nan]))
    '0gv-'
    """
    known = np.isfinite(places)
    levels = np.rint(np.where(known, places, 0).clip(0, 1) * (LEVELS - 1)).astype(int)
    return "".join(DIGITS[level] if is_known else "-" for level, is_known in zip(levels, known, strict=True))


def facts(report: ReportData) -> dict[str, list[str]]:
    """Return further facts of each cell. An empty text is not shown."""
    from nnsweep.questions.cells import rate

    cells: list[dict[Any, Any]] = report.summary.to_dict("records")
    texts = {"successes": [rate(cell) for cell in cells]} if report.sweep.success is not None else {}
    for metric in report.metrics:
        texts |= _statistics(report, metric)
    for label in ("diverged", "failed"):
        texts[label] = [f"{cell[label]:,} trials" if cell[label] else "" for cell in cells]
    texts["without every metric"] = [
        f"{cell['missing']:,} of {cell['n'] + cell['missing']:,} trials" if cell["missing"] else "" for cell in cells
    ]
    return {label: each for label, each in texts.items() if any(each)}


def _statistics(report: ReportData, metric: str) -> dict[str, list[str]]:
    """Return the median and the interquartile mean with their intervals, if the summary has them."""
    from nnsweep.figures.text import cell_texts

    texts: dict[str, list[str]] = {}
    for name, label in statistics(report, metric).items():
        if name != "mean":
            columns = [f"{metric}_{name}{end}" for end in ("", "_low", "_high")]
            rows = cell_texts([report.summary.filter(items=columns)])[0]
            texts[label] = [_with_interval(row) for row in rows]
    return texts


def _with_interval(texts: list[str]) -> str:
    middle, *ends = texts
    return f"{middle} ({interval(*ends)})" if len(ends) == 2 and all(ends) else middle
