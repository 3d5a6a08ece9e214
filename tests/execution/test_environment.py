"""Where a sweep ran, written down."""

import base64
import hashlib
import json
import platform
import subprocess
import sys
import zlib
from importlib.metadata import version

import numpy as np
import pytest

import nnsweep
from nnsweep.data import users
from nnsweep.execution import checkout, packages
from nnsweep.execution.diffs import pack_diff, unpack_diff
from nnsweep.execution.environment import environment
from nnsweep.store import Store
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


def test_where_git_cannot_tell_it_is_said_why(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    git(tmp_path, "init", "--quiet")
    assert environment(1)["git"]["problem"].startswith("git says: fatal: ")  # there is no commit
    monkeypatch.setenv("PATH", str(tmp_path))
    assert environment(1)["git"] == {"problem": "git cannot be run: No such file or directory"}
    (tmp_path / "git").write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setattr(checkout, "PATIENCE", 0.05)
    assert environment(1)["git"] == {"problem": "git took more than 0.05 s"}


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


@pytest.fixture(name="checkout")
def checkout_with_a_sweep(tmp_path, monkeypatch):
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
    found = record(checkout)
    assert found["git"]["untracked"] == ["grid.toml", "points.csv"]
    assert (list(found["files"]), list(found["data"])) == (["grid.toml"], ["points.csv"])


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
    monkeypatch.setattr(sys.modules["nnsweep.execution.checkout"], "DIFF", 10)
    cut = environment(1)["git"]
    assert cut["uncommitted_changes"] == whole["uncommitted_changes"]
    assert (cut["diff"], cut["diff_left_out"]) == (whole["diff"][:10], len(whole["diff"]) - 10)


def test_files_of_the_sweep_are_digested(checkout):
    git(checkout, "add", "mine.py")
    nnsweep.run("grid.toml", jobs=1, figures=False)
    found = record(checkout)["files"]
    assert found == {name: hashlib.blake2b((checkout / name).read_bytes(), digest_size=8).hexdigest() for name in found}
    assert sorted(found) == ["grid.toml", "helping.py", "mine.py"]


def test_the_files_of_another_sweep_of_this_process_are_not_named(checkout):
    (checkout / "other.py").write_text("import helping\nimport third\n\ndef train(seed=0):\n    return {'loss': 1.0}\n")
    (checkout / "third.py").write_text("")
    nnsweep.run({"name": "other", "trainer": "other:train", "axes": {"seed": [0]}}, figures=False)
    nnsweep.run("grid.toml", figures=False)
    assert record(checkout)["files"].keys() == {"grid.toml", "helping.py", "mine.py"}


def test_what_the_sweep_asks_is_kept_as_json(checkout):
    axes = "alpha = [1.0, inf]\nseed = { count = 2000 }\n"
    (checkout / "grid.toml").write_text(GRID.replace("alpha = [1.0, 2.0]\n", axes))
    nnsweep.run("grid.toml", jobs=1, figures=False)
    found = record(checkout)["sweep"]
    assert (found["name"], found["trainer"], found["axes"]["alpha"]) == ("mine", "mine:train", [1.0, "inf"])
    assert {**found["axes"]["seed"], "digest": ""} == {"values": 2000, "first": 0, "last": 1999, "digest": ""}
    with Store.read(checkout / "results" / "mine" / "trials.db") as store:
        assert json.loads(store.runs()[0]["environment"])["sweep"] == found


LAZY = """
def train(alpha: float = 1.0, seed: int = 0):
    __import__("new_package.inner")
    return {"loss": alpha}
"""


def test_what_the_trainer_imports_as_it_trains_is_found_by_its_distribution(checkout, monkeypatch):
    installed = checkout / "site-packages"
    for path, text in {
        "new_package/__init__.py": "",
        "new_package/inner.py": "import of_another_name",
        "of_another_name.py": "",
        "new_package-1.2.dist-info/METADATA": "Metadata-Version: 2.1\nName: new-package\nVersion: 1.2\n",
        "another-3.dist-info/METADATA": "Metadata-Version: 2.1\nName: another\nVersion: 3\n",
        "another-3.dist-info/RECORD": "another-3.dist-info/METADATA,,\nof_another_name.py,,\n",
    }.items():
        (installed / path).parent.mkdir(parents=True, exist_ok=True)
        (installed / path).write_text(text)
    monkeypatch.syspath_prepend(str(installed))
    monkeypatch.setattr(packages, "is_installed", lambda path: installed in path.parents)
    (checkout / "mine.py").write_text(LAZY)
    nnsweep.run("grid.toml", jobs=1, figures=False)
    found = record(checkout)["packages"]
    assert (found["new_package"], found["another"]) == ("1.2", "3")


def test_long_changes_are_packed_in_the_store_and_bounded_when_they_are_read():
    text = "".join(f"+{number} é\n" for number in range(20_000))
    packed = pack_diff({"git": {"commit": "a", "diff": text}, "host": "b"})
    assert unpack_diff(packed["git"]) == text
    assert len(json.dumps(packed)) < len(text) / 2
    assert packed["git"].keys() == {"commit", "packed_diff"}
    assert pack_diff({"git": {"diff": "short"}}) == {"git": {"diff": "short"}}
    bomb = base64.b64encode(zlib.compress(bytes(2**26))).decode()
    assert len(unpack_diff({"packed_diff": bomb})) == 2**20
    for wrong in (7, "é", "AAAA"):
        with pytest.raises(ValueError):  # noqa: PT011 - the text is that of a library
            unpack_diff({"packed_diff": wrong})
