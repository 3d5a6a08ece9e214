"""Worker processes, each with a pipe to this one, that train stacks. The death of one leaves the others at work."""

from __future__ import annotations

import pickle
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from math import inf, isfinite
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, NamedTuple, Protocol

from nnsweep.errors import NnsweepError
from nnsweep.execution.backends.allowance import Allowance, is_stopped
from nnsweep.execution.backends.base import Died, Overran, Report, Trained
from nnsweep.execution.backends.worker import READY, Job, Kept, Pipe, Setup
from nnsweep.execution.signals import block_sigint, defer_signals
from nnsweep.execution.stack import Stack

TICK = 1.0
"""Seconds between two looks at silent workers: one may have died while a child of it holds its pipe open."""
PATIENCE = 1.0
"""Seconds that a thread has to read the last message of a dead worker."""


class Process(Protocol):
    """A worker process, as `multiprocessing` has it."""

    @property
    def pid(self) -> int | None: ...
    def is_alive(self) -> bool: ...


Launch = Callable[[], tuple[Process, Pipe]]
"""Starts a process that serves the other end of the pipe. It may raise `OSError`."""


class Message(NamedTuple):
    """What a worker sent: `READY`, `Kept`, a result, or an error; None if its pipe was closed at the other end."""

    worker: Worker
    content: Any


class Pool:
    """Worker processes, which are started as they are needed and kept until `cancel`."""

    def __init__(self, setup: Setup, launch: Launch, keep: Callable[[Stack, Kept], object], most: float = inf) -> None:
        """Start no process yet, and never more than `most`, which take further stacks one after the other.

        `keep` is called, in `next` and `poll`, with what trials of a stack log and save.
        """
        self._setup, self._launch, self.keep = pickle.dumps(setup), launch, keep
        self._messages, self._most = SimpleQueue[Message](), most
        self._reports = deque[Report]()
        self._idle: list[Worker] = []
        self._busy: list[Worker] = []
        self.deaths = 0
        """How many workers have died, with a stack or without."""

    def submit(self, stack: Stack, job: Job, seconds: float = inf) -> None:
        """Give a stack, as a job, to a worker that is idle, or start one, or give it to the one that has the fewest.

        Raises:
            NnsweepError: no process can be started.
        """
        if len(self._busy) < self._most:
            worker = self._idle_worker() or self._new_worker()
            self._busy.append(worker)
        else:
            worker = min(self._busy, key=lambda each: len(each.assigned))
        worker.assign(stack, replace(job, seconds=seconds))

    def start(self) -> None:
        """Start a worker, which gets ready until there is a stack for it.

        Raises:
            NnsweepError: no process can be started.
        """
        self._idle.append(self._new_worker())

    def _new_worker(self) -> Worker:
        return Worker(self._setup, self._launch, self._messages)

    def _idle_worker(self) -> Worker | None:
        """Take a worker that is idle and alive. A stack must not be charged for a death before its training."""
        while self._idle:
            worker = self._idle.pop()
            if worker.process.is_alive():
                return worker
            self.deaths += 1
            worker.end()
        return None

    def next(self) -> Report:
        """Wait until a worker has trained its stack, has died, or is over its time."""
        while True:
            report = self.poll()
            if report is not None:
                return report

    def poll(self) -> Report | None:
        """Wait for a report no longer than one tick."""
        if not self._reports:
            messages = self._wait()
            with defer_signals():
                for message in messages:
                    self._take(message)
                self._look_at_silent()
        return self._reports.popleft() if self._reports else None

    def _wait(self) -> list[Message]:
        """Wait for messages, but no longer than one tick.

        The wait is on a queue that threads fill, so that a worker that is stopped while it reads or writes blocks its
        thread and nobody else. `SimpleQueue` holds no lock that Ctrl-C could leave locked.
        """
        ticks = [worker.allowance.tick for worker in self._busy if worker.allowance is not None]
        messages: list[Message] = []
        with suppress(Empty):
            messages.append(self._messages.get(timeout=min(ticks, default=TICK)))
            while True:
                messages.append(self._messages.get_nowait())
        return messages

    def _take(self, message: Message) -> None:
        worker, content = message
        if worker not in self._busy:  # it was ended, and this is its last message
            return
        if isinstance(content, BaseException):
            raise content
        if content is None:
            self._report_death(worker)
        elif isinstance(content, Kept):
            self.keep(worker.stack, content)
        elif content == READY:
            worker.begin()
        else:
            overhead = time.perf_counter() - worker.submitted - content.seconds
            self._reports.append(Trained(worker.stack, content, overhead))
            if not worker.finish():
                self._busy.remove(worker)
                self._idle.append(worker)

    def _look_at_silent(self) -> None:
        """Find workers that are over their time, and those that died while another process holds their pipe open."""
        for worker in list(self._busy):
            if worker.is_late():
                self._reports.append(Overran(worker.stack))
                self._end(worker)
            elif not worker.process.is_alive() and not worker.has_message(PATIENCE):
                self._report_death(worker)

    def _report_death(self, worker: Worker) -> None:
        self.deaths += 1
        self._reports.append(Died(worker.stack, ready=worker.ready))
        self._end(worker)

    def _end(self, worker: Worker) -> None:
        """End a worker. What it has not begun goes to another one."""
        self._busy.remove(worker)
        worker.end()
        for stack, job in list(worker.assigned)[1:]:
            self.submit(stack, job, job.seconds)

    def kill(self) -> None:
        """Kill the workers that train, from any thread; `poll` reports their deaths."""
        for worker in list(self._busy):
            worker.kill()

    def cancel(self) -> None:
        """Kill every worker, and the processes that these started."""
        for worker in (*self._idle, *self._busy):
            worker.end()
        self._idle, self._busy = [], []
        self._reports.clear()


class Worker:
    """A process that trains one stack at a time, and a thread that waits for what it sends."""

    submitted: float
    """When the stack in training was handed over, or the one before it ended, by `time.perf_counter`."""

    def __init__(self, setup: bytes, launch: Launch, messages: SimpleQueue[Message]) -> None:
        """Start the process.

        Raises:
            NnsweepError: the system does not start it.
        """
        self.ready = False
        self.allowance: Allowance | None = None
        self.assigned = deque[tuple[Stack, Job]]()
        """The stack in training, and those that come next."""
        self._outbox, self._messages = SimpleQueue[bytes | None](), messages
        self._outbox.put(setup)
        try:
            self.process, self._pipe = launch()
        except OSError as error:
            raise NnsweepError(f"no worker can be started: {error}") from None
        self._thread = Thread(target=self._converse, daemon=True)
        with block_sigint():
            self._thread.start()

    @property
    def stack(self) -> Stack:
        """The stack in training."""
        return self.assigned[0][0]

    def assign(self, stack: Stack, job: Job) -> None:
        """Have a stack trained, as soon as the process is ready and has trained those before it."""
        self.assigned.append((stack, job))
        if self.ready:
            self._send(job)

    def begin(self) -> None:
        """Send what was assigned while the process got ready."""
        self.ready = True
        for _, job in self.assigned:
            self._send(job)

    def _send(self, job: Job) -> None:
        if job is self.assigned[0][1]:
            self._start_clock()
        self._outbox.put(pickle.dumps(job))

    def _start_clock(self) -> None:
        """Begin the time of the stack in training."""
        self.submitted = time.perf_counter()
        seconds = self.assigned[0][1].seconds
        self.allowance = Allowance(seconds, time.monotonic()) if isfinite(seconds) else None

    def finish(self) -> bool:
        """Forget the stack that has been trained; tell whether another one is in training now."""
        self.assigned.popleft()
        self.allowance = None
        if self.assigned:
            self._start_clock()
        return bool(self.assigned)

    def is_late(self) -> bool:
        """Count the time since the last look, unless the process is stopped, and tell whether all of it is used up."""
        if self.allowance is None:
            return False
        self.allowance.count(time.monotonic(), is_stopped(self.process.pid or 0))
        return self.allowance.left <= 0

    def has_message(self, patience: float) -> bool:
        """Tell whether the thread has read to the end of the pipe, so that its last message is on the way."""
        self._thread.join(patience)
        return not self._thread.is_alive()

    def kill(self) -> None:
        """Kill the process, and those that it started."""
        from joblib.externals.loky.backend.utils import kill_process_tree

        if self.process.is_alive():
            kill_process_tree(self.process)

    def end(self) -> None:
        """Kill the process, and close its pipe."""
        self.kill()
        self._outbox.put(None)
        self._thread.join(PATIENCE)
        if not self._thread.is_alive():  # else another process holds the other end, and the thread still reads
            self._pipe.close()

    def _converse(self) -> None:
        """Send what is in the outbox, and receive one answer for each, and what is logged and saved before it."""
        try:
            while (sent := self._outbox.get()) is not None:
                self._pipe.send_bytes(sent)
                while isinstance(content := pickle.loads(self._pipe.recv_bytes()), Kept):
                    self._messages.put(Message(self, content))
                self._messages.put(Message(self, content))
        except (EOFError, OSError):
            self._messages.put(Message(self, None))
        except BaseException as error:  # such as MemoryError: `next` raises it
            self._messages.put(Message(self, error))
