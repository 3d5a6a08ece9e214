"""Read and write files of a folder that may come from anywhere: only regular files of limited size."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

from nnsweep.errors import StoreError

LARGEST = 2**24
"""The most bytes of a file that is read, other than stores and data."""
CONTAINERS = 2**18
"""The most lists and tables in a JSON file."""
KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
"""Names of things that are not regular files."""
AT_ONCE = 2**20
"""Bytes of a large file that are read at once."""
DRAFTS = ".*.draft*"
"""The names of drafts that a killed process may have left."""


def read_file(path: Path, largest: int = LARGEST) -> bytes:
    """Read a regular file of at most `largest` bytes.

    Raises:
        FileNotFoundError: there is none. StoreError: it is no regular file, is too large, or cannot be read.
    """
    try:
        # Without O_NONBLOCK, opening a named pipe waits for somebody to write to it.
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            check_regular(path, os.fstat(file))
            with open(file, "rb", closefd=False) as opened:
                content = opened.read(largest + 1)
        finally:
            os.close(file)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}") from None
    if len(content) > largest:
        raise StoreError(f"{path}: found more than {largest:,} bytes; allowed: at most {largest:,} bytes")
    return content


def read_json(path: Path) -> bytes:
    """Read a JSON file for parsing. Limits the lists, because empty ones need 30 times their size in memory.

    Raises:
        FileNotFoundError: there is none. StoreError: as `read_file`, or it has too many lists and tables.
    """
    content = read_file(path)
    if content.count(b"[") + content.count(b"{") > CONTAINERS:
        raise StoreError(f"{path}: found more than {CONTAINERS:,} lists and tables; allowed: at most {CONTAINERS:,}")
    return content


def read_end(path: Path, count: int) -> bytes:
    """Read the last bytes of a regular file.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - count))
        return file.read(count)


def check_regular(path: Path, found: os.stat_result) -> None:
    """Make sure that a file is a regular one.

    Raises:
        StoreError: it is something else.
    """
    if not stat.S_ISREG(found.st_mode):
        raise StoreError(f"{path}: found {kind_of(found)}; allowed: a file")


def kind_of(found: os.stat_result) -> str:
    """Describe the kind of a file."""
    return KINDS.get(stat.S_IFMT(found.st_mode), "a file")


def check_own_folder(path: Path) -> None:
    """Make sure that a folder inside a results folder is not a link, so that nothing is written elsewhere.

    Raises:
        StoreError: it is a link.
    """
    if path.is_symlink():
        raise StoreError(f"{path}: found a link; allowed: a folder, because nothing is written elsewhere")


def write_file(path: Path, write: Callable[[Path], object], before: Callable[[], object] = lambda: None) -> bool:
    """Let `write` make a file, and move it to `path`. If nothing changes, return False and leave the old file alone.

    `write` gets a new empty file with an unpredictable name. A link at `path` is replaced, and not followed. `before`
    is called after the file is made and before it is moved.

    Raises:
        StoreError: it cannot be written.
    """
    draft = path.with_name(f".{secrets.token_hex(8)}.draft{path.suffix}")
    try:
        with suppress(FileNotFoundError):
            check_regular(path, path.stat())
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o666))
        write(draft)
        if _is_same(path, draft):
            return False
        before()
        draft.replace(path)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}; stored trials are safe") from error
    finally:  # also after Ctrl-C
        with suppress(OSError):
            draft.unlink()
    return True


def _is_same(path: Path, draft: Path) -> bool:
    if path.is_symlink() or not path.is_file() or path.stat().st_size != draft.stat().st_size:
        return False
    with path.open("rb") as one, draft.open("rb") as other:
        return all(part == same for part, same in zip(parts_of(one), parts_of(other), strict=True))


def parts_of(file: BinaryIO) -> Iterator[bytes]:
    """Read a file part by part."""
    return iter(lambda: file.read(AT_ONCE), b"")


def digest_file(path: Path) -> str:
    """Digest a file's bytes, in 16 hex digits.

    Raises:
        OSError: it cannot be read.
    """
    digest = blake2b(digest_size=8)
    with path.open("rb") as file:
        for part in parts_of(file):
            digest.update(part)
    return digest.hexdigest()


def digest_bytes(content: bytes | memoryview) -> str:
    """Digest bytes, in 16 hex digits."""
    return blake2b(content, digest_size=8).hexdigest()
