"""`nnsweep compare`, as a user meets it."""

import json
from pathlib import Path

import pandas as pd
import pytest

import nnsweep
from tests.helpers import SMALL, call


@pytest.fixture
def grid(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "grid.toml"
    path.write_text(SMALL.replace("count = 4", "count = 12"), encoding="utf-8")
    assert call(capsys, path, "--no-figures")[0] == 0
    return path


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
    assert lines[-2] == "unpaired, and left out: 120 of the first and 36 of the second's trials"
    assert lines[-1] == "written: results/small/tables/compare_with_other.csv"


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


def test_axes_called_what_the_figure_counts(tmp_path, monkeypatch):
    """A cell's difference stands at its own `same` and `gained`: two of three seeds more where both are 2."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "counted.py").write_text(
        "def train(seed: int, way: int, same: int, gained: int) -> dict:\n"
        "    return {'error': 0.0 if way == 2 and same == gained == 2 and seed > 0 else 1.0}\n"
    )
    axes = "way = [1, 2]\nsame = [1, 2]\ngained = [1, 2]\nseed = { count = 3 }"
    success = '[success]\nmetric = "error"\nbelow = 0.5'
    sweep = nnsweep.loads(f'name = "a"\ntrainer = "counted:train"\n[axes]\n{axes}\n{success}')
    found = nnsweep.run(sweep, jobs=1).compare(on="way=1,2").figure()
    shown = [text.get_text() for panel in found.axes for text in panel.texts]
    assert shown == ["0", "0", "0", "+2"]


@pytest.mark.parametrize("others", ["", "third = [1, 2]\nfourth = [1, 2]\n"], ids=["two axes", "four axes"])
def test_where_no_trial_ends_every_verb_says_so(tmp_path, monkeypatch, capsys, others):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "failing.py").write_text(
        "def train(seed=0, way=1, same=1, third=1, fourth=1):\n    raise ValueError('no')"
    )
    axes = f"way = [1, 2]\nsame = [1, 2]\n{others}seed = {{ count = 2 }}"
    success = '[success]\nmetric = "error"\nbelow = 0.5'
    (tmp_path / "grid.toml").write_text(f'name = "a"\ntrainer = "failing:train"\n[axes]\n{axes}\n{success}')
    code, said, wrong = call(capsys, "grid.toml")
    assert (code, wrong) == (1, "")
    assert "none ended" in said
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
