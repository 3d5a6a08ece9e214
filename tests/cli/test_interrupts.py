"""Signals that end a run, at any moment of any verb: a line or nothing, and an exit code."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from nnsweep.cli.interrupted import what_is_kept
from tests.helpers import PROJECT, SMALL, forked, start

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals a group of processes")

SIGNALS = 40
VERBS = [
    ["grid.toml"],
    ["run", "grid.toml", "--set", "hidden=2,3", "--no-figures"],
    ["run", "grid.toml", "--set", "alpha=0.02", "--jobs", "2"],
    ["plan", "grid.toml"],
    ["ls", "--verify"],
    ["show", "grid.toml", "alpha=0.01", "hidden=2", "epochs=1", "seed=1"],
    ["best", "small"],
    ["compare", "small", "--on", "hidden=2,4"],
    ["diagnose", "small"],
    ["export", "small", "-o", "small.csv"],
    ["figure", "rates", "small"],
    ["replay", "small", "alpha=0.01", "hidden=2", "epochs=1", "seed=1", "--check"],
    ["retry", "grid.toml", "--no-figures"],
    ["merge", "small", "-o", "joined"],
    ["submit", "grid.toml", "--slurm", "--set", "alpha=0.02", "--dry-run"],
    ["schema"],
    ["init", "--list"],
    ["check-gradients", "grid.toml"],
    ["--help"],
    ["--version"],
]


@pytest.fixture
def stored(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.chdir(tmp_path)
    Path("grid.toml").write_text(SMALL, encoding="utf-8")
    assert forked.call("grid.toml", "--quiet").code == 0
    shutil.copytree("results", "before")


def interrupted(verb: list[str], after: float, how: signal.Signals) -> tuple[int, str]:
    """Send a signal to a program and its workers after a time; exit code and what it said of it."""
    shutil.rmtree("results")
    shutil.copytree("before", "results")
    running = start(*verb)
    try:
        _, said = running.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, how)
        _, said = running.communicate(timeout=60)
    return running.returncode, said.strip()


def of_the_interpreter(said: str) -> bool:
    """Tell whether a traceback is of Python's own start, before the program's first line could be run."""
    ours = [line for line in said.splitlines() if "/nnsweep/" in line]
    return all("/nnsweep/__main__.py" in line or "/nnsweep/__init__.py" in line for line in ours) and (
        not ours or "in <module>" in ours[-1]
    )


def attack(count: int, seed: int) -> None:
    chance, found = random.Random(seed), Counter[str]()
    faults: list[object] = []
    for number in range(count):
        verb, how = VERBS[number % len(VERBS)], chance.choice([signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
        started = time.monotonic()
        whole = took.setdefault(" ".join(verb), 0.0) or (interrupted(verb, 600.0, how) and time.monotonic() - started)
        took[" ".join(verb)] = whole
        code, said = interrupted(verb, chance.uniform(0.0, whole), how)
        if code in (130, -how) and said in ("", what_is_kept(verb)):
            found["ended in a line or silently"] += 1
        elif code == 0 and said == "":
            found["done before"] += 1
        elif code in (130, -how, 1) and "Traceback" in said and of_the_interpreter(said):
            found["tracebacks of Python's own start"] += 1
        else:
            faults.append((verb, how, code, said))
    print(f"{count} signals to {len(VERBS)} verbs: {dict(found)}, {len(faults)} faults")
    assert not faults, faults


took: dict[str, float] = {}
"""Seconds that each verb takes, where nothing interrupts it."""


PROGRAM = """
import os, signal, sys, time
from nnsweep import __main__, cli

def kill():
    os.kill(os.getpid(), signal.{how})

class Killed:
    def __del__(self):
        kill()

def main():
    {does}
    time.sleep({then})
    sys.exit(0)

cli.main = main
__main__.main()
"""
"""The program, with another command line that is interrupted at a certain place."""

IMPORTED = """
import os, signal
try:
    os.kill(os.getpid(), signal.SIGINT)
    open("whole", "w").close()
except KeyboardInterrupt:
    raise ImportError("half a library")
"""
BUILT = """
import os, signal
from pydantic import BaseModel, ConfigDict
from pydantic_core import core_schema

class Odd:
    @classmethod
    def __get_pydantic_core_schema__(cls, source, handler):
        os.kill(os.getpid(), signal.SIGINT)
        open("whole", "w").close()
        return core_schema.any_schema()

class Model(BaseModel):
    model_config = ConfigDict(defer_build=True)
    value: Odd
"""
FOREVER = "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)\n"


@pytest.mark.parametrize(
    ("does", "then", "how"),
    [
        ("import imported", 60, "SIGINT"),
        ("import built; built.Model(value=1)", 60, "SIGINT"),
        ("Killed()", 60, "SIGINT"),
        ("kill()", 60, "SIGINT"),
        ("kill()", 60, "SIGTERM"),
        ("kill()", 60, "SIGHUP"),
        ("import atexit; atexit.register(kill)", 0, "SIGINT"),
        ("import forever", 60, "SIGTERM"),
    ],
)
def test_an_interrupt_at_a_bad_place_ends_the_program_silently(tmp_path, monkeypatch, does, then, how):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", f"{PROJECT}{os.pathsep}{tmp_path}")
    Path("imported.py").write_text(IMPORTED.replace("SIGINT", how), encoding="utf-8")
    Path("built.py").write_text(BUILT, encoding="utf-8")
    Path("forever.py").write_text(FOREVER.replace("SIGINT", how), encoding="utf-8")
    command = [sys.executable, "-c", PROGRAM.format(how=how, does=does, then=then)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    assert Path("whole").exists() == does.startswith(("import imported", "import built"))


IN_A_CHILD = "sys.exit(os.waitstatus_to_exitcode(os.waitpid(os.fork() or (kill(), os._exit(7)), 0)[1]))"


@pytest.mark.parametrize(
    ("how", "does", "code"), [("SIGINT", "kill()", 0), ("SIGHUP", "kill()", 0), ("SIGHUP", IN_A_CHILD, 7)]
)
def test_a_program_that_was_started_with_a_signal_ignored_ignores_it(tmp_path, monkeypatch, how, does, code):
    """As in the background of a script, or by `nohup`."""
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    ignored = f"import signal\nsignal.signal(signal.{how}, signal.SIG_IGN)\n"
    command = [sys.executable, "-c", ignored + PROGRAM.format(how=how, does=does, then=0)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_signals_are_handled_before_typing_is_loaded(monkeypatch):
    """It takes longer than all else that is loaded by then; -S leaves out what the environment loads at its start."""
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    command = [sys.executable, "-S", "-c", "import sys, nnsweep.__main__; sys.exit('typing' in sys.modules)"]
    assert subprocess.run(command, timeout=50, check=False).returncode == 0


def test_a_signal_at_any_moment(stored):
    attack(2, 1)


@pytest.mark.slow
def test_a_signal_at_any_moment_of_every_verb(stored):
    attack(SIGNALS, 2)
