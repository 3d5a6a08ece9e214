"""What a run did with files of its folder besides writing them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from nnsweep import format

NAMED = 2
"""Files that are named if there are many."""


@dataclass
class Written:
    """What a run removed, left alone and did not write, for its final message."""

    removed: list[Path] = field(default_factory=list)
    """Files of an earlier form of the sweep."""
    changed: list[Path] = field(default_factory=list)
    """Files of an earlier form that were changed since nnsweep wrote them; they are left alone."""
    unknown: list[Path] = field(default_factory=list)
    """Files in a folder without a manifest. They may belong to an earlier run or to the user."""
    outdated: list[Path] = field(default_factory=list)
    """Figures and the page that show an earlier state, because no figures were requested."""
    page: bool = False
    """Whether the page shows the present tables."""
    left_out: str = ""
    """What was left out because there is too much of it."""
    notes: list[str] = field(default_factory=list)
    """What else there is to know of the files, one line each."""
    problem: str = ""
    """What the page does not say, and why."""
    fonts: str = ""
    """Which characters no installed font has."""

    def add_removed(self, found: tuple[list[Path], list[Path]]) -> None:
        """Note files removed, and files left because they were changed."""
        self.removed += found[0]
        self.changed += found[1]

    def lasting(self) -> Written:
        """Return what a run that changes no file says again."""
        return replace(self, removed=[], changed=[], unknown=[], problem="")

    def lines(self) -> Iterator[str]:
        """Write one line for each of these that is not empty."""
        if self.removed:
            yield f"removed {_count(self.removed)} that the sweep no longer has: {_names(self.removed)}"
        if self.changed:
            yield f"kept {_count(self.changed)} changed since nnsweep wrote them: {_names(self.changed)}"
        if self.unknown:
            yield f"not of this run, perhaps of an earlier one: {_names(self.unknown)}"
        if self.outdated:
            yield f"these show an earlier state until a run without --no-figures: {_names(self.outdated)}"
        if self.left_out:
            yield self.left_out
        yield from self.notes
        if self.problem:
            yield self.problem
        if self.fonts:
            yield self.fonts


def _count(paths: Sequence[Path]) -> str:
    return format.count(len(paths), "file")


def _names(paths: Sequence[Path]) -> str:
    more = f" and {len(paths) - NAMED:,} more" if len(paths) > NAMED + 1 else ""
    return ", ".join(_name(path) for path in paths[: NAMED if more else None]) + more


def _name(path: Path) -> str:
    return format.printable(
        f"{path.parent.name}/{path.name}" if path.parent.name in ("tables", "figures") else path.name
    )
