"""Group failures that are alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nnsweep import format
from nnsweep.folder.commands import command
from nnsweep.questions.trial.text import settings
from nnsweep.trainers.failures import signature
from nnsweep.trainers.protocol import FAILURES, Outcome
from nnsweep.trials.grid import Trial


@dataclass(frozen=True)
class Group:
    """Trials that failed with the same error; the first of them is the example."""

    status: str
    kind: str
    """The type of the exception, or a sentence that says what happened."""
    where: str
    """The innermost call: file, line and function; empty without a traceback."""
    count: int
    example: str
    """The id of the example."""
    settings: str
    message: str
    """The message of the example; the messages of the others may differ in values."""

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a dict for JSON."""
        return asdict(self)


def reasons(pairs: Iterable[tuple[Trial, Outcome]]) -> dict[str, str]:
    """Return the message of every failed trial by its id."""
    failed = ((trial.id, outcome) for trial, outcome in pairs if outcome.status in FAILURES)
    return {id: signature(outcome.failure or outcome.status)[2] for id, outcome in failed}


def group(pairs: Iterable[tuple[Trial, Outcome]]) -> list[Group]:
    """Group the failed trials, the largest group first."""
    groups: dict[tuple[str, str, str], list[tuple[Trial, str]]] = {}
    for trial, outcome in {trial.id: (trial, outcome) for trial, outcome in pairs}.values():
        if outcome.status in FAILURES:
            kind, where, message = signature(outcome.failure or outcome.status)
            groups.setdefault((outcome.status, kind, where), []).append((trial, message))
    unsorted = [
        Group(*key, len(members), members[0][0].id, settings(members[0][0]), members[0][1])
        for key, members in groups.items()
    ]
    return sorted(unsorted, key=lambda group: -group.count)


def format_failures(groups: Sequence[Group], folder: Path) -> str:
    """List the groups, each with its count, error, place and an example. Without any, name the verb `diagnose`."""
    if not groups:
        return f"no trial failed; why trials are no success: {command('diagnose', folder.name, results=folder.parent)}"
    return "\n".join(line for group in groups for line in _lines(group))


def _lines(group: Group) -> list[str]:
    where = [f"  at {format.printable(group.where)}"] if group.where else []
    count = f"{format.count(group.count, 'trial')} {group.status}"
    example = f"  such as {group.example}  {group.settings}".rstrip()
    return [f"{count}: {format.printable(group.message)}", *where, example]
