"""Reads tables of numbers from the pages of an SQLite file, many rows at once.

SQLite gives one number at a time, and Python makes an object of each: that is most of the time of reading a million
trials. Pages are laid out as in https://www.sqlite.org/fileformat2.html, of which this module knows rowid tables whose
rows are numbers and lie in one page each. Of anything else it says so (`Unknown`), and SQLite reads the table: what
is wrong with a file is for SQLite to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

INTERIOR, LEAF = 5, 13
"""The first byte of a page of a table: one that points to other pages, one that has rows."""
HEADER, POINTER = {INTERIOR: 12, LEAF: 8}, 2
"""Bytes at the beginning of a page, and of each place of a cell that follow."""
DEPTH = 8
"""The most levels of pages: each has a thousand times as many as the one above."""
SMALLEST = 4
"""The fewest bytes of a cell."""
VARINT = 5
"""The most bytes of a number of variable length, of 7 bits each: keys and sizes beyond 2**35 are not known here."""
NULL, REAL, ZERO = 0, 7, 8
"""Types of numbers: 1 to 6 are whole ones of so many bytes, 8 and 9 are the numbers 0 and 1."""
BYTES = np.array([0, 1, 2, 3, 4, 6, 8, 8, 0, 0])
"""The bytes that a number of each type takes."""
ROWS = 10_000
"""About how many rows are read at once: their numbers fit into the processor's caches."""

Bytes = NDArray[np.uint8]
Places = NDArray[np.intp]


class Unknown(Exception):  # noqa: N818 - no error: SQLite reads the table
    """These pages are not of the kind that is known here."""


class Rows(NamedTuple):
    """Some rows of a table: their keys (rows,), and by place columns (rows,) of int64 or float64."""

    keys: NDArray[np.int64]
    columns: Mapping[int, NDArray[Any]]


class Pages:
    """The content of an SQLite file, as `sqlite3.Connection.serialize` gives it."""

    def __init__(self, content: bytes) -> None:
        """Take the content.

        Raises:
            Unknown: pages of another layout.
        """
        self._bytes = np.frombuffer(content, np.uint8)
        if len(content) < 100 or content[20]:  # bytes at the end of each page that extensions use
            raise Unknown
        self._size = int.from_bytes(content[16:18]) if content[16:18] != b"\0\1" else 2**16
        if self._size < 512 or len(content) % self._size:
            raise Unknown
        self._words = np.ndarray(len(content) - 7, ">i8", content, strides=(1,))
        """The eight bytes from each place on, as a number."""

    def rows(self, root: int, wanted: Mapping[int, type], first: int, last: int) -> Iterator[Rows]:
        """Give the rows of the table at page `root` with keys from `first` to `last`, in ascending order, in parts.

        `wanted` are types, np.int64 or np.float64, by the places of the columns in a row. A float that is
        missing is NaN.

        Raises:
            Unknown: a row is of another kind, or the pages are.
        """
        before = first - 1
        leaves = self._leaves(root, first, last)
        at_once = max(1, ROWS // max(1, self._size // 128))
        for start in range(0, len(leaves), at_once):
            cells = self._cells(leaves[start : start + at_once])
            sizes, records = self._varints(cells)
            keys, records = self._varints(records)
            inside = (keys >= first) & (keys <= last)
            sizes, keys, records = sizes[inside], keys[inside], records[inside]
            if not len(keys):
                continue
            if keys[0] <= before or not (keys[1:] > keys[:-1]).all():
                raise Unknown
            before = int(keys[-1])
            yield Rows(keys, self._columns(sizes, records, wanted))

    def _leaves(self, root: int, first: int, last: int) -> Places:
        """Number the pages that have the rows, in the order of these."""
        level = np.array([root - 1], np.intp)
        for _ in range(DEPTH):
            if len(level) == 0 or level.min() < 0 or level.max() >= len(self._bytes) // self._size:
                raise Unknown
            kinds = set(self._bytes[level * self._size].tolist())
            if kinds == {LEAF}:
                return level
            if kinds != {INTERIOR}:
                raise Unknown
            level = np.concatenate([self._below(page, first, last) for page in level.tolist()])
            if len(level) > len(self._bytes) // self._size:
                raise Unknown
        raise Unknown

    def _below(self, page: int, first: int, last: int) -> Places:
        """Number the pages to which a page points, without those whose keys are all smaller or larger."""
        cells, start = self._cells(np.array([page])), page * self._size
        children = self._word(np.append(cells, start + HEADER[LEAF])) >> 32 & 0xFFFFFFFF
        most, _ = self._varints(cells + 4)  # the largest key below each but the last
        if not (most[1:] > most[:-1]).all():
            raise Unknown
        begin, end = np.searchsorted(most, first), np.searchsorted(most, last)
        return children[begin : end + 1].astype(np.intp) - 1

    def _cells(self, pages: Places) -> Places:
        """Give the places of the cells of pages of one kind."""
        starts = pages * self._size
        header = HEADER[int(self._bytes[starts[0]])]
        counts = self._word(starts + 3) >> 48 & 0xFFFF
        if (header + POINTER * counts > self._size).any():
            raise Unknown
        page = np.repeat(np.arange(len(pages)), counts)
        at = starts[page] + header + POINTER * (np.arange(len(page)) - np.repeat(np.cumsum(counts) - counts, counts))
        found = self._word(at) >> 48 & 0xFFFF
        if (found > self._size - SMALLEST).any():
            raise Unknown
        return starts[page] + found

    def _varints(self, places: Places) -> tuple[NDArray[np.int64], Places]:
        """Read numbers of variable length; return them, and the places after them."""
        values, at, more = np.zeros(len(places), np.int64), places, np.ones(len(places), bool)
        for _ in range(VARINT):
            found = self._byte(at)
            values = np.where(more, values << 7 | found & 127, values)
            at, more = at + more, more & (found > 127)
            if not more.any():
                return values, at
        raise Unknown

    def _byte(self, places: Places) -> NDArray[np.int64]:
        if places.max(initial=0) >= len(self._bytes):
            raise Unknown
        return self._bytes[places].astype(np.int64)

    def _word(self, places: Places) -> NDArray[np.int64]:
        """Read eight bytes from each place on; what is beyond the end of the file is 0."""
        end = len(self._words) - 1
        if places.max(initial=0) <= end:
            return self._words[places].astype(np.int64)
        return self._words[np.minimum(places, end)].astype(np.int64) << 8 * np.maximum(places - end, 0)

    def _columns(
        self, sizes: NDArray[np.int64], records: Places, wanted: Mapping[int, type]
    ) -> dict[int, NDArray[Any]]:
        """Read the wanted columns of rows, whose records have these sizes and begin at these places."""
        headers, ends = self._byte(records), records + sizes
        most = int(headers.max())
        if (
            most > 127
            or (headers < 1).any()
            or (headers > sizes).any()
            or (records % self._size + sizes > self._size).any()
        ):
            raise Unknown
        found, at, alike = dict[int, NDArray[Any]](), records + headers, bool((headers == most).all())
        for place in range(most - 1):
            types = self._bytes[np.minimum(records + 1 + place, ends - 1)]
            if not alike:  # columns that the table did not have yet when it got the row
                types = np.where(place + 1 < headers, types, NULL)
            several = np.flatnonzero(np.bincount(types)).tolist()
            if several[-1] >= len(BYTES):
                raise Unknown
            if place in wanted:
                found[place] = self._column(types, several, at, wanted[place])
            at = at + (BYTES[types] if len(several) > 1 else BYTES[several[0]])
        if (at != ends).any():
            raise Unknown
        if any(kind is np.int64 and place not in found for place, kind in wanted.items()):
            raise Unknown
        return {place: found[place] if place in found else np.full(len(records), np.nan) for place in wanted}

    def _column(self, types: Bytes, several: Sequence[int], places: Places, kind: type) -> NDArray[Any]:
        """Read a column of numbers at these places, whose types are several."""
        if kind is np.int64 and (NULL in several or REAL in several):
            raise Unknown
        words = self._word(places)
        if several == [REAL]:
            return words.view(np.float64)
        if len(several) == 1:
            (of,) = several
            values = np.full(len(words), of - ZERO) if of >= ZERO else words >> 64 - 8 * BYTES[max(of, 1)]
        else:
            values = words >> 64 - 8 * BYTES[np.maximum(types, 1)]
            values = np.where(types >= ZERO, types.astype(np.int64) - ZERO, values)
        if kind is np.int64:
            return values
        numbers = np.where(types == REAL, words.view(np.float64), values) if REAL in several else values * 1.0
        return np.where(types == NULL, np.nan, numbers) if NULL in several else numbers
