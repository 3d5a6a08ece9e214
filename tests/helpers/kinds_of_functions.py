"""Functions that misbehave, a line each, and what must come of a trial that calls them; users' modules import no more.

The tests copy this file into the folder of a sweep, as a module of the user's.
"""

from __future__ import annotations

import array
import asyncio
import collections
import ctypes
import datetime
import decimal
import fractions
import os
import random
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

INF, NAN = float("inf"), float("nan")


class Own(BaseException):
    pass


class SilentError(Exception):
    def __str__(self):
        raise RuntimeError("no text")


class SilentInterrupt(BaseException):
    def __str__(self):
        raise KeyboardInterrupt


class NoTextError(Exception):
    def __str__(self):
        return 7


class Float:
    """Raises when it is asked for a float."""

    def __init__(self, error):
        self.error = error

    def __float__(self):
        raise self.error


class Array:
    """Raises when it is asked for an array, and is no number."""

    def __init__(self, error):
        self.error = error

    def __array__(self, *_, **__):
        raise self.error


class NoFloat:
    def __float__(self):
        return "x"


class Key:
    def __repr__(self):
        raise ValueError("no repr")


class Text(str):
    def __eq__(self, other):
        raise ValueError("not equal")

    __hash__ = str.__hash__


class Empty(Mapping):
    """Says that it has a name, and does not."""

    def __getitem__(self, key):
        raise KeyError(key)

    def __iter__(self):
        return iter(["loss"])

    def __len__(self):
        return 1


class List(list):
    def __iter__(self):
        raise ValueError("no items")


def raises(error):
    def call():
        raise error

    return call


def does(*steps):
    def call():
        for step in steps:
            step()
        return {"loss": 0.5}

    return call


def gives(returned):
    return lambda: returned


def recursion():
    return recursion()


def causes_in_a_circle():
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    raise one


def notes():
    error = ValueError("noted")
    error.__notes__ = 7
    raise error


def nested_groups():
    error = ValueError("leaf")
    for _ in range(300):
        error = ExceptionGroup("branch", [error])
    raise error


def syntax():
    error = SyntaxError("bad")
    error.text, error.lineno, error.filename = 7, "x", 3
    raise error


def holds_itself():
    values: list[Any] = [1.0]
    values.append(values)
    return {"loss": values}


def nested_lists():
    values: Any = 1.0
    for _ in range(3000):
        values = [values]
    return {"loss": 0.5, "nested": values}


def forks(then: Callable[[], Any]) -> Callable[[], Any]:
    def call():
        if os.fork() == 0:
            return then()
        os.wait()
        return {"loss": 0.5}

    return call


def pool():
    import multiprocessing

    with multiprocessing.get_context("fork").Pool(1) as workers:
        return {"loss": sum(workers.map(abs, [1, 2]))}


def moves_away():
    import tempfile

    folder = tempfile.mkdtemp()
    os.chdir(folder)
    os.rmdir(folder)
    return {"loss": 0.5}


def alarm():
    signal.signal(signal.SIGALRM, lambda *_: 1 / 0)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    time.sleep(5)


def exits():
    os._exit(0)


ALLOWED = "allowed: a dict that gives each name a number, or a list of one number per epoch"
RETURNED = "kinds_of_functions:train returned"
NO_NUMBER = f"{RETURNED} no number: `loss`"
EXITED = "SystemExit: os._exit(0) was called, which would have ended the run"
OK = {"loss": 0.5}
ONE = {"other": 1.0}

Expected = dict[str, float] | str
"""The metrics of a trial that is ok, or what is said of one that has failed, or diverged if that begins with `."""
KINDS: dict[str, tuple[Callable[[], Any], Expected]] = {
    # what it raises
    "CancelledError": (raises(asyncio.CancelledError("gone")), "asyncio.exceptions.CancelledError: gone"),
    "GeneratorExit": (raises(GeneratorExit("left")), "GeneratorExit: left"),
    "BaseExceptionGroup": (
        raises(BaseExceptionGroup("many", [GeneratorExit(), Own()])),
        "BaseExceptionGroup: many (2 sub-exceptions)",
    ),
    "BaseException of its own": (raises(Own("mine")), "kinds_of_functions.Own: mine"),
    "text that raises": (raises(SilentError()), "kinds_of_functions.SilentError: <exception str() failed>"),
    "text that interrupts": (raises(SilentInterrupt()), "kinds_of_functions.SilentInterrupt: <exception str() failed>"),
    "text that is none": (raises(NoTextError()), "kinds_of_functions.NoTextError: <exception str() failed>"),
    "sys.exit": (lambda: sys.exit(0), "SystemExit: 0"),
    "sys.exit with a text": (lambda: sys.exit("bye"), "SystemExit: bye"),
    "os._exit": (exits, EXITED),
    "StopIteration": (lambda: next(iter([])), "StopIteration"),
    "StopAsyncIteration": (raises(StopAsyncIteration()), "StopAsyncIteration"),
    "RecursionError": (recursion, "RecursionError: maximum recursion depth exceeded"),
    "MemoryError": (raises(MemoryError()), "MemoryError"),
    "OSError": (raises(OSError(28, "No space left on device")), "OSError: [Errno 28] No space left on device"),
    "BrokenPipeError": (raises(BrokenPipeError()), "BrokenPipeError"),
    "AssertionError": (raises(AssertionError()), "AssertionError"),
    "UnicodeDecodeError": (
        lambda: b"\xff".decode(),
        "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
    ),
    "SyntaxError without sense": (syntax, "SyntaxError: bad"),
    "causes in a circle": (causes_in_a_circle, "ValueError: one"),
    "notes that are none": (notes, "ValueError: noted"),
    "groups in groups": (nested_groups, "ExceptionGroup: branch (1 sub-exception)"),
    "long text": (raises(ValueError("x" * 3_000_000)), f"ValueError: {'x' * 388} …"),
    "NUL in its text": (raises(ValueError("a\0b")), "ValueError: a\\0b"),
    "surrogate in its text": (raises(ValueError("\ud800")), "ValueError: \\ud800"),
    "empty input": (lambda: {"loss": float(input())}, "EOFError: EOF when reading a line"),
    "alarm": (alarm, "ZeroDivisionError: division by zero"),
    "timeout of asyncio": (does(lambda: asyncio.run(asyncio.wait_for(asyncio.sleep(5), 0.01))), "TimeoutError"),
    # what it returns in place of a dict
    "nothing": (gives(None), f"{RETURNED} nothing; {ALLOWED}"),
    "a number": (gives(0.5), f"{RETURNED} `float`; {ALLOWED}"),
    "a text": (gives("loss"), f"{RETURNED} `str`; {ALLOWED}"),
    "a list": (gives([("loss", 1)]), f"{RETURNED} `list` of 1; {ALLOWED}"),
    "a tuple": (gives(({"loss": 1}, {})), f"{RETURNED} `tuple` of 2; {ALLOWED}"),
    "a coroutine": (lambda: asyncio.sleep(0), f"{RETURNED} `coroutine`; {ALLOWED}"),
    "a generator": (lambda: (each for each in ()), f"{RETURNED} `generator`; {ALLOWED}"),
    "a class": (gives(dict), f"{RETURNED} `type`; {ALLOWED}"),
    "a function": (gives(gives), f"{RETURNED} `function`; {ALLOWED}"),
    "a module": (gives(np), f"{RETURNED} `module`; {ALLOWED}"),
    "a DataFrame": (gives(pd.DataFrame({"loss": [1.0]})), f"{RETURNED} `DataFrame`; {ALLOWED}"),
    "a Series": (gives(pd.Series({"loss": 1.0})), f"{RETURNED} `Series`; {ALLOWED}"),
    "NotImplemented": (gives(NotImplemented), f"{RETURNED} `NotImplementedType`; {ALLOWED}"),
    # metrics that are no numbers
    "no metric": (gives({}), f"{RETURNED} no metric; {ALLOWED}"),
    "epochs alone": (gives({"epoch": [1, 2]}), f"{RETURNED} no metric; {ALLOWED}"),
    "a text for a number": (gives({"loss": "low"}), f"{NO_NUMBER}, a text; {ALLOWED}"),
    "a list that holds itself": (holds_itself, f"{NO_NUMBER}, a list of lists of different lengths; {ALLOWED}"),
    "numbers without end": (lambda: {"loss": iter(int, 1)}, f"{NO_NUMBER}, `callable_iterator`; {ALLOWED}"),
    "a set": (gives({"loss": {1, 2}, "other": 1}), ONE),
    "a matrix": (gives({"loss": np.eye(2), "other": 1}), ONE),
    "lists of other lengths": (gives({"loss": [[1], [1, 2]], "other": 1}), ONE),
    "lists in lists": (nested_lists, OK),
    "complex": (gives({"loss": 1j, "other": 1}), ONE),
    "complex64": (gives({"loss": np.complex64(1), "other": 1}), ONE),
    "a date": (gives({"loss": datetime.date(2020, 1, 1), "other": 1}), ONE),
    "a time": (gives({"loss": datetime.timedelta(1), "other": 1}), ONE),
    "bytes": (gives({"loss": b"1", "other": 1}), ONE),
    "a text of NumPy": (gives({"loss": np.str_("1"), "other": 1}), ONE),
    "void": (gives({"loss": np.void(b"1"), "other": 1}), ONE),
    "records": (gives({"loss": np.zeros(2, [("a", float)]), "other": 1}), ONE),
    "a float that raises": (gives({"loss": Float(ValueError()), "other": 1}), ONE),
    "a float that exits": (gives({"loss": Float(SystemExit(0)), "other": 1}), "SystemExit: 0"),
    "a float that is none": (gives({"loss": NoFloat(), "other": 1}), ONE),
    "an array that raises": (gives({"loss": Array(ValueError()), "other": 1}), ONE),
    "an array that cancels": (
        gives({"loss": Array(asyncio.CancelledError("x"))}),
        "asyncio.exceptions.CancelledError: x",
    ),
    "a list that raises": (lambda: {"loss": List([1.0]), "other": 1}, "ValueError: no items"),
    "a dict without its name": (Empty, "KeyError: 'loss'"),
    # numbers of many kinds
    "float32": (gives({"loss": np.float32(0.5)}), OK),
    "float16": (gives({"loss": np.float16(0.5)}), OK),
    "a longer float": (gives({"loss": np.longdouble("1e4000"), "other": 1}), ONE),
    "true": (gives({"loss": True, "other": np.True_}), {"loss": 1.0, "other": 1.0}),
    "giant whole number": (gives({"loss": 10**5000, "other": 1}), ONE),
    "whole number beyond 64 bits": (gives({"loss": 2**70}), {"loss": 2.0**70}),
    "signalling NaN": (gives({"loss": decimal.Decimal("sNaN"), "other": 1}), ONE),
    "decimal": (gives({"loss": decimal.Decimal("0.5")}), OK),
    "giant decimal": (gives({"loss": decimal.Decimal("1e999"), "other": 1}), ONE),
    "giant fraction": (gives({"loss": fractions.Fraction(10**400, 3), "other": 1}), ONE),
    "other byte order": (gives({"loss": np.array([1, 0.5], ">f8")}), OK),
    "a memory view": (gives({"loss": memoryview(array.array("d", [1, 0.5]))}), OK),
    "a range": (gives({"loss": range(3)}), {"loss": 2.0}),
    "a deque": (gives({"loss": collections.deque([1, 0.5])}), OK),
    "masked": (gives({"loss": np.ma.masked, "other": 1}), ONE),
    "mean of masked values": (lambda: {"loss": np.ma.masked_array([1.0], mask=True).mean(), "other": 1}, ONE),
    "None": (gives({"loss": None}), "`loss` is missing"),
    "NaN": (gives({"loss": NAN}), "`loss` is nan"),
    "infinity": (gives({"loss": INF}), "`loss` is inf"),
    "a gap in a list": (gives({"loss": [1, INF, 0.5]}), OK),
    "near the largest": (gives({"loss": 1.7e308}), {"loss": 1.7e308}),
    "near the lowest": (gives({"loss": -1.7e308}), {"loss": -1.7e308}),
    "the ends in a list": (gives({"loss": [1.7e308, -1.7e308, 0.5]}), OK),
    "the smallest": (gives({"loss": 5e-324}), {"loss": 5e-324}),
    "200,000 numbers": (gives({"loss": np.full(200_000, 0.5)}), OK),
    # epochs
    "epochs beyond float64": (gives({"loss": [1, 0.5], "epoch": [1, 1e300]}), OK),
    "epochs without end": (gives({"loss": [1, 0.5], "epoch": [1, INF]}), OK),
    "epochs below 0": (gives({"loss": [1, 0.5], "epoch": [-5, 2]}), OK),
    "epochs twice": (gives({"loss": [1, 0.5], "epoch": [2, 2]}), OK),
    "epochs in words": (gives({"loss": [1, 0.5], "epoch": "ab"}), OK),
    "epochs that are none": (gives({"loss": [1, 0.5], "epoch": [1, NAN]}), OK),
    # names
    "a number as a name": (gives({1: 2, "loss": 0.5}), OK),
    "None as a name": (gives({None: 1, "loss": 0.5}), OK),
    "bytes as a name": (gives({b"loss": 1, "loss": 0.5}), OK),
    "a surrogate in a name": (gives({"a\ud800": 1, "loss": 0.5}), OK),
    "NUL in a name": (gives({"a\0": 1, "loss": 0.5}), OK),
    "two lines in a name": (gives({"a\nb": 1, "loss": 0.5}), OK),
    "a name of 1,000": (gives({"a" * 1000: 1, "loss": 0.5}), OK),
    "a terminal's colour": (gives({"\x1b[31m": 1, "loss": 0.5}), OK),
    "a formula": (gives({"=1+1": 1, "loss": 0.5}), OK),
    "from right to left": (gives({"a\u202eb": 1, "loss": 0.5}), OK),
    "names of columns": (gives({"id": 1, "status": 2, "success": 3, "loss": 0.5}), OK),
    "names of parameters": (gives({"kind": 1, "seed": 2, "loss": 0.5}), OK),
    "a name that raises": (lambda: {Key(): 1, "loss": 0.5}, "ValueError: no repr"),
    "a name that equals nothing": (lambda: {Text("loss"): 0.5}, "ValueError: not equal"),
    # what it does to its process
    "another folder": (does(lambda: os.chdir("/")), OK),
    "a folder that is gone": (moves_away, OK),
    "NumPy's errors": (does(lambda: np.seterr(all="raise")), OK),
    "warnings": (does(lambda: warnings.warn("mind this", stacklevel=1)), OK),
    "recursion limit": (does(lambda: sys.setrecursionlimit(500)), OK),
    "clears the environment": (does(lambda: os.environ.pop("HOME", None)), OK),
    "seeds": (does(lambda: random.seed(1), lambda: np.random.seed(1)), OK),
    "NumPy's print options": (does(lambda: np.set_printoptions(precision=1)), OK),
    "prints much": (does(lambda: print("x" * 100_000)), OK),
    "prints a surrogate": (does(lambda: print("\ud800")), OK),
    "prints NUL and escapes": (does(lambda: print("a\0b\x1b[2J")), OK),
    "prints to standard error": (does(lambda: print("e", file=sys.stderr)), OK),
    "prints bytes": (does(lambda: sys.stdout.buffer.write(b"\xff\n")), OK),
    "prints to descriptor 1": (does(lambda: os.write(1, b"raw\n")), OK),
    "prints from C": (does(lambda: ctypes.CDLL(None).puts(b"c")), OK),
    "asks for the terminal": (does(lambda: sys.stdout.isatty(), lambda: sys.stdout.fileno()), OK),
    "reads all input": (does(lambda: sys.stdin.read()), OK),
    "closes both streams": (does(lambda: sys.stdout.close(), lambda: sys.stderr.close()), OK),
    "removes both streams": (does(lambda: setattr(sys, "stdout", None), lambda: setattr(sys, "stderr", None)), OK),
    "a thread that goes on": (does(lambda: threading.Thread(target=time.sleep, args=(30,), daemon=True).start()), OK),
    "a child that goes on": (does(lambda: subprocess.Popen([sys.executable, "-c", "import time; time.sleep(5)"])), OK),
    "a fork that returns": (forks(lambda: {"loss": 0.25}), OK),
    "a fork that raises": (forks(raises(ValueError("child"))), OK),
    "a fork that exits": (forks(lambda: sys.exit(3)), OK),
    "a fork that ends": (forks(exits), OK),
    "a pool of its own": (pool, {"loss": 3.0}),
    "an event loop": (does(lambda: asyncio.run(asyncio.sleep(0))), OK),
    "ignores Ctrl-C": (does(lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)), OK),
}

LATE = "late"
"""A kind that behaves, and comes after all others: nothing that they did is to be seen in it."""


def late():
    assert np.geterr()["divide"] == "warn"
    return {"loss": float(os.path.exists("grid.toml"))}


def ends(how):
    return lambda: os.kill(os.getpid(), how)


DEADLY: dict[str, Callable[[], Any]] = {
    "killed": ends(signal.SIGKILL),
    "segmentation fault": ends(signal.SIGSEGV),
    "abort": ends(signal.SIGABRT),
    "bus error": ends(signal.SIGBUS),
    "exit of C": lambda: ctypes.CDLL(None).exit(0),
    "_exit of C": lambda: ctypes.CDLL(None)._exit(0),
}
"""What ends the process, whatever Python does."""


def train(kind: str, seed: int = 0):
    if kind == LATE:
        return late()
    return {**{name: call for name, (call, _) in KINDS.items()}, **DEADLY}[kind]()
