"""The complete parameters of combinations, their JSON and their ids: what combinations share is worked out once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np

from nnsweep.data import DataSource
from nnsweep.data.users import plain_name
from nnsweep.design.sweep import SEED
from nnsweep.trainers.protocol import Params, Trainer
from nnsweep.trials.codes import Codes, number_rows, starts_of_runs
from nnsweep.trials.ids import Ids
from nnsweep.trials.packed import PackedParams
from nnsweep.trials.texts import Members, Parts, Template, Texts, fill
from nnsweep.trials.trial import Trial, canonical_json

Choices = Sequence[dict[str, Any]]
"""The parameters that each value on an axis sets."""
Identify = Callable[[DataSource], DataSource]
"""Says what stands for a data set in ids."""
KINDS_KEPT = 1024
"""Kinds that are kept: where a trainer does not say what is decisive, there may be as many as trials."""
CELLS_KEPT = 1024
"""Cells that are kept: the trials of one training are of several."""
LISTS_KEPT = 4
"""Lists of such ends that are kept: neighbouring cells mostly have the same."""
TAILS_KEPT = 2**14
"""Ends of texts that are kept: a kind has one for each value on the innermost axis."""


class Completion:
    """Completes the parameters of combinations, and digests them.

    Trials are of one kind if they differ only in parameters that decide nothing but training (`Trainer.decisive`). The
    parameters of a kind are resolved once, and written as JSON with gaps for those in which its trials differ. Trials
    that differ on the innermost axis alone are a cell: the text before the gap of that axis is digested once.
    """

    are_complete = True

    def __init__(
        self, base: Params, axes: Sequence[Choices], trainer: Trainer, judged_by: str, identify: Identify
    ) -> None:
        """Take the parameters of one combination, and what the values of each axis set."""
        self._base, self._axes, self._trainer = base, axes, trainer
        self._judged_by, self._identify = judged_by, identify
        values = _values(base, axes)
        self._sources = {name for name, each in values.items() if any(isinstance(v, DataSource) for v in each)}
        decisive = trainer.decisive(values)
        self._same_data = decisive is not None
        known = values.keys() if decisive is None else {*decisive, *self._sources}
        self.names = [_names(axis) for axis in axes]
        self.kind_axes = [at for at, names in enumerate(self.names) if names & known]
        gaps = _gaps(axes, known - {SEED})
        self._resolved = [at for at in range(len(axes)) if at not in gaps]
        self._outer = [at for at in gaps if at != len(axes) - 1]
        inner = axes[-1] if len(gaps) > len(self._outer) else None
        self._cell_axes = len(axes) if inner is None else len(axes) - 1
        self._inner: Choices = [{}] if inner is None else inner
        self._gap_names = {name for at in gaps for name in self.names[at]}
        members = Members(trainer)
        self._write, self._texts = members.write, [[members.write(put) for put in axis] for axis in axes]
        self._inner_texts = [members.write(put) for put in self._inner]
        self._cell = lru_cache(CELLS_KEPT)(self._make_cell)
        self._kind, self._data = lru_cache(KINDS_KEPT)(self._make_kind), cache(canonical_json)
        self._tail, self._id_tail = lru_cache(TAILS_KEPT)(self._make_tail), lru_cache(TAILS_KEPT)(self._make_id_tail)
        self._id_tails = lru_cache(LISTS_KEPT)(self._make_id_tails)
        named = f'"trainer":{canonical_json(plain_name(trainer.name))},"version":{canonical_json(trainer.version)}'
        self._end = f"}},{named}}}"

    def tells_apart(self, codes: Codes, size: int) -> bool:
        """Whether different combinations are known to have different ids, without computing them."""
        columns = [codes[at] for at in self._resolved]
        first, _ = number_rows(columns, size)
        if len(first) > KINDS_KEPT or any(self._repeats(at) for at in self._outer) or self._repeats(-1):
            return False
        keys = zip(*(column[first].tolist() for column in columns), strict=True) if columns else [()]
        kinds = [self._kind(key) for key in keys]
        return len({(kind.data, kind.same) for kind in kinds}) == len(kinds)

    def _repeats(self, at: int) -> bool:
        """Tell whether two values on an axis set the same."""
        texts = self._inner_texts if at == -1 else self._texts[at]
        return len({tuple(each.items()) for each in texts}) < len(texts)

    def ids(self, codes: Codes, size: int) -> Ids:
        """Compute the ids of combinations, (rows,): 64 bits, the first hex digit highest."""
        found = [b"".join(self._digests(cell, inner)) for cell, inner in self._cells(codes, size)]
        return np.frombuffer(b"".join(found), dtype=">u8").reshape(size, -1)[:, 0].astype(np.uint64)

    def params(self, codes: Codes, size: int) -> Iterator[dict[str, Any]]:
        """Make the complete parameters of each combination."""
        cell, inner = self._cell, self._inner
        return (cell(key).params | inner[code] for key, code in self._keys(codes, size))

    def packed(self, codes: Codes, size: int) -> PackedParams:
        """Give what `params` makes, the parameters of each cell once."""
        of_cells = codes[: self._cell_axes]
        first, cell = number_rows(of_cells, size)
        keys = zip(*(column[first].tolist() for column in of_cells), strict=True) if of_cells else [()]
        inner = np.array(self._inner_codes(codes, size), dtype=np.int32)
        return PackedParams([self._cell(key).params for key in keys], self._inner, cell.astype(np.int32), inner)

    def trials(
        self, codes: Codes, size: int, ids: Iterable[str], settings: Iterable[Mapping[str, Any]]
    ) -> Iterator[Trial]:
        """Make the trials of combinations, whose ids and settings are given."""
        return map(Trial, ids, settings, self.params(codes, size), self.texts(codes, size))

    def texts(self, codes: Codes, size: int) -> Iterator[str]:
        """Write the parameters of each combination as canonical JSON, without those added later at their defaults."""
        for key, code in self._keys(codes, size):
            head, tail, outer = self._cell(key).json
            yield f"{{{(head + self._tail(tail, outer, code))[1:]}}}"

    def _keys(self, codes: Codes, size: int) -> Iterator[tuple[tuple[int, ...], int]]:
        """Give for each row the codes of its cell, and that on the innermost axis."""
        of_cells = codes[: self._cell_axes]
        keys = zip(*(column.tolist() for column in of_cells), strict=True) if of_cells else repeat((), size)
        return zip(keys, self._inner_codes(codes, size), strict=True)

    def _cells(self, codes: Codes, size: int) -> Iterator[tuple[_Cell, list[int]]]:
        """Yield each run of trials of one cell: the cell, and the trials' codes on the innermost axis."""
        of_cells, inner = codes[: self._cell_axes], self._inner_codes(codes, size)
        starts = starts_of_runs(of_cells, size)
        keys = zip(*(column[starts].tolist() for column in of_cells), strict=True) if of_cells else [()]
        for key, start, end in zip(keys, starts, [*starts[1:], size], strict=False):
            yield self._cell(key), inner[start:end]

    def _inner_codes(self, codes: Codes, size: int) -> list[int]:
        return codes[-1].tolist() if self._cell_axes < len(codes) else [0] * size

    def _make_cell(self, key: tuple[int, ...]) -> _Cell:
        kind = self._kind(tuple([key[at] for at in self._resolved]))
        params, texts = kind.params, {}
        for at in self._outer:
            params, texts = params | self._axes[at][key[at]], texts | self._texts[at][key[at]]
        json = _Filled.of(kind.json, texts)
        return _Cell(params, json, json if kind.same is kind.json else _Filled.of(kind.same, texts), kind.data)

    def _make_kind(self, key: tuple[int, ...]) -> _Kind:
        given, texts = dict(self._base), self._write(self._base)
        for at, code in zip(self._resolved, key, strict=True):
            given |= self._axes[at][code]
            texts |= self._texts[at][code]
        params = dict(self._trainer.resolve(given, self._judged_by))
        texts |= self._write({name: value for name, value in params.items() if value is not given[name]})
        same = dict(self._trainer.identity(params))
        same |= {name: self._identify(same[name]) for name in self._sources if isinstance(same[name], DataSource)}
        renamed = {name: value for name, value in same.items() if value is not params[name]}
        json = self._template(texts)
        data = self._data(self._trainer.fingerprint(params)) if self._same_data else None
        return _Kind(params, data, json, self._template(texts | self._write(renamed)) if renamed else json)

    def _template(self, texts: Texts) -> Template:
        return Template.of(texts, self._gap_names, self._inner[0])

    def _digests(self, cell: _Cell, inner: Sequence[int]) -> list[bytes]:
        head, tail, outer = cell.same
        tails = self._id_tails(tail, outer, tuple(inner), not head)
        if cell.data is not None:
            return _digest_all(_begin(cell.data, head), tails)
        found: list[bytes] = []
        for code, tail in zip(inner, tails, strict=True):  # the data may depend on the seed
            data = self._data(self._trainer.fingerprint(cell.params | self._inner[code]))
            found.append(blake2b(_begin(data, head) + tail).digest())
        return found

    def _make_tail(self, parts: Parts, outer: tuple[tuple[str, str], ...], code: int) -> str:
        return fill(parts, dict(outer) | self._inner_texts[code])

    def _make_id_tails(
        self, parts: Parts, outer: tuple[tuple[str, str], ...], codes: tuple[int, ...], first: bool
    ) -> list[bytes]:
        return [self._id_tail(parts, outer, code, first) for code in codes]

    def _make_id_tail(self, parts: Parts, outer: tuple[tuple[str, str], ...], code: int, first: bool) -> bytes:
        """Write the end of the text of an id; `first` is whether the first parameter begins it."""
        return f"{self._make_tail(parts, outer, code)[first:]}{self._end}".encode()


class _Kind(NamedTuple):
    """The parameters of a kind, the fingerprint of its data as JSON, and the JSON of its parameters and for its ids.

    `data` is None where the fingerprint may differ between trials.
    """

    params: dict[str, Any]
    data: str | None
    json: Template
    same: Template


class _Filled(NamedTuple):
    """The JSON of the trials of a cell: the text before the innermost axis, the parts after it, and what these need."""

    head: str
    tail: Parts
    outer: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, template: Template, texts: Texts) -> _Filled:
        return cls(fill(template.head, texts), template.tail, template.outer(texts))


class _Cell(NamedTuple):
    """What the trials of a cell share: their parameters, their JSON, and that for ids; for `data` see `_Kind`."""

    params: dict[str, Any]
    json: _Filled
    same: _Filled
    data: str | None


def _begin(data: str, head: str) -> bytes:
    return f'{{"data":{data},"params":{{{head[1:]}'.encode()


def _digest_all(head: bytes, tails: Sequence[bytes]) -> list[bytes]:
    """Digest texts of the same beginning."""
    copy, found = blake2b(head).copy, []
    for tail in tails:
        digest = copy()
        digest.update(tail)
        found.append(digest.digest())
    return found


def _values(base: Params, axes: Sequence[Choices]) -> dict[str, list[Any]]:
    """List what a sweep has for each parameter."""
    found = {name: [value] for name, value in base.items()}
    for name, value in (pair for axis in axes for put in axis for pair in put.items()):
        found.setdefault(name, []).append(value)
    return found


def _names(axis: Choices) -> set[str]:
    return {name for put in axis for name in put}


def _gaps(axes: Sequence[Choices], decisive: Collection[str]) -> list[int]:
    """Number the axes that set only what is not decisive, and what no other axis sets."""
    names = [_names(axis) for axis in axes]
    setters = Counter(name for each in names for name in each)
    return [at for at, each in enumerate(names) if not any(name in decisive or setters[name] > 1 for name in each)]
