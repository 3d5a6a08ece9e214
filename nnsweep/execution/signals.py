"""Ctrl-C and SIGTERM, when nothing is half done."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType

ENDING = signal.SIGINT, signal.SIGTERM


@contextmanager
def held() -> Iterator[None]:
    """Put Ctrl-C and SIGTERM off until the block has ended: they come then, and none is lost.

    By handlers, because a mask holds for one thread: the threads of the BLAS would take the signal instead.
    """
    if current_thread() is not main_thread():  # which alone may say what is done with signals
        yield
        return
    caught: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        caught.append(number)

    before = {number: signal.signal(number, note) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        for number in caught:
            signal.raise_signal(number)


@contextmanager
def born_deaf() -> Iterator[None]:
    """Have processes that are started in the block inherit that they do not hear Ctrl-C; this one hears it after."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # It is started with the first process otherwise, and ends the block.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
