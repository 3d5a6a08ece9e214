"""Where data and trainers are looked for, and that their place is no part of a trial."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import nnsweep
from nnsweep import sweepfile, trainers
from nnsweep.data.places import look_beside
from nnsweep.data.users import plain_name
from nnsweep.errors import NnsweepError
from nnsweep.store import Store
from nnsweep.trials.expand import expand
from tests.helpers import JOBS, call

ROWS = "x,y\n0,0\n1,1\n0.5,1\n"
OTHER = "x,y\n0,1\n1,0\n0.25,1\n"
GRID = """
name = "a"
[fixed]
split = "all"
output = "sigmoid"
loss = "binary_cross_entropy"
data = { csv = "DATA", target = "y" }
[axes]
seed = { count = 2 }
"""
TRAINER = "def train(alpha: float = 1.0, seed: int = 0):\n    return {'error': FACTOR * alpha}\n"
THEIRS = 'name = "b"\ntrainer = "TRAINER"\n[axes]\nalpha = [1.0, 2.0]\n'


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder of sweeps beside the working directory."""
    (tmp_path / "work").mkdir()
    (tmp_path / "sweeps").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]
    for name in [name for name in trainers.plugins._loaded if name != "mlp"]:
        del trainers.plugins._loaded[name]
        trainers.plugins._sources.pop(name, None)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def ids(path: Path) -> list[str]:
    sweep = nnsweep.load(path)
    return [trial.id for trial in expand(sweep, trainers.load(sweep.trainer))]


def test_data_are_found_beside_the_sweep_file_first(here):
    grid = write(here / "sweeps" / "grid.toml", GRID.replace("DATA", "a.csv"))
    with pytest.raises(NnsweepError) as caught:
        nnsweep.load(grid)
    both = f"{here / 'sweeps' / 'a.csv'} and {here / 'work' / 'a.csv'}"
    assert str(caught.value) == f"{grid}:7:1: a.csv: there is no such file; looked for {both}"
    write(here / "work" / "a.csv", OTHER)
    there = ids(grid)
    write(here / "sweeps" / "a.csv", ROWS)
    beside = ids(grid)
    assert beside != there
    (here / "sweeps" / "a.csv").unlink()
    assert ids(grid) == there


def test_a_file_that_is_moved_trains_nothing_anew(here):
    named = {
        "a.csv": "a.csv",
        "./a.csv": "a.csv",
        "data/a.csv": "data/a.csv",
        "../data/a.csv": "../data/a.csv",
        str(here / "far" / "a.csv"): "../far/a.csv",
    }
    found = []
    for name, place in named.items():
        write(here / "sweeps" / place, ROWS)
        found.append(ids(write(here / "sweeps" / "grid.toml", GRID.replace("DATA", name))))
        (here / "sweeps" / place).unlink()
    assert found == [found[0]] * 5
    assert len(set(found[0])) == 2


def test_a_file_of_the_sweeps_own_folder_has_the_ids_that_it_had(here):
    """The digest is computed here from what it is documented to be of."""
    from hashlib import blake2b

    write(here / "work" / "a.csv", ROWS)
    sweep = nnsweep.load(write(here / "work" / "grid.toml", GRID.replace("DATA", "a.csv")))
    trainer = trainers.load("mlp")
    for trial in expand(sweep, trainer):
        whole = {
            "data": trainer.fingerprint(trial.params),
            "params": json.loads(trial.params_json),
            "trainer": "mlp",
            "version": trainer.version,
        }
        text = json.dumps(whole, sort_keys=True, separators=(",", ":"))
        assert trial.id == blake2b(text.encode()).hexdigest()[:16]


def test_what_is_stored_keeps_the_files_name_as_it_is_written(here):
    write(here / "sweeps" / "data" / "a.csv", ROWS)
    sweep = nnsweep.load(write(here / "sweeps" / "grid.toml", GRID.replace("DATA", "data/a.csv")))
    (trial, _) = expand(sweep, trainers.load("mlp"))
    assert json.loads(trial.params_json)["data"] == {"csv": "data/a.csv", "target": ["y"]}


def test_two_sweeps_of_two_folders_do_not_share_files(here):
    first, second = here / "first" / "grid.toml", here / "second" / "grid.toml"
    write(first.with_name("a.csv"), ROWS)
    write(second.with_name("a.csv"), OTHER)
    one, two = (nnsweep.load(write(path, GRID.replace("DATA", "a.csv"))) for path in (first, second))
    mlp = trainers.load("mlp")
    assert [trial.id for trial in expand(one, mlp)] != [trial.id for trial in expand(two, mlp)]
    assert [trial.id for trial in expand(one, mlp)] == ids(first)
    results = nnsweep.run(one, here / "results", figures=False)
    nnsweep.load(second)
    assert results.trial(seed=0).replay().differs is None


@pytest.mark.parametrize("jobs", JOBS)
def test_workers_find_data_and_code_beside_the_sweep_file(here, jobs):
    write(here / "sweeps" / "a.csv", ROWS)
    data = write(here / "sweeps" / "grid.toml", GRID.replace("DATA", "a.csv"))
    made = write(
        here / "sweeps" / "made.toml",
        GRID.replace('{ csv = "DATA", target = "y" }', '"own_rows:rows"').replace('"a"', '"made"'),
    )
    write(here / "sweeps" / "own_rows.py", "def rows(seed):\n    return [[0], [1]], [0, 1]\n")
    write(here / "sweeps" / "own_trainer.py", TRAINER.replace("FACTOR", "1"))
    theirs = write(here / "sweeps" / "theirs.toml", THEIRS.replace("TRAINER", "own_trainer:train"))
    for grid in (data, made, theirs):
        results = nnsweep.run(grid, here / "results", figures=False, jobs=jobs)
        assert (results.trained, results.failed) == (2, 0)


@pytest.mark.slow
def test_a_trainer_by_its_file_is_the_one_by_its_module(here):
    write(here / "sweeps" / "own_mine.py", TRAINER.replace("FACTOR", "1"))
    grid = here / "sweeps" / "grid.toml"
    by_module = ids(write(grid, THEIRS.replace("TRAINER", "own_mine:train")))
    assert ids(write(grid, THEIRS.replace("TRAINER", "./own_mine.py:train"))) == by_module
    (here / "sweeps" / "own_mine.py").unlink()
    write(here / "work" / "exp" / "own_mine.py", TRAINER.replace("FACTOR", "1"))
    assert ids(write(grid, THEIRS.replace("TRAINER", "exp/own_mine.py:train"))) == by_module
    results = nnsweep.run(grid, here / "results", figures=False, jobs=2)
    assert results.trials["error"].tolist() == [1.0, 2.0]


def test_modules_of_one_name_are_those_of_their_sweep(here):
    grids = []
    for name, factor in (("one", "1"), ("two", "2")):
        write(here / name / "own_same.py", TRAINER.replace("FACTOR", factor))
        grids.append(write(here / name / "grid.toml", THEIRS.replace("TRAINER", "own_same:train")))
    found = [nnsweep.run(grid, grid.with_name("results"), figures=False) for grid in grids]
    assert [each.trials["error"].tolist() for each in found] == [[1, 2], [2, 4]]
    first = nnsweep.load(grids[0])
    nnsweep.load(grids[1])
    with pytest.raises(NnsweepError, match="its source has changed; load the sweep again"):
        nnsweep.run(first, here / "third", figures=False)


def test_code_that_is_not_there_is_told_with_where_it_was_looked_for(here):
    grid = here / "sweeps" / "grid.toml"
    for name, message in {
        "own_absent:f": "trainer `own_absent:f`: cannot be imported: ModuleNotFoundError: "
        f"No module named 'own_absent'; looked in {here / 'sweeps'}, in {here / 'work'} and in Python's path",
        "exp/own_absent.py:f": "trainer `exp/own_absent.py:f`: there is no such file; "
        f"looked for {here / 'sweeps' / 'exp' / 'own_absent.py'} and {here / 'work' / 'exp' / 'own_absent.py'}",
        "my-own.py:f": "trainer `my-own.py:f`: `my-own.py` is no name of a module; "
        "allowed: letters, digits and `_`, such as mine.py",
    }.items():
        write(here / "work" / "my-own.py", "")
        with pytest.raises(NnsweepError) as caught:
            nnsweep.load(write(grid, THEIRS.replace("TRAINER", name)))
        assert str(caught.value) == f"{grid}:2:1: {message}"


def test_names_without_folders():
    assert plain_name("C:\\exp\\mine.py:train".replace("\\", "/")) == "mine:train"
    assert plain_name("package.module:train") == "package.module:train"


def test_a_trial_is_replayed_from_anywhere(here, monkeypatch, capsys):
    write(here / "sweeps" / "data" / "a.csv", ROWS)
    grid = write(here / "sweeps" / "grid.toml", GRID.replace("DATA", "data/a.csv"))
    results = nnsweep.run(grid, here / "results", figures=False)
    monkeypatch.chdir(here)
    id = results.trials["id"].iloc[0]
    for what in ([id], ["a", "seed=0"], [str(grid), "seed=0"]):
        look_beside("")
        status, out, err = call(capsys, "replay", *what, "--check", "--results", str(here / "results"))
        assert (status, err) == (0, ""), (what, out, err)


def test_a_sweep_of_a_text_is_found_in_the_working_directory_alone(here):
    write(here / "sweeps" / "a.csv", OTHER)
    nnsweep.load(write(here / "sweeps" / "grid.toml", GRID.replace("DATA", "a.csv")))
    with pytest.raises(NnsweepError) as caught:
        sweepfile.loads(GRID.replace("DATA", "a.csv"))
    assert str(caught.value).endswith(f"there is no such file; looked for {here / 'work' / 'a.csv'}")


def test_the_program_finds_all_beside_the_sweep_file(here):
    write(here / "sweeps" / "own_beside.py", TRAINER.replace("FACTOR", "1"))
    grid = write(here / "sweeps" / "grid.toml", THEIRS.replace("TRAINER", "own_beside:train"))
    command = [os.path.join(os.path.dirname(sys.executable), "nnsweep"), str(grid), "--no-figures", "--jobs", "2", "-q"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_file_that_is_renamed_trains_nothing_anew(here, capsys):
    grid = write(here / "sweeps" / "grid.toml", GRID.replace("DATA", "a.csv"))
    write(here / "sweeps" / "a.csv", ROWS)
    first = nnsweep.run(grid, here / "results", figures=False)
    (here / "sweeps" / "a.csv").rename(here / "sweeps" / "b.csv")
    write(grid, GRID.replace("DATA", "b.csv"))
    line = f"2 of these stand in {here / 'results' / 'a'}, under another name of the data's file; "
    assert f"{line}a run copies them" in call(capsys, "plan", grid, "--results", here / "results")[1].splitlines()
    again = nnsweep.run(grid, here / "results", figures=False)
    assert again.trained == 0
    assert f"{line}copied" in str(again).splitlines()
    assert again.trials[again.metrics].equals(first.trials[again.metrics])
    assert again.trials["id"].tolist() != first.trials["id"].tolist()
    assert nnsweep.run(grid, here / "results", figures=False).work.copied == {}
    look_beside("")
    for what in ([again.trials["id"].iloc[0]], ["a", "seed=0"]):
        assert call(capsys, "replay", *what, "--check", "--results", here / "results")[0] == 0
    write(here / "sweeps" / "b.csv", OTHER)
    assert nnsweep.run(grid, here / "results", figures=False).trained == 2


def test_trials_of_a_file_with_its_folder_in_their_ids_are_found(here):
    """As an earlier nnsweep stored them."""
    write(here / "work" / "data" / "a.csv", ROWS)
    grid = write(here / "work" / "grid.toml", GRID.replace("DATA", "data/a.csv"))
    sweep, mlp = nnsweep.load(grid), trainers.load("mlp")
    old = [trial.id for trial in expand(sweep, mlp, lambda form: form)]
    assert old != [trial.id for trial in expand(sweep, mlp)]
    results = nnsweep.run(grid, here / "results", figures=False)
    with Store.open(here / "results" / "a" / "trials.db") as store:
        rows = store.rows(results.trials["id"])
        changed = [row._replace(id=id) for row, id in zip(rows, old, strict=True)]
    for path in (here / "results" / "a").glob("trials.db*"):
        path.unlink()
    with Store.open(here / "results" / "a" / "trials.db") as store:
        store.insert(store.begin_run({}, "before"), changed)
    assert nnsweep.run(grid, here / "results", figures=False).trained == 0


def test_a_trial_is_replayed_after_its_file_was_moved(here, capsys):
    grid = write(here / "sweeps" / "grid.toml", GRID.replace("DATA", "data/a.csv"))
    write(here / "sweeps" / "data" / "a.csv", ROWS)
    first = nnsweep.run(grid, here / "results", figures=False)
    write(here / "sweeps" / "far" / "a.csv", ROWS)
    (here / "sweeps" / "data" / "a.csv").unlink()
    assert nnsweep.run(write(grid, GRID.replace("DATA", "far/a.csv")), here / "results", figures=False).trained == 0
    look_beside("")
    for what in ([first.trials["id"].iloc[0]], ["a", "seed=0"]):
        status, _, err = call(capsys, "replay", *what, "--check", "--results", here / "results")
        assert (status, err) == (0, "")
    (here / "sweeps" / "far" / "a.csv").unlink()
    err = call(capsys, "replay", "a", "seed=0", "--check", "--results", here / "results")[2]
    assert "far/a.csv: there is no such file; looked for " in err
