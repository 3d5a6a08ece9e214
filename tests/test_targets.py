"""What targets are, by their values alone."""

import numpy as np
import pytest

from nnsweep.data import format_values, load, target_kind
from nnsweep.data.field import read

KINDS = {
    "zeros and ones": ([[0], [1], [1]], "binary"),
    "one class alone": ([[0], [0]], "binary"),
    "labels 1 and 2": ([[1], [2]], "amounts"),
    "labels -1 and 1": ([[-1], [1]], "amounts"),
    "digits": ([[digit] for digit in range(10)], "amounts"),
    "nearly 1": ([[0], [1 - 1e-16], [1 - 1e-15]], "amounts"),
    "a column each": ([[0, 1, 0], [1, 0, 0]], "one_hot"),
    "two columns": ([[0, 1], [1, 0]], "one_hot"),
    "a row of none": ([[0, 1], [0, 0]], "multilabel"),
    "a row of both": ([[0, 1], [1, 1]], "multilabel"),
    "shares": ([[0.25, 0.75], [1, 0]], "amounts"),
    "sums of 1 that are no shares": ([[2, -1], [1, 0]], "amounts"),
}


@pytest.mark.parametrize("name", KINDS)
def test_kinds_of_targets(name):
    values, kind = KINDS[name]
    assert target_kind(np.array(values, dtype=float)) == kind


def test_a_data_set_knows_the_kind_of_its_targets():
    assert load("parabolas").target_kind == "binary"
    assert load("xor").target_kind == "binary"
    assert load(read({"inputs": [[0], [1]], "targets": [1, 2]})).target_kind == "amounts"


def test_values_in_messages():
    assert format_values(np.array([[7.25], [3.5], [3.5]])) == "3.5 and 7.25"
    assert format_values(np.array([[2.0]])) == "2"
    assert format_values(np.arange(6.0)) == "0, 1, 2, 3, 4 and 5"
    assert format_values(np.array([0, 1, 2, 3, 4, 5, -1234567.0])) == "7 values from -1.23457e+06 to 5"
