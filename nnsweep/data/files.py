"""Finds the files of data sets, and remembers their states, to notice changes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nnsweep.data.places import candidates
from nnsweep.data.words import quoted
from nnsweep.errors import DataError
from nnsweep.format import did_you_mean

State = tuple[int, int, int] | None
"""A file's time of change, size and inode; None if there is no file."""

Asked = tuple[str, str]
"""A name, and the folder that is searched before the working directory."""

_STATES: dict[Asked, list[State]] = {}
"""The states of all files that a requested name may mean."""


def existing(name: str, beside: str = "") -> Path | None:
    """Return the absolute path of a file, or None. Its state is remembered either way."""
    _STATES[name, beside] = _states((name, beside))
    # Path.is_file raises if the name is too long.
    return next((path for path in candidates(name, beside) if os.path.isfile(path)), None)


def found(name: str, beside: str = "") -> Path:
    """Return the absolute path of a file. Its name is relative to the folder `beside`, or to the working directory.

    Raises:
        DataError: there is no such file, or it is a folder or device.
    """
    path = existing(name, beside)
    if path is not None:
        return path
    paths = candidates(name, beside)
    there = next((path for path in paths if os.path.exists(path)), None)
    if there is not None:
        raise DataError(f"{name}: {'a folder' if there.is_dir() else 'no regular file'}; allowed: a file")
    nearest = did_you_mean(paths[0].name, [each for path in paths for each in _names(path.parent)], quoted)
    raise DataError(f"{name}: there is no such file; looked for {_either(paths)}{nearest}")


def folder(name: str, beside: str = "") -> Path:
    """Return the absolute path of a folder. Its state is remembered.

    Raises:
        DataError: there is no such folder, or the name is that of a file.
    """
    _STATES[name, beside] = _states((name, beside))
    paths = candidates(name, beside)
    path = next((path for path in paths if os.path.isdir(path)), None)
    if path is not None:
        return path
    is_file = any(os.path.exists(path) for path in paths)
    what = "a file; allowed: a folder" if is_file else f"there is no such folder; looked for {_either(paths)}"
    raise DataError(f"{name}: {what}")


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Turn errors of the operating system into one line.

    Raises:
        DataError: the file cannot be opened or read.
    """
    try:
        yield
    except OSError as error:
        raise DataError(f"{name}: cannot be read: {error.strerror or error}") from None


def asked_for() -> list[Path]:
    """List the files that data sets were read from."""
    paths = (path for asked in _STATES for path in candidates(*asked))
    return [path for path in dict.fromkeys(paths) if os.path.isfile(path)]


def changed() -> bool:
    """Return whether any requested file has changed, appeared or gone since."""
    return any(_states(asked) != states for asked, states in _STATES.items())


def forget() -> None:
    """Forget all remembered states."""
    _STATES.clear()


def _states(asked: Asked) -> list[State]:
    return [_state(path) for path in candidates(*asked)]


def _state(path: Path) -> State:
    try:
        state = os.stat(path)
    except (OSError, ValueError):
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino


def _either(paths: Sequence[Path]) -> str:
    return " and ".join(map(str, paths))


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
