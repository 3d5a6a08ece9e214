"""Sweeps over many small neural networks and many seeds, trained together in one NumPy array.

>>> import nnsweep
>>> results = nnsweep.run("sweeps/forum.toml")  # doctest: +SKIP
>>> results.matrix("successes", hidden=4)  # doctest: +SKIP
>>> results.figure("success")  # doctest: +SKIP
>>> results.compare(on="hidden=2,4")  # doctest: +SKIP
>>> nnsweep.open("forum").best()  # doctest: +SKIP
"""

from __future__ import annotations

from nnsweep.errors import DataError, NnsweepError, SpecError, StoreError

TYPE_CHECKING = False
"""True for type checkers. To import `typing` takes longer than all else until the program handles Ctrl-C."""
if TYPE_CHECKING:
    from typing import Any

    from nnsweep.api import accept, import_runs, load, loads, merge, open, plan, retry, run, sweep
    from nnsweep.results import Results
    from nnsweep.trainers.live_trial import LiveTrial

__all__ = [
    "DataError",
    "LiveTrial",
    "NnsweepError",
    "Results",
    "SpecError",
    "StoreError",
    "accept",
    "import_runs",
    "load",
    "loads",
    "merge",
    "open",
    "plan",
    "retry",
    "run",
    "sweep",
]


def __getattr__(name: str) -> Any:
    """Import the interface when it is first used: the command line's `--help` needs none of it."""
    if name == "LiveTrial":  # a trainer's module names it: a worker needs no more
        from nnsweep.trainers.live_trial import LiveTrial

        return LiveTrial
    if name in __all__:
        from nnsweep import api

        return getattr(api, name)
    raise AttributeError(f"module 'nnsweep' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names, although they are imported only when they are used."""
    return sorted(__all__)
