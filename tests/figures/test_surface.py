"""What stands in the figure of a surface, by hand."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from mpl_toolkits.mplot3d import Axes3D

from nnsweep.figures.surface import surface
from nnsweep.questions.trial.plane import plane
from nnsweep.questions.trial.section import section
from nnsweep.trainers.protocol import Response
from tests.helpers.networks import by_hand, of_three

COUNT = 5


def drawn(model, column="output", classes=2, unit=None):
    found = section(model, plane(model, [], [(0.0, 1.0)], margin=False, axes=(2,)), COUNT, unit)
    samples = found.samples if column == "output" else None
    title = ["small, trial 1234: its output", "seed = 1", "ok, error 0.25"]
    figure = surface(found.grid, column, samples, found.plane.names, title, classes, "A note.")
    return figure, figure.axes[0]


@pytest.fixture
def heights(monkeypatch):
    """What `plot_surface` was last given, at (x, y): z."""
    given = {}

    def keep(self, x, y, z, **look):
        given.clear()
        given.update(zip(zip(x.ravel().tolist(), y.ravel().tolist(), strict=True), z.ravel().tolist(), strict=True))
        return plot(self, x, y, z, **look)

    plot = Axes3D.plot_surface
    monkeypatch.setattr(Axes3D, "plot_surface", keep)
    return given


def points(axes):
    """Each group of samples: a list of (x, y, z)."""
    groups = [each._offsets3d for each in axes.collections if hasattr(each, "_offsets3d")]
    return [list(zip(*(np.ma.asarray(axis).tolist() for axis in group), strict=True)) for group in groups]


def test_the_surface_is_the_output(heights):
    _, axes = drawn(by_hand())
    ends = np.linspace(0, 1, COUNT)
    assert heights == {(x, y): float(x + y > 0.5) for x in ends for y in ends}
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_zlabel()) == ("a", "b", "output")


def test_samples_stand_at_their_targets():
    figure, axes = drawn(by_hand())
    test, training, wrong = points(axes)[:2], points(axes)[2:4], points(axes)[-1]
    assert test == [[(0.0, 0.0, 0.0)], [(0.0, 1.0, 1.0)]]
    assert training == [[(0.0, 0.0, 0.0), (1.0, 1.0, 0.0)], [(0.0, 1.0, 1.0), (1.0, 0.0, 1.0)]]
    assert wrong == [(1.0, 1.0, 0.0)]
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["class 0", "class 1", "wrong:\n1 of 4 training\n0 of 2 test"]


def test_a_preactivation_has_a_line_at_nought_and_no_samples(heights):
    figure, axes = drawn(by_hand(), "preactivation")
    ends = np.linspace(0, 1, COUNT)
    assert heights == {(x, y): x + y - 0.5 for x in ends for y in ends}
    assert (axes.get_zlabel(), points(axes), figure.legends) == ("preactivation", [], [])
    assert len(axes.collections) == 3  # the surface, its mesh, the line


def test_one_output_of_several(heights):
    model = replace(by_hand(targets=np.eye(3)[[2, 1, 0, 0]]), respond=of_three)
    _, axes = drawn(model, classes=3, unit=1)
    assert heights[(0.0, 0.0)] == pytest.approx(1 / (2 + np.exp(0.4)), abs=1e-6)
    assert {z for group in points(axes) for *_, z in group} == {0.0, 1.0}


def test_samples_outside_the_range_are_counted_and_not_drawn():
    model = by_hand()
    found = section(model, plane(model, [], [(0.5, 1.5)], margin=False, axes=(2,)), COUNT)
    figure = surface(found.grid, "output", found.samples, ["a", "b"], ["title"], 2, "")
    assert [group for group in points(figure.axes[0]) if group] == [[(1.0, 1.0, 0.0)]] * 2  # the sample, its cross
    assert figure.legends[0].get_texts()[2].get_text() == "wrong:\n1 of 4 training\n0 of 2 test"


def test_rounding_errors_are_drawn_flat():
    def nearly_flat(inputs):
        z = 0.25 + 1e-16 * inputs[:, :1]
        return Response([z], z)

    _, axes = drawn(replace(by_hand(), respond=nearly_flat), "preactivation")
    assert axes.get_zlim() == pytest.approx((-0.25, 0.75), abs=0.05)


def test_amounts_are_of_one_kind():
    figure, axes = drawn(by_hand(targets=np.array([[0.1], [2.0], [3.0], [0.4]])))
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["sample"]
    assert [z for *_, z in points(axes)[0]] == [0.1, 2.0, 3.0, 0.4, 0.1, 2.0]


@pytest.mark.parametrize(
    ("slope", "azimuth"), [((0, 0), -60), ((-1, 1), -60), ((-1, -1), 30), ((1, -1), 120), ((1, 1), -150)]
)
def test_a_surface_is_seen_from_where_it_rises(slope, azimuth):
    def tilted(inputs):
        z = inputs[:, :2] @ np.array(slope, dtype=float)[:, None]
        return Response([z], z)

    _, axes = drawn(replace(by_hand(), respond=tilted), "preactivation")
    assert axes.azim == azimuth


def test_texts_are_within_the_figure():
    figure, axes = drawn(by_hand())
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    boxes = [each.get_window_extent(canvas.get_renderer()) for each in (*figure.texts, *figure.legends)]
    boxes.append(axes.get_tightbbox(canvas.get_renderer()))
    assert all(box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1 for box in boxes)
