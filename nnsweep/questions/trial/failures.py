"""Failures that are alike, together."""

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
    """Trials that failed with the same error, with the first of them as an example."""

    status: str
    kind: str
    """The exception's type, or the sentence that says what happened."""
    where: str
    """The innermost call: file, line and function; empty where there was no traceback."""
    count: int
    example: str
    """An id."""
    settings: str
    message: str
    """The example's; those of the others may name other values."""

    def to_json(self) -> dict[str, Any]:
        """Give what JSON can hold of it."""
        return asdict(self)


def reasons(pairs: Iterable[tuple[Trial, Outcome]]) -> dict[str, str]:
    """Give the message of every trial that failed, by its id."""
    failed = ((trial.id, outcome) for trial, outcome in pairs if outcome.status in FAILURES)
    return {id: signature(outcome.failure or outcome.status)[2] for id, outcome in failed}


def group(pairs: Iterable[tuple[Trial, Outcome]]) -> list[Group]:
    """Group the failed ones of trials, the largest group first."""
    groups: dict[tuple[str, str, str], list[tuple[Trial, str]]] = {}
    for trial, outcome in {trial.id: (trial, outcome) for trial, outcome in pairs}.values():
        if outcome.status in FAILURES:
            kind, where, message = signature(outcome.failure or outcome.status)
            groups.setdefault((outcome.status, kind, where), []).append((trial, message))
    found = [
        Group(*alike, len(members), members[0][0].id, settings(members[0][0]), members[0][1])
        for alike, members in groups.items()
    ]
    return sorted(found, key=lambda each: -each.count)


def format_failures(groups: Sequence[Group], folder: Path) -> str:
    """List the groups, each with its count, error, place and an example; if there is none, name the verb that helps."""
    told = "\n".join(line for each in groups for line in _lines(each))
    return (
        told or f"no trial failed; why trials are no success: {command('diagnose', folder.name, results=folder.parent)}"
    )


def _lines(each: Group) -> list[str]:
    where = [f"  at {format.printable(each.where)}"] if each.where else []
    count = f"{format.count(each.count, 'trial')} {each.status}"
    return [f"{count}: {format.printable(each.message)}", *where, f"  such as {each.example}  {each.settings}".rstrip()]
