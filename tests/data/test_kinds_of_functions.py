"""Data functions and modules that misbehave: one line says what they did, or the run is as if they had not."""

from __future__ import annotations

import pytest

from tests.helpers import call

MODULE = """
import asyncio
import os
import sys

import numpy as np

X = np.arange(80.0).reshape(40, 2) / 40
T = np.arange(40) % 2


class Own(BaseException):
    pass


class Silent(Exception):
    def __str__(self):
        raise SystemExit(0)


class NoArray:
    def __array__(self, *_, **__):
        raise Own("array")


def fail(error):
    raise error


def forked():
    if os.fork() == 0:
        return X, T
    os.wait()
    return X, T


def counted():
    make.count = getattr(make, "count", 0) + 1
    return X + make.count, T

"""
LINES = MODULE.split("\n")
LINE = {
    "fail": LINES.index("    raise error") + 1,
    "array": LINES.index('        raise Own("array")') + 1,
    "body": len(LINES) + 1,
}
"""Lines of the module, and of the first line in a function that follows."""
GRID = """
name = "data"
[fixed]
data = "made:make"
epochs = 2
[axes]
hidden = [2, 3]
seed = { count = 2 }
"""
PAIR = "allowed: a pair of inputs (N, I) and targets (N,) or (N, O)"
SIZES = f"{PAIR}, with N, I and O at least 1"
NUMBERS, FINITE = "allowed: numbers", "allowed: finite numbers"
EXITED = "SystemExit: os._exit(0) was called, which would have ended the run"
SAME = "called twice, it gave different data; allowed: the same for the same seed"

RAISED = {
    "fail(asyncio.CancelledError('gone'))": "CancelledError: gone (made.py, line {fail})",
    "fail(GeneratorExit('left'))": "GeneratorExit: left (made.py, line {fail})",
    "fail(BaseExceptionGroup('many', [Own()]))": "BaseExceptionGroup: many (1 sub-exception) (made.py, line {fail})",
    "fail(Own('mine'))": "Own: mine (made.py, line {fail})",
    "fail(Silent())": "Silent (made.py, line {fail})",
    "fail(ValueError('\\ud800'))": "ValueError: \\ud800 (made.py, line {fail})",
    "fail(ValueError('a\\0b'))": "ValueError: a\\x00b (made.py, line {fail})",
    "fail(ValueError('x' * 10**6))": f"ValueError: {'x' * 200} (made.py, line {{fail}})",
    "sys.exit(0)": "SystemExit: 0 (made.py, line {body})",
    "os._exit(0)": f"{EXITED} (made.py, line {{body}})",
    "next(iter([]))": "StopIteration (made.py, line {body})",
    "make(seed)": "RecursionError: maximum recursion depth exceeded (made.py, line {body})",
}
"""What a function does, and what is said that it raised."""

REFUSED = {
    "None": f": returned nothing; {PAIR}",
    "X": f": returned `ndarray`; {PAIR}",
    "(X, T, T)": f": returned `tuple` of 3; {PAIR}",
    "{'x': X, 't': T}": f": returned `dict`; {PAIR}",
    "(each for each in (X, T))": f": returned `generator`; {PAIR}",
    "'XT'": f": returned `str`; {PAIR}",
    "(X.astype(str), T)": f": its inputs are of type <U32; {NUMBERS}",
    "(X.astype(object), T)": f": its inputs are of type object; {NUMBERS}",
    "(X + 1j, T)": f": its inputs are of type complex128; {NUMBERS}",
    "([[10**400, 1]] * 40, T)": f": its inputs are of type object; {NUMBERS}",
    "(X.astype('datetime64[s]'), T)": f": its inputs are of type datetime64[s]; {NUMBERS}",
    "(X * np.nan, T)": f": its inputs hold nan at [0, 0]; {FINITE}",
    "(X, T + np.inf)": f": its targets hold inf at [0]; {FINITE}",
    "(X.astype(np.longdouble) * np.longdouble('1e4000'), T)": f": its inputs hold inf at [0, 1]; {FINITE}",
    "(np.ma.masked_greater(X, 1), T)": f": its inputs are masked at [20, 1]; {FINITE}",
    "(X, np.ma.masked_equal(T, 1))": f": its targets are masked at [1]; {FINITE}",
    "(NoArray(), T)": f": its inputs make no array: Own: array (made.py, line {LINE['array']})",
    "(X[:0], T[:0])": f": returned arrays of shape (0, 2) and (0,); {SIZES}",
    "(X, T[:5])": f": returned arrays of shape (40, 2) and (5,); {SIZES}",
    "(X[:, :0], T)": f": returned arrays of shape (40, 0) and (40,); {SIZES}",
    "(X.reshape(2, 20, 2), T)": f": returned arrays of shape (2, 20, 2) and (40,); {SIZES}",
    "(1.0, 1.0)": f": returned arrays of shape () and (); {SIZES}",
    "(X + np.random.default_rng().normal(), T)": f"(0): {SAME}",
    "counted()": f"(0): {SAME}",
}
"""What a function returns, and what is said of it."""

FINE = (
    "(X.astype(np.float16), T)",
    "(X > 1, T > 0)",
    "(X.tolist(), T.tolist())",
    "(np.asfortranarray(X), T)",
    "(X.astype('>f8'), T)",
    "(X * 5e-324, T)",
    "print('hello') or (X, T)",
    "os.chdir('/') or (X, T)",
    "np.seterr(all='raise') and (X, T)",
    "sys.stdout.close() or (X, T)",
    "sys.stderr.close() or (X, T)",
    "forked()",
)
"""What is as good as a pair of arrays."""

IMPORTED = {
    "raise asyncio.CancelledError('gone')": "CancelledError: gone (made.py, line {last})",
    "raise BaseExceptionGroup('many', [Own()])": "BaseExceptionGroup: many (1 sub-exception) (made.py, line {last})",
    "raise GeneratorExit": "GeneratorExit (made.py, line {last})",
    "raise Own('mine')": "Own: mine (made.py, line {last})",
    "raise Silent()": "Silent (made.py, line {last})",
    "sys.exit(0)": "SystemExit: 0 (made.py, line {last})",
    "os._exit(0)": f"{EXITED} (made.py, line {{last}})",
    "import no_such_module": "ModuleNotFoundError: No module named 'no_such_module' (made.py, line {last})",
    "sys.modules.pop('made')": "KeyError: 'made'",
    "def (": "SyntaxError: invalid syntax (made.py, line {last})",
    "def __getattr__(name): raise Own(name)": "Own: make (made.py, line {last})",
}
"""The last line of a module without the function, and what is said that its import raised."""

NO_FUNCTION = {
    "def make(): pass": "(0): raised TypeError: make() takes 0 positional arguments but 1 was given",
    "async def make(seed): return X, T": ": found an async function; allowed: a function of a seed",
    "make = 7": ": found `int`; allowed: a function of a seed",
    "": ": made has no `make`",
    "def make(seed): yield X, T": f": returned `generator`; {PAIR}",
}


@pytest.fixture
def plan(module, tmp_path, capsys):
    """Write a module, and give the line that a plan with its data ends with."""
    (tmp_path / "grid.toml").write_text(GRID, encoding="utf-8")

    def told(end):
        module(MODULE + end + "\n", "made.py")
        code, out, err = call(capsys, "plan", "grid.toml")
        assert (code, out) == (2, "")
        return err.removeprefix("Error: grid.toml:4:1: made:make")

    return told


@pytest.mark.parametrize("does", RAISED)
def test_what_a_function_raises(plan, does):
    assert plan(f"def make(seed):\n    return {does}") == f"(0): raised {RAISED[does].format(**LINE)}\n"


@pytest.mark.parametrize("returned", REFUSED)
def test_what_a_function_returns(plan, returned):
    assert plan(f"def make(seed):\n    return {returned}") == f"{REFUSED[returned]}\n"


@pytest.mark.parametrize("line", IMPORTED)
def test_what_an_import_raises(plan, tmp_path, line):
    where = f"looked in {tmp_path} and in Python's path"
    said = IMPORTED[line].format(last=MODULE.count("\n") + 1)
    assert plan(line) == f": cannot be imported: {said}; {where}\n"


@pytest.mark.parametrize("line", NO_FUNCTION)
def test_what_is_no_function_of_a_seed(plan, line):
    assert plan(line) == f"{NO_FUNCTION[line]}\n"


@pytest.mark.parametrize("returned", FINE)
def test_what_is_as_good_as_arrays(module, tmp_path, capsys, returned):
    module(f"{MODULE}def make(seed):\n    return {returned}\n", "made.py")
    (tmp_path / "grid.toml").write_text(GRID, encoding="utf-8")
    code, out, _ = call(capsys, "grid.toml", "--jobs=1", "--no-figures")
    assert (code, out.splitlines()[-1].partition(";")[0]) == (0, "4 trials: 4 ok")
    assert "hello" not in out


@pytest.mark.slow
def test_what_is_as_good_as_arrays_on_workers(module, tmp_path, capsys):
    """All kinds in one run: none is to be seen in what others give."""
    made = [f"def make_{number}(seed):\n    return {returned}\n" for number, returned in enumerate(FINE)]
    module(f"{MODULE}{''.join(made)}", "made.py")
    data = ", ".join(f'"made:make_{number}"' for number in range(len(FINE)))
    grid = GRID.replace('data = "made:make"\n', "").replace("[axes]\n", f"[axes]\ndata = [{data}]\n")
    (tmp_path / "grid.toml").write_text(grid, encoding="utf-8")
    code, out, _ = call(capsys, "grid.toml", "--jobs=2", "--no-figures")
    trials = 4 * len(FINE)
    assert (code, out.splitlines()[-1].partition(";")[0]) == (0, f"{trials} trials: {trials} ok")
    assert "hello" not in out


def test_how_many_kinds_there_are():
    kinds = len(RAISED) + len(REFUSED) + len(IMPORTED) + len(NO_FUNCTION) + len(FINE)
    print(f"{kinds} kinds of data functions and modules")
