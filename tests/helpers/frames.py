"""The tables of `nnsweep.tables` as DataFrames, from DataFrames."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nnsweep import tables
from nnsweep.tables import columns, frame


def trials_table(*arguments: Any) -> pd.DataFrame:
    return frame(tables.trials_table(*arguments))


def summary(table: pd.DataFrame, *arguments: Any, **options: Any) -> pd.DataFrame:
    return frame(tables.summary(columns(table), *arguments, **options))


def history(sweep: Any, trials: Any, table: pd.DataFrame, *arguments: Any) -> pd.DataFrame:
    return frame(tables.history(sweep, trials, columns(table), *arguments))


def matrix(cells: pd.DataFrame, *arguments: Any) -> pd.DataFrame:
    return tables.matrix(columns(cells), *arguments).frame
