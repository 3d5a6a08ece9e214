"""Train stacks on a Dask cluster."""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from dataclasses import replace
from math import inf
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from uuid import uuid4

from nnsweep import format
from nnsweep.computing import current
from nnsweep.data.places import beside
from nnsweep.errors import NnsweepError
from nnsweep.execution.backends.base import NO_KEEPER, Backend, Died, Keeper, Report, Trained
from nnsweep.execution.backends.dask_cluster import PATIENCE, Cluster, line_of
from nnsweep.execution.backends.dask_worker import versions
from nnsweep.execution.backends.worker import DIGITS, Job, Kept, Setup
from nnsweep.execution.origin import files_of_run
from nnsweep.execution.signals import block_sigint
from nnsweep.execution.stack import Stack
from nnsweep.trainers import load
from nnsweep.trainers.function import FunctionTrainer
from nnsweep.trainers.session import packed

LOST = "the connection to Dask's scheduler is lost; what was trained is stored; run the same command to go on"
AHEAD = 4
"""For so many slots one stack waits at the scheduler. Were it more, some would end late, behind long ones."""
TICK = 1.0
"""Seconds between two looks at which workers there are."""


class DaskBackend(Backend):
    """Trains on the workers of a Dask cluster. A thread holds the connection, and a coroutine waits for each stack."""

    survives_death = True
    keeps_timeout = True

    def __init__(
        self,
        trainer_name: str,
        scheduler: str,
        say: Callable[[str], object] = lambda line: None,
        keeper: Keeper = NO_KEEPER,
    ) -> None:
        """Connect. In `next`, `say` is called with lines about workers that come and go, the keeper with what
        trials log and save.

        Raises:
            NnsweepError: Dask is not installed, no scheduler answers, or a worker cannot train.
        """
        if not is_installed():
            raise NnsweepError("a scheduler needs Dask, which is not installed; pip install 'nnsweep[dask]'")
        trainer = load(trainer_name)
        self._fingerprint, self._say, self._keep = trainer.fingerprint, say, keeper.keep
        self._may_keep = isinstance(trainer, FunctionTrainer)
        self._in_training: dict[int, Stack] = {}
        self._count_of_stacks, self._fetching = 0, asyncio.Lock()
        setup = Setup(
            beside(), trainer_name, trainer.version, packed(trainer_name), True, os.getcwd(), engine=current().engine
        )
        if keeper.artifacts is not None:
            setup = replace(
                setup,
                artifacts=str(keeper.artifacts),
                artifacts_number=keeper.artifacts.parent.stat().st_ino,
            )
        files = [str(path) for path in files_of_run()]
        self._cluster = Cluster(scheduler, f"nnsweep-{uuid4().hex[:12]}", pickle.dumps(setup), files)
        self._news = SimpleQueue[Report | NnsweepError | str | tuple[Stack, Kept]]()
        self._tasks = set[asyncio.Task[None]]()
        self._lost = self._cancelled = False
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda loop, context: None)  # what broken connections leave: `_lose` says it
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        with block_sigint():
            self._thread.start()
        try:
            self._call(self._open())
        except BaseException:
            self.cancel()
            raise

    def _call(self, coroutine: Coroutine[Any, Any, None], timeout: float | None = None) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout)

    async def _open(self) -> None:
        await self._cluster.open()
        self.where, self._workers = self._cluster.where, {}
        self._count(await self._cluster.threads())
        self._start(self._watch())

    def _start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _count(self, workers: Mapping[str, int]) -> None:
        """Take note of which workers there are. Where there is none, a stack waits for one at the scheduler."""
        self._workers = workers
        self.slots = max(1, sum(workers.values()))
        self.ahead = max(1, self.slots // AHEAD)

    async def _watch(self) -> None:
        """Notice workers that come and go, and a scheduler that is gone."""
        while True:
            await asyncio.sleep(TICK)
            try:
                workers = await self._cluster.threads()
            except TimeoutError:  # it has much to do
                continue
            except OSError:
                self._lose()
                return
            came, left = workers.keys() - self._workers, self._workers.keys() - workers
            self._count(workers)
            if came or left:
                self._news.put(_format_change(came, left, self._workers))
            if self._may_keep:
                await self._fetch()

    async def _fetch(self) -> None:
        """Fetch what trials log and save, so that it survives the death of their worker."""
        with suppress(asyncio.TimeoutError, OSError, NnsweepError):
            async with self._fetching, asyncio.timeout(2 * TICK):
                for kept in await self._cluster.fetch(self._workers):
                    for number, parts in kept.items():
                        self._put_kept(number, parts)

    def _put_kept(self, number: int, parts: Sequence[Kept]) -> None:
        stack = self._in_training.get(number)
        if stack is not None:
            for part in parts:
                self._news.put((stack, part))

    def _lose(self) -> None:
        if not self._lost:
            self._lost = True
            self._news.put(NnsweepError(LOST))

    def submit(self, stack: Stack, seconds: float = inf) -> None:
        """Hand a stack to the scheduler. Its time begins when a worker begins to train it."""
        job = pickle.dumps(Job.of(stack, self._fingerprint, mixed=True))
        self._loop.call_soon_threadsafe(lambda: self._start(self._train(stack, job, seconds)))

    async def _train(self, stack: Stack, job: bytes, seconds: float) -> None:
        self._count_of_stacks += 1
        number = self._count_of_stacks
        self._in_training[number] = stack
        try:
            await self._train_numbered(number, stack, job, seconds)
        finally:
            del self._in_training[number]

    async def _train_numbered(self, number: int, stack: Stack, job: bytes, seconds: float) -> None:
        from distributed import KilledWorker  # pyright: ignore[reportMissingImports]

        try:
            answer = await self._cluster.train(number, job, seconds)
        except KilledWorker:
            self._news.put(Died(stack))
        except (CancelledError, OSError):
            self._lose()
        except NnsweepError as error:
            self._news.put(error)
        except Exception as error:
            self._news.put(await self._explain(error))
        else:
            async with self._fetching:  # what is on the way comes before the report
                self._put_kept(number, answer.kept)
                self._news.put(_report(stack, answer))

    async def _explain(self, error: Exception) -> NnsweepError:
        """Say why a worker could not even begin, such as one that came later and has no nnsweep."""
        try:
            await self._cluster.prepare(await self._cluster.threads())
        except NnsweepError as found:
            return found
        except (OSError, TimeoutError):
            pass
        needed = f"the scheduler needs nnsweep {versions()['nnsweep']}, too"
        return NnsweepError(f"Dask cannot have a stack trained ({line_of(error)}); {needed}")

    def next(self) -> Report:
        """Wait until a worker has trained its stack, has died, or is over its time."""
        while True:
            news = self._wait()
            if isinstance(news, NnsweepError):
                raise news
            if isinstance(news, str):
                self._say(news)
            elif isinstance(news, tuple):
                stack, kept = news
                self._keep(stack.trials[kept.place].id, kept.content)
            elif news is not None:
                if not self._cluster.is_own:
                    _print(news)
                return news

    def _wait(self) -> Report | NnsweepError | str | tuple[Stack, Kept] | None:
        with suppress(Empty):
            return self._news.get(timeout=TICK)
        return None

    def cancel(self) -> None:
        """Stop what the workers train, end their processes for this run, and disconnect."""
        if self._cancelled:
            return
        self._cancelled = True
        with suppress(Late):
            self._call(self._close(), 3 * PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._cluster.close(self._lost)


def is_installed() -> bool:
    """Tell whether Dask can be imported."""
    from importlib.util import find_spec

    return find_spec("distributed") is not None


def _report(stack: Stack, answer: Any) -> Report | NnsweepError:
    if isinstance(answer.content, NnsweepError):
        return NnsweepError(f"worker {answer.name}: {answer.content}")
    report = replace(answer.content, stack=stack)
    return replace(report, worker=answer.name) if isinstance(report, Trained) else report


def _print(report: Report) -> None:
    """Print what a trainer printed elsewhere, as if it had been here."""
    if not isinstance(report, Trained) or report.stack.silent or sys.stderr is None:
        return
    for place, text in report.result.printed:
        name = report.stack.trials[place].id[:DIGITS]
        print(*(f"{name} | {line}" for line in text.splitlines()), sep="\n", file=sys.stderr)


def _format_change(came: set[str], left: set[str], workers: Mapping[str, int]) -> str:
    return f"Dask: {format.count(len(came), 'worker')} came, {len(left)} left; there are {len(workers)}"
