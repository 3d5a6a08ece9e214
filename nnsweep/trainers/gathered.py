"""What a trial has logged so far, as blocks of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnsweep.data.users import described
from nnsweep.data.words import escaped
from nnsweep.trainers.logged import Block, History, Row, block_of_run, blocks_of, history_of, unpacked, whole
from nnsweep.trainers.values import NoNumberError, read

MOST = 10_000_000
"""Numbers of a trial that are kept. Of later ones, the last of each name is."""
Calls = tuple[None, list[Row]] | tuple[tuple[str, ...], bytearray]
"""What calls of `log` gave: rows; or, under the same names, the step and the numbers of each call, packed."""
LOGGED = "logged: "
"""How an explanation begins of what was logged and is not stored."""
STEP = "step"


class Gathered:
    """The blocks of a trial. Steps that are not given are counted, and what is no number is told in `left_out`."""

    def __init__(self, left_out: dict[str, str]) -> None:
        self.blocks: list[Block] = []
        self.last: dict[str, float] = {}
        """The last number of each name."""
        self._left_out = left_out
        self._step = self._numbers = 0

    def history(self) -> History:
        """Give the blocks as a history."""
        return history_of(self.blocks)

    def take(self, part: Calls) -> list[Block]:
        """Make blocks of calls, which are removed from their part; give those for which there is room."""
        size = len(part[1])
        if part[0] is None:
            blocks = self._rows_to_blocks(part[1][:size])
        else:
            blocks = self._run_to_blocks(part[0], part[1][:size])
        del part[1][:size]
        for block in blocks:
            self._step = int(block.steps[-1])
            self.last |= dict(zip(block.names, block.values[-1].tolist(), strict=True))
        return [block for block in blocks if self._has_room(block)]

    def _run_to_blocks(self, names: tuple[str, ...], data: bytearray) -> list[Block]:
        try:
            return [block_of_run(names, data, self._step)] if data else []
        except OverflowError:
            return self._rows_to_blocks(unpacked(names, data))

    def _rows_to_blocks(self, rows: list[Row]) -> list[Block]:
        rows = [row for row in rows if row[1]]
        try:
            return blocks_of(rows, self._step)
        except OverflowError:  # a whole number beyond float64, or a step beyond 64 bits
            return blocks_of([(self.plain_step(step), self.plain(values)) for step, values in rows], self._step)

    def _has_room(self, block: Block) -> bool:
        self._numbers += block.values.size
        if self._numbers <= MOST:
            self.blocks.append(block)
            return True
        for name in block.names:
            self._leave_out(name, f"more than {MOST:,} numbers in all: of the later ones, the last is stored")
        return False

    def _leave_out(self, name: Any, why: str) -> None:
        self._left_out[escaped(name) if isinstance(name, str) else described(name)] = LOGGED + why

    def plain(self, metrics: Mapping[str, Any]) -> dict[str, Any]:
        """Convert what is no plain number, before its owner changes it."""
        kept: dict[str, float] = {}
        for name, value in metrics.items():
            try:
                number = read(value)
            except NoNumberError as error:
                self._leave_out(name, f"{error}: not stored; numbers are")
                continue
            numbers = number if isinstance(number, list) else [number]
            if len(numbers) == 1:
                kept[name] = numbers[0]
            else:
                self._leave_out(name, f"a list of {len(numbers)}: not stored; numbers are")
        return kept

    def plain_step(self, step: Any) -> int | None:
        """Convert a step; None, which is counted, for what is none."""
        found = whole(step)
        if step is not None and found is None:
            self._leave_out(STEP, "no whole number from 0 on: counted instead")
        return found
