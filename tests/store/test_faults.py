"""Disks that are full, files in the way, programs that are killed: a line is said, and nothing stored is lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from nnsweep.execution import place
from nnsweep.folder.paths import Folder
from nnsweep.store import Store, open, record_of
from nnsweep.trials import blocks
from tests.helpers import SMALL, call, files, program, start

LARGE = "64m"
FULL = "the disk is full; make room and run again: what is stored already is safe"


class Disk:
    """A small file system in memory, of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def mount(self, options: str) -> None:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.root)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")

    def empty(self) -> None:
        for each in sorted(self.root.rglob("*"), reverse=True):
            each.rmdir() if each.is_dir() else each.unlink()

    def fill(self) -> None:
        with (self.root / "filler").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass


@pytest.fixture
def disk(tmp_path):
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux may mount a small disk")
    found = Disk(tmp_path / "disk")
    found.root.mkdir()
    found.mount(f"size={LARGE}")
    yield found
    subprocess.run(["umount", str(found.root)], timeout=60, check=True)


def made_in(folder: Path) -> dict[str, bytes]:
    """The tables and figures of a results folder, and the names of all else that stands in it."""
    kept = {name: content for name, content in files(folder).items() if name.startswith(("tables/", "figures/"))}
    return kept | {name: b"" for name in files(folder) if name not in kept}


def run_on_a_small_disk(disk: Disk, kilobytes: int, capsys, *arguments: object) -> int:
    """Run on a disk of a size, then with room enough; returns the first exit code."""
    disk.empty()
    disk.mount(f"remount,size={kilobytes}k")
    code, out, err = call(capsys, *arguments)
    if code:
        assert (code, out, err.count("\n"), err[:7]) == (2, "", 1, "Error: "), err
        assert "full" in err or "No space left on device" in err
    store = Folder(disk.root / "small").store
    with Store.read(store) as stored:
        kept = len(stored.ids())
        assert stored.verify() == kept
    disk.mount(f"remount,size={LARGE}")
    assert call(capsys, *arguments) == (0, "", "")
    return code


def check_sizes(grid: Path, disk: Disk, sizes: range, capsys, *options: str, jobs=("--jobs", "1")) -> list[int]:
    """Run on disks of these sizes, in kilobytes; each ends with the same files as a run with room from the first."""
    assert call(capsys, grid, "--quiet", *options)[0] == 0
    arguments = (grid, "--quiet", *jobs, "--results", disk.root, *options)
    found = []
    for kilobytes in sizes:
        found.append(run_on_a_small_disk(disk, kilobytes, capsys, *arguments))
        assert made_in(disk.root / "small") == made_in(grid.parent / "results" / "small")
    print(f"{len(sizes)} disks, each a little larger: {found.count(2)} runs found it full, 0 rows lost, all went on")
    return found


def test_a_disk_that_is_full(grid, disk, capsys):
    codes = check_sizes(grid, disk, range(24, 1000, 120), capsys, "--no-figures")
    assert (codes[0], codes[-1]) == (2, 0)
    assert sorted(codes, reverse=True) == codes


@pytest.mark.slow
def test_a_disk_that_is_full_while_a_worker_trains_beside(grid, disk, capsys, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 10)
    monkeypatch.setattr(place, "BESIDE", 1)
    monkeypatch.setattr(place, "available_cpus", lambda: 2)
    codes = check_sizes(grid, disk, range(100, 1000, 120), capsys, "--no-figures", jobs=())
    assert (codes[0], codes[-1]) == (2, 0)


PAGE = 4
"""Kilobytes of a page of memory, in which such a disk is given out: only a write that needs a new one can fail."""


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_disk_that_is_full_at_each_write_of_a_run(grid, disk, capsys):
    codes = check_sizes(grid, disk, range(PAGE, 800, PAGE), capsys, "--no-figures")
    assert (codes[0], codes[-1]) == (2, 0)


@pytest.mark.slow
def test_a_disk_that_is_full_in_a_run_with_figures(grid, disk, capsys):
    codes = check_sizes(grid, disk, range(400, 2000, 100), capsys)
    assert (codes[0], codes[-1]) == (2, 0)


XOR = """
name = "small"
fixed = { data = "xor", split = "all", hidden = 2, metrics = ["loss"], output = "sigmoid", loss = "squared_error" }

[axes]
alpha = { linspace = [0.1, 2.0], num = 20 }
epochs = { from = 1, to = 10 }
seed = { count = 100 }
"""
"""20,000 trials."""


@pytest.mark.slow
def test_a_disk_that_is_full_in_a_block_of_a_large_grid(grid, disk, capsys, monkeypatch):
    """In the first of ten blocks, in the middle, and while tables are written."""
    monkeypatch.setattr(blocks, "BLOCK", 2_000)
    grid.write_text(XOR, encoding="utf-8")
    codes = check_sizes(grid, disk, range(200, 12_200, 1_500), capsys, "--no-figures")
    assert (codes[0], codes[-1]) == (2, 0)
    assert codes.count(2) > 2


def test_a_disk_that_is_full_while_folders_are_merged(grid, disk, capsys):
    arguments = ("merge", "results/small", "--results", disk.root, "--no-figures", "--quiet")
    assert call(capsys, grid, "--no-figures", "--quiet")[0] == 0
    codes = []
    for kilobytes in range(24, 1000, 120):
        disk.empty()
        disk.mount(f"remount,size={kilobytes}k")
        code, out, err = call(capsys, *arguments)
        assert (code, out, err.count("\n"), err[:7]) == ((2, "", 1, "Error: ") if code else (0, "", 0, "")), err
        codes.append(code)
        with Store.read(Folder(disk.root / "small").store) as stored:
            assert stored.verify() == len(stored.ids())
        disk.mount(f"remount,size={LARGE}")
        assert call(capsys, *arguments) == (0, "", "")
        whole = made_in(grid.parent / "results" / "small")
        assert made_in(disk.root / "small") == {name: whole[name] for name in whole if name != "trials.db-last"}
    assert (codes[0], codes[-1]) == (2, 0)


def test_what_is_stored_is_read_from_a_full_disk_after_a_kill(grid, disk, capsys):
    store = Folder(disk.root / "small").store
    leave_a_log(store)
    store.with_name("trials.db-shm").unlink()
    disk.fill()
    with Store.read(store) as stored:
        assert stored.verify() == 3
    code, out, err = call(capsys, grid, "--no-figures", "--results", disk.root)
    assert (code, out, err) == (
        2,
        "",
        f"Error: {store}: the disk cannot be read or written, or is full (disk I/O error); "
        "what is stored already is safe\n",
    )


def test_a_disk_that_is_full_when_nothing_is_to_be_trained(grid, disk, capsys):
    arguments = (grid, "--no-figures", "--results", disk.root)
    assert call(capsys, *arguments)[0] == 0
    disk.fill()
    before = files(disk.root / "small")
    code, out, err = call(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert files(disk.root / "small") == before
    assert call(capsys, "plan", grid, "--results", disk.root)[1] == "small: nothing to train, 48 trials stored\n"


def test_a_folder_that_is_read_only(grid, disk, capsys):
    arguments = (grid, "--no-figures", "--results", disk.root)
    assert call(capsys, *arguments)[0] == 0
    disk.mount("remount,ro")
    assert call(capsys, "plan", grid, "--results", disk.root)[1] == "small: nothing to train, 48 trials stored\n"
    code, out, err = call(capsys, *arguments)
    assert (code, out, err) == (2, "", f"Error: {disk.root / 'small'}: cannot be written: Read-only file system\n")
    disk.mount("remount,rw")


LEAVE = """
import os, signal, sys
from pathlib import Path
from nnsweep.store import Store
from nnsweep.trainers.protocol import Outcome
from tests.helpers.fake_trials import TRAINER, trial
Path(sys.argv[1]).parent.mkdir(exist_ok=True)
store = Store.open(Path(sys.argv[1]))
store.write(store.begin_run({}, ""), TRAINER, [(trial(number), Outcome("ok")) for number in range(3)])
os.kill(os.getpid(), signal.SIGKILL)
"""


def leave_a_log(store: Path) -> None:
    """Make a store of three trials, whose writer was killed."""
    command = [sys.executable, "-c", LEAVE, str(store)]
    project = Path(__file__).parents[2]
    assert subprocess.run(command, cwd=project, timeout=60, check=False).returncode == -signal.SIGKILL
    assert store.with_name("trials.db-wal").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_read_only_folder_with_the_log_of_a_killed_run(disk):
    store = disk.root / "small" / "trials.db"
    leave_a_log(store)
    store.with_name("trials.db-shm").unlink()
    disk.mount("remount,ro")
    with Store.read(store) as stored:
        assert stored.verify() == 3
    disk.mount("remount,rw")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_store_set_aside_takes_its_log_along(tmp_path):
    folder = Folder(tmp_path)
    leave_a_log(folder.store)
    aside = folder.set_store_aside()
    assert aside is not None
    assert sorted(tmp_path.iterdir()) == [aside, record_of(aside)]
    with Store.read(aside) as stored:
        assert stored.verify() == 3


@pytest.mark.parametrize("verb", [["run", "--no-figures"], ["plan"]])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not a database" * 99, "not an SQLite file; move it away, or choose another folder with --results"),
        (None, "found a folder; allowed: a file"),
        (
            "newer",
            "written by a newer nnsweep (store version 99, this one reads up to 4); "
            "update nnsweep, or choose another folder with --results",
        ),
    ],
)
def test_what_is_no_store_is_refused_in_a_line(grid, capsys, verb, content, message):
    store = Folder(grid.parent / "results" / "small").store
    store.parent.mkdir(parents=True)
    if content is None:
        store.mkdir()
    elif content == "newer":
        Store.open(store).close()
        with closing(sqlite3.connect(store)) as connection:
            connection.execute("pragma user_version = 99")
    else:
        store.write_bytes(content)
    assert call(capsys, verb[0], grid, *verb[1:]) == (2, "", f"Error: results/small/trials.db: {message}\n")


def test_a_store_that_another_program_keeps_locked(grid, capsys, monkeypatch):
    monkeypatch.setattr(open, "BUSY", 0.05)
    assert call(capsys, grid, "--no-figures")[0] == 0
    with closing(sqlite3.connect("results/small/trials.db", isolation_level=None)) as other:
        other.execute("begin exclusive")
        for arguments in (["plan", grid], [grid, "--no-figures"]):
            assert call(capsys, *arguments) == (
                2,
                "",
                "Error: results/small/trials.db: another program keeps it locked; wait for it or end it, "
                "then run again\n",
            )
    assert call(capsys, grid, "--no-figures")[0] == 0


LONG = SMALL.replace("{ from = 1, to = 3 }", "[100_000]")


def holding(grid: Path) -> subprocess.Popen[str]:
    """Start a long run, and wait until it has its folder."""
    grid.write_text(LONG, encoding="utf-8")
    process = start(grid, "--no-figures", "--jobs", "1", cwd=grid.parent)
    lock = grid.parent / "results" / "small" / ".lock"
    while not (lock.exists() and lock.read_text(encoding="utf-8").startswith(f"process {process.pid} ")):
        assert process.poll() is None
    return process


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_second_run_is_refused_at_once_and_works_after_the_first_was_killed(grid, capsys, monkeypatch):
    process = holding(grid)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(time, "sleep", lambda _: pytest.fail("it waits"))
            code, out, err = call(capsys, grid, "--no-figures")
        assert (code, out) == (2, "")
        second = program(grid, "--no-figures", cwd=grid.parent)
        assert (second.returncode, second.stdout, second.stderr) == (2, "", err)
        assert err.startswith(f"Error: results/small: process {process.pid} on ")
        assert err.endswith(" is running a sweep here; wait for it or end it\n")
    finally:
        process.kill()
        process.communicate(timeout=60)
    folder = grid.parent / "results" / "small"
    assert (folder / ".lock").exists()
    (folder / "tables" / ".trials.csv.draft.csv").write_text("half", encoding="utf-8")
    grid.write_text(SMALL, encoding="utf-8")
    assert call(capsys, grid, "--no-figures")[0] == 0
    left = [name for name in files(folder) if name.startswith((".", "trials")) or "draft" in name]
    assert sorted(left) == ["trials.db", "trials.db-count", "trials.db-last"]


def test_a_file_that_cannot_be_written_leaves_no_draft(grid, capsys):
    assert call(capsys, grid, "--no-figures", "--quiet") == (0, "", "")
    folder = grid.parent / "results" / "small"
    (folder / "tables" / "summary.csv").unlink()
    (folder / "tables" / "summary.csv").mkdir()
    assert call(capsys, grid, "--no-figures") == (
        2,
        "",
        "Error: results/small/tables/summary.csv: found a folder; allowed: a file\n",
    )
    assert [name for name in files(folder) if "draft" in name] == []
