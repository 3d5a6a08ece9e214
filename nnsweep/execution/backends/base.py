"""What a backend is: a place where stacks are trained, and what it says about each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import ClassVar, NamedTuple

from nnsweep.execution.stack import Stack
from nnsweep.trainers.logged import Part
from nnsweep.trainers.protocol import Outcome
from nnsweep.trainers.returned import LeftOut
from nnsweep.trainers.saved import SavedFile

EMPTY: Mapping[str, int] = {}
NO_VERSIONS: Mapping[str, str] = {}


class StackResult(NamedTuple):
    """What a trainer made of a stack: an outcome for each trial, in order.

    `seconds` is how long the trainer took. `left_out` names what it returned that cannot be stored, for the trials that
    have such values. `printed` is what it printed, each text with the place of the trial that was in training, or of
    the first one. `imported` names packages that users' code has imported in its process since the stack before.
    `steps` is `Computing.steps` of this stack. `versions` are those of imported packages, by distribution, where they
    were looked up already, on another machine.
    """

    outcomes: Sequence[Outcome]
    seconds: float
    left_out: Sequence[LeftOut] = ()
    printed: Sequence[tuple[int, str]] = ()
    imported: Sequence[str] = ()
    steps: Mapping[str, int] = EMPTY
    versions: Mapping[str, str] = NO_VERSIONS


@dataclass(frozen=True)
class Trained:
    """A stack was trained. `overhead` is the seconds from `submit` to `next` that the trainer did not take.

    `worker` names the machine or process that trained it, where a run should tell.
    """

    stack: Stack
    result: StackResult
    overhead: float = 0.0
    worker: str = ""


@dataclass(frozen=True)
class Died:
    """The worker of a stack died. `ready` is False if it died before it began to train."""

    stack: Stack
    ready: bool = True


@dataclass(frozen=True)
class Overran:
    """A stack took longer than allowed, so its worker was killed."""

    stack: Stack


Report = Trained | Died | Overran


def _forget(id: str, kept: Part | SavedFile) -> None:
    pass


@dataclass(frozen=True)
class Keeper:
    """Who keeps what a trial logs and saves while it is trained, known by its id; files in the folder `artifacts`."""

    keep: Callable[[str, Part | SavedFile], object] = _forget
    artifacts: Path | None = None


NO_KEEPER = Keeper()


class Backend(ABC):
    """Trains stacks. `submit` hands one over, `next` waits for a report about one, and `cancel` ends everything.

    Every stack that was submitted gets exactly one report. A backend decides nothing: it reports a death or a timeout,
    and the `Supervisor` decides what is trained again. `tests/execution/test_backends.py` says what all backends do.
    """

    survives_death: ClassVar[bool]
    """Whether this process goes on when a trainer kills the process that it runs in."""
    is_elsewhere: ClassVar[bool] = True
    """Whether stacks that were submitted are trained while this process does something else."""
    keeps_timeout: ClassVar[bool]
    """Whether a stack that takes too long is stopped."""
    slots: int
    """How many stacks it trains at once. It may change while a run lasts."""
    ahead: int = 0
    """How many further stacks it takes, so that a slot that is free need not wait for this process."""
    where: str = ""
    """A line that says where it trains; "" for this machine."""

    @property
    def deaths(self) -> int:
        """How many workers have died, with a stack or without."""
        return 0

    @abstractmethod
    def submit(self, stack: Stack, seconds: float = inf) -> None:
        """Begin to train a stack, which may take some seconds. It holds at most `slots` and `ahead` stacks."""

    @abstractmethod
    def next(self) -> Report:
        """Wait until a stack has ended, in any order. Ctrl-C may interrupt the wait; only `cancel` is called then.

        Raises:
            NnsweepError: training cannot go on, for a reason that no other stack would escape.
        """

    @abstractmethod
    def cancel(self) -> None:
        """Stop all training and free what the backend holds. No report follows. It may be called twice."""
