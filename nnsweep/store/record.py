"""`trials.db-count`: how many trials the store held, in a file of its own.

A store that is lost, emptied or replaced says nothing of itself. Nor does one whose log (`-wal`) was removed after a
kill. This file tells, so that no trial is trained again without a word.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from nnsweep import format
from nnsweep.errors import StoreError

SUFFIX = "-count"
"""What follows the store's name, as with SQLite's own `-wal`."""
LARGEST = 4096
"""Bytes of a record that is read: the folder may come from anywhere."""


class Record(NamedTuple):
    """How many trials a store holds, and when its first run began, by which it is known; `seal` see `seal.py`."""

    trials: int
    began: str | None
    seal: str = ""


def record_of(store: Path) -> Path:
    """Name the record of a store."""
    return store.with_name(store.name + SUFFIX)


def read_record(store: Path) -> Record | None:
    """Read what is recorded of a store; None where there is no record, or none that can be understood."""
    path = record_of(store)
    with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
        if os.path.isfile(path) and path.stat().st_size <= LARGEST:
            found = json.loads(path.read_text(encoding="utf-8"))
            trials, began, seal = found["trials"], found["began"], found.get("seal", "")
            if type(trials) is int and trials > 0 and isinstance(began, str) and isinstance(seal, str):
                return Record(trials, began, seal)
    return None


def write_record(store: Path, record: Record) -> None:
    """Put a record in place, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    path = record_of(store)
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    with draft.open("x", encoding="utf-8") as file:  # "x" follows no link
        json.dump({name: value for name, value in record._asdict().items() if value != ""}, file)
    draft.replace(path)


def check_presence(store: Path) -> None:
    """Refuse a store that is not there, but held trials.

    Raises:
        StoreError: it is so.
    """
    written = read_record(store)
    if written is not None and not store.exists():
        raise StoreError(_format_loss(store, written, "it is missing"))


def check_record(store: Path, find: Callable[[], Record]) -> None:
    """Refuse a store that holds fewer trials than it did, or is another one. `find` is asked if there is a record.

    Raises:
        StoreError: it is so.
    """
    written = read_record(store)
    if written is None:
        return
    found = find()
    if found.trials < written.trials:
        raise StoreError(_format_loss(store, written, f"it holds {found.trials:,}"))
    if found.began != written.began:
        raise StoreError(_format_loss(store, written, "it is another store, with other runs"))


def _format_loss(store: Path, written: Record, found: str) -> str:
    trials = format.count(written.trials, "trial")
    were = "were" if written.trials != 1 else "was"
    return (
        f"{store}: {trials} {were} stored in this file, but {found}; restore it from a copy, train all again with "
        f"--fresh, or remove {record_of(store).name} to go on with what is there"
    )
