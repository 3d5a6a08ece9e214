"""Figures of a whole sweep: what is drawn is what the tables say."""

import matplotlib.colors
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PathCollection, PolyCollection

from nnsweep.errors import NnsweepError
from nnsweep.figures.curves import curves
from nnsweep.report.overview import KINDS, OPTIONS, Overview
from tests.helpers.fake_sweeps import outcomes_of, sweep_of, trials_of
from tests.helpers.figures import check_texts
from tests.helpers.frames import summary, trials_table

TITLE = "forum: success rate of 6 seeds (error < 0.05)"


def of(seeds=6, report=None, **axes):
    """An overview of made-up trials."""

    sweep = sweep_of(report, seeds, **axes)
    trials = trials_of(sweep)
    table = trials_table(sweep, trials, outcomes_of(trials), ["error"])
    cells = summary(table, [axis.name for axis in sweep.axes if axis.name != "seed"], ["error"])
    return Overview(sweep, table, cells, ["error"])


@pytest.fixture(scope="module")
def forum():
    return of(alpha=(0.001, 0.01, 0.05), epochs=(1, 2, 3, 4, 5), hidden=((2,), (4,)))


@pytest.fixture(scope="module")
def four():
    return of(alpha=(0.001, 0.01), epochs=(1, 2, 3), hidden=((2,), (4,)), case=("as posted", "test loop fixed"))


def panels(figure):
    return [axes for axes in figure.axes if axes.get_label().startswith("panel")]


def figure_titles(figure):
    return [text.get_text() for text in figure.texts]


def panel_titles(figure):
    return [panel.get_title(loc="left") for panel in panels(figure)]


def test_rates_are_averaged_over_the_other_numbers_with_a_line_for_each_panel(forum):
    figure = forum.rates()
    assert panel_titles(figure) == ["averaged over epochs", "averaged over alpha"]
    assert [panel.get_xlabel() for panel in panels(figure)] == ["alpha", "epochs"]
    assert figure_titles(figure)[0] == TITLE
    (legend,) = figure.legends
    assert legend.get_title().get_text() == "hidden"
    assert [text.get_text() for text in legend.get_texts()] == ["2", "4"]
    for panel, axis in zip(panels(figure), ("alpha", "epochs"), strict=True):
        assert len(panel.lines) == 2
        for line, hidden in zip(panel.lines, (2, 4), strict=True):
            means = forum.trials.query(f"hidden == {hidden}").groupby(axis)["success"].mean()
            assert line.get_xdata().tolist() == means.index.tolist()
            np.testing.assert_allclose(line.get_ydata(), means.to_numpy())


def test_behind_an_average_stands_each_value_that_it_averages(forum):
    first, second = panels(forum.rates())
    thin = [each for each in first.collections if isinstance(each, LineCollection)]
    assert [len(each.get_paths()) for each in thin] == [5, 5]
    assert [len(c.get_paths()) for c in second.collections if isinstance(c, LineCollection)] == [3, 3]
    wanted = forum.trials.query("hidden == 4 and epochs == 3").groupby("alpha")["success"].mean()
    np.testing.assert_allclose(thin[1].get_paths()[2].vertices, [*wanted.items()])


def test_a_band_is_the_average_of_the_intervals(forum):
    panel = panels(forum.rates())[0]
    bands = [each for each in panel.collections if not isinstance(each, LineCollection)]
    assert len(bands) == 2
    upper = bands[1].get_paths()[0].vertices[:, 1].max()
    assert upper == pytest.approx(forum.summary.query("hidden == 4").groupby("alpha")["rate_high"].mean().max())


def test_against_one_axis_there_is_a_panel_for_each_combination_of_the_others(forum):
    figure = forum.rates(against="epochs")
    assert panel_titles(figure) == ["alpha = 0.001", "alpha = 0.01", "alpha = 0.05"]
    assert figure_titles(figure) == [TITLE, "Bands: 95 % intervals."]
    cells = forum.summary.query("alpha == 0.01 and hidden == 2")
    np.testing.assert_allclose(panels(figure)[1].lines[0].get_ydata(), cells["rate"])
    assert not any(isinstance(each, LineCollection) for each in panels(figure)[1].collections)


def test_names_are_panels_and_never_averaged_over(four):
    figure = four.rates()
    assert panel_titles(figure) == [
        f"case = {case}, averaged over {other}"
        for case in ("as posted", "test loop fixed")
        for other in ("epochs", "alpha")
    ]


def test_medians_are_drawn_with_the_bound_of_success(forum):
    figure = forum.medians(against="alpha")
    panel = panels(figure)[0]
    assert panel.get_ylabel() == "median error"
    cells = forum.summary.query("epochs == 1 and hidden == 4")
    np.testing.assert_allclose(panel.lines[1].get_ydata(), cells["error_median"])
    np.testing.assert_allclose(panel.lines[2].get_ydata(), 0.05)
    assert figure.legends[0].get_texts()[-1].get_text() == "error < 0.05"


def test_a_colour_is_of_the_same_value_in_rates_strips_and_curves(forum):
    def lines(figure):
        return [matplotlib.colors.to_hex(line.get_color()) for line in panels(figure)[0].lines[:2]]

    dots = [each for each in panels(forum.distribution())[0].collections if isinstance(each, PathCollection)]
    history = pd.concat([pd.DataFrame({"hidden": h, "epoch": [1, 2], **QUARTILES}) for h in (2, 4)])
    drawn = curves({(): history}, ["error"], "t", "hidden")
    assert lines(forum.rates()) == lines(drawn) == [matplotlib.colors.to_hex(each.get_facecolor()[0]) for each in dots]


QUARTILES = {f"error_{name}": [0.5, 0.4] for name in ("lower", "median", "upper")}


def test_strips_show_every_trial_in_its_row(forum):
    figure = forum.distribution()
    assert figure_titles(figure)[0] == "forum: error of each of 6 seeds"
    rows, columns = forum.layout.rows, forum.layout.columns
    assert panel_titles(figure) == [f"{columns} = {value}" for value in forum.layout.values[columns]]
    panel = panels(figure)[0]
    assert [text.get_text() for text in panel.get_yticklabels()] == [str(v) for v in forum.layout.values[rows]]
    dots = [each for each in panel.collections if isinstance(each, PathCollection)][1].get_offsets()
    wanted = forum.trials.loc[
        (forum.trials[columns] == forum.layout.values[columns][0]) & (forum.trials["hidden"] == 4)
    ]
    np.testing.assert_allclose(dots[:, 0], wanted["error"])
    assert np.floor(dots[:, 1]).tolist() == [forum.layout.values[rows].index(value) for value in wanted[rows]]
    boxes = [each for each in panel.collections if isinstance(each, PolyCollection)][1].get_paths()
    first = wanted.loc[wanted[rows] == forum.layout.values[rows][0], "error"]
    np.testing.assert_allclose(boxes[0].vertices[[0, 1], 0], np.quantile(first, [0.25, 0.75]))


def test_trials_without_a_value_are_counted_where_they_are_missing(forum):
    trials = forum.trials.copy()
    lost = trials.index[(trials["alpha"] == 0.01) & (trials["epochs"] == 2) & (trials["hidden"] == 4)][:3]
    trials.loc[lost, "error"] = np.nan
    trials.loc[lost, "status"] = ["diverged", "diverged", "failed"]
    figure = Overview(forum.sweep, trials, forum.summary, ["error"]).distribution()
    counted = [(panel.get_title(loc="left"), text.get_text()) for panel in panels(figure) for text in panel.texts]
    where = {"alpha": "alpha = 0.01", "epochs": "epochs = 2"}[forum.layout.columns]
    assert counted == [(where, "3")]
    assert figure_titles(figure)[-1].replace("\n", " ") == (
        "Dots: trials, by seed. Boxes: middle half; bars: median. "
        "Numbers at the right: trials without a value (2 diverged, 1 failed)."
    )


def test_a_part_is_named_and_laid_out_anew(forum):
    figure = forum.narrowed([("hidden", "4"), ("epochs", 5)]).distribution()
    assert figure_titles(figure)[0] == "forum: error of each of 6 seeds, hidden = 4, epochs = 5"
    (panel,) = panels(figure)
    assert panel.get_ylabel() == "alpha"
    assert figure.legends[0].get_title().get_text() == ""
    one = forum.narrowed([("hidden", (4,)), ("epochs", 5), ("alpha", 0.01)]).distribution()
    assert sum(len(c.get_offsets()) for c in panels(one)[0].collections if isinstance(c, PathCollection)) == 6


def test_the_marginal_view_has_a_row_for_each_value_and_the_axis_that_matters_most_first(four):
    figure = four.marginal()
    rates, medians = panels(figure)
    assert (rates.get_xlabel(), medians.get_xlabel()) == ("success rate", "median error")
    spread = {
        name: np.ptp(four.trials.groupby(name)["success"].mean()) for name in ("alpha", "epochs", "hidden", "case")
    }
    order = sorted(spread, key=lambda name: -round(spread[name], 9))
    assert figure_titles(figure)[:4] == order
    labels = [text.get_text() for text in rates.get_yticklabels()]
    assert labels == [str(value) for name in order for value in four.layout.values[name]]
    drawn = [x for _, x in sorted((y, x) for line in rates.lines for x, y in line.get_xydata())]
    wanted = [rate for name in order for rate in four.trials.groupby(name, sort=False)["success"].mean()]
    np.testing.assert_allclose(drawn, wanted)


def test_a_run_draws_rates_and_beyond_three_axes_the_marginal_view(forum, four):
    assert list(forum.figures()) == ["rates"]
    assert list(four.figures()) == ["marginal"]
    assert list(of(case=("a", "b")).figures()) == []
    many = tuple(f"case {number}" for number in range(30))
    assert list(of(alpha=(0.1, 0.2), case=many, loss=("a", "b")).figures()) == [], "30 panels"


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda o: o.rates("pie"), "no axis `pie`; allowed: alpha, epochs, hidden, case"),
        (lambda o: o.rates("case"), "forum: `case` has no two different numbers; allowed: alpha, epochs, hidden"),
        (lambda o: o.medians("loss"), "forum: no metric `loss`; allowed: error"),
        (lambda o: o.narrowed([("hidden", 3)]), "no trial with hidden = 3; allowed: 2, 4"),
        (lambda o: o.narrowed([("hidden", 2), ("hidden", 4)]), "no trial of forum has hidden=2 and hidden=4 together"),
        (lambda o: o.figure("rates", metric="error"), "figure `rates` takes no `metric`; allowed: against"),
        (
            lambda o: o.narrowed([("alpha", 0.01), ("epochs", 1), ("hidden", 2)]).rates(),
            "forum: no axis has several numbers to draw against",
        ),
        (
            lambda o: o.narrowed([("alpha", 0.01), ("epochs", 1), ("hidden", 2), ("case", "as posted")]).marginal(),
            "forum: no axis but the seeds has several values",
        ),
    ],
)
def test_what_cannot_be_drawn_is_said(four, ask, message):
    with pytest.raises(NnsweepError) as caught:
        ask(four)
    assert str(caught.value) == message


def test_every_kind_says_its_options():
    assert list(OPTIONS) == list(KINDS)


LONG = tuple(f"a name so long that it is broken in two, {k}" for k in range(5))


@pytest.mark.parametrize("kind", ["rates", "medians", "distribution", "marginal"])
@pytest.mark.parametrize(
    "axes",
    [
        {"alpha": (0.001, 0.002, 0.01)},
        {"alpha": tuple(n / 1000 for n in range(1, 15)), "epochs": (1, 2, 3, 4, 5, 6), "hidden": (2, 4)},
        {"case": LONG, "alpha": (0.001, 0.01), "hidden": (2, 4, 8)},
        {"alpha": (0.1, 0.2), "epochs": (100_000, 200_000), "hidden": (2, 4), "case": LONG[:2], "batch_size": (1, 10)},
    ],
)
def test_no_text_meets_another_or_the_edge(kind, axes):
    figure = KINDS[kind](of(2, **axes))
    check_texts(figure)
