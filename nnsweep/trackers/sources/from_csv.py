"""Read runs from a CSV file: a row for each, or for each of its steps; a column for each parameter and metric."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import nan
from pathlib import Path
from typing import Any

from nnsweep.data.words import first_twice, plain_line, quoted
from nnsweep.errors import NnsweepError
from nnsweep.format import count, did_you_mean
from nnsweep.store.rows import digest
from nnsweep.trackers.imported_run import Asked, ImportedRun, from_text, side_by_side
from nnsweep.trainers.logged import LARGEST_STEP

Line = tuple[int, Mapping[str, str]]
"""The number of a line, and its cells by the names of their columns."""


def read(place: str, asked: Asked) -> Iterator[ImportedRun]:
    """Read the rows. A run is known by what stands in its row, and among equal rows by its number.

    With a column of steps, rows of equal parameters are one run, which is known by these.

    Raises:
        NnsweepError: the file cannot be read, is no table, or no column is named as a metric.
    """
    header, rows = _table(Path(place), asked)
    _check_metrics(place, header, asked)
    lines = [(number, dict(zip(header, row, strict=True))) for number, row in rows]
    yield from _with_curves(place, lines, asked) if asked.step else _single(place, lines, asked)


def _single(place: str, lines: Sequence[Line], asked: Asked) -> Iterator[ImportedRun]:
    seen: Counter[str] = Counter()
    for number, cells in lines:
        key = digest([text for pair in sorted(cells.items()) for text in pair])
        seen[key] += 1
        yield ImportedRun(
            f"{key}-{seen[key]}", f"line {number}", _params(cells, asked), _metrics(place, number, cells, asked)
        )


def _with_curves(place: str, lines: Sequence[Line], asked: Asked) -> Iterator[ImportedRun]:
    runs: dict[tuple[str, ...], tuple[Line, dict[int, dict[str, Any]]]] = {}
    for number, cells in lines:
        texts = [text for name, text in sorted(cells.items()) if name not in (*asked.metrics, asked.step)]
        _, points = runs.setdefault(tuple(texts), ((number, cells), {}))
        step = from_text(cells[asked.step].strip())
        if type(step) is not int or not 0 <= step <= LARGEST_STEP:
            found = plain_line(cells[asked.step]) or "nothing"
            raise NnsweepError(f"{place}, line {number}, {asked.step}: found {found}; allowed: whole numbers from 0 on")
        if step in points:
            told = f"found step {step} of one run again; allowed: once, or a column that tells runs apart"
            raise NnsweepError(f"{place}, line {number}, {asked.step}: {told}")
        points[step] = _metrics(place, number, cells, asked)
    for texts, ((number, cells), points) in runs.items():
        history = side_by_side((step, name, value) for step in points for name, value in points[step].items())
        final = {name: value for step in sorted(points) for name, value in points[step].items()}
        yield ImportedRun(digest([asked.step, *texts]), f"line {number}", _params(cells, asked), final, history)


def _params(cells: Mapping[str, str], asked: Asked) -> dict[str, Any]:
    return {name: from_text(text) for name, text in cells.items() if name not in (*asked.metrics, asked.step)}


def _metrics(place: str, number: int, cells: Mapping[str, str], asked: Asked) -> dict[str, Any]:
    metrics = {name: _number(cells[name]) for name in asked.metrics if cells[name].strip()}
    wrong = [name for name, value in metrics.items() if value is None]
    if wrong:
        found = plain_line(cells[wrong[0]])
        raise NnsweepError(f"{place}, line {number}, {wrong[0]}: found {found}; allowed: a number, or nothing")
    return metrics


def _table(path: Path, asked: Asked) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Read the names and the rows. Rows without content are none, and columns without a name are left out."""
    lines = _lines(path)
    if not lines:
        raise NnsweepError(f"{path}: found no line; allowed: a line of names, and a line for each run")
    (_, header), *rows = lines
    header = [name.strip() for name in header]
    other = next((mark for mark in (";", "\t") if len(header) == 1 and mark in header[0]), "")
    if other:
        raise NnsweepError(f"{path}: found {quoted(other)} between the names; allowed: commas between cells")
    twice = first_twice(filter(None, header))
    if twice is not None:
        raise NnsweepError(f"{path}: found the column `{twice}` twice; allowed: names that differ")
    for number, row in rows:
        if len(row) != len(header):
            raise NnsweepError(
                f"{path}, line {number}: found {len(row)} cells; allowed: {len(header)}, as in the first"
            )
    named = [place for place, name in enumerate(header) if name]
    if len(named) < len(header):
        asked.notices.append(f"{count(len(header) - len(named), 'column')} without a name: not read")
    return [header[place] for place in named], [(number, [row[place] for place in named]) for number, row in rows]


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            return [(reader.line_num, row) for row in reader if any(map(str.strip, row))]
    except UnicodeDecodeError as error:
        found = f"byte 0x{error.object[error.start]:02x}"
        raise NnsweepError(f"{path}: cannot be read as CSV: found {found}, which is no UTF-8; allowed: UTF-8") from None
    except (OSError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise NnsweepError(f"{path}: cannot be read as CSV: {why}") from None


def _check_metrics(place: str, header: Sequence[str], asked: Asked) -> None:
    columns = ", ".join(header)
    if not asked.metrics:
        raise NnsweepError(f"{place}: name the columns that were measured with --metric; its columns: {columns}")
    for name in filter(None, (*asked.metrics, asked.step)):
        if name not in header:
            raise NnsweepError(f"{place}: no column `{name}`; allowed: {columns}{did_you_mean(name, header)}")


def _number(text: str) -> Any:
    if text.strip().lower() == "nan":
        return nan
    found = from_text(text.strip())
    return found if isinstance(found, int | float) else None
