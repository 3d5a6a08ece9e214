"""Fifty thousand mutated sweep files: each is a sweep or one clear error, within a second."""

from __future__ import annotations

import contextlib
import random
import time
from pathlib import Path

import pytest

from nnsweep.errors import NnsweepError
from nnsweep.sweepfile import load
from tests.helpers import SWEEPS

FILES = 50_000
SECONDS = 1.0
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


@pytest.mark.slow
def test_fifty_thousand_mutated_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    draw, path = random.Random(20261121), tmp_path / "grid.toml"
    seeds = [file.read_bytes() for file in sorted(SWEEPS.glob("*.toml"))]
    for seed in seeds:  # scikit-learn, for its digits, takes a second to import
        path.write_bytes(seed)
        with contextlib.suppress(NnsweepError):
            load(path)
    errors, slowest = 0, 0.0
    for number in range(FILES):
        path.write_bytes(mutated(draw.choice(seeds), draw))
        started = time.process_time()
        said = message(path)
        errors += said is not None
        assert said is None or said.startswith(str(path)), f"file {number}: {said}"
        slowest = max(slowest, time.process_time() - started)
        assert slowest < SECONDS, f"file {number}: {path.read_bytes()!r}"
    assert 0.5 * FILES < errors < 0.99 * FILES
