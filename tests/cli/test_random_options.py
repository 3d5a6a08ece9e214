"""Options of every verb, good and bad: each call ends in time and without a traceback."""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from nnsweep.cli import main
from nnsweep.cli.group import VERBS, cli
from nnsweep.serve import beside, server

CALLS = 1_000
QUICK = 40
SECONDS, WAITING = 60, 300
"""Of the processor, and by the clock, after which a call counts as hung: the slowest trains and draws something."""
GRID = """
name = "small"
[fixed]
train_size = 20
test_size = 20
[axes]
alpha = [0.01, 0.05]
epochs = [1, 2]
hidden = [2, 4]
seed = { count = 3 }
[success]
metric = "error"
below = 0.4
"""
WORDS = [
    *("", " ", "-", "--", "=", ",", "a=b", "alpha=", "=1", "alpha", "alpha=0.01", "alpha=0.05", "hidden=2,4", "seed=1"),
    *("alpha=0.01,0.05", "alpha=[", "alpha={", "alpha={count=2}", "hidden=[2,", "beta=1", "data=\0", "data=a:b"),
    *("epochs=1e300", "epochs=2", "epochs=nan", "seed={count=1000000000000}", "alpha='", "name=x", "trainer=x:y"),
    *("0", "1", "2", "-1", "0.5", "1.5", "nan", "inf", "-inf", "1e400", "1e-400", "0x10", "9" * 30, "1,2", "2,1", "1,"),
    *("error", "status", "ok", "failed", "failed,", "mlp", "mine:train", "os:system", "grid.py:x", "../x.py:f"),
    *("x" * 300, "é" * 200, "a" * 5000, "../" * 40, "~x", "\0", "a\0b", "\udcff", "a\udce9.toml", "\x1b[31m", "\r\n"),
    *("\u202e", "名", "%s", "{}", "\\", "*", "[", "f", "png", "svg", "out.csv", "out.png", "w11", "w1*", "parabolas"),
    *("grid.toml", "small", "results/small", "results", "other.toml", "broken.toml", "pipe", "/dev/null", "/dev/zero"),
    *("/dev/full", ".", "..", "/", "nowhere/x", "results/small/trials.db", "-rf", "-x", "--help", "--version", "--set"),
]  # fmt: skip
"""Values of options and arguments."""
OUT = [
    "x.csv",
    "x.json",
    "x.png",
    "x.svg",
    "x",
    "",
    ".",
    "results",
    "a\0.png",
    "é" * 150 + ".png",
    "gone/x.png",
    "\udcff",
]
"""Names of files to write: none is outside the working directory."""


def verbs() -> Iterator[tuple[list[str], click.Command]]:
    for name in VERBS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from (([name, kind], each) for kind, each in sorted(command.commands.items()))
        else:
            yield [name], command


def value(parameter: click.Parameter, draw: random.Random) -> str:
    if parameter.name == "output":
        return draw.choice(OUT)
    if parameter.name in ("source", "sweeps", "what") and draw.random() < 0.7:
        return draw.choice(["grid.toml", "small", "results/small", "other.toml"])
    if isinstance(parameter.type, click.Choice) and draw.random() < 0.8:
        return draw.choice(list(parameter.type.choices))
    return draw.choice(WORDS)


def words(command: click.Command, draw: random.Random) -> list[str]:
    """Draw a call's arguments and options, in any order."""
    options, arguments = list[list[str]](), list[list[str]]()
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            many = draw.randint(1, 3) if parameter.nargs == -1 else draw.random() > 0.05
            arguments += [[value(parameter, draw)] for _ in range(many)]
        elif isinstance(parameter, click.Option) and draw.random() < 0.2 and parameter.name not in ("jobs", "yes"):
            option = draw.choice([*parameter.opts, *parameter.secondary_opts])
            options.append([option] if parameter.is_flag else [option, value(parameter, draw)])
    each = [*options, *arguments]
    draw.shuffle(each)
    found = [word for words in each for word in words]
    return found if draw.random() < 0.9 else [*found, draw.choice(WORDS)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Sweeps that are right, another and wrong, and one that is stored. A live page ends as soon as it has a port."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(server, "run", lambda results, bound, *_: bound.close())
    monkeypatch.setattr(beside.LivePage, "__enter__", lambda page: page)
    monkeypatch.setattr(beside.LivePage, "__exit__", lambda *_: None)
    Path("grid.toml").write_text(GRID)
    Path("other.toml").write_text(GRID.replace("below = 0.4", "below = 0.2").replace("[0.01, 0.05]", "[0.01, 0.1]"))
    Path("broken.toml").write_text("name = 'x'\n[axes]\nalpha = [0")
    os.mkfifo("pipe")
    said(["run", "grid.toml", "--no-figures"])
    return tmp_path


def said(arguments: list[str]) -> tuple[object, str]:
    """Call the program in this process: its exit code, or what it raised, and all that it printed."""
    out = io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            main(arguments)
        except BaseException as error:
            out.seek(0)
            return error.code if isinstance(error, SystemExit) else error, out.read()


def fault(arguments: list[str]) -> str:
    """Call the program; what is wrong with how it ended, or nothing."""
    began, started = time.monotonic(), time.process_time()
    signal.alarm(WAITING)
    try:
        code, printed = said(arguments)
    finally:
        signal.alarm(0)
    if time.monotonic() - began > WAITING - 1 or time.process_time() - started > SECONDS:
        return "hung"
    if not isinstance(code, int) or code not in (0, 1, 2):
        return repr(code)
    return "a traceback" if "Traceback (most" in printed else ""


def check(calls: int) -> None:
    draw, every = random.Random(20261128), list(verbs())
    faults: list[str] = []
    tried = Counter[str]()
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        for number in range(calls):
            name, command = every[number % len(every)]
            arguments = [*name, *words(command, draw)]
            found = fault(arguments)
            tried[" ".join(name)] += 1
            if found:
                faults.append(f"{arguments}: {found}")
    finally:
        signal.signal(signal.SIGALRM, before)
    print(f"{calls:,} calls of {len(tried)} verbs: {len(faults)} hung, or ended in a traceback or another code")
    assert not faults, "\n".join(faults)


def test_options_of_every_verb(folder):
    check(QUICK)


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_options_of_every_verb_at_length(folder):
    check(CALLS)
