"""Where a trial is trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from pathlib import Path

from nnsweep.trainers.logged import Part
from nnsweep.trainers.saved import SavedFile


@dataclass(frozen=True)
class Surroundings:
    """Who takes what a trial logs and saves, and how many seconds it may take.

    `send` may be called from a thread, and raises nothing; without it, nothing is kept. `artifacts` is the folder for
    files; None where it is out of reach.
    """

    send: Callable[[Part | SavedFile], object] | None = None
    seconds: float = inf
    artifacts: Path | None = None


NOWHERE = Surroundings()
