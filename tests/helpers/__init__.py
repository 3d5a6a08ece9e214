"""Small sweeps, and the program run as a user runs it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nnsweep.cli import main

PROJECT = Path(__file__).parents[2]
FILES = Path(__file__).parents[1] / "data"
SWEEPS = PROJECT / "sweeps"


def slow(*values, id=None):
    """Values of a parameter with which a test is slow: for `parametrize`."""
    return pytest.param(*values, id=id, marks=pytest.mark.slow)


JOBS = [1, slow(2)]
"""One process, and workers, which take a second to start."""

SMALL = """
name = "small"

[fixed]
train_size = 50
test_size = 100
update = "sequential"

[axes]
alpha = [0.01, 0.05]
epochs = { from = 1, to = 3 }
hidden = [2, 4]
seed = { count = 4 }

[success]
metric = "error"
below = 0.3
"""
"""48 trials."""


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Call the program in this process: exit code, standard output, standard error."""
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    assert isinstance(left.value.code, int)
    return left.value.code, said.out, said.err


def program(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own; what it says of its progress, where the machine is busy, is left out."""
    command = [sys.executable, "-m", "nnsweep", *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600, check=False)
    done.stderr = without_progress(done.stderr)
    return done


def without_progress(said: str) -> str:
    return re.sub(r"(?m)^[\d,]+ of [\d,]+ (trials|figures)\b.*\n", "", said)


def start(*arguments: object, cwd: Path | None = None) -> subprocess.Popen[str]:
    """Start the program as a terminal does: in a group of its own, Ctrl-C not ignored even if it is here."""
    return subprocess.Popen(
        [sys.executable, "-m", "nnsweep", *map(str, arguments)],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def files(folder: Path) -> dict[str, bytes]:
    """Read every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
