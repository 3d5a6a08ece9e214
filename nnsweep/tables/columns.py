"""Tables as columns. A DataFrame is made only when one is asked for.

Importing pandas takes as long as training thousands of trials. Every run writes its tables without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nnsweep.design.columns import public_names

if TYPE_CHECKING:
    import pandas as pd

ROWS_AT_ONCE = 2**14
"""Rows of a block."""
Columns = dict[str, np.ndarray]
"""Columns of one length, by name. Integers and truth values are objects if some are missing (None).

Texts are objects, too, or ASCII bytes where all have one length, such as ids.
"""


def column(values: Sequence[Any]) -> np.ndarray:
    """Make a column from values of one kind."""
    return np.array(values, dtype=object if values and isinstance(values[0], str) else None)


def frame(columns: Columns) -> pd.DataFrame:
    """Make a DataFrame from columns; integers become `Int64`, truth values `boolean` if some are missing.

    Columns of numbers are not copied: whoever changes the DataFrame changes them. `published` gives one of its own.

    >>> frame({"n": np.array([1, None]), "case": column(["a", "b"])})
          n case
    0     1    a
    1  <NA>    b
    """
    import pandas as pd

    return pd.DataFrame({name: _series(values) for name, values in columns.items()}, copy=False)


def _series(values: np.ndarray) -> pd.Series:
    import pandas as pd

    if values.dtype.kind != "S":
        return pd.Series(values, dtype=_dtype(values), copy=False)
    # All at once, they would take ten times their memory for a moment.
    starts = range(0, max(1, len(values)), ROWS_AT_ONCE)
    parts = [pd.Series(values[start : start + ROWS_AT_ONCE].astype(str), dtype="str") for start in starts]
    return pd.concat(parts, ignore_index=True)


def published(frame: pd.DataFrame) -> pd.DataFrame:
    """Rename columns as in files; see `design.columns`."""
    return frame.set_axis(public_names(map(str, frame)), axis="columns")


def _dtype(values: np.ndarray) -> Any:
    if values.dtype != object:
        return None
    kinds = {type(value) for value in values} - {type(None)}
    if kinds == {bool}:
        return "boolean"
    return "str" if kinds == {str} or not len(values) else "Int64"


def columns(frame: pd.DataFrame) -> Columns:
    """Split a DataFrame into columns."""
    return {str(name): _values(frame[name]) for name in frame}


def _values(series: Any) -> np.ndarray:
    if isinstance(series.dtype, np.dtype) and series.dtype != object:
        return series.to_numpy()
    return series.astype(object).where(series.notna(), None).to_numpy()


def cell_texts(values: np.ndarray, write: Callable[[Any], str]) -> list[str]:
    """Write each cell of a column. Most values occur many times: each is written once."""
    if values.dtype.kind == "S":
        values = values.astype(str)
    bits = values.view(f"i{values.itemsize}") if values.dtype.kind == "f" else values  # 0.0 and -0.0 are equal
    cells = bits.tolist()
    keys = [*set(cells)]
    found = keys if bits is values else np.array(keys, bits.dtype).view(values.dtype).tolist()
    written = dict(zip(keys, map(write, found), strict=True))
    return [written[cell] for cell in cells]


def blocks(table: Columns) -> Iterator[Columns]:
    """Cut a table into blocks of rows whose cells, as texts, take little memory."""
    for start in range(0, length(table), ROWS_AT_ONCE):
        yield {name: values[start : start + ROWS_AT_ONCE] for name, values in table.items()}


def join_parts(parts: Sequence[Columns]) -> Columns:
    """Put parts of a table together, of which those without rows say nothing of the kinds of its columns."""
    some = [part for part in parts if length(part)] or parts[:1]
    return some[0] if len(some) == 1 else {name: np.concatenate([part[name] for part in some]) for name in some[0]}


def length(table: Columns | pd.DataFrame) -> int:
    """Count the rows of a table with at least one column."""
    return len(next(iter(table.values()))) if isinstance(table, dict) else len(table)


def record(table: Columns, row: int) -> dict[str, Any]:
    """Return one row of a table, in Python's types."""
    return {name: values[row : row + 1].tolist()[0] for name, values in table.items()}
