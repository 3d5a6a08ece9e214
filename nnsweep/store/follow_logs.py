"""Reads what trials in training have logged since the last look: only the curves of a few, thinned out as they grow."""

from __future__ import annotations

from dataclasses import dataclass, field

from nnsweep.store import logged
from nnsweep.store.access import Access
from nnsweep.trainers.logged import Block, History

TRIALS = 12
"""The most trials whose logs are read: those that logged last."""
ROWS = 2_000
"""Rows of a trial that are kept: of twice as many, every second one is left out."""

LATEST = "select trial, max(part) from logged group by trial order by max(number) desc limit ?"
ADDED = f"select {logged.COLUMNS} from logged where trial = ? and part > ? order by part, number"


@dataclass
class _Log:
    """What one trial has logged, and the last part that was read."""

    part: int = -1
    blocks: list[Block] = field(default_factory=list)

    def add(self, blocks: list[Block]) -> None:
        self.blocks += blocks
        while sum(len(block.steps) for block in self.blocks) > 2 * ROWS:
            self.blocks = [Block(each.names, each.steps[::2], each.values[::2]) for each in self.blocks]
            if len(self.blocks) > ROWS:  # of a row each, which stay
                self.blocks = self.blocks[::2]


@dataclass
class LogFollower:
    """Follows the logs of one store."""

    _logs: dict[str, _Log] = field(default_factory=dict)

    def look(self, access: Access) -> None:
        """Read what is new, and forget trials that are stored by now.

        Raises:
            StoreError: something is not as it was written.
        """
        latest = dict(access.rows(LATEST, (TRIALS,))) if logged.is_there(access.connection) else {}
        self._logs = {id: self._logs.get(id, _Log()) for id in latest}
        for id, part in latest.items():
            log = self._logs[id]
            if part < log.part:  # it is trained once more
                log = self._logs[id] = _Log()
            if part > log.part:
                log.add(logged.read_parts(access, access.rows_as_they_are(ADDED, (id, log.part))))
                log.part = part

    @property
    def histories(self) -> dict[str, History]:
        """What each trial has logged, by id."""
        return {id: logged.to_history(log.blocks) for id, log in self._logs.items()}
