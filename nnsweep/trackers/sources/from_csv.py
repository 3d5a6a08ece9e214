"""Read runs from a CSV file: a row for each, a column for each parameter and metric."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from math import nan
from pathlib import Path
from typing import Any

from nnsweep.data.words import first_twice, plain_line
from nnsweep.errors import NnsweepError
from nnsweep.format import did_you_mean
from nnsweep.store.rows import digest
from nnsweep.trackers.imported_run import Asked, ImportedRun, from_text


def read(place: str, asked: Asked) -> Iterator[ImportedRun]:
    """Read the rows. A run is known by what stands in its row, and among equal rows by its number.

    Raises:
        NnsweepError: the file cannot be read, is no table, or no column is named as a metric.
    """
    header, rows = _table(Path(place))
    _check_metrics(place, header, asked)
    seen: Counter[str] = Counter()
    for number, row in rows:
        cells = dict(zip(header, row, strict=True))
        key = digest([text for pair in sorted(cells.items()) for text in pair])
        seen[key] += 1
        metrics = {name: _number(cells[name]) for name in asked.metrics if cells[name].strip()}
        wrong = [name for name, value in metrics.items() if value is None]
        if wrong:
            found = plain_line(cells[wrong[0]])
            raise NnsweepError(f"{place}, line {number}, {wrong[0]}: found {found}; allowed: a number, or nothing")
        params = {name: from_text(cells[name]) for name in header if name not in asked.metrics}
        yield ImportedRun(f"{key}-{seen[key]}", f"line {number}", params, metrics)


Line = tuple[int, list[str]]
"""The number of a line, and its cells."""


def _table(path: Path) -> tuple[list[str], list[Line]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            lines = [(reader.line_num, row) for row in reader if row]
    except (OSError, UnicodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise NnsweepError(f"{path}: cannot be read as CSV: {why}") from None
    if not lines:
        raise NnsweepError(f"{path}: found no line; allowed: a line of names, and a line for each run")
    (_, header), *rows = lines
    header = [name.strip() for name in header]
    twice = first_twice(header)
    if twice is not None or "" in header:
        found = f"the column `{twice}` twice" if twice else "a column without a name"
        raise NnsweepError(f"{path}: found {found}; allowed: names that differ")
    for number, row in rows:
        if len(row) != len(header):
            raise NnsweepError(
                f"{path}, line {number}: found {len(row)} cells; allowed: {len(header)}, as in the first"
            )
    return header, rows


def _check_metrics(place: str, header: Sequence[str], asked: Asked) -> None:
    columns = ", ".join(header)
    if not asked.metrics:
        raise NnsweepError(f"{place}: name the columns that were measured with --metric; its columns: {columns}")
    for name in asked.metrics:
        if name not in header:
            raise NnsweepError(f"{place}: no column `{name}`; allowed: {columns}{did_you_mean(name, header)}")


def _number(text: str) -> Any:
    if text.strip().lower() == "nan":
        return nan
    found = from_text(text.strip())
    return found if isinstance(found, int | float) else None
