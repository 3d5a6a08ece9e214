"""Curves: what is drawn is what the table says."""

import matplotlib.colors
import numpy as np
import pandas as pd
import pytest

from nnsweep.figures import curves, save

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


@pytest.mark.parametrize(("count", "shape"), [(1, (1, 1)), (3, (1, 3)), (4, (2, 2)), (5, (2, 3)), (7, (3, 3))])
def test_panels_are_wrapped(count, shape):
    figure = curves(panels(count), ["accuracy"], "t", "rate")
    assert figure.axes[0].get_gridspec().get_geometry() == shape
    assert len(drawn_panels(figure)) == count
    assert sum(panel.get_xlabel() == "epoch" for panel in figure.axes) == min(count, shape[1])


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
    assert len(set(colours([f"case {k}" for k in range(9)]))) == 9


def test_it_can_be_saved(tmp_path):
    figure = curves(panels(3), ["accuracy", "train_accuracy"], "a title that is long " * 8, "rate")
    save(figure, tmp_path / "x.png")
    assert (tmp_path / "x.png").stat().st_size > 10_000
