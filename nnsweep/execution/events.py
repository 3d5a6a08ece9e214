"""What happens in a run, as events, and who listens to them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nnsweep.trainers.protocol import Outcome
from nnsweep.trainers.returned import LeftOut
from nnsweep.trials.trial import Trial


@dataclass(frozen=True)
class Planned:
    """A run is about to begin: so many trials are to be trained, in so many stacks, and so many are stored already.

    A large grid is planned in blocks, and this comes again for each of them: `trials` are then at most so many.
    """

    trials: int
    stacks: int
    stored: int


@dataclass(frozen=True)
class Started:
    """Training begins with so many workers; with one and no time limit it may be in this process.

    It begins again where the first trials were trained in this process and workers take over. `where` says where a
    cluster is.
    """

    jobs: int
    timeout: float | None = None
    where: str = ""


@dataclass(frozen=True)
class Progressed:
    """Trials have ended, each for good.

    `seconds` is how long the trainer took for all of them. `overhead` is the other seconds between handing a stack over
    and having its outcomes. `left_out` is what the trainer returned that cannot be stored. `printed` is what it
    printed, by the id of the stack's first trial. `worker` names who trained them, on a cluster. `imported` names
    the packages that users' code has imported in its process since the stack before.
    `steps` is `Computing.steps` of these trials. `versions` are those of packages that were imported on a cluster.
    """

    trials: Sequence[Trial]
    outcomes: Sequence[Outcome]
    seconds: float = 0.0
    overhead: float = 0.0
    left_out: Sequence[LeftOut] = ()
    printed: Mapping[str, str] = field(default_factory=dict)
    worker: str = ""
    imported: Sequence[str] = ()
    steps: Mapping[str, int] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def pairs(self) -> list[tuple[Trial, Outcome]]:
        """Each trial with its outcome. The trials are made anew at each call."""
        return list(zip(self.trials, self.outcomes, strict=True))


@dataclass(frozen=True)
class Warned:
    """Something that the user should know. `lasting` is whether it is to be said again when the run has ended."""

    message: str
    lasting: bool = False


@dataclass(frozen=True)
class Ended:
    """A run has ended, also by Ctrl-C or an error. So many trials were trained and stored, in so many seconds."""

    trials: int
    seconds: float


Event = Planned | Started | Progressed | Warned | Ended


class Listener(ABC):
    """Hears what happens in a run.

    `Planned` comes first, then `Started`, then any number of `Progressed`, `Warned` and, for large grids, `Planned`.
    `Ended` is the last event whatever ends the run. The run waits while a listener hears. What a listener raises ends
    the run.
    """

    @abstractmethod
    def hear(self, event: Event) -> None:
        """Take note of an event. New kinds of events may come, so ignore those that are not known."""
