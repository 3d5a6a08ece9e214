"""Put Ctrl-C, SIGTERM and other signals that end a run off while something must not be interrupted."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType

from nnsweep.ending import ENDING_SIGNALS

ENDING = tuple(getattr(signal, name) for name in ENDING_SIGNALS if hasattr(signal, name))  # Windows has two


@contextmanager
def defer_signals() -> Iterator[None]:
    """Deliver signals that end a run at the end of the block instead of within it. No signal is lost.

    It replaces handlers. A signal mask would not do: it holds for one thread, and the system would deliver the signal
    to a thread of the BLAS.
    """
    if current_thread() is not main_thread():  # only the main thread may set handlers
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
def block_sigint() -> Iterator[None]:
    """Let the processes and threads that are started in the block inherit that Ctrl-C is blocked."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
