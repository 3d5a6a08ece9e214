"""What a search found, computed once: for its tables, its figures and its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from nnsweep.design.columns import BEST, FIRST, FLAWED, HIGH, LOW, NONE, VALUE
from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError
from nnsweep.questions.search.best_so_far import BestSoFar, best_so_far
from nnsweep.questions.search.configurations import Configurations
from nnsweep.questions.search.fitted import Fitted
from nnsweep.questions.search.pareto import Pareto, pareto
from nnsweep.questions.search.plane import Plane, plane
from nnsweep.questions.search.repetitions import check_repetitions
from nnsweep.questions.search.stages import Stages, stages
from nnsweep.tables import Columns
from nnsweep.tables.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

LUCK = "It is measured on the seeds that chose it: partly luck."
"""What a figure of the best says."""


@dataclass(frozen=True, eq=False)
class SearchView:
    """A sweep's configurations, judged as its search did or by another metric, and what is computed from them."""

    sweep: Sweep
    trials: Columns
    """The trials table."""
    metric: str = ""
    page: Settings = ()

    @cached_property
    def found(self) -> Configurations:
        """The configurations.

        Raises:
            NnsweepError: there is no such metric, or no trial has ended with it.
        """
        found = Configurations.of(self.sweep, self.trials, self.metric, self.page)
        if np.isnan(found.value).all():
            what = found.criterion.metric
            raise NnsweepError(
                f"{self.sweep.name}: no configuration has ended with its {what}; there is nothing to draw"
            )
        return found

    @property
    def has_values(self) -> bool:
        """Whether any configuration has a value."""
        try:
            return self.found.count > 0
        except NnsweepError:
            return False

    def best_so_far(self, others: Sequence[SearchView] = ()) -> BestSoFar:
        """Follow the search, beside repetitions of it.

        Raises:
            NnsweepError: it is no search, or the others are no repetitions.
        """
        check_repetitions(self.sweep, [other.sweep for other in others])
        return best_so_far(self.found, [other.found for other in others])

    @cached_property
    def fitted(self) -> Fitted:
        """The surrogate of the values."""
        return Fitted(self.found)

    @cached_property
    def plane(self) -> Plane:
        """The plane of the two axes that explain most.

        Raises:
            NnsweepError: there are no two axes.
        """
        return plane(self.fitted)

    def plane_of(self, axes: Sequence[str]) -> Plane:
        """The plane of two axes.

        Raises:
            NnsweepError: there are no such axes.
        """
        return plane(self.fitted, axes)

    @cached_property
    def pareto(self) -> Pareto | None:
        """The front of a search by several metrics; None of any other."""
        return pareto(self.sweep, self.trials)

    @property
    def required_importances(self) -> Columns:
        """The shares of the axes.

        Raises:
            NnsweepError: no surrogate can be believed.
        """
        found = self.fitted.importances
        if found is None:
            raise NnsweepError(f"{self.sweep.name}: no importances: {self.fitted.why_not}")
        return found

    @property
    def required_pareto(self) -> Pareto:
        """The front.

        Raises:
            NnsweepError: it is no search by several metrics, or none of its trials has ended.
        """
        if self.pareto is None or not self.pareto.front.any():
            raise NnsweepError(
                f"{self.sweep.name}: no front: a search by two `metrics` has one, once trials have ended"
            )
        return self.pareto

    @cached_property
    def stages(self) -> Stages | None:
        """How far each configuration came; None of a search that stops none early."""
        return stages(self.found)

    @cached_property
    def tables(self) -> dict[str, Columns]:
        """The tables that a run writes, by the start of their file names; none of a sweep that is no search."""
        if self.sweep.search is None or not self.has_values:
            return {}
        importances, front = self.fitted.importances, self.pareto
        found = {"best_so_far": self.best_so_far().table}
        found |= {} if importances is None else {"importances": importances}
        return found | ({} if front is None else {"pareto": front.table})

    @cached_property
    def points(self) -> pd.DataFrame:
        """The configurations for figures: see `figures.axes_of_search`. Of a halving, each at its last epochs."""
        import pandas as pd

        found = self.found
        columns: dict[str, Any] = {axis.column: found.places[:, at] for at, axis in enumerate(found.axes)}
        columns[VALUE] = found.value
        if not found.criterion.by_success and self.sweep.seed_name is not None:
            columns[LOW], columns[HIGH] = found.quartiles
        columns |= {BEST: found.among_best, FIRST: found.rank == 0, FLAWED: found.flawed, NONE: np.isnan(found.value)}
        return pd.DataFrame(columns).loc[found.last & (found.trained > 0)].reset_index(drop=True)
