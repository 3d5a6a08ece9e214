"""Which stored sweep a name, a folder or a file means, and in what a file differs from it."""

import re
import shutil
from pathlib import Path

import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.errors import NnsweepError
from nnsweep.folder.asked import asked as asked_of
from nnsweep.folder.open import StoredSweep
from nnsweep.store import Store, lock
from tests.helpers import SMALL, call, program

RESULTS = Path("results")


def asked(source, *overrides):
    return asked_of(str(source), RESULTS, overrides)[0]


def opened(source, *overrides):
    return StoredSweep.open(str(source), RESULTS, overrides)


@pytest.mark.parametrize("source", ["small", "results/small", "results/small/", "grid.toml"])
def test_a_name_a_folder_and_a_file_mean_one_sweep(small, source):
    found = opened(source)
    assert (found.folder.root, found.sweep.name, found.metrics) == (RESULTS / "small", "small", ["error"])
    assert found.notices == []
    assert found.trials.equals(opened("small").trials)
    assert found.summary["successes"].tolist() == opened("small").summary["successes"].tolist()


def test_a_folder_elsewhere_or_renamed_goes_by_its_own_name(small, monkeypatch):
    (RESULTS / "small").rename(RESULTS / "renamed")
    assert opened("renamed").sweep.name == "renamed"
    shutil.move(RESULTS / "renamed", "elsewhere")
    assert opened("elsewhere").sweep.name == "elsewhere"
    monkeypatch.chdir("elsewhere")
    assert opened(".").sweep.name == "elsewhere"
    assert asked(".").name == "elsewhere"


DIFFERENCES = {
    "values more and less": (
        ("alpha=0.01,0.02", "seed={count=3}"),
        "alpha has 0.02 more; alpha has no 0.05; seed has no 3",
        "18 of 36 trials",
    ),
    "many values": (("seed={count=20}",), "seed has 4, 5, 6 and 13 more", "48 of 240 trials"),
    "an axis gone": (("hidden=4",), "the axis hidden is gone", None),
    "an axis more": (("momentum=0,0.9",), "the axis momentum is new", "48 of 96 trials"),
}


@pytest.mark.parametrize(("overrides", "difference", "stored"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_a_file_answers_for_itself_as_far_as_it_is_stored(small, overrides, difference, stored):
    found = opened(small, *overrides)
    told = f"{small} is not what was last run in results/small: {difference}"
    partial = [] if stored is None else [f"{stored} are stored: run it for the others"]
    assert found.notices == [told, *partial]
    assert len(found.trials) == len(found.grid)
    assert set(found.trials["status"]) == ({"ok"} if stored is None else {"ok", "missing"})


def test_another_bound_of_success_is_told_and_used(small):
    small.write_text(SMALL.replace("below = 0.3", "below = 0.2"), encoding="utf-8")
    found = opened("grid.toml")
    assert found.notices == [
        "grid.toml is not what was last run in results/small: success is error < 0.2, was error < 0.3"
    ]
    error = opened("small").trials["error"]
    assert found.trials["success"].tolist() == (error < 0.2).tolist()
    assert opened("small").trials["success"].tolist() == (error < 0.3).tolist()


@pytest.mark.parametrize(
    ("line", "difference"),
    [
        ("train_size = 60", "train_size is 60, was 50"),
        ("train_size = 50\nmomentum = 0.5", "momentum is 0.5, was 0.9"),
    ],
)
def test_a_file_of_which_nothing_is_stored_says_why(small, capsys, line, difference):
    small.write_text(SMALL.replace("train_size = 50", line), encoding="utf-8")
    told = f"grid.toml is not what was last run in results/small: {difference}; none of its 48 trials is stored"
    for verb in ("best", "diagnose", "export"):
        assert call(capsys, verb, "grid.toml") == (2, "", f"Error: {told}: run it first\n")


def test_another_version_of_the_trainer(small, monkeypatch):
    from nnsweep.trainers import load

    monkeypatch.setattr(type(load("mlp")), "version", "other")
    with pytest.raises(NnsweepError, match=r"its trainer's source, or its data, has changed; none of its 48 trials is"):
        opened(small)
    assert opened("small").notices == []


def test_a_name_with_options_is_the_sweep_as_it_was_run_with_them(small):
    nnsweep.run(nnsweep.load(small, ["alpha=0.01"]), "results", figures=False)
    assert len(opened("small").trials) == 24
    assert asked("small").overrides == ("alpha=0.01",)
    assert len(opened("small", "hidden=2").trials) == 12
    assert len(opened("small", "alpha=0.05").trials) == 24


def test_a_store_that_keeps_no_text_has_it_beside(small):
    folder = opened("small").folder
    with Store.open(folder.store) as store:
        kept = store.sweep_record()
        from dataclasses import replace

        store.describe(replace(kept.sweep, source=""), kept.metrics, kept.trials)
    assert asked("small") == sweepfile.load(small)


def test_what_is_not_stored(small, capsys):
    small.write_text(SMALL.replace('"small"', '"other"'), encoding="utf-8")
    assert call(capsys, "best", "grid.toml") == (
        2, "", "Error: grid.toml: no trial of `other` is stored in results; run the sweep first\n",
    )  # fmt: skip
    assert call(capsys, "best", "smalll") == (
        2, "", "Error: `smalll`: nothing of that name is stored in results; allowed: a sweep file, a results folder, "
        "small; did you mean `small`?\n",
    )  # fmt: skip


def test_a_part_of_a_sweep_is_read_alone_or_taken_from_memory(small):
    whole = opened("small")
    part = whole.having("hidden", [4])
    assert "outcomes" not in vars(part)
    assert len(part.outcomes) == len(part.trials) == 24
    before = whole.trials
    again = whole.having("hidden", [4])
    assert again.outcomes is whole.outcomes
    rows = before.loc[before["hidden"] == 4].reset_index(drop=True)
    assert part.trials.equals(rows)
    assert again.trials.equals(rows)
    assert whole.having("hidden", [2, 4]).trials.equals(before)


def test_the_grid_of_an_unchanged_file_is_not_read(small, monkeypatch):
    monkeypatch.setattr(Store, "sweep_record", None)
    assert opened(small).notices == []


def test_a_run_that_goes_on_is_told(small):
    wider = nnsweep.load(small, ["seed={count=5}"])
    with lock(RESULTS / "small"):
        assert StoredSweep.of(wider, RESULTS).notices[1] == "48 of 60 trials are stored: a run is going on"
    assert StoredSweep.of(wider, RESULTS).notices[1] == "48 of 60 trials are stored: run it for the others"


def test_the_files_of_a_folder_are_of_the_sweep_that_was_last_run(small, capsys):
    small.write_text(SMALL.replace("below = 0.3", "below = 0.2"), encoding="utf-8")
    warning = "warning: grid.toml is not what was last run in results/small: success is error < 0.2, was error < 0.3\n"
    for verb in (["best", "grid.toml"], ["compare", "grid.toml", "--on", "hidden=2,4"], ["diagnose", "grid.toml"]):
        code, out, err = call(capsys, *verb)
        assert (code, err) == (0, warning)
        assert out.splitlines()[-1] == (
            "nothing written: the files in results/small are of the sweep that was last run there"
        )
        assert not list((RESULTS / "small").rglob("*best*"))
    assert call(capsys, "figure", "rates", "grid.toml") == (
        2, "", f"{warning}Error: results/small: its figures are of the sweep that was last run; name a file with -o\n",
    )  # fmt: skip
    assert call(capsys, "figure", "rates", "grid.toml", "-o", "own.svg") == (0, "written: own.svg\n", warning)


@pytest.mark.parametrize("source", ["grid.toml", "small", "results/small"])
@pytest.mark.parametrize(
    "verb",
    [
        ["run", "--dry-run"], ["plan"], ["retry", "--no-figures"], ["show", "--failed"], ["check-gradients"],
        ["best"], ["compare", "--on", "hidden=2,4", "--no-figures"], ["diagnose", "--no-figures"], ["export"],
        ["figure", "marginal"],
    ],
    ids=lambda verb: verb[0],
)  # fmt: skip
def test_every_verb_takes_a_file_a_name_and_a_folder(small, capsys, verb, source):
    name, *options = verb
    words = [name, options.pop(0), source] if name == "figure" else [name, source]
    assert call(capsys, *words, *options)[::2] == (0, "")


@pytest.mark.parametrize("verb", [["show"], ["replay", "--check"], ["figure", "boundary", "-o", "it.png"]])
@pytest.mark.parametrize("source", ["grid.toml", "small", "results/small"])
def test_every_verb_of_a_trial_takes_them_too(small, capsys, verb, source):
    where = ["alpha=0.05", "epochs=3", "hidden=4", "seed=2"]
    words = verb[:2] if verb[0] == "figure" else verb[:1]
    assert call(capsys, *words, source, *where, *verb[len(words):])[::2] == (0, "")  # fmt: skip


def test_in_python(small):
    ran, found = nnsweep.run(small, "results", figures=False), nnsweep.open("small")
    assert str(found).splitlines()[0] == "small: 48 trials stored"
    assert str(found).splitlines()[1:] == str(ran).splitlines()[1:]
    for name in ("trials", "summary", "history"):
        assert getattr(found, name).equals(getattr(ran, name)), name
    assert found.best().table.equals(ran.best().table)
    assert found.compare(on="hidden=2,4").table.equals(ran.compare(on="hidden=2,4").table)
    assert list(found.figures) == list(ran.figures)
    assert found.trial(alpha=0.05, epochs=3, hidden=4, seed=2).replay().differs is None
    assert (found.trained, list(found.notices)) == (0, [])
    assert nnsweep.open(small).trials.equals(ran.trials)
    assert {"open", "run", "Results"} <= set(dir(nnsweep))


def test_a_stored_trial_is_shown_without_its_data(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("d.csv").write_text("a,b,y\n" + "\n".join(f"{n},{-n},{'pq'[n % 2]}" for n in range(40)), encoding="utf-8")
    Path("grid.toml").write_text(
        'name = "gone"\n[fixed]\ndata = { csv = "d.csv", target = "y" }\nepochs = 2\n'
        "[axes]\nalpha = [0.1, 1.0]\nseed = { count = 2 }\n",
        encoding="utf-8",
    )
    assert program("grid.toml", "--no-figures", "-q", cwd=tmp_path).returncode == 0  # so that no data are loaded here
    Path("d.csv").unlink()
    Path("grid.toml").unlink()
    code, said, _ = call(capsys, "show", "gone", "alpha=1.0", "seed=1")
    trial = nnsweep.open("gone").trial(alpha=1.0, seed=1)
    lines = [f"trial {trial.trial.id}", "  alpha = 1.0, seed = 1"]
    assert (code, said.splitlines()[:2]) == (0, lines)
    missing = f"results/gone/grid.toml:3:1: d.csv: there is no such file; looked for {tmp_path / 'd.csv'}"
    assert said.splitlines()[-1] == f"  not trained again, so without weights and outputs: {missing}"
    assert repr(trial).splitlines()[:2] == lines
    for train in (trial.replay, trial.trace, trial.model, lambda: trial.figure("boundary")):
        with pytest.raises(NnsweepError, match=f"^{re.escape(missing)}$"):
            train()
    assert call(capsys, "replay", "gone", "alpha=1.0", "seed=1") == (2, "", f"Error: {missing}\n")
