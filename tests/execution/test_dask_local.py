"""A Dask cluster in this process, for trying it out."""

from __future__ import annotations

import os
import re
import sys

import pytest

import nnsweep
from nnsweep.errors import NnsweepError
from tests.helpers import PROJECT, SMALL, call, files
from tests.helpers.stacks import workers

pytest.importorskip("distributed")

SETTLE = "--on", "hidden=2,4", "--max-seeds", "12", "--scheduler", "local:1"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "grid.toml").write_text(SMALL, encoding="utf-8")


def test_it_gives_the_tables_of_one_process_and_leaves_nothing_behind(tmp_path, capsys):
    assert call(capsys, "grid.toml", "--no-figures", "--jobs", 1, "--results", "alone")[0] == 0
    before = dict(os.environ)
    code, out, err = call(capsys, "grid.toml", "--no-figures", "--scheduler", "local:2", "--results", "spread")
    assert (code, "48 trials: 48 ok" in out) == (0, True)
    first = r"Dask at local:2; its page: http://127\.0\.0\.1:\d+/status; workers train 2 stacks at once"
    assert re.fullmatch(first, err.splitlines()[0])
    assert {name: value for name, value in os.environ.items() if name.endswith("THREADS")} == {
        name: value for name, value in before.items() if name.endswith("THREADS")
    }
    found, alone = files(tmp_path / "spread"), files(tmp_path / "alone")
    tables = [name for name in alone if name.endswith(".csv")]
    assert tables
    assert {name: found[name] for name in tables} == {name: alone[name] for name in tables}
    if sys.platform == "linux":
        assert workers() == []


def test_a_function_of_a_session_is_sent():
    offset = 3

    def train(value=0, seed=0):
        return {"loss": float(value + offset)}

    sweep = nnsweep.sweep("session", axes={"value": [1, 2], "seed": {"count": 2}}, trainer=train)
    found = nnsweep.run(sweep, scheduler="local:1", figures=False)
    assert sorted(outcome.metrics["loss"] for outcome in found._outcomes.values()) == [4.0, 4.0, 5.0, 5.0]


def test_a_wrong_place_is_one_line(capsys):
    code, out, err = call(capsys, "grid.toml", "--no-figures", "--scheduler", "elsewhere/s.json")
    looked = os.path.abspath("elsewhere/s.json")
    said = f"elsewhere/s.json: there is no such scheduler file; looked for {looked}; `dask scheduler` writes one"
    assert (code, out, err) == (2, "", f"Error: {said} with --scheduler-file\n")


@pytest.mark.slow
def test_no_scheduler_answers(monkeypatch):
    monkeypatch.setattr("nnsweep.execution.backends.dask_cluster.PATIENCE", 0.5)
    with pytest.raises(NnsweepError) as caught:
        nnsweep.run("grid.toml", scheduler="tcp://127.0.0.1:1", figures=False)
    said = r"no Dask scheduler answers at tcp://127\.0\.0\.1:1 \(OSError: .*\); start one with `dask scheduler`"
    assert re.fullmatch(said, str(caught.value))


@pytest.mark.slow
def test_other_verbs_train_on_it(capsys):
    assert call(capsys, "grid.toml", "--no-figures", "--jobs", 1)[0] == 0
    code, out, _ = call(capsys, "retry", "grid.toml", "--no-figures", "--status", "ok", "--scheduler", "local:1")
    assert (code, out.startswith("small: 48 trials trained in ")) == (0, True)
    code, out, _ = call(capsys, "settle", "grid.toml", *SETTLE)
    assert code == 0
    assert "written: " in out
