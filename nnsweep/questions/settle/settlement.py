"""Ask a question until it is answered: add seeds, where they are needed, until two settings are told apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nnsweep.confidence import LEVEL
from nnsweep.design.sweep import Axis
from nnsweep.statistics.e_values import e_value, mean_interval_at_all_times, settled

if TYPE_CHECKING:
    import pandas as pd


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
