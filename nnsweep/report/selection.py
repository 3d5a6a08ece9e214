"""The tables of a sweep, or of its trials with some settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from nnsweep.design.sweep import Sweep
from nnsweep.tables import Layout, Settings, choose_layout
from nnsweep.tables.layout import is_no_grid
from nnsweep.tables.settings import in_order


@dataclass(frozen=True)
class Selection:
    """A sweep and its tables. `page` are settings that all of these trials have."""

    sweep: Sweep
    trials: pd.DataFrame
    summary: pd.DataFrame
    metrics: Sequence[str]
    page: Settings = ()

    @cached_property
    def layout(self) -> Layout:
        """Which axes are rows, columns and panels."""
        return choose_layout(self.sweep)

    @property
    def is_no_grid(self) -> bool:
        """Whether a search has left most places of a grid of its values empty: a matrix would show gaps."""
        return is_no_grid(self.sweep, self.layout, len(self.summary))

    def values(self, axis: str | None) -> list[Any]:
        """List the values of an axis in grid order; `[None]` if there is no axis."""
        return [None] if axis is None else in_order(self.layout.values[axis], pd.Index(self.summary[axis]))
