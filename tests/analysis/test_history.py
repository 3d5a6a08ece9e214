"""The history table: aggregated over seeds, epoch by epoch."""

import numpy as np
import pandas as pd
import pytest

from nnsweep.analysis import has_curves, history, trials_table
from nnsweep.trainers.protocol import Outcome
from tests.analysis.fakes import sweep_of, trials_of


def tabled(outcomes, metrics=("error",), seeds=2, **axes):
    sweep = sweep_of(seeds=seeds, **axes)
    trials = trials_of(sweep)
    found = {trial.id: outcome for trial, outcome in zip(trials, outcomes, strict=True) if outcome is not None}
    return history(sweep, trials, trials_table(sweep, trials, found, metrics), found, metrics)


def ok(*errors, **others):
    return Outcome("ok", {"error": errors[-1]}, {"error": list(errors), **others})


def test_a_row_for_each_cell_and_epoch():
    table = tabled([ok(4.0, 2.0), ok(6.0, 0.0), ok(1.0, 1.0), ok(1.0, 3.0)], alpha=(0.1, 0.2))
    expected = pd.DataFrame(
        {
            "alpha": [0.1, 0.1, 0.2, 0.2],
            "epoch": [1, 2, 1, 2],
            "n": [2, 2, 2, 2],
            "error_mean": [5.0, 1.0, 1.0, 2.0],
            "error_lower": [4.5, 0.5, 1.0, 1.5],
            "error_median": [5.0, 1.0, 1.0, 2.0],
            "error_upper": [5.5, 1.5, 1.0, 2.5],
        }
    )
    pd.testing.assert_frame_equal(table, expected)


def test_epochs_that_the_history_names():
    table = tabled([ok(4.0, 2.0, epoch=[5, 7]), ok(6.0, 0.0, epoch=[5, 7])])
    assert table["epoch"].tolist() == [5, 7]


def test_a_history_that_ends_early_counts_while_it_lasts():
    diverged = Outcome("diverged", {}, {"error": [8.0]})
    table = tabled([ok(4.0, 2.0), diverged])
    assert table["n"].tolist() == [2, 1]
    assert table["error_mean"].tolist() == [6.0, 2.0]


def test_trials_without_a_history_are_no_rows():
    assert tabled([None, Outcome("failed")]).empty
    assert tabled([None, ok(3.0)])["n"].tolist() == [1]
    assert list(tabled([None, None]).columns) == [
        *("epoch", "n", "error_mean", "error_lower", "error_median", "error_upper"),
    ]


def test_metrics_that_only_some_cells_have():
    second = Outcome("ok", {"loss": 1.0}, {"loss": [2.0, 1.0]})
    table = tabled([ok(4.0, 2.0)] * 2 + [second] * 2, metrics=("error", "loss"), case=("a", "b"))
    assert np.isnan(table["error_mean"]).tolist() == [False, False, True, True]
    assert np.isnan(table["loss_mean"]).tolist() == [True, True, False, False]
    assert table["n"].tolist() == [2, 2, 2, 2]


@pytest.mark.parametrize(("errors", "drawn"), [((1.0,), False), ((1.0, 2.0), True)])
def test_curves_need_two_epochs(errors, drawn):
    assert has_curves(tabled([ok(*errors)] * 2)) is drawn
