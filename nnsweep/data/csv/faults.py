"""Errors of rows and cells of a CSV file, with what to write in the sweep file instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnsweep import format
from nnsweep.data.csv.header import listed
from nnsweep.data.csv.layout import Layout
from nnsweep.data.csv.numbers import DATE
from nnsweep.data.csv.targets import MISSING
from nnsweep.data.words import quoted
from nnsweep.errors import DataError

if TYPE_CHECKING:
    from nnsweep.data.csv.keys import CsvKeys

MANY = 50
"""From this many texts on, a column with mostly different texts holds names rather than categories."""


def cells_fault(source: CsvKeys, layout: Layout, row: list[str], line: int) -> DataError:
    """Make the error of a row with too many or too few cells."""
    wide = len(layout.names)
    as_in = (
        "as in the header"
        if source.header in (None, True)
        else "as in the first row"
        if source.header is False
        else "as `header` has"
    )
    count = format.count(len(row), "cell")
    hint = (
        f"; write `comment = {quoted(row[0].strip()[0])}` if it is one"
        if row[0].strip()[:1] in ("#", "%", ";", "!")
        else ""
    )
    return DataError(f"{source.csv}, line {line}: found {count}; allowed: {wide}, {as_in}{hint}")


def missing_fault(source: CsvKeys, layout: Layout, row: list[str], line: int, place: int, target: bool) -> DataError:
    """Make the error of a missing value."""
    cell = row[place]
    what = f"{quoted(cell)}, which stands for a missing value" if cell.strip() else "an empty cell"
    ways = '`on_missing = "drop"`' + ("" if target else ' (or "mean", "median", a number)')
    none = ", or `missing = []` if it is a name" if cell.strip() and source.missing is None and target else ""
    return DataError(f"{_place(source, layout, line, place)}: found {what}; write {ways}{none}")


def input_fault(source: CsvKeys, layout: Layout, cell: str, line: int, place: int) -> DataError:
    """Make the error of an input that is no number, with a hint to what may be meant."""
    where, text = _place(source, layout, line, place), cell.strip()
    plain = f"{where}: found {quoted(cell)}; allowed: a finite number"
    hint = layout.numbers.hint(text)
    if hint or layout.numbers(text) is not None or text.lstrip("+-").lower() in ("inf", "infinity", "nan"):
        return DataError(plain + hint)
    texts = _text_columns(source, layout)
    if layout.names[place] in texts:
        return DataError(f"{where}: found the text {quoted(cell)}; write {_instead(source, texts)}")
    return DataError(plain)


def _place(source: CsvKeys, layout: Layout, line: int, place: int) -> str:
    return f"{source.csv}, line {line}, column {quoted(layout.names[place])}"


def _text_columns(source: CsvKeys, layout: Layout) -> dict[str, bool]:
    """Return the inputs without a number in the first rows, and whether their texts may be categories."""
    found: dict[str, bool] = {}
    for name in layout.inputs(source):
        if name in (source.categories or ()):
            continue
        (place,) = layout.places([name])
        cells = [row[place].strip() for row in layout.rows if place < len(row)]
        texts = [cell for cell in cells if cell.lower() not in MISSING]
        if texts and all(layout.numbers(cell) is None for cell in texts):
            dates, different = all(map(DATE.fullmatch, texts)), len(set(texts))
            found[name] = not dates and not (len(texts) >= MANY and different > len(texts) / 2)
    return found


def _instead(source: CsvKeys, texts: dict[str, bool]) -> str:
    """Write the line with which columns of texts become categories or are left out."""
    kinds = [name for name, category in texts.items() if category]
    others = [name for name, category in texts.items() if not category]
    lines = [f"categories = {listed([*(source.categories or ()), *kinds])}"] if kinds else []
    if others and source.inputs:
        lines.append(f"inputs = {listed([name for name in source.inputs if name not in others])}")
    elif others:
        lines.append(f"drop = {listed([*(source.drop or ()), *others])}")
    return f"`{', '.join(lines)}`"
