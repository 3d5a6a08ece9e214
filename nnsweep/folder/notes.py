"""`notes.json`: notes and tags of a sweep and of its trials.

They are no part of the store, of any id or of any table: they may be written while a run trains, and may be kept under
version control beside the tables. Who changes the file holds a lock of its own, and replaces it as a whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from nnsweep.errors import NnsweepError, StoreError
from nnsweep.files import CONTAINERS, LARGEST, read_json, write_file
from nnsweep.folder.paths import Folder
from nnsweep.folder.recorded import first_problem
from nnsweep.format import OBEYED
from nnsweep.store.lock import Held, hold

T = TypeVar("T")

LOCK = ".notes.lock"
PATIENCE = 10.0
"""Seconds that a change waits for another one, which takes milliseconds."""
LONGEST = 10_000
"""Characters of a note, at most."""
TAG = re.compile(r"\w[\w.:/-]{0,49}")
"""The allowed tags: none looks like an option, or like several."""


def check_tag(tag: str) -> str:
    """Return a tag as it is stored: an accented letter is one character.

    Raises:
        NnsweepError: it has other characters than `TAG` allows, or is too long.
    """
    tag = unicodedata.normalize("NFC", tag)
    if not TAG.fullmatch(tag):
        raise NnsweepError(
            f"tag {tag!r}: allowed: letters, digits, `_`, and behind the first one also `.`, `:`, `/` and `-`; "
            "at most 50"
        )
    return tag


def check_text(text: str) -> str:
    """Return the text of a note without spaces around it.

    Raises:
        NnsweepError: it is empty or too long, or has control characters.
    """
    text = text.strip()
    if not text:
        raise NnsweepError("a note: found no text; allowed: any text")
    if len(text) > LONGEST:
        raise NnsweepError(f"a note: found {len(text):,} characters; allowed: at most {LONGEST:,}")
    wrong = next((each for each in text if (OBEYED.match(each) and each not in "\n\t") or _is_no_text(each)), "")
    if wrong:
        raise NnsweepError(f"a note: found the character {wrong!r}; allowed: any text, lines and tabs")
    return text


def _is_no_text(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"  # bytes of an argument that are not UTF-8


def _valid(check: Callable[[str], str]) -> Callable[[str], str]:
    """Make a check one of pydantic's: what it would change is wrong, too."""

    def valid(value: str) -> str:
        try:
            if check(value) == value:
                return value
        except NnsweepError as error:
            raise ValueError(str(error)) from None
        raise ValueError(f"found {value!r}; allowed: {check(value)!r}")

    return valid


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)


class Note(_Part):
    """A note, with its number in the folder and the time when it was written (ISO 8601, UTC)."""

    number: Annotated[int, Field(ge=1)]
    at: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    text: Annotated[str, AfterValidator(_valid(check_text))]


class Remarks(_Part):
    """The tags, in alphabetical order, and the notes, in the order of their numbers, of a sweep or of a trial."""

    tags: list[Annotated[str, AfterValidator(_valid(check_tag))]] = []
    notes: list[Note] = []

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.tags or self.notes)


NONE = Remarks()


class Notes(_Part):
    """What `notes.json` holds: the remarks on a sweep itself, and on its trials by id."""

    format: Literal[1] = 1
    written: Annotated[int, Field(ge=0)] = 0
    """How many notes were ever written: no number is given twice."""
    sweep: Remarks = Remarks()
    trials: dict[Annotated[str, StringConstraints(pattern="^[0-9a-f]{16}$")], Remarks] = {}

    def of(self, id: str = "") -> Remarks:
        """Give the remarks on a trial, or without an id those on the sweep."""
        return self.trials.get(id, NONE) if id else self.sweep

    def add_note(self, text: str, ids: Iterable[str] = (), at: str = "") -> list[Note]:
        """Write a note on each of some trials, or on the sweep if there are none.

        Raises:
            NnsweepError: see `check_text`.
        """
        text, found = check_text(text), list[Note]()
        self.written = max(self.written, *(note.number for remarks in self._all() for note in remarks.notes), 0)
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

    def change_tags(self, add: Iterable[str], remove: Iterable[str], ids: Iterable[str] = ()) -> None:
        """Add and remove tags of some trials, or of the sweep if there are none.

        Raises:
            NnsweepError: a tag is not allowed, or none of these has a tag that is to be removed.
        """
        subjects, added = self._subjects(ids), {check_tag(tag) for tag in add}
        removed = {check_tag(tag) for tag in remove}
        known = {tag for remarks in subjects for tag in remarks.tags}
        if missing := sorted(removed - known):
            raise NnsweepError(f"no tag `{missing[0]}` to remove; allowed: {', '.join(sorted(known)) or 'none'}")
        for remarks in subjects:
            remarks.tags = sorted(({*remarks.tags} | added) - removed)

    def tagged(self, tag: str) -> list[str]:
        """List the ids of the trials that have a tag."""
        return [id for id, remarks in self.trials.items() if tag in remarks.tags]

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
        known = sorted(note.number for remarks in self._all() for note in remarks.notes)
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
        with hold(folder.root / LOCK, PATIENCE):
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
    if not (kept.sweep or kept.trials or kept.written):
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
