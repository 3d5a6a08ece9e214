"""The verb `import`, by CSV files, which need no other package: what becomes of columns, seeds and repeated rows."""

from pathlib import Path

import numpy as np
import pytest

import nnsweep
from nnsweep.errors import NnsweepError
from nnsweep.trackers.imported_run import ImportedRun
from nnsweep.trackers.importing import Wanted, import_from
from nnsweep.trackers.sources import from_csv
from tests.helpers import call

TABLE = """\
lr,optimizer,layers,rep,acc,loss
0.1,sgd,2,0,0.5,
0.1,sgd,2,1,0.7,0.3
0.01,sgd,2,0,0.9,0.1
0.01,adam,2,0,0.8,nan
"""
TO = ["axes: lr (2), optimizer (2), rep (2)", "imported to results/runs"]


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = Path("runs.csv")
    path.write_text(TABLE, encoding="utf-8")
    return path


def load(capsys, *options, source="csv:runs.csv", code=0):
    found, out, err = call(capsys, "import", source, "--no-figures", *options)
    assert (found, err if not code else out) == (code, "")
    return (err if code else out).splitlines()


ALL = ("--metric", "acc", "--metric", "loss", "--seed", "rep")


def test_rows_become_trials_with_axes_and_replicates(table, capsys):
    assert load(capsys, *ALL, "--above", "0.6") == ["csv:runs.csv: 4 runs: 4 new", *TO]
    results = nnsweep.open("runs")
    assert results.sweep.success is not None
    assert str(results.sweep.success) == "acc > 0.6"
    columns = ["lr", "optimizer", "rep", "status", "acc", "success"]
    assert results.trials[columns].values.tolist() == [
        [0.01, "sgd", 0, "ok", 0.9, True],
        [0.01, "adam", 0, "ok", 0.8, True],
        [0.1, "sgd", 0, "ok", 0.5, False],
        [0.1, "sgd", 1, "ok", 0.7, True],
    ]
    np.testing.assert_array_equal(results.trials["loss"], [0.1, np.nan, np.nan, 0.3])
    cell = results.summary.query("lr == 0.1").iloc[0]
    assert (cell["finished"], cell["successes"]) == (2, 1)
    assert call(capsys, "best", "runs")[0] == 0
    assert call(capsys, "diagnose", "runs")[0] == 0
    assert call(capsys, "show", "runs", "lr=0.1", "rep=1")[0] == 0
    assert call(capsys, "export", "runs", "--columns", "layers")[1] == "layers\n2\n2\n2\n2\n"


def test_imported_again_only_what_is_new_is_added(table, capsys):
    load(capsys, *ALL, "--above", "0.6")
    assert load(capsys, *ALL) == ["csv:runs.csv: 4 runs: 4 there already", *TO]
    lines = TABLE.splitlines()
    table.write_text("\n".join([lines[0], "0.1,sgd,2,2,0.4,1", *lines[2:]]), encoding="utf-8")
    to = ["axes: lr (2), optimizer (2), rep (3)", TO[1]]
    assert load(capsys, *ALL) == ["csv:runs.csv: 4 runs: 1 new, 3 there already", *to]
    assert len(nnsweep.open("runs").trials) == 5
    assert str(nnsweep.open("runs").sweep.success) == "acc > 0.6"  # as it was asked for


def test_without_a_seed_each_run_is_a_replicate(table, capsys):
    found = load(capsys, "--metric", "acc", "--ignore", "rep", "--ignore", "loss")
    assert found == [
        "csv:runs.csv: 4 runs: 4 new",
        "warning: 4 of them have no `seed`: each is a replicate of its own; name another with --seed",
        "axes: lr (2), optimizer (2), seed (2)",
        "imported to results/runs",
    ]
    assert nnsweep.open("runs").trials.query("lr == 0.1")["seed"].tolist() == [0, 1]


def test_equal_rows_are_runs_of_their_own(table, capsys):
    table.write_text("lr,acc\n0.1,1\n0.1,1\n0.2,1\n", encoding="utf-8")
    assert load(capsys, "--metric", "acc")[0] == "csv:runs.csv: 3 runs: 3 new"
    assert load(capsys, "--metric", "acc")[0] == "csv:runs.csv: 3 runs: 3 there already"
    assert nnsweep.open("runs").trials["seed"].tolist() == [0, 1, 0]


def test_a_run_with_the_settings_and_the_seed_of_another_is_told(table, capsys):
    table.write_text("lr,seed,acc\n0.1,0,0.25\n0.1,0,0.5\n0.1,0,\n0.2,0,1\n", encoding="utf-8")
    found = load(capsys, "--metric", "acc")
    assert found[1] == (
        "warning: 2 have the settings and the seed of another, and are stored but not shown; the last that ended is"
    )
    assert nnsweep.open("runs").trials["acc"].tolist() == [0.5, 1.0]  # the empty one has failed


def test_values_keep_their_kinds(table, capsys):
    text = "a,b,c,acc\n1,True,x,1\n1.5,2,,2\n1,1,007,3\n"
    table.write_text(text, encoding="utf-8")
    load(capsys, "--metric", "acc")
    trials = nnsweep.open("runs").trials
    assert trials["a"].tolist() == [1.0, 1.0, 1.5]
    assert trials["b"].tolist() == ["'True", "'1", "'2"]
    assert trials["c"].tolist() == ["x", "'007", "none"]


def test_what_is_empty_in_a_file_is_no_run_and_no_parameter(table, capsys):
    """As pandas writes its index, and spreadsheets empty rows; a byte order mark and line breaks in cells are read."""
    table.write_text('\ufeff\n,note,acc,\n0,"a\nb",1,\n   \n,,,\n1,c,2,\n', encoding="utf-8")
    found = load(capsys, "--metric", "acc")
    assert found[:2] == ["csv:runs.csv: 2 runs: 2 new", "warning: 2 columns without a name: not read"]
    assert nnsweep.open("runs").trials[["note", "acc"]].values.tolist() == [['"a\\nb"', 1.0], ["c", 2.0]]


def test_a_whole_number_that_python_does_not_read_is_a_text(table, capsys):
    table.write_text(f"n,acc\n{'9' * 5000},1\n2,2\n", encoding="utf-8")
    assert load(capsys, "--metric", "acc")[0] == "csv:runs.csv: 2 runs: 2 new"
    table.write_text(f"n,acc\n1,{'9' * 5000}\n", encoding="utf-8")
    said = f"Error: runs.csv, line 2, acc: found {'9' * 200}; allowed: a number, or nothing"
    assert load(capsys, "--metric", "acc", "--name", "other", code=2) == [said]


def test_texts_that_look_like_numbers_which_no_float_is_near_stay_apart(table, capsys):
    names = ["1e-4422", "2e-4422", "351257950e135103", "67800693e4422005"]
    table.write_text("\n".join(["name,acc", *(f"{name},1" for name in names)]), encoding="utf-8")
    said = load(capsys, "--metric", "acc")
    assert said[-2] == "axes: name (4), seed (1)"
    assert sorted(nnsweep.open("runs").trials["name"]) == [
        f"'{name}" for name in names
    ]  # as texts that look like numbers


def test_formulas_are_harmless_in_our_tables(table, capsys):
    table.write_text("who,acc\n=1+1,1\n@x,2\n", encoding="utf-8")
    load(capsys, "--metric", "acc")
    assert call(capsys, "export", "runs", "--columns", "who,acc")[1] == "who,acc\n'=1+1,1.0\n'@x,2.0\n"


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (TABLE, [], "runs.csv: name the columns that were measured with --metric; its columns: lr, optimizer, layers, "
            "rep, acc, loss"),
        (TABLE, ["--metric", "ac"], "runs.csv: no column `ac`; allowed: lr, optimizer, layers, rep, acc, loss; did you "
            "mean `acc`?"),
        (TABLE, ["--metric", "optimizer"], "runs.csv, line 2, optimizer: found sgd; allowed: a number, or nothing"),
        (TABLE, ["--metric", "acc", "--seed", "lr"], "csv:runs.csv, line 2, lr: found 0.1; allowed: whole numbers from "
            "0 on, for a seed"),
        ("lr,id\n1,2\n", ["--metric", "id"], "csv:runs.csv: found the metric `id`, a column that every table has: not "
            "stored; give it another name"),
        ("lr,9x\n1,2\n", ["--metric", "9x"], "csv:runs.csv: found the metric `9x`, no name: not stored; names are "
            "texts of up to 100 characters that begin with a letter"),
        ("lr,epoch\n1,2\n", ["--metric", "epoch"], "csv:runs.csv: found the metric `epoch`, the steps of curves: not "
            "stored; give it another name"),
        (TABLE, ["--metric", "acc", "--seed", "sed"], "csv:runs.csv: no parameter `sed`; allowed: lr, optimizer, "
            "layers, rep, loss"),
        (TABLE, ["--metric", "acc", "--ignore", "lrs"], "csv:runs.csv: no parameter `lrs`; allowed: lr, optimizer, "
            "layers, rep, loss; did you mean `lr`?"),
        (TABLE, ["--metric", "acc", "--above", "1", "--below", "0"], "--below and --above: found both; allowed: one of "
            "them"),
        (TABLE, ["--metric", "acc", "--name", "../x"], "--name: found `../x`; allowed: up to 64 letters (A to Z, "
            "a to z), digits, `_`, `-` and `.`"),
        ("", ["--metric", "acc"], "runs.csv: found no line; allowed: a line of names, and a line for each run"),
        ("a,acc\n", ["--metric", "acc"], "csv:runs.csv: found no run that has ended"),
        ("a,a\n1,2\n", ["--metric", "a"], "runs.csv: found the column `a` twice; allowed: names that differ"),
        ("a,acc\n1\n", ["--metric", "acc"], "runs.csv, line 2: found 1 cells; allowed: 2, as in the first"),
        ("lr;acc\n0,1;1\n", ["--metric", "acc"], 'runs.csv: found ";" between the names; allowed: commas between '
            "cells"),
        ("a,acc\n\ud8ff,1\n", ["--metric", "acc"], "runs.csv: cannot be read as CSV: found byte 0xed, which is no "
            "UTF-8; allowed: UTF-8"),
    ],
)  # fmt: skip
def test_bad_input_is_told_in_a_line(table, capsys, text, options, message):
    table.write_text(text, encoding="utf-8", errors="surrogatepass")
    assert load(capsys, *options, code=2) == [f"Error: {message}"]
    assert not Path("results/runs/trials.db").exists() or not nnsweep.open("runs").trials.empty


def test_a_file_that_is_not_there(table, capsys):
    found = load(capsys, "--metric", "acc", source="csv:gone.csv", code=2)
    assert found == ["Error: gone.csv: cannot be read as CSV: No such file or directory"]


def test_a_sweep_that_was_trained_here_takes_no_runs(grid, capsys):
    nnsweep.run(nnsweep.load(grid, ["epochs=1", "alpha=0.01", "hidden=2"]), figures=False)
    Path("small.csv").write_text("lr,acc\n1,2\n", encoding="utf-8")
    found = load(capsys, "--metric", "acc", source="csv:small.csv", code=2)
    assert found == ["Error: results/small: has trials of `mlp`; choose another name for runs: --name NAME"]


CANNOT = "so that nnsweep cannot train them"


@pytest.mark.parametrize("verb", ["run", "plan", "retry"])
def test_what_trains_says_that_it_cannot(table, capsys, verb):
    load(capsys, *ALL)
    code, out, said = call(capsys, verb, "runs")
    allowed = "verbs that read, and `nnsweep import` for further runs"
    assert (code, out) == (2, "")
    assert said == f"Error: results/runs: its runs were imported, {CANNOT}; allowed: {allowed}\n"


def test_the_file_of_imported_runs_cannot_be_trained(table, capsys):
    load(capsys, *ALL)
    code, _, said = call(capsys, "run", "results/runs/grid.toml")
    assert code == 2
    assert f"these runs were imported, {CANNOT}; name their results folder" in said


STEPS = """\
run,lr,epoch,loss,acc
a,0.1,2,0.3,
a,0.1,1,0.5,0.25
b,0.2,1,0.6,0.5
b,0.2,2,nan,0.75
"""


def test_rows_of_one_run_are_its_curve(table, capsys):
    table.write_text(STEPS, encoding="utf-8")
    options = ("--metric", "loss", "--metric", "acc", "--step", "epoch")
    assert load(capsys, *options, "--ignore", "run")[0] == "csv:runs.csv: 2 runs: 2 new"
    results = nnsweep.open("runs")
    assert results.trials["lr"].tolist() == [0.1, 0.2]
    np.testing.assert_array_equal(results.trials["loss"], [0.3, np.nan])
    np.testing.assert_array_equal(results.trials["acc"], [0.25, 0.75])
    history = results.trial(results.trials["id"].iloc[0]).outcome.history
    assert history["loss"] == [0.5, 0.3]
    np.testing.assert_array_equal(history["acc"], [0.25, np.nan])
    table.write_text(STEPS + "b,0.2,3,0.5,0.5\n", encoding="utf-8")
    assert load(capsys, *options, "--ignore", "run")[0] == "csv:runs.csv: 2 runs: 1 changed, 1 there already"
    said = "found step 1 of one run again; allowed: once, or a column that tells runs apart"
    table.write_text(STEPS.replace("\nb,0.2", "\na,0.1"), encoding="utf-8")
    assert load(capsys, *options, code=2) == [f"Error: runs.csv, line 4, epoch: {said}"]
    table.write_text(STEPS.replace("a,0.1,1", "a,0.1,-1"), encoding="utf-8")
    assert load(capsys, *options, code=2) == [
        "Error: runs.csv, line 3, epoch: found -1; allowed: whole numbers from 0 on"
    ]
    said = "Error: runs.csv: no column `epochs`; allowed: run, lr, epoch, loss, acc; did you mean `epoch`?"
    assert load(capsys, "--metric", "loss", "--step", "epochs", code=2) == [said]


def test_runs_are_imported_in_python(table):
    imported = nnsweep.import_runs(
        f"csv:{table}", metrics=["acc"], seed="rep", ignore=["loss"], name="mine", below=0.6, figures=False
    )
    assert (imported.read, imported.new, imported.folder) == (4, 4, Path("results/mine"))
    with pytest.raises(NnsweepError, match=CANNOT):
        nnsweep.run("results/mine/grid.toml")


def test_a_run_of_which_no_number_can_be_stored_is_told(table, monkeypatch):
    """Trackers keep metrics under any name."""
    runs = [
        ImportedRun("a", "a", {"lr": 0.1}, {"9x": 1.0, "id": 2.0}),
        ImportedRun("b", "b", {"lr": 0.2}, {"acc": 3.0}),
    ]
    monkeypatch.setattr(from_csv, "read", lambda place, asked: runs)
    found = import_from("csv:runs.csv", Path("results"), Wanted())
    assert found.notices[:2] == [
        "1 of 2 runs have `9x`, no name: not stored; names are texts of up to 100 characters that begin with a letter",
        "1 of 2 runs have `id`, a column that every table has: not stored; give it another name",
    ]
