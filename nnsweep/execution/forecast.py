"""Forecast what a run takes: time, memory and room on disk; from what the store's last run took, where there is one."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from nnsweep.execution.engines import NUMPY_ALONE, EngineChoice
from nnsweep.execution.plan import Forecast, Plan, choose_jobs
from nnsweep.store import Store
from nnsweep.trials.blocks import BLOCK
from nnsweep.trials.cells import IN_MEMORY

START = 0.5
"""Seconds to start the program, to open the store, and to write the tables of few trials."""
TRIAL = 12e-6
"""Seconds that a trial takes besides its training, its row in the tables included."""
MEMORY, IN_BLOCK, KEPT, READ = 80e6, 1000.0, 320.0, 55.0
"""Bytes of memory: of the program, for each trial of a block in training, for each trial whose outcome is kept in
memory, and for each one beyond these."""
FILE, ROW = 200e3, 130.0
"""Bytes on disk: of an empty store, and of a trial without its history."""
LARGEST = 1e15
"""No figure of a run is larger."""
FEW = 100
"""Trials that a run must have trained so that its figures tell of others."""


class Past(NamedTuple):
    """What the last complete run of a store took.

    `speed` is how many seconds of training a second of the plan's cost was, None where no run tells. `trial` is the
    seconds of a trial besides.
    """

    speed: float | None = None
    trial: float = TRIAL
    memory: float = 0.0
    """The most bytes of memory that it had."""
    row: float | None = None
    """Bytes on disk of each stored trial; None where too few are stored."""

    @classmethod
    def of(cls, store: Store) -> Past:
        """Read the runs of a store.

        Raises:
            StoreError: a run is not as it was written.
        """
        found, stored = cls(), sum(store.statuses().values())
        if stored >= FEW:
            with suppress(OSError):
                found = found._replace(row=max(0.0, store.path.stat().st_size - FILE) / stored)
        for run in reversed(store.runs()):
            record = _read(run["environment"])
            if run["ended"] is not None and record.get("trials", 0) >= FEW and record.keys() >= FIGURES:
                return found._replace(
                    speed=record["training_seconds"] / record["estimated_seconds"],
                    trial=max(TRIAL / 4, record["overhead_seconds"] / record["trials"]),
                    memory=record["peak_memory"],
                )
        return found


FIGURES = {"trials", "training_seconds", "estimated_seconds", "overhead_seconds", "peak_memory"}


def _read(environment: str) -> Mapping[str, Any]:
    """Read the figures of a run: positive numbers, the others are left out."""
    try:
        found = json.loads(environment)
    except (ValueError, RecursionError):  # nnsweep did not write it
        found = {}
    names = FIGURES & found.keys() if isinstance(found, dict) else ()
    return {name: found[name] for name in names if _is_positive(found[name])}


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < LARGEST


def forecast(plan: Plan, past: Past, jobs: int | None = None, engine: EngineChoice = NUMPY_ALONE) -> Forecast:
    """Forecast what a plan takes, with `jobs` workers (None: as many as its cost is worth).

    The speed of `engine` counts where the past does not tell.
    """
    new, trials = plan.new, plan.new + plan.cached
    speed = plan.cost * engine.share + engine.start if past.speed is None else plan.cost * past.speed
    training = speed if plan.by_trainer else plan.cost
    workers = min(choose_jobs(training, jobs), max(1, plan.count))
    seconds = START + training / workers + new * past.trial + trials * TRIAL / 2
    kept = min(trials, IN_MEMORY)
    memory = MEMORY + min(new, BLOCK) * IN_BLOCK + kept * KEPT + (trials - kept) * READ
    empty = 0.0 if plan.cached else FILE
    disk = empty + plan.histories.size + new * ROW if past.row is None else new * past.row
    return Forecast(seconds if plan.known else None, max(past.memory, memory), disk)


def peak_memory() -> int | None:
    """Give the most bytes of memory that this program has had; None where the system does not tell."""
    with suppress(OSError, ValueError, IndexError):  # on Linux `ru_maxrss` counts the program that started this one
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return 1024 * int(status.partition("VmHWM:")[2].split()[0])
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
