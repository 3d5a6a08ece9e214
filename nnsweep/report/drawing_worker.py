"""What the process does that draws figures: see `drawing_process`."""

from __future__ import annotations

import gc
import os
import pickle
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Lock, Thread
from typing import IO, Any

from nnsweep.parent import end_with_parent
from nnsweep.pydantic_plugins import leave_out

MOST_SHARED = 2**13
"""Jobs that two processes share: their numbers, of `DIGITS` bytes each, are in a pipe."""
DIGITS = 2


def serve() -> None:
    """Import what drawing needs, then draw the jobs that come on standard input.

    On Linux a copy of this process draws, too: each takes the next job when it is free. An answer is a job's number and
    the content of its files, or None if it cannot be drawn.
    """
    end_with_parent(os.getppid())
    gc.set_threshold(1_000_000)  # as the command line does
    leave_out()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed must not come between the answers
    with _without("scipy"):  # seaborn imports it for statistics, in more time than all else together takes
        import seaborn  # noqa: F401
    from nnsweep.figures import heatmap  # noqa: F401 - imported now, while trials are trained
    from nnsweep.report import draw, overview_figures  # noqa: F401

    jobs, lock = pickle.load(sys.stdin.buffer), Lock()
    if sys.platform != "linux" or not 1 < len(jobs) <= MOST_SHARED:
        _draw(jobs, iter(range(len(jobs))), answers, lock)
        return
    numbers, end = os.pipe()
    os.write(end, b"".join(number.to_bytes(DIGITS) for number in range(len(jobs))))
    os.close(end)
    thread = Thread(target=_pass_on, args=(_copy(jobs, numbers), answers, lock), daemon=True)
    thread.start()
    _draw(jobs, _take(numbers), answers, lock)
    thread.join()
    with suppress(ChildProcessError):
        os.wait()  # so that its time counts as that of this process


def _copy(jobs: Sequence[Any], numbers: int) -> IO[bytes]:
    """Have a copy of this process draw, too; give the pipe of its answers, which ends where there is no copy."""
    here, (answers, end) = os.getpid(), os.pipe()
    with suppress(OSError):  # no room for another process
        if os.fork() == 0:
            with suppress(BaseException):
                end_with_parent(here)
                _draw(jobs, _take(numbers), os.fdopen(end, "wb"), Lock())
            os._exit(0)
    os.close(end)
    return os.fdopen(answers, "rb")


def _take(numbers: int) -> Iterator[int]:
    """Take the numbers of jobs that nobody draws yet."""
    while number := os.read(numbers, DIGITS):
        yield int.from_bytes(number)


def _draw(jobs: Sequence[Any], numbers: Iterator[int], answers: IO[bytes], lock: Lock) -> None:
    from nnsweep.figures.style import encode

    for number in numbers:
        job, suffixes = jobs[number]
        drawn = None
        with suppress(Exception):  # who draws it again hears of the error
            figure = job()
            drawn = [encode(figure, suffix) for suffix in suffixes]
        _answer(pickle.dumps((number, drawn)), answers, lock)


def _pass_on(copy: IO[bytes], answers: IO[bytes], lock: Lock) -> None:
    with suppress(OSError, EOFError, pickle.UnpicklingError):  # it has ended
        while True:
            _answer(pickle.dumps(pickle.load(copy)), answers, lock)


def _answer(content: bytes, answers: IO[bytes], lock: Lock) -> None:
    with lock:
        answers.write(content)
        answers.flush()


@contextmanager
def _without(package: str) -> Iterator[None]:
    """Hide an optional package from what is imported meanwhile."""
    modules: dict[str, Any] = sys.modules
    modules[package] = None
    try:
        yield
    finally:
        del modules[package]
