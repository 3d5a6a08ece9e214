"""Tables as CSV files that pandas reads back without options, and names for the files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

import pandas as pd

from nnsweep.analysis.settings import Settings

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""How a text must not begin: a spreadsheet would run it as a formula."""


def write_csv(frame: pd.DataFrame, path: Path | TextIO) -> None:
    """Write a table without its index: UTF-8, lines ended by `\\n`, floats as their shortest exact decimals.

    A text that a spreadsheet would take for a formula, and is no number, gets a `'` in front. Equal tables give
    equal bytes.
    """
    safe = frame.rename(columns=_harmless)
    for position, dtype in enumerate(safe.dtypes):
        if pd.api.types.is_string_dtype(dtype) or pd.api.types.is_object_dtype(dtype):
            safe.isetitem(position, safe.iloc[:, position].map(_harmless))
    safe.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def _harmless(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    # The csv module does not quote a bare carriage return, which readers take for the end of a line.
    safe = cell.replace("\r", "\\r")
    return f"'{safe}" if cell.startswith(RISKY) and not _is_number(cell) else safe


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def flat(matrix: pd.DataFrame) -> pd.DataFrame:
    r"""Move a matrix's row labels into a first column, named after both axes.

    >>> flat(pd.DataFrame([[9]], index=pd.Index([0.1], name="alpha"), columns=pd.Index([1], name="epochs")))
       alpha\epochs  1
    0           0.1  9
    """
    names = [str(name) for name in (matrix.index.name, matrix.columns.name) if name is not None]
    frame = matrix.rename(columns=str).rename_axis(columns=None)
    if matrix.index.name is None:
        return frame.reset_index(drop=True)
    return frame.rename_axis(index="\\".join(names)).reset_index()


def file_names(what: str, parts: Iterable[Settings], suffix: str = ".csv") -> dict[Settings, str]:
    """One safe file name for each part: letters, digits and `_ . = + -` only, no two alike on any system.

    >>> file_names("success", [(("hidden", 2),), (("case", "as posted"),)])
    {(('hidden', 2),): 'success_hidden=2.csv', (('case', 'as posted'),): 'success_case=as-posted.csv'}
    """
    names: dict[Settings, str] = {}
    taken: set[str] = set()
    for settings in parts:
        stem = _stem(what, settings)
        name, number = stem, 1
        while name.lower() in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name.lower())
        names[settings] = name + suffix
    return names


def _stem(what: str, settings: Settings) -> str:
    text = "_".join([what, *(f"{name}={value}" for name, value in settings)])
    # File systems allow 255 bytes; what is cut is told apart by the number that `file_names` adds.
    return re.sub(r"[^A-Za-z0-9_.=+-]+", "-", text)[:120]
