"""A Dask cluster of real processes, started as Dask's documentation says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.helpers import PROJECT

PATIENCE = 240.0
"""Seconds for a process of the cluster to start, on a machine that is slow and busy."""


class DaskCluster:
    """A scheduler, and workers with one thread each. Use it as a context manager."""

    def __init__(self, folder: Path, **environment: str) -> None:
        """Start the scheduler. `environment` is that of its workers, too."""
        self._folder = folder
        self.environment = {**os.environ, "PYTHONPATH": str(PROJECT), **environment}
        self.file, self.scratch = folder / "scheduler.json", folder / "scratch"
        self.workers: list[subprocess.Popen[bytes]] = []
        self._client: Any = None
        self.restart()

    def restart(self) -> None:
        """Start the scheduler, the first or a new one."""
        self._close()
        self.file.unlink(missing_ok=True)
        self.scheduler = self._start("scheduler", "--port", "0", "--scheduler-file", self.file)
        wait_for(self.file.exists)

    def __enter__(self) -> DaskCluster:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        for process in (*self.workers, self.scheduler):
            end(process)

    def _close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _start(
        self, what: str, *arguments: object, before: Sequence[str] = (), **environment: str
    ) -> subprocess.Popen[bytes]:
        command = [*before, sys.executable, "-m", "distributed.cli.dask_" + what, "--host", "127.0.0.1"]
        with (self._folder / f"{what}.log").open("ab") as log:
            return subprocess.Popen(
                [*command, "--no-dashboard", *map(str, arguments)],
                cwd=self._folder,
                env=self.environment | environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def add(self, *arguments: object, before: Sequence[str] = (), **environment: str) -> subprocess.Popen[bytes]:
        """Start a worker, under a nanny that starts it again if it dies. `environment` is its own."""
        place = "--scheduler-file", self.file, "--nthreads", "1", "--local-directory", self.scratch
        self.workers.append(self._start("worker", *place, *arguments, before=before, **environment))
        return self.workers[-1]

    def remove_workers(self) -> None:
        """Kill all workers, and wait until the scheduler has noticed."""
        for process in self.workers:
            end(process)
        self.workers.clear()
        self.wait_for_workers(0)

    @property
    def client(self) -> Any:
        """A client of the tests."""
        from distributed import Client

        if self._client is None:
            self._client = Client(scheduler_file=str(self.file), set_as_default=False)
        return self._client

    @property
    def address(self) -> str:
        """The address of the scheduler."""
        return self.client.scheduler.address

    def wait_for_workers(self, count: int) -> None:
        """Wait until so many workers are there."""
        wait_for(lambda: len(self.client.nthreads()) == count)

    def log(self, what: str) -> str:
        """Read what processes have logged."""
        return (self._folder / f"{what}.log").read_text(encoding="utf-8")


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process of the cluster, and those that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _below(process: subprocess.Popen[bytes], mark: str) -> list[int]:
    import psutil

    found = []
    with suppress(psutil.Error):  # one has just ended
        for each in psutil.Process(process.pid).children(recursive=True):
            if mark in " ".join(each.cmdline()):
                found.append(each.pid)
    return found


def of_nanny(process: subprocess.Popen[bytes]) -> list[int]:
    """List the worker that a nanny has started, if it lives."""
    return _below(process, "spawn_main")


def trainees(process: subprocess.Popen[bytes]) -> list[int]:
    """List the processes that train for a worker."""
    return _below(process, "nnsweep")


def wait_for(condition: Any) -> None:
    """Wait until a condition holds."""
    began, ticking = time.monotonic(), threading.Event()
    while not condition():
        assert time.monotonic() - began < PATIENCE
        ticking.wait(0.02)
