"""The table and the histograms of activations, on layers that are small enough to count by hand."""

import numpy as np
import pytest

from nnsweep.questions.initialization.table import BINS, activations_table, format_activations, histograms, rounded_up


def test_shares_of_dead_nought_and_saturated_counted_by_hand():
    relu = np.array([[[0.0, 1.0, 0.0, 2.0], [0.0, 0.0, 0.0, 1.0]]])
    tanh = np.array([[[0.97, 0.99], [-0.99, 0.0]]])  # saturated from 0.98 on: 1 % of the distance from −1 to 1
    sigmoid = np.array([[[0.005, 0.5], [0.015, 0.995]]])
    found = activations_table({("relu", "x"): relu, ("tanh", "x"): tanh, ("sigmoid", "x"): sigmoid})
    assert found[["dead", "zero"]].iloc[0].tolist() == [0.5, 5 / 8]
    assert found["saturated"].iloc[1:].tolist() == [0.5, 0.5]
    assert found["saturated"].isna().tolist() == [True, False, False]
    assert found["dead"].isna().tolist() == found["zero"].isna().tolist() == [False, True, True]


def test_numbers_have_six_digits_so_that_last_bits_do_not_show():
    layer = np.random.default_rng(0).normal(size=(1, 50, 4))
    first, nudged = (activations_table({("tanh", "x"): each}) for each in (layer, layer * (1 + 1e-13)))
    assert first.equals(nudged)
    assert first["mean"][0] == pytest.approx(layer.mean(), rel=1e-5)


def test_histograms_hold_every_layer_on_the_bins_of_its_row():
    layers = np.random.default_rng(0).uniform(0, [[[1.0]], [[3.7]]], size=(2, 100, 10))
    found = histograms({("relu", "x"): layers})
    assert len(found) == 2 * BINS
    assert (found["low"].min(), found["high"].max()) == (0.0, 4.0)
    np.testing.assert_allclose(found.groupby("layer")["share"].sum(), 1.0, rtol=1e-12)
    inside = found[(found["layer"] == 1) & (found["high"] > 1.1)]
    assert (inside["share"] == 0).all()
    first = found.iloc[0]
    assert first["share"] == (layers[0] < first["high"]).mean()


@pytest.mark.parametrize(("activation", "ends"), [("sigmoid", (0.0, 1.0)), ("tanh", (-1.0, 1.0))])
def test_what_has_asymptotes_is_counted_between_them(activation, ends):
    found = histograms({(activation, "x"): np.full((1, 5, 5), 0.25)})
    assert (found["low"].min(), found["high"].max()) == ends


def test_a_network_all_of_whose_activations_are_nought_has_bins_too():
    found = histograms({("relu", "x"): np.zeros((2, 5, 5))})
    assert found["share"].tolist() == [1.0, *[0.0] * (BINS - 1)] * 2


@pytest.mark.parametrize("power", range(-12, 13))
def test_an_axis_ends_at_a_round_number_that_is_no_less(power):
    for step in (1.0, 1.01, 2.5, 9.99):
        value = step * 10.0**power
        assert value <= rounded_up(value) <= 1.5 * value


def test_what_is_told_names_a_network_once_and_leaves_blank_what_does_not_apply():
    table = activations_table({("tanh", "He"): np.array([[[0.0, 0.5]], [[1.0, 1.0]]])})
    assert format_activations(table).splitlines() == [
        "activation initialisation layer mean   sd dead zero saturated",
        "tanh       He                 1 0.25 0.25               0.0 %",
        "                              2    1    0             100.0 %",
    ]
