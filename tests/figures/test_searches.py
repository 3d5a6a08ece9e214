"""Figures of searches: what is drawn is what the tables say, and no text meets another."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection, QuadMesh

from nnsweep.design.search import Space
from nnsweep.design.sweep import Success
from nnsweep.figures.limits import limited
from nnsweep.report.search_figures import draw_best_so_far, search_figures
from nnsweep.report.search_view import SearchView
from tests.helpers import slow
from tests.helpers.figures import check_texts
from tests.helpers.searches import UNIT, searched

LONG = tuple(f"a name so long that it is broken in two, {k}" for k in range(5))
SPACES = {"alpha": Space(1e-3, 1, log=True), "hidden": Space(2, 8, whole=True), "optimizer": None, "momentum": UNIT}
ONLY = {"momentum": (("optimizer", ("momentum",)),)}


def loss(alpha, hidden, optimizer, momentum, seed):
    if alpha > 0.7:
        return "diverged"
    return (np.log10(alpha) + 2) ** 2 + hidden / 4 + {"sgd": 1.0, "momentum": momentum}.get(optimizer, 0.0) + seed / 100


def view(count=40, losses=loss, seeds=3, **more):
    random = np.random.default_rng(0)
    names = more.pop("names", ("sgd", "momentum", "adam"))
    rows = [
        (round(10 ** random.uniform(-3, 0), 6), int(random.integers(2, 9)), str(random.choice(names)), random.random())
        for _ in range(count)
    ]
    found = searched(rows, SPACES, losses, seeds, conditions=ONLY, **more)
    return SearchView(found.sweep, found.trials)


@pytest.fixture(scope="module")
def forty():
    return view()


@pytest.fixture(scope="module")
def drawn(forty):
    return {name: draw() for name, draw in search_figures(forty, is_no_grid=True).items()}


def panels(figure):
    return [axes for axes in figure.axes if axes.get_label().startswith("panel")]


def offsets(panel):
    return [
        tuple(point) for each in panel.collections if isinstance(each, PathCollection) for point in each.get_offsets()
    ]


def test_a_search_of_spaces_has_these_figures(drawn):
    assert list(drawn) == ["best_so_far", "axes", "parallel", "importances", "contour"]


def test_the_best_so_far_is_drawn_as_steps_with_a_band(forty, drawn):
    (panel,) = panels(drawn["best_so_far"])
    (line,) = panel.lines
    table = forty.best_so_far().table
    assert line.get_drawstyle() == "steps-post"
    assert line.get_xdata().tolist() == table["trainings"].tolist()
    assert line.get_ydata().tolist() == pytest.approx(table["value"].tolist())
    assert len(panel.collections) == 1
    assert "80 % of all orders" in drawn["best_so_far"].texts[1].get_text().replace("\n", " ")


def test_each_axis_has_a_dot_for_each_configuration_that_has_a_value(forty, drawn):
    found = forty.found
    none = np.isnan(found.value)
    assert none.any()
    for at, panel in enumerate(panels(drawn["axes"])):
        counting = ~np.isnan(found.places[:, at])
        heights = [y for x, y in offsets(panel) if x == x and y == y]
        assert len(heights) == counting.sum()
        assert panel.get_title(loc="left") == list(SPACES)[at]
    legend = [text.get_text() for text in drawn["axes"].legends[0].get_texts()]
    assert legend[0] == "the best"
    assert "no value: they diverged\nor failed" in legend


def test_a_line_of_parallel_coordinates_has_a_gap_where_an_axis_does_not_count(forty, drawn):
    (panel,) = panels(drawn["parallel"])
    (lines,) = [each for each in panel.collections if isinstance(each, LineCollection)]
    parts = [len(segment) for segment in lines.get_segments()]
    counts = (~np.isnan(forty.found.places[:, 3])).sum()
    assert (parts.count(4), parts.count(3)) == (counts, 40 - counts)
    assert "gap" in drawn["parallel"].texts[1].get_text()


def test_importances_are_bars_of_the_table(forty, drawn):
    (panel,) = panels(drawn["importances"])
    shares = [share for share in forty.fitted.importances["share"].tolist() if share >= 0.005]
    assert [bar.get_width() for bar in panel.patches] == pytest.approx(shares)
    assert "cross-validated R²" in drawn["importances"].texts[1].get_text().replace("\n", " ")


def test_a_contour_is_empty_where_no_configuration_is_near(forty, drawn):
    (panel,) = panels(drawn["contour"])
    (mesh,) = [each for each in panel.collections if isinstance(each, QuadMesh)]
    assert np.ma.getmaskarray(mesh.get_array()).sum() == np.isnan(forty.plane.values).sum()


def test_repetitions_are_drawn_beside_their_median(forty):
    other = view(30, lambda *row: loss(*row) + 1 if isinstance(loss(*row), float) else "diverged", seed=1)
    figure = draw_best_so_far(forty, [other])()
    (panel,) = panels(figure)
    assert len(panel.lines) == 3
    note = figure.texts[1].get_text().replace("\n", " ")
    assert note.startswith(
        "Line: the median of 2 searches that differ in their seed alone. Band: from the worst to the"
    )


@pytest.mark.parametrize(
    "found",
    [
        slow({"names": LONG, "losses": lambda *row: "failed" if row[1] > 6 else 1e300 * row[0], "seeds": 1}),
        {"count": 1, "losses": lambda *_: 1.0},
        slow({"count": 5}),
        slow({"losses": lambda *_: 1.0}),
        slow({"losses": lambda *row: float(np.exp(20 * row[0]))}),
        slow({"success": Success("loss", below=2.0)}),
    ],
)
def test_no_text_meets_another_or_the_edge(found):
    for draw in search_figures(view(**found), is_no_grid=True).values():
        check_texts(draw())


@pytest.mark.slow
def test_no_text_meets_another_with_twelve_axes():
    rows = np.random.default_rng(1).random((60, 12)).round(4).tolist()
    found = searched(rows, {f"axis number {at}": UNIT for at in range(12)}, lambda *row: sum(row[:-1]))
    for draw in search_figures(SearchView(found.sweep, found.trials), is_no_grid=True).values():
        check_texts(draw())


def test_where_nothing_ended_there_is_no_figure():
    assert search_figures(view(losses=lambda *_: "failed"), is_no_grid=True) == {}


def test_the_front_is_marked():
    rows = [(0.1,), (0.2,), (0.3,)]
    found = searched(rows, {"a": UNIT}, lambda a, seed: (a, 1 - a if a < 0.3 else 2.0), 3, "nsga2",
                     metrics=("loss", "size"), own={"metrics": ["loss", "size"]})  # fmt: skip
    figure = search_figures(SearchView(found.sweep, found.trials), is_no_grid=True)["pareto"]()
    (panel,) = panels(figure)
    others, front = (each.get_offsets().tolist() for each in panel.collections if isinstance(each, PathCollection))
    assert (front, others) == ([[0.1, 0.9], [0.2, 0.8]], [[0.3, 2.0]])
    check_texts(figure)


@pytest.mark.parametrize("method", ["halving", "racing"])
def test_lines_stop_where_a_configuration_was_stopped(method):
    halving = method == "halving"
    rows = [(0.1, 5), (0.2, 5), (0.2, 20)] if halving else [(0.1,), (0.2,)]
    spaces = {"a": UNIT, "epochs": None} if halving else {"a": UNIT}
    endings = dict(zip(rows, ("dropped", "went on", "all epochs") if halving else ("ruled out", "won"), strict=True))
    found = searched(rows, spaces, lambda *row: "missing" if not halving and row == (0.1, 2) else sum(row), 3, method,
                     endings=endings)  # fmt: skip
    figure = search_figures(SearchView(found.sweep, found.trials), is_no_grid=False)["stages"]()
    (panel,) = panels(figure)
    lengths = sorted(len(segment) for each in panel.collections if isinstance(each, LineCollection)
                     for segment in each.get_segments())  # fmt: skip
    assert lengths == ([1, 2] if halving else [2, 3])
    legend = {text.get_text() for text in figure.legends[0].get_texts()}
    assert legend == ({"dropped: 1", "all epochs: 1"} if halving else {"ruled out: 1", "won: 1"})
    check_texts(figure)


def test_the_worst_tenth_is_beyond_the_scale_if_it_is_far():
    near = np.arange(1.0, 11.0)
    assert limited(near, higher=False).tolist() == near.tolist()
    far = np.append(np.arange(1.0, 20.0), 1e6)
    assert limited(far, higher=False).max() < 20
    assert limited(-far, higher=True).min() > -20


def test_what_may_be_the_best_after_a_race_is_not_grey():
    from nnsweep.figures.stages import LOST, _colour
    from nnsweep.figures.style import FAINT
    from nnsweep.trials.search import halving, racing

    ends = {*racing.TEXTS, halving.WENT_ON, halving.DROPPED, halving.NOT_WELL, halving.FINISHED, halving.BUDGET}
    assert {why for why in ends if _colour(why) == FAINT} == {*LOST}
