"""What runs on a Dask worker: it has processes of its own train stacks, so that no trainer can end the worker.

A process belongs to one run of one client. So a module that has changed since an earlier run is imported again, and a
worker may have any number of threads.
"""

from __future__ import annotations

import os
import pickle
import platform
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Lock, Timer
from typing import Any, NamedTuple

from nnsweep.data.places import mirrored
from nnsweep.errors import NnsweepError
from nnsweep.execution.backends.base import Report, Trained
from nnsweep.execution.backends.pool import Pool
from nnsweep.execution.backends.streams import launch
from nnsweep.execution.backends.worker import Job, Kept, Setup
from nnsweep.execution.packages import versions_of
from nnsweep.execution.stack import Stack

IDLE = 10.0
"""Seconds after which a process without work is ended: its client may have been killed."""
PACKAGES = "nnsweep", "numpy"
"""Packages that decide what comes of a trial."""
ANY = Stack.of([])
"""Stands for a stack, which stays with the client."""


class Answer(NamedTuple):
    """What came of a stack: a report, or an error that ends the run; None if this worker does not know the run.

    `address` and `name` are those of the worker. `kept` is what its trials logged and saved and nobody has fetched yet.
    """

    address: str
    name: str
    content: Report | NnsweepError | None
    kept: Sequence[Kept] = ()


def versions() -> dict[str, str]:
    """Give the versions that must be equal on all machines of a run."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"Python": python, **{name: _version(name) for name in PACKAGES}}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


class Run:
    """A run on this worker: its processes, each in a pool of its own."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._idle: dict[Pool, Timer] = {}
        self._busy = set[Pool]()
        self._lock, self._ended = Lock(), False
        self._kept: dict[int, list[Kept]] = {}

    def train(self, number: int, job: Job, seconds: float, is_wanted: Callable[[], bool]) -> Report | None:
        """Train a stack, whose number the client gave; None if nobody wants it any more.

        Raises:
            NnsweepError: the run cannot go on.
        """
        pool, report = self._take(), None
        try:
            pool.keep = lambda stack, kept: self._keep(number, kept)
            pool.submit(ANY, job, seconds)
            while report is None and not self._ended and is_wanted():
                report = pool.poll()
        finally:
            self._give_back(pool, report is not None)
        return report

    def _keep(self, number: int, kept: Kept) -> None:
        with self._lock:
            self._kept.setdefault(number, []).append(kept)

    def fetch(self) -> dict[int, list[Kept]]:
        """Give what trials logged and saved since the last call, by the numbers of their stacks."""
        with self._lock:
            found, self._kept = self._kept, {}
        return found

    def fetch_rest(self, number: int) -> Sequence[Kept]:
        """Give what the trials of one stack logged and saved since `fetch`."""
        with self._lock:
            return self._kept.pop(number, ())

    def _take(self) -> Pool:
        with self._lock:
            if self._idle:
                pool, timer = self._idle.popitem()
                timer.cancel()
            else:
                pool = Pool(self._setup, launch, lambda stack, kept: None)
            self._busy.add(pool)
            return pool

    def _give_back(self, pool: Pool, keep: bool) -> None:
        with self._lock:
            self._busy.discard(pool)
            if keep and not self._ended:
                self._idle[pool] = timer = Timer(IDLE, self._drop, (pool,))
                timer.daemon = True
                timer.start()
                return
        pool.cancel()

    def _drop(self, pool: Pool) -> None:
        with self._lock:
            if self._idle.pop(pool, None) is None:  # it has just got work
                return
        pool.cancel()

    def end(self) -> None:
        """Kill all processes, and remove the files that were sent."""
        with self._lock:
            self._ended, idle, busy = True, dict(self._idle), set(self._busy)
            self._idle.clear()
        for pool, timer in idle.items():
            timer.cancel()
            pool.cancel()
        for pool in busy:
            pool.kill()
        if self._setup.mirror:
            shutil.rmtree(self._setup.mirror, ignore_errors=True)


_runs: dict[str, Run] = {}


def begin(name: str, wanted: Mapping[str, str], setup: bytes, files: Sequence[str], dask_worker: Any) -> bool:
    """Get ready for a run; False if this machine does not have its files, which `receive` must then bring.

    Raises:
        NnsweepError: a version differs.
    """
    found = versions()
    for package, needed in wanted.items():
        if found[package] != needed:
            raise NnsweepError(f"it has {package} {found[package]}, and this run {needed}; install the same version")
    if not all(map(os.path.isfile, files)):
        return False
    known: Setup = pickle.loads(setup)
    if not os.path.isdir(known.working):
        known = replace(known, working="")
    _runs.setdefault(name, Run(known))
    return True


def receive(name: str, setup: bytes, contents: Mapping[str, bytes], dask_worker: Any) -> None:
    """Keep the files of a run, and get ready for it.

    Raises:
        NnsweepError: they cannot be written.
    """
    known: Setup = pickle.loads(setup)
    mirror = os.path.join(dask_worker.local_directory, name)
    working = mirrored(mirror, known.working)
    try:
        os.makedirs(working, exist_ok=True)
        for path, content in contents.items():
            file = Path(mirrored(mirror, path))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    except OSError as error:
        raise NnsweepError(f"it cannot keep the files of the run: {error}") from None
    _runs.setdefault(name, Run(replace(known, working=working, mirror=mirror)))


def end(name: str) -> None:
    """End a run."""
    run = _runs.pop(name, None)
    if run is not None:
        run.end()


def fetch(name: str) -> dict[int, list[Kept]]:
    """Give what the trials of a run logged and saved on this worker since the last call."""
    run = _runs.get(name)
    return {} if run is None else run.fetch()


def train(name: str, number: int, job: bytes, seconds: float) -> Answer:
    """Train a stack of a run."""
    from distributed import get_worker  # pyright: ignore[reportMissingImports]

    worker = get_worker()
    key, run = worker.get_current_task(), _runs.get(name)

    def is_wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state == "executing"

    try:
        content = None if run is None else run.train(number, pickle.loads(job), seconds, is_wanted)
    except NnsweepError as error:
        content = error
    kept = () if run is None else run.fetch_rest(number)
    return Answer(worker.address, str(worker.name), with_versions(content), kept)


def with_versions(content: Report | NnsweepError | None) -> Report | NnsweepError | None:
    """Look up the versions of imported packages, which the client may have in others."""
    if not isinstance(content, Trained) or not content.result.imported:
        return content
    found: dict[str, str] = {}
    with suppress(Exception):  # what other packages say of themselves may raise anything
        found = versions_of(content.result.imported)
    return replace(content, result=content.result._replace(imported=(), versions=found))
