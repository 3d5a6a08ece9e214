"""Writes tables as CSV files that pandas reads back without options, and names the files."""

from __future__ import annotations

import csv
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nnsweep.design.columns import public_names
from nnsweep.design.spelling import FORMULAS, INNER, is_number
from nnsweep.format import printable
from nnsweep.tables.columns import Columns, blocks, cell_texts, columns
from nnsweep.tables.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

ENCODING = sys.getfilesystemencoding()
SAMPLE = 64
"""Numbers that are looked at to see whether they occur many times."""
LONGEST = 200
"""Bytes of a file name, without its number and suffix."""


def write_csv(table: Columns | pd.DataFrame, path: Path) -> None:
    """Write a table as UTF-8, without the index of a DataFrame."""
    write_csv_parts([table if isinstance(table, dict) else columns(table)], path)


def write_csv_parts(parts: Iterable[Columns], path: Path) -> None:
    """Write a table, given in parts with the same columns, as `write_csv` does."""
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, part in enumerate(parts):
            file.writelines(csv_blocks(part, header=not number))


def to_csv(table: Columns | pd.DataFrame) -> str:
    """Write a table as text: lines end with `\\n`, floats are their shortest exact decimals, missing values are empty.

    A text that a spreadsheet would run as a formula gets a `'` in front, unless it is a number; also after a semicolon,
    a tab or a line end. Characters that a terminal obeys are escaped. Equal tables give equal texts.

    >>> import numpy as np
    >>> to_csv({"n": np.array([1, 2]), "error": np.array([0.1, np.nan])})
    'n,error\\n1,0.1\\n2,\\n'
    """
    return "".join(csv_blocks(table))


def csv_blocks(table: Columns | pd.DataFrame, header: bool = True) -> Iterator[str]:
    """Write a table as the parts of a text: the header, then blocks of rows."""
    found = table if isinstance(table, dict) else columns(table)
    if header:
        yield _lines([[_quoted(_harmless(name))] for name in public_names(found)])
    for block in blocks(found):
        yield _lines([_cells(values) for values in block.values()])


def _lines(cells: Sequence[Sequence[str]]) -> str:
    """Join columns of cells to lines."""
    if len(cells) == 1:  # An empty line would be no row.
        cells = [[cell or '""' for cell in cells[0]]]
    return "\n".join([*map(",".join, zip(*cells, strict=True)), ""])


def _cells(values: np.ndarray) -> list[str]:
    if values.dtype.kind == "f":
        return _numbers(values)
    if values.dtype.kind == "S" and values.tobytes().isalnum():  # ids: each is another one, and is written as it is
        return values.astype(str).tolist()
    return cell_texts(values, _written)


def _numbers(values: np.ndarray) -> list[str]:
    """Write each number as its shortest text; a missing one is empty."""
    if len(set(values[:SAMPLE].tolist())) < SAMPLE // 2:
        return cell_texts(values, _number)
    texts = [*map(repr, values.tolist())]  # hardly any occurs twice
    for row in np.isnan(values).nonzero()[0].tolist():
        texts[row] = ""
    return texts


def _number(value: float) -> str:
    return repr(value) if value == value else ""


def _written(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(_harmless(value))
    return "" if value is None or value != value else str(value)


def _quoted(cell: str) -> str:
    """Quote a text as the csv module does."""
    if cell.isalnum():
        return cell
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerow([cell, ""])
    return text.getvalue().removesuffix(",\n")


def _harmless(cell: str) -> str:
    if cell.isalnum():
        return cell
    # The csv module does not quote a bare carriage return, which ends a line for readers: it is escaped, too.
    safe = INNER.sub(r"\1'\2", printable(cell))
    return f"'{safe}" if cell.startswith(FORMULAS) and not is_number(cell) else safe


def file_names(
    what: str, parts: Iterable[Settings], suffix: str = ".csv", taken: set[str] | None = None
) -> dict[Settings, str]:
    """Make a safe file name for each part, all different on any system: letters, digits and `_ . = + -` only.

    Letters and digits may be of any script. Names in `taken`, case-folded and without a suffix, are not used again; new
    ones are added to it.

    >>> file_names("success", [(("hidden", 2),), (("case", "as posted"),)])
    {(('hidden', 2),): 'success_hidden=2.csv', (('case', 'as posted'),): 'success_case=as-posted.csv'}
    """
    names: dict[Settings, str] = {}
    taken = set() if taken is None else taken
    for settings in parts:
        stem = _stem(what, settings)
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name.casefold())
        names[settings] = name + suffix
    return names


def _stem(what: str, settings: Settings) -> str:
    text = "_".join([what, *(f"{name.strip()}={value}" for name, value in settings)])
    # Some file systems do not tell a composed letter from its parts; others cannot encode every letter.
    text = unicodedata.normalize("NFC", text).encode(ENCODING, "replace").decode(ENCODING)
    stem = re.sub("\0+", "-", "".join(letter if _is_allowed(letter) else "\0" for letter in text))[:120]
    # File systems allow 255 bytes. If cut names are equal, `file_names` adds a number.
    stem = stem.encode()[:LONGEST].decode(errors="ignore")
    return f"_{stem}" if stem.startswith(("-", ".")) else stem  # A name like an option, or a hidden file.


def _is_allowed(letter: str) -> bool:
    """Return whether a file name keeps a character: also a mark, such as a vowel sign, that belongs to a letter."""
    return letter.isalnum() or letter in "_.=+-" or unicodedata.category(letter).startswith("M")
