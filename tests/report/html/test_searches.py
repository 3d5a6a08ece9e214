"""The page of a search: its charts show what its tables say, and both figures of the best are told."""

from __future__ import annotations

import re

import numpy as np
import pytest

import nnsweep
from nnsweep.report.html.charts import Scale
from nnsweep.report.html.plots import axis_plots, best_plot, contour_plot, parallel_plot
from nnsweep.report.html.search import search_parts
from nnsweep.report.html.ticks import log_values, round_values, tick_texts
from tests.figures.test_searches import view
from tests.helpers.pages import Page

TEXT = """
name = "searched"
fixed = { data = "xor", epochs = 4 }
[axes]
alpha = { log_uniform = [0.01, 1] }
hidden = { integers = [2, 40] }
seed = { count = 3 }
[search]
method = "random"
configurations = 12
metric = "loss"
confirm = 4
"""


@pytest.fixture(scope="module")
def forty():
    return view()


def points(path):
    return re.findall(r"[MLH]([\d.]+)(?: ([\d.]+))?", path)


def test_a_page_has_charts_in_place_of_heatmaps_and_tells_both_figures(tmp_path):
    found = nnsweep.run(nnsweep.loads(TEXT), tmp_path, jobs=1, figures=False)
    page = Page(nnsweep.open("searched", tmp_path).report())
    kept = nnsweep.open("searched", tmp_path).sweep.progress.confirmed
    assert f"The best, confirmed {kept}" in page.text
    assert found.confirmed in kept
    assert not any(rows for _, rows in page.maps)
    assert page.data == {"at": None}
    for name in ("What the search found", "The best so far", "Each axis", "All axes together", "What it depends on"):
        assert name in page.text
    assert len([tag for tag, attributes in page.elements if tag == "svg" and attributes["class"] == "plot"]) >= 4


def test_a_page_writes_every_digit_of_what_was_drawn(tmp_path):
    """So that its best can be trained again, and is that of the command line."""
    found = nnsweep.run(nnsweep.loads(TEXT.replace("[0.01, 1]", "[0.01, 0.1]")), tmp_path, jobs=1, figures=False)
    text = Page(found.report()).text.replace("\N{NO-BREAK SPACE}", " ")
    alphas = sorted(set(found.trials["alpha"].tolist()))
    assert max(len(str(alpha)) for alpha in alphas) > 7
    assert f"alpha{', '.join(map(str, alphas))} hidden" in text
    assert f" at {found.best().chosen.partition(':')[0]} and " in text


def test_the_best_so_far_has_a_corner_for_each_step(forty):
    band, line = best_plot(forty).shapes
    count = forty.found.count
    assert len(points(line.path)) == 2 * count
    assert len(points(band.path)) == 4 * count


def test_each_axis_has_a_dot_for_each_configuration_with_a_value(forty):
    found = forty.found
    for at, plot in enumerate(axis_plots(forty)):
        dots = sum(shape.path.count("M") for shape in plot.shapes if "dot" in shape.style)
        crosses = sum(shape.path.count("M") for shape in plot.shapes if "none" in shape.style)
        counting = ~np.isnan(found.places[:, at])
        assert dots == (counting & ~np.isnan(found.value)).sum()
        assert crosses == (counting & np.isnan(found.value)).sum()
        assert plot.name == found.axes[at].name


def test_a_line_has_a_gap_where_an_axis_does_not_count(forty):
    whole = "".join(shape.path for shape in parallel_plot(forty).shapes if "thin" in shape.style)
    counting = int((~np.isnan(forty.found.places[:, 3])).sum())
    assert whole.count("M") == forty.found.count
    assert whole.count("L") == 3 * counting + 2 * (forty.found.count - counting)


def test_a_contour_has_a_cell_where_a_configuration_is_near(forty):
    cells = sum(shape.path.count("z") for shape in contour_plot(forty).shapes if "cell" in shape.style)
    assert cells == (~np.isnan(forty.plane.values)).sum()


def test_a_poor_surrogate_gives_its_reason_and_no_shares():
    random = np.random.default_rng(0)
    parts = {part.name: part for part in search_parts(view(losses=lambda *_: float(random.random())), is_no_grid=True)}
    assert parts["What it depends on"].note.startswith("No importances: a surrogate predicts ")
    assert not parts["What it depends on"].rows


def test_where_nothing_ended_there_are_no_parts():
    assert search_parts(view(losses=lambda *_: "failed"), is_no_grid=True) == []


def test_a_scale_goes_up_from_its_foot():
    scale = Scale.of(np.array([1.0, 2.0, np.nan]), upwards=True)
    assert scale.at(np.array([1.0, 2.0, 1.5])).tolist() == [scale.begin, scale.end, (scale.begin + scale.end) / 2]
    assert Scale.of(np.array([np.nan]), upwards=True).ticks


def test_ticks_are_round():
    assert round_values(0.0, 1.0) == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert log_values(1, 32) == [1, 2, 5, 10, 20]
    assert log_values(1e-4, 10) == [1e-4, 1e-2, 1.0]
    assert tick_texts([0.0, 20.0, 0.5]) == ["0", "20", "0.5"]
