"""Diagnose why the trials of a sweep, or of a part of it, fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError
from nnsweep.folder.manifest import put_beside
from nnsweep.folder.open import StoredSweep
from nnsweep.folder.paths import Folder
from nnsweep.folder.save_figures import write_figures
from nnsweep.folder.skill import no_skill
from nnsweep.memory import give_back
from nnsweep.questions.diagnose.table import count_signatures, diagnosis, examples, extremes, medians, met, spread
from nnsweep.tables import Layout, Settings, choose_layout, file_names, frame, matrices, pages, trials_table, write_csv
from nnsweep.tables.columns import published
from nnsweep.tables.failure_patterns import MEANINGS, numbers
from nnsweep.trials.outcomes import Ends, as_columns
from nnsweep.trials.where import Condition, matching, written

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nnsweep.tables.constant import NoSkill
    from nnsweep.trainers import Outcome
    from nnsweep.trials.trial import Trial


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """The trials of a sweep, or those that meet the conditions `where`, with the numbers that explain failures."""

    sweep: Sweep
    trials: pd.DataFrame
    """One row per trial, with its `signature`, which is empty if the trial did not fail."""
    numbers: pd.DataFrame
    """The numbers of each trial's diagnosis, in the same rows: `dead`, `saturated`, `output_range`, `changed`, …"""
    folder: Folder
    where: tuple[str, ...] = ()
    no_skill: NoSkill | None = None
    """The successes that a constant output would reach too; None if there are none."""

    @classmethod
    def of(
        cls,
        sweep: Sweep,
        trials: Sequence[Trial],
        outcomes: Mapping[str, Outcome],
        metrics: Sequence[str],
        folder: Folder,
        where: Sequence[Condition] = (),
    ) -> Diagnosis:
        """Diagnose the trials that meet every condition, such as `hidden=4`.

        Raises:
            NnsweepError: a condition names no axis, or no value on it, or no trial.
        """
        chosen, ended = matching(trials, sweep, where), as_columns(outcomes)
        table, ends = trials_table(sweep, chosen, ended, metrics), Ends.of(chosen, ended)
        unskilled = no_skill(sweep, chosen, table, ends, folder)
        found, seen = frame(table), frame(numbers(ends))
        del table
        give_back()
        return cls(sweep, found, seen, folder, tuple(map(written, where)), unskilled)

    @classmethod
    def stored(cls, stored: StoredSweep, where: Sequence[str] = ()) -> Diagnosis:
        """Diagnose the stored trials of a sweep.

        Raises:
            NnsweepError: as of `of`. StoreError: the store is damaged.
        """
        return cls.of(stored.sweep, stored.grid, stored.outcomes, stored.metrics, stored.folder, where)

    @cached_property
    def layout(self) -> Layout:
        """Which axis of the cells is rows, columns and panels."""
        return choose_layout(self.sweep)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per cell, with the count of each signature; see `table.diagnosis`."""
        return published(self._table)

    @cached_property
    def _table(self) -> pd.DataFrame:
        return diagnosis(self.trials, self.numbers, self.sweep.cell_names)

    def __str__(self) -> str:
        from nnsweep.questions.diagnose.text import format_diagnosis

        axes, noted = self.sweep.cell_names, [str(self.no_skill)] if self.no_skill else []
        return format_diagnosis(self.sweep, self.trials, self.numbers, axes, self.folder, self.where, noted)

    def __repr__(self) -> str:
        return str(self)

    def to_json(self) -> dict[str, Any]:
        """Return a dict for JSON: counts, where each signature is most and least frequent, and medians."""
        counts = count_signatures(self.trials)
        middle = medians(self.trials, self.numbers).astype(object)
        return {
            "name": self.sweep.name,
            "where": list(self.where),
            "trials": sum(self._table["n"].tolist()),
            "failing": sum(counts.values()),
            "signatures": [self._signature(name, count) for name, count in counts.items()],
            "conditions": met(self.trials, self.numbers).to_dict("index"),
            "medians": middle.where(middle.notna(), None).to_dict("index"),
            "no_skill": asdict(self.no_skill) if self.no_skill else None,
        }

    def _signature(self, name: str, count: int) -> dict[str, Any]:
        ends = extremes(self.trials, self.sweep.cell_names, name).to_dict("records")
        some = examples(self.trials, name)
        return {"signature": name, "count": count, "meaning": MEANINGS[name], "axes": ends, "examples": some}

    @cached_property
    def figures(self) -> dict[str, Callable[[], Figure]]:
        """Heatmaps of the signatures by name: `diagnosis`, or one for each combination of the axes beyond three."""
        failing = self._table.loc[self._table["failing"] > 0]
        combinations = pages(failing, self.layout) if self.layout.rows is not None and len(failing) else []
        names = file_names("diagnosis", combinations, suffix="")
        return {name: lambda page=page: self._figure(page) for page, name in names.items()}

    def figure(self) -> Figure:
        """Draw the first of `figures`: for each signature that occurs, a panel that counts its trials.

        Raises:
            NnsweepError: no trial fails, or the sweep has no axis but the seed.
        """
        if not self.figures:
            raise NnsweepError(f"{self.sweep.name}: no figure, as no trial fails or there is no axis but the seed")
        return next(iter(self.figures.values()))()

    def _figure(self, page: Settings) -> Figure:
        from nnsweep.figures.heatmap import heatmaps
        from nnsweep.figures.text import signatures_title

        give_back()
        cells, layout = spread(self._table, self.layout, page)
        summed = self.layout.panels if layout.panels is None else None
        title = signatures_title(self.sweep, page, summed)
        return heatmaps(matrices(cells, layout, "trials", page), title, "failing trials")

    def write(self, figures: bool = True, formats: Sequence[str] = ("png",)) -> list[Path]:
        """Write the table and the figures into the results folder. Nothing is written for a part of a sweep."""
        if self.where:
            return []
        self.folder.make()
        paths = [self.folder.tables / "diagnosis.csv"]
        put_beside(self.folder, paths[0], lambda path: write_csv(self._table, path))
        return paths + (write_figures(self.folder, self.figures, formats) if figures else [])
