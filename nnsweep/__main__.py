"""Run the program `nnsweep`. Signals that ask it to end do so without a traceback, at any moment.

This file imports little, so that signals are handled before anything else is loaded.
"""

import _thread
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType, TracebackType

from nnsweep.ending import ENDING_SIGNALS

INTERRUPTED = 130
"""Exit code after Ctrl-C, as in shells."""
PATIENCE = 2.0
"""Seconds for which an import is not interrupted. A longer import may be a user's module that never returns."""
LATER = 0.02
"""Seconds until a signal that arrived during an import is sent again."""
PYDANTIC = f"{os.sep}pydantic{os.sep}"
"""What the paths of pydantic's files have in them."""


class Interrupt:
    """Raises KeyboardInterrupt, but not where a library would turn it into another error, such as during an import."""

    def __init__(self) -> None:
        self._first: float | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        now = time.monotonic()
        self._first = now if self._first is None else self._first
        if now - self._first > PATIENCE or not (is_busy(frame) and send_later(number)):
            self._first = None
            raise KeyboardInterrupt


def is_busy(frame: FrameType | None) -> bool:
    """Whether the code of a frame runs during an import, or while pydantic builds or uses a model."""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith("<frozen importlib") or PYDANTIC in file:
            return True
        frame = frame.f_back
    return False


def send_later(number: int) -> bool:
    """Send a signal again soon; return False if that is impossible. Unlike `threading`, this takes no lock."""
    main = _thread.get_ident()

    def send() -> None:
        time.sleep(LATER)
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(main, number)  # this also ends a blocking call of the main thread
        else:
            signal.raise_signal(number)

    try:
        _thread.start_new_thread(send, ())
    except RuntimeError:
        return False
    return True


def exit_after_interrupt(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    """Exit at once after an uncaught interrupt; print a traceback for any other error."""
    if issubclass(kind, KeyboardInterrupt):
        os._exit(INTERRUPTED)
    sys.__excepthook__(kind, error, at)


def raise_again(ignored: "sys.UnraisableHookArgs") -> None:
    """Send an interrupt again if Python had to ignore it, for example in `__del__`."""
    if not (ignored.exc_type is KeyboardInterrupt and send_later(signal.SIGINT)):
        sys.__unraisablehook__(ignored)


def leave(number: int, frame: FrameType | None) -> None:
    """Exit at once: the work is done."""
    os._exit(INTERRUPTED)


def listen(handler: Callable[[int, FrameType | None], None]) -> None:
    """Call a handler for the signals that end a run, unless the program was started with them ignored."""
    for number in ending():
        if number == signal.SIGTERM or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def ending() -> list[signal.Signals]:
    """List the signals that end a run, of those that this system has."""
    return [signal.Signals[name] for name in ENDING_SIGNALS if hasattr(signal, name)]


def die_quietly() -> None:
    """Let a process that a user's code has forked die by a signal without a traceback."""
    for number in ending():
        if number != signal.SIGINT and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def main() -> None:
    """Run the program."""
    sys.excepthook, sys.unraisablehook = exit_after_interrupt, raise_again
    listen(Interrupt())
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=die_quietly)
    try:
        from nnsweep.cli import main as program

        program()
    finally:
        listen(leave)


if __name__ == "__main__":
    main()
