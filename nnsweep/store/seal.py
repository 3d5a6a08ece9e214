"""The seal of a store: its record keeps a digest of the whole file once all in it is known to be as it was written.

As long as the file has that digest, nothing in it has changed since, which is told without reading a row.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from nnsweep.files import digest_file
from nnsweep.store.record import read_record, write_record

LOGS = "-wal", "-journal"
"""Files beside a store from which SQLite would change what is read of it."""


def find_seal(store: Path) -> str:
    """Give the digest of a store whose every byte is as when it was sealed; otherwise an empty text."""
    record = read_record(store)
    return record.seal if record is not None and record.seal and _digest(store) == record.seal else ""


def seal(store: Path) -> str:
    """Seal a store that no program is writing; give its digest, empty where it cannot be sealed.

    Its caller knows that all in it is as it was written: that it was new or sealed when it was opened, or was verified.
    """
    record, found = read_record(store), _digest(store)
    if record is None or not found:
        return ""
    with suppress(OSError):
        if record.seal != found:
            write_record(store, record._replace(seal=found))
        return found
    return ""


def _digest(store: Path) -> str:
    """Digest the file; empty where there is a log beside it, or it cannot be read."""
    with suppress(OSError):
        if not any(store.with_name(store.name + log).exists() for log in LOGS):
            return digest_file(store)
    return ""
