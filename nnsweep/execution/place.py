"""Choose where a plan is trained: in this process, or by workers."""

from __future__ import annotations

from dataclasses import dataclass

from nnsweep.defaults import NUMPY
from nnsweep.execution.cpus import available_cpus
from nnsweep.execution.engines import NUMPY_ALONE, EngineChoice
from nnsweep.execution.plan import WORTH_SENDING, Plan, choose_jobs
from nnsweep.store import Store
from nnsweep.trainers.plugins import BUILT_IN

DEADLY = "crashed", "timeout"
"""How trials end that would end this process, or block it, if they were trained in it."""
BESIDE = 100_000
"""Trials from which on a worker trains while this process plans and stores, which then takes longer than training."""
DIED = "the last run ended without a word, perhaps because of what it trained: training in a worker, which may die"


@dataclass(frozen=True)
class Place:
    """How many stacks are trained at once, with how many seconds for each training, and whether in this process.

    `notice` says why it is not the place that was asked for.
    """

    jobs: int
    timeout: float | None
    here: bool
    notice: str = ""
    scheduler: str = ""
    """The Dask cluster that trains; "" if none does."""
    then_workers: bool = False
    """Whether workers take over from this process if the first trials show that the others take long enough."""
    beside: bool = False
    """Whether a worker trains all but the first stack, if one can be started, while this process plans and stores."""
    engine: str = NUMPY
    """What computes the stacks, in `threads` of each process."""
    threads: int = 1


def choose_place(
    store: Store,
    plan: Plan,
    trainer_name: str,
    jobs: int | None = None,
    timeout: float | None = None,
    share: float = 1.0,
    engine: EngineChoice = NUMPY_ALONE,
) -> Place:
    """Choose by the expected cost if `jobs` is None, or by the time of the first trials if the cost is not known.

    All that is to be trained costs `share` times as much as the plan.

    A time limit needs workers, and so does a trial that has ended a worker before. Where no worker can be started, all
    is trained in this process, without a time limit.
    """
    cost = plan.cost * share * engine.share + engine.start
    number, measure = choose_jobs(cost, jobs), jobs is None and not plan.by_trainer
    cheap = measure and (not plan.known or plan.cost < plan.count * WORTH_SENDING)
    here = timeout is None and (number == 1 or cheap)
    beside = here and jobs is None and not measure and plan.new * share >= BESIDE and available_cpus() > 1
    if here and not has_ended_processes(store, trainer_name):
        beside = beside and not why_no_workers(trainer_name)
        threads = available_cpus() if jobs is None and not beside and engine.engine != NUMPY else 1
        return Place(1, None, here=True, then_workers=measure, beside=beside, engine=engine.engine, threads=threads)
    reason = why_no_workers(trainer_name)
    if not reason:
        notice = DIED if here and _last_run_died(store) else ""
        return Place(number, timeout, here=False, notice=notice, engine=engine.engine)
    limit = f", and the time limit of {timeout:g} s is not kept" if timeout is not None else ""
    return Place(
        1, None, here=True, notice=f"training in this process, without workers: {reason}{limit}", engine=engine.engine
    )


def has_ended_processes(store: Store, trainer_name: str) -> bool:
    """Whether a user's code has ended or blocked a process: a trial crashed or timed out, or the last run died."""
    if trainer_name in BUILT_IN:
        return False
    return _last_run_died(store) or not store.statuses().keys().isdisjoint(DEADLY)


def _last_run_died(store: Store) -> bool:
    """Whether the last run never came to its end: it was killed, or ended by what it trained in its own process."""
    return any(run["ended"] is None for run in store.runs()[-1:])


def why_no_workers(trainer_name: str) -> str:
    """Say why no worker can be started, or why none could import the trainer; say nothing if workers can train."""
    import multiprocessing  # slow, and only needed for workers

    if multiprocessing.current_process().daemon:
        return "it is itself a worker of a pool, which may start no other process"
    try:
        multiprocessing.get_context("spawn").Lock()
    except (ImportError, OSError) as error:  # Python was built without semaphores, or the system has none to give
        return f"this system gives no semaphores ({error})"
    if trainer_name.startswith("__main__:"):
        return f"none could import `{trainer_name}`; from a module of its own it could"
    return ""
