"""One run at a time in a results folder.

The operating system holds the lock, on the file `.lock`, and releases it when the process ends in any way. A killed
run leaves the file behind. The file alone locks nothing; the next run removes it when it ends.
"""

from __future__ import annotations

import errno
import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nnsweep.errors import StoreError
from nnsweep.files import check_regular, read_file

FILE = ".lock"
NO_LOCKS = errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL
"""What systems say of disks without locks, such as Lustre's without the option `flock`."""


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold the lock of a results folder, which is made if it does not exist.

    Raises:
        StoreError: another process holds the lock (raised at once, without waiting), the folder cannot be written, or
            what stands there is no file of its own.
    """
    path = folder / FILE
    try:
        with hold(path):
            yield
    except Held:
        raise StoreError(f"{folder}: {_holder(path)} is running a sweep here; wait for it or end it") from None


class Held(Exception):  # noqa: N818 - no fault: the caller says what it means
    """Another process holds a lock."""


@contextmanager
def hold(path: Path, patience: float = 0) -> Iterator[None]:
    """Hold the lock that a file stands for; wait for others `patience` seconds. Its folder is made if there is none.

    Raises:
        Held: another process holds it. StoreError: the folder cannot be written, or something else stands there.
    """
    from filelock import FileLock, Timeout

    folder = path.parent
    _check_own(path)
    guard = FileLock(path, timeout=patience, fallback_to_soft=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        guard.acquire()
    except Timeout:
        raise Held from None
    except OSError as error:
        if error.errno in NO_LOCKS:
            raise StoreError(
                f"{folder}: its disk has no locks ({error.strerror}), so that two runs could write at once; choose a "
                "folder on another disk with --results, and copy it here when it is not in use"
            ) from None
        raise StoreError(f"{folder}: cannot be written: {error.strerror}") from None
    own = _number(path)
    try:
        with suppress(OSError):  # The text names the holder in messages. A full disk must not stop the run.
            path.write_text(f"process {os.getpid()} on {platform.node()}", encoding="utf-8")
        yield
    finally:
        if _number(path) == own:  # unless its folder was renamed meanwhile, and another one has its name
            _remove(path)
        with suppress(OSError):  # code of the user's may have closed all files of this process
            guard.release()


def is_held(folder: Path) -> bool:
    """Return whether a process runs a sweep in this results folder now. Writes nothing."""
    path = folder / FILE
    try:
        import fcntl
    except ImportError:  # On Windows a held file cannot be removed: if it is there, it is held or was left by a kill.
        return path.exists()
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # of a named pipe, opening would wait without end
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return isinstance(error, BlockingIOError)
    finally:
        os.close(file)
    return False


def _check_own(path: Path) -> None:
    """Make sure that the lock is a file in the folder itself: it is written.

    Raises:
        StoreError: it is a link, or no file.
    """
    with suppress(OSError):
        check_regular(path, path.lstat())


def _holder(path: Path) -> str:
    """Read who holds the lock, as `lock` wrote it."""
    with suppress(OSError, StoreError):
        found = re.fullmatch(r"process \d+ on [\w.-]{1,255}", read_file(path).decode("utf-8", "replace"))
        if found:
            return found[0]
    return "another process"


def _number(path: Path) -> int | None:
    with suppress(OSError):
        return path.stat().st_ino
    return None


def _remove(path: Path) -> None:
    # Removed before the release: a process that has just opened the file notices that it is unlinked and tries again.
    # Windows cannot remove an open file: there an empty lock file stays, which does no harm.
    with suppress(OSError):
        path.unlink()
