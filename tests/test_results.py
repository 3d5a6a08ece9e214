"""What a notebook asks of results: comparisons, single trials, and what it shows of them."""

from xml.etree import ElementTree

import pandas as pd
import pytest

import nnsweep
from tests.helpers import SMALL, call, files


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return nnsweep.run(nnsweep.loads(SMALL), tmp_path_factory.mktemp("results"), figures=False)


def rows(html):
    """The rows of the one table of a text, each a dict of its cells by the header's."""
    table = ElementTree.fromstring(html[html.index("<table") : html.index("</table>") + len("</table>")])
    head, *body = [[cell.text or "" for cell in row] for row in table.iter("tr")]
    return [dict(zip(head, cells, strict=True)) for cells in body]


def test_a_sweep_is_given_by_its_file_or_its_text(grid, results):
    assert nnsweep.plan(grid).new == 48
    from_file = nnsweep.run(str(grid), figures=False)
    pd.testing.assert_frame_equal(from_file.trials, results.trials)
    assert (nnsweep.plan(grid).cached, nnsweep.retry(grid).trained) == (48, 0)


def test_a_mistake_in_a_text_is_told_with_its_place():
    with pytest.raises(nnsweep.SpecError) as caught:
        nnsweep.loads('name = "one"\n[axes]\nhiden = [2, 4]\n')
    assert str(caught.value).startswith("text:3:1: unknown parameter `hiden` in [axes]; did you mean `hidden`? ")


def test_two_values_of_an_axis_are_compared_as_the_command_does(grid, results, capsys):
    call(capsys, grid, "--no-figures")
    call(capsys, "compare", grid, "--on", "hidden=2,4", "--no-figures")
    written = pd.read_csv("results/small/tables/compare_hidden=2_with_4.csv")
    found = results.compare(on="hidden=2,4")
    pd.testing.assert_frame_equal(found.table, written, check_dtype=False)
    assert len(found.figure().axes) == 2


def test_another_sweep_is_compared(tmp_path, results):
    text = SMALL.replace('name = "small"', 'name = "other"').replace("update =", "standardize = true\nupdate =")
    other = nnsweep.run(nnsweep.loads(text), tmp_path, figures=False)
    before = files(tmp_path)
    found = results.compare(other)
    assert str(found).startswith("other against small: 12 cells, 4 trials paired by seed; ")
    assert files(tmp_path) == before, "comparing writes nothing"


def test_the_name_of_a_case_may_have_commas(tmp_path):
    text = SMALL + '[cases]\n"plain" = {}\n"small, slow" = { init_high = 0.1 }\n'
    found = nnsweep.run(nnsweep.loads(text, ["seed={count=2}"]), tmp_path, figures=False)
    assert found.compare(on="case=small, slow,plain").names == ("case = small, slow", "case = plain")


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda r: r.compare(), 'compare: allowed: on="axis=value,value", or the results of another sweep'),
        (
            lambda r: r.compare(r, on="hidden=2,4"),
            'compare: allowed: on="axis=value,value", or the results of another sweep',
        ),
        (
            lambda r: r.compare("small"),
            "compare: found 'small'; allowed: on=\"axis=value,value\", or the results of another sweep",
        ),
        (
            lambda r: r.compare(on={"hidden": [2, 4]}),
            "compare: found on={'hidden': [2, 4]}; allowed: on=\"axis=value,value\", or the results of another sweep",
        ),
        (lambda r: r.matrix("successes"), "panel: found none; allowed: hidden=2; hidden=4"),
        (lambda r: r.trial(7), "trial: found 7; allowed: the first digits of an id, as text, or settings"),
        (lambda r: r.trial(hidden=3), "no trial with hidden = 3; allowed: 2, 4"),
        (
            lambda r: r.trial(hidden=2),
            "24 trials of small match; name one by alpha, epochs, hidden, seed, or by its id",
        ),
    ],
)
def test_what_cannot_be_asked(results, ask, message):
    with pytest.raises(nnsweep.NnsweepError) as caught:
        ask(results)
    assert str(caught.value) == message


def test_a_trial_is_found_and_trained_again(results):
    trial = results.trial(alpha=0.05, epochs=2, hidden=4, seed=3)
    row = results.trials.query("alpha == 0.05 and epochs == 2 and hidden == 4 and seed == 3").iloc[0]
    assert trial.trial.id == row["id"]
    settings = "alpha = 0.05, epochs = 2, hidden = 4, seed = 3"
    said = repr(trial).splitlines()
    assert said[:3] == [f"trial {row['id']}", f"  {settings}", f"  ok, error {row['error']:.6g}"]
    assert said[3].startswith("  dead hidden units ")
    assert results.trial(row["id"][:8]) == trial
    again = trial.replay()
    assert again.differs is None
    assert repr(again) == f"trial {row['id']}, trained again: ok, error {row['error']:.6g}\nas stored, bit for bit"
    assert len(trial.trace()) == 2 * 50 + 1


def test_a_list_of_widths_names_a_trial(tmp_path):
    sweep = nnsweep.loads(SMALL, ["hidden=[2,[3,3]]", "seed={count=1}"])
    found = nnsweep.run(sweep, tmp_path, figures=False).trial(alpha=0.01, epochs=1, hidden=[3, 3])
    assert found.trial.params["hidden"] == (3, 3)


def test_a_notebook_shows_every_cell_of_few(results):
    assert repr(results) == str(results)
    html = results._repr_html_()
    assert html.startswith("<p><strong>small</strong><br>48 trials: 48 ok. Every cell; success is error &lt; 0.3.</p>")
    shown = rows(html)
    assert list(shown[0]) == ["alpha", "epochs", "hidden", "successes", "rate", "95 % interval"]
    counts = results.trials.groupby(["alpha", "epochs", "hidden"])["success"].sum()
    assert [row["successes"] for row in shown] == [f"{count} of 4" for count in counts]


def test_a_notebook_shows_the_best_of_many(tmp_path):
    sweep = nnsweep.loads(SMALL, ["epochs=1,2,3,4", "seed={count=2}"])
    found = nnsweep.run(sweep, tmp_path, figures=False)
    assert "The best cells; success is error &lt; 0.3." in found._repr_html_()
    shown = rows(found._repr_html_())
    best = [found.summary.loc[found.summary["hidden"] == width, "successes"].max() for width in (2, 4)]
    assert [(row["hidden"], row["successes"]) for row in shown] == [("2", f"{best[0]} of 2"), ("4", f"{best[1]} of 2")]


def test_a_notebook_shows_a_comparison(results):
    found = results.compare(on="hidden=2,4")
    shown = rows(found._repr_html_())
    assert [row["hidden = 4"] for row in shown] == [f"{count} of 4" for count in found.table["successes_b"]]
    assert [row["alpha"] for row in shown] == [str(alpha) for alpha in found.table["alpha"]]


def test_a_notebook_shows_the_cells_of_a_comparison_that_differ_most(tmp_path):
    sweep = nnsweep.loads(SMALL, ["epochs={from=1,to=8}", "seed={count=3}"])
    found = nnsweep.run(sweep, tmp_path, figures=False).compare(on="hidden=2,4")
    html = found._repr_html_()
    assert "<p>The 12 of 16 cells that differ most.</p>" in html
    most = found.table["difference"].abs().sort_values(ascending=False)[:12]
    gaps = [abs(int(row["difference (95 % interval)"].split(" %")[0].replace("−", "-"))) for row in rows(html)]
    assert gaps == [round(100 * gap) for gap in most]


def test_what_a_notebook_shows_is_inert(tmp_path):
    text = SMALL.replace('name = "small"', 'name = "small"\ndescription = "<script>alert(1)</script>"')
    text += '[cases]\n"<script>" = {}\n"b" = { init_high = 0.1 }\n'
    found = nnsweep.run(nnsweep.loads(text, ["seed={count=2}"]), tmp_path, figures=False)
    shown = found._repr_html_() + found.compare(on="case=<script>,b")._repr_html_()
    assert "<script" not in shown
    assert "&lt;script&gt;alert(1)" in shown
