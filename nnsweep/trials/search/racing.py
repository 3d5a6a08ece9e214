"""A race over seeds: every configuration gets a few, and more as long as they may change what is said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, nan
from typing import Any

import numpy as np

from nnsweep import format
from nnsweep.design.search import KEPT, RULED_OUT, Progress
from nnsweep.design.sweep import Sweep
from nnsweep.statistics.race import End, Race, scores_of_ranks
from nnsweep.status import FAILURES
from nnsweep.trainers.protocol import Outcome, Trainer
from nnsweep.trials.search.candidates import List, candidates
from nnsweep.trials.search.configurations import Configuration, Configurations
from nnsweep.trials.search.sampler import SearchSampler
from nnsweep.trials.search.worth import Worth
from nnsweep.trials.trial import Trial

FIRST, SHARE = 3, 10
"""The seeds of the first round; each other round adds a tenth of the present ones, but at least one."""

FAILED = "none ended"
ALL_SEEDS = "all seeds"
WON = "won"
BUDGET = "budget"
TEXTS = {
    WON: "won",
    KEPT: "may be the best, of which more seeds would rule out few",
    ALL_SEEDS: "may be the best, with all seeds",
    BUDGET: "may be the best, when the budget ended",
    "": "still in the race",
    RULED_OUT: "ruled out",
    FAILED: "without any outcome",
}
"""Why a configuration got no more seeds, in a sentence."""


class RaceSampler(SearchSampler):
    """Asks for the next seeds of the configurations that a race has not decided, until all seeds or a budget are used.

    A round is asked for as a whole or, where the budget does not suffice, not at all. The rounds do not depend on the
    budget, so that a race with a larger one goes on.
    """

    def __init__(self, space: Configurations, racing: Sequence[Configuration], worth: Worth) -> None:
        """Take the configurations of the race."""
        search = space.sweep.search
        assert search is not None
        self._space, self._racing, self._worth = space, racing, worth
        self._most, self._seconds = search.trainings, search.seconds
        self._race, self._took, self._seeds = Race(len(racing), len(space.seeds)), 0.0, 0
        self._rows: list[tuple[Any, ...]] = []
        self._asked: list[tuple[Any, ...]] = []  # of which nothing was told yet
        self._trials: Sequence[Trial] = []

    @property
    def rows(self) -> Sequence[tuple[Any, ...]]:
        """The trials that were asked for so far, those of each configuration together."""
        places = {each: place for place, each in enumerate(self._racing)}
        return sorted([*self._rows, *self._asked], key=lambda row: places[row[:-1]])

    @property
    def expected(self) -> int:
        """How many trials it asks for at most."""
        whole = len(self._racing) * len(self._space.seeds)
        return whole if self._most is None else min(whole, self._most)

    def ask(self) -> Sequence[Trial]:
        """Give the next seeds of the configurations that are still in the race."""
        cells, seeds = self._race.next.tolist(), self._next_seeds()
        if self._why_over(len(cells) * len(seeds)):
            return []
        self._asked = self._space.rows([self._racing[cell] for cell in cells], seeds)
        self._trials = self._space.trials(self._asked)
        return self._trials

    def tell(self, outcomes: Mapping[str, Outcome]) -> None:
        """Take the outcomes, by id, of all trials that the last `ask` gave."""
        found = [outcomes[trial.id] for trial in self._trials]
        self._took += sum(outcome.seconds for outcome in found)
        self._seeds += len(self._next_seeds())
        self._rows, self._asked = [*self._rows, *self._asked], []
        values = np.reshape([*map(self._value, found)], (len(self._race.next), -1))
        ranks = scores_of_ranks(values)
        if self._worth.success:
            self._race.add(np.where(np.isnan(values), nan, values > -1), second=ranks)
        else:
            self._race.add(ranks)

    def _value(self, outcome: Outcome) -> float:
        """Return the negative loss, above −1 for a success; a trial that failed says nothing of its configuration."""
        return nan if outcome.status in FAILURES else -self._worth.loss([outcome])

    def _next_seeds(self) -> Sequence[Any]:
        size = max(1, self._seeds // SHARE) if self._seeds else FIRST
        return self._space.seeds[self._seeds : self._seeds + size]

    def _why_over(self, more: int) -> str:
        """Say why the race ends before so many further trials; empty if it goes on."""
        if not more:
            return WON if len(self._race.remaining) == 1 else ALL_SEEDS
        spent = self._most is not None and len(self._rows) + more > self._most
        return BUDGET if spent or (self._seconds is not None and self._took >= self._seconds) else ""

    def endings(self) -> dict[Configuration, tuple[int, str]]:
        """Say of each configuration how many seeds it got, and why no more; empty while it gets more."""
        rest = self._why_over(len(self._race.next) * len(self._next_seeds()))
        got = self._race.seeds.tolist()
        return {each: (got[at], self._why(at, got[at], rest)) for at, each in enumerate(self._racing)}

    def _why(self, cell: int, got: int, rest: str) -> str:
        """Say why a configuration got no more seeds than `got`; `rest` is why the race ended."""
        end = self._race.ends[cell]
        if end in (End.RULED_OUT, End.NO_OUTCOME):
            return RULED_OUT if end is End.RULED_OUT else FAILED
        if rest != WON and got == len(self._space.seeds):
            return ALL_SEEDS
        return KEPT if rest != WON and end is End.KEPT else rest

    def progress(self) -> Progress:
        """Count the configurations by why they got no more seeds, and the trials that this saved."""
        ends = self.endings()
        of_each = {why: [seeds for seeds, own in ends.values() if own == why] for why in TEXTS}
        parts = [f"{len(seeds):,} {TEXTS[why]} ({_span(seeds)})" for why, seeds in of_each.items() if seeds]
        whole, trained = len(self._racing) * len(self._space.seeds), len(self._rows)
        saved = f"{trained:,} of {format.count_trials(whole)}"
        saved += "" if of_each[""] else f", {whole - trained:,} saved"
        text = f"race of {format.count(len(ends), 'configuration')}: {', '.join(parts)}; {saved}" if trained else ""
        return Progress(text, {each: why for each, (_, why) in ends.items()})

    @property
    def intent(self) -> str:
        """Say what a race does."""
        first, most = len(self._space.seeds[:FIRST]), len(self._space.seeds)
        begun = f"race: {format.count(len(self._racing), 'configuration')} get {format.count(first, 'seed')} each"
        if first == most:
            return begun
        return (
            f"{begun}, then more up to {most}; those that are ruled out, or likely to stay among the best, get no "
            "more, so that fewer trials may be enough"
        )

    def likely(self, share: float = 1.0) -> Sequence[tuple[Any, ...]]:
        """All seeds of the configurations that are in the race, or of a share of them, and what was asked for."""
        cells, now = self._race.next, self._next_seeds()
        racing = [self._racing[cell] for cell in map(int, cells[: ceil(share * len(cells))])]
        parts = now, self._space.seeds[self._seeds + len(now) :]
        more = [row for seeds in parts if seeds for row in self._space.rows(racing, seeds)]
        return [*self._rows, *more][: self.expected]


def _span(seeds: Sequence[int]) -> str:
    low, high = min(seeds), max(seeds)
    return format.count(high, "seed") if low == high else f"{low} to {high} seeds"


def race_sampler(sweep: Sweep, trainer: Trainer, listed: List = candidates) -> RaceSampler:
    """Race all configurations of a grid, or those that are drawn from spaces."""
    space, search = Configurations(sweep, trainer), sweep.search
    assert search is not None
    return RaceSampler(space, listed(space, search.configurations, search.seed), Worth.of(sweep))
