"""The heatmaps of a live page, which fill cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnsweep.figures.text import number_texts
from nnsweep.report.html.measures import Measure, digits
from nnsweep.report.html.view import View, view
from nnsweep.serve.trials import LiveTrials
from nnsweep.status import FAILURES
from nnsweep.trials.outcomes import MISSING

CELLS = 10_000
"""The most cells of a sweep whose heatmaps are shown live."""
SUCCESSES, TRAINED, FAILED, MEDIAN = "successes", "trained", "failed", "median "
"""What heatmaps can show; the name of a metric follows the last one."""


def measures_of(trials: LiveTrials) -> list[str]:
    """List what heatmaps can show, the default first."""
    judged = [SUCCESSES] if trials.sweep.success is not None else []
    return [*judged, *(f"{MEDIAN}{metric}" for metric in trials.values), TRAINED, FAILED]


@dataclass(frozen=True)
class Heatmaps:
    """The heatmaps of one measure, and the text and style of each cell by its number."""

    measure: Measure
    view: View

    @property
    def cells(self) -> dict[int, tuple[str, str]]:
        """The style and the text of each cell that is shown."""
        shown = (cell for panel in self.view.panels for _, row in panel.rows for cell in row if cell is not None)
        return {cell.number: (cell.style, cell.text) for cell in shown}


def heatmaps(trials: LiveTrials, shown: str, chosen: Mapping[str, int]) -> Heatmaps | None:
    """Lay out one measure; `chosen` has the places of the values at which the axes beyond three stand.

    None of a sweep without cells, or with too many of them.
    """
    if not len(trials.grid) or len(trials.first) > CELLS:
        return None
    measure = _measure(trials, shown)
    rest = {name: _starting_at(trials.labels[name], chosen.get(name, 0)) for name in trials.layout.rest}
    labels = {**trials.labels, **rest}
    return Heatmaps(measure, view(trials.layout, labels, trials.cells, measure, "s"))


def _starting_at(labels: Mapping[object, str], place: int) -> dict[object, str]:
    pairs = list(labels.items())
    return dict(pairs[place:] + pairs[:place])


def _measure(trials: LiveTrials, shown: str) -> Measure:
    total = np.bincount(trials.cell, minlength=len(trials.first))
    stored = trials.count(trials.status != MISSING)
    if shown == TRAINED:
        return _counts("trials trained", stored, total, total, "", int(total.max(initial=1)))
    if shown == FAILED:
        return _counts("trials failed", trials.count(trials.having(*FAILURES)), stored, total, "not trained yet")
    if shown == SUCCESSES:
        finished = trials.count(trials.judged)
        return _counts("successes", trials.count(trials.successes), finished, total, "none ended yet")
    return _medians(trials, shown.removeprefix(MEDIAN))


def _counts(
    label: str, counts: NDArray[np.intp], of: NDArray[np.intp], total: NDArray[np.intp], gaps: str, most: int = 0
) -> Measure:
    """Write counts of all trials of a cell, with how many there are while these are not all yet."""
    rows = zip(counts.tolist(), of.tolist(), total.tolist(), strict=True)
    texts = [f"{count}" if some == every else f"{count}/{some}" if some else "" for count, some, every in rows]
    most = most or int(counts.max(initial=1))
    levels = digits(np.where(of > 0, counts / most, np.nan))
    return Measure(label, texts, levels, "0", str(most), gaps if "-" in levels else "")


def _medians(trials: LiveTrials, metric: str) -> Measure:
    values = trials.values[metric]
    medians = _median_of_each(trials.cell, values, len(trials.first))
    known = medians[np.isfinite(medians)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    places = medians / 2 - low / 2  # halves, of numbers that are as large as can be, too
    levels = digits(places / (high / 2 - low / 2) if high > low else 0 * places)
    *texts, low_text, high_text = _texts([*medians.tolist(), low, high])
    label = f"median {metric}" if trials.sweep.seed_name else metric
    return Measure(label, texts, levels, low_text, high_text, "no value yet" if "-" in levels else "", metric)


def _texts(values: Sequence[float]) -> list[str]:
    """Write numbers alike, an empty text for NaN."""
    (rows,) = number_texts([[[None if value != value else value] for value in values]])
    return [text for (text,) in rows]


def _median_of_each(cell: NDArray[np.intp], values: NDArray[np.float64], cells: int) -> NDArray[np.float64]:
    """Compute the median of the values of each cell, (cells,); NaN without any."""
    known = ~np.isnan(values)
    cell, values = cell[known], values[known]
    ordered = values[np.lexsort((values, cell))]
    count = np.bincount(cell, minlength=cells)
    start, found = np.cumsum(count) - count, np.full(cells, np.nan)
    some = count > 0
    low, high = ordered[(start + (count - 1) // 2)[some]], ordered[(start + count // 2)[some]]
    found[some] = np.where(low == high, low, low / 2 + high / 2)  # of numbers that are as large as can be, too
    return found
