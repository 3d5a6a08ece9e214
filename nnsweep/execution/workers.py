"""Worker processes: each a loky pool of its own, that no death can leave waiting."""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from nnsweep.data.places import beside
from nnsweep.execution.allowance import Allowance, is_stopped
from nnsweep.execution.plan import Stack
from nnsweep.execution.signals import born_deaf
from nnsweep.execution.worker import Trained, begin, make_ready, train_same_data
from nnsweep.trainers import load
from nnsweep.trainers.protocol import Params
from nnsweep.trainers.session import packed

if TYPE_CHECKING:
    from concurrent.futures import Future

LONGEST_WAIT = 3600.0
"""Seconds of one wait for workers without a time limit, as no lock can be waited for without end."""

NAMED = 8
"""Digits of an id that stand before what its trial prints."""

Done = SimpleQueue["Worker"]
"""Where workers stand in line that have something to tell.

Not `concurrent.futures.wait`: a Ctrl-C there may leave locks held that the end of the workers needs.
"""


def params_of(stack: Stack) -> list[Params]:
    """Give what a trainer trains."""
    return [trial.params for trial in stack.trials]


def name_of(stack: Stack) -> str:
    """Name a stack by its trial, or by the first of several, for what they print."""
    return stack.trials[0].id[:NAMED] + "…" * (len(stack.trials) > 1)


class Worker:
    """A process that trains one stack at a time."""

    def __init__(self, trainer_name: str, stack: Stack, timeout: float | None, done: Done) -> None:
        """Start a process, which trains the stack as soon as it is ready."""
        from joblib.externals.loky import ProcessPoolExecutor

        self.stack = stack
        self.allowance: Allowance | None = None
        self.handed = time.perf_counter()
        self._trainer_name, self._timeout, self._done = trainer_name, timeout, done
        self._pool: Any = ProcessPoolExecutor(max_workers=1, initializer=begin, initargs=(os.getpid(), beside()))
        self._pool._call_queue._ignore_epipe = True  # a pipe that breaks is no fault of what was to be sent
        with born_deaf():  # only now: making the pool has started loky's resource tracker, which ends such a block
            self._submit(make_ready, trainer_name, load(trainer_name).version, packed(trainer_name))
        # The process has these ends of its pipes. Were they open here too, what is half read or half written when
        # it dies would be waited for without end.
        self._pool._call_queue._reader.close()
        self._pool._result_queue._writer.close()

    def train(self, stack: Stack) -> bool:
        """Have a stack trained; False if the process died while it had nothing to do."""
        self.stack = stack
        if not all(process.is_alive() for process in list(self._pool._processes.values())):
            return False  # loky may not have noticed yet, and the stack would be blamed
        try:
            params = params_of(stack)
            data_of = list(map(load(self._trainer_name).fingerprint, params))
            self._submit(train_same_data, self._trainer_name, params, data_of, name_of(stack), stack.silent)
        except Exception:  # loky has several for a pool that is broken, and for a pipe that is
            return False
        self.handed = time.perf_counter()
        if self._timeout is not None:
            self.allowance = Allowance(self._timeout * stack.trainings, time.monotonic())
        return True

    def result(self) -> Trained | None:
        """What came of the last that it was given; None when it has made itself ready.

        Raises:
            Exception: the process died, or what it made could not be sent.
        """
        return self._future.result(timeout=0)

    def count(self) -> None:
        """Count the time since the last look, unless the process is stopped."""
        if self.allowance is not None:
            self.allowance.count(time.monotonic(), any(map(is_stopped, list(self._pool._processes))))

    def is_late(self) -> bool:
        """Tell whether the process is over its time."""
        return self.allowance is not None and self.allowance.left <= 0

    def end(self) -> None:
        """Kill the process, and those that it started."""
        # loky stumbles over what it has not taken in hand when it is told to end.
        deadline = time.monotonic() + 1.0
        while not (self._future.running() or self._future.done()) and time.monotonic() < deadline:
            time.sleep(0.001)
        self._pool.shutdown(kill_workers=True)

    def _submit(self, function: Any, *arguments: Any) -> None:
        self.allowance = None
        self._future: Future[Any] = self._pool.submit(function, *arguments)
        self._future.add_done_callback(lambda _: self._done.put(self))


def next_of(workers: Collection[Worker], done: Done) -> tuple[Worker, bool]:
    """Wait for a worker that has done what it was given, or died, or is over its time: then True."""
    while True:
        ticks = [worker.allowance.tick for worker in workers if worker.allowance is not None]
        try:
            worker = done.get(timeout=min(ticks, default=LONGEST_WAIT))
        except Empty:
            worker = None
        for each in workers:
            each.count()
        if worker in workers:  # else it has been ended, and this is its last word
            return worker, False
        late = [each for each in workers if each.is_late()]
        if late and worker is None:
            return late[0], True
