"""Finds how a CSV file is written from its first lines, and refuses the file if these leave a doubt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from nnsweep import format
from nnsweep.data.csv.header import Header, check_names, header_of, listed
from nnsweep.data.csv.numbers import PLAIN, UNSURE, WITH_COMMA, Numbers
from nnsweep.data.csv.rows import SPACES, Rows
from nnsweep.data.words import quoted
from nnsweep.errors import DataError

if TYPE_CHECKING:
    from nnsweep.data.csv.keys import CsvKeys

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars", SPACES: "spaces"}
ROWS = 1_000
"""Rows that are examined, at most."""


@dataclass(frozen=True)
class Layout:
    """How the rows below the header are read.

    `names` are the names of the columns, `left_out` the places of columns without meaning, `rows` the first rows.
    """

    delimiter: str
    skip: int
    comment: str
    names: tuple[str, ...]
    left_out: frozenset[int]
    numbers: Numbers
    notes: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def places(self, names: Sequence[str]) -> list[int]:
        """Return the places of columns."""
        known = {name: place for place, name in enumerate(self.names)}
        return [known[name] for name in names]

    def inputs(self, source: CsvKeys) -> list[str]:
        """Return the names of the columns to learn from."""
        others = {*source.target, *(source.drop or ())}
        kept = (name for place, name in enumerate(self.names) if place not in self.left_out)
        return list(source.inputs or [name for name in kept if name not in others])


def layout_of(lines: list[str], whole: bool, source: CsvKeys) -> Layout:
    """Find how a file is written from its first lines; `whole` if it has no others.

    Raises:
        DataError: it is uncertain. The message says what to write in the sweep file.
    """
    if not whole and len(lines) > 1:
        lines = lines[:-1]  # A quoted cell of the last line may continue on the next.
    notes: list[str] = []
    skip, comment = source.skip, source.comment or ""
    delimiter = source.delimiter
    if not source.skip and delimiter is None and (said := re.fullmatch(r"sep=(.)\s*", lines[0] if lines else "")):
        skip, delimiter = 1, said[1]
    if not comment and not skip:
        skip = _comments(lines, source, notes)
    delimiter = delimiter or _delimiter(lines, source, skip, comment)
    if delimiter != "," and source.delimiter is None:
        notes.append(f"separated by {DELIMITERS.get(delimiter, quoted(delimiter))}")
    rows, line = _head(lines, source, delimiter, skip, comment)
    header = header_of(rows, source, line, whole and len(rows) < ROWS)
    notes += header.notes
    check_names(header, source, line)
    numbers = _numbers(header, source, delimiter, notes)
    return Layout(*(delimiter, skip, comment, header.names, header.left_out, numbers, tuple(notes), header.rows))


def _head(
    lines: Sequence[str], source: CsvKeys, delimiter: str, skip: int, comment: str
) -> tuple[list[tuple[str, ...]], int]:
    """Read the first rows, and the line number of the first."""
    rows, first = Rows(lines, source.csv, delimiter, skip, comment), 1
    found: list[tuple[str, ...]] = []
    for row in islice(rows, ROWS):
        first = first if found else rows.line
        found.append(tuple(row))
    return found, first


def _wanted(source: CsvKeys) -> set[str]:
    return {*source.target, *(source.inputs or ())}


def _cells(line: str, delimiter: str) -> list[str]:
    """Split one line into cells; no cells if its quotation marks do not match."""
    try:
        return [cell.strip() for row in Rows([line], "", delimiter) for cell in row]
    except DataError:
        return []


def _comments(lines: Sequence[str], source: CsvKeys, notes: list[str]) -> int:
    """Count the lines at the top that begin with `#`, unless they are a header such as `#x,y`.

    Raises:
        DataError: the last of them holds the names of the columns.
    """
    count = next((place for place, line in enumerate(lines) if not line.lstrip().startswith("#")), len(lines))
    if not count:
        return 0
    last, below = lines[count - 1].strip(), lines[count] if count < len(lines) else ""
    if source.header in (None, True) and not _named(below, source):
        if not last[1:2].isspace() and _named(lines[0], source):
            return 0
        names = _named(last.lstrip("# "), source)
        if names:
            instead = f"`skip = {count}, header = {listed(names)}`"
            raise DataError(f"{source.csv}, line {count}: the columns' names stand in a comment; write {instead}")
    notes.append(f"{format.count(count, 'line')} of comments at the top left out")
    return count


def _named(line: str, source: CsvKeys) -> list[str]:
    """Split a line with the first delimiter that yields all wanted columns; no cells if none does."""
    return next((cells for each in DELIMITERS if _wanted(source) <= set(cells := _cells(line, each))), [])


def _delimiter(lines: Sequence[str], source: CsvKeys, skip: int, comment: str) -> str:
    """Choose the delimiter with which the wanted columns are found, or else all rows have the same number of cells."""
    first = next((line for line in islice(lines, skip, None) if line.strip() and not _is(comment, line)), "")
    if source.header is None or source.header is True:
        named = [each for each in DELIMITERS if _wanted(source) <= set(_cells(first, each))]
        if named:
            return named[0]
    even = [each for each in DELIMITERS if _is_even(lines, source, each, skip, comment)]
    found = [each for each in even if each != SPACES] or even
    if len(found) > 1 and source.header not in (None, True):
        ways = " or ".join(f"`delimiter = {quoted(each)}`" for each in found)
        raise DataError(
            f"{source.csv}: may be separated by {' or '.join(DELIMITERS[each] for each in found)}; write {ways}"
        )
    return found[0] if len(found) == 1 else ","


def _is(comment: str, line: str) -> bool:
    return bool(comment) and line.lstrip().startswith(comment)


def _is_even(lines: Sequence[str], source: CsvKeys, delimiter: str, skip: int, comment: str) -> bool:
    """Return whether all rows except perhaps the first have the same number of cells, at least two."""
    try:
        rows, _ = _head(lines, source, delimiter, skip, comment)
    except DataError:
        return False
    wide = len(source.header) if isinstance(source.header, tuple) else len(rows[-1]) if rows else 0
    return wide > 1 and all(len(row) == wide for row in rows[1:] or rows)


def _numbers(header: Header, source: CsvKeys, delimiter: str, notes: list[str]) -> Numbers:
    """Choose the decimal mark: a comma if numbers have commas, no points, and commas that cannot be thousands."""
    if source.decimal or source.thousands or delimiter == ",":
        return Numbers(source.decimal or ("," if source.thousands == "." else "."), source.thousands)
    text = {*(source.categories or ()), *(source.drop or ())}
    places = [place for place, name in enumerate(header.names) if place not in header.left_out and name not in text]
    cells = [row[place].strip() for row in header.rows for place in places if place < len(row)]
    commas = [cell for cell in cells if WITH_COMMA.fullmatch(cell)]
    points = [cell for cell in cells if "." in cell and PLAIN.fullmatch(cell)]
    if not commas:
        return Numbers()
    if points or all(map(UNSURE.fullmatch, commas)):
        both = f"{quoted(commas[0])} and {quoted(points[0])}" if points else quoted(commas[0])
        decimal = '`decimal = ",", thousands = "."`' if points else '`decimal = ","`'
        unsure = f"found {both}; a comma may be a decimal mark, or part thousands"
        raise DataError(f'{source.csv}: {unsure}; write {decimal} or `thousands = ","`')
    notes.append("decimal commas")
    return Numbers(",")
