"""`nnsweep compare`, as a user meets it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import nnsweep
from tests.helpers import SMALL, call


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A folder in which a sweep of twelve seeds ran without figures."""
    folder = tmp_path_factory.mktemp("ran")
    path = folder / "grid.toml"
    path.write_text(SMALL.replace("count = 4", "count = 12"), encoding="utf-8")
    nnsweep.run(path, folder / "results", figures=False)
    return folder


@pytest.fixture
def grid(ran, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ran, tmp_path, dirs_exist_ok=True)
    return tmp_path / "grid.toml"


def test_two_values_of_an_axis(grid, capsys):
    code, out, err = call(capsys, "compare", "small", "--on", "hidden=2,4")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == (
        "hidden = 4 against hidden = 2: 6 cells, 12 trials paired by seed; at 5 % for all cells together, "
        "by sign flips of the seeds"
    )
    folder, stem = "results/small", "compare_hidden=2_with_4"
    assert lines[-1] == f"written: {folder}/tables/{stem}.csv and {folder}/figures/{stem}.png"
    table = pd.read_csv(f"{folder}/tables/{stem}.csv")
    trials = pd.read_csv(f"{folder}/tables/trials.csv")
    assert list(table.columns[:5]) == ["alpha", "epochs", "pairs", "successes_a", "successes_b"]
    for row in table.to_dict("records"):
        cell = trials[(trials["alpha"] == row["alpha"]) & (trials["epochs"] == row["epochs"])]
        assert row["successes_a"] == cell[cell["hidden"] == 2]["success"].sum()
        assert row["successes_b"] == cell[cell["hidden"] == 4]["success"].sum()
    told = json.loads(call(capsys, "compare", grid, "--on", "hidden=4,2", "--json", "--no-figures")[1])
    assert [row["difference"] for row in told] == pytest.approx((-table["difference"]).tolist())


@pytest.mark.slow
def test_formats_of_the_figure(grid, capsys):
    asked = ["compare", "small", "--on", "hidden=2,4", "--format", "svg", "--format", "pdf"]
    code, out, err = call(capsys, *asked)
    assert (code, err) == (0, "")
    stem = "results/small/figures/compare_hidden=2_with_4"
    assert out.splitlines()[-1].endswith(f" and {stem}.svg and {stem}.pdf")
    assert Path(f"{stem}.svg").read_bytes().startswith(b"<?xml")
    assert Path(f"{stem}.pdf").read_bytes().startswith(b"%PDF")
    assert not Path(f"{stem}.png").exists()


def test_two_sweeps_and_seeds_without_a_partner(grid, capsys):
    other = grid.with_name("other.toml")
    text = SMALL.replace('name = "small"', 'name = "other"').replace("count = 4", "count = 5, start = 10")
    other.write_text(text.replace("update =", "standardize = true\nupdate ="), encoding="utf-8")
    call(capsys, other, "--no-figures")
    code, out, err = call(capsys, "compare", "small", "other", "--no-figures")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("other against small: 12 cells, 2 trials paired by seed; ")
    assert lines[-3] == "unpaired, and left out: 120 of the first and 36 of the second's trials"
    assert lines[-2] == (
        "what differs: standardize: false in small, true in other; seed: 0, 1, 2 and 7 more in small alone, "
        "12, 13 and 14 in other alone"
    )
    assert lines[-1] == "written: results/small/tables/compare_with_other.csv"


def test_a_part_of_a_sweep_is_compared(grid, capsys):
    assert call(capsys, grid, "--no-figures", "--quiet")[0] == 0
    arguments = "--on", "hidden=2,4", "--set", "alpha=0.05", "--set", "epochs=[3]", "--no-figures"
    code, out, _ = call(capsys, "compare", "small", *arguments)
    assert code == 0
    assert out.splitlines()[0].startswith("hidden = 4 against hidden = 2: 1 cell, 12 trials paired by seed; ")
    assert out.splitlines()[-1] == (
        "nothing written: the files in results/small are of the sweep that was last run there"
    )
    table = json.loads(call(capsys, "compare", "small", *arguments, "--json")[1])
    assert [row["pairs"] for row in table] == [12]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["small"], "compare: allowed: one sweep and --on axis=value,value, or two sweeps"),
        (["small", "--on", "width=2,4"], "--on width=2,4: no axis `width`; allowed: alpha, epochs, hidden"),
        (["small", "--on", "hidden=2"], "--on hidden=2: found 2; allowed: two of 2, 4"),
        (["small", "--on", "seed=1,2"], "--on seed=1,2: no axis `seed`; allowed: alpha, epochs, hidden"),
    ],
)
def test_what_cannot_be_compared(grid, capsys, arguments, message):
    assert call(capsys, "compare", *arguments) == (2, "", f"Error: {message}\n")


def test_axes_called_what_the_figure_counts(module):
    """A cell's difference is drawn at its own `same` and `gained`: two of three seeds more if both are 2."""
    module(
        "def train(seed: int, way: int, same: int, gained: int) -> dict:\n"
        "    return {'error': 0.0 if way == 2 and same == gained == 2 and seed > 0 else 1.0}\n",
        "counted.py",
    )
    axes = "way = [1, 2]\nsame = [1, 2]\ngained = [1, 2]\nseed = { count = 3 }"
    success = '[success]\nmetric = "error"\nbelow = 0.5'
    sweep = nnsweep.loads(f'name = "a"\ntrainer = "counted:train"\n[axes]\n{axes}\n{success}')
    found = nnsweep.run(sweep, jobs=1).compare(on="way=1,2").figure()
    shown = [text.get_text() for panel in found.axes for text in panel.texts]
    assert shown == ["0", "0", "0", "+2"]


@pytest.mark.parametrize("others", ["", "third = [1, 2]\nfourth = [1, 2]\n"], ids=["two axes", "four axes"])
def test_where_no_trial_ends_every_verb_says_so(tmp_path, module, capsys, others):
    module("def train(seed=0, way=1, same=1, third=1, fourth=1):\n    raise ValueError('no')", "failing.py")
    axes = f"way = [1, 2]\nsame = [1, 2]\n{others}seed = {{ count = 2 }}"
    success = '[success]\nmetric = "error"\nbelow = 0.5'
    (tmp_path / "grid.toml").write_text(f'name = "a"\ntrainer = "failing:train"\n[axes]\n{axes}\n{success}')
    code, said, wrong = call(capsys, "grid.toml")
    alike = "the first 20 trials all failed with the same error: ValueError: no, at "
    assert (code, wrong[: len(alike)]) == (1, alike if others else "")
    assert "none ended" in said
    assert "next:" not in said
    nothing = {
        ("figure", "rates", "a"): "success; there is nothing to draw",
        ("figure", "medians", "a"): "a metric; there is nothing to draw",
        ("figure", "distribution", "a"): "a metric; there is nothing to draw",
        ("figure", "marginal", "a"): "success; there is nothing to draw",
        ("compare", "a", "--on", "way=1,2"): "error; there is nothing to compare",
    }
    for words, what in nothing.items():
        code, said, wrong = call(capsys, *words)
        assert (code, said) == (2, "")
        assert wrong in (f"Error: a: no trial has ended with {its}{what}\n" for its in ("", "its "))


MINE = """
name = "mine"

[axes]
alpha = { logspace = [0.01, 0.1], num = 3 }
hidden = [2, 4, [3, 2]]
seed = { count = 6 }

[success]
metric = "error"
below = 0.3
"""


@pytest.fixture
def mine(grid, capsys):
    """A sweep that has three axes in common with `small`, one of them with a list, and one value fixed."""
    path = grid.with_name("mine.toml")
    path.write_text(MINE, encoding="utf-8")
    assert call(capsys, path, "--no-figures", "--set", "epochs=2")[0] == 0
    return path


def test_cells_of_two_sweeps_are_matched_by_value(mine, capsys):
    code, out, err = call(capsys, "compare", "mine", "small", "--no-figures")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("small with epochs = 2 against mine: 2 cells, 6 trials paired by seed; ")
    assert lines[-3] == "unpaired, and left out: 42 of the first and 36 of the second's trials"
    assert lines[-2] == (
        "what differs: test_size: 2000 in mine, 100 in small; train_size: 1000 in mine, 50 in small; "
        'update: "simultaneous" in mine, "sequential" in small; '
        "alpha: 0.03162277660168379 and 0.1 in mine alone, 0.05 in small alone; "
        "hidden: 3-2 in mine alone; seed: 6, 7, 8 and 3 more in small alone"
    )
    table = pd.read_csv("results/mine/tables/compare_with_small.csv")
    assert table[["alpha", "hidden", "pairs"]].to_numpy().tolist() == [[0.01, 2, 6], [0.01, 4, 6]]
    ours, theirs = (pd.read_csv(f"results/{name}/tables/trials.csv") for name in ("mine", "small"))
    for row in table.to_dict("records"):
        first = ours[(ours["alpha"] == 0.01) & (ours["hidden"] == str(int(row["hidden"])))]
        second = theirs[(theirs["alpha"] == 0.01) & (theirs["epochs"] == 2) & (theirs["hidden"] == row["hidden"])]
        assert row["successes_a"] == first["success"].sum()
        assert row["successes_b"] == second["success"].head(6).sum()
    there = call(capsys, "compare", "small", "mine", "--no-figures", "--json")[1]
    assert [row["difference"] for row in json.loads(there)] == pytest.approx((-table["difference"]).tolist())


def test_values_on_may_be_written_in_any_way(mine, capsys):
    for on in ("hidden=3-2,4", "hidden=[3, 2],4", "hidden=[3,2],4.0"):
        code, out, err = call(capsys, "compare", "mine", "--on", on, "--no-figures")
        assert (code, err) == (0, "")
        assert out.startswith("hidden = 4 against hidden = 3-2: 3 cells, 6 trials paired by seed; ")
    out = call(capsys, "compare", "mine", "--on", "alpha=0.0316,.1", "--no-figures")[1]
    assert out.startswith("alpha = 0.1 against alpha = 0.03162277660168379: 3 cells, ")
    assert call(capsys, "compare", "mine", "--on", "hidden=3,2")[2] == (
        "Error: --on hidden=3,2: found 3,2; allowed: two of 2, 4, 3-2\n"
    )


def test_a_value_that_is_excluded_is_nowhere(grid, capsys):
    other = grid.with_name("without.toml")
    text = MINE.replace('"mine"', '"without"') + "[[exclude]]\nhidden = [[3, 2]]\n"
    other.write_text(text, encoding="utf-8")
    assert call(capsys, other, "--no-figures")[0] == 0
    assert call(capsys, "compare", "without", "--on", "hidden=2,4", "--no-figures")[0] == 0
    assert Path("results/without/tables/success.csv").read_text().startswith("alpha\\hidden,2,4\n")
    assert "3-2" not in Path("results/without/tables/summary.csv").read_text()
    assert call(capsys, "compare", "without", "--on", "hidden=2,3-2")[2] == (
        "Error: --on hidden=2,3-2: found 2,3-2; allowed: two of 2, 4\n"
    )


@pytest.mark.parametrize("seed", ["seed=0", "seed={count=1}"])
def test_two_trials_have_a_difference_and_no_interval(grid, capsys, seed):
    head, _ = SMALL.split("[success]")
    grid.write_text(head, encoding="utf-8")
    assert call(capsys, grid, "--no-figures", "--set", seed, "--set", "epochs=1", "--set", "alpha=0.01")[0] == 0
    code, out, _ = call(capsys, "compare", "small", "--on", "hidden=2,4", "--no-figures")
    two, four = pd.read_csv("results/small/tables/trials.csv")["error"]
    assert code == 0
    assert out.splitlines()[-2] == f"  largest: median error {four - two:+.3g} of 1".replace("-", "−")


def test_a_metric_is_compared_without_a_success(grid, capsys):
    other = grid.with_name("plain.toml")
    head, _ = SMALL.split("[success]")
    other.write_text(head.replace('"small"', '"plain"'), encoding="utf-8")
    assert call(capsys, other, "--no-figures", "--set", "standardize=true")[0] == 0
    code, out, err = call(capsys, "compare", "plain", "--on", "hidden=2,4")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("hidden = 4 against hidden = 2: 6 cells, 4 trials paired by seed; ")
    assert "succeed" not in out
    stem = "compare_hidden=2_with_4"
    assert lines[-1] == f"written: results/plain/tables/{stem}.csv and results/plain/figures/{stem}.png"
    table = pd.read_csv("results/plain/tables/compare_hidden=2_with_4.csv")
    assert list(table)[:4] == ["alpha", "epochs", "error_pairs", "error_difference"]
    trials = pd.read_csv("results/plain/tables/trials.csv")
    for row in table.to_dict("records"):
        cell = trials[(trials["alpha"] == row["alpha"]) & (trials["epochs"] == row["epochs"])]
        two, four = (cell[cell["hidden"] == width]["error"].to_numpy() for width in (2, 4))
        assert row["error_difference"] == pytest.approx(np.median(four - two), abs=1e-15)
    code, out, err = call(capsys, "compare", "small", "plain", "--metric", "error", "--no-figures")
    assert (code, err) == (0, "")
    assert out.splitlines()[-2:] == [
        "what differs: success: error < 0.3 in small, not defined in plain; standardize: false in small, true in "
        "plain; seed: 4, 5, 6 and 5 more in small alone",
        "written: results/small/tables/compare_with_plain_error.csv",
    ]


def test_what_two_sweeps_have_not_in_common_is_said(mine, capsys):
    asked = ["compare", "mine", "small", "--no-figures"]
    assert call(capsys, *asked, "--metric", "loss")[::2] == (
        2, "Error: mine and small: no metric `loss`; allowed: error\n"
    )  # fmt: skip
    far = mine.with_name("far.toml")
    far.write_text(MINE.replace('"mine"', '"far"').replace("[0.01, 0.1]", "[1, 2]"), encoding="utf-8")
    assert call(capsys, far, "--no-figures")[0] == 0
    assert call(capsys, "compare", "mine", "far")[2] == (
        "Error: mine and far have no cell and seed in common: alpha: 0.01, 0.03162277660168379 and 0.1 in mine "
        "alone, 1.0, 1.4142135623730951 and 2.0 in far alone\n"
    )
    assert call(capsys, mine, "--no-figures", "--set", "epochs=1")[0] == 0
    assert call(capsys, "compare", "mine", "mine", "--no-figures")[1].splitlines()[-2] == (
        "what differs: nothing in 9 of 9 pairs looked at: both are one and the same trial"
    )


def test_an_axis_of_one_sweep_alone_has_no_partner(grid, mine, capsys):
    assert call(capsys, mine, "--no-figures", "--set", "epochs=3,4")[0] == 0
    wide = mine.with_name("wide.toml")
    wide.write_text(MINE.replace('"mine"', '"wide"'), encoding="utf-8")
    assert call(capsys, wide, "--no-figures", "--set", "epochs=7")[0] == 0
    assert call(capsys, "compare", "mine", "wide")[2] == (
        "Error: mine has several values of epochs, which the other sweep does not have; compare two of them in it, "
        "with --on, or run it with one, with --set\n"
    )


def test_a_sweep_of_which_a_part_is_stored_is_compared_with_itself(grid, capsys):
    grid.write_text(grid.read_text(encoding="utf-8").replace("0.05", "0.07"), encoding="utf-8")
    code, out, err = call(capsys, "compare", "grid.toml", "grid.toml", "--no-figures")
    assert (code, err.count("warning: 72 of 144 trials are stored: run it for the others\n")) == (0, 2)
    assert [line for line in out.splitlines() if line.startswith("what differs: ")] == [
        "what differs: nothing in 6 of 6 pairs looked at: both are one and the same trial"
    ]
