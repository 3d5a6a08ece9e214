"""One run at a time in a results folder.

The lock is the operating system's, on the file `.lock`: it ends with the process, however that ends. A run that was
killed leaves the file, which means nothing then, and which the next run removes as it ends.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nnsweep.errors import StoreError

FILE = ".lock"


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold a results folder, which is made if need be; the operating system lets it go if the process is killed.

    Raises:
        StoreError: another process holds it (said at once, without waiting), or the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    path = folder / FILE
    guard = FileLock(path, timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        guard.acquire()
    except Timeout:
        raise StoreError(f"{folder}: {_holder(path)} is running a sweep here; wait for it or end it") from None
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written: {error.strerror}") from None
    try:
        with suppress(OSError):  # It tells others who holds it; on a full disk they do without.
            path.write_text(f"process {os.getpid()} on {platform.node()}", encoding="utf-8")
        yield
    finally:
        _remove(path)
        guard.release()


def is_held(folder: Path) -> bool:
    """Tell whether a process runs a sweep in a results folder now; nothing is written."""
    path = folder / FILE
    try:
        import fcntl
    except ImportError:  # Windows, where no open file can be removed: the file tells that it is held, or was
        return path.exists()
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _holder(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace") or "another process"
    except OSError:
        return "another process"


def _remove(path: Path) -> None:
    # Before the release: a process that opened the file in between finds it unlinked, and tries again.
    # Windows removes no open file: there an empty lock file stays behind, and does no harm.
    with suppress(OSError):
        path.unlink()
