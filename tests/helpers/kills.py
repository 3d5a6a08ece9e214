"""What a killed program leaves behind: processes, and rows of its store."""

from __future__ import annotations

import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from tests.helpers.fake_trainer import FakeTrainer

GRID = f"""
name = "killed"
trainer = "{FakeTrainer.name}"

[fixed]
does = "sleeps"

[axes]
value = {{ from = 1, to = 5 }}
shape = [0, 1]
seed = {{ count = 20 }}

[success]
metric = "square"
below = 10
"""
TRIALS = 200
"""In 67 stacks."""

GONE_WITHIN = 60.0
"""Seconds for the processes of a killed run; one is what it takes where nothing else runs."""


def members(session: int) -> list[int]:
    """List the living processes of a session, whoever their parent is by now."""
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and _is_in(path, session)]


def _is_in(process: Path, session: int) -> bool:
    try:
        state, _, _, found = process.joinpath("stat").read_text(encoding="utf-8").rpartition(")")[2].split()[:4]
    except OSError:
        return False
    return state != "Z" and int(found) == session


def wait_until_gone(session: int) -> None:
    """Wait until no process of a session is left; they have `GONE_WITHIN`."""
    started = time.monotonic()
    while left := members(session):
        assert time.monotonic() - started < GONE_WITHIN, left
        time.sleep(0.01)


def rows(store: Path) -> set[tuple[int, ...]]:
    """Read the ids and the digests of the trials of a store that another process may be writing."""
    try:
        with closing(sqlite3.connect(f"{store.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return set(connection.execute("select id, digest from trial"))
    except sqlite3.OperationalError:  # not there yet, or busy with becoming a store
        return set()


def rows_of_copy(store: Path, folder: Path) -> set[tuple[int, ...]]:
    """Read a killed program's store without mending the original."""
    folder.mkdir(parents=True)
    for file in store.parent.glob(f"{store.name}*"):
        shutil.copy(file, folder)
    try:
        return rows(folder / store.name)
    finally:
        shutil.rmtree(folder)
