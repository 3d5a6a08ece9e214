"""Files that functions save while they train: kept whatever becomes of the trial, once for equal ones."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import nnsweep
from nnsweep.folder.artifacts import SavedArtifacts
from nnsweep.folder.paths import Folder
from nnsweep.store import Store
from nnsweep.trainers import saved
from nnsweep.trainers.saved import check_name, keep_file, path_in
from tests.helpers import PROJECT, call, slow

MODULE = """
import os
from pathlib import Path

def train(trial, does="well", seed=0):
    trial.save("same.txt", b"the same for all")
    trial.save(f"of/seed-{seed}.txt", lambda path: path.write_text(f"seed {seed}"))
    own = Path("own.txt")
    own.write_text(f"a file of the user's, seed {seed}")
    trial.save("copy.txt", own)
    (trial.folder / "sub").mkdir()
    (trial.folder / "sub" / "in.bin").write_bytes(bytes([seed]))
    (trial.folder / ".hidden").write_bytes(b"")
    if does == "raises":
        raise ValueError("no ground")
    if does == "climbs":
        trial.save("../out.txt", b"")
    return {"loss": float(seed)}
"""
GRID = """
name = "saves"
trainer = "saver:train"

[axes]
does = ["{}"]
seed = [0, 1]
"""
ALLOWED = "letters, digits, `.`, `_` and `-`, and `/` between folders; at most 100 in a part and 8 parts"
AGAIN = "restore it from a copy, or train the trial again"
NAMES = ["copy.txt", "of/seed-{}.txt", "same.txt", "sub/in.bin"]


@pytest.fixture(autouse=True)
def saver(module, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    module(MODULE, "saver.py")


def run(does="well", **options):
    return nnsweep.run(nnsweep.loads(GRID.format(does)), figures=False, **options)


def trial_of(results, seed):
    return results.trial(seed=seed)


@pytest.mark.parametrize("place", [{"jobs": 1}, slow({"jobs": 2}), slow({"scheduler": "local:1"})])
@pytest.mark.parametrize("does", ["well", "raises"])
def test_files_are_kept_once_for_equal_ones(does, place):
    if "scheduler" in place:
        pytest.importorskip("distributed")
    results = run(does, **place)
    for seed in range(2):
        found = trial_of(results, seed).artifacts
        assert list(found) == [name.format(seed) for name in NAMES]
        assert found["same.txt"].read_bytes() == b"the same for all"
        assert found[f"of/seed-{seed}.txt"].read_text() == f"seed {seed}"
        assert found["copy.txt"].read_text() == f"a file of the user's, seed {seed}"
        assert found["sub/in.bin"].read_bytes() == bytes([seed])
    kept = sorted(path for path in (results.folder / "artifacts").rglob("*") if path.is_file())
    assert len(kept) == 7  # one of them is of both trials
    assert not list((results.folder / "artifacts").glob(".*"))
    assert SavedArtifacts(Folder(results.folder)).verify() == 7
    said = f"2 of 2 trials saved `.hidden`, a file is saved under the name `.hidden`; allowed: {ALLOWED}: not stored"
    assert said in str(results)


def test_verbs_list_and_copy_them(capsys, tmp_path):
    results = run()
    one = trial_of(results, 0).trial.id
    assert call(capsys, "artifacts", "saves", "seed=0")[1] == (
        f"trial {one}  does = well, seed = 0\n"
        "  copy.txt       28 bytes\n  of/seed-0.txt  6 bytes\n  same.txt       16 bytes\n  sub/in.bin     1 byte\n"
    )
    code, out, _ = call(capsys, "artifacts", "saves", one[:8], "-o", "files")
    assert code == 0
    assert out.splitlines()[1] == "written: files/of/seed-0.txt"
    assert Path("files/of/seed-0.txt").read_text() == "seed 0"
    assert call(capsys, "artifacts", "saves", "-o", "all", "--file", "same.txt")[0] == 0
    assert sorted(str(path.relative_to("all")) for path in Path("all").rglob("*.txt")) == sorted(
        f"{trial_of(results, seed).trial.id}/same.txt" for seed in range(2)
    )
    said = "  files: copy.txt (28 bytes), of/seed-0.txt (6 bytes), same.txt (16 bytes), sub/in.bin (1 byte); "
    assert f"{said}nnsweep artifacts copies them\n" in call(capsys, "show", "saves", "seed=0")[1]
    said = "Error: results/saves: these 2 trials saved no file of the name `none.txt`; there are: "
    there = "copy.txt, of/seed-0.txt, of/seed-1.txt, same.txt, sub/in.bin\n"
    assert call(capsys, "artifacts", "saves", "--file", "none.txt") == (2, "", said + there)


PLACES = """
def train(trial, seed=0):
    trial.save("model", b"first")
    (trial.folder / "model").mkdir()
    (trial.folder / "model" / "inside").write_bytes(b"")
    if seed:
        trial.save("model/second", b"")
    return {"loss": 1.0}
"""


def test_no_file_is_saved_in_the_place_of_a_folder():
    """Else the files of the trial could not be copied into a folder, or exported."""
    Path("saver.py").write_text(PLACES, encoding="utf-8")
    results = nnsweep.run({"name": "places", "trainer": "saver:train", "axes": {"seed": [0, 1]}}, figures=False)
    said = "and another under `model`: one of them would be a folder; allowed: another name"
    inside = f"2 of 2 trials saved `model/inside`, a file is saved under the name `model/inside`, {said}: not stored"
    assert inside in str(results)
    failure = trial_of(results, 1).outcome.failure
    assert failure is not None
    assert failure.endswith(f"a file is saved under the name `model/second`, {said}\n")
    assert [list(trial_of(results, seed).artifacts) for seed in (0, 1)] == [["model"], ["model"]]


def test_a_damaged_or_lost_file_is_told(capsys):
    results = run()
    stored = trial_of(results, 1)
    path = stored.artifacts["sub/in.bin"]
    path.write_bytes(b"x")
    said = f"`sub/in.bin` of trial {stored.trial.id} is not as it was saved; {AGAIN}"
    code, _, err = call(capsys, "artifacts", "saves", "seed=1", "-o", "files")
    assert (code, err.endswith(f"{path.name}: {said}\n")) == (2, True)
    code, out, _ = call(capsys, "ls", "--verify")
    assert (code, said in out) == (1, True)
    path.unlink()
    said = f"`sub/in.bin` of trial {stored.trial.id}: No such file or directory; {AGAIN}"
    assert said in call(capsys, "ls", "--verify")[1]


def files_of(results):
    """What each trial saved, by its seed."""
    return [{name: path.read_bytes() for name, path in trial_of(results, seed).artifacts.items()} for seed in (0, 1)]


def printed_of(results):
    with Store.read(Folder(results.folder).store) as store:
        return [store.printed(trial_of(results, seed).trial.id) for seed in (0, 1)]


def test_trials_that_another_folder_has_come_with_what_they_saved_and_printed():
    Path("saver.py").write_text(MODULE.replace("    if does ==", "    print(f'seed {seed}')\n    if does ==", 1))
    first = run()
    expected, printed = files_of(first), printed_of(first)
    assert printed == ["seed 0\n", "seed 1\n"]
    other = nnsweep.run(nnsweep.loads(GRID.format("well").replace("saves", "other")), figures=False)
    assert (other.trained, dict(other.work.copied)) == (0, {"results/saves": 2})
    assert (files_of(other), printed_of(other)) == (expected, printed)


def test_trials_whose_files_are_damaged_there_are_trained():
    first = run()
    expected = files_of(first)
    trial_of(first, 1).artifacts["sub/in.bin"].write_bytes(b"x")
    other = nnsweep.run(nnsweep.loads(GRID.format("well").replace("saves", "other")), figures=False)
    assert (other.trained, dict(other.work.copied)) == (1, {"results/saves": 1})
    assert files_of(other) == expected


def test_a_further_folder_is_tried_where_files_are_damaged():
    first = run()
    expected = files_of(first)
    nnsweep.run(nnsweep.loads(GRID.format("well").replace("saves", "second")), figures=False)
    damaged = trial_of(first, 1).artifacts["sub/in.bin"]
    damaged.unlink()  # the second folder has a link to it
    damaged.write_bytes(b"x")
    other = nnsweep.run(nnsweep.loads(GRID.format("well").replace("saves", "third")), figures=False)
    assert (other.trained, dict(other.work.copied)) == (0, {"results/saves": 1, "results/second": 1})
    assert files_of(other) == expected


def test_accepted_trials_keep_what_they_saved(capsys):
    expected = files_of(run())
    path = Path("saver.py")
    path.write_text(path.read_text().replace("own", "mine"), encoding="utf-8")
    accepted = nnsweep.loads(GRID.format("well"))
    assert list(nnsweep.accept(accepted).values()) == [2]
    assert files_of(nnsweep.run(accepted, figures=False)) == expected


def test_a_merge_leaves_out_a_damaged_file_alone(capsys):
    first = run()
    expected, path = files_of(first), trial_of(first, 1).artifacts["sub/in.bin"]
    path.write_bytes(b"x")
    code, _, err = call(capsys, "merge", "results/saves", "--no-figures", "-o", "joined")
    said = f"results/saves: files of 1 trial were not merged; of the first: {path}: `sub/in.bin` of trial "
    assert code == 1
    assert err.splitlines()[1] == f"{said}{trial_of(first, 1).trial.id} is not as it was saved; {AGAIN}"
    del expected[1]["sub/in.bin"]
    assert files_of(nnsweep.open("joined")) == expected


def test_what_a_trial_saved_that_a_store_does_not_hold_rightly_is_told(capsys):
    results = run()
    with closing(sqlite3.connect(results.folder / "trials.db")) as connection:
        connection.execute("update artifact set name = '../../evil' where name = 'same.txt'")
        connection.commit()
    code, _, err = call(capsys, "artifacts", "saves", "-o", "files")
    assert code == 2
    said = "saved is not as it was written; restore the file from a copy, or train again with --fresh"
    assert re.fullmatch(rf"Error: .*trials\.db: what trial [0-9a-f]{{16}} {said}\n", err)
    assert not Path("files").exists()


@pytest.mark.parametrize(
    "name", ["../a", "/a", "a/../b", "", "a//b", ".a", "a\\b", "a/", "C:a", "a\0", "é", "a" * 101, "/".join("a" * 9)]
)
def test_names_that_climb_out_are_refused(name):
    with pytest.raises(nnsweep.NnsweepError) as caught:
        check_name(name)
    shown = name.replace("\0", r"\x00")
    assert str(caught.value) == f"a file is saved under the name `{shown}`; allowed: {ALLOWED}"


def test_a_name_that_is_refused_fails_its_trial():
    results = run("climbs")
    outcome = trial_of(results, 0).outcome
    assert outcome.status == "failed"
    assert outcome.failure.splitlines()[-1].startswith(
        "nnsweep.errors.NnsweepError: a file is saved under the name `../out.txt`; allowed: letters"
    )


def test_a_training_that_is_repeated_replaces_all_files(tmp_path):
    results = run("raises")
    folder = Folder(results.folder)
    with Store.open(folder.store) as store:
        (id, *_) = store.saved()
        store.save(id, saved.SavedFile("old.txt", 1, "0" * 64))
    path = Path("saver.py")
    path.write_text(path.read_text().replace('raise ValueError("no ground")', "pass"), encoding="utf-8")
    nnsweep.run(nnsweep.loads(GRID.format("raises")), figures=False)
    kept = SavedArtifacts(folder)
    assert "old.txt" in kept.list(id)  # the source has changed, so these are other trials


def test_a_merge_joins_them(capsys):
    first, second = run(), None
    Path("results").rename("first")
    assert call(capsys, "merge", "first/saves", "--no-figures", "-o", "joined")[0] == 0
    joined = SavedArtifacts(Folder(Path("results/joined")))
    assert joined.verify() == 7
    with Store.read(joined.folder.store) as store:
        assert {id: [each.name for each in files] for id, files in store.saved().items()} == {
            trial: [name.format(seed) for name in NAMES]
            for seed, trial in enumerate(first.trials.sort_values("seed")["id"])
        }
    assert second is None


def test_a_full_disk_is_a_line_and_loses_no_number(monkeypatch):
    def full(draft, source, move):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saved, "_write", full)
    results = run()
    assert results.trials["loss"].tolist() == [0.0, 1.0]
    place = results.folder.absolute() / "artifacts"
    for name in ("same.txt", "copy.txt", "sub/in.bin"):
        said = f"2 of 2 trials saved `{name}`, {place}: No space left on device: not stored; make room and train again"
        assert said in str(results)
    assert list(trial_of(results, 0).artifacts) == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory of a process")
def test_a_large_file_is_not_read_whole(tmp_path):
    """A sparse file of 150 MB, in a process that may have 60 MB more than it has."""
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(150_000_000)
    code = (
        "import resource, sys; from pathlib import Path; from nnsweep.trainers.saved import keep_file\n"
        "now = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (now + 60_000_000,) * 2)\n"
        f"print(*keep_file(Path({str(tmp_path / 'kept')!r}), Path({str(large)!r})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    size, content = done.stdout.split()
    assert (int(size), path_in(tmp_path / "kept", content).stat().st_size) == (150_000_000, 150_000_000)


def test_what_is_no_source_is_refused(tmp_path):
    for source, said in (
        (
            5,
            "a file is saved from `int`; allowed: bytes, the path of a file, or a function that writes one to the path "
            "that it is given",
        ),
        (lambda path: None, "the function that should write a file to the path that it was given wrote none"),
    ):
        with pytest.raises(nnsweep.NnsweepError) as caught:
            keep_file(tmp_path, source)
        assert str(caught.value) == said
    assert list(tmp_path.glob(".*")) == []


def test_what_a_killed_run_left_is_removed_by_the_next():
    results = run()
    kept = results.folder / "artifacts"
    (kept / ".work-abc").mkdir()
    (kept / ".work-abc" / "x").write_bytes(b"x")
    (kept / ".0123.draft").write_bytes(b"x")
    run("raises")
    assert not list(kept.glob(".*"))
    assert os.listdir(kept)
