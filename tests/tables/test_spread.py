"""Every trial's value, and boxes."""

import numpy as np
import pandas as pd
import pytest

from nnsweep.design.columns import PLACE, VALUE
from nnsweep.tables.spread import boxes, points


def trials():
    return pd.DataFrame(
        {
            "alpha": [0.1] * 5 + [0.2] * 5,
            "seed": [3, 1, 2, 5, 4] * 2,
            "status": ["ok"] * 9 + ["diverged"],
            "error": [0.3, 0.1, 0.2, 0.5, 0.4, 0.7, 0.7, np.inf, 0.7, np.nan],
        }
    )


def test_a_trial_has_the_place_of_its_seed_in_every_strip():
    found = points(trials(), ["alpha"], "error", "seed")
    assert found[VALUE].tolist() == [0.3, 0.1, 0.2, 0.5, 0.4, 0.7, 0.7, 0.7]
    assert found[PLACE].tolist() == pytest.approx([0.5, 0.1, 0.3, 0.9, 0.7, 0.5, 0.1, 0.9])


def test_without_seeds_all_stand_in_the_middle():
    assert points(trials(), ["alpha", "seed"], "error", None)[PLACE].unique().tolist() == [0.5]


def test_boxes_are_of_finite_values_and_the_others_are_counted():
    found = boxes(trials(), ["alpha"], "error")
    assert found["alpha"].tolist() == [0.1, 0.2]
    assert found["lost"].tolist() == [0, 2]
    expected = np.quantile([0.3, 0.1, 0.2, 0.5, 0.4], [0.25, 0.5, 0.75])
    np.testing.assert_allclose(found.loc[0, ["lower", "median", "upper"]].to_numpy(float), expected)
    np.testing.assert_allclose(found.loc[1, ["lower", "median", "upper"]].to_numpy(float), 0.7)


def test_without_axes_there_is_one_box():
    assert len(boxes(trials(), [], "error")) == 1
