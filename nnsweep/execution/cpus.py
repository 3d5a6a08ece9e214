"""How many processors this process may use: what Slurm gave it, its affinity, the limits of its control groups."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from math import ceil, inf
from pathlib import Path

PROCESS, GROUPS = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")


def available_cpus() -> int:
    """Count the processors that this process may use, which may be fewer than the machine has."""
    from joblib import cpu_count  # respects CPU affinity and a container's quota, which os.cpu_count does not

    return max(1, ceil(min(cpu_count(), _slurm_cpus(), group_cpus())))


def _slurm_cpus() -> float:
    """Give the processors of a job's task; without `--cpus-per-task`, those of the job on this node."""
    for name in ("SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE"):
        with suppress(KeyError, ValueError):
            return int(os.environ[name])
    return inf


def group_cpus() -> float:
    """Give the least quota of the control groups (versions 1 and 2) that this process is in, in processors."""
    with suppress(OSError):
        quotas = [quota for line in PROCESS.read_text("utf-8").splitlines() for quota in _quotas(line)]
        return min(quotas, default=inf)
    return inf


def _quotas(line: str) -> Iterator[float]:
    number, _, rest = line.partition(":")
    controllers, _, name = rest.partition(":")
    for group in (Path(name), *Path(name).parents):
        with suppress(OSError, ValueError, ZeroDivisionError):
            if number == "0":
                quota, period = (GROUPS / group.relative_to("/") / "cpu.max").read_text("ascii").split()
            elif "cpu" in controllers.split(","):
                folder = GROUPS / controllers / group.relative_to("/")
                files = [folder / f"cpu.cfs_{what}_us" for what in ("quota", "period")]
                quota, period = (file.read_text("ascii") for file in files)
            else:
                return
            if int(quota) > 0:  # "max" and -1 are none
                yield int(quota) / int(period)
