"""The sampler of a search: it asks for all seeds of some configurations, and learns what these are worth."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from nnsweep.design.search import Progress
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.search.configurations import Configuration, Configurations
from nnsweep.trials.trial import Trial

IDLE = 20
"""Batches without a new configuration after which a search ends: the method repeats itself."""


Answers = Sequence[Sequence[Outcome]]
"""The outcomes of all seeds of each of some configurations."""


class Method(ABC):
    """Chooses configurations. The same seed and the same answers lead to the same choices."""

    start: int = 0
    """How many configurations it chooses before it learns anything."""

    @abstractmethod
    def ask(self, count: int) -> Sequence[Configuration]:
        """Choose some configurations, which may have been chosen before."""

    @abstractmethod
    def tell(self, configurations: Sequence[Configuration], outcomes: Answers) -> None:
        """Take the outcomes of all configurations that the last `ask` chose."""


class SearchSampler(ABC):
    """A sampler of a search, which says what it has asked for."""

    @property
    @abstractmethod
    def rows(self) -> Sequence[tuple[Any, ...]]:
        """The trials that were asked for so far, as rows of `Sweep.asked`."""

    @property
    @abstractmethod
    def expected(self) -> int:
        """About how many trials it asks for in all; 0 if that is not known."""

    def likely(self, share: float = 1.0) -> Sequence[tuple[Any, ...]] | None:
        """The most trials that it may ask for in all, as rows, or about a share of them; None if they are not known."""
        return None

    @property
    def intent(self) -> str:
        """What it is about to do, for a plan; empty if its method and its budget say enough."""
        return ""

    def progress(self) -> Progress:
        """Say what it has done, if it stops configurations early."""
        return Progress()

    @abstractmethod
    def ask(self) -> Sequence[Trial]:
        """Give the next trials; none if there are no more."""

    @abstractmethod
    def tell(self, outcomes: Mapping[str, Outcome]) -> None:
        """Take the outcomes, by id, of all trials that the last `ask` gave."""


class PointSampler(SearchSampler):
    """Asks for configurations that a method chooses, a batch at a time, each with all seeds, until a budget is used.

    Where the budget ends within a batch, only its first configurations are asked for. The same search with a larger
    budget chooses the same batches, and goes on.
    """

    def __init__(self, configurations: Configurations, method: Method, batch: int) -> None:
        """Take the method, and how many configurations it chooses at once unless the file says so."""
        search = configurations.sweep.search
        assert search is not None
        self._space, self._method, self._batch = configurations, method, search.batch or batch
        limits = (search.configurations, self._afford(search.trainings), configurations.size)
        self._most, self._seconds = min((each for each in limits if each is not None), default=None), search.seconds
        self._rows: list[tuple[Any, ...]] = []
        self._found: dict[Configuration, Sequence[Outcome]] = {}
        self._chosen, self._new = list[Configuration](), list[Configuration]()
        self._trials: Sequence[Trial] = []
        self._took, self._idle = 0.0, 0

    def _afford(self, trainings: int | None) -> int | None:
        """How many configurations so many trials are."""
        return None if trainings is None else trainings // max(1, len(self._space.seeds))

    @property
    def rows(self) -> Sequence[tuple[Any, ...]]:
        """The trials that were asked for so far, as rows of `Sweep.asked`."""
        return self._rows

    @property
    def expected(self) -> int:
        """How many trials it asks for at most; 0 if only the time is limited."""
        return (self._most or 0) * max(1, len(self._space.seeds))

    def ask(self) -> Sequence[Trial]:
        """Give all seeds of the next configurations that were not asked for before; none at the end."""
        while not self._is_over:
            self._chosen = list(self._method.ask(self._batch if self._found else max(self._batch, self._method.start)))
            new = [each for each in dict.fromkeys(self._chosen) if each not in self._found]
            self._new = new if self._most is None else new[: self._most - len(self._found)]
            self._idle = 0 if new else self._idle + 1
            if new:
                rows = self._space.rows(self._new)
                self._rows += rows
                self._trials = self._space.trials(rows)
                return self._trials
            self._method.tell(self._chosen, [self._found[each] for each in self._chosen])
        return []

    @property
    def _is_over(self) -> bool:
        used = self._seconds is not None and self._took >= self._seconds
        return used or self._idle == IDLE or (self._most is not None and len(self._found) >= self._most)

    def tell(self, outcomes: Mapping[str, Outcome]) -> None:
        """Take the outcomes, by id, of all trials that the last `ask` gave."""
        found = [outcomes[trial.id] for trial in self._trials]
        self._took += sum(outcome.seconds for outcome in found)
        count = len(found) // len(self._new)
        self._found |= {each: found[at * count : (at + 1) * count] for at, each in enumerate(self._new)}
        if all(each in self._found for each in self._chosen):  # else the budget is used, and nothing follows
            self._method.tell(self._chosen, [self._found[each] for each in self._chosen])
