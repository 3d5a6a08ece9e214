"""`nnsweep rm` and `nnsweep gc`: what goes, what stays, and what a kill, a full disk or a link leaves."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

import nnsweep
from nnsweep.cli import removing
from nnsweep.errors import StoreError
from nnsweep.folder import removal
from nnsweep.folder.paths import Folder
from nnsweep.folder.removable import list_killed, list_trials, list_unused, list_whole
from nnsweep.store import Store, lock, read_record
from tests.helpers import SMALL, call, files, slow
from tests.helpers.forked import Forked


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A sweep that ran twice: with hidden = 2, 4 and 8, then with 2 and 4; a trace, and a store that was set aside."""
    folder = tmp_path_factory.mktemp("ran")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("grid.toml").write_text(SMALL)
        nnsweep.run("grid.toml", figures=False)
        nnsweep.run(nnsweep.load("grid.toml", ["hidden=2,4,8"]), figures=False, fresh=True)
        nnsweep.run("grid.toml", figures=False)
    return folder


@pytest.fixture
def small(ran, tmp_path, monkeypatch):
    """A copy of its results folder, below the working directory: 48 trials of the sweep and 24 others."""
    shutil.copytree(ran, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return Folder(Path("results", "small"))


@pytest.fixture
def said(capsys):
    """Call the program; sizes are left out of what it said."""

    def say(*arguments):
        code, out, err = call(capsys, *arguments)
        return code, re.sub(r"\d[\d.,]* (kB|MB|GB)", "SIZE", out), err

    return say


def stored(folder: Folder) -> set[str]:
    """Give the ids of a store in which everything is as it was written."""
    with Store.read(folder.store) as store:
        assert store.verify() == len(store.known())
        return set(store.ids())


def asked(folder: Folder) -> set[str]:
    with Store.read(folder.store) as store:
        record = store.sweep_record()
        return {trial.id for trial in record.trials}


def rest(folder: Folder) -> dict[str, bytes]:
    """Read all files but the store's."""
    return {name: content for name, content in files(folder.root).items() if not name.startswith("trials")}


STALE = (
    "24 trials that the sweep, as it was last run, does not have (other settings, or an earlier version of the trainer "
    "or of the data): about SIZE"
)


def test_gc_lists_and_frees_what_nothing_needs(small, said):
    small.traces.mkdir()
    gone, kept = sorted(stored(small) - asked(small))[0], sorted(asked(small))[0]
    for name in (f"{gone}.trace.csv", f"{'0' * 16}.trace.csv", f"{kept}.trace.csv", "mine.txt"):
        (small.traces / name).write_text("x" * 1000)
    for name, age in ((".0123456789abcdef.draft.csv", 7200), (".fedcba9876543210.draft.csv", 0)):
        (small.tables / name).write_text("half")
        os.utime(small.tables / name, (time.time() - age,) * 2)
    killed = Path("results", ".other.removed-01234567")
    killed.mkdir()
    (killed / "x").touch()
    before, outcomes = rest(small), {id: read(small, id) for id in asked(small)}
    listed = (
        "results/.other.removed-01234567\n"
        "  left by a removal that was killed: 1 file, SIZE\n"
        "results/small\n"
        f"  {STALE}\n"
        "  1 file of these trials: SIZE\n"
        "  2 files of stores that were set aside: SIZE\n"
        "  1 file half-written: SIZE\n"
        "  1 file saved by trials that are gone or were trained again: SIZE\n"
        "frees 6 files and 24 trials, SIZE\n"
    )
    assert said("gc", "--dry-run") == (0, listed, "")
    assert (rest(small), len(stored(small))) == (before, 72)
    size = sum(map(len, files(Path("results")).values()))
    code, out, err = said("gc", "--yes")
    assert (code, out, err) == (0, f"{listed}removed 6 files and 24 trials, SIZE\n", "")
    assert stored(small) == asked(small)
    assert {id: read(small, id) for id in asked(small)} == outcomes
    names = {f"traces/{gone}.trace.csv", f"traces/{'0' * 16}.trace.csv", "tables/.0123456789abcdef.draft.csv"}
    assert {name: before[name] for name in before.keys() - names} == rest(small)
    assert sum(map(len, files(Path("results")).values())) < size
    assert not killed.exists()
    assert said("gc", "--yes") == (0, "nothing to remove\n", "")
    assert said("grid.toml", "--no-figures")[1].startswith("small: nothing to train, 48 trials stored\n")


def read(folder: Folder, id: str):
    with Store.read(folder.store) as store:
        return store.outcomes([id])[id]


def test_histories_that_others_share_stay(small):
    """The checkpoints of a training, 1 to 3 epochs, share its history: the first one's goes, the others' stay."""
    record = nnsweep.open("small")
    trials = record.trials
    ids = trials.loc[trials["epochs"] == 3, "id"].tolist()
    others = {id: read(small, id) for id in trials.loc[trials["epochs"] < 3, "id"]}
    removal.remove(list_trials(small, np.array([int(id, 16) for id in ids], np.uint64)))
    assert stored(small) & set(trials["id"]) == others.keys()
    assert {id: read(small, id) for id in others} == others
    assert nnsweep.run("grid.toml", figures=False).trained == 16
    assert len(stored(small)) == 72


def test_trials_are_removed_and_trained_again(small, said):
    assert said("rm", "small", "hidden=2", "--where", "alpha=0.01", "--yes")[1].splitlines()[-1] == (
        "removed 12 trials, SIZE"
    )
    assert len(stored(small)) == 60
    assert read_record(small.store).trials == 60
    nothing = "Error: results/small: none of these trials is stored\n"
    assert said("rm", "small", "hidden=2", "alpha=0.01", "--yes") == (2, "", nothing)
    assert said("rm", "small", sorted(asked(small) & stored(small))[0][:8], "-y")[0] == 0
    assert nnsweep.run("grid.toml", figures=False).trained == 13
    assert len(stored(small)) == 72


def test_a_sweep_is_named_by_its_file_too(small, said):
    assert said("rm", "grid.toml", "hidden=2", "alpha=0.01", "--dry-run") == said(
        "rm", "small", "hidden=2", "alpha=0.01", "--dry-run"
    )
    assert said("gc", "grid.toml", "--dry-run") == said("gc", "small", "--dry-run")
    assert said("rm", "grid.toml", "--yes")[0] == 0
    assert not small.root.exists()
    nothing = "Error: grid.toml: nothing is stored in results/small; run the sweep first\n"
    assert said("rm", "grid.toml", "--yes") == (2, "", nothing)


def test_all_trials_may_go(small, said):
    ids = np.array([int(id, 16) for id in stored(small)], np.uint64)
    assert removal.remove(list_trials(small, ids)).trials == 72
    assert (stored(small), read_record(small.store)) == (set(), None)
    assert nnsweep.run("grid.toml", figures=False).trained == 48


def test_a_folder_is_removed_with_all_that_is_in_it(small, said, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "mine.txt").touch()
    (small.root / "linked").symlink_to(tmp_path / "elsewhere")
    (small.root / "mine.txt").touch()
    count = len(files(small.root))
    for lock_of_a_killed_program in (".lock", ".notes.lock", ".export.lock"):
        (small.root / lock_of_a_killed_program).touch()
    listed = f"results/small\n  the whole folder: {count + 1} files, SIZE, with 72 trials\n"
    frees = f"frees {count + 1} files and 72 trials, SIZE\n"
    assert said("rm", "small", "--dry-run") == (0, listed + frees, "")
    assert said("rm", "small", "--yes") == (0, f"{listed}{frees}removed {count + 1} files and 72 trials, SIZE\n", "")
    assert list(Path("results").iterdir()) == []
    assert (tmp_path / "elsewhere" / "mine.txt").exists()


def test_it_asks_where_there_is_a_terminal_and_refuses_where_not(small, said, monkeypatch):
    before = files(small.root)
    message = "Error: nothing was removed: there is no terminal to ask in; --yes removes, --dry-run only lists\n"
    for verb in ("rm", "gc"):
        code, out, err = said(verb, "small")
        assert (code, out.splitlines()[-1].startswith("frees "), err) == (2, True, message)
    monkeypatch.setattr(removing, "is_terminal", lambda: True)
    for answer, end in (("n", "Error: nothing was removed\n"), ("y", "")):
        assert files(small.root) == before
        monkeypatch.setattr("click.termui.visible_prompt_func", lambda prompt, answer=answer: answer)
        assert said("rm", "small")[2] == end
    assert not small.root.exists()


def test_what_is_no_results_folder_or_a_link_is_left_alone(small, said):
    Path("mine").mkdir()
    Path("mine", "x.txt").touch()
    allowed = "allowed: a sweep file, a results folder, small"
    assert said("rm", "mine", "-y") == (2, "", f"Error: `mine`: nothing of that name is stored in results; {allowed}\n")
    assert said("gc", "mine", "-y") == (0, "nothing to remove\n", "")
    Path("results", "link").symlink_to("small")
    before = files(Path("."))
    link = f"results/link: found a link; allowed: a results folder itself, so name {Path('results/small').resolve()}"
    assert said("rm", "link", "-y") == (2, "", f"Error: {link}\n")
    assert said("gc", "link", "-y") == (0, f"left alone: {link}\nnothing to remove\n", "")
    assert files(Path(".")) == before


def test_a_folder_in_use_is_left_alone(small, said):
    before = files(small.root)
    with lock(small.root):
        for arguments in (["rm", "small"], ["rm", "small", "hidden=2"], ["gc"]):
            code, _, err = said(*arguments, "--yes")
            assert (code, err.endswith(" is running a sweep here; wait for it or end it\n")) == (2, True)
            assert {name: content for name, content in files(small.root).items() if name != ".lock"} == before


def test_what_came_after_the_list_stays(small):
    whole, unused = list_whole(small), list_unused(small)
    (small.root / "new.txt").write_text("mine")
    copy = small.copies()[0]
    copy.unlink()
    copy.write_text("another file of this name")
    nnsweep.run(nnsweep.load("grid.toml", ["hidden=2,4,8"]), figures=False)  # which asks for the stale trials again
    done = removal.remove(unused)
    assert (done.trials, copy.exists(), len(stored(small))) == (0, True, 72)
    with pytest.raises(StoreError) as caught:
        removal.remove(whole)
    changed = "left alone: its files have changed since they were listed; look again"
    assert str(caught.value) == f"results/small: {changed}"
    assert ((small.root / "new.txt").exists(), len(stored(small))) == (True, 72)


def test_a_file_that_comes_after_the_folder_was_renamed_stays(small, monkeypatch):
    rename = Path.rename

    def rename_and_write(path, target):
        found = rename(path, target)
        (target / "new.txt").write_text("mine")
        return found

    monkeypatch.setattr(Path, "rename", rename_and_write)
    done = removal.remove(list_whole(small))
    (left,) = Path("results").iterdir()
    assert files(left) == {"new.txt": b"mine"}
    assert done.notices == [f"{left}: left with what is in it, which was not listed"]


class Killed(BaseException):
    """Stands for a kill: no code but this test knows it."""


STEPS = (Path, "unlink"), (Path, "rename"), (Path, "replace"), (os, "rmdir"), (Store, "shrink")


def kill_at(step: int, monkeypatch: pytest.MonkeyPatch, do) -> bool:
    """Do something, but be killed at the n-th step that changes a disk; return whether it came to its end."""
    steps = iter(range(step, 0, -1))

    def counted(change):
        def changing(*arguments, **options):
            if next(steps, 0) == 1:
                raise Killed
            return change(*arguments, **options)

        return changing

    with monkeypatch.context() as patch:
        for place, name in STEPS:
            patch.setattr(place, name, counted(getattr(place, name)))
        try:
            do()
        except Killed:
            return False
    return True


@pytest.mark.parametrize("kind", [slow("gc"), "trials", slow("whole")])
def test_a_kill_between_two_steps_leaves_a_sound_store(small, ran, monkeypatch, kind):
    wanted, steps = asked(small), 0
    for step in range(1, 100):
        shutil.rmtree("results")
        shutil.copytree(ran / "results", "results")
        if kind == "trials":
            wanted_ids = np.array([int(id, 16) for id in wanted], np.uint64)
            listed = list_trials(small, wanted_ids)
        else:
            listed = list_unused(small) if kind == "gc" else list_whole(small)
        steps = step
        if kill_at(step, monkeypatch, lambda listed=listed: removal.remove(listed)):
            break
        if small.root.exists():
            left = stored(small)
            assert len(left) in ((24, 72) if kind == "trials" else (48, 72))
            assert kind == "trials" or wanted <= left
            again = {"gc": list_unused, "whole": list_whole}.get(kind)
            if again is not None:
                removal.remove(again(small))
        for each in list_killed(Path("results")):
            removal.remove(each)
        assert small.root.exists() is (kind != "whole")
        if kind == "gc":
            assert (stored(small), small.copies()) == (wanted, [])
    print(f"{kind}: {steps - 1} kills between steps, 0 left an unsound store")
    assert steps > 3


REMOVALS_KILLED = 20


@pytest.mark.slow
def test_killed_at_any_time(small, ran):
    """Kill the program itself while it removes; then all is there, or what was listed is gone."""
    Forked("--help").done(timeout=120)  # the first one waits for imports
    started = time.monotonic()
    assert Forked("gc", "small", "--yes").wait(timeout=120) == 0
    took = time.monotonic() - started
    draw, tries, cut = random.Random(20261129), 0, 0
    while cut < REMOVALS_KILLED:
        tries += 1
        shutil.rmtree("results")
        shutil.copytree(ran / "results", "results")
        running = Forked("gc", "small", "--yes")
        try:
            code = running.wait(draw.uniform(0.0, took))
        except subprocess.TimeoutExpired:
            running.kill()
            code = running.wait(timeout=60)
        cut += code == -signal.SIGKILL
        assert len(stored(small)) in (48, 72)
        assert stored(small) >= asked(small)
        removal.remove(list_unused(small))
        assert (stored(small), small.copies()) == (asked(small), [])
    print(f"{tries} removals, {cut} killed: 0 stores unsound")


def test_a_disk_without_room_for_a_copy_keeps_the_larger_file(small, said, monkeypatch):
    monkeypatch.setattr(Store, "shrink", lambda store: False)
    code, out, _ = said("gc", "--yes")
    assert code == 0
    assert out.splitlines()[-2] == (
        "results/small/trials.db: no room for a smaller copy, so the file stays as large; its room is used by the next "
        "trials, and gc gives it back once there is room"
    )
    assert stored(small) == asked(small)


def test_a_record_that_cannot_be_written_removes_nothing(small, monkeypatch):
    def fail(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nnsweep.store.store.write_record", fail)
    with pytest.raises(StoreError) as caught:
        removal.remove(list_unused(small))
    assert str(caught.value) == "results/small/trials.db-count: No space left on device; nothing was removed"
    assert len(stored(small)) == 72


def test_a_read_only_folder_is_told(small, said, monkeypatch):
    def fail(*arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", fail)
    before = files(small.root)
    assert said("rm", "small", "-y")[::2] == (2, "Error: results/small: cannot be removed: Permission denied\n")
    assert files(small.root) == before


def test_where_nothing_could_be_removed_only_the_reason_is_said(small, said):
    with lock(small.root):
        code, out, err = said("rm", "small", "--yes")
    assert (code, out.splitlines()[-1], err.count("\n")) == (
        2,
        f"frees {len(files(small.root))} files and 72 trials, SIZE",
        1,
    )


def test_more_seeds_of_its_settings_are_no_stale_trials(small, ran):
    more = nnsweep.load("grid.toml", ["seed={count=6}"])
    nnsweep.run(more, figures=False)
    nnsweep.run("grid.toml", figures=False)
    assert len(stored(small)) == 72 + 24
    assert removal.remove(list_unused(small)).trials == 24
    assert len(stored(small)) == 48 + 24


def test_trials_of_other_data_are_stale(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    grid = 'name = "mine"\n[fixed]\ndata = { csv = "points.csv", target = "y" }\n[axes]\nalpha = [0.1, 0.2]\n'
    Path("grid.toml").write_text(grid)
    for value in (0, 1):
        Path("points.csv").write_text("x,y\n" + f"0.1,{value}\n0.9,{1 - value}\n" * 20)
        nnsweep.run("grid.toml", figures=False)
    folder = Folder(Path("results/mine"))
    assert len(stored(folder)) == 4
    assert removal.remove(list_unused(folder)).trials == 2
    assert stored(folder) == asked(folder)
