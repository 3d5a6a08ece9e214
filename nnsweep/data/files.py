"""Files that data sets are read from: found, and watched for changes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nnsweep.data.words import did_you_mean
from nnsweep.errors import DataError

State = tuple[int, int, int] | None
"""A file's time of change, size and number; None where there is no file."""

_STATES: dict[str, State] = {}
"""Every path asked for, as data sets name it, with the state that it was in."""


def existing(name: str) -> Path | None:
    """Give the absolute path of a file if it is there; it is watched either way."""
    _STATES[name] = _state(name)
    path = _absolute(name)
    return path if os.path.isfile(path) else None  # where Path.is_file raises if the name is too long


def found(name: str) -> Path:
    """Give the absolute path of a file; the name is relative to the working directory.

    Raises:
        DataError: there is no such file, or it is a folder or device.
    """
    path = existing(name)
    if path is not None:
        return path
    absolute = _absolute(name)
    if os.path.exists(absolute):
        raise DataError(f"{name}: {'a folder' if absolute.is_dir() else 'no regular file'}; allowed: a file")
    nearest = did_you_mean(absolute.name, _names(absolute.parent))
    raise DataError(f"{name}: there is no such file; looked for {absolute}{nearest}")


def folder(name: str) -> Path:
    """Give the absolute path of a folder.

    Raises:
        DataError: there is no such folder, or it is none.
    """
    path = _absolute(name)
    if os.path.isdir(path):
        return path
    what = "a file; allowed: a folder" if os.path.exists(path) else f"there is no such folder; looked for {path}"
    raise DataError(f"{name}: {what}")


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Say in one line what the system says of a file that cannot be read.

    Raises:
        DataError: the system refuses to open or to read it.
    """
    try:
        yield
    except OSError as error:
        raise DataError(f"{name}: cannot be read: {error.strerror or error}") from None


def changed() -> bool:
    """Whether any file asked for is not as it was then."""
    return any(_state(name) != state for name, state in _STATES.items())


def forget() -> None:
    """Watch no file any more."""
    _STATES.clear()


def _state(name: str) -> State:
    try:
        state = os.stat(_absolute(name))
    except (OSError, ValueError):
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino


def _absolute(name: str) -> Path:
    return Path(os.path.abspath(os.path.expanduser(name)))


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
