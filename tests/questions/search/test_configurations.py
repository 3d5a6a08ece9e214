"""Where configurations lie, and what they are worth."""

from __future__ import annotations

import numpy as np
import pytest

from nnsweep.design.places import AxisPlaces
from nnsweep.design.search import Space
from nnsweep.design.sweep import Axis, Success
from tests.helpers.searches import UNIT, searched


def test_places_are_shares_of_the_scale():
    log = AxisPlaces("a", Space(0.001, 1, log=True))
    assert log.places([0.001, 0.1, 1, 2, "none"]).tolist() == pytest.approx([0, 2 / 3, 1, np.nan, np.nan], nan_ok=True)
    whole = AxisPlaces("b", Space(2, 8, whole=True))
    assert whole.places([2, 5, 8]).tolist() == [0, 0.5, 1]


def test_values_of_a_list_have_equal_distances():
    numbers = AxisPlaces.of(Axis("n", "n", (80, 5, 20)), (), absent=False)
    assert (numbers.levels, numbers.categories) == ((5, 20, 80), False)
    assert numbers.places([20, 5]).tolist() == pytest.approx([0.5, 1 / 6])
    names = AxisPlaces.of(Axis("o", "o", ("sgd", "adam")), (), absent=False)
    assert (names.levels, names.categories) == (("sgd", "adam"), True)
    assert names.level(np.array([0.1, 0.6, 1.0])).tolist() == [0.25, 0.75, 0.75]


def test_an_axis_that_does_not_count_has_no_place():
    rows = [("sgd", 0.9), ("momentum", 0.5), ("momentum", 1.0)]
    spaces = {"optimizer": None, "momentum": UNIT}
    found = searched(rows, spaces, lambda *_: 1.0, conditions={"momentum": (("optimizer", ("momentum",)),)})
    assert found.places[:, 1].tolist() == pytest.approx([np.nan, 0.5, 1.0], nan_ok=True)
    assert found.axes[1].conditions == (("optimizer", ("momentum",)),)


def test_a_configuration_half_of_which_diverged_has_no_value():
    """Of 0.1, 0.3, 0.2, the median is 0.2; of 0.1 and two that diverged, it is that of a diverged one."""

    def loss(alpha, seed):
        return [0.1, 0.3, 0.2][seed] if alpha == 0.5 else "diverged" if seed else 0.1

    found = searched([(0.5,), (0.7,)], {"alpha": UNIT}, loss, seeds=3)
    assert found.value.tolist() == pytest.approx([0.2, np.nan], nan_ok=True)
    assert (found.rank.tolist(), found.flawed.tolist()) == ([0, 1], [False, True])
    assert found.quartiles[:, 0].tolist() == pytest.approx([0.15, 0.25])


def test_success_is_a_rate():
    found = searched(
        [(0.1,), (0.9,)], {"alpha": UNIT}, lambda alpha, seed: alpha + seed, 4, success=Success("loss", 1.5)
    )
    assert (found.value.tolist(), found.name, found.is_better_higher) == ([0.5, 0.25], "success rate", True)


def test_checkpoints_of_a_halving_are_one_training():
    rows = [(0.1, 5), (0.2, 5), (0.2, 20)]
    found = searched(rows, {"alpha": UNIT, "epochs": None}, lambda *_: 1.0, method="halving")
    assert found.training.tolist() == [0, 1, 1]
    assert found.last.tolist() == [True, False, True]
