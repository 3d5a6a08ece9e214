"""Successive halving over epochs: many configurations for a few epochs, and the best of them for more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from nnsweep import format
from nnsweep.design.search import Progress
from nnsweep.design.sweep import Axis, Sweep
from nnsweep.trainers.protocol import EPOCHS, Outcome, Trainer
from nnsweep.trials.search.candidates import List, candidates
from nnsweep.trials.search.configurations import Configuration, Configurations
from nnsweep.trials.search.sampler import SearchSampler
from nnsweep.trials.search.worth import Worth
from nnsweep.trials.trial import Trial

REDUCTION = 3
"""One of so many configurations goes on from a rung to the next."""

WENT_ON = "went on"
DROPPED = "dropped"
NOT_WELL = "none ended well"
FINISHED = "all epochs"
BUDGET = "budget"


@dataclass
class Bracket:
    """A halving of its own. `running` are the numbers of the configurations at the rung that is asked for next."""

    rung: int
    running: list[int]
    left: list[tuple[Configuration, str]] = field(default_factory=list)
    """The configurations at each rung that is done, and what became of them there."""


class HalvingSampler(SearchSampler):
    """Asks for all configurations of a bracket at its first rung, then for the best of them at the next, and so on.

    The rungs are the values of the axis of the epochs. They count epochs that are done, so that all trials of a rung
    have trained equally long. A configuration goes on if it is among the best 1/reduction, at least one, and any of its
    trials ended well. The trials of a configuration at two rungs are checkpoints of one training.

    K. Jamieson and A. Talwalkar, AISTATS (2016) 240–248; L. Li, K. Jamieson, G. DeSalvo, A. Rostamizadeh and
    A. Talwalkar, J. Mach. Learn. Res. 18 (2018) 185, for several brackets.
    """

    def __init__(
        self,
        space: Configurations,
        epochs: Axis,
        found: Sequence[Configuration],
        brackets: Sequence[Bracket],
        worth: Worth,
        reduction: int = REDUCTION,
        continues: bool = True,
    ) -> None:
        """Take the axis of the epochs, configurations of which the epochs do not matter, and their brackets.

        `continues` is whether the trainer continues the trainings.
        """
        search = space.sweep.search
        assert search is not None
        self._space, self._worth, self._reduction, self._continues = space, worth, reduction, continues
        self._found = found
        self._at, self._rungs = list(space.axes).index(epochs), sorted(epochs.values)
        self._brackets, self._most, self._seconds = list(brackets), search.trainings, search.seconds
        self._rows: dict[tuple[Any, ...], None] = {}
        self._asked: dict[tuple[Any, ...], None] = {}  # of which nothing was told yet
        self._trials: Sequence[Trial] = []
        self._took = 0.0

    @property
    def rows(self) -> Sequence[tuple[Any, ...]]:
        """The trials that were asked for so far."""
        return list(self._rows | self._asked)

    @property
    def expected(self) -> int:
        """How many trials it asks for at most."""
        found = sum(count for bracket in self._brackets for _, count in self._counts(bracket))
        whole = len(self._rows) + found * max(1, len(self._space.seeds))
        return whole if self._most is None else min(whole, self._most)

    def _kept(self, count: int) -> int:
        return max(1, count // self._reduction) if count else 0

    @property
    def _bracket(self) -> Bracket | None:
        return next((each for each in self._brackets if each.running), None)

    def ask(self) -> Sequence[Trial]:
        """Give the trials of the next rung; none at the end."""
        bracket = self._bracket
        if bracket is None or self._is_spent:
            return []
        rows = self._next_rows(bracket)
        self._asked = dict.fromkeys(rows)
        self._trials = self._space.trials(rows)
        return self._trials

    def _next_rows(self, bracket: Bracket) -> list[tuple[Any, ...]]:
        return self._space.rows([self._at_rung(each, bracket.rung) for each in bracket.running])

    @property
    def _is_spent(self) -> bool:
        bracket = self._bracket
        if bracket is None:
            return False
        more = len(bracket.running) * max(1, len(self._space.seeds))
        spent = self._most is not None and len(self._rows) + more > self._most
        return spent or (self._seconds is not None and self._took >= self._seconds)

    def _at_rung(self, number: int, rung: int) -> Configuration:
        configuration = self._found[number]
        return (*configuration[: self._at], self._rungs[rung], *configuration[self._at + 1 :])

    def tell(self, outcomes: Mapping[str, Outcome]) -> None:
        """Take the outcomes, by id, of all trials that the last `ask` gave."""
        bracket = self._bracket
        assert bracket is not None
        found = [outcomes[trial.id] for trial in self._trials]
        self._took += sum(outcome.seconds for outcome in found)
        self._rows, self._asked = self._rows | self._asked, {}
        size = len(found) // len(bracket.running)
        of_each = [found[at * size : (at + 1) * size] for at in range(len(bracket.running))]
        well = [at for at, own in enumerate(of_each) if any(outcome.status == "ok" for outcome in own)]
        order = sorted(well, key=lambda at: self._worth.loss(of_each[at]))
        is_last = bracket.rung == len(self._rungs) - 1
        best = set(order[: self._kept(len(bracket.running))])
        for at, number in enumerate(bracket.running):
            why = NOT_WELL if at not in well else FINISHED if is_last else WENT_ON if at in best else DROPPED
            bracket.left.append((self._at_rung(number, bracket.rung), why))
        bracket.running = [] if is_last else [each for at, each in enumerate(bracket.running) if at in best]
        bracket.rung += 1

    def endings(self) -> dict[Configuration, str]:
        """Say of each configuration and rung what became of it there."""
        found: dict[Configuration, str] = {}
        for bracket in self._brackets:
            spent = bracket is self._bracket and self._is_spent
            for configuration, why in bracket.left:
                is_last = configuration[self._at] == self._rungs[bracket.rung - 1]
                found[configuration] = BUDGET if spent and is_last and why == WENT_ON else why
        return found

    def progress(self) -> Progress:
        """Count the configurations that stopped after each number of epochs, and the epochs that this saved."""
        ends = self.endings()
        stopped = Counter(each[self._at] for each, why in ends.items() if why != WENT_ON)
        parts = [f"{count:,} trained for {format.count(epochs, 'epoch')}" for epochs, count in sorted(stopped.items())]
        seeds = max(1, len(self._space.seeds))
        trained = seeds * sum(epochs * count for epochs, count in stopped.items())
        whole = seeds * stopped.total() * self._rungs[-1]
        if not whole:
            return Progress()
        left = 0 if self._is_spent else sum(len(each.running) for each in self._brackets)
        parts += [f"{left:,} still to be trained"] if left else []
        saved = f"{trained:,} of {whole:,} epochs, {format.whole_percent(1 - trained / whole)} % saved"
        count = format.count(stopped.total() + left, "configuration")
        return Progress(f"halving of {count}: {', '.join(parts)}{'' if left else f'; {saved}'}", ends)

    @property
    def intent(self) -> str:
        """Say how many configurations it trains for how many epochs."""
        begun = [
            f"{count:,} for {format.count(epochs, 'epoch')}"
            for bracket in self._brackets
            for epochs, count in self._counts(bracket)
        ]
        how = "" if self._continues else "; the trainer cannot continue a training, so that each begins again"
        return f"halving: trains {', then '.join(begun)}{how}" if begun else ""

    def _counts(self, bracket: Bracket) -> Iterator[tuple[int, int]]:
        count = len(bracket.running)
        for epochs in self._rungs[bracket.rung :] if count else ():
            yield epochs, count
            count = self._kept(count)

    def likely(self, share: float = 1.0) -> Sequence[tuple[Any, ...]]:
        """What was asked for, and the rungs to come, or a share of each, as if the first were the best."""
        found = dict(self._rows)
        for bracket in self._brackets:
            for epochs, count in self._counts(bracket):
                rung, some = self._rungs.index(epochs), bracket.running[: max(1, round(share * count))]
                cells = [self._at_rung(each, rung) for each in some]
                found |= dict.fromkeys(self._space.rows(cells))
        return list(found)[: self.expected]


def hyperband(count: int, rungs: int, reduction: int = REDUCTION) -> list[Bracket]:
    """Divide so many configurations among brackets that begin at each of the rungs, and take about equally many epochs.

    Of K rungs, the bracket that begins at rung k gets a share in proportion to reduction⁻ᵏ K/(K − k). The first ones
    of the configurations are those of the last bracket, so that they are dealt by their order, not by their values.

    >>> [(each.rung, len(each.running)) for each in hyperband(40, 3)]
    [(2, 8), (1, 11), (0, 21)]
    """
    weights = [reduction**-k * rungs / (rungs - k) for k in range(rungs)]
    brackets, left = [], list(range(count))
    for rung in range(rungs - 1, 0, -1):
        size = min(ceil(count * weights[rung] / sum(weights)), len(left))
        brackets.append(Bracket(rung, left[:size]))
        left = left[size:]
    return [*brackets, Bracket(0, left)]


def halving_sampler(sweep: Sweep, trainer: Trainer, listed: List = candidates) -> HalvingSampler:
    """Begin with all configurations, of a grid or drawn, at the first rung."""
    return _sampler(sweep, trainer, lambda count, rungs, reduction: [Bracket(0, list(range(count)))], listed)


def hyperband_sampler(sweep: Sweep, trainer: Trainer, listed: List = candidates) -> HalvingSampler:
    """Begin with some of the configurations at each rung."""
    return _sampler(sweep, trainer, hyperband, listed)


def _sampler(
    sweep: Sweep, trainer: Trainer, divide: Callable[[int, int, int], list[Bracket]], listed: List
) -> HalvingSampler:
    space, search = Configurations(sweep, trainer), sweep.search
    epochs = next((axis for axis in space.axes if axis.parameter == EPOCHS), None)
    assert search is not None
    assert epochs is not None, "the file was checked"
    found = listed(space, search.configurations, search.seed, without=epochs)
    reduction = search.own.get("reduction", REDUCTION)
    brackets = divide(len(found), len(epochs.values), reduction)
    return HalvingSampler(space, epochs, found, brackets, Worth.of(sweep), reduction, trainer.advances)
