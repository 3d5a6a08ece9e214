"""What code of the user's does to the process that it runs in, and what of it is undone."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from threading import current_thread, get_ident, main_thread
from typing import Any, NoReturn

import numpy as np


@contextmanager
def contained() -> Iterator[None]:
    """Keep the working directory, NumPy's handling of errors, streams and signals as they were, and the process alive.

    What is printed goes to standard error, because a program may read standard output.

    `os._exit` is `sys.exit` in the block, but in child processes. A child that was forked in the block ends with it:
    what comes after the block belongs to its parent.
    """
    process, thread, folder, leave = os.getpid(), get_ident(), _folder(), os._exit
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def refuse(status: int) -> NoReturn:
        if os.getpid() == process and get_ident() == thread:
            raise SystemExit(f"os._exit({status}) was called, which would have ended the run")
        leave(status)

    os._exit = refuse
    ended = 1
    try:
        with np.errstate(), redirect_stdout(_unclosable(sys.stderr)), redirect_stderr(_unclosable(sys.stderr)):
            yield
        ended = 0
    finally:
        os._exit = leave
        if os.getpid() != process:
            leave(ended)
        if folder is not None and _folder() != folder:
            os.chdir(folder)
        for number, handler in handlers.items():
            if handler not in (None, signal.getsignal(number)) and current_thread() is main_thread():
                signal.signal(number, handler)


def _unclosable(stream: Any) -> Any:
    return _Unclosable(stream)


class _Unclosable:
    """A stream that others may use, and not close."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def close(self) -> None:
        pass


def _folder() -> str | None:
    """Give the working directory; None where it was removed."""
    try:
        return os.getcwd()
    except OSError:
        return None
