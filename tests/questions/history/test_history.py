"""`nnsweep history`: the runs of a sweep, and what changed between them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from hashlib import blake2b
from pathlib import Path

import pytest

import nnsweep
from nnsweep.data import users
from nnsweep.errors import NnsweepError
from nnsweep.folder.paths import Folder
from nnsweep.questions.history import numbers
from nnsweep.questions.history.changes import Change
from nnsweep.questions.history.runs import read_runs
from nnsweep.questions.history.text import format_difference
from nnsweep.store import Store, lock
from tests.helpers import FILES, call
from tests.helpers.user_modules import UserModules

GRID = """
name = "mine"
trainer = "mine:train"
[axes]
alpha = [0.5, 1.0]
seed = { count = 4 }
[success]
metric = "loss"
below = 0.3
"""
FIRST = """
import random

def train(alpha: float = 1.0, seed: int = 0):
    return {"loss": alpha * random.Random(seed).random()}
"""
SECOND = FIRST.replace("alpha * ", "1.5 * alpha * ")
# of random.Random(seed).random() for seeds 0 to 3: 0.844, 0.134, 0.956, 0.238
WHEN = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"


def git(*arguments):
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    return subprocess.run(["git", *identity, *arguments], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def said(capsys):
    """Call the program: what it said, with times and durations left out."""

    def say(*arguments):
        code, out, err = call(capsys, *arguments)
        return code, re.sub(r"\d+(\.\d+)? (ms|s)\b", "TOOK", re.sub(WHEN, "WHEN", out)), err

    return say


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A checkout with two runs, the second of an edited trainer."""
    folder = tmp_path_factory.mktemp("ran")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "path", list(sys.path))
        for name in users.imported():  # what other tests have imported is no code of these runs
            del sys.modules[name]
        module = UserModules(folder)
        Path("grid.toml").write_text(GRID)
        for number, text in enumerate((FIRST, SECOND)):
            module(text)
            if not number:
                git("init", "--quiet")
                git("add", ".")
                git("commit", "--quiet", "--message", "first")
            nnsweep.run("grid.toml", jobs=1, figures=False)
            module.forget()
    return folder


@pytest.fixture
def runs(ran, tmp_path, monkeypatch):
    """Work in a copy of this checkout; return its commit."""
    shutil.copytree(ran, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return git("rev-parse", "HEAD")


def digest(name: str) -> str:
    return blake2b(Path(name).read_bytes(), digest_size=8).hexdigest()


def test_runs_are_listed(runs, said):
    code, out, err = said("history", "mine")
    lines = [re.split("  +", line) for line in out.splitlines()]
    assert (code, err, lines[0]) == (0, "", ["run", "began", "trained", "took", "code", "command"])
    assert [line[:3] for line in lines[1:]] == [["1", "WHEN", "8 trials"], ["2", "WHEN", "8 trials"]]
    assert [line[4] for line in lines[1:]] == [runs[:10], f"{runs[:10]}+"]


def test_one_run_is_shown(runs, said):
    code, out, _ = said("history", "grid.toml", "2", "--diff")
    facts = dict(re.findall(r"^  (.{19}) (.*)$", out, re.M))
    facts = {name.strip(): text for name, text in facts.items()}
    assert code == 0
    assert facts["trained"] == "8 trials, TOOK"
    assert (facts["stored now"], facts["axis alpha"], facts["success"]) == ("8 ok", "0.5, 1.0", "loss < 0.3")
    assert facts["commit"] == runs
    assert facts["files"] == f"grid.toml {digest('grid.toml')}, mine.py {digest('mine.py')}"
    assert facts["uncommitted changes"].endswith("; --diff shows them")
    assert out.endswith(f"\n\n{git('diff', 'HEAD', '--', 'mine.py')}\n")
    content = json.loads(said("history", "mine", "2", "--json")[1])
    assert content["environment"]["git"]["diff"] == git("diff", "HEAD", "--", "mine.py") + "\n"
    assert content["stored"] == {"ok": 8}


def test_two_runs_side_by_side(runs, said):
    one, other = (json.loads(said("history", "mine", n, "--json")[1])["environment"] for n in (1, 2))
    versions = [each["sweep"]["trainer_version"] for each in (one, other)]
    with Store.read(Path("results/mine/trials.db")) as store:
        rows = [row for block in store.stream() for row, _ in block]
    again = next(row for row in rows[8:] if row.params == rows[0].params)  # what took longest is trained first
    ids = f"{rows[0].id} and {again.id}"
    assert said("history", "mine", "1", "2") == (
        0,
        "mine: run 1, WHEN  →  run 2, WHEN\n"
        "code\n"
        f"  trainer              mine:train, version {versions[0]}  →  mine:train, version {versions[1]}\n"
        f"  uncommitted changes  none  →  {other['git']['uncommitted_changes']}\n"
        f"  mine.py              {one['files']['mine.py']}  →  {digest('mine.py')}\n"
        "numbers\n"
        "  8 trials with the same parameters in both, 8 with another outcome\n"
        f"  the first: {ids}: loss is 0.42221092576252406 in run 1, 0.633316388643786 in run 2\n"
        "  1 of 2 cells in both have another rate of success (loss < 0.3)\n"
        "    alpha = 1.0: 2 of 4  →  1 of 4\n",
        "",
    )


def test_two_sweeps_side_by_side(runs, said, module):
    module(SECOND)  # as it is already, to be forgotten in the end
    Path("other.toml").write_text(GRID.replace('"mine"', '"other"').replace("0.5, 1.0", "0.5, 2.0"))
    assert said("other.toml", "--no-figures", "-q", "-j", "1") == (0, "", "")
    lines = said("history", "mine", "other")[1].splitlines()
    assert lines[0] == "mine: run 2, WHEN  →  other: run 2, WHEN"  # its first run copied the trials that both have
    assert lines[lines.index("settings") + 1 :][:1] == ["  axis alpha  0.5, 1.0  →  0.5, 2.0"]
    assert lines[lines.index("numbers") + 1 :] == [
        "  4 trials with the same parameters in both, all with the same outcome",
        "  4 trials only in mine",
        "  4 trials only in other",
        "  1 cell in both, each with the same rate of success (loss < 0.3)",
    ]
    line = said("history", "other")[1].splitlines()[1]
    assert re.split("  +", line)[2] == "copied 4 trials"
    assert said("history", "other", "1")[1].endswith("  from                results/mine: 4 trials\n")


def test_cells_are_named_as_in_tables(grid, capsys):
    """A width is one number there, though the parameter is a list of them."""
    for seeds in (2, 4):
        assert call(capsys, grid, "--set", f"seed={{count={seeds}}}", "--no-figures", "-q")[0] == 0
    changed = nnsweep.open("small").compare_runs(1, 2).numbers.changed
    assert changed
    assert {each.settings["hidden"] for each in changed} <= {2, 4}


def test_what_it_refuses(runs, said):
    allowed = "allowed: a sweep, alone, with one number of a run or with two, or another sweep"
    assert said("history", "mine", "1", "2", "3") == (2, "", f"Error: history mine 1 2 3: {allowed}\n")
    assert said("history", "mine", "1", "x") == (2, "", f"Error: history mine 1 x: {allowed}\n")
    assert said("history", "mine", "3") == (2, "", "Error: results/mine: no run 3; allowed: 1 to 2\n")
    nothing = "nothing of that name is stored in results; allowed: a sweep file, a results folder, mine"
    assert said("history", "mine", "x") == (2, "", f"Error: `x`: {nothing}\n")


def test_very_many_trials_are_not_compared(runs, said, monkeypatch):
    monkeypatch.setattr(numbers, "MOST", 7)
    assert said("history", "mine", "1", "2")[1].splitlines()[-1] == (
        "  run 1: found more than 7 trials; allowed: at most so many are compared one by one; nnsweep compare compares "
        "the cells of two sweeps of any size"
    )


def test_in_python(runs):
    results = nnsweep.open("mine")
    assert [(run.number, run.trials, run.code) for run in results.runs] == [(1, 8, runs[:10]), (2, 8, f"{runs[:10]}+")]
    found = results.compare_runs(1, 2)
    assert found.numbers.changed[0].settings == {"alpha": 1.0}
    assert (found.numbers.changed[0].before, found.numbers.changed[0].after) == ((2, 4), (1, 4))
    assert "8 with another outcome" in str(found)
    with pytest.raises(NnsweepError, match=r"^results/mine: no run 3; allowed: 1 to 2$"):
        results.compare_runs(1, 3)


def test_a_run_that_goes_on_or_was_killed_is_told(runs, said):
    folder = Folder(Path("results/mine"))
    with Store.open(folder.store) as store:
        store.begin_run({}, "nnsweep grid.toml")
    assert [run.running for run in read_runs(folder)] == [False, False, False]
    assert re.split("  +", said("history", "mine")[1].splitlines()[3])[2] == "interrupted"
    with lock(folder.root):
        assert [run.running for run in read_runs(folder)] == [False, False, True]
        assert re.split("  +", said("history", "mine")[1].splitlines()[3])[2] == "running"


def test_long_values_are_cut_where_they_differ():
    before, after = (", ".join(map(str, range(count))) for count in (50, 52))
    found = [Change("settings", "axis seed", before, after), Change("settings", "data", "x" * 90, "y")]
    lines = format_difference(("1", "2"), found, (), None).splitlines()
    assert lines[2:4] == [
        "  axis seed  …, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49  →  …, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51",
        f"  data       {'x' * 80}…  →  y",
    ]


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_stores_of_earlier_versions(tmp_path, monkeypatch, said, version):
    monkeypatch.chdir(tmp_path)
    Path("results/old").mkdir(parents=True)
    shutil.copy(FILES / f"store_{version}.db", "results/old/trials.db")
    before = Path("results/old/trials.db").read_bytes()
    code, out, err = said("history", "old")
    assert (code, err, out.splitlines()[1].split()[:3]) == (0, "", ["1", "WHEN", "5"])
    assert said("history", "old", "1")[0] == 0
    found = said("history", "old", "1", "1")[1].splitlines()
    assert found[1:3] == [
        "settings, code, data, versions and machine: no change",
        "not, or not wholly, recorded by an older nnsweep: settings, code, data and machine",
    ]
    assert found[4] == "  5 trials with the same parameters in both, all with the same outcome"
    assert Path("results/old/trials.db").read_bytes() == before


def test_a_forged_record_is_told_in_a_line(runs, said):
    folder = Folder(Path("results/mine"))
    with Store.open(folder.store) as store:
        store.begin_run({"git": {"packed_diff": "!"}}, "nnsweep grid.toml")
    assert said("history", "mine") == (
        2,
        "",
        "Error: results/mine/trials.db: run 3: its changes cannot be unpacked\n",
    )
    with Store.open(folder.store) as store:
        store.begin_run({"files": 3}, "nnsweep grid.toml")
        store.end_run(3, 0, 0.0, {})
    message = "Error: results/mine/trials.db: run 4: Input should be an object at `files`\n"
    assert said("history", "mine", "1") == (2, "", message)
