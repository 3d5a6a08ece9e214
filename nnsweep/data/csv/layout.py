"""How a CSV file is written, found from its first lines where these leave no doubt, and told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from nnsweep.data.csv.header import Header, check_names, header_of, listed
from nnsweep.data.csv.numbers import PLAIN, UNSURE, WITH_COMMA, Numbers
from nnsweep.data.csv.rows import SPACES, Rows
from nnsweep.data.words import quoted
from nnsweep.errors import DataError

if TYPE_CHECKING:
    from nnsweep.data.csv.form import Csv

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars", SPACES: "spaces"}
ROWS = 1_000
"""Rows of the head that are looked at, at most."""


@dataclass(frozen=True)
class Layout:
    """How the rows below a header are read.

    `names` are the columns', `left_out` the places of those without meaning, `rows` the first rows below the header.
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
        """Find columns by name."""
        known = {name: place for place, name in enumerate(self.names)}
        return [known[name] for name in names]

    def inputs(self, form: Csv) -> list[str]:
        """Name the columns to learn from."""
        others = {*form.target, *(form.drop or ())}
        kept = (name for place, name in enumerate(self.names) if place not in self.left_out)
        return list(form.inputs or [name for name in kept if name not in others])


def layout_of(lines: list[str], whole: bool, form: Csv) -> Layout:
    """Find how a file is written from its first lines; `whole` says that there are no more.

    Raises:
        DataError: it cannot be found, or not for certain: with what to write.
    """
    if not whole and len(lines) > 1:
        lines = lines[:-1]  # quotation marks may go on
    notes: list[str] = []
    skip, comment = form.skip, form.comment or ""
    delimiter = form.delimiter
    if not form.skip and delimiter is None and (said := re.fullmatch(r"sep=(.)\s*", lines[0] if lines else "")):
        skip, delimiter = 1, said[1]
    if not comment and not skip:
        skip = _comments(lines, form, notes)
    delimiter = delimiter or _delimiter(lines, form, skip, comment)
    if delimiter != "," and form.delimiter is None:
        notes.append(f"separated by {DELIMITERS.get(delimiter, quoted(delimiter))}")
    rows, line = _head(lines, form, delimiter, skip, comment)
    header = header_of(rows, form, line, whole and len(rows) < ROWS)
    notes += header.notes
    check_names(header, form, line)
    numbers = _numbers(header, form, delimiter, notes)
    return Layout(*(delimiter, skip, comment, header.names, header.left_out, numbers, tuple(notes), header.rows))


def _head(
    lines: Sequence[str], form: Csv, delimiter: str, skip: int, comment: str
) -> tuple[list[tuple[str, ...]], int]:
    """Read the first rows, and give the line of the first."""
    rows, first = Rows(lines, form.csv, delimiter, skip, comment), 1
    found: list[tuple[str, ...]] = []
    for row in islice(rows, ROWS):
        first = first if found else rows.line
        found.append(tuple(row))
    return found, first


def _wanted(form: Csv) -> set[str]:
    return {*form.target, *(form.inputs or ())}


def _cells(line: str, delimiter: str) -> list[str]:
    """The cells of one line; none where its quotation marks do not match."""
    try:
        return [cell.strip() for row in Rows([line], "", delimiter) for cell in row]
    except DataError:
        return []


def _comments(lines: Sequence[str], form: Csv, notes: list[str]) -> int:
    """Count the first lines that begin with `#`, unless they are the header: `#x,y`.

    Raises:
        DataError: the columns' names stand in the last of them.
    """
    count = next((place for place, line in enumerate(lines) if not line.lstrip().startswith("#")), len(lines))
    if not count:
        return 0
    last, below = lines[count - 1].strip(), lines[count] if count < len(lines) else ""
    if form.header in (None, True) and not _named(below, form):
        if not last[1:2].isspace() and _named(lines[0], form):
            return 0
        names = _named(last.lstrip("# "), form)
        if names:
            instead = f"`skip = {count}, header = {listed(names)}`"
            raise DataError(f"{form.csv}, line {count}: the columns' names stand in a comment; write {instead}")
    notes.append(f"{count} line{'s' * (count != 1)} of comments at the top left out")
    return count


def _named(line: str, form: Csv) -> list[str]:
    """The cells of a line in which all columns asked for are named, whatever separates them."""
    return next((cells for each in DELIMITERS if _wanted(form) <= set(cells := _cells(line, each))), [])


def _delimiter(lines: Sequence[str], form: Csv, skip: int, comment: str) -> str:
    """Choose the one delimiter with which the columns asked for are found, or all rows have as many cells."""
    first = next((line for line in islice(lines, skip, None) if line.strip() and not _is(comment, line)), "")
    if form.header is None or form.header is True:
        named = [each for each in DELIMITERS if _wanted(form) <= set(_cells(first, each))]
        if named:
            return named[0]
    even = [each for each in DELIMITERS if _is_even(lines, form, each, skip, comment)]
    found = [each for each in even if each != SPACES] or even
    if len(found) > 1 and form.header not in (None, True):
        ways = " or ".join(f"`delimiter = {quoted(each)}`" for each in found)
        raise DataError(
            f"{form.csv}: may be separated by {' or '.join(DELIMITERS[each] for each in found)}; write {ways}"
        )
    return found[0] if len(found) == 1 else ","


def _is(comment: str, line: str) -> bool:
    return bool(comment) and line.lstrip().startswith(comment)


def _is_even(lines: Sequence[str], form: Csv, delimiter: str, skip: int, comment: str) -> bool:
    """Whether all rows, but perhaps the first, have as many cells, and at least two."""
    try:
        rows, _ = _head(lines, form, delimiter, skip, comment)
    except DataError:
        return False
    wide = len(form.header) if isinstance(form.header, tuple) else len(rows[-1]) if rows else 0
    return wide > 1 and all(len(row) == wide for row in rows[1:] or rows)


def _numbers(header: Header, form: Csv, delimiter: str, notes: list[str]) -> Numbers:
    """Choose the decimal mark: a comma where numbers have one and no point, and cannot be thousands."""
    if form.decimal or form.thousands or delimiter == ",":
        return Numbers(form.decimal or ("," if form.thousands == "." else "."), form.thousands)
    text = {*(form.categories or ()), *(form.drop or ())}
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
        raise DataError(f'{form.csv}: {unsure}; write {decimal} or `thousands = ","`')
    notes.append("decimal commas")
    return Numbers(",")
