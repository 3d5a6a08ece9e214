"""Converts the rows of a CSV file to arrays in one pass."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, TextIO

import numpy as np

from nnsweep import format
from nnsweep.data.arrays import NUMBERS, Array, Data, check_size, digest, one_hot
from nnsweep.data.csv.content import head_of
from nnsweep.data.csv.faults import cells_fault, input_fault, missing_fault
from nnsweep.data.csv.layout import Layout, layout_of
from nnsweep.data.csv.rows import Rows
from nnsweep.data.csv.targets import MISSING, MOST, targets_of
from nnsweep.data.words import quoted
from nnsweep.errors import DataError

if TYPE_CHECKING:
    from nnsweep.data.csv.keys import CsvKeys

DROP = "drop"
ROWS, TARGETS = 2**22, 2**24
"""How many rows, and cells of targets in them, are read at most: a target is a text until all are known."""
COUNTED = 10
"""Rows from which on a note names an input that is 0, 1, 2, … or 1, 2, 3, …."""
USUAL = ("utf-8", "utf-8-sig")
"""Encodings that a note does not name."""


def read(source: CsvKeys, file: TextIO, encoding: str) -> Data:
    """Read a file that is open as text.

    Raises:
        DataError: the file cannot be used. The message names the line and column of the first faulty cell.
    """
    head, others = head_of(file, source.csv)
    following = next(others, None)
    layout = layout_of(head, following is None, source)
    lines = chain(head, () if following is None else (following,), others)
    table = _Table(source, layout, Rows(lines, source.csv, layout.delimiter, layout.skip, layout.comment))
    table.read()
    unusual = () if source.encoding or encoding in USUAL else (encoding.upper(),)
    return table.data((*unusual, *layout.notes))


class _Table:
    """Inputs as numbers, categories as indices, and targets as texts, because their kind depends on all of them."""

    def __init__(self, source: CsvKeys, layout: Layout, rows: Rows) -> None:
        self.source, self.layout, self.rows = source, layout, rows
        self.names = layout.inputs(source)
        if not self.names:
            raise DataError(f"{source.csv}: has no column but the target; allowed: at least one input")
        self.inputs, self.targets = layout.places(self.names), layout.places(source.target)
        self.most = min(ROWS, TARGETS // len(self.targets), NUMBERS // (len(self.inputs) + len(self.targets)))
        self.categories: dict[str, dict[str, int]] = {name: {} for name in source.categories or ()}
        self.fill = source.on_missing if isinstance(source.on_missing, float | int) else math.nan
        known = [row for row in layout.rows if len(row) == len(layout.names)]
        self.empty = [place for place in layout.left_out if not any(row[place].strip() for row in known)]
        self.plain = layout.numbers.plain and not self.categories and not self.empty
        self.values, self.lines = array("d"), array("L")
        self.cells: list[list[str]] = [[] for _ in self.targets]
        self.dropped, self.filled = array("L"), 0

    def read(self) -> None:
        """Read all rows.

        Raises:
            DataError: a row or cell is faulty, or there are no rows.
        """
        rows = iter(self.rows)
        if self.source.header in (None, True):
            next(rows)
        for row in rows:
            values = self._values(row)
            if values is None:
                self.dropped.append(self.rows.line)
                continue
            if len(self.lines) == self.most:
                found = f"more than {self.most:,} rows of {len(self.inputs) + len(self.targets):,} columns"
                limits = f"{ROWS:,} rows, {TARGETS:,} targets and {NUMBERS:,} numbers"
                raise DataError(f"{self.source.csv}: found {found}; allowed: at most {limits}")
            self.values.extend(values)
            self.lines.append(self.rows.line)
            for place, column in zip(self.targets, self.cells, strict=True):
                column.append(row[place])
        if not self.lines:
            without = " without missing values" if self.dropped else " below its header"
            raise DataError(f"{self.source.csv}: has no rows{without}; allowed: at least one")

    def _values(self, row: list[str]) -> list[float] | None:
        """Convert a row's inputs to numbers; None if the row is left out. Rows of plain numbers take a short cut."""
        if self.plain and len(row) == len(self.layout.names):
            try:
                cells = [row[place] for place in self.inputs]
                numbers = list(map(float, cells))
                if math.isfinite(sum(numbers)) and "_" not in "".join(cells) and not self._lacks(row):
                    return numbers
            except ValueError:
                pass
        return self._each(row)

    def _lacks(self, row: list[str]) -> bool:
        """Return whether a value is missing in a row of plain numbers."""
        return any(self._is_missing(row[place]) for place in self.targets) or (
            self.source.missing is not None and any(self._is_missing(row[place]) for place in self.inputs)
        )

    def _is_missing(self, cell: str) -> bool:
        text = cell.strip()
        if self.source.missing is None:
            return text.lower() in MISSING
        if not text or text in self.source.missing:
            return True
        number = self.layout.numbers(text)
        return number is not None and any(number == self.layout.numbers(each) for each in self.source.missing)

    def _each(self, row: list[str]) -> list[float] | None:
        """Convert a row's inputs to numbers, cell by cell."""
        line = self.rows.line
        if len(row) != len(self.layout.names):
            raise cells_fault(self.source, self.layout, row, line)
        self._check_empty(row)
        missing = [place for place in (*self.inputs, *self.targets) if self._is_missing(row[place])]
        if missing and self.source.on_missing == DROP:
            return None
        target = next((place for place in missing if place in self.targets), None)
        if target is not None or (missing and self.source.on_missing is None):
            place = missing[0] if self.source.on_missing is None else target
            raise missing_fault(self.source, self.layout, row, line, place or 0, place in self.targets)
        self.filled += len(missing)
        return [
            self._number(row, place, name, place in missing)
            for place, name in zip(self.inputs, self.names, strict=True)
        ]

    def _check_empty(self, row: list[str]) -> None:
        """Refuse a value in a column that was empty in the first rows."""
        for place in self.empty:
            if row[place].strip():
                where = f"{self.source.csv}, line {self.rows.line}, column {place + 1}"
                raise DataError(f"{where}: found {quoted(row[place])}; allowed: an empty cell, as in the rows above")

    def _number(self, row: list[str], place: int, name: str, missing: bool) -> float:
        if name in self.categories:
            known = self.categories[name]
            return -1 if missing else known.setdefault(row[place].strip(), len(known))
        if missing:
            return self.fill
        number = self.layout.numbers(row[place])
        if number is None or not math.isfinite(number):
            raise input_fault(self.source, self.layout, row[place], self.rows.line, place)
        return number

    def data(self, notes: Sequence[str]) -> Data:
        """Put the arrays together, with notes on the file.

        Raises:
            DataError: a target is neither an amount nor a class, or a column has too many categories.
        """
        inputs = np.frombuffer(self.values, dtype=np.float64).reshape(len(self.lines), len(self.names))
        targets = self._all_targets()
        names: list[str] = self.names
        if self.categories:
            wide = len(names) + sum(len(texts) - 1 for texts in self.categories.values())
            check_size(len(inputs), wide + targets.shape[1], self.source.csv)
            pairs = [self._expanded(inputs[:, place], name) for place, name in enumerate(self.names)]
            inputs = np.hstack([columns for columns, _ in pairs])
            names = [name for _, each in pairs for name in each]
        notes = [*notes, *self._counts(inputs, names)]
        fill = self.source.on_missing if np.isnan(inputs).any() else None
        return Data(
            *(inputs, targets, digest(inputs, targets), tuple(names)),
            notes=(f"{self.source.csv}: {'; '.join(notes)}",) if notes else (),
            fill=fill if fill in ("mean", "median") else None,
        )

    def _all_targets(self) -> Array:
        parts: list[Array] = []
        for name, cells in zip(self.source.target, self.cells, strict=True):
            parts.append(self._targets(name, cells))
            check_size(len(cells), len(self.names) + sum(part.shape[1] for part in parts), self.source.csv)
        return np.hstack(parts)

    def _targets(self, name: str, cells: Sequence[str]) -> Array:
        def where(place: int | None) -> str:
            line = "" if place is None else f", line {self.lines[place]}"
            return f"{self.source.csv}{line}, column {quoted(name)}"

        return targets_of(cells, self.source.classes, self.layout.numbers, where)

    def _expanded(self, column: Array, name: str) -> tuple[Array, list[str]]:
        """Turn a column of categories into a column of 0 and 1 for each, sorted; all are 0 if a value is missing."""
        if name not in self.categories:
            return column[:, None], [name]
        texts = list(self.categories[name])
        if len(texts) > MOST:
            raise DataError(
                f"{self.source.csv}, column {quoted(name)}: found {len(texts):,} categories; allowed: at most {MOST:,}"
            )
        order = sorted(range(len(texts)), key=texts.__getitem__)
        columns = one_hot(column.astype(int), len(texts)) * (column >= 0)[:, None]
        return columns[:, order], [f"{name} = {texts[place]}" for place in order]

    def _counts(self, inputs: Array, names: Sequence[str]) -> Iterable[str]:
        """Yield notes on rows left out, cells filled in, and inputs that only count the rows."""
        if self.dropped:
            count = len(self.dropped)
            shown = ", ".join(map(str, self.dropped[:5])) + (", …" if count > 5 else "")
            yield f"{format.count(count, 'row')} with missing values left out (line{'s' * (count != 1)} {shown})"
        if self.filled:
            yield f"{format.count(self.filled, 'missing value')} filled in"
        rows = np.arange(len(inputs))
        for column, name in zip(inputs.T, names, strict=True):
            if len(rows) >= COUNTED and (np.array_equal(column, rows) or np.array_equal(column, rows + 1)):
                yield f"input {quoted(name)} counts the rows; `drop = [{quoted(name)}]` leaves it out"
