"""One run at a time in a folder."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nnsweep.errors import StoreError
from nnsweep.store import lock
from tests.helpers import PROJECT

HOLD = """
import sys, time
from pathlib import Path
from nnsweep.store import lock
with lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Start another process that holds the folder until its input ends."""
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_run_is_refused_at_once_and_told_who_holds_it(tmp_path, holder, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("it waits"))
    with pytest.raises(StoreError) as caught, lock(tmp_path):
        pass
    assert str(caught.value) == (
        f"{tmp_path}: process {holder.pid} on {platform.node()} is running a sweep here; wait for it or end it"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_holder_lets_go(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait(60)
    with lock(tmp_path):
        assert (tmp_path / ".lock").read_text(encoding="utf-8") == f"process {os.getpid()} on {platform.node()}"


def test_a_holder_that_ends_lets_go(tmp_path, holder):
    holder.communicate(timeout=60)
    with lock(tmp_path):
        pass


def test_it_makes_the_folder_and_leaves_no_file(tmp_path):
    folder = tmp_path / "results" / "forum"
    with lock(folder):
        assert [path.name for path in folder.iterdir()] == [".lock"]
    with lock(folder):
        pass
    assert list(folder.iterdir()) == []


def test_an_error_inside_lets_go(tmp_path):
    with pytest.raises(ZeroDivisionError), lock(tmp_path):
        raise ZeroDivisionError
    with lock(tmp_path):
        pass


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "results").touch()
    with pytest.raises(StoreError) as caught, lock(tmp_path / "results" / "forum"):
        pass
    assert str(caught.value) == f"{tmp_path / 'results' / 'forum'}: cannot be written: Not a directory"


def test_two_folders_are_two_locks(tmp_path: Path):
    with lock(tmp_path / "one"), lock(tmp_path / "two"):
        assert {path.name for path in tmp_path.iterdir()} == {"one", "two"}
