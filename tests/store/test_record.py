"""Stores that are lost, emptied or replaced: every verb says so, and nothing is trained again without a word."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nnsweep.errors import StoreError
from nnsweep.folder.paths import Folder
from nnsweep.store import Store, record_of
from nnsweep.trainers.protocol import Outcome
from tests.helpers import PROJECT, call, files
from tests.helpers.fake_trials import TRAINER, trial

HELD = "results/small/trials.db: 48 trials were stored in this file, but "
REMEDY = "; restore it from a copy, train all again with --fresh, or remove trials.db-count to go on with what is there"
STORE = Path("results/small/trials.db")


def remove():
    STORE.unlink()


def empty():
    STORE.write_bytes(b"")


def replace():
    STORE.unlink()
    with Store.open(STORE.with_name("other.db")) as store:
        store.write(store.begin_run({}, ""), TRAINER, [(trial(number), Outcome("ok")) for number in range(60)])
    STORE.with_name("other.db").rename(STORE)


LOSSES = {
    remove: "it is missing",
    empty: "it holds 0",
    replace: "it is another store, with other runs",
}


@pytest.mark.parametrize("lose", LOSSES)
def test_every_verb_tells_of_a_store_that_is_lost(small, capsys, lose):
    lose()
    before = files(Path("results"))
    line = f"{HELD}{LOSSES[lose]}{REMEDY}"
    verbs = [[small], ["run", "small"], ["plan", small], ["retry", small], ["show", small], ["best", "small"]]
    verbs += [["export", "small"], ["diagnose", "small"], ["compare", "small", "--on", "hidden=2,4"]]
    for verb in verbs:
        assert call(capsys, *verb) == (2, "", f"Error: {line}\n")
    for verb in (["ls"], ["ls", "--verify"]):
        assert call(capsys, *verb)[:2] == (1, f"small  {line}\n")
    assert files(Path("results")) == before


@pytest.mark.parametrize("lose", LOSSES)
def test_a_lost_store_is_trained_again_where_that_is_asked_for(small, capsys, lose):
    lose()
    code, out, _ = call(capsys, small, "--no-figures", "--fresh")
    assert code == 0
    assert out.startswith("small: 48 trials trained in ")
    assert call(capsys, "plan", small) == (0, "small: nothing to train, 48 trials stored\n", "")


def test_an_older_copy_is_gone_on_with_once_the_record_is_removed(grid, capsys):
    assert call(capsys, grid, "--no-figures", "--quiet", "--set", "hidden=2")[0] == 0
    copy = STORE.read_bytes()
    assert call(capsys, grid, "--no-figures", "--quiet")[0] == 0
    STORE.write_bytes(copy)
    assert call(capsys, "plan", grid) == (2, "", f"Error: {HELD}it holds 24{REMEDY}\n")
    record_of(STORE).unlink()
    assert call(capsys, "plan", grid)[1].startswith("small: 48 trials: 24 new, 24 stored\n")
    assert call(capsys, grid, "--no-figures", "--quiet") == (0, "", "")
    assert json.loads(record_of(STORE).read_text(encoding="utf-8"))["trials"] == 48


def test_a_run_records_what_a_store_of_an_earlier_nnsweep_holds(small, capsys):
    record_of(STORE).unlink()
    assert call(capsys, "plan", small) == (0, "small: nothing to train, 48 trials stored\n", "")
    assert call(capsys, small, "--no-figures", "--quiet") == (0, "", "")
    assert record_of(STORE).exists()
    assert call(capsys, small, "--no-figures", "--quiet", "--set", "hidden=3") == (0, "", "")
    assert json.loads(record_of(STORE).read_text(encoding="utf-8"))["trials"] == 72


UNREADABLE = ["", "[]", "{", '{"trials": "48"}', '{"trials": true, "began": ""}', "[" * 4000, "\udcff", "0" * 5000]


@pytest.mark.parametrize("text", UNREADABLE)
def test_a_record_that_nobody_can_read_is_none(small, capsys, text):
    record_of(STORE).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert call(capsys, "plan", small) == (0, "small: nothing to train, 48 trials stored\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFO")
def test_a_record_that_is_no_file_is_none_and_a_link_is_not_followed(small, capsys, tmp_path):
    record_of(STORE).unlink()
    os.mkfifo(record_of(STORE))
    assert call(capsys, "plan", small) == (0, "small: nothing to train, 48 trials stored\n", "")
    record_of(STORE).unlink()
    mine = tmp_path / "mine"
    mine.write_text("mine", encoding="utf-8")
    record_of(STORE).symlink_to(mine)
    STORE.with_name(f".{record_of(STORE).name}.draft").symlink_to(mine)
    assert call(capsys, small, "--no-figures", "--quiet", "--set", "hidden=3") == (0, "", "")
    assert mine.read_text(encoding="utf-8") == "mine"
    assert json.loads(record_of(STORE).read_text(encoding="utf-8"))["trials"] == 72


KILLED = """
import os, signal, sys
from pathlib import Path
from nnsweep.cli import main
from nnsweep.store import Store

close = Store.close
def killed(self):
    if self.path.exists() and self.ids():
        os.kill(os.getpid(), signal.SIGKILL)
    close(self)
Store.close = killed
main(["grid.toml", "--no-figures"])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_small_run_that_was_killed_and_has_lost_its_log(grid, capsys, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    done = subprocess.run([sys.executable, "-c", KILLED], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    log = STORE.with_name("trials.db-wal")
    aside = Path(shutil.copy(log, "log"))
    assert call(capsys, "plan", grid) == (0, "small: nothing to train, 48 trials stored\n", "")
    log.unlink()
    for verb in (["plan", grid], [grid, "--no-figures"]):
        assert call(capsys, *verb) == (2, "", f"Error: {HELD}it holds 0{REMEDY}\n")
    code, out, _ = call(capsys, "ls", "--verify")
    assert (code, out) == (1, f"small  {HELD}it holds 0{REMEDY}\n")
    shutil.copy(aside, log)
    STORE.with_name("trials.db-shm").unlink(missing_ok=True)
    assert call(capsys, "plan", grid) == (0, "small: nothing to train, 48 trials stored\n", "")


def during(monkeypatch, write_number, do):
    """Have something done to the files before a transaction of trials."""
    insert, count = Store.write_grid, iter(range(1000))

    def inserted(self, *rest):
        if next(count) == write_number:
            do(self)
        insert(self, *rest)

    monkeypatch.setattr(Store, "write_grid", inserted)


def test_a_store_that_is_removed_during_a_run_is_saved_beside_it(grid, capsys, monkeypatch):
    assert call(capsys, grid, "--no-figures", "--quiet", "--set", "hidden=2")[0] == 0
    during(monkeypatch, 0, lambda store: STORE.unlink())
    code, out, err = call(capsys, grid, "--no-figures")
    (aside,) = STORE.parent.glob("trials-*.db")
    assert (code, out, err) == (
        2,
        "",
        f"Error: {STORE}: the file was removed or replaced while the run was writing it; what it held is in "
        f"{aside.name}: rename that file to trials.db, and run again to go on\n",
    )
    with Store.read(aside) as saved:
        kept = saved.verify()
    assert kept > 24
    code, out, err = call(capsys, "plan", grid)
    assert (code, out) == (2, "")
    assert err.startswith(f"Error: {STORE}: 24 trials were stored in this file, but it is missing; ")
    aside.rename(STORE)
    new = f"small: 48 trials: {48 - kept} new, {kept} stored\n" if kept < 48 else "small: nothing to train, 48 "
    assert call(capsys, "plan", grid)[1].startswith(new)
    assert call(capsys, grid, "--no-figures", "--quiet") == (0, "", "")


def test_a_store_whose_folder_is_removed_during_a_run(grid, capsys, monkeypatch):
    during(monkeypatch, 0, lambda store: shutil.rmtree(STORE.parent))
    code, out, err = call(capsys, grid, "--no-figures")
    assert (code, out, err) == (
        2,
        "",
        f"Error: {STORE}: the file was removed or replaced while the run was writing it; what it held cannot be saved "
        "beside it (unable to open database file)\n",
    )


def cut_off():
    os.truncate(STORE, STORE.stat().st_size // 2)


@pytest.mark.parametrize("lose", [empty, cut_off])
def test_a_store_that_is_emptied_or_cut_off_during_a_run(small, capsys, monkeypatch, lose):
    insert = Store.write_grid

    def inserted(self, *rest):
        insert(self, *rest)
        lose()

    monkeypatch.setattr(Store, "write_grid", inserted)
    assert call(capsys, small, "--no-figures", "--set", "hidden=3") == (
        2,
        "",
        f"Error: {STORE}: the file was emptied or cut off while the run was writing it; restore the file from a copy, "
        "or train again with --fresh\n",
    )
    assert call(capsys, "ls", "--verify")[0] == 1


@pytest.mark.parametrize("lose", LOSSES)
def test_a_store_that_is_lost_while_tables_are_written_is_told_in_the_end(grid, capsys, monkeypatch, lose):
    from nnsweep.results import Results

    write = Results.write

    def written(self, *rest):
        write(self, *rest)
        lose()

    monkeypatch.setattr(Results, "write", written)
    assert call(capsys, grid, "--no-figures") == (2, "", f"Error: {HELD}{LOSSES[lose]}{REMEDY}\n")


def test_trials_that_are_gone_without_a_record_are_told_in_the_end(tmp_path):
    store = Folder(tmp_path).store
    with Store.open(store) as opened, pytest.raises(StoreError) as caught:
        opened.confirm(2)
    assert str(caught.value) == (
        f"{store}: it holds 0 of the 2 trials that were stored; "
        "restore the file from a copy, or train again with --fresh"
    )
