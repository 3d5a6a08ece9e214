"""Add seeds to the cells that need them, until two settings can be told apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from nnsweep import format
from nnsweep.errors import NnsweepError
from nnsweep.questions.settle.more_seeds import MoreSeeds
from nnsweep.questions.settle.settlement import Question, Settlement
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.grid import Grid
from nnsweep.trials.sampler import train_asked
from nnsweep.trials.trial import Trial

if TYPE_CHECKING:
    import pandas as pd

LEAST, SHARE = 10, 0.25
"""A round adds a quarter of the present seeds, but at least ten, so that a stack is worth its overhead."""


def settle(
    source: MoreSeeds, question: Question, wanted: Callable[[Grid], Grid], say: Callable[[str], object]
) -> Settlement:
    """Add seeds until the question is settled at 95 %, or the maximum number of seeds is reached.

    `wanted` selects the trials of the cells in question. `say` is called with a line of text after each round. Each
    trial is stored when it ends: after an interruption, call this again to continue.

    Raises:
        NnsweepError: no cell has both values, or success is not defined. StoreError: the folder cannot be used.
    """
    source.sweep.required_success()
    sampler = SeedSampler(source, question, wanted, say)
    train_asked(sampler, source.train)
    return sampler.settlement


class SeedSampler:
    """Asks for the seeds of the grid first, then for more seeds of the cells that are not settled."""

    def __init__(
        self,
        source: MoreSeeds,
        question: Question,
        wanted: Callable[[Grid], Grid],
        say: Callable[[str], object] = lambda line: None,
    ) -> None:
        """Take arguments as `settle` does."""
        self.source, self.question, self.wanted, self.say = source, question, wanted, say
        self._settlement: Settlement | None = None
        self._seeds: Sequence[int] = []
        self._trials: Sequence[Trial] = []

    @property
    def settlement(self) -> Settlement:
        """The answer after the seeds so far.

        Raises:
            NnsweepError: no cell has ended with both values.
        """
        if self._settlement is None:
            first, second = self.question.names
            raise NnsweepError(f"{self.source.sweep.name}: no cell and seed has ended with {first} and with {second}")
        return self._settlement

    def ask(self) -> Sequence[Trial]:
        """Give the trials of the next seeds in the cells that are still open; none when all are settled."""
        self._seeds = self._next_seeds()
        self._trials = self._open_trials() if self._seeds else []
        return self._trials

    def tell(self, outcomes: Mapping[str, Outcome]) -> None:
        """Add the differences of the last seeds.

        Raises:
            NnsweepError: no cell has ended with both values.
        """
        cells, added = self._differences(self.source.table(self._trials, outcomes))
        if self._settlement is None:
            self._settlement = Settlement(self.question, cells, added, self.source.folder.root) if len(cells) else None
            self._settlement = self.settlement
            return
        rows, empty = dict(zip(_keys(cells), added, strict=True)), np.full(len(self._seeds), np.nan)
        added = np.array([rows.get(key, empty) for key in _keys(self._settlement.cells)])
        differences = np.hstack([self._settlement.differences, added])
        self._settlement = Settlement(self.question, self._settlement.cells, differences, self._settlement.folder)

    def _next_seeds(self) -> Sequence[int]:
        most = self.question.most
        if self._settlement is None:
            return self.source.seeds[:most]
        opened, count = self._settlement.open, self._settlement.differences.shape[1]
        if not opened.any() or count >= most:
            return []
        step = min(max(LEAST, ceil(SHARE * count)), most - count)
        cells = format.count(len(opened), "cell")
        self.say(f"{format.count(count, 'seed')}: {opened.sum()} of {cells} open; adding {step} more")
        return self.source.fresh(count + step - len(self.source.seeds))[-step:]

    def _open_trials(self) -> Sequence[Trial]:
        trials = self.wanted(self.source.trials(self._seeds))
        values = self.question.first, self.question.second
        trials = trials.take(trials.having(self.question.axis.name, values))
        if self._settlement is None:
            return trials
        keys = {
            key for key, is_open in zip(_keys(self._settlement.cells), self._settlement.open, strict=True) if is_open
        }
        return [trial for trial in trials if self._key(trial) in keys]

    def _differences(self, table: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
        from nnsweep.questions.compare.table import Pairs, measuring

        axis, sweep = self.question.axis, self.source.sweep
        shown = [axis.shown[value] for value in (self.question.first, self.question.second)]
        names = [name for name in sweep.cell_names if name != axis.column]
        metric = sweep.required_success().metric
        first, second = (measuring(table.loc[table[axis.column] == value], names, metric) for value in shown)
        pairs = Pairs.of(first, second, names, sweep.seed_name, ["success"], self._seeds)
        return pairs.settings, pairs.values["success_b"] - pairs.values["success_a"]

    def _key(self, trial: Trial) -> tuple[object, ...]:
        names = [axis for axis in self.source.sweep.cell_axes if axis.name != self.question.axis.name]
        return tuple(axis.shown[trial.settings[axis.name]] for axis in names)


def _keys(cells: pd.DataFrame) -> list[tuple[object, ...]]:
    return list(zip(*(cells[name].tolist() for name in cells.columns), strict=True)) or [()] * len(cells)
