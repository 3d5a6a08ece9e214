"""Reads the histories of a block of trials."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nnsweep.store import contents
from nnsweep.store.access import Access
from nnsweep.store.histories import Based, History, unpack
from nnsweep.store.shapes import Lists, Shape
from nnsweep.store.trial_reader import Block, TrialReader
from nnsweep.store.trial_writer import digest_history


class HistoryReader:
    """Gives the unpacked histories of a block's trials by their numbers."""

    def __init__(self, access: Access, reader: TrialReader, block: Block) -> None:
        """Read and check all of them.

        Raises:
            StoreError: one is not as it was written. Foreign: nnsweep did not write one.
        """
        self._access = access
        numbers = block.columns["history"]
        self._data = self._read(np.unique(numbers[numbers != 0]).tolist())
        self._unpacked: dict[tuple[int, Lists | None], History] = {}
        reader.check_shared(block.columns, "history", {0: None, **self._data})

    def _read(self, numbers: list[int]) -> dict[int, Any]:
        """Read histories by their numbers. Those that are not as they were written are left out."""
        rows = self._rows(numbers)
        bases = rows | self._rows({base for base, _, _ in rows.values()} - rows.keys() - {0})
        found = {}
        for number, (base, head, data) in rows.items():
            if not base:
                found[number] = data
            elif base in bases and not bases[base][0] and isinstance(data, bytes):
                found[number] = Based(bases[base][2], head, data)
        return found

    def _rows(self, numbers: Iterable[int]) -> dict[int, Any]:
        asked = list(numbers)
        rows = self._access.numbered("history", "number, base, head, data, digest", asked) if asked else []
        found = {row[0]: row[1:4] for row in rows if digest_history(*row[:4]) == row[4]}
        if not all(type(base) is int and type(head) is int for base, head, _ in found.values()):
            raise contents.Foreign("a history")
        return found

    def __call__(self, number: int, shape: Shape) -> History:
        """Give a history, of all epochs of its training.

        Raises:
            ValueError, TypeError, AttributeError, OverflowError, RecursionError: nnsweep did not write it.
        """
        key = number, shape.history
        if key not in self._unpacked:
            self._unpacked[key] = unpack(self._data[number], shape.history)
        return self._unpacked[key]
