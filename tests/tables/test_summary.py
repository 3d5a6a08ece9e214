"""The summary against values worked out by hand and, independently, by pandas."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import trim_mean

from nnsweep.statistics.intervals import wilson
from nnsweep.tables.summary import describe
from tests.helpers.fake_sweeps import forum, outcomes_of, trials_of
from tests.helpers.frames import summary, trials_table

AXES = ["alpha", "epochs", "hidden"]


def table_of(rows: list[tuple[float, str, float, bool]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["alpha", "status", "error", "success"])
    return table.assign(error=table["error"].astype(float))


def forum_table() -> pd.DataFrame:
    trials = trials_of(forum())
    return trials_table(forum(), trials, outcomes_of(trials), ["error"])


def test_a_cell_worked_out_by_hand():
    rows = [(0.1, "ok", 0.01, True), (0.1, "ok", 0.02, True), (0.1, "ok", 0.06, False), (0.1, "ok", 0.07, False)]
    (cell,) = summary(table_of(rows), ["alpha"], ["error"], success=True).to_dict("records")
    assert (cell["alpha"], cell["n"], cell["missing"], cell["finished"], cell["successes"]) == (0.1, 4, 0, 4, 2)
    assert cell["rate"] == 0.5
    assert (cell["rate_low"], cell["rate_high"]) == pytest.approx((0.15004, 0.84996), abs=1e-5)
    assert cell["error_mean"] == pytest.approx(0.04, abs=1e-15)
    assert cell["error_sd"] == pytest.approx(math.sqrt(0.0026 / 3), abs=1e-15)
    assert (cell["error_median"], cell["error_min"], cell["error_max"]) == (0.04, 0.01, 0.07)
    assert cell["error_iqm"] == pytest.approx(0.04, abs=1e-15)
    assert (cell["error_median_low"], cell["error_median_high"]) == (0.01, 0.07)


def test_columns_stand_in_the_order_promised():
    assert summary(table_of([(0.1, "ok", 0.01, True)]), ["alpha"], ["error"], success=True).columns.tolist() == [
        *("alpha", "n", "missing", "finished", "successes", "rate", "rate_low", "rate_high"),
        *("error_mean", "error_sd", "error_median", "error_median_low", "error_median_high"),
        *("error_iqm", "error_iqm_low", "error_iqm_high", "error_min", "error_max", "diverged", "failed"),
    ]


def test_cells_keep_the_order_of_the_table():
    rows = [(alpha, "ok", 0.1, False) for alpha in (0.1, 0.02, 1.0, 0.1, 0.02, 1.0)]
    assert summary(table_of(rows), ["alpha"], ["error"])["alpha"].tolist() == [0.1, 0.02, 1.0]


def test_a_diverged_trial_is_no_success_but_counts_and_a_failed_one_does_not():
    rows = [(0.1, "ok", 0.01, True), (0.1, "diverged", math.nan, False), (0.1, "failed", math.nan, False)]
    rows += [(0.1, "crashed", math.nan, False), (0.1, "timeout", math.nan, False), (0.1, "missing", math.nan, False)]
    (cell,) = summary(table_of(rows), ["alpha"], ["error"]).to_dict("records")
    assert (cell["n"], cell["missing"], cell["finished"]) == (1, 5, 2)
    assert (cell["diverged"], cell["failed"]) == (1, 3)
    assert (cell["successes"], cell["rate"]) == (1, 0.5)
    assert (cell["error_mean"], cell["error_median"]) == (0.01, 0.01)
    assert math.isnan(cell["error_sd"])


def test_a_cell_without_any_value_is_there_and_says_so():
    rows = [(0.1, "failed", math.nan, False), (0.2, "ok", 0.3, False)]
    table = summary(table_of(rows), ["alpha"], ["error"])
    cell = table.to_dict("records")[0]
    assert (cell["n"], cell["missing"], cell["failed"], cell["finished"]) == (0, 1, 1, 0)
    assert table["successes"].tolist() == [pd.NA, 0]
    numbers = ["rate", "rate_low", "rate_high", *(name for name in cell if name.startswith("error_"))]
    assert all(math.isnan(cell[name]) for name in numbers)


def test_every_statistic_is_over_the_same_n_trials():
    table = table_of([(0.1, "ok", 0.5, False), (0.1, "ok", 0.1, False)]).assign(loss=[math.nan, 2.0])
    (cell,) = summary(table, ["alpha"], ["error", "loss"]).to_dict("records")
    assert (cell["n"], cell["missing"], cell["error_mean"], cell["loss_mean"]) == (1, 1, 0.1, 2.0)


def test_without_a_rule_there_are_no_rates():
    columns = summary(table_of([(0.1, "ok", 0.01, True)]), ["alpha"], ["error"], success=False).columns
    assert not {"finished", "successes", "rate", "rate_low", "rate_high"} & set(columns)


def test_without_axes_the_whole_table_is_one_cell_and_without_rows_there_is_none():
    table = table_of([(0.1, "ok", 0.25, False), (0.2, "ok", 0.75, False)])
    whole = summary(table, [], ["error"])
    assert (len(whole), whole["n"][0], whole["error_mean"][0]) == (1, 2, 0.5)
    assert len(summary(table.iloc[:0], ["alpha"], ["error"])) == 0
    assert len(summary(table.iloc[:0], [], ["error"])) == 0


def test_the_forum_agrees_with_pandas():
    table = forum_table()
    cells = summary(table, AXES, ["error"])
    groups = table.groupby(AXES, sort=False)
    expected = groups["error"].agg(["count", "mean", "std", "median", "min", "max"]).reset_index()
    assert len(cells) == 168
    pd.testing.assert_frame_equal(cells[AXES], expected[AXES])
    for ours, theirs in zip(["n", "error_mean", "error_sd"], ["count", "mean", "std"], strict=True):
        np.testing.assert_allclose(cells[ours], expected[theirs], rtol=1e-12)
    for name in ("median", "min", "max"):
        np.testing.assert_array_equal(cells[f"error_{name}"], expected[name])
    successes = groups["success"].sum().to_numpy()
    np.testing.assert_array_equal(cells["successes"], successes)
    np.testing.assert_array_equal(cells["rate"], successes / 50)
    np.testing.assert_array_equal(cells[["rate_low", "rate_high"]].T, wilson(successes, 50))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.randoms())
def test_statistics_agree_with_numpy_and_do_not_depend_on_the_order_of_trials(values, random):
    mean, sd, median, iqm, least, greatest = describe(values)
    assert iqm == pytest.approx(trim_mean(values, 0.25), rel=1e-9, abs=1e-9)
    assert mean == pytest.approx(np.mean(values), rel=1e-9, abs=1e-9)
    assert (median, least, greatest) == (np.median(values), min(values), max(values))
    if len(values) > 1:
        assert sd == pytest.approx(np.std(values, ddof=1), rel=1e-6, abs=1e-6)
    shuffled = random.sample(values, len(values))
    np.testing.assert_array_equal(describe(shuffled), (mean, sd, median, iqm, least, greatest))


def test_numbers_whose_squares_or_sums_overflow():
    found = describe([1e300, 3e300, -1e300])
    assert found == pytest.approx((1e300, 2e300, 1e300, 1e300, -1e300, 3e300))
    assert describe([1.5e308, 1.5e308])[:3] == pytest.approx((1.5e308, 0.0, 1.5e308))
