"""What goes to standard output and to standard error, whatever the encoding and whoever prints."""

import json
import os
import subprocess
import sys

import pytest

from tests.helpers import PROJECT

MODULE = """
import ctypes
import os

os.system("echo imported")

def train(kind="é", seed=0):
    print("python × σ 名", flush=True)
    os.system("echo child")
    if os.name == "posix":
        ctypes.CDLL(None).printf(b"from C\\n")
    return {"loss": 1.0 + seed}
"""

GRID = """
name = "streams"
description = "× σ 名"
trainer = "mine:train"
[axes]
kind = ["é", "名"]
seed = { count = 2 }
[success]
metric = "loss"
below = 1.5
"""


@pytest.fixture
def ran(tmp_path):
    """Run the program beside a trainer that prints in every way: exit code, and both streams as bytes."""
    (tmp_path / "mine.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "grid.toml").write_text(GRID, encoding="utf-8")

    def run(*arguments, **environment):
        command = [sys.executable, "-m", "nnsweep", *map(str, arguments)]
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}  # C heeds it, too
        environment = {**inherited, "PYTHONPATH": str(PROJECT), **environment}
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, env=environment, timeout=120, check=False)
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_an_encoding_has_not_is_spelled_with_what_it_has(ran, jobs):
    code, out, err = ran("grid.toml", "--no-figures", "--jobs", jobs, PYTHONIOENCODING="cp1252")
    assert code == 0
    lines = out.decode("cp1252").splitlines()
    assert [line.partition(" (")[0] for line in lines[2:4]] == ["  kind = é: 1 of 2", "  kind = ?: 1 of 2"]
    assert b"Traceback" not in err
    # The second training of a trial is silent, but for what is no Python.
    for printed, times in {"python × sigma ?" if jobs == 1 else "python": 4, "child": 5, "from C": 5}.items():
        assert err.decode("cp1252").count(printed) == times


def test_only_the_program_itself_writes_to_standard_output(ran):
    assert ran("grid.toml", "--no-figures", "--jobs", "1", "--quiet")[:2] == (0, b"")
    code, out, err = ran("show", "grid.toml", "seed=0", "kind=é", "--json")
    assert code == 0
    assert b"imported" in err
    assert json.loads(out)["metrics"] == {"loss": 1.0}
    for option in ([], ["-o", "-"]):
        code, out, _ = ran("export", "streams", *option, PYTHONIOENCODING="cp1252")
        assert code == 0
        assert out.decode("utf-8").splitlines()[3].split(",")[1:4] == ["名", "0", "ok"]


@pytest.mark.skipif(os.name != "posix", reason="closes descriptors by number")
@pytest.mark.parametrize("closed", [1, 2])
def test_a_stream_that_is_closed_is_no_error(ran, closed, tmp_path):
    command = f"{sys.executable} -m nnsweep plan grid.toml {closed}>&-"
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, capture_output=True, env=environment, timeout=60, check=False
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
