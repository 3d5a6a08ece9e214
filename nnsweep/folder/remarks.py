"""What is noted of a sweep or of a trial: tags and notes. All is checked when it is written and when it is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from nnsweep.data.words import shortened
from nnsweep.errors import NnsweepError
from nnsweep.format import OBEYED

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
            f"tag {shortened(tag)!r}: allowed: letters, digits, `_`, and behind the first one also `.`, `:`, `/` and "
            "`-`; at most 50"
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


class Part(BaseModel):
    """A part of `notes.json`."""

    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)


class Note(Part):
    """A note, with its number in the folder and the time when it was written (ISO 8601, UTC)."""

    number: Annotated[int, Field(ge=1)]
    at: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    text: Annotated[str, AfterValidator(_valid(check_text))]

    @property
    def when(self) -> str:
        """The time for readers: `2026-11-29 05:50 UTC`."""
        return f"{self.at[:16].replace('T', ' ')} UTC"


class Remarks(Part):
    """The tags, in alphabetical order, and the notes, in the order of their numbers, of a sweep or of a trial."""

    tags: list[Annotated[str, AfterValidator(_valid(check_tag))]] = []
    notes: list[Note] = []

    def lines(self) -> Iterator[str]:
        """Write tags and notes, one on a line; further lines of a note stand below its first one."""
        if self.tags:
            yield f"tags: {', '.join(self.tags)}"
        for note in self.notes:
            lead = f"note {note.number}, {note.when}: "
            first, *more = note.text.split("\n")
            yield lead + first
            yield from (f"{' ' * len(lead)}{line}" for line in more)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.tags or self.notes)
