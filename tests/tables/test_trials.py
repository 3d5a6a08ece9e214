"""The trials table, row by row."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from nnsweep.design.sweep import Success
from nnsweep.trainers.protocol import Outcome
from tests.helpers.fake_sweeps import forum, outcomes_of, sweep_of, trials_of
from tests.helpers.frames import trials_table

SMALL = sweep_of(alpha=(0.1, 0.01), hidden=((2,), (8, 8)), seeds=2)


def test_rows_are_trials_in_grid_order_and_columns_are_as_promised():
    trials = trials_of(SMALL)
    outcomes = {trial.id: Outcome("ok", {"error": n / 100}) for n, trial in enumerate(trials)}
    expected = pd.DataFrame(
        {
            "id": [f"{n:016x}" for n in range(8)],
            "alpha": [0.1] * 4 + [0.01] * 4,
            "hidden": ["2", "2", "8-8", "8-8"] * 2,
            "seed": [0, 1] * 4,
            "status": ["ok"] * 8,
            "error": [n / 100 for n in range(8)],
            "success": [True] * 5 + [False] * 3,
            "signature": [""] * 5 + ["not diagnosed"] * 3,
        }
    )
    pd.testing.assert_frame_equal(trials_table(SMALL, trials, outcomes, ["error"]), expected, check_exact=True)


def test_a_list_of_one_width_is_a_number_where_all_are():
    sweep = sweep_of(hidden=((2,), (4,)), seeds=1)
    table = trials_table(sweep, trials_of(sweep), {}, [])
    assert table["hidden"].tolist() == [2, 4]
    assert table["hidden"].dtype == np.int64


def test_every_way_to_end_has_its_status_and_no_metric_is_nan():
    trials = trials_of(sweep_of(seeds=6))
    statuses = ["ok", "diverged", "failed", "crashed", "timeout"]
    outcomes = {t.id: Outcome(s, {"error": 0.01} if s == "ok" else {}) for t, s in zip(trials, statuses, strict=False)}
    table = trials_table(sweep_of(seeds=6), trials, outcomes, ["error"])
    assert table["status"].tolist() == [*statuses, "missing"]
    assert table["error"].notna().tolist() == [True, False, False, False, False, False]
    assert table["success"].tolist() == [True, False, False, False, False, False]
    assert table["success"].dtype == bool


@pytest.mark.parametrize(
    ("success", "expected"),
    [
        (Success("error", below=0.05), [True, False, False]),
        (Success("error", above=0.05), [False, False, True]),
    ],
)
def test_a_bound_itself_is_no_success(success, expected):
    sweep = dataclasses.replace(sweep_of(seeds=3), success=success)
    trials = trials_of(sweep)
    outcomes = {t.id: Outcome("ok", {"error": e}) for t, e in zip(trials, (0.04, 0.05, 0.06), strict=True)}
    assert trials_table(sweep, trials, outcomes, ["error"])["success"].tolist() == expected


def test_success_may_be_of_a_metric_that_is_not_tabled():
    sweep = sweep_of(seeds=1)
    (trial,) = trials_of(sweep)
    table = trials_table(sweep, [trial], {trial.id: Outcome("ok", {"error": 0.01, "loss": 3.0})}, ["loss"])
    assert table.columns.tolist() == ["id", "seed", "status", "loss", "success", "signature"]
    assert table["success"].tolist() == [True]


def test_without_a_rule_there_is_no_column_of_successes():
    sweep = dataclasses.replace(sweep_of(seeds=1), success=None)
    found = trials_table(sweep, trials_of(sweep), {}, ["error"]).columns.tolist()
    assert found == ["id", "seed", "status", "error", "signature"]


def test_no_trials_make_an_empty_table():
    table = trials_table(SMALL, [], {}, ["error"])
    assert table.columns.tolist() == ["id", "alpha", "hidden", "seed", "status", "error", "success", "signature"]
    assert len(table) == 0


def test_the_forum_has_8400_rows():
    trials = trials_of(forum())
    table = trials_table(forum(), trials, outcomes_of(trials), ["error"])
    assert len(table) == 8400
    assert table["id"].tolist() == [trial.id for trial in trials]
