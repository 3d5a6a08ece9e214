"""Users' own data sets; messages are compared whole."""

import sys

import pytest

from nnsweep.data import load, refresh
from nnsweep.errors import DataError

MODULE = """
import numpy as np

value = 3


def rings(seed):
    random = np.random.default_rng(seed)
    return random.normal(size=(10, 2)), random.integers(0, 2, 10)


def lists(seed):
    return [[1, 2], [3, 4]], [True, False]


def unseeded(seed):
    return np.random.rand(4, 2), np.zeros(4)


def without():
    pass


def none(seed):
    pass


def single(seed):
    return np.ones((3, 2))


def lengths(seed):
    return np.ones((3, 2)), np.ones(4)


def flat(seed):
    return np.ones(3), np.ones(3)


def texts(seed):
    return [["a"]], [1]


def ragged(seed):
    return [[1], [1, 2]], [1, 2]


def missing(seed):
    return [[1, 2], [1, float("nan")]], [1, 2]


def large(seed):
    return [[np.longdouble("1e4000")]], [1]


def raising(seed):
    raise ValueError("first line\\nsecond line")


def leaving(seed):
    raise SystemExit(3)
"""
PAIR = "allowed: a pair of inputs (N, I) and targets (N,) or (N, O)"
SIZES = f"{PAIR}, with N, I and O at least 1"
WRONG = {
    "own_sets:value": "own_sets:value: found `int`; allowed: a function of a seed",
    "own_sets:ring": 'own_sets:ring: own_sets has no `ring`; did you mean "rings"?',
    "own_sets:without": "own_sets:without(0): raised TypeError: without() takes 0 positional arguments but 1 was given",
    "own_sets:none": f"own_sets:none: returned nothing; {PAIR}",
    "own_sets:single": f"own_sets:single: returned `ndarray`; {PAIR}",
    "own_sets:lengths": f"own_sets:lengths: returned arrays of shape (3, 2) and (4,); {SIZES}",
    "own_sets:flat": f"own_sets:flat: returned arrays of shape (3,) and (3,); {SIZES}",
    "own_sets:texts": "own_sets:texts: its inputs are of type <U1; allowed: numbers",
    "own_sets:missing": "own_sets:missing: its inputs hold nan at [1, 1]; allowed: finite numbers",
    "own_sets:large": "own_sets:large: its inputs hold inf at [0, 0]; allowed: finite numbers",
    "own_sets:raising": "own_sets:raising(0): raised ValueError: first line (own_sets.py, line 57)",
    "own_sets:leaving": "own_sets:leaving(0): raised SystemExit: 3 (own_sets.py, line 61)",
    "own_sets:unseeded": "own_sets:unseeded(0): called twice, it gave different data; "
    "allowed: the same for the same seed",
    "own_broken:f": "own_broken:f: cannot be imported: ZeroDivisionError: division by zero (own_broken.py, line 2); "
    "looked in {here} and in Python's path",
    "own_absent:f": "own_absent:f: cannot be imported: ModuleNotFoundError: No module named 'own_absent'; "
    "looked in {here} and in Python's path",
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with modules, and the path and the modules put back afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each])
    (tmp_path / "own_sets.py").write_text(MODULE)
    (tmp_path / "own_broken.py").write_text("\n1 / 0\n")
    refresh()
    yield tmp_path
    for name in ("own_sets", "own_broken"):
        sys.modules.pop(name, None)


def test_a_function_gets_the_seed(here):
    one, same, other = load("own_sets:rings", 1), load("own_sets:rings", 1), load("own_sets:rings", 2)
    assert one.inputs.shape == (10, 2)
    assert one.targets.shape == (10, 1)
    assert one.fingerprint == same.fingerprint != other.fingerprint


def test_lists_will_do(here):
    found = load("own_sets:lists")
    assert (found.inputs.tolist(), found.targets.tolist()) == ([[1, 2], [3, 4]], [[1], [0]])


@pytest.mark.parametrize("name", WRONG)
def test_one_line_for_what_is_wrong(here, name):
    with pytest.raises(DataError) as caught:
        load(name)
    assert str(caught.value) == WRONG[name].format(here=here)


def test_rows_of_different_length_make_no_array(here):
    with pytest.raises(DataError, match=r"^own_sets:ragged: its inputs make no array: ValueError: setting an array"):
        load("own_sets:ragged")
