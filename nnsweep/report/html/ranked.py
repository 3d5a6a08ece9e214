"""The best cell, and those that may be the best instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import pandas as pd

from nnsweep.format import INTERVAL, SURE, p_value, signed_percent, whole_percent
from nnsweep.questions.rank.text import LISTED, alike, format_fresh, format_importance, format_seeds_needed
from nnsweep.report.html.found import Found

AGAINST = "against the best", "seeds needed"
"""Columns that the best has not."""


@dataclass(frozen=True)
class Ranked:
    """The cells among the best, as a sentence and a table."""

    best: str
    said: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    left_out: int


def ranked(found: Found) -> Ranked | None:
    """Rank the cells by their success; None where there is no success, there are no seeds or no second cell."""
    from nnsweep.figures.text import cell_texts
    from nnsweep.questions.rank.importance import importance
    from nnsweep.questions.rank.table import best, on_fresh_seeds

    success = found.sweep.success
    if success is None or found.seed is None or not found.summary["successes"].to_numpy(dtype=float, na_value=0).any():
        return None
    names, lower = list(found.axes), success.lower
    table = best(found.trials, names, found.seed, success.metric, lower=lower, told=LISTED)
    if len(table) < 2:
        return None
    among = table.loc[table["among_best"]]
    rows = among.head(LISTED)
    medians = [row[0] for row in cell_texts([pd.DataFrame({"median": rows[f"{success.metric}_median"]})])[0]]
    told = [_row(found, row, median) for row, median in zip(rows.to_dict("records"), medians, strict=True)]
    header = [*names, "successes", INTERVAL, f"median {success.metric}", "p", *AGAINST]
    first = found.where(table.to_dict("records")[0])
    fresh = on_fresh_seeds(found.trials, names, found.seed, success.metric, lower=lower)
    said = f"{alike(len(among) - 1, len(table) - 1)}, with {SURE} confidence."
    said += f" {format_fresh(fresh, success.metric, True)}" if not isnan(fresh) else ""
    shares = format_importance(importance(table, names, "rate"), "success")
    said += f" {shares}" if shares else ""
    return Ranked(first, said, header, told, max(0, len(among) - LISTED))


def _row(found: Found, row: dict[Any, Any], median: str) -> list[str]:
    cell = [found.labels[name][found.axes[name].index(row[name])] for name in found.axes]
    low, high = (whole_percent(row[name]) for name in ("rate_low", "rate_high"))
    told = [*cell, f"{row['successes']} of {row['finished']}", f"{low} to {high} %", median, p_value(row["p"])]
    if pd.isna(row["difference"]):
        return [*told, *("" for _ in AGAINST)]
    needed = format_seeds_needed(row) if row["rank"] <= LISTED else ""  # of lower ranks it was not asked
    return [*told, f"{signed_percent(row['difference'])} %", needed]
