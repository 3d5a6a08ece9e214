"""Numbers, labels and titles as figures say them."""

from __future__ import annotations

import pandas as pd
import pytest

from nnsweep.design.sweep import Axis, Success, Sweep
from nnsweep.figures.scale import Scale
from nnsweep.figures.style import TITLE, text_size
from nnsweep.figures.text import (
    broken,
    cell_texts,
    difference_title,
    fitted,
    median_title,
    notes,
    settings_text,
    success_title,
    tick_labels,
)

FORUM = Sweep(
    name="forum",
    trainer="mlp",
    axes=(Axis("hidden", "hidden", (2, 4)), Axis("seed", "seed", tuple(range(50)))),
    success=Success("error", below=0.05),
)


def said(*values, signed=False):
    return cell_texts([pd.DataFrame([list(values)])], signed)[0][0]


def test_counts_are_whole_and_missing_ones_say_nothing():
    frame = pd.DataFrame([[9, None]], dtype="Int64")
    assert cell_texts([frame]) == [[["9", ""]]]


def test_numbers_have_the_decimals_of_the_largest():
    assert said(0.2445, 0.01, 0.0) == ["0.244", "0.010", "0.000"]
    assert said(12.34, 0.5, 3.0) == ["12.3", "0.5", "3.0"]
    assert said(float("nan"), 0.5) == ["", "0.500"]


def test_all_matrices_of_a_figure_share_their_decimals():
    small, large = pd.DataFrame([[0.5]]), pd.DataFrame([[12.25]])
    assert cell_texts([small, large]) == [[["0.5"]], [["12.2"]]]


def test_numbers_that_would_vanish_have_digits_of_their_own():
    assert said(1.0, 2e-5, 3e-6) == ["1", "2e-05", "3e-06"]
    assert said(4e-5, 1.26e-5) == ["4e-05", "1.3e-05"]
    assert said(123456.0) == ["1.2e+05"]


def test_differences_have_signs_and_nought_has_none():
    assert said(3, -2, 0, signed=True) == ["+3", "−2", "0"]
    assert said(-0.0496, 0.0342, -0.0001, 0.0, signed=True) == ["−0.050", "+0.034", "0.000", "0.000"]


def test_values_stand_at_an_axis_as_typed():
    assert tick_labels([0.001, 0.05, 1.0]) == ["0.001", "0.05", "1.0"]
    assert tick_labels([2, 4]) == ["2", "4"]
    assert tick_labels(["8-8", "relu"]) == ["8-8", "relu"]
    assert tick_labels([True, False]) == ["True", "False"]


def test_long_decimals_have_as_few_digits_as_keep_them_apart():
    assert tick_labels([0.001, 0.0021544346900318843]) == ["0.001", "0.00215"]
    assert tick_labels([0.12341111, 0.12342222]) == ["0.12341", "0.12342"]


def test_long_names_are_broken_at_spaces_but_not_around_an_equals_sign():
    assert tick_labels(["test loop fixed and inputs standardised"]) == ["test loop fixed and\ninputs standardised"]
    assert broken("activation = relu, hidden = 2", 24) == "activation = relu,\nhidden = 2"


def test_a_text_is_broken_to_fit_and_only_then():
    title = "forum: successes of 50 seeds (error < 0.05)"
    wide = text_size(title, TITLE)[0]
    assert fitted(title, TITLE, wide) == title
    halved = fitted(title, TITLE, 0.6 * wide)
    assert halved.replace("\n", " ") == title
    assert halved.count("\n") == 1
    assert text_size(halved, TITLE)[0] <= 0.6 * wide


def test_settings_read_as_equations():
    assert settings_text((("hidden", 2), ("alpha", 0.05))) == "hidden = 2, alpha = 0.05"
    assert settings_text(()) == ""


def test_notes_name_only_what_there_is():
    assert (
        notes({"diverged": 3, "failed": 2}, empty=True)
        == "Hatched: trials diverged (3) or failed (2).  Grey: no value."
    )
    assert notes({"diverged": 0}, empty=False) == ""


def test_titles_name_the_sweep_its_seeds_and_its_rule():
    assert success_title(FORUM) == "forum: successes of 50 seeds (error < 0.05)"
    assert median_title(FORUM, "error") == "forum: median error of 50 seeds"
    first, last = (("hidden", 2),), (("hidden", 4),)
    assert difference_title(FORUM, "successes", first, last) == "forum: successes of 50 seeds, hidden = 4 minus 2"
    page = (("activation", "relu"),)
    assert median_title(FORUM, "error", page) == "forum: median error of 50 seeds, activation = relu"


@pytest.mark.parametrize(
    ("success", "rule"),
    [
        (Success("accuracy", above=0.9), "accuracy > 0.9"),
        (Success("error", below=0.05), "error < 0.05"),
    ],
)
def test_a_rule_is_told_either_way(success, rule):
    sweep = Sweep(name="one", trainer="mlp", success=success)
    assert success_title(sweep) == f"one: successes of 1 seed ({rule})"


def test_a_scale_has_round_ticks_with_equal_decimals():
    assert Scale(0, 50, counts=True).tick_labels == ["0", "10", "20", "30", "40", "50"]
    assert Scale(0.008, 0.268).tick_labels == ["0.05", "0.10", "0.15", "0.20", "0.25"]
    assert Scale(0, 2, counts=True).tick_labels == ["0", "1", "2"]
    assert Scale(-0.05, 0.05).tick_labels == ["−0.04", "−0.02", "0.00", "0.02", "0.04"]
