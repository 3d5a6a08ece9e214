"""Select columns of a trace by their names in formulas: `w12` is the weight of unit 1 from input 2."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import pandas as pd

from nnsweep.errors import NnsweepError
from nnsweep.format import did_you_mean
from nnsweep.nn.parameter_names import short_name

NAMED = 12
"""Weights that a message lists."""


def chosen(trace: pd.DataFrame, wanted: Sequence[str]) -> pd.DataFrame:
    """Keep the columns of a trace that are named or match a pattern such as `2.*`; all if none is named.

    Raises:
        NnsweepError: a name or pattern matches no column.
    """
    names = {column: short_name(column) for column in map(str, trace.columns.drop("step"))}
    kept: dict[str, None] = {}
    for each in wanted:
        fitting = [column for column, name in names.items() if fnmatchcase(name, each)]
        if not fitting:
            raise NnsweepError(_unknown(each, list(names.values())))
        kept |= dict.fromkeys(fitting)
    return trace.loc[:, ["step", *(kept or names)]]


def _unknown(wanted: str, names: list[str]) -> str:
    shown = ", ".join(names[:NAMED]) + (f", … {names[-1]}" if len(names) > NAMED else "")
    return f"no weight `{wanted}`; allowed: {shown}, and patterns such as w1*{did_you_mean(wanted, names)}"
