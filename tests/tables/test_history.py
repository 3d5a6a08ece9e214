"""The history table: aggregated over seeds, epoch by epoch."""

import math
from itertools import zip_longest

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnsweep.tables import has_curves
from nnsweep.trainers.protocol import Outcome
from tests.helpers.fake_sweeps import sweep_of, trials_of
from tests.helpers.frames import history, summary, trials_table
from tests.helpers.pace import seconds_of


def tabled(outcomes, metrics=("error",), seeds=2, **axes):
    sweep = sweep_of(seeds=seeds, **axes)
    trials = trials_of(sweep)
    found = {trial.id: outcome for trial, outcome in zip(trials, outcomes, strict=True) if outcome is not None}
    return history(sweep, trials, trials_table(sweep, trials, found, metrics), found, metrics)


def ok(*errors, **others):
    return Outcome("ok", {"error": errors[-1]}, {"error": list(errors), **others})


def test_trials_that_diverged_at_once_have_no_history():
    at_once = Outcome("diverged", {}, {"error": []})
    assert tabled([at_once, None]).empty
    assert tabled([at_once, ok(4.0, 2.0)])["n"].tolist() == [1, 1]


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
            "error_median_low": [4.0, 0.0, 1.0, 1.0],
            "error_median_high": [6.0, 2.0, 1.0, 3.0],
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
        *("error_median_low", "error_median_high"),
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
    assert has_curves(tabled([ok(*errors)] * 4, alpha=(0.1, 0.2))) is drawn


def test_curves_need_two_epochs_of_one_cell():
    assert has_curves(tabled([ok(1.0, epoch=[6])] * 2 + [ok(1.0, epoch=[8])] * 2, alpha=(0.1, 0.2))) is False
    assert has_curves(tabled([None, None])) is False


@given(
    st.lists(st.lists(st.floats(-1e9, 1e9) | st.just(math.nan), min_size=1, max_size=4), min_size=2, max_size=6),
    st.randoms(),
)
def test_statistics_are_those_of_each_epoch_whatever_the_order(histories, random):
    outcomes = [ok(*errors) for errors in histories]
    table = tabled(outcomes, seeds=len(outcomes))
    epochs = list(zip_longest(*histories, fillvalue=math.nan))
    for row, values in zip(table.to_dict("records"), epochs, strict=True):
        known = [value for value in values if not math.isnan(value)]
        expected = [np.mean(known), *np.percentile(known, [25, 50, 75])] if known else [math.nan] * 4
        got = [row[f"error_{name}"] for name in ("mean", "lower", "median", "upper")]
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-6)
    random.shuffle(outcomes)
    assert tabled(outcomes, seeds=len(outcomes)).to_csv() == table.to_csv()


def test_the_last_epoch_is_that_of_the_summary():
    rng = np.random.default_rng(3)
    sweep = sweep_of(seeds=9, alpha=(0.1, 0.2))
    trials = trials_of(sweep)
    found = {trial.id: ok(*rng.random(5).tolist()) for trial in trials}
    table = trials_table(sweep, trials, found, ["error"])
    last = history(sweep, trials, table, found, ["error"]).query("epoch == 5").reset_index(drop=True)
    expected = summary(table, ["alpha"], ["error"])
    assert last[["error_mean", "error_median"]].equals(expected[["error_mean", "error_median"]])


def test_many_cells_and_long_histories_take_less_than_percentiles_of_a_tenth_of_the_rows():
    """A third of that is usual; one row at a time took ten times that."""
    outcomes, tables = [ok(*range(150))] * 50, []
    ours, rows = seconds_of(
        lambda: tables.append(tabled(outcomes, seeds=1, alpha=tuple(range(50)))),
        lambda: [np.percentile([1.0], [25, 50, 75]) for _ in range(750)],
        rounds=3,
    )
    assert len(tables[0]) == 7_500
    assert ours < rows
