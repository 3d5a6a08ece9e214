"""Figures, told by their content: panels, texts, colours, and where the texts stand."""

from __future__ import annotations

from collections.abc import Iterable

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection, QuadMesh
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.text import Text

from nnsweep.figures.heatmap import difference_map, heatmaps
from nnsweep.figures.style import EMPTY, save

ALPHAS = [n / 1000 for n in range(1, 10)] + [n / 100 for n in range(1, 6)]
EPOCHS = [1, 2, 3, 4, 5, 6]


def matrix(rows: Iterable, columns: Iterable, names=("alpha", "epochs"), seed=0) -> pd.DataFrame:
    index, across = pd.Index(list(rows), name=names[0]), pd.Index(list(columns), name=names[1])
    counts = np.random.default_rng(seed).integers(0, 51, (len(index), len(across)))
    return pd.DataFrame(counts, index=index, columns=across)


def forum() -> dict:
    return {(("hidden", 2),): matrix(ALPHAS, EPOCHS), (("hidden", 4),): matrix(ALPHAS, EPOCHS, seed=1)}


def panels(figure: Figure) -> list[Axes]:
    return [axes for axes in figure.axes if axes.get_label().startswith("panel")]


def colour_bar(figure: Figure) -> Axes:
    (bar,) = [axes for axes in figure.axes if axes.get_label() == "colour bar"]
    return bar


def mesh(axes: Axes) -> QuadMesh:
    (found,) = [each for each in axes.collections if isinstance(each, QuadMesh)]
    return found


def hatched(axes: Axes) -> set[tuple[int, int]]:
    """Rows and columns of the hatched cells."""
    patches = [each for each in axes.collections if isinstance(each, PolyCollection) and each.get_hatch()]
    corners = [path.vertices[0] for each in patches for path in each.get_paths()]
    return {(int(y), int(x)) for x, y in corners}


def annotations(axes: Axes, columns: int) -> list[list[str]]:
    texts = [text.get_text() for text in axes.texts]
    return [texts[start : start + columns] for start in range(0, len(texts), columns)]


def tick_texts(axes: Axes, which: str) -> list[str]:
    axis = axes.yaxis if which == "rows" else axes.xaxis
    shown = axis.get_tick_params()["labelleft" if which == "rows" else "labelbottom"]
    return [text.get_text() for text in axis.get_ticklabels()] if shown else []


def test_the_forum_figure_has_two_panels_on_one_scale():
    figure = heatmaps(forum(), "forum: successes of 50 seeds (error < 0.05)", "successes", limits=(0, 50))
    left, right = panels(figure)
    assert [axes.get_title(loc="left") for axes in (left, right)] == ["hidden = 2", "hidden = 4"]
    assert [mesh(axes).get_clim() for axes in (left, right)] == [(0, 50), (0, 50)]
    assert mesh(left).get_cmap() == mesh(right).get_cmap()
    assert colour_bar(figure).get_ylabel() == "successes"
    assert [text.get_text() for text in colour_bar(figure).get_yticklabels()] == ["0", "10", "20", "30", "40", "50"]
    assert [text.get_text() for text in figure.texts] == ["forum: successes of 50 seeds (error < 0.05)"]


def test_rows_run_down_and_columns_across_in_grid_order():
    left, right = panels(heatmaps(forum(), "t", "n"))
    assert tick_texts(left, "rows") == [str(alpha) for alpha in ALPHAS]
    assert tick_texts(right, "rows") == []
    assert tick_texts(left, "columns") == tick_texts(right, "columns") == ["1", "2", "3", "4", "5", "6"]
    assert (left.get_ylabel(), right.get_ylabel()) == ("alpha", "")
    assert (left.get_xlabel(), right.get_xlabel()) == ("epochs", "epochs")
    assert left.get_ylim() == (14, 0)
    assert left.get_xlim() == (0, 6)


def test_each_cell_shows_its_count_on_the_colour_of_its_count():
    matrices = forum()
    for axes, frame in zip(panels(heatmaps(matrices, "t", "n")), matrices.values(), strict=True):
        assert annotations(axes, 6) == frame.astype(str).to_numpy().tolist()
        assert mesh(axes).get_array().tolist() == frame.to_numpy().tolist()
        places = [text.get_position() for text in axes.texts[:7]]
        assert places == [*((x + 0.5, 0.5) for x in range(6)), (0.5, 1.5)]


def test_without_limits_panels_share_the_ends_of_all_their_values():
    low, high = matrix([1, 2], [1, 2]) * 0 + 3.0, matrix([1, 2], [1, 2]) * 0 + 9.0
    figure = heatmaps({(("p", 1),): low, (("p", 2),): high}, "t", "n")
    assert [mesh(axes).get_clim() for axes in panels(figure)] == [(3, 9), (3, 9)]


def test_counts_start_at_nought_and_equal_values_still_have_a_scale():
    (axes,) = panels(heatmaps({(): matrix([1], [1]) * 0 + 7}, "t", "n"))
    assert mesh(axes).get_clim() == (0, 7)
    (axes,) = panels(heatmaps({(): matrix([1], [1]) * 0 + 0.5}, "t", "n"))
    assert mesh(axes).get_clim() == (0.5, 1.5)


def test_text_is_light_on_dark_and_dark_on_light():
    frame = pd.DataFrame([[0, 50]], index=pd.Index([1], name="a"), columns=pd.Index([1, 2], name="b"))
    (axes,) = panels(heatmaps({(): frame}, "t", "n"))
    assert [to_rgba(text.get_color())[0] > 0.5 for text in axes.texts] == [False, True]


def test_cells_without_a_value_are_grey_and_told_of():
    frame = matrix([0.1, 0.2], EPOCHS).astype("Int64")
    frame.iloc[1, 2] = pd.NA
    figure = heatmaps({(): frame}, "t", "n")
    (axes,) = panels(figure)
    assert annotations(axes, 6)[1][2] == ""
    assert np.argwhere(np.ma.getmaskarray(mesh(axes).get_array())).tolist() == [[1, 2]]
    assert axes.get_facecolor() == to_rgba(EMPTY)
    assert figure.texts[-1].get_text() == "Grey: no value."


def test_marked_cells_are_hatched_and_counted():
    matrices = forum()
    none = {panel: frame * 0 for panel, frame in matrices.items()}
    diverged, failed = {**none}, {**none}
    diverged[(("hidden", 2),)] = none[(("hidden", 2),)].copy()
    diverged[(("hidden", 2),)].iloc[13, 5] = 3
    failed[(("hidden", 4),)] = none[(("hidden", 4),)].copy()
    failed[(("hidden", 4),)].iloc[0, 1] = 2
    figure = heatmaps(matrices, "t", "n", marks={"diverged": diverged, "failed": failed})
    assert [hatched(axes) for axes in panels(figure)] == [{(13, 5)}, {(0, 1)}]
    assert figure.texts[-1].get_text() == "Hatched: trials diverged (3) or failed (2)."


def test_no_marks_no_note():
    matrices = forum()
    figure = heatmaps(matrices, "t", "n", marks={"diverged": {p: f * 0 for p, f in matrices.items()}})
    assert [hatched(axes) for axes in panels(figure)] == [set(), set()]
    assert [text.get_text() for text in figure.texts] == ["t"]


def test_a_difference_is_centred_on_nought_and_signed():
    difference = pd.DataFrame([[-8, 0, 3]], index=pd.Index([0.1], name="alpha"), columns=pd.Index([1, 2, 3]))
    figure = difference_map(difference, "t", "n", marks={"diverged": (difference == 3).astype(int)})
    (axes,) = panels(figure)
    assert mesh(axes).get_clim() == (-8, 8)
    assert annotations(axes, 3) == [["−8", "0", "+3"]]
    assert hatched(axes) == {(0, 2)}
    red, green, blue = matplotlib.colormaps[mesh(axes).get_cmap().name](0.5)[:3]
    assert max(red, green, blue) - min(red, green, blue) < 0.02
    ticks = [text.get_text() for text in colour_bar(figure).get_yticklabels()]
    assert ticks == ["−5", "0", "5"]


def test_a_difference_of_nothing_still_has_a_scale():
    frame = matrix([1], [1]) * np.nan
    (axes,) = panels(difference_map(frame, "t", "n"))
    assert mesh(axes).get_clim() == (-1, 1)


def test_many_panels_wrap_and_only_open_ends_are_labelled():
    matrices = {(("case", f"number {n}"),): matrix(ALPHAS, range(12), seed=n) for n in range(5)}
    found = panels(heatmaps(matrices, "t", "n"))
    tops = sorted({round(axes.get_position().y1, 6) for axes in found}, reverse=True)
    lefts = sorted({round(axes.get_position().x0, 6) for axes in found})
    assert (len(tops), len(lefts)) == (3, 2)
    assert [bool(axes.get_ylabel()) for axes in found] == [True, False, True, False, True]
    assert [bool(axes.get_xlabel()) for axes in found] == [False, False, False, True, True]


def test_cells_too_small_for_text_have_none_and_labels_are_thinned():
    (axes,) = panels(heatmaps({(): matrix(range(300), range(150))}, "t", "n"))
    assert len(axes.texts) == 0
    rows, columns = tick_texts(axes, "rows"), tick_texts(axes, "columns")
    assert rows[0] == columns[0] == "0"
    assert 20 < len(rows) < 200
    assert 20 < len(columns) <= 75


NAMES = ["as posted", "test loop fixed, inputs standardised, all else as it was", "an_identifier_without_any_space"]
DECIMALS = [10 ** (-4 + n / 7) for n in range(8)]
SHAPES = {
    "forum": forum(),
    "one row": {(): matrix(["n"], EPOCHS, (None, "epochs"))},
    "one column": {(): matrix(ALPHAS, ["n"], ("learning_rate", None))},
    "one cell": {(): matrix(["n"], ["n"], (None, None))},
    "short row axis with a long name": {(): matrix([1], EPOCHS, ("weight_initialisation", "epochs"))},
    "thin panels with long titles": {(("activation", name),): matrix(ALPHAS, [1]) for name in NAMES},
    "names": {(("case", name),): matrix(NAMES, NAMES, ("first", "second")) for name in NAMES},
    "decimals": {(("p", n),): matrix(DECIMALS, DECIMALS) / 7e3 for n in range(4)},
    "many rows": {(("p", n),): matrix(range(40), EPOCHS) for n in range(3)},
    "many panels": {(("p", n),): matrix(ALPHAS, EPOCHS) for n in range(11)},
    "large": {(("p", n),): matrix([n / 1000 for n in range(1, 121)], range(1, 201)) for n in range(2)},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_no_text_is_cut_or_meets_another(shape):
    figure = heatmaps(SHAPES[shape], "a name: median error of 50 seeds, error < 0.05", "successes of 50 seeds")
    figure.draw_without_rendering()
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text()]
    boxes = [text.get_window_extent() for text in texts]
    assert len(texts) > 2
    for text, box in zip(texts, boxes, strict=True):
        inside = box.x0 >= 0 and box.x1 <= figure.bbox.x1 and box.y0 >= 0 and box.y1 <= figure.bbox.y1
        assert inside, f"{text.get_text()!r} is cut"
    corners = np.array([box.extents for box in boxes])
    left, low, right, high = corners.T
    meet = (left[:, None] < right) & (left < right[:, None]) & (low[:, None] < high) & (low < high[:, None])
    pairs = [(texts[a].get_text(), texts[b].get_text()) for a, b in np.argwhere(np.triu(meet, 1))]
    assert pairs == []


def test_pyplot_is_not_touched_and_settings_come_back(tmp_path):
    before = dict(matplotlib.rcParams)
    save(heatmaps(forum(), "t", "n"), tmp_path / "figure.png")
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (2, 1), (3, 2)])
def test_a_small_figure_is_not_mostly_empty(rows, columns):
    figure = heatmaps({(): matrix(range(rows), range(columns))}, "a sweep: successes of 100 seeds", "successes")
    (panel,) = panels(figure)
    box, bar = panel.get_position(), colour_bar(figure).get_position()
    width, height = figure.get_size_inches()
    assert box.height / rows * height >= 0.39
    assert box.width / columns * width >= 0.75
    assert box.height >= min(0.999, 0.37 * rows) * bar.height


@pytest.mark.parametrize(("count", "angle"), [(4, 0), (20, 90)])
def test_few_long_labels_of_columns_lie(count, angle):
    names = [f"momentum {k}" for k in range(count)]
    (panel,) = panels(heatmaps({(): matrix([1, 2, 3], names)}, "t", "n"))
    assert {text.get_rotation() for text in panel.get_xticklabels()} == {angle}
