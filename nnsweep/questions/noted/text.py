"""Notes and tags as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nnsweep.folder.notes import Note, Notes
from nnsweep.format import count_trials
from nnsweep.questions.noted.subjects import Noted
from nnsweep.questions.trial.text import LISTED


def format_noted(name: str, found: Sequence[Noted]) -> str:
    """Write the notes and tags of a sweep and of its trials."""
    if not found:
        return f'{name}: no notes and no tags; nnsweep note {name} "…" writes one'
    lines: list[str] = []
    for each in found:
        lines.append(f"{each.id}  {each.settings or 'no longer in the sweep'}" if each.id else name)
        lines += [f"  {line}" for line in each.remarks.lines()]
    return "\n".join(lines)


def format_written_notes(name: str, written: Sequence[Note], ids: Sequence[str]) -> str:
    """Say which notes were written, and on what."""
    first, last = written[0].number, written[-1].number
    if len(ids) > 1:
        return f"{name}: wrote notes {first} to {last} on {count_trials(len(ids))}"
    return f"{name}: wrote note {first}{f' on {ids[0]}' if ids else ''}"


def format_tags(name: str, found: Sequence[Noted]) -> str:
    """Write the tags of a sweep and of its trials that have any, one subject on a line."""
    lines = [
        f"{'  '.join(filter(None, (each.id, each.settings))) or name}: {', '.join(each.remarks.tags)}"
        for each in found[:LISTED]
    ]
    if len(found) > LISTED:
        lines.append(f"… and {count_trials(len(found) - LISTED)} more")
    return "\n".join(lines) or f"{name}: no tags; nnsweep tag {name} +baseline adds one"


def format_all_tags(tags: Mapping[str, Sequence[str]], results: object) -> str:
    """Write each tag with what has it."""
    if not tags:
        return f"{results}: no tags; nnsweep tag NAME +baseline adds one"
    width = max(map(len, tags))
    return "\n".join(f"{tag.ljust(width)}  {', '.join(where)}" for tag, where in tags.items())


def by_tag(folders: Mapping[str, Notes]) -> dict[str, list[str]]:
    """List for each tag the sweeps that have it, and those whose trials have it: `forum (3 trials)`."""
    found: dict[str, list[str]] = {}
    for name, notes in folders.items():
        for tag in notes.sweep.tags:
            found.setdefault(tag, []).append(name)
        for tag, count in notes.trial_tags().items():
            found.setdefault(tag, []).append(f"{name} ({count_trials(count)})")
    return dict(sorted(found.items()))
