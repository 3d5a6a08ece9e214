"""One run at a time in a results folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nnsweep.errors import StoreError


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, which stays behind: removing it could let two runs in. A killed run lets go.

    Raises:
        StoreError: another run holds it.
    """
    from filelock import FileLock, Timeout

    holder = FileLock(path, timeout=0.2)
    try:
        holder.acquire()
    except Timeout:
        raise StoreError(
            f"{path.parent}: another run is writing here; wait for it, or choose another --results folder"
        ) from None
    try:
        yield
    finally:
        holder.release()
