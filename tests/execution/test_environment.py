"""Where a sweep ran, written down."""

import json
import platform
import subprocess
import sys
from importlib.metadata import version

import numpy as np
import pytest

import nnsweep
from nnsweep.data import users
from nnsweep.execution import environment
from nnsweep.trainers import plugins


def git(folder, *arguments):
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_it_names_versions_and_the_machine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = environment(3)
    assert json.loads(json.dumps(found)) == found
    assert (found["jobs"], found["python"], found["host"]) == (3, platform.python_version(), platform.node())
    assert found["packages"]["numpy"] == np.__version__
    assert found["git"] is None


def test_it_names_the_commit_and_tells_uncommitted_changes_apart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    git(tmp_path, "init", "--quiet")
    file = tmp_path / "grid.toml"
    file.write_text("a = 1\n", encoding="utf-8")
    git(tmp_path, "add", "grid.toml")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    committed = environment(1)["git"]
    assert committed == {"commit": git(tmp_path, "rev-parse", "HEAD"), "uncommitted_changes": "none", "untracked": []}
    digests = set()
    for text in ("a = 2\n", "a = 3\n"):
        file.write_text(text, encoding="utf-8")
        digests.add(environment(1)["git"]["uncommitted_changes"])
    assert len(digests | {"none"}) == 3
    assert {len(digest) for digest in digests} == {16}


def test_a_checkout_without_a_commit_has_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    git(tmp_path, "init", "--quiet")
    assert environment(1)["git"] is None


MINE = """
import json
import numpy as np
import dateutil.parser
import helping

def train(alpha: float = 1.0, seed: int = 0):
    return {"loss": helping.half(alpha)}
"""
GRID = """
name = "mine"
trainer = "mine:train"
[axes]
alpha = [1.0, 2.0]
"""


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with one file, and a sweep of a function that is not in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    git(tmp_path, "init", "--quiet")
    (tmp_path / "notes.txt").write_text("one\n", encoding="utf-8")
    git(tmp_path, "add", "notes.txt")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    (tmp_path / "mine.py").write_text(MINE, encoding="utf-8")
    (tmp_path / "helping.py").write_text("def half(number):\n    return number / 2\n", encoding="utf-8")
    (tmp_path / "grid.toml").write_text(GRID, encoding="utf-8")
    monkeypatch.setattr(users, "_imported", set())
    yield tmp_path
    plugins._loaded.pop("mine:train", None)
    plugins._sources.pop("mine:train", None)
    for name in ("mine", "helping"):
        sys.modules.pop(name, None)


def record(folder):
    return json.loads((folder / "results" / "mine" / "env.json").read_text(encoding="utf-8"))


def test_files_of_the_sweep_that_are_not_tracked_are_named(checkout):
    nnsweep.run("grid.toml", jobs=1)
    found = record(checkout)
    assert found["git"]["uncommitted_changes"] == "none"
    assert sorted(found["git"]["untracked"]) == ["grid.toml", "helping.py", "mine.py"]
    assert found["packages"]["python-dateutil"] == version("python-dateutil")
    assert found["packages"].keys() - {"nnsweep", "numpy", "joblib", "pandas"} == {"python-dateutil"}
    page = (checkout / "results" / "mine" / "report.html").read_text(encoding="utf-8")
    assert f"{found['git']['commit']}, and without grid.toml, " in page
    git(checkout, "add", "grid.toml", "helping.py", "mine.py")
    nnsweep.run("grid.toml", jobs=1, fresh=True, figures=False)
    assert record(checkout)["git"]["untracked"] == []


def test_a_data_file_that_is_not_tracked_is_named(checkout, monkeypatch):
    (checkout / "points.csv").write_text("x,y\n" + "0.1,0\n0.9,1\n" * 20, encoding="utf-8")
    text = 'name = "mine"\n[fixed]\ndata = { csv = "points.csv", target = "y" }\n[axes]\nalpha = [0.1]\n'
    (checkout / "grid.toml").write_text(text, encoding="utf-8")
    nnsweep.run("grid.toml", figures=False)
    assert record(checkout)["git"]["untracked"] == ["grid.toml", "points.csv"]


def test_the_changes_themselves_are_kept_but_those_of_results(checkout):
    (checkout / "notes.txt").write_text("two\n", encoding="utf-8")
    nnsweep.run("grid.toml", jobs=1, figures=False)
    git(checkout, "add", "results")
    git(checkout, "commit", "--quiet", "--message", "results")
    (checkout / "notes.txt").write_text("two\n", encoding="utf-8")
    nnsweep.run("grid.toml", jobs=1, figures=False, fresh=True)
    nnsweep.run("grid.toml", jobs=1, figures=False, fresh=True)
    diff = record(checkout)["git"]["diff"]
    assert diff == git(checkout, "diff", "HEAD", "--", "notes.txt") + "\n"
    assert "-one\n+two\n" in diff


def test_long_changes_are_cut_and_counted(checkout, monkeypatch):
    (checkout / "notes.txt").write_text("two\n" * 100, encoding="utf-8")
    whole = environment(1)["git"]
    monkeypatch.setattr(sys.modules["nnsweep.execution.environment"], "DIFF", 10)
    cut = environment(1)["git"]
    assert cut["uncommitted_changes"] == whole["uncommitted_changes"]
    assert (cut["diff"], cut["diff_left_out"]) == (whole["diff"][:10], len(whole["diff"]) - 10)
