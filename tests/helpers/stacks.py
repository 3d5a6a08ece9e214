"""Stacks of the fake trainer's trials, and what became of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nnsweep.execution.events import Progressed
from nnsweep.execution.place import Place
from nnsweep.execution.stack import Stack
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.trial import Trial
from tests.helpers.fake_trainer import FakeParameters

HELPERS = re.compile(rb"resource_tracker|forkserver")


def trial(value: int, does: str = "well", **settings: Any) -> Trial:
    """Make a trial, whose id is its value."""
    return Trial(f"{value}", {}, FakeParameters(value=value, does=does, **settings).model_dump(), "")


def stack(*trials: Trial) -> Stack:
    """Make a stack in which each trial is a training."""
    return Stack.of((trial,) for trial in trials)


def stacks_of(*does: str, size: int = 3, diary: str = "") -> list[Stack]:
    """Make stacks of trials; the first of each does as is said, the others end well."""
    return [
        stack(*(trial(size * at + k, does if k == 0 else "well", diary=diary) for k in range(size)))
        for at, does in enumerate(does)
    ]


def at(jobs: int, timeout: float | None = None) -> Place:
    """A place with so many workers; with one, and no time limit, this process."""
    return Place(jobs, timeout, here=jobs == 1 and timeout is None)


def outcomes_of(events: Iterable[Progressed], stacks: Iterable[Stack]) -> dict[str, Outcome]:
    """Collect what became of stacks by their trials' ids, and make sure that each trial ended once."""
    pairs = [pair for event in events for pair in event.pairs]
    assert sorted(trial.id for trial, _ in pairs) == sorted(trial.id for stack in stacks for trial in stack.trials)
    return {trial.id: outcome for trial, outcome in pairs}


def workers(pid: int | None = None) -> list[str]:
    """List a process's children but the helpers of `multiprocessing`, which end with it; this one's if not told."""
    parent = Path(f"/proc/{pid or os.getpid()}")
    try:
        children = (parent / "task" / parent.name / "children").read_text(encoding="utf-8").split()
        return [child for child in children if not HELPERS.search(Path(f"/proc/{child}/cmdline").read_bytes())]
    except OSError:
        if pid is None:
            raise
        return []  # it has just ended, or one of them has
