"""The data of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnsweep.design.spelling import bare
from nnsweep.design.sweep import Sweep
from nnsweep.tables.failure_patterns import UNDIAGNOSED
from nnsweep.tables.layout import is_no_grid
from nnsweep.tables.settings import in_order

if TYPE_CHECKING:
    import pandas as pd

    from nnsweep.questions.noted.subjects import Noted
    from nnsweep.questions.trial.failures import Group
    from nnsweep.report.search_view import SearchView
    from nnsweep.tables import Columns, Layout


@dataclass(frozen=True)
class ReportData:
    """A sweep, its tables, and the files beside the page. Everything on the page is computed from these."""

    sweep: Sweep
    trials: pd.DataFrame
    """The trials without their ids and signatures."""
    columns: Columns
    """The trials with all columns."""
    summary: pd.DataFrame
    layout: Layout
    metrics: Sequence[str]
    failures: Sequence[Group]
    """Failed trials, grouped by error."""
    reasons: Mapping[str, str]
    """The message of each failed trial by id."""
    record: Mapping[str, Any]
    """The content of `env.json`; empty if the file is missing."""
    folder: Path
    files: Sequence[Path]
    """Tables and figures, in the order in which the page names them."""
    alike: str = ""
    """A sentence if seeds change nothing; else empty."""
    no_skill: str = ""
    """A sentence if successes have a constant output or are no better than one; else empty."""
    search: SearchView | None = None
    """What a search found; None of other sweeps."""
    confirmed: str = ""
    """What the best of a search gives on the seeds that chose it, and on fresh ones; else empty."""
    noted: Sequence[Noted] = ()
    """The notes and tags of the sweep and of its trials."""

    @property
    def is_no_grid(self) -> bool:
        """Whether a search left most of a grid empty, so that heatmaps would show gaps."""
        return is_no_grid(self.sweep, self.layout, len(self.summary))

    @cached_property
    def axes(self) -> dict[str, list[Any]]:
        """The values of each axis except the seed, as in the tables and in grid order."""
        import pandas as pd

        names = self.sweep.cell_names
        return {name: in_order(self.layout.values[name], pd.Index(self.summary[name])) for name in names}

    @cached_property
    def labels(self) -> dict[str, list[str]]:
        """The labels of the values of each axis; of a search, which shows no heatmap of them, every digit."""
        return {name: value_labels(values, exact=self.is_no_grid) for name, values in self.axes.items()}

    @property
    def labelled(self) -> dict[str, dict[Any, str]]:
        """The label of each value of each axis."""
        return {name: dict(zip(values, self.labels[name], strict=True)) for name, values in self.axes.items()}

    @cached_property
    def seed(self) -> str | None:
        """The column of the replicates; None if there are none."""
        return self.sweep.seed_name

    @property
    def metric(self) -> str | None:
        """The metric of success, or the first one; None if nothing was measured."""
        if self.sweep.success is not None:
            return self.sweep.success.metric
        return next(iter(self.metrics), None)

    @cached_property
    def has_signatures(self) -> bool:
        """Whether any failing trial was diagnosed."""
        signatures = set(self.columns["signature"].tolist()) if "signature" in self.columns else set()
        return not signatures <= {"", UNDIAGNOSED}

    @cached_property
    def order(self) -> list[int]:
        """The rows of the summary, the best first: see `questions.rank.criterion`."""
        from nnsweep.questions.rank.criterion import order_cells

        return order_cells(self.sweep, self.columns)

    def best(self, cells: pd.DataFrame) -> int:
        """The best of some rows of the summary; the first of them if none of their trials has ended."""
        some = cells.index.tolist()
        return next((row for row in self.order if row in set(some)), some[0])

    def where(self, settings: Mapping[str, Any], names: Sequence[str] | None = None) -> str:
        """Name a cell: `alpha = 0.02, epochs = 5`."""
        chosen = [name for name in (self.axes if names is None else names) if name in settings]
        return ", ".join(f"{name.strip()} = {self._label(name, settings[name])}" for name in chosen)

    def _label(self, name: str, value: Any) -> str:
        return self.labels[name][self.axes[name].index(value)]


def value_labels(values: list[Any], exact: bool = False) -> list[str]:
    """Write numbers as figures do, and names unchanged, because a browser breaks lines by itself."""
    if exact or any(isinstance(value, str) for value in values):
        return [str(value) for value in bare(values)]
    from nnsweep.figures.text import tick_labels

    return tick_labels(values)
