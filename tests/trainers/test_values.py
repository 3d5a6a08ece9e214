"""Settings are told apart by their values, whatever their texts, from the file to the tables."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from nnsweep import spec
from tests.helpers import call

MODULE = """
def train(hidden: int | list[int] | str = 4, tags: list[str] = ["a"], gamma=None, flag=False, seed: int = 0):
    width = sum(hidden) if isinstance(hidden, list) else len(hidden) if isinstance(hidden, str) else 10 * hidden
    return {"loss": width + len(tags[0]) + seed / 100}
"""


@pytest.fixture
def sweep(module):
    """Write a sweep of the function with some lines, and give its path."""
    folder = module(MODULE).parent

    def write(lines: str, name: str = "s") -> Path:
        path = folder / f"{name}.toml"
        head = f'name = "{name}"\ntrainer = "mine:train"\n[success]\nmetric = "loss"\nbelow = 5\n'
        path.write_text(head + lines, encoding="utf-8")
        return path

    return write


def run(capsys, path: Path, *options: object) -> str:
    code, out, err = call(capsys, "run", path, "--jobs", 1, *options)
    assert code == 0, err
    return out + err


def rows(name: str, table: str) -> list[list[str]]:
    with open(Path("results") / name / "tables" / f"{table}.csv", encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_values_of_several_kinds_are_trained_tabled_and_drawn(sweep, capsys):
    path = sweep(
        "[axes]\nhidden = [2, 4, 8]\ngamma = [0.1, 1, 10]\nseed = { count = 2 }\n"
        '[[include]]\nhidden = [[1, 1]]\n[[include]]\ngamma = "scale"\n'
    )
    for _ in range(2):
        assert "30 trials: 30 ok" in run(capsys, path)
    assert rows("s", "success") == [
        ["hidden\\gamma", "0.1", "1", "10", "scale"],
        *([width, "0", "0", "0", "0"] for width in ("2", "4", "8")),
        ["1-1", "2", "2", "2", ""],
    ]
    assert Path("results/s/report.html").is_file()


def test_an_included_list_on_an_axis_of_numbers_of_the_built_in_trainer(grid, capsys):
    text = grid.read_text().replace("epochs = { from = 1, to = 3 }", "epochs = 1")
    grid.write_text(text.replace("epochs = 1\n", "").replace("[axes]", "[axes]\nepochs = [1, 2, 3]"))
    with grid.open("a") as file:
        file.write("[[include]]\nhidden = [[8, 8]]\n")
    assert "72 trials: 72 ok" in run(capsys, grid)
    assert rows("small", "success_hidden=8-8")[0] == ["epochs\\alpha", "0.01", "0.05"]


@pytest.mark.parametrize(
    "lines",
    [
        "hidden = [2, 4]\nseed = { count = 2 }\n[[include]]\nhidden = [[8, 8]]\n",
        "hidden = [2, 4, [8, 8]]\nseed = { count = 2 }\n[[exclude]]\nhidden = [[8, 8]]\n",
        "hidden = [2, 4, [8, 8]]\nseed = { count = 2 }\n",
    ],
)
def test_two_values_are_compared_whatever_the_others_are(sweep, capsys, lines):
    path = sweep("[axes]\n" + lines)
    run(capsys, path)
    code, out, err = call(capsys, "compare", "s", "--on", "hidden=2,4")
    assert code == 0, err
    assert out.startswith("hidden = 4 against hidden = 2: 1 cell, 2 trials paired by seed")


def test_a_value_that_no_trial_has_has_no_column(sweep, capsys):
    run(capsys, sweep("[axes]\nhidden = [2, 4, [8, 8]]\ngamma = [1, 2]\n[[exclude]]\nhidden = [[8, 8]]\n"))
    assert rows("s", "success") == [["hidden\\gamma", "1", "2"], ["2", "0", "0"], ["4", "0", "0"]]


def test_an_excluded_value_that_is_included_again_stays(sweep):
    lines = "[axes]\nhidden = [2, [8, 8], 4]\ngamma = [1, 2]\n[[exclude]]\nhidden = [[8, 8]]\n[[include]]\ngamma = 3\n"
    hidden, gamma = spec.load(sweep(lines)).axes
    assert (hidden.values, hidden.added) == ((2, (8, 8), 4), ())
    assert (gamma.values, gamma.added) == ((1, 2), (3,))


def test_two_settings_with_one_text_are_two_cells(sweep, capsys):
    run(capsys, sweep("[axes]\nhidden = [4, [4], 2]\nseed = { count = 3 }\n"))
    header, *found = rows("s", "summary")
    columns = [header.index(name) for name in ("hidden", "n", "loss_mean")]
    assert [[row[at] for at in columns] for row in found] == [
        ["4", "3", "41.01"],
        ["[4]", "3", "5.01"],
        ["2", "3", "21.01"],
    ]


def test_lists_with_one_short_form_are_two_cells(sweep, capsys):
    run(capsys, sweep('[axes]\ntags = [["a-b", "c"], ["a", "b-c"], ["d"]]\nseed = { count = 3 }\n'))
    assert [row[:2] for row in rows("s", "summary")] == [
        ["tags", "n"],
        ['["a-b", "c"]', "3"],
        ['["a", "b-c"]', "3"],
        ["d", "3"],
    ]
