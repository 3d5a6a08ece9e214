"""Samples from a CSV file: a row each, a column for each input and target."""

from __future__ import annotations

import csv
import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from nnsweep.data.arrays import Array, Data, by_content
from nnsweep.data.classes import targets_of
from nnsweep.data.files import found, readable
from nnsweep.data.form import Form, Name, Names
from nnsweep.data.words import did_you_mean, plain_line, quoted
from nnsweep.errors import DataError


class Csv(Form):
    """`{ csv = "iris.csv", target = "species" }`: a file with a header, cells separated by commas, in UTF-8.

    >>> str(Csv(csv="iris.csv", target="species", inputs=["width", "length"]))
    'iris.csv: species from width, length'
    """

    csv: Name = Field(description="The file, relative to the working directory.")
    target: Names = Field(description="The column to learn, or a list of columns. Texts are names of classes.")
    inputs: Names | None = Field(None, description="The columns to learn from; left out, all but the target.")
    classes: bool = Field(False, description="Whether the target's numbers are classes rather than amounts.")

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        columns = [*self.target, *(self.inputs or ())]
        twice = next((name for name in columns if columns.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"each column once, as an input or as a target; {quoted(twice)} is named twice")
        return self

    def __str__(self) -> str:
        """Name the file and the columns."""
        inputs = f" from {', '.join(self.inputs)}" if self.inputs else ""
        return f"{self.csv}: {', '.join(self.target)}{inputs}{' as classes' if self.classes else ''}"

    def make(self) -> Data:
        """Read the file.

        Raises:
            DataError: naming the line and the column of the first cell that is not as it should be.
        """
        path = found(self.csv)
        try:
            with readable(self.csv), open(path, encoding="utf-8-sig", newline="") as file:
                reader = _Reader(self, file)
                return replace(by_content(*reader.read()), names=reader.names)
        except UnicodeDecodeError:
            raise DataError(f"{self.csv}{_wrong_byte(path)}") from None


class _Reader:
    """One pass over a file: inputs become numbers as they come, targets when all are known."""

    def __init__(self, form: Csv, file: Iterator[str]) -> None:
        self.form, self.reader = form, csv.reader(file, strict=True, skipinitialspace=True)
        self.rows = self.each()
        self.header = _header(next(self.rows, []), form)
        chosen = form.inputs or [name for name in self.header if name not in form.target]
        self.names = tuple(chosen)
        self.inputs = _places(chosen, self.header, form)
        self.targets = _places(form.target, self.header, form)

    def each(self) -> Iterator[list[str]]:
        """Give every row that is no empty line."""
        try:
            yield from filter(None, self.reader)
        except csv.Error as error:
            where = f"{self.form.csv}, line {self.reader.line_num}"
            raise DataError(f"{where}: not CSV: {plain_line(error)}") from None

    def read(self) -> tuple[Array, Array]:
        numbers, lines = array("d"), array("L")
        cells: list[list[str]] = [[] for _ in self.targets]
        for row in self.rows:
            numbers.extend(self.numbers(row))
            lines.append(self.reader.line_num)
            for place, column in zip(self.targets, cells, strict=True):
                column.append(row[place])
        if not lines:
            raise DataError(f"{self.form.csv}: has no rows below its header; allowed: at least one")
        inputs = np.frombuffer(numbers, dtype=np.float64).reshape(len(lines), len(self.inputs))
        columns = [self.targets_of(name, column, lines) for name, column in zip(self.form.target, cells, strict=True)]
        return inputs, np.hstack(columns)

    def numbers(self, row: list[str]) -> list[float]:
        """Read a row's inputs; all that is looked for is looked for only where something is wrong."""
        try:
            if len(row) == len(self.header):
                numbers = [float(row[place]) for place in self.inputs]
                if math.isfinite(sum(numbers)) or all(map(math.isfinite, numbers)):
                    return numbers
        except ValueError:
            pass
        raise self.fault(row)

    def fault(self, row: list[str]) -> DataError:
        line = self.reader.line_num
        if len(row) != len(self.header):
            sizes = f"found {_cells(len(row))}; allowed: {len(self.header)}, as in the header"
            return DataError(f"{self.form.csv}, line {line}: {sizes}")
        place = next(place for place in self.inputs if not _is_finite(row[place]))
        what = quoted(row[place]) if row[place].strip() else "an empty cell"
        where = f"{self.form.csv}, line {line}, column {quoted(self.header[place])}"
        return DataError(f"{where}: found {what}; allowed: a finite number")

    def targets_of(self, name: str, cells: list[str], lines: Sequence[int]) -> Array:
        def where(place: int | None) -> str:
            line = "" if place is None else f", line {lines[place]}"
            return f"{self.form.csv}{line}, column {quoted(name)}"

        return targets_of(cells, self.form.classes, where)


def _header(cells: list[str], form: Csv) -> list[str]:
    """Check the names of the columns."""
    names = [name.strip() for name in cells]
    if not any(names):
        raise DataError(f"{form.csv}: {'the first line is' if names else 'is'} empty; allowed: a header, then rows")
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise DataError(f"{form.csv}, line 1: two columns are named {quoted(twice)}; allowed: each name once")
    if "" in names and not form.inputs:
        allowed = "allowed: a name for each, or `inputs` with those to learn from"
        raise DataError(f"{form.csv}, line 1: column {names.index('') + 1} has no name; {allowed}")
    return names


def _places(wanted: Sequence[str], header: list[str], form: Csv) -> list[int]:
    """Find columns by name."""
    missing = next((name for name in wanted if name not in header), None)
    if missing is not None:
        raise DataError(f"{form.csv}, line 1: {_missing(missing, header)}")
    if not wanted:
        raise DataError(f"{form.csv}, line 1: has no column but the target; allowed: at least one input")
    return [header.index(name) for name in wanted]


def _missing(name: str, header: list[str]) -> str:
    if all(map(_is_finite, header)):
        return f"found numbers; allowed: a header with the columns' names, {quoted(name)} among them"
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        return f"found one column, {quoted(header[0])}; allowed: columns separated by commas"
    shown = ", ".join(map(quoted, header[:20])) + (", …" if len(header) > 20 else "")
    return f"no column {quoted(name)}{did_you_mean(name, header)}; found: {shown}"


def _is_finite(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def _cells(count: int) -> str:
    return f"{count} cell{'s' * (count != 1)}"


def _wrong_byte(path: Path) -> str:
    """Find the first byte that is not UTF-8: the text layer reads ahead, and cannot tell the line."""
    data = path.read_bytes()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return f", line {line}: found the byte 0x{data[error.start]:02x}, which is not UTF-8; allowed: text in UTF-8"
    return ": changed while it was read"
