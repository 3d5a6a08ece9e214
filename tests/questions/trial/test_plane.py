"""Which inputs a section goes through, over which ranges, and where the others are held."""

import numpy as np
import pytest

from nnsweep.data import load
from nnsweep.errors import NnsweepError
from nnsweep.questions.trial.plane import plane, rounded
from tests.helpers.networks import by_hand

FIVE = np.array([[0.0, 2.0, 7.0, 5.0, 1.0], [4.0, 3.0, 7.0, 6.0, 9.0], [2.0, 10.0, 7.0, 7.0, 2.0]])


def five():
    return by_hand(FIVE, np.array([[0.0], [1.0], [0.0]]), ("width", "length", "scale", "depth", "age"))


def test_inputs_that_do_not_vary_are_held_where_they_are():
    found = plane(by_hand(), [], [], margin=False, axes=(2,))
    assert (list(found.places), list(found.names), found.held) == ([0, 1], ["a", "b"], "one = 1")
    assert list(found.ranges) == [(0.0, 1.0), (0.0, 1.0)]
    assert not found.projected


def test_points_are_a_grid_with_the_first_input_fastest():
    points = plane(by_hand(), [], [(0.0, 2.0), (5.0, 9.0)], margin=False, axes=(2,)).points(3)
    assert points.tolist() == [[x, y, 1.0] for y in (5.0, 7.0, 9.0) for x in (0.0, 1.0, 2.0)]


def test_others_are_held_at_their_means_of_the_training_samples():
    found = plane(five(), ["age", "2"], [(0.0, 1.0)], margin=True, axes=(1, 2))
    assert list(found.names) == ["age", "length"]
    assert list(found.ranges) == [(0.0, 1.0), (0.0, 1.0)]
    assert found.held == "width at its mean, 2, scale = 7, depth at its mean, 6"
    assert found.projected
    assert found.points(2)[0].tolist() == [2.0, 0.0, 7.0, 6.0, 0.0]


def test_many_others_are_counted():
    assert plane(five(), ["width"], [], margin=True, axes=(1, 2)).held == "the other 4 inputs at their means"


@pytest.mark.parametrize(
    ("values", "margin", "ends"),
    [
        ([0.0, 1.0], False, (0.0, 1.0)),
        ([0.0, 1.0], True, (-0.2, 1.2)),
        ([-3.1, 12.4], False, (-5.0, 15.0)),
        ([2.0, 2.0], False, (1.5, 2.5)),
        ([1e-9, 7e-9], False, (1e-9, 7e-9)),
    ],
)
def test_ranges_are_rounded_outwards(values, margin, ends):
    assert rounded(np.array(values), margin) == pytest.approx(ends, rel=1e-12)


@pytest.mark.parametrize("margin", [False, True])
def test_the_ranges_of_the_parabolas_are_those_of_the_questions_figures(margin):
    inputs = load("parabolas").inputs
    assert [rounded(column, margin) for column in inputs.T] == [(0.25, 1.75), (1.25, 2.75)]


@pytest.mark.parametrize(
    ("wanted", "axes", "message"),
    [
        ([], (1, 2), "4 inputs vary; choose two, such as --inputs 1,2: the others are then held at their means"),
        (["lenght"], (1, 2), "no input `lenght`; allowed: width, length, scale, depth, age, or 1 to 5; "
                             "did you mean `length`?"),
        (["6"], (1, 2), "no input `6`; allowed: width, length, scale, depth, age, or 1 to 5"),
        (["1", "width"], (2,), "--inputs: found 2; allowed: two different inputs"),
        (["1"], (2,), "--inputs: found 1; allowed: two different inputs"),
        (["1", "2", "4"], (1, 2), "--inputs: found 3; allowed: one or two different inputs"),
    ],
)  # fmt: skip
def test_what_is_no_choice_of_inputs(wanted, axes, message):
    with pytest.raises(NnsweepError) as refused:
        plane(five(), wanted, [], margin=True, axes=axes)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("varying", "axes", "message"),
    [
        (1, (2,), "only one input varies, which makes a line, as figure boundary draws; allowed: two, for a surface"),
        (0, (2,), "no input varies; allowed: two, for a surface"),
        (0, (1, 2), "no input varies: there is nothing to draw"),
    ],
)
def test_data_of_too_few_inputs(varying, axes, message):
    inputs = np.array([[0.0, 3.0], [float(varying), 3.0]])
    with pytest.raises(NnsweepError) as refused:
        plane(by_hand(inputs, np.array([[0.0], [1.0]]), ("x", "y")), [], [], margin=True, axes=axes)
    assert str(refused.value) == message


def test_numbers_near_the_largest_are_refused():
    inputs = np.array([[-1.7e308, 0.0], [1.7e308, 1.0]])
    with pytest.raises(NnsweepError) as refused:
        plane(by_hand(inputs, np.array([[0.0], [1.0]]), ("x", "y")), [], [], margin=True, axes=(1, 2))
    assert str(refused.value) == "input `x` has values as large as 1.7e+308; allowed in a figure: at most 1e+300"
    with pytest.raises(NnsweepError) as refused:
        plane(five(), ["age"], [(-1.7e308, 1.7e308)], margin=True, axes=(1, 2))
    assert str(refused.value) == "--range -1.7e+308,1.7e+308: allowed: numbers between −1e+300 and 1e+300"


def test_numbers_as_large_as_a_figure_allows_are_rounded():
    assert rounded(np.array([-1e300, 1e300]), True) == (-1.5e300, 1.5e300)
    assert rounded(np.array([1e-300, 7e-300]), False) == pytest.approx((1e-300, 7e-300), rel=1e-12)
