"""What computes the stacks of this process: NumPy alone, or compiled code where it can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import TypeVar

from nnsweep.defaults import NUMPY

START = "start"
Item = TypeVar("Item")
Found = TypeVar("Found")


@dataclass(frozen=True)
class Computing:
    """`engine` is NUMPY or COMPILED; compiled code takes up to so many threads. Neither changes a bit of a result.

    `steps` counts those of the built-in trainer's trainings by what computed them, and under START the microseconds
    until compiled code could be called.
    """

    engine: str = NUMPY
    threads: int = 1
    steps: Counter[str] = field(default_factory=Counter)
    stopped: Event = field(default_factory=Event)
    """Set where what is computed is no longer wanted: Ctrl-C is heard by the main thread alone."""
    _lock: Lock = field(default_factory=Lock)

    def count(self, what: str, number: int) -> None:
        """Add to `steps`, from any thread."""
        with self._lock:
            self.steps[what] += number

    def check(self) -> None:
        """Go on, if what is computed is still wanted.

        Raises:
            InterruptedError: it is not.
        """
        if self.stopped.is_set():
            raise InterruptedError("the main thread was interrupted")


_current = [Computing()]


def current() -> Computing:
    """Give what computes now."""
    return _current[-1]


@contextmanager
def computing(engine: str, threads: int = 1) -> Iterator[Computing]:
    """Compute stacks that are made in this block so."""
    _current.append(Computing(engine, threads))
    try:
        yield _current[-1]
    finally:
        _current.pop()


def in_threads(call: Callable[[Item], Found], items: Iterable[Item]) -> list[Found]:
    """Call a function of every item, in as many threads as may compute; each call then computes in one thread."""
    from concurrent.futures import ThreadPoolExecutor

    outer = current()
    with computing(outer.engine) as inner:
        pool = ThreadPoolExecutor(outer.threads, "stack")
        try:
            found = [each.result() for each in [pool.submit(call, item) for item in items]]
        except BaseException:
            inner.stopped.set()
            raise
        finally:
            pool.shutdown(cancel_futures=True)
            for what, number in inner.steps.items():
                outer.count(what, number)
    return found
