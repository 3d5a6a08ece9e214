"""`notes.json`: notes and tags of a sweep and of its trials.

They are no part of the store, of any id or of any table: they may be written while a run trains, and may be kept under
version control beside the tables. Who changes the file holds a lock of its own, and replaces it as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar

from pydantic import Field, StringConstraints, ValidationError

from nnsweep.errors import NnsweepError, StoreError
from nnsweep.files import CONTAINERS, LARGEST, read_json, write_file
from nnsweep.folder.paths import NOTES_LOCK, Folder
from nnsweep.folder.recorded import first_problem
from nnsweep.folder.remarks import Note, Part, Remarks, check_tag, check_text
from nnsweep.store.lock import Held, hold

__all__ = ["Note", "Notes", "Remarks", "change_notes", "read_notes"]

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds that a change waits for another one, which takes milliseconds."""


class Notes(Part):
    """What `notes.json` holds: the remarks on a sweep itself, and on its trials by id."""

    format: Literal[1] = 1
    written: Annotated[int, Field(ge=0)] = 0
    """How many notes were ever written: no number is given twice."""
    sweep: Remarks = Field(default_factory=Remarks)
    trials: dict[Annotated[str, StringConstraints(pattern="^[0-9a-f]{16}$")], Remarks] = Field(default_factory=dict)

    def of(self, id: str = "") -> Remarks:
        """Give the remarks on a trial, or without an id those on the sweep."""
        return self.trials.get(id, Remarks()) if id else self.sweep

    def add_note(self, text: str, ids: Iterable[str] = (), at: str = "") -> list[Note]:
        """Write a note on each of some trials, or on the sweep if there are none.

        Raises:
            NnsweepError: see `check_text`.
        """
        text, found = check_text(text), list[Note]()
        self.written = max(self.written, *(note.number for note in self.all_notes()), 0)
        for remarks in self._subjects(ids):
            self.written += 1
            found.append(Note(number=self.written, at=at or _now(), text=text))
            remarks.notes.append(found[-1])
        return found

    def edit_note(self, number: int, text: str) -> Note:
        """Replace the text of a note.

        Raises:
            NnsweepError: there is no such note, or see `check_text`.
        """
        remarks, note = self._find(number)
        edited = note.model_copy(update={"text": check_text(text)})
        remarks.notes[remarks.notes.index(note)] = edited
        return edited

    def remove_note(self, number: int) -> Note:
        """Remove a note, and return it.

        Raises:
            NnsweepError: there is no such note.
        """
        remarks, note = self._find(number)
        remarks.notes.remove(note)
        return note

    def change_tags(self, add: Iterable[str], remove: Iterable[str], ids: Iterable[str] = ()) -> list[str]:
        """Add and remove tags of some trials, or of the sweep if there are none.

        Returns the tags that were to be removed, but that none of these has.

        Raises:
            NnsweepError: a tag is not allowed.
        """
        subjects, added = self._subjects(ids), {check_tag(tag) for tag in add}
        removed = {check_tag(tag) for tag in remove}
        known = {tag for remarks in subjects for tag in remarks.tags}
        for remarks in subjects:
            remarks.tags = sorted(({*remarks.tags} | added) - removed)
        return sorted(removed - known)

    def add_all(self, others: Notes) -> int:
        """Add the tags and notes of another folder; return how many are new. Its notes get numbers of this one."""
        new = 0
        for id, theirs in (("", others.sweep), *others.trials.items()):
            ids, ours = [id] if id else [], self.of(id)
            known = {(note.at, note.text) for note in ours.notes}
            notes = [note for note in theirs.notes if (note.at, note.text) not in known]
            new += len(notes) + len({*theirs.tags} - {*ours.tags})
            self.change_tags(theirs.tags, (), ids)
            for note in notes:
                self.add_note(note.text, ids, note.at)
        return new

    def __bool__(self) -> bool:
        """Whether there are any notes or tags."""
        return any(self._all())

    def all_tags(self) -> list[str]:
        """List the tags of the sweep, then those that only trials have."""
        return list(dict.fromkeys([*self.sweep.tags, *self.trial_tags()]))

    def trial_tags(self) -> Counter[str]:
        """Count the trials that have each tag."""
        return Counter(tag for remarks in self.trials.values() for tag in remarks.tags)

    def all_notes(self) -> list[Note]:
        """List the notes on the sweep and on its trials."""
        return [note for remarks in self._all() for note in remarks.notes]

    def _subjects(self, ids: Iterable[str]) -> list[Remarks]:
        chosen = list(dict.fromkeys(ids))
        return [self.trials.setdefault(id, Remarks()) for id in chosen] if chosen else [self.sweep]

    def _all(self) -> Iterator[Remarks]:
        yield self.sweep
        yield from self.trials.values()

    def _find(self, number: int) -> tuple[Remarks, Note]:
        for remarks in self._all():
            for note in remarks.notes:
                if note.number == number:
                    return remarks, note
        known = sorted(note.number for note in self.all_notes())
        raise NnsweepError(f"no note {number}; allowed: {', '.join(map(str, known)) or 'none is written'}")


def read_notes(folder: Folder) -> Notes:
    """Read the notes and tags of a results folder; empty if there is no file.

    Raises:
        StoreError: the file is not as nnsweep writes it.
    """
    try:
        return Notes.model_validate_json(read_json(folder.notes))
    except FileNotFoundError:
        return Notes()
    except ValidationError as error:
        problem = first_problem(error)
        raise StoreError(
            f"{folder.notes}: not as nnsweep writes it: {problem}; nothing was changed: correct the file or move it "
            "away"
        ) from None


def change_notes(folder: Folder, change: Callable[[Notes], T]) -> T:
    """Let `change` change the notes and tags of a results folder, which nobody else changes meanwhile.

    Returns what `change` returns. If it raises, nothing is written.

    Raises:
        StoreError: the file is damaged, or cannot be written.
    """
    try:
        with hold(folder.root / NOTES_LOCK, PATIENCE):
            notes = read_notes(folder)
            found = change(notes)
            content = _encode(notes, folder)
            if content or folder.notes.exists():
                write_file(folder.notes, lambda path: path.write_bytes(content))
    except Held:
        raise StoreError(f"{folder.notes}: another program is changing it for {PATIENCE:.0f} s; try again") from None
    return found


def _encode(notes: Notes, folder: Folder) -> bytes:
    """Write the file's content, which `read_notes` reads; empty if nothing was ever written."""
    trials = {id: notes.trials[id] for id in sorted(notes.trials) if notes.trials[id]}
    kept = notes.model_copy(update={"trials": trials})
    if not (kept or kept.written):
        return b""
    content = kept.model_dump_json(indent=1).encode() + b"\n"
    if len(content) > LARGEST or content.count(b"[") + content.count(b"{") > CONTAINERS:
        raise StoreError(
            f"{folder.notes}: no room for more; allowed: {LARGEST:,} bytes, {CONTAINERS:,} lists and tables"
        )
    Notes.model_validate_json(content)
    return content


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
