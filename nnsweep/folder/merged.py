"""What a merge took from each folder, and what it did not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nnsweep import format
from nnsweep.folder.paths import Folder
from nnsweep.format import count_trials


@dataclass
class Joined:
    """What a merge took from one folder."""

    folder: Folder
    read: int = 0
    new: int = 0
    replaced: int = 0
    """Trials that ended in this folder, where the target had only a failure."""
    failed: int = 0
    """Trials that failed in this folder, and ended, or failed in another way, in the target."""
    rejected: int = 0
    """Trials that ended with another result than in the target."""
    difference: str = ""
    """The first such trial, how its results differ, and how the machines do."""
    problem: str = ""
    """Why no more of the folder was merged."""
    notes: int = 0
    """Notes and tags that were new."""
    damaged: int = 0
    """Trials of which a saved file could not be copied."""
    damage: str = ""
    """What is wrong with the first such file."""
    running: bool = False
    """Whether a run was using the folder."""

    def add_damaged(self, problems: Mapping[str, str]) -> None:
        """Count trials of which a file could not be copied, given what is wrong, by id."""
        self.damaged += len(problems)
        self.damage = self.damage or next(iter(problems.values()), "")

    def lines(self, target: Path) -> Iterator[str]:
        """Say what was taken, and what was not."""
        there = self.read - self.new - self.replaced - self.failed - self.rejected
        counts = [(self.new, "new"), (there, "there already"), (self.replaced, "in place of failures")]
        counts += [(self.failed, "failed otherwise than there"), (self.rejected, "with another result")]
        said = [f"{count:,} {what}" for count, what in counts if count]
        yield f"{self.folder.root}: {count_trials(self.read)}{': ' * bool(said)}{', '.join(said)}"
        if self.notes:
            yield f"{self.folder.root}: {format.count(self.notes, 'new note or tag', 'new notes and tags')}"
        if self.rejected:
            yield (
                f"{self.folder.root}: {count_trials(self.rejected)} with another result than in {target}, which keeps "
                f"its own; the other is in the table `rejected` of its trials.db; {self.difference}"
            )
        if self.damaged:
            of_trials = f"files of {count_trials(self.damaged)} were not merged"
            yield f"{self.folder.root}: {of_trials}; of the first: {self.damage}"
        if self.running:
            yield f"{self.folder.root}: a run is going on there; merge it again when that has ended"
        if self.problem:
            yield f"not merged{' further' * bool(self.read)}: {self.problem}"


@dataclass
class Merged:
    """What a merge took from each folder, and how many trials are stored now."""

    folder: Path
    """The results folder that now has the trials of all."""
    joined: list[Joined] = field(default_factory=list)
    stored: int = 0
    notices: Sequence[str] = ()
    """What a reader of the target must know."""

    @property
    def is_whole(self) -> bool:
        """Whether all trials of all folders are stored, each with one result and all of its files."""
        return not any(each.problem or each.rejected or each.damaged for each in self.joined)

    def __str__(self) -> str:
        lines = [line for each in self.joined for line in each.lines(self.folder)]
        lines += [f"warning: {notice}" for notice in self.notices]
        return format.printable("\n".join([*lines, f"{count_trials(self.stored)} stored in {self.folder}"]))
