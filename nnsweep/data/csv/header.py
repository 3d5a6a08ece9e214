"""The names of a CSV file's columns: the first row if that is certain. Columns without meaning are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnsweep import format
from nnsweep.data.csv.numbers import PLAIN
from nnsweep.data.words import first_twice, quoted
from nnsweep.errors import DataError
from nnsweep.format import did_you_mean

if TYPE_CHECKING:
    from nnsweep.data.csv.keys import CsvKeys

Row = tuple[str, ...]
LISTED = 20
"""Names that a message lists, at most."""
FOREWORD = 20
"""Rows that may stand above a header, at most."""


@dataclass(frozen=True)
class Header:
    """The names of the columns, the first rows below them, and the places of columns without meaning."""

    names: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()


def column(place: int) -> str:
    """Name a column without a name by its place, counted from 1."""
    return f"column {place + 1}"


def header_of(rows: Sequence[Row], source: CsvKeys, line: int, whole: bool) -> Header:
    """Find the names of the columns. `rows` are the first of a file, from `line` on; `whole` if there are no others.

    Raises:
        DataError: it is uncertain whether there is a header, or a name is missing or occurs twice.
    """
    if not rows:
        raise DataError(f"{source.csv}: is empty; allowed: a header, then rows")
    if source.header is False:
        return Header(tuple(map(column, range(len(rows[0])))), tuple(rows))
    if isinstance(source.header, tuple):
        return Header(source.header, tuple(rows))
    where = f"{source.csv}, line {line}"
    first = tuple(cell.strip() for cell in rows[0])
    if not any(first):
        raise DataError(f"{where}: is empty; allowed: a header, then rows")
    named = _widened(first, rows[1:])
    if source.header is None:
        _refuse_counts(first, rows[1:], where, whole)
        _refuse_row(named, rows, source, where)
    twice = first_twice(name for name in first if name)
    if twice is not None:
        instead = f"write `skip = {line}, header = {listed(_apart(first))}`"
        raise DataError(f"{where}: two columns are named {quoted(twice)}; allowed: each name once; {instead}")
    return _left_out(named, tuple(rows[1:]), source, where)


def _refuse_counts(first: Row, below: Sequence[Row], where: str, whole: bool) -> None:
    """Refuse a first line with the numbers of rows and inputs and names of classes, as in scikit-learn's own files."""
    wide = {len(row) for row in below}
    if len(wide) != 1 or len(first) < 3 or not (first[0].isdecimal() and first[1].isdecimal()):
        return
    (width,) = wide
    if int(first[1]) != width - 1 or (whole and int(first[0]) != len(below)):
        return
    if any(PLAIN.fullmatch(name) for name in first[2:]):
        return
    instead = f'`skip = 1, header = false, target = "{column(width - 1)}", classes = true`'
    raise DataError(
        f"{where}: counts {first[0]} rows and {first[1]} inputs, and names classes, as scikit-learn's files do; "
        f"write {instead}"
    )


def _widened(first: Row, below: Sequence[Row]) -> Row:
    """Add a name if the header lacks one: for the last column if its cells are empty, else for the first (R's rows)."""
    if not below or any(len(row) != len(first) + 1 for row in below):
        return first
    return (*first, "") if not any(row[-1].strip() for row in below) else ("", *first)


def _refuse_row(names: Row, rows: Sequence[Row], source: CsvKeys, where: str) -> None:
    """Refuse a first row that may be a sample."""
    wanted = [*source.target, *(source.inputs or ())]
    without = f'`header = false` (the columns are then named "{column(0)}" to "{column(len(names) - 1)}")'
    if all(PLAIN.fullmatch(name) for name in names if name):
        ways = f"`header = true` or {without}" if set(wanted) <= set(names) else without
        raise DataError(f"{where}: found numbers alone, which may be names or a sample; write {ways}")
    target = source.target[0]
    if target in names and len(names) > 1:
        cells = [row[names.index(target)].strip() for row in rows[1:] if len(row) == len(names)]
        if target in cells:
            found = f"{quoted(target)} stands in that column below, too"
            raise DataError(f"{where}: may be names or a sample: {found}; write `header = true` or {without}")
    if not set(wanted) <= set(names):
        below = next((n for n, row in enumerate(rows[:FOREWORD]) if set(wanted) <= {cell.strip() for cell in row}), 0)
        if below:
            found = f"no column {quoted(target)}, which stands {format.count(below, 'row')} below"
            raise DataError(f"{where}: {found}; write `skip` with the number of lines above the header")


def _apart(names: Row) -> Row:
    """Number repeated names."""
    seen = Counter[str]()
    apart: list[str] = []
    for name in names:
        seen[name] += 1
        apart.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return tuple(apart)


def listed(names: Sequence[str]) -> str:
    """Write names as a list of a sweep file, unless there are too many."""
    return f"[{', '.join(map(quoted, names))}]" if len(names) <= LISTED else "[…]"


def _left_out(named: Row, below: tuple[Row, ...], source: CsvKeys, where: str) -> Header:
    """Leave out columns without a name that are empty or hold row names; refuse other columns without a name."""
    names = tuple(name or column(place) for place, name in enumerate(named))
    asked = {*source.target, *(source.inputs or ()), *(source.drop or ())}
    left_out: dict[int, str] = {}
    for place, name in enumerate(named):
        if name or names[place] in asked:
            continue
        cells = [row[place].strip() for row in below if place < len(row)]
        if below and not any(cells):
            left_out[place] = "it is empty"
        elif place == 0 and _are_row_names(cells):
            left_out[place] = "it has no name and names the rows"
        elif not source.inputs:
            drop = listed([*(source.drop or ()), names[place]])
            raise DataError(
                f"{where}: column {place + 1} has no name; "
                f"write `drop = {drop}`, or `inputs` with the columns to learn from"
            )
    notes = tuple(f"{names[place]} left out: {why}" for place, why in left_out.items())
    return Header(names, below, frozenset(left_out), notes)


def _are_row_names(cells: Sequence[str]) -> bool:
    """Return whether cells are different texts, or ascending whole numbers."""
    if not cells or len(set(cells)) < len(cells) or "" in cells:
        return False
    if all(cell.isascii() and cell.isdecimal() for cell in cells):
        numbers = [int(cell) for cell in cells]
        return numbers == sorted(numbers)
    return not any(PLAIN.fullmatch(cell) for cell in cells)


def check_names(header: Header, source: CsvKeys, line: int) -> None:
    """Check that the file has every column that the sweep file names.

    Raises:
        DataError: a column is missing.
    """
    where = f"{source.csv}, line {line}" if source.header in (None, True) else source.csv
    for name in (*source.target, *(source.inputs or ()), *(source.drop or ()), *(source.categories or ())):
        if name not in header.names:
            shown = ", ".join(map(quoted, header.names[:LISTED])) + (", …" if len(header.names) > LISTED else "")
            sample = source.header is None and any(map(PLAIN.fullmatch, header.names))
            hint = "; write `header = false` if this is a sample" if sample else ""
            raise DataError(
                f"{where}: no column {quoted(name)}{did_you_mean(name, header.names, quoted)}; found: {shown}{hint}"
            )
