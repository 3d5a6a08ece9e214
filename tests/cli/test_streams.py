"""What goes to standard output and to standard error, whatever the encoding and whoever prints."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import JOBS, PROJECT, SMALL, forked

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


@pytest.mark.parametrize("jobs", JOBS)
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


VERBS = {
    "help": "--help",
    "version": "--version",
    "help of a verb": "plan --help",
    "run": "small.toml --no-figures",
    "plan": "plan small.toml --json",
    "show": "show small seed=1 alpha=0.01 hidden=2 epochs=1",
    "best": "best small",
    "compare": "compare small --on hidden=2,4 --no-figures",
    "diagnose": "diagnose small --no-figures",
    "export": "export small",
    "ls": "ls --verify",
    "schema": "schema",
    "init": "init --list",
}


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A folder with a sweep that was run."""
    folder = tmp_path_factory.mktemp("stored")
    (folder / "small.toml").write_text(SMALL, encoding="utf-8")
    assert forked.call("small.toml", "--no-figures", "--quiet", cwd=folder).code == 0
    return folder


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
@pytest.mark.parametrize("verb", VERBS)
def test_a_full_standard_output_is_a_line(stored, verb):
    done = forked.call(*VERBS[verb].split(), cwd=stored, out=Path("/dev/full"))
    assert (done.code, done.err) == (2, "Error: standard output cannot be written: No space left on device\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_standard_error_costs_nothing(tmp_path, ran):
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "nnsweep", "grid.toml", "--no-figures", "--jobs", "1"]
        done = subprocess.run(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=full, timeout=120, check=False)
    assert (done.returncode, done.stdout.decode().splitlines()[-1].partition(";")[0]) == (0, "4 trials: 4 ok")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a file's name is text")
def test_bytes_that_are_no_text(tmp_path):
    """Names of files may be any bytes; values are text."""
    (tmp_path / "grid.toml").write_text(SMALL, encoding="utf-8")
    odd = b"a\xff\xfe"

    def said(*arguments: bytes) -> tuple[int, bytes, bytes]:
        command = [sys.executable.encode(), b"-m", b"nnsweep", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
        return done.returncode, done.stdout, done.stderr

    assert said(b"grid.toml", b"--no-figures", b"--quiet", b"--results", odd) == (0, b"", b"")
    listed = said(b"ls", b"--verify", b"--results", odd)[1].split()
    assert [listed[0], *listed[-3:]] == [b"small", b"verified", b"48", b"rows"]
    allowed = b"allowed: 4 or more digits of one id, or a sweep file and conditions such as seed=7"
    none = b"Error: `a??` begins the id of no trial in " + odd[:1] + b"??; " + allowed + b"\n"
    assert said(b"replay", odd, b"--results", odd) == (2, b"", none)
    option = rb"Error: --set data=a\udcff\udcfe: `data`: found " + rb'"a\udcff\udcfe"; allowed: text in UTF-8' + b"\n"
    assert said(b"plan", b"grid.toml", b"--set", b"data=" + odd) == (2, b"", option)
