"""SQLite's errors in words that the user of a results folder understands."""

from __future__ import annotations

import sqlite3
from pathlib import Path

AGAIN = "restore the file from a copy, or train again with --fresh"
"""What to do with a file that is not as it was written."""
REASONS = {
    "SQLITE_NOTADB": "not an SQLite file; move it away, or choose another folder with --results",
    "SQLITE_FULL": "the disk is full; make room and run again: what is stored already is safe",
    "SQLITE_BUSY": "another program keeps it locked; wait for it or end it, then run again",
    "SQLITE_CORRUPT": "the file is damaged ({}); restore it from a copy, or train again with --fresh",
    "SQLITE_TOOBIG": "the file is damaged ({}); restore it from a copy, or train again with --fresh",
    "SQLITE_READONLY": "cannot be opened for writing ({}); choose a folder you may write with --results",
    "SQLITE_IOERR": "the disk cannot be read or written, or is full ({}); what is stored already is safe",
    "SQLITE_CANTOPEN": "cannot be opened ({}); choose another folder with --results",
}
"""Messages for SQLite's errors, by the prefix of their names."""


def reason(error: Exception, path: Path) -> str:
    """Explain in one line what an error of SQLite or of the file system means for the user of a store."""
    if isinstance(error, OSError):
        return f"cannot be opened: {error.strerror}"
    name = getattr(error, "sqlite_errorname", "SQLITE_CORRUPT" if "UTF-8" in str(error) else "")
    found = " ".join(str(error).split())
    for prefix, sentence in REASONS.items():
        if name.startswith(prefix):
            return sentence.format(found)
    return f"cannot be used: {found}"


def damage(found: str) -> sqlite3.DatabaseError:
    """Make SQLite's error of a damaged file, for damage that SQLite itself does not notice."""
    error = sqlite3.DatabaseError(found)
    error.sqlite_errorname = "SQLITE_CORRUPT"
    return error
