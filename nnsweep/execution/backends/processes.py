"""Train stacks in worker processes of this machine."""

from __future__ import annotations

import os
from math import inf
from typing import Any

from nnsweep.computing import current
from nnsweep.data.places import beside
from nnsweep.execution.backends.base import NO_KEEPER, Backend, Keeper, Report
from nnsweep.execution.backends.pool import Pool, Process
from nnsweep.execution.backends.worker import Job, Kept, Pipe, Setup, serve
from nnsweep.execution.signals import block_sigint
from nnsweep.execution.stack import Stack
from nnsweep.trainers import load
from nnsweep.trainers.session import packed


class ProcessBackend(Backend):
    """Trains in worker processes, which it starts as they are needed and keeps until `cancel`."""

    survives_death = True
    keeps_timeout = True

    def __init__(self, trainer_name: str, slots: int, keeper: Keeper = NO_KEEPER, ahead: int = 0) -> None:
        trainer = load(trainer_name)
        self.slots, self.ahead, self._fingerprint, self._keep = slots, ahead, trainer.fingerprint, keeper.keep
        artifacts = str(keeper.artifacts or "")
        setup = Setup(
            beside(), trainer_name, trainer.version, packed(trainer_name), artifacts=artifacts, engine=current().engine
        )
        self._pool = Pool(setup, launch, self._take_kept, slots)

    @property
    def deaths(self) -> int:
        """How many workers have died, with a stack or without."""
        return self._pool.deaths

    def start(self) -> None:
        """Start a worker before there is a stack for it.

        Raises:
            NnsweepError: no process can be started.
        """
        self._pool.start()

    def submit(self, stack: Stack, seconds: float = inf) -> None:
        """Give a stack to a worker that is idle, or start one.

        Raises:
            NnsweepError: no process can be started.
        """
        self._pool.submit(stack, Job.of(stack, self._fingerprint), seconds)

    def next(self) -> Report:
        """Wait until a worker has trained its stack, has died, or is over its time."""
        return self._pool.next()

    def _take_kept(self, stack: Stack, kept: Kept) -> None:
        self._keep(stack.trials[kept.place].id, kept.content)

    def cancel(self) -> None:
        """Kill every worker, and the processes that these started."""
        self._pool.cancel()


def launch() -> tuple[Process, Pipe]:
    """Start a worker. `spawn` would run the user's script again in each; loky does not."""
    from joblib.externals.loky.backend import get_context

    context: Any = get_context("loky")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, os.getpid()))
    _start_trackers()
    with block_sigint():
        try:
            process.start()
        finally:
            theirs.close()  # so that the worker alone has this end, and its death closes the pipe
    return process, ours


def _start_trackers() -> None:
    """Start the processes that clean up after workers: to start one later would end `block_sigint` too early."""
    from multiprocessing import resource_tracker

    from joblib.externals.loky.backend import resource_tracker as loky_tracker

    resource_tracker.ensure_running()
    loky_tracker.ensure_running()
