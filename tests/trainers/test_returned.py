"""What a trainer may return, what is kept of it, and what is said of everything else."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from nnsweep.trainers.function import FunctionTrainer
from nnsweep.trainers.protocol import Outcome
from nnsweep.trainers.returned import ALLOWED, check
from nnsweep.trainers.values import read
from tests.helpers.fake_trainer import FakeTrainer

NOT_STORED = "not stored; numbers and lists of numbers are"
NAN = math.nan


def function(alpha=0.1, seed=0):
    return {}


def checked(returned, metrics=()):
    """Check what a function returned that takes `alpha` and `seed`."""
    trainer = FunctionTrainer("mine:train", function)
    trainer.metrics = dict.fromkeys(metrics, "")
    return check(Outcome("ok", returned, seconds=0.5), trainer)


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
        ({"loss": np.array([[7]])}, {"loss": 7.0}, {}),
        ({"loss": [2, 1], "accuracy": np.array([0.5])}, {"loss": 1.0, "accuracy": 0.5}, {"loss": [2.0, 1.0]}),
        ({"loss": np.array([[2], [1]])}, {"loss": 1.0}, {"loss": [2.0, 1.0]}),
        ({"loss": Decimal("0.25"), "share": Fraction(1, 4)}, {"loss": 0.25, "share": 0.25}, {}),
        ({"loss": [np.array([2.0]), np.float32(1)]}, {"loss": 1.0}, {"loss": [2.0, 1.0]}),
        ({"train/loss": 1, "loss/train total": 2}, {"train/loss": 1.0, "loss/train total": 2.0}, {}),
        ({"metrics/mAP50(B)": 3}, {"metrics/mAP50(B)": 3.0}, {}),
    ],
)  # fmt: skip
def test_numbers_and_lists(returned, metrics, history):
    found, left_out = checked(returned)
    assert (found, left_out) == (Outcome("ok", metrics, history, 0.5), {})
    values = [*found.metrics.values(), *(value for name in metrics for value in found.history.get(name, ()))]
    assert {type(value) for value in values} == {float}


def averaged():
    """Take a mean of nothing, as a metric over an empty selection does."""
    return np.ma.masked_array([1.0, 2.0], mask=True).mean()


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        (None, "`loss` is missing"),
        (np.ma.masked, "`loss` is missing"),
        (averaged(), "`loss` is missing"),
        (pd.NA, "`loss` is missing"),
        (np.ma.masked_array(1.0, mask=True), "`loss` is nan"),
        (NAN, "`loss` is nan"),
        (np.float32("inf"), "`loss` is inf"),
        (-math.inf, "`loss` is -inf"),
        (10**400, "`loss` is inf"),
        (-(10**400), "`loss` is -inf"),
        ([0.5, None], "`loss` is missing"),
        ([1.0, math.inf, NAN], "`loss` is nan"),
        (np.ma.masked_array([0.5, 0.25], mask=[False, True]), "`loss` is nan"),
    ],
)
def test_a_number_that_is_missing_leaves_the_others(missing, told):
    found, left_out = checked({"loss": missing, "accuracy": 0.5})
    assert (found.status, found.metrics, found.failure, left_out) == ("ok", {"accuracy": 0.5}, None, {})
    alone, _ = checked({"loss": missing})
    assert (alone.status, alone.metrics, alone.failure) == ("diverged", {}, told)


@pytest.mark.parametrize(
    "gaps",
    [
        [None, None, 0.5],
        [NAN, math.inf, 0.5],
        [np.ma.masked, None, np.float64(0.5)],
        np.ma.masked_array([1.0, 1.0, 0.5], mask=[True, True, False]),
        np.array([None, None, 0.5]),
        pd.Series([pd.NA, pd.NA, 0.5], dtype="Float64"),
    ],
)
def test_a_gap_is_a_gap(gaps):
    found, left_out = checked({"loss": gaps})
    assert (found.status, found.metrics, left_out) == ("ok", {"loss": 0.5}, {})
    assert [str(value) for value in found.history["loss"]] == ["nan", "nan", "0.5"]


def test_a_history_that_ends_in_a_gap_is_kept():
    found, _ = checked({"loss": [1.0, None]})
    assert [str(value) for value in found.history["loss"]] == ["1.0", "nan"]


def test_a_metric_that_is_declared_may_be_left_out():
    assert checked({"loss": 1}, ("loss", "accuracy")).outcome.metrics == {"loss": 1.0}


class Stubborn:
    def __array__(self, *_, **__):
        raise RuntimeError("no")


class Tensor:
    """As a tensor that has a gradient: it gives a float, and no array."""

    def __array__(self, *_, **__):
        raise RuntimeError("detach it first")

    def __float__(self):
        return 0.5


def test_what_gives_a_float_is_a_number():
    assert checked({"loss": Tensor(), "curve": [Tensor(), 1]}).outcome.metrics == {"loss": 0.5, "curve": 1.0}


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("confusion", np.ones((2, 2)), f"a matrix of 2 × 2: {NOT_STORED}"),
        ("confusion", [[1, 2], [3, 4]], f"a matrix of 2 × 2: {NOT_STORED}"),
        ("images", np.ones((2, 3, 4)), f"an array of 2 × 3 × 4: {NOT_STORED}"),
        ("note", "low", f"a text: {NOT_STORED}"),
        ("note", ["low", 1], f"a text: {NOT_STORED}"),
        ("note", np.array(["low"]), f"an array of texts: {NOT_STORED}"),
        ("note", {"a": 1}, f"a dict of 1: {NOT_STORED}"),
        ("note", 1j, f"a complex number: {NOT_STORED}"),
        ("note", np.array([1j]), f"an array of complex numbers: {NOT_STORED}"),
        ("note", [], f"an empty list: {NOT_STORED}"),
        ("note", np.empty(0), f"an empty array: {NOT_STORED}"),
        ("note", [[1], [1, 2]], f"a list of lists of different lengths: {NOT_STORED}"),
        ("note", Stubborn(), f"`Stubborn`: {NOT_STORED}"),
        ("note", np.datetime64("2020-01-01"), f"a `datetime64`: {NOT_STORED}"),
        ("epoch", 7, "a number: not stored; a list of the epochs is"),
        ("epoch", [2, 1], "no whole numbers that rise: epochs are counted from 1"),
        ("epoch", [1, 1.5], "no whole numbers that rise: epochs are counted from 1"),
        ("epoch", [1, 1e300], "no whole numbers that rise: epochs are counted from 1"),
        ("epoch", [-1, 2], "no whole numbers that rise: epochs are counted from 1"),
        ("epoch", [1, 2, 3], "a list of 3 where others have 2: epochs are counted from 1"),
        ("long", [1, 2, 3, 4], None),
        ("status", 2, "a column that every table has: not stored; give it another name"),
        ("alpha", 2, "a parameter: not stored; give it another name"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_left_out_and_told(name, value, what):
    found, left_out = checked({"loss": [2, 1], name: value})
    if what is None:  # the lists are of different lengths: the longest has the epochs
        name, what = "loss", "a list of 2 where the longest has 4: only its last number is stored"
        assert found.history == {"long": [1.0, 2.0, 3.0, 4.0]}
        assert found.metrics == {"loss": 1.0, "long": 4.0}
    else:
        assert (found.status, found.metrics, found.history) == ("ok", {"loss": 1.0}, {"loss": [2.0, 1.0]})
    assert left_out == {name: what}


def test_lists_of_another_length_than_the_epochs_have_no_history():
    found, left_out = checked({"a": [3, 2, 1], "b": [2, 1], "epoch": [10, 20]})
    assert found.history == {"b": [2.0, 1.0], "epoch": [10, 20]}
    assert left_out == {"a": "a list of 3 where `epoch` has 2: only its last number is stored"}


@pytest.mark.parametrize("name", [1, "", "+loss", "=1+1", "loss\n", "a" * 101, "loss "])
def test_names_that_no_table_could_keep(name):
    _, left_out = checked({"loss": 1, name: 2})
    (what,) = left_out.values()
    assert what == "no name: not stored; names are texts of up to 100 characters that begin with a letter"


def test_a_name_that_is_not_declared():
    _, left_out = checked({"loss": 1, "los": 1}, ("loss", "accuracy"))
    assert left_out == {"los": "which its `metrics` do not name: not stored; they name loss, accuracy"}


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ({}, f"returned no metric; {ALLOWED}"),
        ({"epoch": [1, 2]}, f"returned no metric; {ALLOWED}"),
        ({"loss": "low"}, f"returned no number: `loss`, a text; {ALLOWED}"),
        ({"loss": "low", 1: 2}, f"returned no number: `loss`, a text; `1`, no name; {ALLOWED}"),
        ({"loss": np.eye(2)}, f"returned no number: `loss`, a matrix of 2 × 2; {ALLOWED}"),
    ],
)
def test_a_trial_without_any_metric_has_failed(returned, message):
    found, left_out = checked(returned)
    assert (found, left_out) == (Outcome("failed", seconds=0.5, failure=f"mine:train {message}"), {})


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        ({"square": 1}, "returned `dict` for a trial; allowed: a nnsweep.trainers.Outcome"),
        (
            Outcome("banana", {"square": 1}),
            "returned the status 'banana'; allowed: ok, diverged, failed, crashed, timeout",
        ),
        (Outcome("ok", [1, 2]), "returned `list` of 2 as metrics; allowed: a dict"),
        (Outcome("ok", {"square": 1}, None), "returned nothing as history; allowed: a dict"),
    ],
)
def test_what_a_class_returns_is_checked_too(outcome, message):
    found, _ = check(outcome, FakeTrainer())
    assert (found.status, found.failure) == ("failed", f"{FakeTrainer.name} {message}")


def test_what_a_class_returns_becomes_pythons_own():
    given = Outcome(
        "ok",
        {"square": np.float32(0.5), "pid": np.ma.masked},
        {"square": np.array([1, 0.5]), "epoch": np.array([2, 4])},
        np.float64(2.0),
        None,
        {"dead": np.float32(0.25), "changed": NAN, "note": "text"},
    )
    found, left_out = check(given, FakeTrainer())
    history = {"square": [1.0, 0.5], "epoch": [2, 4]}
    assert (found, left_out) == (Outcome("ok", {"square": 0.5}, history, 2.0, None, {"dead": 0.25}), {})
    assert [type(value) for value in (found.seconds, *found.history["epoch"])] == [float, int, int]


@pytest.mark.parametrize("seconds", [None, "long", -1.0, NAN, math.inf, 10**400])
def test_seconds_that_are_none_are_zero(seconds):
    assert check(Outcome("ok", {"square": 1}, seconds=seconds), FakeTrainer()).outcome.seconds == 0.0


def test_a_failure_keeps_its_text_and_its_curve_and_no_result():
    found, _ = check(Outcome("failed", {"square": 1}, {"square": [1]}, 1.0, "no luck", {"dead": 1}), FakeTrainer())
    assert found == Outcome("failed", history={"square": [1.0]}, seconds=1.0, failure="no luck")


def test_many_numbers_are_taken_as_they_are():
    values = [float(value) for value in range(10)]
    assert read(values) is not values
    assert read(values) == values
