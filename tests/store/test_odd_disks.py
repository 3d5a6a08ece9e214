"""Disks of several machines, and disks without locks or shared memory: nothing is lost, or a line says what to do."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import nnsweep
from nnsweep.store import Store, bounded, journal
from nnsweep.trainers.protocol import Outcome
from tests.helpers import call, files
from tests.helpers.fake_trials import TRAINER, trial

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="locks files as POSIX does")

STORE = Path("results/small/trials.db")


def modes(path: Path) -> list[str]:
    """Which files stand beside a store while it is written."""
    with Store.open(path) as store:
        run = store.begin_run({}, "nnsweep")
        store.write(run, TRAINER, [(trial(run), Outcome("ok"))])
        return sorted(each.name for each in path.parent.glob("trials.db*"))


@pytest.fixture
def no_memory(monkeypatch):
    """Open stores by SQLite's own layer for disks that have no shared memory, and no locks either."""
    connect = bounded.connect

    def without(where: str, path: Path, **options: object) -> bounded.Bounded:
        if where in (":memory:", ""):
            return connect(where, path, **options)
        uri = where if where.startswith("file:") else Path(where).absolute().as_uri()
        return connect(f"{uri}{'&' if '?' in uri else '?'}vfs=unix-none", path, **{**options, "uri": True})

    return lambda: monkeypatch.setattr(bounded, "connect", without)


@pytest.fixture
def network(monkeypatch, tmp_path):
    """Have the folder of the test be on a file system of that kind."""

    def mount(kind: str) -> None:
        place = str(tmp_path).replace(" ", "\\040")
        text = f"1 0 0:1 / / rw - ext4 /dev/sda rw\n2 1 0:2 / {place} rw,relatime shared:1 - {kind} host:/x rw\n"
        monkeypatch.setattr(journal, "MOUNTS", tmp_path / "mountinfo")
        (tmp_path / "mountinfo").write_text(text, encoding="utf-8")

    return mount


@pytest.mark.parametrize("kind", ["nfs4", "lustre", "fuse.sshfs", "gpfs"])
def test_a_disk_of_several_machines_has_no_log(tmp_path, network, kind):
    network(kind)
    assert modes(tmp_path / "trials.db") == ["trials.db", "trials.db-count"]


@pytest.mark.parametrize("kind", ["ext4", "xfs", "tmpfs", "overlay"])
def test_a_disk_of_one_machine_has_a_log(tmp_path, network, kind):
    network(kind)
    assert modes(tmp_path / "trials.db") == ["trials.db", "trials.db-count", "trials.db-shm", "trials.db-wal"]


@pytest.mark.parametrize("text", ["", "nonsense\n", "1 0 0:1 / / rw - \n", "1 2 3 4 5\n- - -\n"])
def test_mounts_that_tell_nothing(monkeypatch, tmp_path, text):
    monkeypatch.setattr(journal, "MOUNTS", tmp_path / "mountinfo")
    assert not journal.is_on_network(tmp_path)
    (tmp_path / "mountinfo").write_text(text, encoding="utf-8")
    assert not journal.is_on_network(tmp_path)


def test_a_run_without_shared_memory(grid, no_memory, capsys):
    no_memory()
    assert call(capsys, "grid.toml", "--no-figures", "--quiet") == (0, "", "")
    assert modes(STORE) == ["trials.db", "trials.db-count", "trials.db-last"]
    assert call(capsys, "grid.toml", "--no-figures", "--quiet", "--results", "again") == (0, "", "")
    assert len(nnsweep.open("small").trials) == 48
    with Store.read(STORE) as store:
        assert store.verify() == 49


def test_the_log_of_a_killed_run_is_read_without_shared_memory(tmp_path, no_memory):
    path, copy = tmp_path / "trials.db", tmp_path / "killed" / "trials.db"
    copy.parent.mkdir()
    with Store.open(path) as store:
        run = store.begin_run({}, "nnsweep")
        store.write(run, TRAINER, [(trial(number), Outcome("ok")) for number in range(5)])
        for each in path.parent.glob("trials.db*"):
            if not each.name.endswith("-shm"):
                shutil.copy(each, copy.parent)
    no_memory()
    assert copy.with_name("trials.db-wal").stat().st_size > 0
    with Store.read(copy) as store:
        assert store.verify() == 5
    with Store.open(copy) as store:
        assert store.verify() == 5
        assert sorted(each.name for each in copy.parent.iterdir()) == ["trials.db", "trials.db-count"]
        store.write(1, TRAINER, [(trial(7), Outcome("ok"))])
        with Store.read(copy) as other:
            assert other.verify() == 6


def interrupted_copy(path: Path, folder: Path) -> Path:
    """Copy a store in the middle of a transaction, as a kill leaves it, with its rollback journal."""
    script = f"""
import sqlite3, shutil, pathlib
connection = sqlite3.connect({str(path)!r}, isolation_level=None)
connection.execute("pragma cache_size = 1")
connection.execute("begin immediate")
connection.execute("update trial set seconds = 7")
connection.execute("create table more as with recursive n(i) as (select 1 union all select i + 1 from n limit 9999) "
                   "select i, hex(randomblob(99)) from n")
connection.execute("delete from trial")
for each in pathlib.Path({str(path.parent)!r}).glob("trials.db*"):
    shutil.copy(each, {str(folder)!r})
"""
    folder.mkdir()
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    return folder / path.name


def test_the_rollback_journal_of_a_killed_run_is_read(tmp_path, network):
    network("nfs4")
    path = tmp_path / "trials.db"
    with Store.open(path) as store:
        run = store.begin_run({}, "nnsweep")
        store.write(run, TRAINER, [(trial(number), Outcome("ok", {"error": number / 7})) for number in range(500)])
    copy = interrupted_copy(path, tmp_path / "killed")
    assert copy.with_name("trials.db-journal").stat().st_size > 512
    before = files(copy.parent)
    with closing(sqlite3.connect(f"file:{copy}?immutable=1", uri=True)) as connection:
        found = connection.execute("select count(*), sum(seconds) from trial").fetchone()
    assert found != (500, 0.0), "without its journal it is not what was stored"
    with Store.read(copy) as store:
        assert store.verify() == 500
    assert files(copy.parent) == before, "reading writes nothing"
    with Store.open(copy) as store:
        assert store.verify() == 500
    assert sorted(each.name for each in copy.parent.iterdir()) == ["trials.db", "trials.db-count"]


def test_a_reader_and_the_writer_wait_for_each_other_on_a_network(tmp_path, network):
    network("nfs4")
    path = tmp_path / "trials.db"
    with Store.open(path) as store:
        run = store.begin_run({}, "nnsweep")
        store.write(run, TRAINER, [(trial(number), Outcome("ok")) for number in range(5)])
        assert store._access.rows("pragma busy_timeout") == [(journal.PATIENT,)]
        with Store.read(path) as other:
            assert other.verify() == 5
            store.write(run, TRAINER, [(trial(7), Outcome("ok"))])
            assert other.verify() == 6


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_disk_without_locks(grid, monkeypatch, capsys, number):
    nnsweep.run("grid.toml", figures=False)

    def fail(file: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", fail)
    said = (
        f"Error: results/small: its disk has no locks ({os.strerror(number)}), so that two runs could write at once; "
        "choose a folder on another disk with --results, and copy it here when it is not in use\n"
    )
    assert call(capsys, "grid.toml", "--no-figures") == (2, "", said)
    assert call(capsys, "merge", "results/small", "-o", "other") == (2, "", said.replace("small", "other"))
    assert call(capsys, "best", "small")[0] == 0, "it can be read"
    assert "48 trials: 48 ok" in call(capsys, "ls")[1]
