"""Draw figures in a process of their own, which imports matplotlib and seaborn while this one trains."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from types import MappingProxyType
from typing import Any, Self

from nnsweep.folder.save_figures import Draw, Put, save_as

Job = tuple[Draw, Sequence[str]]
"""How a figure is drawn, and the suffixes of the formats in which it is saved."""
MOST = 32 * 2**20
"""Bytes of jobs that are sent: with very many trials, a copy of their table would take more than it saves."""
SERVE = "import sys; sys.path[:] = sys.argv[1:]; from nnsweep.report.drawing_worker import serve; serve()"


class DrawingProcess:
    """A process that draws, started when it is first needed. A context manager, which ends the process.

    The process is only faster: whatever it does not draw, because it died or an error was raised, its user draws.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._drawn: SimpleQueue[tuple[int, list[bytes] | None] | None] = SimpleQueue()
        self._early: dict[int, list[bytes] | None] = {}
        self._received = 0
        self._exchange = Thread(target=self._send_and_take, daemon=True)
        self._jobs = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is None:
            return
        with suppress(OSError), self._process:  # OSError: it has not taken all jobs
            self._process.kill()
            if self._exchange.ident is not None:
                self._exchange.join()

    def start(self) -> None:
        """Start the process, unless it would save no time: without a second core, or where seaborn is imported."""
        if self._process is None and _cores() > 1 and "seaborn" not in sys.modules and sys.executable:
            pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
            command = [sys.executable, "-c", SERVE, *map(os.path.abspath, sys.path)]
            with suppress(OSError):  # of another process group, so that it does not take Ctrl-C
                self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nothing, process_group=0)

    def send(self, jobs: Sequence[Job]) -> None:
        """Have figures drawn; `receive` must be called once for each."""
        self.start()
        self._jobs = _pickled(jobs) if self._process else b""
        if self._jobs:
            self._exchange.start()
        else:
            self._drawn.put(None)

    def receive(self) -> list[bytes] | None:
        """Wait for the next figure: the content of its files. None if it must be drawn here."""
        self._received += 1
        while self._received - 1 not in self._early:
            drawn = self._drawn.get()
            if drawn is None:
                self._drawn.put(None)  # so that nobody waits for the others
                return None
            self._early |= [drawn]
        return self._early.pop(self._received - 1)

    def save_as(self, draw: Draw, paths: Sequence[Path], put: Put) -> None:
        """Have one figure drawn, here if not by the process, and let `put` save it at each path."""
        self.send([(draw, [path.suffix for path in paths])])
        contents = self.receive()
        if contents is None:
            save_as(draw, paths, put)
        for path, content in zip(paths, contents or (), strict=False):
            put(path, lambda draft, content=content: draft.write_bytes(content))

    def _send_and_take(self) -> None:
        """Send the jobs and take what is drawn, in a thread: both wait for the process."""
        process: Any = self._process  # which has its pipes
        with suppress(OSError, EOFError, pickle.UnpicklingError):
            process.stdin.write(self._jobs)
            process.stdin.close()
            while True:
                self._drawn.put(pickle.load(process.stdout))
        self._drawn.put(None)


class _Pickler(pickle.Pickler):
    """Pickles the read-only mappings of a sweep too. cloudpickle does, but its import would delay the jobs."""

    def reducer_override(self, each: Any) -> Any:
        return (_read_only, (dict(each),)) if isinstance(each, MappingProxyType) else NotImplemented


def _read_only(content: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(content)


class _TooLongError(Exception):
    """More than MOST bytes."""


class _Limited(BytesIO):
    """A file in memory that refuses to grow beyond MOST bytes, before it takes them."""

    def write(self, data: Any, /) -> int:
        if self.tell() + memoryview(data).nbytes > MOST:
            raise _TooLongError
        return super().write(data)


def _pickled(jobs: Sequence[Job]) -> bytes:
    """Pickle jobs; empty if that takes more than MOST bytes."""
    content = _Limited()
    try:
        _Pickler(content, pickle.HIGHEST_PROTOCOL).dump(jobs)
    except _TooLongError:
        return b""
    return content.getvalue()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
