"""The answer of a sweep, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nnsweep.format import count_trials, percent
from nnsweep.questions.cells import rate
from nnsweep.report.html.comparison import Comparison
from nnsweep.report.html.context import ReportData
from nnsweep.report.html.ranking import Ranking
from nnsweep.tables.failure_patterns import MEANINGS
from nnsweep.tables.matrix import combinations
from nnsweep.tables.settings import Settings, select

if TYPE_CHECKING:
    import pandas as pd

Sentence = tuple[str, str]
"""A title, which is printed in bold, and a sentence."""
SEARCHED = (
    "`{}` chose the configurations. The best of many is partly lucky on the seeds that chose it: an interval on this "
    "page holds for a configuration that was not chosen for its result."
)
CONFIRM = "`nnsweep best --confirm` trains the best with fresh seeds."
LISTED = 8
"""Up to this many panels have a sentence each; if there are more, one sentence is for all."""


def answer(
    report: ReportData, best: Ranking | None, compared: Comparison | None, signatures: pd.Series
) -> list[Sentence]:
    """Say how often each panel succeeded, which cell is best, what differs, and what failures have in common."""
    sentences = list(_successes(report) if report.sweep.success is not None else _medians(report))
    if best is not None:
        sentences.append(("The best", f"{best.best}. {best.text}"))
    if compared is not None:
        sentences.append((f"{compared.names[1]} against {compared.names[0]}", _compared(compared)))
    if len(signatures):
        name, share = str(signatures.index[0]), percent(signatures.iloc[0] / signatures.sum())
        meaning = f" ({MEANINGS[name]})" if name in MEANINGS else ""
        text = f"{share} of {count_trials(int(signatures.sum()))} without success: {name}{meaning}."
        sentences.append(("Why the others failed", text))
    if report.sweep.search is not None:
        if report.confirmed:
            sentences.append(("The best, confirmed", report.confirmed))
        told = SEARCHED if report.confirmed else f"{SEARCHED} {CONFIRM}"
        sentences.append(("A search", told.format(report.sweep.search.method)))
    if report.no_skill:
        sentences.append(("No skill", f"{report.no_skill}."))
    if report.alike:
        sentences.append(("Seeds", f"{report.alike}."))
    return [*sentences, *_ends(report)]


def _successes(report: ReportData) -> Iterator[Sentence]:
    layout, summary = report.layout, report.summary
    beside = layout.panels or (layout.columns if len(report.axes) > 1 else None)
    names = [name for name in (*layout.rest, beside) if name is not None]
    panels = combinations(summary, layout, names)
    for panel in panels if len(panels) <= LISTED else [()]:
        cells = select(summary, panel)
        lead = report.where(dict(panel)) or "All together"
        yield lead, _succeeded(report, cells, panel)


def _succeeded(report: ReportData, cells: pd.DataFrame, panel: Settings) -> str:
    finished, successes = (
        int(cells[name].to_numpy(dtype=float, na_value=0).sum()) for name in ("finished", "successes")
    )
    if not finished:
        return "no trial ended well."
    if len(cells) == 1 and report.sweep.search is None:
        return f"{rate(cells.to_dict('records')[0])} succeed."
    text = f"{successes:,} of {count_trials(finished)} succeed ({percent(successes / finished)})"
    if not successes:
        return f"none of {count_trials(finished)} succeeds."
    top: Any = cells.loc[[report.best(cells)]].to_dict("records")[0]
    where = report.where(top, [name for name in report.axes if name not in dict(panel)])
    most = rate(top) if report.sweep.search is None else f"{top['successes']} of {top['finished']}"
    return f"{text}, most at {where}: {most}."


def _medians(report: ReportData) -> Iterator[Sentence]:
    """Give the smallest and the largest median, if success is not defined."""
    import numpy as np
    import pandas as pd

    from nnsweep.figures.text import cell_texts

    for metric in report.metrics:
        column = report.summary[f"{metric}_median"].to_numpy(dtype=float)
        if not np.isfinite(column).any():
            continue
        ends = [int(np.nanargmin(column)), int(np.nanargmax(column))]
        low, high = (row[0] for row in cell_texts([pd.DataFrame(column[ends])])[0])
        where = [report.where(report.summary.loc[end].to_dict()) for end in ends]
        what = f"Median {metric}" if report.seed else metric
        yield what, f"between {low} at {where[0]} and {high} at {where[1]}." if where[0] else f"{low}."


def _compared(compared: Comparison) -> str:
    head, *rest = compared.lines
    return "; ".join([head.partition(": ")[2].partition(";")[0], *rest]) + "."


def _ends(report: ReportData) -> Iterator[Sentence]:
    """Count the trials that are missing or did not end well."""
    counts = report.trials["status"].value_counts()
    if "missing" in counts:
        left = f"{counts['missing']:,} of {count_trials(len(report.trials))} are not trained yet"
        yield "Unfinished", f"{left}; this page shows the others."
    bad = [f"{count:,} {status}" for status, count in counts.items() if status not in ("ok", "missing")]
    if bad:
        diverged = " A diverged trial is no success." if "diverged" in counts else ""
        yield "Not ended well", f"{', '.join(bad)}, of {count_trials(len(report.trials))}.{diverged}"
