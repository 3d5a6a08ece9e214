"""Trials as a store keeps them: their ids and values are known, their parameters are not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any

from nnsweep.trainers.protocol import Params
from nnsweep.trials.codes import Codes
from nnsweep.trials.grid import Grid
from nnsweep.trials.ids import Ids
from nnsweep.trials.trial import Trial


def stored_grid(names: Sequence[str], values: Sequence[Sequence[Any]], codes: Codes, ids: Ids) -> Grid:
    """Make a grid of stored trials: `codes` number the values of each axis."""
    return Grid(names, values, codes, len(ids), _Unknown(len(names)), ids)


class _Unknown:
    """Says nothing of what trials were asked."""

    def __init__(self, axes: int) -> None:
        self.names: Sequence[Collection[str]] | None = None
        self.kind_axes: Sequence[int] = range(axes)
        self.are_complete = False

    def ids(self, codes: Codes, size: int) -> Ids:
        raise AssertionError("a stored grid has its ids")

    def params(self, codes: Codes, size: int) -> Iterator[Params]:
        return repeat({}, size)

    def packed(self, codes: Codes, size: int) -> Sequence[Params]:
        return [{}] * size

    def texts(self, codes: Codes, size: int) -> Iterator[str]:
        return repeat("", size)

    def trials(
        self, codes: Codes, size: int, ids: Iterable[str], settings: Iterable[Mapping[str, Any]]
    ) -> Iterator[Trial]:
        return map(Trial, ids, settings, repeat({}), repeat(""))
