"""The question whether one setting succeeds more often than another, and the answer after some seeds."""

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
    """Does the second value of an axis succeed more or less often than the first?"""

    axis: Axis
    first: object
    second: object
    each: bool = False
    """Whether every cell is a question of its own, instead of all cells together."""
    most: int = 2_000
    """The maximum number of seeds."""

    @property
    def names(self) -> tuple[str, str]:
        """The names of the two settings."""
        first, second = (f"{self.axis.name} = {self.axis.shown[value]}" for value in (self.first, self.second))
        return first, second


@dataclass(frozen=True, repr=False)
class Settlement:
    """The answer to a question after some seeds.

    `differences` (cells, seeds) are +1 if only the second setting succeeds, −1 if only the first does, and NaN if the
    seed has no pair in the cell. The rows are those of `cells`. The columns are in the order in which seeds were added.
    """

    question: Question
    cells: pd.DataFrame
    differences: np.ndarray
    folder: Path

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per question: the number of `seeds`, and of those with which the second setting wins or loses.

        `more` and `less` count the latter. `e` is the largest e-value so far. `difference` is the mean difference of
        the success rates, with an interval (`low`, `high`) that is valid at all times. `answer` is `more`, `less` or
        `open`.
        """
        import pandas as pd

        rows = self.differences if self.question.each else self._together
        table = pd.DataFrame([_evidence(row[~np.isnan(row)]) for row in rows])
        sure = settled(table["e"].to_numpy(), LEVEL)
        table["answer"] = np.where(sure, np.where(table["more"] > table["less"], "more", "less"), "open")
        return pd.concat([self.cells, table], axis="columns") if self.question.each else table

    @property
    def _together(self) -> np.ndarray:
        """The mean difference of each seed over all cells, (1, seeds)."""
        paired = ~np.isnan(self.differences)
        count = paired.sum(axis=0)
        total = np.nansum(self.differences, axis=0)
        return np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)[None]

    @property
    def open(self) -> np.ndarray:
        """Whether each cell needs more seeds, (cells,)."""
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


def _evidence(values: np.ndarray) -> dict[str, float]:
    """Bet on one seed after the other. The capital may be checked after each, and its maximum counts."""
    gained, lost = np.cumsum(values > 0), np.cumsum(values < 0)
    best = max((e_value(int(k), int(n)) for k, n in zip(gained, lost, strict=True)), default=1.0)
    low, high = mean_interval_at_all_times(values, LEVEL)
    more, less = (int(counts[-1]) if len(counts) else 0 for counts in (gained, lost))
    mean = float(values.mean()) if len(values) else float("nan")
    return {"seeds": len(values), "more": more, "less": less, "difference": mean, "low": low, "high": high, "e": best}
