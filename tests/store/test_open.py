"""What is no store of ours is refused in a line, and left as it was."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from nnsweep.errors import StoreError
from nnsweep.store import Store
from nnsweep.store.schema import APPLICATION, VERSION


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trials.db"


def refusal(path: Path) -> str:
    with pytest.raises(StoreError) as caught:
        Store.open(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


def sqlite_file(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


def test_a_new_store_says_what_it_is(path):
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("pragma application_id").fetchone() == (APPLICATION,)
        assert connection.execute("pragma user_version").fetchone() == (VERSION,)
        assert connection.execute("pragma journal_mode").fetchone() == ("delete",)


def test_while_open_it_is_safe_and_readable(path):
    with Store.open(path) as store:
        pragmas = [store._access.rows(f"pragma {name}")[0][0] for name in ("journal_mode", "synchronous")]
    assert pragmas == ["wal", 2]


@pytest.mark.parametrize("content", [b"id,error\n1,0.5\n" * 100, b"SQLite format 2\0" + bytes(2000)])
def test_a_file_that_is_not_sqlite(path, content):
    path.write_bytes(content)
    assert refusal(path) == "not an SQLite file; move it away, or choose another folder with --results"
    assert path.read_bytes() == content


def test_an_sqlite_file_of_another_program(path):
    sqlite_file(path, "create table photo (id)")
    content = path.read_bytes()
    assert refusal(path) == "an SQLite file of another program; nnsweep keeps its trials in a file of its own"
    assert path.read_bytes() == content


def test_a_store_of_a_newer_version(path):
    Store.open(path).close()
    sqlite_file(path, f"pragma user_version = {VERSION + 1}")
    content = path.read_bytes()
    assert refusal(path) == (
        f"written by a newer nnsweep (store version {VERSION + 1}, this one reads up to {VERSION}); "
        "update nnsweep, or choose another folder with --results"
    )
    assert path.read_bytes() == content


def test_an_empty_file_becomes_a_store(path):
    path.touch()
    with Store.open(path) as store:
        assert store.ids() == set()


def test_a_folder_in_the_files_place(path):
    path.mkdir()
    assert refusal(path) == "found a folder; allowed: a file"


def test_a_file_in_the_folders_place(tmp_path):
    (tmp_path / "results").touch()
    assert refusal(tmp_path / "results" / "trials.db") == "cannot be opened: File exists"


@contextmanager
def no_root() -> Iterator[None]:
    """Root may write anywhere: be nobody for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(sys.platform == "win32", reason="a folder of Windows has no mode")
def test_a_folder_that_may_not_be_written():
    with TemporaryDirectory() as name:  # nobody can look into that of `tmp_path`
        folder = Path(name)
        Store.open(folder / "other" / "trials.db").close()  # imports what nobody may not
        folder.chmod(0o555)
        with no_root():
            message = refusal(folder / "trials.db")
        folder.chmod(0o755)
    assert message == "cannot be opened (unable to open database file); choose another folder with --results"


def test_a_damaged_file_is_said_so(path):
    Store.open(path).close()
    content = bytearray(path.read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    path.write_bytes(content)
    assert refusal(path) == (
        "the file is damaged (database disk image is malformed); restore it from a copy, or train again with --fresh"
    )
