"""The tables of `nnsweep.analysis` as DataFrames, from DataFrames."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nnsweep import analysis
from nnsweep.analysis import columns, frame


def trials_table(*arguments: Any) -> pd.DataFrame:
    return frame(analysis.trials_table(*arguments))


def summary(table: pd.DataFrame, *arguments: Any, **options: Any) -> pd.DataFrame:
    return frame(analysis.summary(columns(table), *arguments, **options))


def history(sweep: Any, trials: Any, table: pd.DataFrame, *arguments: Any) -> pd.DataFrame:
    return frame(analysis.history(sweep, trials, columns(table), *arguments))


def matrix(cells: pd.DataFrame, *arguments: Any) -> pd.DataFrame:
    return analysis.matrix(columns(cells), *arguments).frame
