"""The parameters of trials, to be sent to another process: what many trials share is sent once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from nnsweep.trainers.protocol import Params


@dataclass(frozen=True, eq=False)
class PackedParams(Sequence[Params]):
    """The parameters of T trials. The table of each is made when it is asked for.

    `cell` and `inner`, (T,), are places in `cells` and `choices`: a trial has the parameters of both.
    """

    cells: Sequence[Params]
    choices: Sequence[Params]
    cell: NDArray[np.integer[Any]]
    inner: NDArray[np.integer[Any]]

    def __len__(self) -> int:
        return len(self.cell)

    def __iter__(self) -> Iterator[Params]:
        cells, choices = self.cells, self.choices
        return (
            {**cells[cell], **choices[inner]}
            for cell, inner in zip(self.cell.tolist(), self.inner.tolist(), strict=True)
        )

    @overload
    def __getitem__(self, place: int) -> Params: ...

    @overload
    def __getitem__(self, place: slice) -> PackedParams: ...

    def __getitem__(self, place: int | slice) -> Params | PackedParams:
        """Make the parameters of one trial, or take several trials."""
        if isinstance(place, slice):
            return PackedParams(self.cells, self.choices, self.cell[place], self.inner[place])
        return {**self.cells[self.cell[place]], **self.choices[self.inner[place]]}
