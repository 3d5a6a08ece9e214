"""How trials are trained: what a user may choose, and what of it is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import inf
from numbers import Integral, Real
from typing import Any

from nnsweep.defaults import AUTO, ENGINES, SCHEDULER, SCHEDULERS
from nnsweep.design.sweep import Run
from nnsweep.errors import SpecError
from nnsweep.execution.events import Listener


@dataclass(frozen=True)
class Options:
    """How trials are trained. Nothing here changes what comes of a trial.

    `jobs` is the number of workers (None: as many as the cost is worth), `timeout` the seconds that a training may
    take. With `fail_fast` the run stops at the first trial that fails. With `quiet` it shows no progress. `listeners`
    hear of the run besides the progress bar. `scheduler` is the Dask cluster that trains instead of this machine.
    `engine` is what computes: `numpy`, `compiled`, or `auto`, which compiles what is worth it.

    Raises:
        SpecError: `jobs` is no whole number of at least 1, `timeout` no finite number greater than 0, `scheduler` names
            no cluster, both a scheduler and a number of jobs are given, a listener is none, or `engine` is none of
            these.
    """

    jobs: int | None = None
    timeout: float | None = None
    fail_fast: bool = False
    quiet: bool = True
    listeners: tuple[Listener, ...] = ()
    scheduler: str | None = None
    engine: str = AUTO

    def __post_init__(self) -> None:
        jobs, timeout = self.jobs, self.timeout
        if jobs is not None and not (_is_number(jobs, Integral) and jobs >= 1):
            raise SpecError(f"`jobs`: found {jobs!r}; allowed: a whole number of at least 1")
        if timeout is not None and not (_is_number(timeout, Real) and 0 < timeout < inf):
            raise SpecError(f"`timeout`: found {timeout!r}; allowed: a finite number of seconds, greater than 0")
        if found := [each for each in self.listeners if not isinstance(each, Listener)]:
            raise SpecError(f"`listeners`: found {found[0]!r}; allowed: objects of subclasses of `Listener`")
        if self.scheduler is not None and not (
            isinstance(self.scheduler, str) and re.fullmatch(SCHEDULER, self.scheduler)
        ):
            raise SpecError(f"`scheduler`: found {self.scheduler!r}; allowed: {SCHEDULERS}")
        if self.engine not in ENGINES:
            allowed = ", ".join(f'"{name}"' for name in ENGINES)
            raise SpecError(f"`engine`: found {self.engine!r}; allowed: {allowed}")
        if self.scheduler is not None and jobs is not None:
            raise SpecError(
                f"`jobs`: found {jobs} and a scheduler; allowed: one of them, for a cluster has its workers"
            )

    @property
    def stacked_for(self) -> int | None:
        """For how many workers a plan makes its stacks: those for a cluster are sized when it is known."""
        return self.jobs if self.scheduler is None else 1

    def of_sweep(self, run: Run) -> Options:
        """Take the settings of a sweep file where no other is given."""
        scheduler = self.scheduler or (run.scheduler if self.jobs is None else None)
        return replace(self, timeout=self.timeout or run.timeout, scheduler=scheduler)


def _is_number(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)
