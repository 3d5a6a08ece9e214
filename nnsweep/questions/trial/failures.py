"""Group failures that are alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from nnsweep import format
from nnsweep.folder.commands import command
from nnsweep.trainers.failures import signature
from nnsweep.trials.outcomes import Ends
from nnsweep.trials.trial import Trial

ENDED = {"timeout": "timed out"}
"""How a sentence says that trials ended, where a status is no verb."""


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


def reasons(trials: Sequence[Trial], ends: Ends) -> dict[str, str]:
    """Give the message of every trial that failed, by its id."""
    read = cache(signature)
    return {trials[place].id: read(failure)[2] for place, _, failure in ends.failed}


def group(trials: Sequence[Trial], ends: Ends) -> list[Group]:
    """Group the failed ones of trials, the largest group first."""
    read = cache(signature)
    groups: dict[tuple[str, str, str], list[tuple[int, str]]] = {}
    # The last of several places that one training has stands where the first one does.
    for place, status, failure in {ends.rows[each[0]].item(): each for each in ends.failed}.values():
        kind, where, message = read(failure)
        groups.setdefault((status, kind, where), []).append((place, message))
    found = [_group(alike, len(members), trials[members[0][0]], members[0][1]) for alike, members in groups.items()]
    return sorted(found, key=lambda each: -each.count)


def join_groups(groups: Sequence[Group], others: Sequence[Group]) -> list[Group]:
    """Add groups of further trials to groups of the trials before them."""
    found = {(each.status, each.kind, each.where): each for each in groups}
    for each in others:
        before = found.setdefault((each.status, each.kind, each.where), replace(each, count=0))
        found[each.status, each.kind, each.where] = replace(before, count=before.count + each.count)
    return sorted(found.values(), key=lambda each: -each.count)


def _group(alike: tuple[str, str, str], count: int, example: Trial, message: str) -> Group:
    from nnsweep.questions.trial.text import settings

    return Group(*alike, count, example.id, settings(example), message)


def format_failures(groups: Sequence[Group], folder: Path) -> str:
    """List the groups, each with its count, error, place and an example. Without any, name the verb `diagnose`."""
    if not groups:
        return f"no trial failed; why trials are no success: {command('diagnose', folder.name, results=folder.parent)}"
    return "\n".join(line for group in groups for line in _lines(group))


def _lines(group: Group) -> list[str]:
    where = [f"  at {format.printable(group.where)}"] if group.where else []
    count = f"{format.count(group.count, 'trial')} {ENDED.get(group.status, group.status)}"
    example = f"  such as {group.example}  {group.settings}".rstrip()
    return [f"{count}: {format.printable(group.message)}", *where, example]
