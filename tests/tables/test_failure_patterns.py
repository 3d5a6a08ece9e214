"""Every failing trial has one signature: the first that fits it, `unexplained` if none does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnsweep.design.sweep import Success
from nnsweep.questions.diagnose.table import diagnosis, met
from nnsweep.tables.failure_patterns import CONDITIONS, NUMBERS, SIGNATURES, numbers
from nnsweep.trainers.protocol import Outcome
from tests.helpers.fake_sweeps import ends_of, sweep_of, trials_of
from tests.helpers.frames import trials_table

RULE = Success("error", below=0.05)
LOST = {"error": 0.5}
WON = {"error": 0.01}


def signature(outcome: Outcome | None, success: Success | None = RULE) -> str:
    sweep = replace(sweep_of(seeds=1), success=success)
    (trial,) = trials_of(sweep)
    outcomes = {} if outcome is None else {trial.id: outcome}
    return trials_table(sweep, trials_of(sweep), outcomes, ["error"])["signature"][0]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, "not diagnosed"),
        ({"dead": 0.25, "output_range": 1.0, "changed": 0.5}, "unexplained"),
        ({"dead": 1.0}, "all units dead"),
        ({"dead": 0.99}, "many units dead"),
        ({"dead": 0.5}, "many units dead"),
        ({"dead": 0.49}, "unexplained"),
        ({"saturated": 0.9}, "units saturated"),
        ({"saturated": 0.89}, "unexplained"),
        ({"changed": 0.0}, "never updated"),
        ({"changed": 1e-9}, "unexplained"),
        ({"output_range": 0.01}, "constant output"),
        ({"output_range": 0.0101}, "unexplained"),
        ({"dead": 1.0, "output_range": 0.0, "changed": 0.0}, "all units dead"),
        ({"saturated": 1.0, "output_range": 0.0, "changed": 0.0}, "units saturated"),
        ({"dead": 0.5, "output_range": 0.0, "changed": 0.0}, "never updated"),
        ({"dead": 0.5, "output_range": 0.0, "changed": 1.0}, "constant output"),
    ],
)
def test_the_first_that_fits_is_the_signature(told, expected):
    assert signature(Outcome("ok", LOST, diagnosis=told)) == expected
    assert signature(Outcome("ok", WON, diagnosis=told)) == ""


@pytest.mark.parametrize("status", ["diverged", "failed", "crashed", "timeout"])
def test_what_did_not_end_well_is_told_by_how_it_ended(status):
    assert signature(Outcome(status)) == status
    assert signature(Outcome(status, diagnosis={"dead": 1.0, "nonfinite_epoch": 3.0})) == status
    assert signature(Outcome(status), success=None) == status


def test_what_was_not_judged_does_not_fail():
    dead = {"dead": 1.0}
    assert signature(None) == ""
    assert signature(Outcome("ok", LOST, diagnosis=dead), success=None) == ""
    assert signature(Outcome("ok", LOST, diagnosis=dead), Success("accuracy", above=0.9)) == ""


shares = st.sampled_from([0.0, 0.005, 0.3, 0.5, 0.9, 1.0])
outcomes = st.builds(
    Outcome,
    status=st.sampled_from(["ok", "diverged", "failed", "crashed", "timeout"]),
    metrics=st.sampled_from([LOST, WON, {}]),
    diagnosis=st.dictionaries(st.sampled_from(list(NUMBERS)), shares),
)


@given(st.lists(st.none() | outcomes, min_size=1, max_size=12), st.booleans())
def test_each_has_at_most_one_and_together_they_are_all_that_fail(found, judged):
    sweep = replace(sweep_of(seeds=len(found)), success=RULE if judged else None)
    trials = trials_of(sweep)
    given = {trial.id: outcome for trial, outcome in zip(trials, found, strict=True) if outcome is not None}
    table = trials_table(sweep, trials, given, ["error"])
    counts = diagnosis(table, pd.DataFrame(numbers(ends_of(found))), []).loc[0]

    ended = [outcome for outcome in found if outcome is not None]
    lost = [outcome.status != "ok" or (judged and outcome.metrics == LOST) for outcome in ended]
    assert (counts["n"], counts["failing"]) == (len(ended), sum(lost))
    named = ["failed" if name in ("crashed", "timeout") else name for name in SIGNATURES]
    assert sum(counts[name.replace(" ", "_")] for name in dict.fromkeys(named)) == counts["failing"]
    assert set(table["signature"]) <= {"", *SIGNATURES}
    for name in CONDITIONS:
        column = name.replace(" ", "_")
        assert counts[column] <= counts[f"with_{column}"] <= counts["failing"]


def test_conditions_are_counted_whatever_the_signature_is():
    dead, constant = {"dead": 1.0, "output_range": 0.0}, {"dead": 0.0, "output_range": 0.0}
    found = [Outcome("ok", LOST, diagnosis=each) for each in (dead, dead, constant)]
    found.append(Outcome("ok", WON, diagnosis={"dead": 0.5, "output_range": 1.0}))
    sweep = sweep_of(seeds=4)
    trials = trials_of(sweep)
    table = trials_table(sweep, trials, {t.id: o for t, o in zip(trials, found, strict=True)}, ["error"])
    assert table["signature"].tolist() == ["all units dead", "all units dead", "constant output", ""]
    counts = met(table, pd.DataFrame(numbers(ends_of(found))))
    assert counts.to_dict("index") == {
        "all units dead": {"failing": 2, "others": 0},
        "constant output": {"failing": 3, "others": 0},
        "many units dead": {"failing": 2, "others": 1},
    }


def test_a_number_that_was_not_told_is_nan():
    found = numbers(ends_of([None, Outcome("ok"), Outcome("ok", diagnosis={"dead": 0.5})]))
    assert {name: np.isnan(values).tolist() for name, values in found.items()} == {
        name: [True, True, name != "dead"] for name in NUMBERS
    }
