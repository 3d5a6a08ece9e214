"""Files that a trial saves, kept by their content: equal files are stored once."""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from nnsweep.data.users import described
from nnsweep.data.words import escaped
from nnsweep.errors import NnsweepError
from nnsweep.files import check_own_folder, check_regular, parts_of

Source = bytes | str | os.PathLike[str] | Callable[[Path], object]
"""The content of a file, the path of one, or a function that writes one to the path that it is given."""
PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""A part of a name: every file system accepts it, and it cannot point outside a folder."""
DEEP = 8
"""Parts of a name, at most."""
ALLOWED = "letters, digits, `.`, `_` and `-`, and `/` between folders; at most 100 in a part and 8 parts"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Errors of a disk that has no room."""
CONTENT = re.compile(r"[0-9a-f]{64}")
"""A digest of a file's bytes."""


class SavedFile(NamedTuple):
    """A file that a trial saved: its name, its bytes, and their digest, by which it is found in the folder.

    `first` is whether it is the first that this training saved. `data` is its content, if the folder is out of reach.
    """

    name: str
    size: int
    content: str
    first: bool = False
    data: bytes | None = None


def check_name(name: object) -> str:
    """Check the name under which a file is saved.

    Raises:
        NnsweepError: it is not allowed, as one that would climb out of its folder.
    """
    if isinstance(name, os.PathLike):
        name = os.fspath(name)
    if not isinstance(name, str):
        raise NnsweepError(f"a file is saved under the name {described(name)}; allowed: a text of {ALLOWED}")
    parts = name.split("/")
    if len(parts) > DEEP or not all(PART.fullmatch(part) for part in parts):
        raise NnsweepError(f"a file is saved under the name `{escaped(name)}`; allowed: {ALLOWED}")
    return name


def path_in(folder: Path, content: str) -> Path:
    """Where a file with this digest is kept."""
    return folder / content[:2] / content


def keep_file(folder: Path, source: Source, move: bool = False) -> tuple[int, str]:
    """Keep a file in a folder by its content, whole or not at all; return its bytes and their digest.

    A file is read part by part. With `move`, a file of this file system is not copied.

    Raises:
        OSError: it cannot be read or written. NnsweepError: the source is none.
    """
    check_own_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{secrets.token_hex(8)}.draft"
    try:
        size, content = _write(draft, source, move)
        place = path_in(folder, content)
        place.parent.mkdir(exist_ok=True)
        if not (place.is_file() and place.stat().st_size == size):
            draft.replace(place)
    finally:
        with suppress(OSError):
            draft.unlink()
    return size, content


def _write(draft: Path, source: Source, move: bool) -> tuple[int, str]:
    if isinstance(source, bytes | bytearray | memoryview):
        draft.write_bytes(source)
    elif isinstance(source, str | os.PathLike):
        path = Path(source)
        check_regular(path, path.stat())
        if move:
            path.replace(draft)
        else:
            return _copy(path, draft)
    elif callable(source):
        source(draft)
    else:
        what = "bytes, the path of a file, or a function that writes one to the path that it is given"
        raise NnsweepError(f"a file is saved from {described(source)}; allowed: {what}")
    if not draft.is_file():
        raise NnsweepError("the function that should write a file to the path that it was given wrote none")
    return digest(draft)


def _copy(path: Path, draft: Path) -> tuple[int, str]:
    size, found = 0, blake2b(digest_size=32)
    with path.open("rb") as file, draft.open("xb") as copy:
        for part in parts_of(file):
            found.update(part)
            copy.write(part)
            size += len(part)
    return size, found.hexdigest()


def digest(path: Path) -> tuple[int, str]:
    """Give the bytes of a file and their digest.

    Raises:
        OSError: it cannot be read.
    """
    size, found = 0, blake2b(digest_size=32)
    with path.open("rb") as file:
        for part in parts_of(file):
            found.update(part)
            size += len(part)
    return size, found.hexdigest()
