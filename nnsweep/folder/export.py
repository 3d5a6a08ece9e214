"""Export the trials of a results folder as a table. Only the store is needed, neither the trainer nor the data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nnsweep.defaults import EXPORT_FORMATS
from nnsweep.design.columns import public_names
from nnsweep.errors import NnsweepError
from nnsweep.files import write_file
from nnsweep.folder.open import StoredSweep
from nnsweep.format import did_you_mean
from nnsweep.store import Store
from nnsweep.tables import Columns, frame, trials_table
from nnsweep.tables.columns import ROWS_AT_ONCE, blocks, cell_texts, column
from nnsweep.tables.csv_files import csv_blocks
from nnsweep.tables.settings import shown as as_column
from nnsweep.tables.strict_json import to_json
from nnsweep.trials.grid import Grid
from nnsweep.trials.ids import to_texts
from nnsweep.trials.outcomes import WHOLE, Ends, Outcomes
from nnsweep.trials.where import matching

if TYPE_CHECKING:
    import pandas as pd

LIBRARIES = {"parquet": ("pyarrow", "parquet"), "xlsx": ("openpyxl", "excel")}
"""The library that a format needs, and the extra that installs it."""
OF_OUTCOMES = ("seconds", "failure")
"""Columns of a trial's outcome that the table has only on request."""


def table(stored: StoredSweep, where: Sequence[str] = (), columns: Sequence[str] = ()) -> Columns:
    """Make the table of a sweep's trials: id, axes, status, metrics and success, or the named columns.

    Trials that are not stored have the status `missing`, no metrics and no success.
    A column may also be a parameter, `seconds`, `failure`, or a number of the trials' diagnosis, such as `dead`.

    Raises:
        NnsweepError: a condition meets no trial, or there is no such column. StoreError: the store is damaged.
    """
    trials = matching(stored.grid, stored.sweep, where)
    found = trials_table(stored.sweep, trials, stored.outcomes, stored.metrics)
    untrained = found["status"] == "missing"
    if "success" in found and untrained.any():
        found["success"] = found["success"].astype(object)
        found["success"][untrained] = None
    found = dict(zip(public_names(found), found.values(), strict=True))
    further = [name for name in dict.fromkeys(columns) if name not in found]
    found |= _of_outcomes(Ends.of(trials, stored.outcomes), further)
    asked = [name for name in further if name not in found]
    found |= _of_params(stored, trials, asked, list(found)) if asked else {}
    return {name: found[name] for name in columns} if columns else found


def count_missing(stored: StoredSweep, where: Sequence[str] = ()) -> int:
    """Count the trials of the table that are not stored."""
    trials = matching(stored.grid, stored.sweep, where)
    return int((Ends.of(trials, stored.outcomes).rows < 0).sum())


def _diagnosed(outcomes: Outcomes) -> list[str]:
    return [name for name, values in outcomes.diagnosis.items() if not np.isnan(values).all()]


def _of_outcomes(ends: Ends, names: Sequence[str]) -> Columns:
    """Give those of some columns that are of the trials' outcomes."""
    found = {name: _whole(name, ends.diagnosis(name)) for name in names if name in _diagnosed(ends.outcomes)}
    if "seconds" in names:
        found["seconds"] = ends.seconds
    if "failure" in names:
        found["failure"] = np.array([ends.outcomes.failures.get(row) for row in ends.rows.tolist()], dtype=object)
    return found


def _whole(name: str, values: np.ndarray) -> np.ndarray:
    """Give whole numbers as such, where none is missing."""
    return values.astype(np.int64) if name in WHOLE and not np.isnan(values).any() else values


def _of_params(stored: StoredSweep, trials: Grid, names: Sequence[str], taken: Sequence[str]) -> Columns:
    """Read parameters of the trials, as far as they are stored.

    Raises:
        NnsweepError: there is no such parameter.
    """
    values: dict[str, list[Any]] = {name: [] for name in names}
    known: dict[str, None] = {}
    with Store.read(stored.folder.store) as store:
        for part in trials.parts(ROWS_AT_ONCE):
            ids = to_texts(part.ids).tolist()
            params = store.params(ids)
            known |= dict.fromkeys(name for each in params.values() for name in each)
            for name, found in values.items():
                found += [_value(params[id][name]) if name in params.get(id, ()) else None for id in ids]
    unknown = [name for name in names if name not in known]
    if unknown:
        allowed = [*taken, *OF_OUTCOMES, *_diagnosed(stored.outcomes), *known]
        listed = ", ".join(dict.fromkeys(allowed))
        raise NnsweepError(f"no column `{unknown[0]}`; allowed: {listed}{did_you_mean(unknown[0], allowed)}")
    return {name: _with_gaps(found) for name, found in values.items()}


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return tuple(value) if isinstance(value, list) else value


def _with_gaps(values: list[Any]) -> np.ndarray:
    """Make a column of values, None where one is missing: then numbers become floats."""
    present = as_column(value for value in values if value is not None)
    if len(present) == len(values):
        return column(present)
    numbers = all(type(value) in (int, float) for value in present)
    filled = np.full(len(values), np.nan if numbers and present else None)
    filled[[value is not None for value in values]] = present
    return filled


def to_text(table: Columns, format: str) -> Iterator[str]:
    """Write a table as CSV, or as a JSON list with one line per trial. Missing values are empty, or null.

    Gives the text in parts.

    Raises:
        NnsweepError: the format is not a text format.
    """
    if format not in TEXTS:
        raise NnsweepError(f"{format} is no text; name a file with --output")
    return TEXTS[format](table)


def _json_blocks(table: Columns) -> Iterator[str]:
    names = [to_json(name) for name in table]
    start = "[\n"
    for block in blocks(table):
        cells = [cell_texts(values, _json) for values in block.values()]
        named = [[f"{name}: {cell}" for cell in each] for name, each in zip(names, cells, strict=True)]
        yield start + ",\n".join([f"{{{', '.join(row)}}}" for row in zip(*named, strict=True)])
        start = ",\n"
    yield "\n]\n"


def _json(value: Any) -> str:
    return to_json(value, indent=None)


TEXTS = {"csv": csv_blocks, "json": _json_blocks}


def write(table: Columns, path: Path, format: str) -> None:
    """Write a table to a file, as a whole or not at all.

    Raises:
        NnsweepError: pyarrow or openpyxl is missing. StoreError: the file cannot be written.
    """
    needed, extra = LIBRARIES.get(format, ("", ""))
    if needed and find_spec(needed) is None:
        raise NnsweepError(f'{format} needs {needed}: pip install "nnsweep[{extra}]"; or choose csv or json')
    if format == "parquet":
        write_file(path, lambda draft: frame(table).to_parquet(draft, engine="pyarrow", index=False))
    elif format == "xlsx":
        write_file(path, lambda draft: _to_excel(frame(table), draft))
    else:
        write_file(path, lambda draft: _write_parts(to_text(table, format), draft))


def _write_parts(parts: Iterable[str], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(parts)


def format_of(path: Path) -> str:
    """Return the format of a file by its ending.

    Raises:
        NnsweepError: no format has this ending.
    """
    suffix = path.suffix.removeprefix(".").lower()
    if suffix not in EXPORT_FORMATS:
        allowed = ", ".join(f".{each}" for each in EXPORT_FORMATS)
        found = f"the ending {path.suffix}" if suffix else "no ending"
        raise NnsweepError(f"{path}: found {found}; allowed: {allowed}, or --format for another name")
    return suffix


def _to_excel(frame: pd.DataFrame, path: Path) -> None:
    """Write one sheet. Texts stay texts and never become formulas."""
    import pandas as pd

    with pd.ExcelWriter(path, engine="openpyxl") as book:
        frame.to_excel(book, sheet_name="trials", index=False)
        for row in book.sheets["trials"].iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    cell.data_type = "s"
