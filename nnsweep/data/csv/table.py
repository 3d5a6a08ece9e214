"""The rows of a CSV file as numbers: one pass, in which inputs become numbers as they come."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, TextIO

import numpy as np

from nnsweep.data.arrays import NUMBERS, Array, Data, check_size, digest, one_hot
from nnsweep.data.csv.content import head_of
from nnsweep.data.csv.faults import cells_fault, input_fault, missing_fault
from nnsweep.data.csv.layout import Layout, layout_of
from nnsweep.data.csv.rows import Rows
from nnsweep.data.csv.targets import MISSING, MOST, targets_of
from nnsweep.data.words import quoted
from nnsweep.errors import DataError

if TYPE_CHECKING:
    from nnsweep.data.csv.form import Csv

DROP = "drop"
ROWS, TARGETS = 2**22, 2**24
"""How many rows, and cells of targets in them, are read at most: a target is a text until all are known."""
COUNTED = 10
"""Rows from which on an input that is 0, 1, 2, … or 1, 2, 3, … is told."""
UNTOLD = ("utf-8", "utf-8-sig")
"""Encodings that are as usual."""


def read(form: Csv, file: TextIO, encoding: str) -> Data:
    """Read a file that was opened as text.

    Raises:
        DataError: naming the line and the column of the first cell that is not as it should be.
    """
    head, others = head_of(file, form.csv)
    following = next(others, None)
    layout = layout_of(head, following is None, form)
    lines = chain(head, () if following is None else (following,), others)
    table = _Table(form, layout, Rows(lines, form.csv, layout.delimiter, layout.skip, layout.comment))
    table.read()
    told = () if form.encoding or encoding in UNTOLD else (encoding.upper(),)
    return table.data((*told, *layout.notes))


class _Table:
    """Inputs as numbers, categories as numbers of their texts, and targets as texts until all are known."""

    def __init__(self, form: Csv, layout: Layout, rows: Rows) -> None:
        self.form, self.layout, self.rows = form, layout, rows
        self.names = layout.inputs(form)
        if not self.names:
            raise DataError(f"{form.csv}: has no column but the target; allowed: at least one input")
        self.inputs, self.targets = layout.places(self.names), layout.places(form.target)
        self.most = min(ROWS, TARGETS // len(self.targets), NUMBERS // (len(self.inputs) + len(self.targets)))
        self.categories: dict[str, dict[str, int]] = {name: {} for name in form.categories or ()}
        self.fill = form.on_missing if isinstance(form.on_missing, float | int) else math.nan
        known = [row for row in layout.rows if len(row) == len(layout.names)]
        self.empty = [place for place in layout.left_out if not any(row[place].strip() for row in known)]
        self.plain = layout.numbers.plain and not self.categories and not self.empty
        self.values, self.lines = array("d"), array("L")
        self.cells: list[list[str]] = [[] for _ in self.targets]
        self.dropped, self.filled = array("L"), 0

    def read(self) -> None:
        """Read all rows.

        Raises:
            DataError: a row or cell is not as it should be, or there is none.
        """
        rows = iter(self.rows)
        if self.form.header in (None, True):
            next(rows)
        for row in rows:
            values = self._values(row)
            if values is None:
                self.dropped.append(self.rows.line)
                continue
            if len(self.lines) == self.most:
                found = f"more than {self.most:,} rows of {len(self.inputs) + len(self.targets):,} columns"
                limits = f"{ROWS:,} rows, {TARGETS:,} targets and {NUMBERS:,} numbers"
                raise DataError(f"{self.form.csv}: found {found}; allowed: at most {limits}")
            self.values.extend(values)
            self.lines.append(self.rows.line)
            for place, column in zip(self.targets, self.cells, strict=True):
                column.append(row[place])
        if not self.lines:
            without = " without missing values" if self.dropped else " below its header"
            raise DataError(f"{self.form.csv}: has no rows{without}; allowed: at least one")

    def _values(self, row: list[str]) -> list[float] | None:
        """Make a row's inputs numbers; None if it is left out. A row of plain numbers is not looked at twice."""
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
        """Whether a target is missing."""
        return any(self._is_missing(row[place]) for place in self.targets) or (
            self.form.missing is not None and any(self._is_missing(row[place]) for place in self.inputs)
        )

    def _is_missing(self, cell: str) -> bool:
        text = cell.strip()
        if self.form.missing is None:
            return text.lower() in MISSING
        if not text or text in self.form.missing:
            return True
        number = self.layout.numbers(text)
        return number is not None and any(number == self.layout.numbers(each) for each in self.form.missing)

    def _each(self, row: list[str]) -> list[float] | None:
        """Make a row's inputs numbers, cell by cell."""
        line = self.rows.line
        if len(row) != len(self.layout.names):
            raise cells_fault(self.form, self.layout, row, line)
        self._check_empty(row)
        missing = [place for place in (*self.inputs, *self.targets) if self._is_missing(row[place])]
        if missing and self.form.on_missing == DROP:
            return None
        target = next((place for place in missing if place in self.targets), None)
        if target is not None or (missing and self.form.on_missing is None):
            place = missing[0] if self.form.on_missing is None else target
            raise missing_fault(self.form, self.layout, row, line, place or 0, place in self.targets)
        self.filled += len(missing)
        return [
            self._number(row, place, name, place in missing)
            for place, name in zip(self.inputs, self.names, strict=True)
        ]

    def _check_empty(self, row: list[str]) -> None:
        """Refuse a cell in a column that was empty in the first rows."""
        for place in self.empty:
            if row[place].strip():
                where = f"{self.form.csv}, line {self.rows.line}, column {place + 1}"
                raise DataError(f"{where}: found {quoted(row[place])}; allowed: an empty cell, as in the rows above")

    def _number(self, row: list[str], place: int, name: str, missing: bool) -> float:
        if name in self.categories:
            known = self.categories[name]
            return -1 if missing else known.setdefault(row[place].strip(), len(known))
        if missing:
            return self.fill
        number = self.layout.numbers(row[place])
        if number is None or not math.isfinite(number):
            raise input_fault(self.form, self.layout, row[place], self.rows.line, place)
        return number

    def data(self, notes: Sequence[str]) -> Data:
        """Put the arrays together, with what was found of the file.

        Raises:
            DataError: a target is neither an amount nor a class, or a column has too many categories.
        """
        inputs = np.frombuffer(self.values, dtype=np.float64).reshape(len(self.lines), len(self.names))
        targets = self._all_targets()
        names: list[str] = self.names
        if self.categories:
            wide = len(names) + sum(len(texts) - 1 for texts in self.categories.values())
            check_size(len(inputs), wide + targets.shape[1], self.form.csv)
            pairs = [self._expanded(inputs[:, place], name) for place, name in enumerate(self.names)]
            inputs = np.hstack([columns for columns, _ in pairs])
            names = [name for _, each in pairs for name in each]
        notes = [*notes, *self._counts(inputs, names)]
        fill = self.form.on_missing if np.isnan(inputs).any() else None
        return Data(
            *(inputs, targets, digest(inputs, targets), tuple(names)),
            notes=(f"{self.form.csv}: {'; '.join(notes)}",) if notes else (),
            fill=fill if fill in ("mean", "median") else None,
        )

    def _all_targets(self) -> Array:
        parts: list[Array] = []
        for name, cells in zip(self.form.target, self.cells, strict=True):
            parts.append(self._targets(name, cells))
            check_size(len(cells), len(self.names) + sum(part.shape[1] for part in parts), self.form.csv)
        return np.hstack(parts)

    def _targets(self, name: str, cells: Sequence[str]) -> Array:
        def where(place: int | None) -> str:
            line = "" if place is None else f", line {self.lines[place]}"
            return f"{self.form.csv}{line}, column {quoted(name)}"

        return targets_of(cells, self.form.classes, self.layout.numbers, where)

    def _expanded(self, column: Array, name: str) -> tuple[Array, list[str]]:
        """Make a column of categories one of 0 and 1 for each, in order; 0 in all where it is missing."""
        if name not in self.categories:
            return column[:, None], [name]
        texts = list(self.categories[name])
        if len(texts) > MOST:
            raise DataError(
                f"{self.form.csv}, column {quoted(name)}: found {len(texts):,} categories; allowed: at most {MOST:,}"
            )
        order = sorted(range(len(texts)), key=texts.__getitem__)
        columns = one_hot(column.astype(int), len(texts)) * (column >= 0)[:, None]
        return columns[:, order], [f"{name} = {texts[place]}" for place in order]

    def _counts(self, inputs: Array, names: Sequence[str]) -> Iterable[str]:
        """Tell of rows left out and cells filled in, and of an input that only counts the rows."""
        if self.dropped:
            count = len(self.dropped)
            shown = ", ".join(map(str, self.dropped[:5])) + (", …" if count > 5 else "")
            yield f"{count:,} row{'s' * (count != 1)} with missing values left out (line{'s' * (count != 1)} {shown})"
        if self.filled:
            yield f"{self.filled:,} missing value{'s' * (self.filled != 1)} filled in"
        rows = np.arange(len(inputs))
        for column, name in zip(inputs.T, names, strict=True):
            if len(rows) >= COUNTED and (np.array_equal(column, rows) or np.array_equal(column, rows + 1)):
                yield f"input {quoted(name)} counts the rows; `drop = [{quoted(name)}]` leaves it out"
