"""The lines of charts: where points are, gaps, ticks, and numbers that are as large or small as can be."""

import re

import pytest

from nnsweep.serve.curves import HIGH, LEFT, RIGHT, TOP, WIDE, Series, chart, distinct

MOST = 1.7976931348623157e308


def points(line):
    return [tuple(map(float, each.split())) for each in re.findall(r"[ML]([\d.]+ [\d.]+)", line.path)]


def test_points_are_where_their_epochs_and_values_are():
    made = chart(
        [Series("a", "ok", {"loss": [4.0, 2.0, 3.0]}), Series("b", "ok", {"loss": [1.0, 5.0], "epoch": [1, 9]})], []
    )
    assert (made.name, made.names) == ("loss", ["loss"])
    low, high = made.up[0][0], made.up[-1][0]
    assert [label for _, label in made.up] == ["1.0", "2.0", "3.0", "4.0", "5.0"]
    (a, b) = map(points, made.lines)
    assert [b[0], b[1]] == [(LEFT, low), (WIDE - RIGHT, high)]
    assert [y for _, y in a] == pytest.approx(
        [high + (low - high) / 4, low + (high - low) / 4, (low + high) / 2], abs=0.1
    )
    assert made.across[0] == (LEFT, "1")
    assert made.across[-1] == (WIDE - RIGHT, "9")


def test_a_value_that_is_not_finite_is_a_gap():
    made = chart([Series("a", "diverged", {"loss": [1.0, float("nan"), 3.0, float("inf")]})], [])
    assert re.findall("[MLh]", made.lines[0].path) == ["M", "h", "M", "h"]


def test_a_wide_range_is_logarithmic():
    made = chart([Series("a", "ok", {"loss": [1.0, 0.1, 0.001]})], [])
    ys = [y for _, y in points(made.lines[0])]
    assert (ys[1] - ys[0]) * 2 == pytest.approx(ys[2] - ys[1], abs=0.2)
    assert [label for _, label in made.up] == ["0.001", "0.01", "0.1", "1.0"]


@pytest.mark.parametrize(
    "values",
    [
        [MOST, -MOST],
        [MOST, MOST],
        [5e-324, MOST],
        [0.0, 5e-324],
        [0.0],
        [],
        [float("nan")] * 3,
        [1e300, 1e300 * (1 + 1e-15)],
    ],
)
def test_extreme_numbers_stay_inside(values):
    made = chart([Series("a", "ok", {"loss": values})], [])
    for x, y in (point for line in made.lines for point in points(line)):
        assert LEFT <= x <= WIDE - RIGHT
        assert TOP <= y <= HIGH


def test_checkpoints_of_one_training_are_one_line():
    short, long, other = ({"loss": each} for each in ([1.0, 2.0], [1.0, 2.0, 3.0], [1.0, 3.0]))
    series = [Series(str(at), "ok", each) for at, each in enumerate((short, long, other))]
    assert [each.name for each in distinct(series, 5)] == ["1", "2"]
    assert [each.name for each in distinct(series, 1)] == ["1"]


def test_nothing_is_drawn_without_numbers():
    assert chart([], []) is None
    assert chart([Series("a", "ok", {})], ["loss"]) is None
