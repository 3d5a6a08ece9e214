"""Scales of swept axes."""

import pytest
from matplotlib.figure import Figure

from nnsweep.figures.axis_scale import axis_scale

FORUM = [n / 1000 for n in range(1, 10)] + [n / 100 for n in range(1, 6)]


@pytest.mark.parametrize(
    ("values", "log"),
    [
        (FORUM, True),
        ([1, 2, 3, 4, 5, 6], False),
        ([2, 4, 8], True),
        ([2, 4], False),
        ([0.003, 0.01, 0.03, 0.1, 0.3, 1.0], True),
        ([0, 1, 10, 100], False),
        ([-1, 1, 10, 100], False),
        ([10, 20, 30], False),
        ([5], False),
    ],
)
def test_a_scale_is_logarithmic_where_values_are_spaced_so(values, log):
    assert axis_scale(values).log is log


@pytest.mark.parametrize(
    ("values", "width", "labels"),
    [
        (FORUM, 3.0, [0.001, 0.002, 0.005, 0.01, 0.02, 0.05]),
        (FORUM, 0.9, [0.001, 0.01, 0.05]),
        ([1, 2, 3, 4, 5, 6], 3.0, [1, 2, 3, 4, 5, 6]),
        (list(range(1, 33)), 1.6, [1, 6, 11, 16, 21, 26, 31]),
    ],
)
def test_labels_are_values_that_have_room(values, width, labels):
    assert axis_scale(values).labelled(width) == labels


def test_every_value_has_a_tick():
    panel = Figure().add_subplot()
    axis_scale(FORUM).apply(panel, 3.0)
    assert panel.get_xscale() == "log"
    assert sorted({*panel.get_xticks(), *panel.get_xticks(minor=True)}) == pytest.approx(FORUM)
    assert [text.get_text() for text in panel.get_xticklabels()] == ["0.001", "0.002", "0.005", "0.01", "0.02", "0.05"]
    low, high = panel.get_xlim()
    assert low < 0.001 < 0.05 < high
