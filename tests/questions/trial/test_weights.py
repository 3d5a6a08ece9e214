"""Choosing the columns of a trace."""

import pandas as pd
import pytest

from nnsweep import nn
from nnsweep.errors import NnsweepError
from nnsweep.nn.parameter_names import parameter_name, short_name
from nnsweep.questions.trial.weights import chosen

NETWORK = nn.Network((2, 2, 1))
COLUMNS = [parameter_name(NETWORK, level, 0, place) for level, size in ((0, 6), (1, 3)) for place in range(size)]


@pytest.fixture
def trace():
    return pd.DataFrame([[0.0] * 10, [1.0] * 10], columns=pd.Index(["step", *COLUMNS]))


def test_names_are_those_of_formulas():
    assert [short_name(name) for name in COLUMNS] == ["w11", "w21", "w12", "w22", "b1", "b2", "2.w11", "2.w12", "2.b1"]
    assert short_name("layer 3, gamma[1]") == "3.gamma2"
    assert short_name("temperature") == "temperature"


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        ([], COLUMNS),
        (["w12"], ["layer 1, weight[0, 1]"]),
        (["2.b1", "w11"], ["layer 2, bias[0]", "layer 1, weight[0, 0]"]),
        (["w1*", "w12"], ["layer 1, weight[0, 0]", "layer 1, weight[0, 1]"]),
        (["2.*"], COLUMNS[6:]),
    ],
)
def test_columns_are_kept_as_they_are_named(trace, wanted, kept):
    assert list(chosen(trace, wanted)) == ["step", *kept]


def test_a_weight_that_is_not_there(trace):
    with pytest.raises(NnsweepError) as refused:
        chosen(trace, ["w11", "w32"])
    assert str(refused.value) == (
        "no weight `w32`; allowed: w11, w21, w12, w22, b1, b2, 2.w11, 2.w12, 2.b1, and patterns such as w1*; "
        "did you mean `w22`?"
    )
