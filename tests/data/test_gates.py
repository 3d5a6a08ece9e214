"""Truth tables, against Python's own operators."""

from functools import reduce
from itertools import product
from operator import and_, or_, xor

import numpy as np
import pytest

from nnsweep.data import DATASETS, load
from nnsweep.data.gates import Gate, truth_table

PLAIN = {"and": and_, "or": or_, "xor": xor}
OPPOSITES = {"and": "nand", "or": "nor", "xor": "xnor"}


@pytest.mark.parametrize("gate", PLAIN)
@pytest.mark.parametrize("inputs", [1, 2, 3, 5])
def test_gates_of_any_number_of_inputs(gate, inputs):
    rows, outputs = truth_table(gate, inputs)
    assert rows.tolist() == [list(row) for row in product([0, 1], repeat=inputs)]
    assert outputs.tolist() == [[reduce(PLAIN[gate], row)] for row in product([0, 1], repeat=inputs)]
    assert (truth_table(OPPOSITES[gate], inputs)[1] == 1 - outputs).all()


def test_constants_stand_after_the_inputs():
    made = load(Gate(gate="xor", inputs=2, constants=2))
    assert made.inputs.tolist() == [[0, 0, 1, 1], [0, 1, 1, 1], [1, 0, 1, 1], [1, 1, 1, 1]]
    assert made.targets.tolist() == [[0], [1], [1], [0]]
    assert (made.inputs.dtype, made.targets.dtype) == (np.float64, np.float64)


@pytest.mark.parametrize("name", ["and", "or", "xor", "nand", "nor", "xnor"])
def test_a_gates_name_is_the_gate_of_two_inputs(name):
    assert name in DATASETS
    assert load(name).fingerprint == load(Gate(gate=name, inputs=2, constants=0)).fingerprint


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ({"gate": "xor"}, "xor"),
        ({"gate": "xor", "inputs": 1}, "xor, 1 input"),
        ({"gate": "and", "inputs": 3, "constants": 2}, "and, 3 inputs, 2 constants"),
        ({"gate": "and", "constants": 1}, "and, 1 constant"),
    ],
)
def test_the_text_says_what_is_not_as_usual(form, text):
    assert str(Gate.model_validate(form)) == text
