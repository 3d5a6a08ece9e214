"""scikit-learn's digits, where it is installed and where it is not."""

import sys
import types
from importlib.machinery import ModuleSpec

import numpy as np
import pytest

from nnsweep.data import load, refresh
from nnsweep.errors import DataError


def test_digits_are_scikit_learns():
    datasets = pytest.importorskip("sklearn.datasets", reason="nnsweep[digits] is not installed")
    found, theirs = load("digits"), datasets.load_digits()
    np.testing.assert_array_equal(found.inputs, theirs.data / 16)
    np.testing.assert_array_equal(found.targets.argmax(axis=1), theirs.target)
    assert (found.inputs.min(), found.inputs.max(), found.targets.shape) == (0, 1, (1797, 10))
    assert load("digits", 1).fingerprint == found.fingerprint


def test_without_scikit_learn_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(DataError) as caught:
        load("digits", 99)
    refresh()
    assert str(caught.value) == (
        'digits: needs scikit-learn, which is not installed; to install it: pip install "nnsweep[digits]"'
    )


def test_a_file_that_cannot_be_read_is_told(monkeypatch, tmp_path):
    package = types.ModuleType("sklearn")
    package.__spec__ = ModuleSpec("sklearn", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setitem(sys.modules, "sklearn", package)
    with pytest.raises(
        DataError, match=r"digits: .*digits.csv.gz: scikit-learn's file cannot be read \(.*No such file"
    ):
        load("digits", 99)
    refresh()
