"""The `.wandb` files that Weights & Biases writes offline: a log of records, each one protobuf message.

The format is that of LevelDB's log: blocks of 32 KiB, and in them parts of records, each behind seven bytes with its
checksum (CRC-32 of the kind and the data), its length and its kind (whole, first, middle, last). wandb brings the
messages as Python classes; what reads and writes the log is compiled into its program.
"""

# Modules of protobuf make their names as they are imported.
# pyright: reportAttributeAccessIssue=false
from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from nnsweep.errors import NnsweepError

START = b":W&B" + struct.pack("<HB", 0xBEE1, 0)
BLOCK, HEAD = 2**15, 7
WHOLE, FIRST, MIDDLE, LAST = 1, 2, 3, 4


class LogWriter:
    """Writes the bytes of records."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._at = file, 0
        self._put(START)

    def write(self, data: bytes) -> None:
        """Write a record, in parts where it reaches into further blocks."""
        left, is_first = data, True
        while True:
            room = BLOCK - self._at % BLOCK
            if room < HEAD:
                self._put(b"\0" * room)
                room = BLOCK
            part, left = left[: room - HEAD], left[room - HEAD :]
            kind = (FIRST if left else WHOLE) if is_first else (MIDDLE if left else LAST)
            self._put(struct.pack("<IHB", _checksum(kind, part), len(part), kind) + part)
            if not left:
                return
            is_first = False

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._at += len(data)


def read_log(path: Path) -> Iterator[bytes]:
    """Read the bytes of the records. What a killed process wrote last, in part, is left out.

    Raises:
        NnsweepError: it is no such file, or is damaged. OSError: it cannot be read.
    """
    content = path.read_bytes()
    if not content.startswith(START):
        raise NnsweepError(f"{path}: no file that wandb wrote offline")
    at, gathered = len(START), b""
    while at + HEAD <= len(content):
        room = BLOCK - at % BLOCK
        if room < HEAD:
            at += room
            continue
        checksum, length, kind = struct.unpack_from("<IHB", content, at)
        part = content[at + HEAD : at + HEAD + length]
        if len(part) < length:
            return
        if not WHOLE <= kind <= LAST or checksum != _checksum(kind, part):
            raise NnsweepError(f"{path}: damaged at byte {at:,}: the checksum of a record is another one")
        gathered = part if kind in (WHOLE, FIRST) else gathered + part
        if kind in (WHOLE, LAST):
            yield gathered
        at += HEAD + length


def read_records(path: Path) -> Iterator[Any]:
    """Read the records as wandb's messages; see `read_log`. A record that is no message is told like damage."""
    from google.protobuf.message import DecodeError  # pyright: ignore[reportMissingModuleSource]
    from wandb.proto.wandb_internal_pb2 import Record  # pyright: ignore[reportMissingImports]

    for number, data in enumerate(read_log(path), 1):
        try:
            yield Record.FromString(data)
        except DecodeError:
            raise NnsweepError(f"{path}: record {number:,} is no message of wandb's") from None


def _checksum(kind: int, part: bytes) -> int:
    return zlib.crc32(part, zlib.crc32(bytes([kind])))
