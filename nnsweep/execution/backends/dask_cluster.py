"""A connection to a Dask cluster: its workers, made ready for a run, and the functions that they call.

All methods are coroutines of one event loop. Nothing else here knows of threads or of stacks.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from nnsweep.data.places import beside, candidates
from nnsweep.data.words import plain_line
from nnsweep.errors import NnsweepError
from nnsweep.execution.backends import dask_worker
from nnsweep.execution.backends.dask_worker import Answer
from nnsweep.execution.backends.worker import Kept

PATIENCE = 10.0
"""Seconds for a scheduler to answer, when the run begins; half of it when it ends."""
LOCAL = r"local(?::(\d+))?"
"""A cluster in this process."""
LOGGERS = "distributed", "distributed.client"
"""What Dask logs here of a lost connection, the run says in one line."""


class Cluster:
    """A scheduler and its workers, for one run. `files` are those that every worker must have."""

    def __init__(self, scheduler: str, run: str, setup: bytes, files: Sequence[str]) -> None:
        self._scheduler, self._run, self._setup, self._files = scheduler, run, setup, files
        self._count = 0
        self._client: Any = None
        self._own: Any = None
        self._levels = {name: logging.getLogger(name).level for name in LOGGERS}

    async def open(self) -> None:
        """Connect, and make the present workers ready.

        Raises:
            NnsweepError: no scheduler answers, or a worker cannot train.
        """
        from distributed import Client, LocalCluster  # pyright: ignore[reportMissingImports]

        for name in LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        found: dict[str, Any] = {"address": self._scheduler}
        if local := re.fullmatch(LOCAL, self._scheduler):
            # Its workers are threads: what they train is in processes of its own, whose environment is this one's.
            # Its pages are for this machine alone; by default they would be for everybody.
            number, page = int(local[1] or 0) or _cores(), "127.0.0.1:0"
            self._own = await LocalCluster(
                n_workers=number,
                threads_per_worker=1,
                processes=False,
                dashboard_address=page,
                worker_dashboard_address=page,
                asynchronous=True,
            )
            found = {"address": self._own}
        elif "://" not in self._scheduler:
            found = {"scheduler_file": _scheduler_file(self._scheduler)}
        try:
            self._client = await Client(**found, asynchronous=True, set_as_default=False, timeout=PATIENCE)
        except (OSError, ValueError) as error:
            said = f"no Dask scheduler answers at {self._scheduler} ({line_of(error)}); start one with `dask scheduler`"
            raise NnsweepError(said) from None
        await self.prepare(await self.threads())

    @property
    def is_own(self) -> bool:
        """Whether its workers are in this process."""
        return self._own is not None

    @property
    def where(self) -> str:
        """Name the scheduler and its page."""
        page = self._client.dashboard_link
        if self._own is not None:
            page = re.sub("//[^/]*:", "//127.0.0.1:", page)
        return f"Dask at {self._scheduler}; its page: {page}"

    async def threads(self) -> Mapping[str, int]:
        """Count the threads of each worker, by address.

        Raises:
            OSError: the scheduler is gone.
        """
        return await asyncio.wait_for(self._client.nthreads(), PATIENCE)

    async def prepare(self, addresses: Iterable[str]) -> None:
        """Make workers ready for the run, and bring them its files if they do not have them.

        Raises:
            NnsweepError: one of them has another version, or cannot keep the files.
        """
        needed = dask_worker.versions()
        ready = await self._on(addresses, dask_worker.begin, needed, self._setup, self._files)
        without = [address for address, has_files in ready.items() if not has_files]
        if without:
            contents = {path: Path(path).read_bytes() for path in self._files}
            await self._on(without, dask_worker.receive, self._setup, contents)

    async def _on(self, addresses: Iterable[str], function: Callable[..., Any], *arguments: Any) -> Mapping[str, Any]:
        """Call a function on workers; the answer of each."""
        answers = await self._client.run(function, self._run, *arguments, workers=list(addresses), on_error="return")
        for address, answer in answers.items():
            if isinstance(answer, NnsweepError):
                raise NnsweepError(f"worker {address}: {answer}")
            if isinstance(answer, Exception) and not isinstance(answer, OSError):  # else that worker has just left
                needed = dask_worker.versions()["nnsweep"]
                said = f"it cannot run nnsweep {needed} ({line_of(answer)}); install this version there"
                raise NnsweepError(f"worker {address}: {said}")
        return {address: answer for address, answer in answers.items() if not isinstance(answer, Exception)}

    async def fetch(self, addresses: Iterable[str]) -> list[Mapping[int, Sequence[Kept]]]:
        """Give what trials logged and saved on workers since the last call, by the numbers of their stacks."""
        return list((await self._on(addresses, dask_worker.fetch)).values())

    async def train(self, number: int, job: bytes, seconds: float) -> Answer:
        """Have a worker train a stack, known by a number. Its result is kept nowhere else when it has come.

        Raises:
            KilledWorker: the workers that had it died, one after the other.
            FutureCancelledError: the scheduler is gone.
            NnsweepError: a worker cannot train.
        """
        while True:
            self._count += 1
            # Dask gives an old result for a key that it knows, and by default makes keys of functions and arguments.
            future = self._client.submit(
                dask_worker.train, self._run, number, job, seconds, key=f"{self._run}-{self._count}", pure=False
            )
            try:
                answer: Answer = await future
            finally:
                future.release()  # a result that is held is computed again when its worker leaves
            if answer.content is not None:
                return answer
            await self.prepare([answer.address])

    async def close(self, lost: bool) -> None:
        """End the run on all workers, and the connection."""
        with suppress(asyncio.TimeoutError, OSError):
            if self._client is not None and not lost:
                await asyncio.wait_for(self._client.run(dask_worker.end, self._run, on_error="ignore"), PATIENCE / 2)
        for opened in (self._client, self._own):
            with suppress(asyncio.TimeoutError, OSError):
                if opened is not None:
                    await asyncio.wait_for(opened.close(), PATIENCE / 2)
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)


def _cores() -> int:
    from joblib import cpu_count

    return cpu_count()


def _scheduler_file(name: str) -> str:
    paths = candidates(name, beside())
    file = next((path for path in paths if os.path.isfile(path)), None)
    if file is None:
        looked = " and ".join(map(str, paths))
        said = f"{name}: there is no such scheduler file; looked for {looked}; `dask scheduler` writes one"
        raise NnsweepError(f"{said} with --scheduler-file")
    return str(file)


def line_of(error: BaseException) -> str:
    """Write an error as its type and the first line of its message."""
    said = plain_line(error)
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
