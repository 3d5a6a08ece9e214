"""How long code takes by the processor's clock, to be compared with other code in the same minute.

Machines differ, and drift by more than half: a limit in seconds tells of the machine.
"""

import time
from collections.abc import Callable


def seconds_of(*works: Callable[[], object], rounds: int = 7) -> list[float]:
    """Time each of `works` in turns; return the least seconds of the processor that each took."""
    found = [[_seconds(work) for work in works] for _ in range(rounds)]
    return [min(column) for column in zip(*found, strict=True)]


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started
