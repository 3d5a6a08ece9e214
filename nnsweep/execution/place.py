"""Where a plan is trained: in this process, or by workers."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass

from nnsweep.execution.plan import Plan, choose_jobs
from nnsweep.store import Store
from nnsweep.trainers.find import BUILT_IN

DEADLY = "crashed", "timeout"
"""How trials end that would end, or hold up, the process that they are in."""


@dataclass(frozen=True)
class Place:
    """How many trials are trained at once, with which time limit, and whether in this process.

    `notice` says why it is not where it was to be.
    """

    jobs: int
    timeout: float | None
    here: bool
    notice: str = ""


def choose_place(
    store: Store, plan: Plan, trainer_name: str, jobs: int | None = None, timeout: float | None = None
) -> Place:
    """Choose by the expected cost where `jobs` is None; a time limit, and what has ended a worker before, need one.

    Where no worker can be had, all is trained in this process, and there is no time limit.
    """
    number = choose_jobs(plan.cost, jobs)
    if number == 1 and timeout is None and not _is_deadly(store, plan, trainer_name, jobs):
        return Place(1, None, here=True)
    reason = why_no_workers(trainer_name)
    if not reason:
        return Place(number, timeout, here=False)
    limit = f", and the time limit of {timeout:g} s is not kept" if timeout is not None else ""
    return Place(1, None, here=True, notice=f"training in this process, without workers: {reason}{limit}")


def _is_deadly(store: Store, plan: Plan, trainer_name: str, jobs: int | None) -> bool:
    """Whether a trial of the plan has ended a worker before; or any that is stored, where nothing is said of `jobs`."""
    if trainer_name in BUILT_IN or not store.statuses().keys() & set(DEADLY):
        return False
    ids = [trial.id for stack in plan.stacks for trial in stack.trials]
    return jobs is None or any(outcome.status in DEADLY for outcome in store.ends(ids).values())


def why_no_workers(trainer_name: str) -> str:
    """Say why no worker can be started, or none could import the trainer; nothing where they can."""
    if multiprocessing.current_process().daemon:
        return "it is itself a worker of a pool, which may start no other process"
    try:
        multiprocessing.get_context("spawn").Lock()
    except (ImportError, OSError) as error:  # Python was built without semaphores, or the system has none to give
        return f"this system gives no semaphores ({error})"
    if trainer_name.startswith("__main__:"):
        return f"none could import `{trainer_name}`; from a module of its own it could"
    return ""
