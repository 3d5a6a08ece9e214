"""Matrices, their panels, pages and differences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nnsweep.tables import Layout, choose_layout, difference, matrices, pages
from tests.helpers.fake_sweeps import ALPHAS, forum, outcomes_of, sweep_of, trials_of
from tests.helpers.frames import matrix, summary, trials_table

LAYOUT = Layout("alpha", "epochs", "hidden", (), {"alpha": (0.1, 0.02), "epochs": (1, 10, 2), "hidden": (4, 2)})


def cells() -> pd.DataFrame:
    """Six cells a panel, told apart by their value; the first of the second panel is not in the grid."""
    rows = [(a, e, h) for a in (0.1, 0.02) for e in (1, 10, 2) for h in (4, 2)]
    frame = pd.DataFrame(rows, columns=["alpha", "epochs", "hidden"])
    frame = frame.assign(successes=range(12), error_median=np.arange(12) / 8)
    return frame.drop(index=1)


def test_rows_run_down_and_columns_across_in_grid_order():
    expected = pd.DataFrame(
        [[0, 2, 4], [6, 8, 10]], index=pd.Index([0.1, 0.02], name="alpha"), columns=pd.Index([1, 10, 2], name="epochs")
    )
    pd.testing.assert_frame_equal(matrix(cells(), LAYOUT, "successes", (("hidden", 4),)), expected)


def test_an_excluded_cell_is_missing_and_counts_stay_integers():
    found = matrix(cells(), LAYOUT, "successes", (("hidden", 2),))
    assert found.dtypes.astype(str).tolist() == ["Int64"] * 3
    assert found.index.tolist() == [0.1, 0.02]
    assert found.columns.tolist() == [1, 10, 2]
    assert found.isna().to_numpy().tolist() == [[True, False, False], [False, False, False]]
    assert found.to_numpy()[1].tolist() == [7, 9, 11]


def test_other_numbers_are_floats():
    found = matrix(cells(), LAYOUT, "error_median", (("hidden", 2),))
    np.testing.assert_array_equal(found, [[np.nan, 0.375, 0.625], [0.875, 1.125, 1.375]])


def test_panels_stand_in_grid_order():
    found = matrices(cells(), LAYOUT, "successes")
    assert list(found) == [(("hidden", 4),), (("hidden", 2),)]
    assert [int(frame.sum().sum()) for frame in found.values()] == [30, 35]


def test_a_value_that_an_include_added_comes_last():
    extra = pd.DataFrame({"alpha": [0.5], "epochs": [1], "hidden": [4], "successes": [99], "error_median": [1.0]})
    found = matrix(pd.concat([cells(), extra], ignore_index=True), LAYOUT, "successes", (("hidden", 4),))
    assert found.index.tolist() == [0.1, 0.02, 0.5]
    assert found.loc[0.5].tolist()[0] == 99


def test_the_last_panel_minus_the_first():
    found = difference(cells(), LAYOUT, "successes")
    assert found is not None
    assert found.isna().to_numpy().tolist() == [[True, False, False], [False, False, False]]
    assert found.to_numpy()[1].tolist() == [1, 1, 1]
    assert difference(cells(), Layout("alpha", "epochs", None, ("hidden",)), "successes", (("hidden", 4),)) is None


def test_fewer_axes_leave_one_row_or_one_column():
    one = cells().query("hidden == 4 and epochs == 1")
    assert matrix(one, Layout("alpha"), "successes").to_dict() == {"successes": {0.1: 0, 0.02: 6}}
    assert matrix(one, Layout(None, "alpha"), "successes").to_dict("list") == {0.1: [0], 0.02: [6]}
    assert matrix(one.iloc[:1], Layout(), "successes").to_dict() == {"successes": {"successes": 0}}
    assert list(matrices(one, Layout("alpha"), "successes")) == [()]


def test_axes_beyond_three_make_pages():
    layout = Layout("alpha", None, "epochs", ("hidden",), LAYOUT.values)
    assert pages(cells(), layout) == [(("hidden", 4),), (("hidden", 2),)]
    found = matrices(cells(), layout, "successes", (("hidden", 2),))
    assert list(found) == [(("epochs", 1),), (("epochs", 10),), (("epochs", 2),)]
    assert found[(("epochs", 10),)].to_dict() == {"successes": {0.1: 3, 0.02: 9}}
    everything = matrices(cells(), layout, "successes")
    assert list(everything)[:2] == [(("hidden", 4), ("epochs", 1)), (("hidden", 4), ("epochs", 10))]
    assert len(everything) == 6
    assert pages(cells(), LAYOUT) == [()]


@pytest.mark.parametrize(
    "axes",
    [
        {"activation": ("tanh", "relu"), "standardize": (True, False)},
        {"hidden": ((2,), (8, 8)), "epochs": (2, 1)},
        {"alpha": (1, 0.5), "case": ("b", "a")},
    ],
)
def test_any_kind_of_value_finds_its_cell(axes):
    sweep = sweep_of(seeds=1, **axes)
    trials = trials_of(sweep)
    table = trials_table(sweep, trials, outcomes_of(trials), ["error"])
    layout = choose_layout(sweep)
    (found,) = matrices(summary(table, list(axes), ["error"]), layout, "error_median").values()
    assert found.index.name == layout.rows
    assert found.shape == (2, 2)
    by_hand = {(row[layout.rows], row[layout.columns]): row["error"] for row in table.to_dict("records")}
    for row in found.index:
        for column in found.columns:
            assert found.loc[row, column] == by_hand[row, column]
    assert [found.index.tolist(), found.columns.tolist()] == [
        list(dict.fromkeys(table[layout.rows])),
        list(dict.fromkeys(table[layout.columns])),
    ]


def test_the_forum_matrices_are_14_by_6_and_agree_with_a_pivot():
    trials = trials_of(forum())
    table = trials_table(forum(), trials, outcomes_of(trials), ["error"])
    found = matrices(summary(table, ["alpha", "epochs", "hidden"], ["error"]), choose_layout(forum()), "successes")
    for ((_, hidden),), frame in found.items():
        pivot = table[table["hidden"] == hidden].pivot_table("success", "alpha", "epochs", "sum")
        assert frame.index.tolist() == list(ALPHAS)
        pd.testing.assert_frame_equal(frame, pivot.astype("int64"))
    assert list(found) == [(("hidden", 2),), (("hidden", 4),)]
