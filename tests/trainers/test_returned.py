"""What a function may return, and what is said of everything else."""

import math

import numpy as np
import pandas as pd
import pytest

from nnsweep.trainers.protocol import Outcome
from nnsweep.trainers.returned import ReturnError, outcome_of

ALLOWED = "allowed: a dict that gives each name a number, or a list of one number per epoch"


def outcome(returned, metrics=()):
    return outcome_of(returned, metrics, {"alpha", "seed"}, 0.5)


@pytest.mark.parametrize(
    ("returned", "metrics", "history"),
    [
        ({"loss": 1}, {"loss": 1.0}, {}),
        ({"loss": np.float32(0.5), "done": True}, {"loss": 0.5, "done": 1.0}, {}),
        ({"loss": [3, 2, 1]}, {"loss": 1.0}, {"loss": [3.0, 2.0, 1.0]}),
        ({"loss": np.array([2, 1]), "best": 1}, {"loss": 1.0, "best": 1.0}, {"loss": [2.0, 1.0]}),
        (
            {"loss": (2.5,), "accuracy": pd.Series([0.5])},
            {"loss": 2.5, "accuracy": 0.5},
            {"loss": [2.5], "accuracy": [0.5]},
        ),
        ({"loss": [2, 1], "epoch": [10, 20]}, {"loss": 1.0}, {"loss": [2.0, 1.0], "epoch": [10, 20]}),
        ({"loss": np.array(7)}, {"loss": 7.0}, {}),
    ],
)
def test_numbers_and_lists(returned, metrics, history):
    found = outcome(returned)
    assert found == Outcome("ok", metrics, history, 0.5)
    values = [*found.metrics.values(), *(value for name in metrics for value in found.history.get(name, ()))]
    assert {type(value) for value in values} == {float}


@pytest.mark.parametrize("end", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_in_the_end_has_diverged(end):
    found = outcome({"accuracy": 1.0, "loss": [1.0, math.inf, end]})
    assert (found.status, found.metrics, found.failure) == ("diverged", {}, f"`loss` is {end}")
    assert [str(value) for value in found.history["loss"]] == ["1.0", "nan", "nan"]


def test_what_is_finite_again_in_the_end_has_not_diverged():
    found = outcome({"loss": [math.nan, 1.0]})
    assert (found.status, found.metrics, found.failure) == ("ok", {"loss": 1.0}, None)


def test_a_metric_that_is_declared_may_be_left_out():
    assert outcome({"loss": 1}, ("loss", "accuracy")).metrics == {"loss": 1.0}


class Stubborn:
    def __array__(self, *_, **__):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, f"returned nothing; {ALLOWED}"),
        (0.5, f"returned `float`; {ALLOWED}"),
        ([1, 2], f"returned `list` of 2; {ALLOWED}"),
        ({}, f"returned an empty dict; {ALLOWED}"),
        ({"loss": None}, f"returned under `loss` nothing; {ALLOWED}"),
        ({"loss": "low"}, f"returned under `loss` `str`; {ALLOWED}"),
        ({"loss": {"a": 1}}, f"returned under `loss` `dict`; {ALLOWED}"),
        ({"loss": ["low"]}, f"returned under `loss` `list` of 1, of <U3; {ALLOWED}"),
        ({"loss": 1j}, f"returned under `loss` `complex`; {ALLOWED}"),
        ({"loss": []}, f"returned under `loss` `list` of 0, of shape (0,); {ALLOWED}"),
        ({"loss": np.ones((2, 3))}, f"returned under `loss` `ndarray`, of shape (2, 3); {ALLOWED}"),
        ({"loss": [[1], [1, 2]]}, f"returned under `loss` `list` of 2, ValueError; {ALLOWED}"),
        ({"loss": Stubborn()}, f"returned under `loss` `Stubborn`, RuntimeError; {ALLOWED}"),
        ({1: 2}, "returned the name 1; allowed: letters, digits, `_`, `.` and `-`, up to 64"),
        ({"a/b": 2}, "returned the name 'a/b'; allowed: letters, digits, `_`, `.` and `-`, up to 64"),
        ({"status": 2}, "returned `status`, which every table has; allowed: another name"),
        ({"alpha": 2}, "returned `alpha`, which is a parameter; allowed: another name"),
        (
            {"a": [1], "b": [1, 2]},
            "returned lists of different lengths: `a` 1, `b` 2; allowed: one number per epoch in each",
        ),
        ({"a": [1, 2], "epoch": [2, 1]}, "returned under `epoch` [2.0, 1.0]; allowed: whole numbers that rise"),
        ({"a": [1, 2], "epoch": [1, 1.5]}, "returned under `epoch` [1.0, 1.5]; allowed: whole numbers that rise"),
        ({"epoch": [1, 2]}, f"returned no metric besides `epoch`; {ALLOWED}"),
    ],
)
def test_everything_else(returned, message):
    with pytest.raises(ReturnError) as caught:
        outcome(returned)
    assert str(caught.value) == message


def test_a_name_that_is_not_declared():
    with pytest.raises(ReturnError) as caught:
        outcome({"los": 1}, ("loss", "accuracy"))
    assert str(caught.value) == "returned `los`, which its `metrics` do not name; allowed: loss, accuracy"
