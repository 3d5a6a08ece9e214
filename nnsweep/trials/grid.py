"""The trials of a sweep: one for each combination, kept as columns. A `Trial` is made when somebody asks for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import repeat
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from nnsweep.design.sweep import SEED
from nnsweep.trainers.protocol import Params
from nnsweep.trials.codes import Codes, number_rows
from nnsweep.trials.ids import Ids, to_texts
from nnsweep.trials.row_source import ListedTrials, RowSource
from nnsweep.trials.trial import Trial

AT_ONCE = 2**14
"""Trials that are made, or digested, at once."""


class Kinds(NamedTuple):
    """The first trial of each kind, in grid order, and the number of each trial's kind, (trials,)."""

    first: Grid
    numbers: NDArray[np.integer[Any]]


class Grid(Sequence[Trial]):
    """Trials as columns: `codes` has for each axis a column (trials,) that numbers its `values`.

    A slice is a grid, too. Parameters and ids are worked out when they are asked for, and ids are kept.
    """

    def __init__(
        self,
        names: Sequence[str],
        values: Sequence[Sequence[Any]],
        codes: Codes,
        size: int,
        source: RowSource,
        ids: Ids | None = None,
        are_distinct: bool = False,
    ) -> None:
        """Take the names of the axes, the values of each and their codes; `size` is how many trials there are.

        `are_distinct` is whether all ids are known to differ.
        """
        self.names, self.values, self.codes = tuple(names), tuple(values), codes
        self._size, self._source, self._ids, self.are_distinct = size, source, ids, are_distinct
        self._whole: _Rows | None = None

    @classmethod
    def of(cls, trials: Sequence[Trial]) -> Grid:
        """Give trials as a grid, if they are not one yet."""
        if isinstance(trials, Grid):
            return trials
        names = tuple(trials[0].settings) if trials else ()
        values = [list(dict.fromkeys(trial.settings[name] for trial in trials)) for name in names]
        numbers = [{value: code for code, value in enumerate(each)} for each in values]
        pairs = zip(names, numbers, strict=True)
        codes = [np.array([number[trial.settings[name]] for trial in trials]) for name, number in pairs]
        return cls(names, values, (*codes, np.arange(len(trials))), len(trials), ListedTrials(trials, len(names)))

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, place: int) -> Trial: ...

    @overload
    def __getitem__(self, place: slice) -> Grid: ...

    def __getitem__(self, place: int | slice) -> Trial | Grid:
        if isinstance(place, slice):
            return self._part(place, len(range(*place.indices(self._size))), self.are_distinct)
        if not -self._size <= place < self._size:
            raise IndexError(f"trial {place} of {self._size}")
        (trial,) = self.take([place % self._size])
        return trial

    def __iter__(self) -> Iterator[Trial]:
        for part in self.parts(AT_ONCE):
            yield from self._source.trials(part.codes, len(part), part._id_texts(), part.settings())

    def parts(self, size: int) -> Iterator[Grid]:
        """Cut the grid into parts of at most so many trials."""
        for start in range(0, self._size, size):
            yield self[start : start + size] if self._size > size else self

    def take(self, rows: Sequence[int] | NDArray[Any]) -> Grid:
        """Give some of the trials: those at these places, in the order of these, or those where a mask is true."""
        rows = np.asarray(rows, dtype=None if len(rows) else np.intp)
        if rows.dtype == bool:
            return self._part(rows, int(rows.sum()), self.are_distinct)
        return self._part(rows, len(rows), self.are_distinct and bool((rows[1:] > rows[:-1]).all()))

    def blocks(self, rows: Iterable[NDArray[np.intp]]) -> Iterator[Grid]:
        """Take blocks, which have each trial once: ids that are computed of all of them are those of the grid."""
        gathered, left = np.empty(self._size, dtype=np.uint64), [self._size]
        for each in rows:
            block = self.take(each)
            block._whole = _Rows(self, each, gathered, left)
            yield block

    def _part(self, rows: NDArray[Any] | slice, size: int, are_distinct: bool) -> Grid:
        codes = tuple(column[rows] for column in self.codes)
        ids = None if self._ids is None else self._ids[rows]
        return Grid(self.names, self.values, codes, size, self._source, ids, are_distinct)

    def compute_ids(self) -> None:
        """Compute the ids now: parts that are taken later share them, and here neighbours have most in common."""
        assert len(self.ids) == self._size

    def corresponding(self, part: Grid) -> Grid:
        """Give the trials that have the same combinations here as those of a part of another expansion of the sweep."""
        return Grid(self.names, self.values, part.codes, len(part), self._source)

    @property
    def ids(self) -> Ids:
        """The ids, (trials,): the hex digits of `Trial.id` as numbers."""
        if self._ids is None:
            found = [part._source.ids(part.codes, len(part)) for part in self.parts(AT_ONCE)]
            self._ids = np.concatenate([np.zeros(0, dtype=np.uint64), *found])
            if self._whole is not None:
                self._whole.gather(self._ids)
        return self._ids

    def _id_texts(self) -> Iterator[str]:
        yield from to_texts(self.ids)

    def params(self) -> Iterator[Params]:
        """Make the complete parameters of each trial."""
        return self._source.params(self.codes, self._size)

    def packed_params(self) -> Sequence[Params]:
        """Give the complete parameters of all trials, to be sent to another process."""
        return self._source.packed(self.codes, self._size)

    def params_texts(self) -> Iterator[str]:
        """Write the parameters of each trial as `Trial.params_json`."""
        return self._source.texts(self.codes, self._size)

    @property
    def seeds(self) -> NDArray[np.int64] | None:
        """The seed of each trial, (trials,); None where no axis sets just that, to whole numbers of 64 bits."""
        names = self._source.names or ()
        at = next((at for at, each in enumerate(names) if each == {SEED}), None)
        if at is None or not all(type(seed) is int and abs(seed) < 2**63 for seed in self.values[at]):
            return None
        return np.array(self.values[at], dtype=np.int64)[self.codes[at]]

    @classmethod
    def joined(cls, parts: Sequence[Grid]) -> Grid:
        """Put parts of grids one after the other."""
        first = parts[0]
        if len(parts) == 1:
            return first
        if any(each._source is not first._source for each in parts):
            return cls.of([trial for part in parts for trial in part])
        codes = tuple(map(np.concatenate, zip(*(part.codes for part in parts), strict=True)))
        ids = np.concatenate([part.ids for part in parts])
        return cls(first.names, first.values, codes, len(ids), first._source, ids)

    def settings(self) -> Iterator[dict[str, Any]]:
        """Give the values of each trial on the axes, by the names of these."""
        pairs = zip(self.values, self.codes, strict=False)
        columns = [[values[code] for code in column.tolist()] for values, column in pairs]
        for each in zip(*columns, strict=True) if columns else repeat((), self._size):
            yield dict(zip(self.names, each, strict=True))

    @property
    def distinct(self) -> Grid:
        """The first trial of each id."""
        if self.are_distinct:
            return self
        order = np.argsort(self.ids, kind="stable")
        again = self.ids[order[1:]] == self.ids[order[:-1]]
        return self.take(np.sort(order[np.append(True, ~again)[: self._size]])) if again.any() else self

    def alike(self, checkpoint: str | None) -> Kinds:
        """Number the trials that differ neither in kind nor in their checkpoint; all where it is not known (None)."""
        if checkpoint is None or self._source.names is None:
            return Kinds(self, np.arange(self._size))
        first, numbers = number_rows([self.kinds.numbers, *self.columns_with(checkpoint)], self._size)
        return Kinds(self.take(first), numbers)

    def columns_with(self, name: str) -> list[NDArray[Any]]:
        """Give the columns of codes that set a parameter."""
        return [column for column, names in zip(self.codes, self._source.names or (), strict=False) if name in names]

    def columns_without(self, name: str) -> list[NDArray[Any]] | None:
        """Give the columns of codes that do not set a parameter; None if one sets it together with others."""
        names = self._source.names
        if names is None or any(name in each and len(each) > 1 for each in names):
            return None
        return [column for column, each in zip(self.codes, names, strict=True) if name not in each]

    def places(self, name: str, values: Sequence[Any]) -> NDArray[np.intp]:
        """Find the place of each trial's value on an axis among some values, (trials,)."""
        if not self._size:
            return np.zeros(0, dtype=np.intp)
        at, numbers = self.names.index(name), {value: place for place, value in enumerate(values)}
        return np.array([numbers.get(value, -1) for value in self.values[at]], dtype=np.intp)[self.codes[at]]

    def having(self, name: str, wanted: Collection[Any]) -> NDArray[np.intp]:
        """Find the places of the trials that have one of some values on an axis."""
        at = self.names.index(name)
        codes = [code for code, value in enumerate(self.values[at]) if value in wanted]
        return np.isin(self.codes[at], codes).nonzero()[0]

    @property
    def are_complete(self) -> bool:
        """Whether the parameters are known: not of trials that were read from a store."""
        return self._source.are_complete

    @cached_property
    def kinds(self) -> Kinds:
        """The kinds of trials: what does not depend on training is the same for all trials of a kind."""
        first, numbers = number_rows([self.codes[at] for at in self._source.kind_axes], self._size)
        return Kinds(self.take(first), numbers.astype(np.min_scalar_type(len(first))))  # most grids have a few


class _Rows(NamedTuple):
    """The rows of a block, and the ids of the whole grid as far as blocks have computed them."""

    grid: Grid
    rows: NDArray[np.intp]
    gathered: Ids
    left: list[int]

    def gather(self, ids: Ids) -> None:
        self.gathered[self.rows] = ids
        self.left[0] -= len(ids)
        if not self.left[0]:
            self.grid._ids = self.gathered
