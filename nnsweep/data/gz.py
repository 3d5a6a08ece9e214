"""Opens files, through gzip if their first bytes are those of gzip, and bounds how much is read."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from nnsweep.data.files import readable
from nnsweep.data.words import plain_line
from nnsweep.errors import DataError

MAGIC = b"\x1f\x8b"
MOST = 2**30
"""Bytes that one file may hold, unpacked."""
RATIO = 100
"""The largest ratio of unpacked to packed bytes: tables of measurements reach 20, a bomb 1,000."""
ANY_RATIO = 2**24
"""Up to this many unpacked bytes the ratio does not matter: a table of few different values packs very well, too."""

Check = Callable[[int], None]
"""Raises an error if a file holds this many bytes."""


@contextmanager
def opened(path: Path, name: str) -> Iterator[tuple[IO[bytes], Check]]:
    """Open a file, through gzip if its first bytes are those of gzip; also yield the check of its size.

    Raises:
        DataError: it cannot be read, is cut off or is damaged. The message calls it `name`.
    """
    with readable(name), open(path, "rb") as file:
        if file.peek(2)[:2] == MAGIC:
            yield from _unpacked(file, name)
        else:
            yield file, partial(_check, name, 0)


def _unpacked(file: IO[bytes], name: str) -> Iterator[tuple[IO[bytes], Check]]:
    import gzip  # Imported here because few sweeps read a compressed file.
    import zlib

    try:
        with gzip.GzipFile(fileobj=file) as unpacked:
            # A GzipFile can be read like any file.
            yield unpacked, partial(_check, name, os.fstat(file.fileno()).st_size)  # type: ignore[misc]
    except EOFError:
        raise DataError(f"{name}: cut off: its gzip stream has no end") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{name}: damaged gzip: {plain_line(error)}") from None


def _check(name: str, packed: int, count: int) -> None:
    """Refuse a file of `count` bytes that takes `packed` bytes on the disk; 0 if it is not packed."""
    if count > MOST:
        raise DataError(f"{name}: holds more than {MOST:,} bytes; allowed: at most as many")
    if packed and count > max(ANY_RATIO, RATIO * packed):
        found = f"{packed:,} bytes that hold more than {max(ANY_RATIO, RATIO * packed):,}"
        allowed = f"at most {RATIO} times as many bytes, or {ANY_RATIO:,}"
        raise DataError(f"{name}: found {found}; allowed: {allowed}; if you trust the file, unpack it")


class Bounded(io.RawIOBase):
    """Reads a file until it holds too many bytes: a small gzip file can hold any number."""

    def __init__(self, file: IO[bytes], check: Check) -> None:
        self._file, self._check, self._count = file, check, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        self._count += len(data)
        self._check(self._count)
        buffer[: len(data)] = data
        return len(data)
