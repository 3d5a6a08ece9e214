"""Where a sweep ran, written down."""

import json
import platform
import subprocess

import numpy as np

from nnsweep.execution import environment


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
    assert committed == {"commit": git(tmp_path, "rev-parse", "HEAD"), "uncommitted_changes": "none"}
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
