"""What a run stores and notes, and what is trained again."""

import json
from pathlib import Path

import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.store import Store
from tests.helpers import JOBS, PROJECT, call
from tests.helpers.fake_trainer import FakeTrainer

GRID = f"""
name = "again"
trainer = "{FakeTrainer.name}"
[axes]
does = ["well", "late"]
value = {{ from = 1, to = 4 }}
"""


@pytest.fixture(autouse=True)
def grid(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "grid.toml").write_text(GRID, encoding="utf-8")


def sweep(*overrides):
    return sweepfile.loads(GRID, overrides=overrides)


def statuses(results):
    return results.trials.groupby("does")["status"].agg(list).to_dict()


def test_failures_are_results_until_they_are_tried_again(capsys):
    assert call(capsys, "grid.toml", "--trust", "--no-figures", "--jobs", 1, "--set", "does=raises")[0] == 1
    code, out, err = call(capsys, "grid.toml", "--trust", "--no-figures", "--jobs", 1, "--set", "does=raises")
    assert (code, err) == (1, "")
    assert out.splitlines()[0] == "again: nothing to train, 4 trials stored"
    total, reason, *commands = out.splitlines()[-4:]
    assert (total, reason.partition(": ")[0]) == ("4 trials: 4 failed", "4 trials failed, all with the same error")
    assert commands == [
        "to see what failed: nnsweep show grid.toml --failed --set does=raises --trust",
        "to train again what failed: nnsweep retry grid.toml --set does=raises --trust",
    ]


def test_retry_replaces_what_failed_and_nothing_else(monkeypatch):
    failing = FakeTrainer.train
    monkeypatch.setattr(FakeTrainer, "train", lambda self, stack: failing(self, stack) if _well(stack) else 1 / 0)
    first = nnsweep.run(sweep(), jobs=1, figures=False)
    assert statuses(first) == {"late": ["failed"] * 4, "well": ["ok"] * 4}
    monkeypatch.setattr(FakeTrainer, "train", failing)
    value = {trial.id for trial in first._trials if trial.settings["value"] == 2}
    assert nnsweep.retry(sweep(), ids=value, statuses=["crashed"], jobs=1, figures=False).trained == 0
    second = nnsweep.retry(sweep(), ids=value, jobs=1, figures=False)
    assert second.trained == 1
    assert statuses(second) == {"late": ["failed", "ok", "failed", "failed"], "well": ["ok"] * 4}
    third = nnsweep.retry(sweep(), jobs=1, figures=False)
    assert (third.trained, third.failed) == (3, 0)
    assert nnsweep.run(sweep(), jobs=1, figures=False).trained == 0


def _well(stack):
    return all(params["does"] == "well" for params in stack)


def test_retry_keeps_what_is_stored_until_there_is_better(monkeypatch):
    nnsweep.run(sweep("does=raises"), jobs=1, figures=False)

    def interrupted(self, stack):
        raise KeyboardInterrupt

    monkeypatch.setattr(FakeTrainer, "train", interrupted)
    with pytest.raises(KeyboardInterrupt):
        nnsweep.retry(sweep("does=raises"), jobs=1, figures=False)
    with Store.open(nnsweep.run(sweep("does=raises"), jobs=1, figures=False).folder / "trials.db") as store:
        assert {outcome.status for outcome in store.outcomes(store.ids()).values()} == {"failed"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "results/again: no trials are stored here to train again; run the sweep first"),
        (
            ["--status", "failed,lost"],
            "--status failed,lost: no status `lost`; allowed: ok, diverged, failed, crashed, timeout",
        ),
        (["--where", "vaule=1"], "no axis `vaule`; allowed: does, value; did you mean `value`?"),
    ],
)
def test_mistakes_of_retry(capsys, arguments, message):
    assert call(capsys, "retry", "grid.toml", *arguments) == (2, "", f"Error: {message}\n")


@pytest.mark.parametrize("jobs", JOBS)
def test_where_the_time_went(jobs, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.setattr("sys.argv", ["somewhere/nnsweep/__main__.py", "my grid.toml"])
    found = nnsweep.run(sweep("does=well"), jobs=jobs, figures=False)
    record = json.loads((found.folder / "env.json").read_text(encoding="utf-8"))
    assert (record["command"], record["jobs"], record["timeout"]) == ("nnsweep 'my grid.toml'", jobs, None)
    assert (record["trials"], record["seconds"]) == (4, found.work.seconds)
    assert record["training_seconds"] == found.work.training > 0
    assert record["overhead_seconds"] == found.work.overhead > 0
    assert record["started"] < record["ended"]
    assert all(blas["threads"] == 1 for blas in record["blas"])
    with Store.open(found.folder / "trials.db") as store:
        (run,) = store.runs()
    assert json.loads(run["environment"]) == record
    assert (run["command"], run["trials"], run["seconds"]) == (record["command"], 4, record["seconds"])


def test_an_interrupted_run_is_noted(monkeypatch):
    train = FakeTrainer.train

    def interrupted(self, stack):
        if any(params["shape"] == 1 for params in stack):
            raise KeyboardInterrupt
        return train(self, stack)

    monkeypatch.setattr(FakeTrainer, "train", interrupted)
    with pytest.raises(KeyboardInterrupt):
        nnsweep.run(sweep("does=well", "value=1,2,3", "shape=0,1"), jobs=1, figures=False)
    record = json.loads(Path("results/again/env.json").read_text(encoding="utf-8"))
    assert record["trials"] == 3
    assert record["started"] < record["ended"]
    with Store.open(Path("results/again/trials.db")) as store:
        assert len(store.ids()) == 3
