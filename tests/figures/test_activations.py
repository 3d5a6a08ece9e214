"""Histograms of activations: everything is told, and no text meets another, a bar or the edge."""

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from nnsweep.figures.activations import CUT, activation_histograms
from nnsweep.questions.initialization.experiments import Activations
from nnsweep.questions.initialization.table import histograms
from tests.helpers import slow


def drawn(**sizes):
    experiment = Activations(**sizes)
    return activation_histograms(histograms(experiment.values), experiment.table, experiment.title)


def texts(figure):
    """Every visible text, with where it stands in pixels."""
    renderer = figure.canvas.get_renderer()
    found = list(figure.texts)
    for panel in figure.axes:
        found += [*panel.texts, panel._right_title, *panel.get_xticklabels(), *panel.get_yticklabels()]
    return [(text, text.get_window_extent(renderer)) for text in found if text.get_text()]


@pytest.fixture(scope="module")
def figure():
    made = drawn()
    FigureCanvasAgg(made)
    made.canvas.draw()
    return made


DEEP = {"layers": 12, "activations": ("leaky_relu", "tanh")}
SIZES = [
    slow(DEEP, id="deep"),
    pytest.param({"layers": 1, "samples": 1, "width": 1}, id="one of each"),
]


@pytest.mark.parametrize("sizes", SIZES)
def test_no_text_meets_another_or_the_edge_in_other_sizes(sizes):
    figure = drawn(**sizes)
    FigureCanvasAgg(figure)
    figure.canvas.draw()
    check_texts(figure)


@pytest.mark.slow
def test_no_text_meets_another_or_the_edge(figure):
    check_texts(figure)


def check_texts(figure):
    boxes = texts(figure)
    assert len(boxes) > 20
    for (one, box), (other, second) in itertools.combinations(boxes, 2):
        across = min(box.x1, second.x1) - max(box.x0, second.x0)
        down = min(box.y1, second.y1) - max(box.y0, second.y0)
        assert across <= 1 or down <= 2, (one.get_text(), other.get_text())
    for text, box in boxes:
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= figure.bbox.width, text
        assert box.y1 <= figure.bbox.height, text


def test_it_fits_a_sheet_of_paper(figure):
    assert tuple(figure.get_size_inches()) < (8.27, 11.69)
    assert figure.get_figheight() < 11.0


def test_every_layer_has_its_panel_on_one_scale_of_heights(figure):
    assert len(figure.axes) == 12 * 5
    assert {panel.get_ylim() for panel in figure.axes} == {(0.0, CUT)}


def test_every_histogram_with_a_cut_bar_tells_what_it_holds(figure):
    cut = {panel.get_label() for panel in figure.axes if (panel.patches[0].get_data().values >= CUT).any()}
    told = {panel.get_label(): sum(int(text.get_text()[:-1]) for text in panel.texts) for panel in figure.axes}
    assert cut == {label for label, total in told.items() if total}
    assert told["tanh\ndeviation 0.01 5"] == 100
    assert told["tanh\nXavier 5"] == 0
    assert 84 <= told["tanh\ndeviation 1 1"] <= 90


def test_rows_share_a_horizontal_scale_and_tell_its_ends(figure):
    limits = np.array([panel.get_xlim() for panel in figure.axes]).reshape(12, 5, 2)
    assert (limits == limits[:, :1]).all()
    ends = [[text.get_text() for text in figure.axes[5 * row].get_xticklabels()] for row in range(12)]
    assert ends[:4] == [[], [], [], ["0", "0.5", "1"]]
    assert all(row[0] == "0" and len(row) >= 2 for row in ends[4:8])
    assert ends[8:] == [[], [], [], ["−1", "0", "1"]]


def test_a_share_stands_on_the_side_where_no_high_bar_is():
    """Bars 10 and 14 of 30 are cut: there is no room for a text between them, so one stands left, one right."""
    shares = np.zeros(30)
    shares[[10, 14]] = 0.4, 0.6
    bins = pd.DataFrame({"low": np.arange(30.0), "high": np.arange(1.0, 31.0), "share": shares})
    names = {"activation": "tanh", "initialisation": "He", "layer": 1}
    made = activation_histograms(bins.assign(**names), pd.DataFrame([{**names, "sd": 1.0}]), "by hand")
    placed = [(text.get_text(), text.get_position()[0], text.get_ha()) for text in made.axes[0].texts]
    assert placed == [("40 %", 9.5, "right"), ("60 %", 15.5, "left")]
