"""Splits the lines of a CSV file into rows of cells, and counts lines."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from nnsweep.data.words import plain_line
from nnsweep.errors import DataError

SPACES = " "
"""The delimiter that stands for any run of spaces and tabs."""


class Rows:
    """The rows that are not empty; `line` is the line number of the last row.

    The reader is the standard library's: pandas fills short rows, reads `"a"b` as `ab`, and has no line numbers.
    """

    def __init__(self, lines: Iterable[str], name: str, delimiter: str, skip: int = 0, comment: str = "") -> None:
        self._name = name
        kept = _without(lines, skip, comment) if skip or comment else lines
        spaced = (f"{line.replace(chr(9), ' ').strip()}\n" for line in kept) if delimiter == SPACES else kept
        self._reader = csv.reader(spaced, strict=True, skipinitialspace=True, delimiter=delimiter)

    @property
    def line(self) -> int:
        """The line of the file, counted from 1."""
        return self._reader.line_num

    def __iter__(self) -> Iterator[list[str]]:
        """Yield the cells of each row.

        Raises:
            DataError: quotation marks do not match, or a cell is too long.
        """
        try:
            for row in self._reader:
                if len(row) > 1 or (row and row[0].strip()):
                    yield row
        except csv.Error as error:
            raise DataError(f"{self._name}, line {self.line}: not CSV: {plain_line(error)}") from None


def _without(lines: Iterable[str], skip: int, comment: str) -> Iterator[str]:
    """Blank the first lines, and lines that begin with `comment` outside quotation marks, so that line numbers hold."""
    inside = False
    for number, line in enumerate(lines):
        if number < skip or (comment and not inside and line.lstrip().startswith(comment)):
            yield "\n"
            continue
        inside ^= line.count('"') % 2 == 1
        yield line
