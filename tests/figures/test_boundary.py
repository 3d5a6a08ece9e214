"""What stands in the figure of a boundary, by hand."""

from dataclasses import replace

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from nnsweep.figures.boundary import boundary
from nnsweep.questions.trial.plane import plane
from nnsweep.questions.trial.section import section
from tests.helpers.networks import by_hand, of_three


def drawn(model, classes=2, wanted=(), ranges=((-0.5, 1.5),)):
    found = section(model, plane(model, wanted, ranges, margin=True, axes=(1, 2)), 5)
    title = ["small, trial 1234: decision regions", "seed = 1", "ok, error 0.25"]
    figure = boundary(found.grid, found.samples, found.plane.names, classes, title, "A note.")
    return figure, figure.axes[0]


def said(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_regions_are_the_classes_that_the_network_says():
    _, axes = drawn(by_hand())
    (image,) = axes.images
    assert np.asarray(image.get_array()).tolist() == [
        [int(a + b > 0.5) for a in (-0.5, 0, 0.5, 1, 1.5)] for b in (-0.5, 0, 0.5, 1, 1.5)
    ]
    assert image.get_extent() == [-0.5, 1.5, -0.5, 1.5]
    assert (image.origin, image.norm.vmin, image.norm.vmax) == ("lower", -0.5, 1.5)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("a", "b")


def test_only_units_that_switch_have_lines():
    _, axes = drawn(by_hand())
    (line,) = [each for each in axes.collections if hasattr(each, "levels")]
    vertices = np.concatenate([path.vertices for path in line.get_paths()])
    assert set(vertices[:, 0]) == {0.5}
    assert (vertices[:, 1].min(), vertices[:, 1].max()) == (-0.5, 1.5)


def test_samples_stand_where_they_are_and_crosses_on_the_wrong_ones():
    _, axes = drawn(by_hand())
    points = [each.get_offsets().tolist() for each in axes.collections if not hasattr(each, "levels")]
    test, training, wrong = points[:2], points[2:4], points[-1]
    assert test == [[[0.0, 0.0]], [[0.0, 1.0]]]
    assert training == [[[0.0, 0.0], [1.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]]
    assert wrong == [[1.0, 1.0]]
    assert said(axes) == ["class 0", "class 1", "wrong:\n1 of 4 training\n0 of 2 test", "a hidden unit\nswitches"]


def test_texts_are_within_the_figure_and_apart():
    figure, axes = drawn(by_hand())
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in figure.texts]
    boxes.append(axes.get_tightbbox(canvas.get_renderer()))
    assert [text.get_text() for text in figure.texts] == [
        "small, trial 1234: decision regions", "seed = 1\nok, error 0.25", "A note.",
    ]  # fmt: skip
    assert all(box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1 for box in boxes)
    assert not any(one.overlaps(other) for at, one in enumerate(boxes) for other in boxes[at + 1 :])


def test_one_input_gives_a_line_over_its_regions():
    _, axes = drawn(by_hand(), wanted=("a",), ranges=((-1.0, 1.0),))
    (line,) = axes.lines
    assert line.get_xydata().tolist() == [[-1.0, 0], [-0.5, 0], [0.0, 0], [0.5, 1], [1.0, 1]]
    assert np.asarray(axes.images[0].get_array()).tolist() == [[0, 0, 0, 1, 1]]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("a", "output")
    assert axes.collections[-1].get_offsets().tolist() == [[1.0, 0.0]]
    assert said(axes) == ["class 0", "class 1", "wrong:\n1 of 4 training\n0 of 2 test", "output"]


def test_many_classes_have_regions_of_their_own():
    model = replace(by_hand(targets=np.eye(3)[[2, 1, 0, 0]]), respond=of_three)
    _, axes = drawn(model, classes=3)
    assert said(axes) == ["class 0", "class 1", "class 2"]
    assert axes.images[0].norm.vmax == 2.5
    assert set(np.asarray(axes.images[0].get_array()).ravel()) == {0, 1, 2}
    assert len(axes.images[0].get_cmap().colors) == 3
