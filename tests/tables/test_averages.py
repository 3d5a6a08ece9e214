"""Averages over axes, and which axes are drawn against, averaged and made panels."""

import numpy as np
import pandas as pd
import pytest

from nnsweep.design.columns import CELLS, HIGH, LOW, VALUE
from nnsweep.statistics.intervals import wilson
from nnsweep.tables import Layout
from nnsweep.tables.averages import Measure, View, averages, overview, single

ALPHA, EPOCHS, CASES = (0.1, 0.2), (1, 2, 3), ("as posted", "fixed")


def cells():
    """Successes of ten seeds, counted by hand in the tests."""
    frame = pd.DataFrame(
        {"alpha": [0.1, 0.1, 0.2, 0.2], "epochs": [1, 2, 1, 2], "successes": [0, 4, 5, 10], "finished": 10}
    )
    low, high = wilson(frame["successes"], frame["finished"])
    return frame.assign(rate=frame["successes"] / 10, rate_low=low, rate_high=high)


def test_every_cell_counts_the_same_and_intervals_are_averaged():
    found = averages(cells(), ["alpha"], Measure.of(None))
    assert list(found.columns) == ["alpha", CELLS, VALUE, LOW, HIGH]
    assert found["alpha"].tolist() == [0.1, 0.2]
    assert found[CELLS].tolist() == [2, 2]
    np.testing.assert_allclose(found[VALUE], [0.2, 0.75])
    # Wilson's intervals of 0, 4, 5 and 10 of 10, from statsmodels.stats.proportion.proportion_confint
    np.testing.assert_allclose(found[LOW], [(0 + 0.168180) / 2, (0.236593 + 0.722467) / 2], atol=1e-6)
    np.testing.assert_allclose(found[HIGH], [(0.277533 + 0.687326) / 2, (0.763407 + 1) / 2], atol=1e-6)


def test_of_one_cell_the_average_is_the_cell():
    found = averages(cells(), ["alpha", "epochs"], Measure.of(None))
    pd.testing.assert_series_equal(found[LOW], cells()["rate_low"], check_names=False)
    pd.testing.assert_series_equal(found[VALUE], cells()["rate"], check_names=False)


def test_cells_without_a_value_count_for_nothing_and_intervals_may_be_missing():
    frame = cells().assign(error_median=[0.5, np.nan, np.nan, np.nan])
    found = averages(frame, ["alpha"], Measure.of("error"))
    assert found.drop(columns=[LOW, HIGH]).to_dict("list") == {"alpha": [0.1], CELLS: [1], VALUE: [0.5]}
    assert found[[LOW, HIGH]].isna().to_numpy().all()


@pytest.mark.parametrize(
    ("places", "values", "expected"),
    [
        (
            ("alpha", "epochs", "hidden"),
            {"alpha": ALPHA, "epochs": EPOCHS, "hidden": (2, 4)},
            View(("alpha", "epochs"), "hidden"),
        ),
        (
            ("case", "alpha", "hidden"),
            {"alpha": ALPHA, "hidden": (2, 4), "case": CASES},
            View(("alpha",), "hidden", ("case",)),
        ),
        (("alpha", "case", None), {"alpha": ALPHA, "case": CASES}, View(("alpha",), "case")),
        (("alpha", "epochs", None), {"alpha": ALPHA, "epochs": EPOCHS}, View(("alpha", "epochs"))),
        (("alpha", None, None), {"alpha": ALPHA}, View(("alpha",))),
        (
            ("case", "act", "alpha"),
            {"case": CASES, "act": ("a", "b"), "alpha": ALPHA},
            View(("alpha",), "act", ("case",)),
        ),
        (("alpha", "case", None), {"alpha": (0.1,), "case": CASES}, None),
        (("bias", "case", None), {"bias": (True, False), "case": CASES}, None),
    ],
)
def test_numbers_are_drawn_against_and_names_are_lines_or_panels(places, values, expected):
    assert overview(Layout(*places, values=values)) == expected


def test_against_one_axis_nothing_is_averaged():
    values = {"alpha": ALPHA, "epochs": EPOCHS, "hidden": (2, 4), "case": CASES}
    layout = Layout("epochs", "alpha", "hidden", rest=("case",), values=values)
    assert single(layout, "epochs") == View(("epochs",), "hidden", ("alpha", "case"))
    assert single(layout, "hidden") == View(("hidden",), None, ("alpha", "epochs", "case"))


def test_an_axis_may_be_called_what_a_value_is():
    found = averages(cells().rename(columns={"alpha": "value"}), ["value"], Measure.of(None))
    assert list(found.columns) == ["value", CELLS, VALUE, LOW, HIGH]
