"""Reads trials by blocks: rows as columns, each checked with all that they share."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from nnsweep.errors import StoreError
from nnsweep.store import contents, ids
from nnsweep.store.access import Access, Values
from nnsweep.store.checksum import Floats, Ints, checksums
from nnsweep.store.rows import FOREIGN, digest, encode
from nnsweep.store.shapes import Measures, Shape, read_shapes
from nnsweep.store.trial_writer import COLUMNS
from nnsweep.trials.ids import Ids

SELECTED = ", ".join(f"trial.{name}" for name in ("number", *COLUMNS, "digest"))
REALS = frozenset({"seconds"})
"""Columns of numbers that are not whole."""


@dataclass(frozen=True)
class Block:
    """Some trials: columns (T,), and what these refer to.

    `measures` are columns by number, NaN where a trial has none. `failures` are texts by number, `others` JSON by id.
    """

    columns: Mapping[str, Ints | Floats]
    measures: Mapping[int, Floats]
    shapes: Mapping[int, Shape]
    failures: Mapping[int, str]
    others: Mapping[int, str]
    names: Measures

    def __len__(self) -> int:
        """Count the trials."""
        return len(self.columns["id"])

    @property
    def ids(self) -> Ids:
        """The ids as numbers, (T,)."""
        return self.columns["id"].view(np.uint64)

    def by_shape(self) -> Iterator[tuple[Shape, NDArray[np.intp]]]:
        """Give the rows of each shape."""
        numbers = self.columns["shape"]
        for number in sorted(set(numbers.tolist())):
            yield self.shapes[number], np.flatnonzero(numbers == number)


class TrialReader:
    """Reads blocks of trials."""

    def __init__(self, access: Access) -> None:
        """Remember where to read; the names of columns are read when they are needed."""
        self._access = access
        self._names: Measures | None = None
        self._shapes: dict[int, Shape] = {}

    def numbered(self, numbers: Ints) -> Block | None:
        """Read and check the trials that have some numbers, given in ascending order.

        Raises:
            StoreError: a trial, or what it refers to, is not as it was written.
        """
        first, last = int(numbers[0]), int(numbers[-1])
        if last - first + 1 == len(numbers):
            return self.block("from trial where number between ? and ? order by number", (first, last), of_table=True)
        asked = "from json_each(?) as asked cross join trial on trial.number = asked.value order by asked.key"
        return self.block(asked, (encode(numbers.tolist()),))

    def block(self, source: str, values: Sequence[Any], of_table: bool = False) -> Block | None:
        """Read and check trials; None where there are none. `of_table` is whether `values` are first and last number.

        Raises:
            StoreError: a trial, or what it refers to, is not as it was written.
        """
        with self._access.snapshot():
            try:
                return self._block(source, values, of_table)
            except contents.Foreign:
                raise StoreError(f"{self._access.path}: {FOREIGN}") from None

    def _block(self, source: str, values: Sequence[Any], of_table: bool) -> Block | None:
        names = Measures(self._access)
        rows = self._access.table("trial", _kinds(len(names)), *values) if of_table else None
        if rows is None:
            rows = self._rows(f"select {SELECTED}{names.columns()} {source}", values, len(names))
        if not len(rows["id"]):
            return None
        columns: dict[str, Any] = {name: np.ascontiguousarray(rows[name]) for name in ("number", *COLUMNS)}
        measures = {number: np.ascontiguousarray(rows[f"m{number}"]) for number in range(1, len(names) + 1)}
        digests, found = rows["digest"], [columns[name] for name in COLUMNS]
        self._refuse(columns["id"], digests != checksums(found, sorted(measures.items())))
        if not (np.isfinite(columns["seconds"]) & (columns["seconds"] >= 0)).all():
            raise contents.Foreign("seconds")
        if any(np.isinf(column).any() for column in measures.values()):
            raise contents.Foreign("not finite")
        if not self._shapes.keys() >= set(columns["shape"].tolist()):
            self._shapes = read_shapes(self._access)
        self.check_shared(columns, "shape", self._shapes)
        failures = self._failures(columns["failure"])
        self.check_shared(columns, "failure", {0: "", **failures})
        return Block(columns, measures, self._shapes, failures, self._others(columns), names)

    def _rows(self, sql: str, values: Sequence[Any], measures: int) -> NDArray[Any]:
        """Read rows as an array with fields, the measures last."""
        kinds = _kinds(measures)
        try:
            return self._access.numbers(sql, values, kinds)
        except (TypeError, ValueError, OverflowError):
            rows = self._access.rows_as_they_are(sql, values)
            wrong = [row for row in rows if not _is_sound(row, kinds)]
            self._raise_changed(_shown(wrong[0][1]), len(wrong), len(rows))

    def check_shared(self, columns: Mapping[str, Any], name: str, found: Container[int]) -> None:
        """Make sure that all was found that a column refers to.

        Raises:
            StoreError: not so.
        """
        numbers = columns[name]
        lost = [number for number in set(numbers.tolist()) if number not in found]
        if lost:
            self._refuse(columns["id"], np.isin(numbers, lost))

    def _refuse(self, of: Ints, changed: NDArray[np.bool_]) -> None:
        if changed.any():
            self._raise_changed(ids.to_texts(of[changed][:1])[0], int(changed.sum()), len(of))

    def _raise_changed(self, id: str, changed: int, read: int) -> NoReturn:
        raise StoreError(
            f"{self._access.path}: trial {id} is not as it was written (its digest does not match; "
            f"{changed} of {read} rows read); restore the file from a copy, or train again with --fresh"
        )

    def _failures(self, numbers: Ints) -> dict[int, str]:
        asked = sorted(set(numbers[numbers != 0].tolist()))
        rows = self._access.numbered("failure", "number, text, digest", asked) if asked else []
        found = {row[0]: row[1] for row in rows if digest(row[:-1]) == row[-1]}
        if not set(map(type, found.values())) <= {str}:
            raise contents.Foreign("a failure")
        return found

    def _others(self, columns: Mapping[str, Any]) -> dict[int, str]:
        having = [number for number, shape in self._shapes.items() if shape.others]
        asked = columns["id"][np.isin(columns["shape"], having)]
        if not len(asked):
            return {}
        rows = self._access.numbered("other", "other.trial, numbers, digest", asked.tolist(), key="trial")
        found = {row[0]: row[1] for row in rows if digest(row[:-1]) == row[-1]}
        lost = np.isin(columns["id"], [id for id in asked.tolist() if id not in found])
        self._refuse(columns["id"], lost)
        return found


def _kinds(measures: int) -> np.dtype[Any]:
    """Give the fields of a row."""
    names = ["number", *COLUMNS, "digest"]
    numbers = [(name, np.float64 if name in REALS else np.int64) for name in names]
    return np.dtype([*numbers, *((f"m{number}", np.float64) for number in range(1, measures + 1))])


def _is_sound(row: Values, kinds: np.dtype[Any]) -> bool:
    try:
        np.fromiter([row], kinds)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _shown(id: Any) -> str:
    return f"{id % 2**64:016x}" if isinstance(id, int) else str(id).encode("unicode_escape").decode()[:100]
