"""Which axis stands where."""

from __future__ import annotations

import pytest

from nnsweep.design.sweep import Report
from nnsweep.tables import choose_layout
from tests.helpers.fake_sweeps import ALPHAS, forum, sweep_of


def places(report: Report | None = None, **axes):
    layout = choose_layout(sweep_of(report, **axes))
    return layout.rows, layout.columns, layout.panels, layout.rest


def test_the_forum():
    layout = choose_layout(forum())
    assert (layout.rows, layout.columns, layout.panels, layout.rest) == ("alpha", "epochs", "hidden", ())
    assert layout.values == {"alpha": ALPHAS, "epochs": (1, 2, 3, 4, 5, 6), "hidden": (2, 4)}


NUMBERS = {"short": (1, 2), "long": (1, 2, 3, 4), "middle": (1, 2, 3)}


@pytest.mark.parametrize(
    ("axes", "expected"),
    [
        ({}, (None, None, None, ())),
        ({"a": (1, 2)}, ("a", None, None, ())),
        ({"a": (1, 2), "b": (1, 2, 3)}, ("b", "a", None, ())),
        ({"a": (1, 2), "b": (3, 4), "c": (5, 6)}, ("a", "b", "c", ())),
        (NUMBERS, ("long", "middle", "short", ())),
        ({"name": ("x", "y", "z"), "number": (1, 2)}, ("number", "name", None, ())),
        ({"flag": (True, False), "number": (1, 2)}, ("number", "flag", None, ())),
        ({"one": (5,), "name": ("x", "y")}, ("name", "one", None, ())),
        ({"widths": ((8, 8), (4, 4, 4)), "number": (1, 2)}, ("number", "widths", None, ())),
        ({"d": ("p", "q"), **NUMBERS, "f": ("x", "y")}, ("long", "middle", "short", ("d", "f"))),
    ],
)
def test_numeric_axes_come_first_and_the_longest_of_them(axes, expected):
    assert places(**axes) == expected


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (Report(rows="short"), ("short", "long", "middle", ())),
        (Report(panels="long"), ("middle", "short", "long", ())),
        (Report("middle", "short", "long"), ("middle", "short", "long", ())),
    ],
)
def test_what_the_report_asks_for_goes_before(report, expected):
    assert places(report, **NUMBERS) == expected


def test_a_report_may_name_an_axis_by_its_parameter():
    assert places(Report(columns="learning_rate"), alpha=(1, 2, 3), epochs=(1, 2)) == ("epochs", "alpha", None, ())
