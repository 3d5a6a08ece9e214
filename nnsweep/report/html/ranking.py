"""The best cell, and the others that may be the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

from nnsweep.format import INTERVAL, SURE, p_value, signed_percent, whole_percent
from nnsweep.questions.rank.text import (
    CUT_OFF,
    LISTED,
    alike,
    format_fresh,
    format_importance,
    format_seeds_needed,
)
from nnsweep.report.html.context import ReportData
from nnsweep.tables import frame

AGAINST = "against the best", "seeds needed"
"""Columns that are empty for the best cell."""


@dataclass(frozen=True)
class Ranking:
    """The cells that may be the best, as a sentence and a table."""

    best: str
    text: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    left_out: int


def ranking(report: ReportData) -> Ranking | None:
    """Rank the cells by success; None without success, seeds or a second cell, or if a search judged by a metric."""
    import pandas as pd

    from nnsweep.figures.text import cell_texts
    from nnsweep.questions.rank.criterion import answer_of_race, choose_criterion, measured_metrics
    from nnsweep.questions.rank.grid import UNDECIDED
    from nnsweep.questions.rank.importance import importance
    from nnsweep.questions.rank.table import best, on_fresh_seeds

    success = report.sweep.success
    if (
        success is None
        or report.seed is None
        or not report.summary["successes"].to_numpy(dtype=float, na_value=0).any()
    ):
        return None
    measured = measured_metrics(report.columns)
    criterion = choose_criterion(report.sweep, measured)
    if not criterion.by_success:
        return None
    names, lower = list(report.axes), success.lower
    raced = answer_of_race(report.sweep, criterion, measured)
    table = frame(best(report.columns, names, report.seed, success.metric, lower=lower, listed=LISTED, raced=raced))
    if len(table) < 2:
        return None
    among = table.loc[table["among_best"]]
    rows = among.head(LISTED)
    medians = [row[0] for row in cell_texts([pd.DataFrame({"median": rows[f"{success.metric}_median"]})])[0]]
    texts = [_row(report, row, median) for row, median in zip(rows.to_dict("records"), medians, strict=True)]
    sure = [INTERVAL] if report.sweep.search is None else []  # the seeds of a search have chosen
    header = [*names, "successes", *sure, f"median {success.metric}", "p", *AGAINST]
    first = report.where(table.to_dict("records")[0])
    fresh = on_fresh_seeds(report.columns, names, report.seed, success.metric, lower=lower)
    others = alike(len(among) - 1, len(table) - 1)
    text = f"{others}: {CUT_OFF}." if raced is UNDECIDED else f"{others}, with {SURE} confidence."
    text += f" {format_fresh(fresh, success.metric, True)}" if not isnan(fresh) else ""
    shares = format_importance(importance(table, names, "rate"), "success")
    text += f" {shares}" if shares else ""
    return Ranking(first, text, header, texts, max(0, len(among) - LISTED))


def _row(report: ReportData, row: dict[Any, Any], median: str) -> list[str]:
    import pandas as pd

    cell = [report.labels[name][report.axes[name].index(row[name])] for name in report.axes]
    ends = (whole_percent(row[name]) for name in ("rate_low", "rate_high"))
    sure = ["{} to {} %".format(*ends)] if report.sweep.search is None else []
    p = "" if isnan(row["p"]) else p_value(row["p"])  # a race has none
    texts = [*cell, f"{row['successes']} of {row['finished']}", *sure, median, p]
    if pd.isna(row["difference"]):
        return [*texts, *("" for _ in AGAINST)]
    needed = format_seeds_needed(row) if row["rank"] <= LISTED else ""  # not computed for lower ranks
    return [*texts, f"{signed_percent(row['difference'])} %", needed]
