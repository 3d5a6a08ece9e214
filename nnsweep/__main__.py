"""The program `nnsweep`, which Ctrl-C and SIGTERM end without a traceback, from its first moment to its last.

This file imports little, so that signals are taken care of before anything else is loaded.
"""

import _thread
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType, TracebackType

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""
PATIENCE = 2.0
"""Seconds for which an import is not interrupted. One that takes longer may be of a user's module that never ends."""
LATER = 0.02
"""Seconds after which a signal that came during an import is sent again."""


class Interrupt:
    """Raises KeyboardInterrupt, but not during an import: libraries turn it into errors of their own there."""

    def __init__(self) -> None:
        self._first: float | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        now = time.monotonic()
        self._first = now if self._first is None else self._first
        if now - self._first > PATIENCE or not (is_importing(frame) and send_later(number)):
            self._first = None
            raise KeyboardInterrupt


def is_importing(frame: FrameType | None) -> bool:
    """Tell whether the code of a frame runs for an import."""
    while frame is not None and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame is not None


def send_later(number: int) -> bool:
    """Have a signal come again soon; False if that is impossible. Unlike `threading`, this takes no lock."""
    main = _thread.get_ident()

    def send() -> None:
        time.sleep(LATER)
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(main, number)  # the main thread may wait for something, which this ends
        else:
            signal.raise_signal(number)

    try:
        _thread.start_new_thread(send, ())
    except RuntimeError:
        return False
    return True


def say_nothing(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    """End at once after an interrupt that nobody caught; else print a traceback."""
    if issubclass(kind, KeyboardInterrupt):
        os._exit(INTERRUPTED)
    sys.__excepthook__(kind, error, at)


def raise_again(ignored: "sys.UnraisableHookArgs") -> None:
    """Have an interrupt come again that was raised where no exception can be, such as in `__del__`."""
    if not (ignored.exc_type is KeyboardInterrupt and send_later(signal.SIGINT)):
        sys.__unraisablehook__(ignored)


def leave(number: int, frame: FrameType | None) -> None:
    """End at once: all is done."""
    os._exit(INTERRUPTED)


def listen(handler: Callable[[int, FrameType | None], None]) -> None:
    """Have a handler called for Ctrl-C, unless the program was started with Ctrl-C ignored, and for SIGTERM."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, handler)
    signal.signal(signal.SIGTERM, handler)


def main() -> None:
    """Run the program."""
    sys.excepthook, sys.unraisablehook = say_nothing, raise_again
    listen(Interrupt())
    if hasattr(os, "register_at_fork"):  # what a user's code forks ends by SIGTERM, without a traceback
        os.register_at_fork(after_in_child=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL))
    try:
        from nnsweep.cli import main as program

        program()
    finally:
        listen(leave)


if __name__ == "__main__":
    main()
