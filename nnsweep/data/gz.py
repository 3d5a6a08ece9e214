"""Files read through gzip where they begin as gzip does, and never more of them than a bound."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from nnsweep.data.files import readable
from nnsweep.data.words import plain_line
from nnsweep.errors import DataError

MOST = 2**30
"""Bytes that one file may hold, uncompressed: eight times as many are needed to train on them."""


@contextmanager
def opened(path: Path, name: str) -> Iterator[IO[bytes]]:
    """Open a file, through gzip if it begins as gzip does, whatever its name.

    Raises:
        DataError: it cannot be read, is cut off or is damaged; `name` is how the message calls it.
    """
    with readable(name), open(path, "rb") as file:
        if file.peek(2)[:2] != b"\x1f\x8b":
            yield file
            return
        yield from _unpacked(file, name)


def _unpacked(file: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    import gzip  # here and not above, because few sweeps read a compressed file
    import zlib

    try:
        with gzip.GzipFile(fileobj=file) as unpacked:
            yield unpacked  # type: ignore[misc] # a GzipFile reads as any file does
    except EOFError:
        raise DataError(f"{name}: cut off: its gzip stream has no end") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{name}: damaged gzip: {plain_line(error)}") from None


class Bounded(io.RawIOBase):
    """Passes a file's bytes on, and refuses to go on after `MOST` of them: a small gzip file can hold any number."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self._name, self._count = file, name, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        self._count += len(data)
        if self._count > MOST:
            raise DataError(f"{self._name}: holds more than {MOST:,} bytes; allowed: at most as many")
        buffer[: len(data)] = data
        return len(data)
