"""Curves: what is drawn is what the table says."""

import matplotlib.colors
import numpy as np
import pandas as pd
import pytest

from nnsweep.figures.curves import curves
from nnsweep.figures.style import save
from tests.helpers import slow
from tests.helpers.figures import check_texts

EPOCHS = [1, 2, 3]


def frame(**settings):
    median = np.array([0.2, 0.5, 0.9]) - 0.1 * len(settings)
    columns = {"epoch": EPOCHS}
    for metric in ("accuracy", "train_accuracy"):
        for name, shift in (("lower", -0.1), ("median", 0.0), ("upper", 0.1)):
            columns[f"{metric}_{name}"] = median + shift
    return pd.DataFrame({**{name: [value] * 3 for name, value in settings.items()}, **columns})


def panels(count, rates=(0.1, 0.2)):
    return {
        (("optimizer", f"rule{k}"),): pd.concat([frame(rate=rate) for rate in rates], ignore_index=True)
        for k in range(count)
    }


def drawn_panels(figure):
    return [panel for panel in figure.axes if panel.lines]


def test_a_line_for_each_value_and_a_band():
    figure = curves(panels(2), ["accuracy"], "t: accuracy", "rate")
    first, second = drawn_panels(figure)
    assert [panel.get_title(loc="left") for panel in (first, second)] == ["optimizer = rule0", "optimizer = rule1"]
    assert len(first.lines) == len(first.collections) == 2
    np.testing.assert_allclose(first.lines[0].get_ydata(), [0.1, 0.4, 0.8])
    assert first.lines[0].get_xdata().tolist() == EPOCHS
    (legend,) = figure.legends
    assert legend.get_title().get_text() == "rate"
    assert [text.get_text() for text in legend.get_texts()] == ["0.1", "0.2"]


def test_training_samples_are_dashed_and_the_bound_is_named():
    figure = curves(panels(1), ["accuracy", "train_accuracy"], "t", "rate", ("accuracy > 0.9", 0.9))
    (panel,) = drawn_panels(figure)
    styles = [line.is_dashed() for line in panel.lines]
    assert styles == [False, True, False, True, True]
    assert len(panel.collections) == 2, "bands of the test samples only"
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["0.1", "0.2", "test samples", "training samples", "accuracy > 0.9"]
    np.testing.assert_allclose(panel.lines[-1].get_ydata(), 0.9)


@pytest.mark.parametrize(("count", "lines", "across"), [(1, 1, 1), (3, 1, 3), (4, 2, 2), (5, 2, 3), (18, 4, 5)])
def test_panels_are_wrapped(count, lines, across):
    figure = curves(panels(count), ["accuracy"], "t", "rate")
    boxes = [panel.get_position() for panel in drawn_panels(figure)]
    assert len(boxes) == count
    assert len({round(box.y0, 6) for box in boxes}) == lines
    assert len({round(box.x0, 6) for box in boxes}) == across
    assert sum(panel.get_xlabel() == "epoch" for panel in figure.axes) == across
    assert sum(panel.get_ylabel() == "accuracy" for panel in figure.axes) == lines
    assert len({(panel.get_xlim(), panel.get_ylim()) for panel in figure.axes}) == 1


def places(settings):
    figure = curves({each: frame(rate=0.1) for each in settings}, ["accuracy"], "t", "rate")
    titles = {panel.get_title(loc="left"): panel.get_position() for panel in drawn_panels(figure)}
    columns, rows = (
        sorted({round(p, 6) for p in ps}) for ps in zip(*((b.x0, -b.y0) for b in titles.values()), strict=True)
    )
    return {title: (rows.index(round(-b.y0, 6)), columns.index(round(b.x0, 6))) for title, b in titles.items()}


def test_panels_of_two_axes_stand_in_rows_and_columns():
    both = [(("act", act), ("hidden", width)) for act in ("relu", "tanh") for width in (2, 4, 8, 16)]
    found = places(both)
    for number, settings in enumerate(both):
        title = ", ".join(f"{name} = {value}" for name, value in settings)
        assert found[title] == divmod(number, 4)


def test_where_a_combination_is_missing_or_a_line_would_be_too_long_panels_are_wrapped():
    both = [(("act", act), ("hidden", width)) for act in ("relu", "tanh") for width in (2, 4, 8, 16)]
    assert max(column for _, column in places(both[:-1]).values()) == 2
    long = [(("act", act), ("hidden", width)) for act in ("relu", "tanh") for width in range(1, 10)]
    assert max(column for _, column in places(long).values()) == 4


@pytest.mark.parametrize(
    ("values", "starts_at_nought"),
    [
        ([0.08, 0.5, 0.9], True),
        ([0.4, 0.5, 0.9], False),
        ([0.9, 0.93, 0.98], False),
        ([0.0, 0.1, 0.2], True),
        ([-0.2, 0.1, 0.9], False),
    ],
)
def test_curves_are_drawn_from_nought_unless_that_would_press_them_together(values, starts_at_nought):
    table = frame().assign(**{f"accuracy_{name}": values for name in ("lower", "median", "upper")})
    low, high = curves({(): table}, ["accuracy"], "t", None).axes[0].get_ylim()
    least = 0.0 if starts_at_nought else min(values)
    margin = 0.03 * (max(values) - least)
    assert (low, high) == pytest.approx((least - margin, max(values) + margin))


def test_one_cell_has_one_line_and_no_legend():
    figure = curves({(): frame()}, ["accuracy"], "t", None)
    (panel,) = drawn_panels(figure)
    assert len(panel.lines) == 1
    assert figure.legends == []


def test_names_get_colours_that_can_be_told_apart_and_numbers_an_order():
    def colours(values):
        figure = curves({(): pd.concat([frame(a=v) for v in values])}, ["accuracy"], "t", "a")
        return [matplotlib.colors.to_rgb(line.get_color()) for line in figure.axes[0].lines]

    def luminance(rgb):
        return float(np.dot(rgb, [0.2126, 0.7152, 0.0722]))

    assert colours(["relu", "tanh"])[0] == pytest.approx(matplotlib.colors.to_rgb("#0072b2"))
    numbers = [luminance(rgb) for rgb in colours([1, 2, 3, 4])]
    assert numbers == sorted(numbers, reverse=True)


def test_where_colours_do_not_suffice_markers_do():
    names = [f"case {k}" for k in range(30)]
    figure = curves({(): pd.concat([frame(a=name) for name in names])}, ["accuracy"], "t", "a")
    drawn = [(line.get_color(), line.get_marker()) for line in figure.axes[0].lines]
    assert len(set(drawn)) == 30
    assert [text.get_text() for text in figure.legends[0].get_texts()] == names


def test_of_many_numbers_some_are_named_with_the_first_and_the_last():
    rates = [k / 100 for k in range(1, 51)]
    figure = curves({(): pd.concat([frame(rate=rate) for rate in rates])}, ["accuracy"], "t", "rate")
    named = [text.get_text() for text in figure.legends[0].get_texts()]
    assert len(figure.axes[0].lines) == 50
    assert (len(named), named[0], named[-1]) == (16, "0.01", "0.5")


def test_the_interval_of_the_median_is_a_darker_band():
    ends = {"accuracy_median_low": [0.0, 0.3, 0.75], "accuracy_median_high": [0.2, 0.5, 0.85]}
    figure = curves({(): frame(rate=0.1).assign(**ends)}, ["accuracy", "train_accuracy"], "t", "rate")
    (panel,) = drawn_panels(figure)
    darker, half = panel.collections
    assert darker.get_alpha() > half.get_alpha()
    found = {tuple(round(float(number), 9) for number in point) for point in darker.get_paths()[0].vertices}
    assert found == {(epoch, end) for column in ends.values() for epoch, end in zip(EPOCHS, column, strict=True)}


def test_one_seed_has_no_band():
    table = frame().assign(**{f"accuracy_{name}": [0.2, 0.5, 0.9] for name in ("lower", "median", "upper")})
    (panel,) = drawn_panels(curves({(): table}, ["accuracy"], "t", None))
    assert len(panel.collections) == 0


def test_a_line_of_one_epoch_is_a_point():
    table = pd.concat([frame(a=1), frame(a=2).head(1)])
    (panel,) = drawn_panels(curves({(): table}, ["accuracy"], "t", "a"))
    assert [line.get_marker() for line in panel.lines] == ["None", "."]


@pytest.mark.parametrize(("last", "scale"), [(100.0, "linear"), (1e30, "log"), (1.7e308, "log")])
def test_one_that_ran_away_does_not_press_the_others_flat(last, scale):
    tame = pd.DataFrame({"a": 1, "epoch": range(1, 31), "loss_median": 1.0})
    wild = tame.assign(a=2, loss_median=[1.0] * 29 + [last])
    table = pd.concat([tame, wild], ignore_index=True)
    table = table.assign(loss_lower=table["loss_median"], loss_upper=table["loss_median"])
    figure = curves({(): table}, ["loss"], "t", "a", ("loss < 0.1", 0.1))
    (panel,) = drawn_panels(figure)
    assert panel.get_yscale() == scale
    low, high = panel.get_ylim()
    assert low < 0.1
    assert high > min(last, 1e6)
    ticks = [float(text.get_text().replace("−", "-")) for text in panel.get_yticklabels()]
    assert 3 <= len(ticks) <= 8
    np.testing.assert_allclose(ticks, panel.get_yticks())


@pytest.mark.parametrize("count", [1, 2, 4, slow(11)])
@pytest.mark.parametrize("names", [("a", "b"), tuple(f"a name so long that it is broken, {k}" for k in range(20))])
def test_no_text_meets_another_or_the_edge(count, names):
    title = "a_sweep: mean squared error, median of 100 seeds; bands hold the middle half, data = parabolas"
    note = "5 trials diverged and count up to there."
    drawn = {
        (("optimizer", f"rule{k}"), ("initialisation", "xavier_uniform")): pd.concat(
            [frame(case=name).assign(epoch=[1, 500_000, 1_000_000]) for name in names], ignore_index=True
        )
        for k in range(count)
    }
    check_texts(curves(drawn, ["accuracy", "train_accuracy"], title, "case", ("accuracy > 0.99", 0.99), note))


def test_it_can_be_saved(tmp_path):
    figure = curves(panels(3), ["accuracy", "train_accuracy"], "a title that is long " * 8, "rate")
    save(figure, tmp_path / "x.png")
    assert (tmp_path / "x.png").stat().st_size > 10_000
