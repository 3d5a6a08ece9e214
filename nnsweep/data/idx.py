"""IDX, the file format of MNIST: a few big-endian numbers for the shape, then bytes.

Source: "The IDX file format" in LeCun, Cortes and Burges, "The MNIST database of handwritten digits".
"""

from __future__ import annotations

from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnsweep.data.arrays import NUMBERS
from nnsweep.data.gz import opened
from nnsweep.errors import DataError

IMAGES, LABELS = 0x00000803, 0x00000801
"""Magic numbers: two bytes of 0, then 0x08 for unsigned bytes, then the number of dimensions."""
KINDS = {IMAGES: "images", LABELS: "labels"}

DEFLATE = 1032
"""The largest possible ratio of deflate's output to its compressed bytes."""


def read_idx(path: Path, magic: int) -> NDArray[np.uint8]:
    """Read a file of unsigned bytes, plain or packed by gzip, as an array with the shape in its header.

    At most one byte more is read than the header promises, to check that the file ends there.

    Raises:
        DataError: the magic number differs, or the file is cut off, too long or damaged.
    """
    with opened(path, str(path)) as (file, check):
        shape = _shape(file.read(4 + 4 * (magic & 0xFF)), path, magic)
        size = prod(shape)
        promised = f"{size:,} bytes ({' × '.join(f'{length:,}' for length in shape)})"
        if not 0 < size <= NUMBERS:
            raise DataError(f"{path}: the header promises {promised}; allowed: 1 to {NUMBERS:,}")
        if size > path.stat().st_size * DEFLATE:
            raise DataError(f"{path}: cut off: the header promises {promised}, more than the file can hold")
        check(size)
        data = file.read(size + 1)
    if len(data) < size:
        raise DataError(f"{path}: cut off: the header promises {promised}, found {len(data):,}")
    if len(data) > size:
        raise DataError(f"{path}: too long: the header promises {promised}, and more follow")
    return np.frombuffer(data, dtype=np.uint8).reshape(shape)


def _shape(header: bytes, path: Path, magic: int) -> tuple[int, ...]:
    """Check the header and return the lengths of the dimensions."""
    allowed = f"allowed: 0x{magic:08x}, {KINDS[magic]}"
    if len(header) < 4:
        raise DataError(f"{path}: cut off: found {len(header)} bytes; {allowed}")
    found = int.from_bytes(header[:4], "big")
    if found != magic:
        meaning = f", {KINDS[found]}" if found in KINDS else ""
        raise DataError(f"{path}: found the magic number 0x{found:08x}{meaning}; {allowed}")
    if len(header) < 4 + 4 * (magic & 0xFF):
        raise DataError(f"{path}: cut off: found {len(header)} bytes; allowed: a header of {4 + 4 * (magic & 0xFF)}")
    return tuple(int(length) for length in np.frombuffer(header, dtype=">u4", offset=4))
