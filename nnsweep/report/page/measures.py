"""What the cells of a page's heatmaps can show: for each measure a text and a colour for every cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nnsweep.report.page.colours import LEVELS
from nnsweep.report.page.found import Found

if TYPE_CHECKING:
    import pandas as pd

STATISTICS = ("median", "iqm", "mean")
"""Columns of the summary that a metric is shown by, where it has them."""
DIGITS = "0123456789abcdefghijklmnopqrstuv"
"""One for each colour; `-` is no value."""


@dataclass(frozen=True)
class Measure:
    """One number of every cell, as it is written and as a digit for its colour."""

    label: str
    texts: list[str]
    levels: str
    low: str
    high: str
    """What the two ends of the colour scale stand for."""


def measures(found: Found, signatures: pd.DataFrame) -> Iterator[Measure]:
    """List what a sweep's cells can show: successes first, then metrics, then what went wrong, if anything did."""
    summary = found.summary
    if found.sweep.success is not None:
        yield _measure("successes", summary["successes"])
        percent = (100 * summary["rate"]).round().astype("Int64")
        yield _measure("success rate, %", percent, (0.0, 100.0))
    for metric in found.metrics:
        for name in STATISTICS:
            if f"{metric}_{name}" in summary:
                yield _measure(f"{name} {metric}", summary[f"{metric}_{name}"])
    for label, column in {"diverged": "diverged", "failed": "failed", "without every metric": "missing"}.items():
        if summary[column].to_numpy().any():
            yield _measure(f"trials {label}", summary[column])
    for name in signatures:
        yield _measure(f"trials with {name}", signatures[name])


def _measure(label: str, column: Any, limits: tuple[float, float] | None = None) -> Measure:
    """Write a column of the summary as the figures do, and place it on their scale."""
    import pandas as pd

    from nnsweep.figures.scale import are_counts, numbers, sequential
    from nnsweep.figures.text import cell_texts

    values = pd.DataFrame({label: column})
    texts, scale = [row[0] for row in cell_texts([values])[0]], sequential([values], limits)
    ends = [int(end) if are_counts([values]) else end for end in (scale.low, scale.high)]
    low, high = (row[0] for row in cell_texts([pd.DataFrame(ends)])[0])
    return Measure(label, texts, digits((numbers(values)[:, 0] - scale.low) / (scale.high - scale.low)), low, high)


def digits(places: np.ndarray) -> str:
    """Give each place between 0 and 1 the digit of its colour.

    >>> digits(np.array([0.0, 0.5, 1.0, np.nan]))
    '0gv-'
    """
    known = np.isfinite(places)
    levels = np.rint(np.where(known, places, 0).clip(0, 1) * (LEVELS - 1)).astype(int)
    return "".join(DIGITS[level] if is_known else "-" for level, is_known in zip(levels, known, strict=True))


def facts(found: Found) -> dict[str, list[str]]:
    """What is told of each cell beside its number; an empty text is not shown."""
    from nnsweep.report.words import rate

    cells: list[dict[Any, Any]] = found.summary.to_dict("records")
    told = {"successes": [rate(cell) for cell in cells]} if found.sweep.success is not None else {}
    for metric in found.metrics:
        told |= _statistics(found.summary, metric)
    for label in ("diverged", "failed"):
        told[label] = [f"{cell[label]:,} trials" if cell[label] else "" for cell in cells]
    told["without every metric"] = [
        f"{cell['missing']:,} of {cell['n'] + cell['missing']:,} trials" if cell["missing"] else "" for cell in cells
    ]
    return {label: texts for label, texts in told.items() if any(texts)}


def _statistics(summary: pd.DataFrame, metric: str) -> dict[str, list[str]]:
    """Median and interquartile mean with their intervals, as far as the summary has them."""
    from nnsweep.figures.text import cell_texts

    told: dict[str, list[str]] = {}
    for name in STATISTICS:
        columns = [f"{metric}_{name}", f"{metric}_{name}_low", f"{metric}_{name}_high"]
        if name != "mean" and columns[0] in summary:
            rows = cell_texts([summary.filter(items=columns)])[0]
            told[f"{name} {metric}"] = [_with_interval(row) for row in rows]
    return told


def _with_interval(texts: list[str]) -> str:
    middle, *ends = texts
    return f"{middle} (95 % interval {ends[0]} to {ends[1]})" if len(ends) == 2 and all(ends) else middle
