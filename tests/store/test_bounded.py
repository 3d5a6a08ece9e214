"""What a store may cost to read is bounded by its size, and its tables must be plain ones."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from nnsweep.errors import StoreError
from nnsweep.store import Store
from nnsweep.store.access import Access
from nnsweep.store.bounded import LEAST, connect
from nnsweep.store.open import JOURNAL_END

ENDLESS = "with recursive endless(n) as (select 1 union all select n + 1 from endless)"
RESTORE = "; restore it from a copy, or train again with --fresh"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An empty store."""
    path = tmp_path / "small" / "trials.db"
    Store.open(path).close()
    return path


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def refusals(path: Path) -> set[str]:
    """What is said when the store is read, and when it is opened to be written."""
    said = set()
    for open in (Store.read, Store.open):
        with pytest.raises(StoreError) as caught:
            open(path)
        said.add(str(caught.value))
    return said


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["drop table run", f"create view run as {ENDLESS} select n as number from endless"], "`run` is a view"),
        (["create trigger forged after insert on trial begin delete from run; end"], "`forged` is a trigger"),
        (["drop table grid"], "no table `grid`"),
        (["drop table tally", "create virtual table tally using fts5(trials, ids)"], "`tally` is a virtual table"),
        (["alter table trial rename column settings to other"], "no column `trial.settings`"),
        (["drop table tally", "create table tally (trials, ids as (hex(zeroblob(9))))"], "`tally.ids` is computed"),
        (["pragma user_version = -1"], "store version -1"),
    ],
)
def test_a_store_of_other_tables_is_refused(path, statements, said):
    change(path, *statements)
    assert refusals(path) == {f"{path}: the file is damaged ({said}){RESTORE}"}


def test_views_of_others_are_theirs(path):
    change(path, f"create view mine as {ENDLESS} select n from endless", "create index mine_too on trial (shape)")
    with Store.read(path) as store:
        assert store.verify() == 0


def test_a_query_that_does_not_end_is_stopped(path):
    with closing(connect(str(path), path)) as connection:
        access = Access(path, connection)
        with pytest.raises(StoreError) as caught:
            access.rows(f"select n from ({ENDLESS} select n from endless) where n < 0")
        assert str(caught.value) == (
            f"{path}: the file is damaged (reading it takes more steps than a file of this size can ask for){RESTORE}"
        )
        assert access.rows("select count(*) from trial") == [(0,)]  # each statement has its own bound


def test_ctrl_c_ends_a_long_query(path, monkeypatch):
    monkeypatch.setattr("nnsweep.store.bounded.LEAST", 1000 * LEAST)
    with closing(connect(str(path), path)) as connection:
        access = Access(path, connection)
        timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            access.rows(f"select n from ({ENDLESS} select n from endless) where n < 0")
        timer.join()


def test_a_value_longer_than_the_file_is_not_read(path):
    with closing(connect(str(path), path)) as connection, pytest.raises(StoreError) as caught:
        Access(path, connection).rows("select hex(zeroblob(50000000))")
    assert str(caught.value) == (
        f"{path}: the file is damaged (string or blob too big); restore it from a copy, or train again with --fresh"
    )


@pytest.mark.parametrize("beside", ["", "-wal", "-shm", "-journal"])
@pytest.mark.skipif(os.name != "posix", reason="named pipes and links")
def test_what_is_no_file_is_refused_before_it_is_opened(path, beside):
    odd = path.with_name(path.name + beside)
    odd.unlink(missing_ok=True)
    os.mkfifo(odd)
    assert refusals(path) == {f"{odd}: found a named pipe; allowed: a file"}
    odd.unlink()
    odd.mkdir()
    assert refusals(path) == {f"{odd}: found a folder; allowed: a file"}


def test_a_link_is_read_and_not_written(path):
    elsewhere = path.rename(path.with_name("elsewhere.db"))
    content = elsewhere.read_bytes()
    path.symlink_to(elsewhere)
    Store.read(path).close()
    with pytest.raises(StoreError) as caught:
        Store.open(path)
    assert str(caught.value) == f"{path}: found a link; allowed: a file"
    assert elsewhere.read_bytes() == content


def test_a_journal_that_names_another_file_is_refused(path):
    journal = path.with_name(f"{path.name}-journal")
    journal.write_bytes(bytes(512) + JOURNAL_END)
    with pytest.raises(StoreError) as caught:
        Store.open(path)
    assert str(caught.value) == f"{journal}: written for several files, as nnsweep never does; remove it"
