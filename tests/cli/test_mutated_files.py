"""Mutated sweep files: each is a sweep that can be planned, or one clear error, within a second."""

from __future__ import annotations

import contextlib
import random
import time
from pathlib import Path

import pytest

import nnsweep
from nnsweep.errors import NnsweepError
from nnsweep.sweepfile import load
from nnsweep.sweepfile.outline import outline
from tests.helpers import SWEEPS

FILES = 5_000
QUICK = 100
SECONDS = 10.0
"""Of the processor, after which reading a file counts as hung (0.01 is usual); SLOWEST, planning it besides (0.4)."""
SLOWEST = 100.0
MOST = 5_000
"""Trials of a sweep that is planned."""
OWN = b"""
name = "own"
trainer = "fuzzed_trainer:train"
[fixed]
rate = 0.5
[axes]
kind = ["a", "b"]
depth = [1, 2]
options = [{ x = 1 }, { x = 2, y = "z" }]
seed = { count = 3 }
[success]
metric = "loss"
below = 0.5
"""
MADE = b"""
name = "made"
[fixed]
data = "fuzzed_trainer:rings"
[axes]
hidden = [2, [4, 4]]
seed = { count = 3 }
"""
MODULE = """
def train(rate: float, kind="a", depth=1, options: dict | None = None, seed=0):
    return {"loss": rate}

def rings(seed):
    return [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1]
"""
PIECES = [
    *(b"[", b"]", b"{", b"}", b'"', b"'", b"#", b".", b",", b"=", b"\\", b"'''", b'"""', b"\0", b"\xff", b"\xc3"),
    *(b"\r", b"nan", b"inf", b"true", b"-1", b"1e400", b"0x7f", b"9" * 40, b"1979-05-27"),
    *(b"[[include]]\n", b"[[exclude]]\n", b"seed = [1, 1]\n", b"[cases.x]\n", b"[run]\ntimeout = 0\n"),
    *(b"{ count = 1000000000 }", b"{ from = 0, to = 1e300, step = 1e-300 }", b"{ logspace = [1, 2], num = 3 }"),
    *(b"[[8, 8], [16]]", b'{ csv = "missing.csv", target = "y" }', b'{ gate = "xor", inputs = 16 }'),
    *(b"[" * 200, "é".encode(), "\u202e".encode(), b"a" * 5000, b"a." * 500),
]  # fmt: skip


def mutated(text: bytes, draw: random.Random) -> bytes:
    for _ in range(draw.randint(1, 5)):
        at, other = draw.randint(0, len(text)), draw.randint(0, len(text))
        kind = draw.randint(0, 4)
        if kind == 0:
            text = text[:at] + draw.choice(PIECES) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + draw.randint(1, 12) :]
        elif kind == 2:
            text = text[:at] + bytes([draw.randrange(256)]) + text[at + 1 :]
        elif kind == 3:
            text = text[:at] + text[other : other + draw.randint(1, 60)] + text[at:]
        else:
            lines = text.split(b"\n")
            draw.shuffle(lines)
            text = b"\n".join(lines)
    return text


def message(path: Path) -> str | None:
    """What is said of a file, None if it is a sweep; anything but a clear error fails the test, with its file."""
    try:
        load(path)
    except NnsweepError as error:
        return str(error)
    except BaseException as error:
        raise AssertionError(repr(path.read_bytes())) from error
    return None


def check(files: int, folder: Path) -> None:
    """Read mutations of the shipped sweeps and of two with code of the user's; plan those that are sweeps."""
    (folder / "fuzzed_trainer.py").write_text(MODULE)
    draw, path = random.Random(20261121), folder / "grid.toml"
    seeds = [*(file.read_bytes() for file in sorted(SWEEPS.glob("*.toml"))), OWN, MADE]
    for seed in seeds:  # scikit-learn, for its digits, takes a second to import
        path.write_bytes(seed)
        with contextlib.suppress(NnsweepError):
            load(path)
    errors = planned = 0
    slowest = 0.0
    for number in range(files):
        path.write_bytes(mutated(draw.choice(seeds), draw))
        started = time.process_time()
        said = message(path)
        errors += said is not None
        assert said is None or said.startswith(str(path)), f"file {number}: {said}"
        slowest = max(slowest, time.process_time() - started)
        assert slowest < SECONDS, f"file {number}: {path.read_bytes()!r}"
        planned += said is None and plans(path)
    print(f"{files:,} mutated sweep files: {errors:,} refused, {planned:,} planned, 0 tracebacks, 0 lost, 0 hung")
    assert 0.5 * files < errors < 0.99 * files


def plans(path: Path) -> bool:
    """Plan a sweep, with and without its code, unless it is large; fails the test on anything but a clear error."""
    started = time.process_time()
    try:
        if outline(path).trials > MOST:
            return False
        nnsweep.plan(path)
    except NnsweepError:
        return False
    except BaseException as error:
        raise AssertionError(repr(path.read_bytes())) from error
    assert time.process_time() - started < SLOWEST, repr(path.read_bytes())
    return True


def test_mutated_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    check(QUICK, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_many_mutated_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    check(FILES, tmp_path)
