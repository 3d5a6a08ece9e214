"""Which trials of a sweep are to be trained: those that are missing, or some that are stored, again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from nnsweep.store import Store
from nnsweep.trials.grid import Grid
from nnsweep.trials.ids import Ids
from nnsweep.trials.outcomes import STATUSES, Ends


class Wanted(Protocol):
    """Which trials of a sweep are to be trained."""

    @property
    def copying(self) -> bool:
        """Whether trials that other folders have are copied first."""
        ...

    @property
    def again(self) -> bool:
        """Whether stored trials are trained again."""
        ...

    def known(self, block: Grid, store: Store, stored: Ids) -> Ids:
        """Return the sorted ids of the trials of a block that are not to be trained; `stored` are the stored ids."""
        ...


@dataclass(frozen=True)
class Missing:
    """Trials that are not stored."""

    copying: bool = True
    again: bool = False

    def known(self, block: Grid, store: Store, stored: Ids) -> Ids:
        """Give what is stored."""
        return stored


@dataclass(frozen=True)
class Again:
    """Stored trials of some statuses; if `ids` are given, only those among them."""

    statuses: Collection[str]
    ids: Ids | None = None
    copying: bool = False
    again: bool = True

    def known(self, block: Grid, store: Store, stored: Ids) -> Ids:
        """Give all others."""
        ends = Ends.of(block, store.columns(block.ids))
        wanted = np.isin(ends.status, [STATUSES.index(status) for status in STATUSES if status in self.statuses])
        if self.ids is not None:
            wanted &= np.isin(block.ids, self.ids)
        return np.sort(block.ids[~wanted])
