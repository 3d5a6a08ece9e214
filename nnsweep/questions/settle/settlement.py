"""Ask a question until it is answered: add seeds, where they are needed, until two settings are told apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nnsweep import format
from nnsweep.design.sweep import Axis
from nnsweep.errors import NnsweepError
from nnsweep.questions.settle.more_seeds import MoreSeeds
from nnsweep.statistics.e_values import e_value, mean_interval_at_all_times, settled
from nnsweep.statistics.sign_flips import LEVEL
from nnsweep.trials.grid import Trial

if TYPE_CHECKING:
    import pandas as pd

LEAST, SHARE = 10, 0.25
"""Seeds that a round adds: a quarter of those that there are, and ten at least, so that stacks are worth their call."""


@dataclass(frozen=True)
class Question:
    """Does the second value of an axis succeed more often than the first, or less?"""

    axis: Axis
    first: object
    second: object
    each: bool = False
    """Whether every cell is a question of its own, instead of all together."""
    most: int = 2_000
    """Seeds with which it ends unanswered."""

    @property
    def names(self) -> tuple[str, str]:
        """What the two settings are called."""
        first, second = (f"{self.axis.name} = {self.axis.shown[value]}" for value in (self.first, self.second))
        return first, second


@dataclass(frozen=True, repr=False)
class Settlement:
    """What is known of a question after some seeds: differences of success by seed, between −1 and 1.

    `differences` (cells, seeds) are +1 where the second setting alone succeeds, −1 where the first does; NaN of a seed
    that was not asked for or has no pair. Its rows are those of `cells`; the columns follow the order in which seeds
    were added.
    """

    question: Question
    cells: pd.DataFrame
    differences: np.ndarray
    folder: Path

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row for each question: `seeds`, of these for the second setting (`more`) or the first (`less`), evidence.

        `e` is the largest e-value that was reached, `difference` the mean difference of the success rates with an
        interval (`low`, `high`) that holds it at all times. `answer` is `more`, `less` or `open`.
        """
        import pandas as pd

        rows = self.differences if self.question.each else self._together
        found = [_evidence(row[~np.isnan(row)], signs=not self.question.each) for row in rows]
        table = pd.DataFrame(found)
        sure = settled(table["e"].to_numpy(), LEVEL)
        table["answer"] = np.where(sure, np.where(table["more"] > table["less"], "more", "less"), "open")
        return pd.concat([self.cells, table], axis="columns") if self.question.each else table

    @property
    def _together(self) -> np.ndarray:
        """The mean difference over the cells of each seed, (1, seeds)."""
        there = ~np.isnan(self.differences)
        count = there.sum(axis=0)
        total = np.nansum(self.differences, axis=0)
        return np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)[None]

    @property
    def open(self) -> np.ndarray:
        """Which cells need more seeds, (cells,)."""
        answers = (self.table["answer"] == "open").to_numpy()
        return answers if self.question.each else np.full(len(self.differences), bool(answers[0]))

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        from nnsweep.questions.settle.text import format_settlement

        return format_settlement(self.table, self.question.names, len(self.cells), list(self.cells.columns))

    def write(self) -> Path:
        """Write the table into the results folder."""
        from nnsweep.folder.manifest import put_beside
        from nnsweep.folder.paths import Folder
        from nnsweep.tables import file_names, write_csv

        folder = Folder(self.folder)
        folder.make()
        axis, (first, second) = self.question.axis, (self.question.first, self.question.second)
        stem = f"settle_{axis.name}={axis.shown[first]}_with_{axis.shown[second]}"
        (name,) = file_names(stem, [()], suffix=".csv").values()
        path = folder.tables / name
        put_beside(folder, path, lambda draft: write_csv(self.table, draft))
        return path


def _evidence(values: np.ndarray, signs: bool) -> dict[str, float]:
    """Bet on seed after seed: the capital may be looked at after each, and the most of it counts."""
    gained, lost = np.cumsum(values > 0), np.cumsum(values < 0)
    best = max((e_value(int(k), int(n)) for k, n in zip(gained, lost, strict=True)), default=1.0)
    low, high = mean_interval_at_all_times(values, LEVEL)
    more, less = (int(each[-1]) if len(each) else 0 for each in (gained, lost))
    mean = float(values.mean()) if len(values) else float("nan")
    return {"seeds": len(values), "more": more, "less": less, "difference": mean, "low": low, "high": high, "e": best}


def settle(
    source: MoreSeeds, question: Question, wanted: Callable[[list[Trial]], list[Trial]], say: Callable[[str], object]
) -> Settlement:
    """Add seeds until the question is settled at 95 %, or there are as many as it may have.

    `wanted` chooses the trials of the cells in question; `say` is given a line after each round. What is trained is
    stored as it ends: a call that was cut off goes on when it is made again.

    Raises:
        NnsweepError: no cell has both values, or nothing says what success is. StoreError: the folder cannot be used.
    """
    source.sweep.required_success()
    asked = _Asked(source, question, wanted)
    seeds = source.seeds[: question.most]
    found = asked.more(None, seeds)
    while found.open.any() and found.differences.shape[1] < question.most:
        count = found.differences.shape[1]
        step = min(max(LEAST, ceil(SHARE * count)), question.most - count)
        cells = format.count(len(found.cells), "cell")
        say(f"{format.count(count, 'seed')}: {found.open.sum()} of {cells} open; adding {step} more")
        seeds = source.fresh(count + step - len(source.seeds))[-step:]
        found = asked.more(found, seeds)
    return found


@dataclass(frozen=True)
class _Asked:
    """Trains the open cells of a question with more seeds."""

    source: MoreSeeds
    question: Question
    wanted: Callable[[list[Trial]], list[Trial]]

    def more(self, found: Settlement | None, seeds: Sequence[int]) -> Settlement:
        """Add the seeds to the cells that are open; to all, where nothing is known yet."""
        axis, values = self.question.axis.name, (self.question.first, self.question.second)
        trials = [trial for trial in self.wanted(self.source.trials(seeds)) if trial.settings[axis] in values]
        if found is not None:
            keys = {key for key, there in zip(_keys(found.cells), found.open, strict=True) if there}
            trials = [trial for trial in trials if self._key(trial) in keys]
        table = self.source.train(trials)
        cells, gap = self._differences(table, seeds)
        if found is None:
            if not len(cells):
                first, second = self.question.names
                raise NnsweepError(
                    f"{self.source.sweep.name}: no cell and seed has ended with {first} and with {second}"
                )
            return Settlement(self.question, cells, gap, self.source.folder.root)
        rows = dict(zip(_keys(cells), gap, strict=True))
        empty = np.full(len(seeds), np.nan)
        added = np.array([rows.get(key, empty) for key in _keys(found.cells)])
        return Settlement(self.question, found.cells, np.hstack([found.differences, added]), found.folder)

    def _differences(self, table: pd.DataFrame, seeds: Sequence[int]) -> tuple[pd.DataFrame, np.ndarray]:
        from nnsweep.questions.compare.table import Pairs

        axis, shown = self.question.axis, self.question.axis.shown
        names = [name for name in self.source.sweep.cell_names if name != axis.column]
        seed = self.source.sweep.seed_name
        first, second = (
            table.loc[table[axis.column] == shown[value]] for value in (self.question.first, self.question.second)
        )
        pairs = Pairs.of(first, second, names, seed, ["success"], seeds)
        return pairs.settings, pairs.values["success_b"] - pairs.values["success_a"]

    def _key(self, trial: Trial) -> tuple[object, ...]:
        names = [axis for axis in self.source.sweep.cell_axes if axis.name != self.question.axis.name]
        return tuple(axis.shown[trial.settings[axis.name]] for axis in names)


def _keys(cells: pd.DataFrame) -> list[tuple[object, ...]]:
    return list(zip(*(cells[name].tolist() for name in cells.columns), strict=True)) or [()] * len(cells)
