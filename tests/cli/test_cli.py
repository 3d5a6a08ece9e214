"""The program, as a user meets it."""

import json
import os
import re
import signal
import time

import pandas as pd
import pytest

from nnsweep.cli.group import VERBS
from nnsweep.sweepfile import loads
from tests.helpers import PROJECT, SMALL, SWEEPS, call, files, program, start


def test_a_run_and_what_it_says(grid, capsys):
    code, out, err = call(capsys, grid)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("small: 48 trials trained in ")
    assert lines[1] == "successes (error < 0.3):"
    assert lines[2].startswith("  alpha = 0.01, epochs = 1, hidden = 2: ")
    assert len(lines) == 19
    rates = {line.partition(": ")[2].strip(): line.partition(": ")[0].strip() for line in lines[2:14]}
    told, _, where = lines[14].removeprefix("best: ").partition(" at ")
    assert (told in rates, where.partition(";")[0] in rates.values()) == (True, True)
    assert re.fullmatch(r"\d+ fail: \d+ .*; see nnsweep diagnose small", lines[15])
    best = "nnsweep best small (which cells may be as good as the best)"
    assert lines[16] == f"next: {best}, results/small/report.html (every cell and trial)"
    assert lines[17] == "tables and figures: results/small"
    assert re.fullmatch(r"48 trials: 48 ok; [\d.]+ m?s of training, [\d.]+ (m|µ)?s of overhead per trial", lines[18])
    folder = grid.parent / "results" / "small"
    assert sorted(files(folder)) == [
        "env.json",
        "figures/error.png",
        "figures/rates.png",
        "figures/success.png",
        "figures/success_difference.png",
        "grid.toml",
        "manifest.json",
        "report.html",
        "resolved.json",
        "tables/error_median_hidden=2.csv",
        "tables/error_median_hidden=4.csv",
        "tables/success_hidden=2.csv",
        "tables/success_hidden=4.csv",
        "tables/summary.csv",
        "tables/trials.csv",
        "trials.db",
        "trials.db-count",
        "trials.db-last",
    ]
    assert (folder / "grid.toml").read_text(encoding="utf-8") == SMALL
    assert len(pd.read_csv(folder / "tables" / "trials.csv")) == 48

    code, out, err = call(capsys, grid)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "small: nothing to train, 48 trials stored"


def test_cells_are_aligned(grid, capsys):
    lines = call(capsys, grid, "--no-figures", "--set", "alpha=0.01,0.00001")[1].splitlines()[2:14]
    assert lines[0].startswith("  alpha = 0.01, epochs = 1, hidden = 2:  ")
    assert lines[6].startswith("  alpha = 1e-05, epochs = 1, hidden = 2: ")
    assert len({line.index(" of 4 (") for line in lines}) == 1


def test_of_many_cells_the_best_are_told(grid, capsys):
    lines = call(capsys, grid, "--no-figures", "--set", "alpha=0.01,0.02,0.05")[1].splitlines()
    assert lines[1] == "most successes (error < 0.3):"
    assert [line.partition(":")[0] for line in lines[2:4]] == ["  hidden = 2", "  hidden = 4"]
    assert " at alpha = 0." in lines[2]
    assert lines[4].startswith("best: ")
    assert lines[5].endswith("; see nnsweep diagnose small")
    assert lines[6] == "next: nnsweep best small (which cells may be as good as the best)"
    assert lines[7] == "tables and figures: results/small"
    assert lines[8].startswith("72 trials: 72 ok; ")
    assert len(lines) == 9


def test_a_sweep_of_seeds_alone(grid, capsys):
    settings = [word for name in ("alpha=0.01", "epochs=3", "hidden=2") for word in ("--set", name)]
    lines = call(capsys, grid, *settings)[1].splitlines()
    assert lines[1] == "successes (error < 0.3):"
    assert " of 4 (" in lines[2]
    assert not lines[2].strip().startswith(":")
    folder = grid.parent / "results" / "small"
    assert [name for name in files(folder) if name.startswith("figures")] == ["figures/curves_error.png"]


def test_plan_and_dry_run_train_nothing(grid, capsys):
    for arguments in (["plan", grid], ["run", grid, "--dry-run"]):
        code, out, err = call(capsys, *arguments)
        assert (code, err) == (0, "")
        assert out.splitlines()[0] == "small: 48 trials: 48 new, 0 stored"
        assert out.splitlines()[1].startswith("would train 16 trainings in 1 stack, about ")
    assert not (grid.parent / "results").exists()
    call(capsys, grid, "--no-figures", "--quiet")
    assert call(capsys, "plan", grid)[1] == "small: nothing to train, 48 trials stored\n"
    assert call(capsys, "plan", grid, "--set", "seed={count=5}")[1].startswith("small: 60 trials: 12 new, 48 stored\n")


def test_quiet(grid, capsys):
    assert call(capsys, grid, "--quiet", "--no-figures") == (0, "", "")


def test_a_mistake_in_the_file(grid, capsys):
    grid.write_text(SMALL.replace("hidden", "hiden"), encoding="utf-8")
    code, out, err = call(capsys, grid)
    assert (code, out) == (2, "")
    assert f"{grid}:12:1: unknown parameter `hiden` in [axes]" in err
    assert "did you mean `hidden`?" in err
    assert not (grid.parent / "results").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.toml"], "nothing.toml"),
        (["paln", "grid.toml"], "Error: no verb and no file `paln`; did you mean `plan`?"),
        (["plan"], "Missing argument 'GRID.TOML|NAME|FOLDER'"),
        (["run", "grid.toml", "--jobs", "0"], "0 is not in the range x>=1"),
        (["run", "grid.toml", "--colour"], "No such option"),
        (["init", "nothing"], "no shipped sweep `nothing`; allowed: forum, forum_cases"),
        (["schema", "svm"], "unknown trainer `svm`"),
    ],
)
def test_a_mistake_in_the_command(grid, capsys, arguments, message):
    code, out, err = call(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_init_writes_a_sweep_that_loads_and_keeps_what_is_there(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shipped = sorted(file.stem for file in SWEEPS.glob("*.toml"))
    assert call(capsys, "init", "--list") == (0, "".join(f"{name}\n" for name in shipped), "")
    assert {"forum", "gates", "tutorial_init"} <= set(shipped)
    assert call(capsys, "init")[:2] == (0, "grid.toml: written; run it with: nnsweep grid.toml\n")
    text = (tmp_path / "grid.toml").read_text(encoding="utf-8")
    assert loads(text).name == "forum"
    assert call(capsys, "init", "forum_cases") == (
        2,
        "",
        "Error: grid.toml: exists already; choose another name with --output\n",
    )
    assert (tmp_path / "grid.toml").read_text(encoding="utf-8") == text


def test_schema_prints_json(capsys):
    code, out, err = call(capsys, "schema")
    assert (code, err) == (0, "")
    assert "axes" in json.loads(out)["properties"]


def test_help_names_every_verb(capsys):
    out = call(capsys, "--help")[1]
    assert all(f"\n  {verb} " in out for verb in ("init", "plan", "run", "schema"))
    for verb in ("init", "plan", "run", "schema"):
        assert "Example:" in call(capsys, verb, "--help")[1]


def test_a_failing_trial_is_kept_and_told(grid, capsys, monkeypatch):
    trainer = type(__import__("nnsweep.trainers", fromlist=["load"]).load("mlp"))
    train = trainer.train

    def broken(self, stack):
        if any(params["seed"] == 2 for params in stack):
            raise ValueError("no seed 2")
        return train(self, stack)

    monkeypatch.setattr(trainer, "train", broken)
    code, out, err = call(capsys, grid, "--no-figures")
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert lines[-4].startswith("48 trials: 36 ok, 12 failed; ")
    assert lines[-3].startswith("12 trials failed, all with the same error: ValueError: no seed 2, at ")
    assert lines[-2] == f"to see what failed: nnsweep show {grid} --failed"
    assert lines[-1] == f"to train again what failed: nnsweep retry {grid}"
    table = pd.read_csv("results/small/tables/trials.csv")
    assert (table["status"] == "failed").tolist() == (table["seed"] == 2).tolist()
    summary = pd.read_csv("results/small/tables/summary.csv")
    assert summary["failed"].tolist() == [1] * 12
    assert summary["n"].tolist() == [3] * 12
    assert call(capsys, grid, "--no-figures", "--fresh", "--fail-fast")[0] == 1


def test_ctrl_c_keeps_what_was_trained_and_says_how_to_go_on(grid):
    slow = SMALL.replace("seed = { count = 4 }", "seed = { count = 200 }").replace("to = 3", "to = 400")
    grid.write_text(slow.replace("train_size = 50", "train_size = 3000"), encoding="utf-8")
    running = start("grid.toml", "--jobs", "1")
    while not (grid.parent / "results" / "small" / "trials.db").exists():
        assert running.poll() is None
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    said = running.communicate(timeout=60)[1]  # the grid takes far longer
    assert (running.returncode, said.lstrip()) == (
        130,
        "Interrupted. What was trained is stored; run the same command to go on.\n",
    )
    left = {path.name for path in (grid.parent / "results" / "small").glob("trials*")}
    assert left - {"trials.db-count"} == {"trials.db"}


def test_the_module_is_the_program(tmp_path):
    done = program("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "nnsweep, version 0.1.0\n")


def test_shipped_results_come_out_again(tmp_path):
    """The committed tables of the forum sweep are what its file gives."""
    done = program(PROJECT / "sweeps" / "forum.toml", "--results", tmp_path, "--no-figures")
    assert (done.returncode, done.stderr) == (0, "")
    assert files(tmp_path / "forum" / "tables") == files(PROJECT / "results" / "forum" / "tables")


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (["import", "csv:runs.csv", "--name", ""], "--name: found an empty text; allowed: NAME"),
        (["import", "csv:runs.csv", "--metric", "loss", "--metric="], "--metric: found an empty text; allowed: NAME"),
        (["--results", "", "grid.toml"], "--results: found an empty text; allowed: DIR"),
        (["tag", "small", "-old", "--results", ""], "--results: found an empty text; allowed: DIR"),
        (["figure", "rates", "small", "--results="], "--results: found an empty text; allowed: DIR"),
    ],
)
def test_no_option_takes_an_empty_value(words, option, grid, monkeypatch, capsys):
    """A shell makes one of a variable that is not set."""
    monkeypatch.chdir(grid.parent)
    assert call(capsys, *words) == (2, "", f"Error: {option}\n")
    assert [path.name for path in grid.parent.iterdir()] == ["grid.toml"]


@pytest.mark.skipif(os.name != "posix", reason="a folder in use cannot be removed")
@pytest.mark.parametrize("arguments", [("grid.toml",), ("ls",), ("init", "forum")], ids=" ".join)
def test_a_working_directory_that_was_removed_is_a_line(tmp_path, monkeypatch, capsys, arguments):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    said = "Error: the working directory: No such file or directory; change to a folder that exists\n"
    assert call(capsys, *arguments) == (2, "", said)


@pytest.mark.parametrize("verb", VERBS)
def test_help_fits_a_terminal_and_names_what_an_option_takes(capsys, verb):
    code, said, heard = call(capsys, verb, "--help")
    text, _, options = said.partition("Options:")
    assert (code, heard) == (0, "")
    assert [line for line in text.splitlines() if len(line) > 80 and "nnsweep" not in line] == []
    assert not re.search(r"^  -.* (INTEGER|FLOAT|RANGE)\b", options, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (
            ("--set", "alpha=linspace=[0", "--set", "alpha=1]", "alpha=num=5"),
            True,
        ),  # by bash: alpha={linspace=[0,1],num=5}
        (("--set", "alpha=0.1", "0.2"), False),
    ],
)
def test_braces_that_a_shell_has_split_are_told(grid, capsys, words, hint):
    code, said, heard = call(capsys, grid, *words)
    assert (code, said) == (2, "")
    assert heard.endswith("; a shell splits braces at commas: write --set 'name={…, …}', in quotes\n") is hint
