"""`nnsweep diagnose`, as a user meets it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import nnsweep
from nnsweep.design.sweep import Axis, Sweep
from nnsweep.folder.paths import Folder
from nnsweep.questions.diagnose.diagnosis import Diagnosis
from nnsweep.trainers.protocol import Outcome
from tests.helpers import call, files
from tests.helpers.fake_sweeps import sweep_of, trials_of

DEAD = Outcome("ok", {"error": 0.5}, diagnosis={"dead": 1.0, "output_range": 0.0, "changed": 0.5})
CONSTANT = Outcome("ok", {"error": 0.5}, diagnosis={"dead": 0.0, "output_range": 0.0, "changed": 0.5})
GOOD = Outcome("ok", {"error": 0.0}, diagnosis={"dead": 0.0, "output_range": 1.0, "changed": 0.125})
DIVERGED = Outcome("diverged", diagnosis={"nonfinite_epoch": 2.0})
SWEEP = sweep_of(hidden=((2,), (4,)), seeds=4)
FOUND = [DEAD, DEAD, CONSTANT, GOOD, DEAD, DIVERGED, GOOD, GOOD]
LEGEND = {
    "dead": "no hidden unit has a slope at any training sample",
    "constant": "every training sample gives the same output",
    "diverged": "a weight or a metric was not finite",
}


def diagnosed(found: list[Outcome], where: tuple[str, ...] = (), sweep: Sweep = SWEEP, folder: str = "results/forum"):
    trials = trials_of(sweep)
    outcomes = {trial.id: outcome for trial, outcome in zip(trials, found, strict=False)}
    return Diagnosis.of(sweep, trials, outcomes, ["error"], Folder(Path(folder)), where)


def test_what_is_said_of_a_sweep():
    assert str(diagnosed(FOUND)).splitlines() == [
        "forum: 5 of 8 trials fail (success is error < 0.05)",
        f"  all units dead   3   60 %  {LEGEND['dead']}",
        "    50 % of the trials at hidden = 2, 25 % at 4",
        f"  constant output  1   20 %  {LEGEND['constant']}",
        "    25 % of the trials at hidden = 2, 0 % at 4",
        f"  diverged         1   20 %  {LEGEND['diverged']}",
        "    25 % of the trials at hidden = 4, 0 % at 2",
        "in full, as a trial may have several of these signs: all units dead 3 (60 %; successes 0 %), "
        "constant output 4 (80 %; successes 0 %), many units dead 3 (60 %; successes 0 %)",
        "medians, failing trials against successes: dead hidden units 100 % against 0 %, "
        "range of the output 0 against 1, steps that changed a weight 50 % against 12.5 %",
    ]


def test_what_is_said_of_a_part_names_trials_and_how_to_replay_one():
    assert str(diagnosed(FOUND, ("hidden=2",), folder="there/forum")).splitlines() == [
        "forum, hidden = 2: 3 of 4 trials fail (success is error < 0.05)",
        f"  all units dead   2   67 %  {LEGEND['dead']}",
        "    such as 00000000, 00000000",
        f"  constant output  1   33 %  {LEGEND['constant']}",
        "    such as 00000000",
        "in full, as a trial may have several of these signs: all units dead 2 (67 %; successes 0 %), "
        "constant output 3 (100 %; successes 0 %), many units dead 2 (67 %; successes 0 %)",
        "medians, failing trials against successes: dead hidden units 100 % against 0 %, "
        "range of the output 0 against 1, steps that changed a weight 50 % against 12.5 %",
        "to train one of them again: nnsweep replay 00000000 --trainer fake --results there",
    ]


def test_what_ended_badly_or_was_not_diagnosed_has_a_command_that_tells_more():
    found = [Outcome("ok", {"error": 0.5}), Outcome("failed"), Outcome("timeout"), GOOD]
    built_in = replace(sweep_of(seeds=4), trainer="mlp")
    assert str(diagnosed(found, sweep=sweep_of(seeds=4))).splitlines()[4] == (
        "trainer `fake` gives no numbers to diagnose its trials by; the built-in one does"
    )
    assert str(diagnosed(found, sweep=built_in)).splitlines() == [
        "forum: 3 of 4 trials fail (success is error < 0.05)",
        "  not diagnosed  1   33 %  its trainer reported no numbers",
        "  failed         1   33 %  an error was raised",
        "  timeout        1   33 %  it took too long",
        "trials stored by an older nnsweep are diagnosed when they are trained again: "
        "nnsweep retry forum --status ok,diverged",
        "what was raised, and where: nnsweep show forum --failed",
    ]


def test_without_a_rule_only_what_did_not_end_well_fails():
    sweep = Sweep("bare", "fake", axes=(Axis("seed", "seed", (0, 1)),))
    assert str(diagnosed([DEAD, DIVERGED], sweep=sweep)) == (
        "bare: 1 of 2 trials fail (success is not defined: only what did not end well fails)\n"
        f"  diverged  1  100 %  {LEGEND['diverged']}"
    )
    assert str(diagnosed([DEAD, GOOD], sweep=sweep)) == (
        "bare: 0 of 2 trials fail (success is not defined: only what did not end well fails)"
    )


def test_the_verb_writes_a_table_and_a_figure(small, capsys):
    code, out, err = call(capsys, "diagnose", "small")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == (
        "written: results/small/tables/diagnosis.csv and results/small/figures/diagnosis.png"
    )
    trials = pd.read_csv("results/small/tables/trials.csv", keep_default_na=False)
    cells = pd.read_csv("results/small/tables/diagnosis.csv")
    assert cells["failing"].sum() == (~trials["success"]).sum() > 0
    for name in ("all units dead", "constant output", "unexplained"):
        assert cells[name.replace(" ", "_")].sum() == (trials["signature"] == name).sum()
    assert (trials["signature"] == "").tolist() == trials["success"].tolist()


def test_what_the_verb_says_is_what_the_store_tells(grid, capsys):
    told = call(capsys, grid, "--no-figures")[1].splitlines()
    said = call(capsys, "diagnose", grid, "--no-figures")[1].splitlines()
    results = nnsweep.run(grid, figures=False)
    assert said[:-1] == str(results.diagnose()).splitlines()
    assert said[-1] == "written: results/small/tables/diagnosis.csv"
    counts = results.trials["signature"].value_counts()
    parts = ", ".join(f"{count} {name}" for name, count in counts.items() if name)
    failing = counts.sum() - counts.get("", 0)
    assert told[-4] == f"{failing} fail: {parts}; see nnsweep diagnose small"
    part = str(results.diagnose(hidden=2, epochs=1))
    assert call(capsys, "diagnose", "small", "--where", "hidden=2", "--where", "epochs=1")[1] == f"{part}\n"
    assert part.startswith("small, hidden = 2, epochs = 1: ")


def test_as_json(small, capsys):
    told = json.loads(call(capsys, "diagnose", "small", "--json", "--no-figures")[1])
    assert (told["name"], told["where"], told["trials"]) == ("small", [], 48)
    assert sum(each["count"] for each in told["signatures"]) == told["failing"]
    first = told["signatures"][0]
    assert first.keys() == {"signature", "count", "meaning", "axes", "examples"}
    assert len(first["examples"]) == min(3, first["count"])
    assert told["conditions"].keys() <= {"all units dead", "never updated", "constant output", "many units dead"}
    assert told["medians"].keys() == {"dead", "output_range", "changed"}
    assert told["medians"]["dead"].keys() == {"failing", "others"}


def test_numbers_of_the_diagnosis_are_exported(small, capsys):
    out = call(capsys, "export", "small", "--columns", "id,dead,changed,signature")[1].splitlines()
    assert out[0] == "id,dead,changed,signature"
    found = nnsweep.run(small, figures=False).diagnose()
    assert [line.split(",")[1] for line in out[1:]] == [str(value) for value in found.numbers["dead"]]
    code, _, err = call(capsys, "export", "small", "--columns", "ded")
    assert code == 2
    assert ", seconds, failure, dead, output_range, changed, " in err
    assert err.endswith("; did you mean `dead`?\n")


def test_a_run_that_went_on_has_the_signatures_of_one_that_was_not_cut_off(grid, capsys):
    call(capsys, grid, "--no-figures", "--quiet", "--set", "seed={count=2}", "--results", "twice")
    call(capsys, grid, "--no-figures", "--quiet", "--results", "twice")
    call(capsys, grid, "--no-figures", "--quiet", "--jobs", "2", "--results", "once")
    for folder in ("once", "twice"):
        call(capsys, "diagnose", "small", "--no-figures", "--results", folder)
    one, other = (files(grid.parent / folder / "small" / "tables") for folder in ("once", "twice"))
    assert one == other
    assert "diagnosis.csv" in one


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["nothing"],
            "`nothing`: nothing of that name is stored in results; allowed: a sweep file, a results folder, small",
        ),
        (
            ["small", "--where", "hiden=2"],
            "no axis `hiden`; allowed: alpha, hidden; did you mean `hidden`?",
        ),
        (["small", "--where", "hidden=3"], "no trial with hidden = 3; allowed: 2, 4"),
    ],
)
def test_what_cannot_be_diagnosed(grid, capsys, arguments, message):
    call(capsys, grid, "--no-figures", "--quiet", "--set", "epochs=1", "--set", "seed={count=1}")
    assert call(capsys, "diagnose", *arguments) == (2, "", f"Error: {message}\n")


def test_many_figures_are_drawn_when_asked_for(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text("def train(a, b, c, d, seed=0):\n    return {'error': 1.0}\n", encoding="utf-8")
    axes = "".join(f"{name} = [1, 2]\n" for name in "abcd")
    success = '[success]\nmetric = "error"\nbelow = 0.5\n'
    (tmp_path / "grid.toml").write_text(f'name = "own"\ntrainer = "own:train"\n[axes]\n{axes}{success}')
    call(capsys, "grid.toml", "--no-figures")
    monkeypatch.setattr("nnsweep.report.bounds.FIGURES", 1)
    assert call(capsys, "diagnose", "own")[1].splitlines()[-2:] == [
        "written: results/own/tables/diagnosis.csv",
        "left out, as there are many: 2 figures (diagnosis); --all-files writes them",
    ]
    assert call(capsys, "diagnose", "own", "--all-files")[1].splitlines()[-1].count(".png") == 2


def test_figures(tmp_path):
    assert diagnosed([GOOD] * 8).figures == {}
    with pytest.raises(nnsweep.NnsweepError) as caught:
        diagnosed([GOOD] * 8).figure()
    assert str(caught.value) == "forum: no figure, as no trial fails or there is no axis but the seed"
    found = diagnosed(FOUND, folder=str(tmp_path / "forum"))
    titles = [axes.get_title(loc="left") for axes in found.figure().axes[:-1]]
    assert titles == ["diverged", "all units dead", "constant output"]
    assert [path.name for path in found.write()] == ["diagnosis.csv", "diagnosis.png"]
    assert diagnosed(FOUND, ("hidden=2",), folder=str(tmp_path / "forum")).write() == []
