"""Decodes a CSV file, in the encoding that its first bytes show or the sweep names."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from nnsweep.data.gz import Bounded, opened
from nnsweep.data.words import quoted
from nnsweep.errors import DataError

HEAD = 2**16
"""Bytes of a file from which its encoding and layout are found."""
LINE = 2**22
"""Characters of a line at most: 60,000 columns have a few hundred thousand."""

STRAY = 1 / 50
"""Fewer bytes of 0 than this share are no UTF-16, in which each character of ASCII has one."""

BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # Before UTF-16, whose mark is the first two bytes of this one.
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
OTHERS = {
    b"PK\x03\x04": "a ZIP file, as spreadsheets are",
    b"\xd0\xcf\x11\xe0": "a spreadsheet of an old kind",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "an SQLite database",
    b"\x89HDF": "an HDF5 file",
    b"%PDF": "a PDF file",
    b"BZh": "a file packed by bzip2",
    b"\xfd7zXZ": "a file packed by xz",
    b"\x28\xb5\x2f\xfd": "a file packed by zstd",
}
"""Kinds of files that are no CSV, by their first bytes."""
PAGE = re.compile(rb"\s*<(!doctype html|html)", re.IGNORECASE)
POINTER = re.compile(rb"version \S*git-lfs")


@contextmanager
def text_of(path: Path, name: str, wanted: str | None) -> Iterator[tuple[TextIO, str]]:
    """Open a file as text, its ends of lines as they are, and give its encoding: `wanted`, or what the file shows.

    Raises:
        DataError: it is no text, or a byte is none of the encoding's, or it cannot be read.
    """
    encoding = ""
    try:
        with opened(path, name) as (file, check):
            buffered = io.BufferedReader(Bounded(file, check), HEAD)
            encoding = _encoding(buffered.peek(HEAD), name, wanted)
            with io.TextIOWrapper(buffered, encoding, newline="") as text:
                yield text, encoding
    except UnicodeError:
        raise DataError(f"{name}{_wrong_byte(path, name, encoding)}") from None


def _encoding(start: bytes, name: str, wanted: str | None) -> str:
    """Find the encoding of a file from its first bytes; UTF-8 if they show no other."""
    what = next((what for magic, what in OTHERS.items() if start.startswith(magic)), None)
    if PAGE.match(start):
        what = "a web page"
    if POINTER.match(start):
        what = "a pointer of Git LFS and not the file"
    if what is not None:
        raise DataError(f"{name}: found {what}; allowed: CSV, plain or packed by gzip")
    if wanted is not None:
        return "utf-8-sig" if codecs.lookup(wanted).name == "utf-8" else wanted
    marked = next((encoding for mark, encoding in BOMS.items() if start.startswith(mark)), None)
    if marked is None and 0 < start.count(b"\0") < len(start) * STRAY:
        line = start.count(b"\n", 0, start.index(b"\0")) + 1
        raise DataError(f"{name}, line {line}: found a byte of 0; allowed: text")
    if marked is None and b"\0" in start:
        order = "le" if start[1:2] == b"\0" else "be"
        raise DataError(f'{name}: found bytes of 0, which UTF-16 has; write `encoding = "utf-16-{order}"`')
    return marked or "utf-8"


def head_of(text: TextIO, name: str) -> tuple[list[str], Iterator[str]]:
    """Read the first lines of a file; the other lines follow as an iterator.

    Raises:
        DataError: a line is longer than `LINE`.
    """
    lines, head, size = _lines(text, name), list[str](), 0
    while size < HEAD and (line := next(lines, "")):
        head.append(line)
        size += len(line)
    return head, lines


def _lines(text: TextIO, name: str) -> Iterator[str]:
    number = 0
    while line := text.readline(LINE + 1):
        number += 1
        if len(line) > LINE:
            raise DataError(f"{name}, line {number}: found more than {LINE:,} characters; allowed: at most as many")
        yield line


def _wrong_byte(path: Path, name: str, encoding: str) -> str:
    """Describe the first byte that is not of the encoding. The text layer reads ahead and does not know the line."""
    with opened(path, name) as (file, check):
        data = io.BufferedReader(Bounded(file, check)).read()
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "ignore")
        line = f", line {before.count(chr(10)) + 1}: found the byte 0x{data[error.start]:02x}"
        if codecs.lookup(encoding).name not in ("utf-8", "utf-8-sig"):
            return f"{line}, which is not {encoding}; write another `encoding`"
        likely = "cp1252" if any(0x80 <= byte < 0xA0 for byte in data[error.start : error.start + HEAD]) else "latin-1"
        around = re.split(rb"[\s,;|]", data[max(0, error.start - 40) : error.start])[-1]
        word = around + re.split(rb"[\s,;|]", data[error.start : error.start + 40])[0]
        shown = quoted(word.decode(likely, "replace"))
        return f'{line}, which is not UTF-8; write `encoding = "{likely}"` if it is to read {shown}'
    except UnicodeError as error:
        return f": is not {encoding}: {error}; write another `encoding`"
    return ": changed while it was read"
