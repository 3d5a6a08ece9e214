"""Workers train on the data that the run began with, or the run ends with a line."""

import pytest

import nnsweep
from nnsweep.errors import NnsweepError
from nnsweep.execution.dispatch import dispatch
from nnsweep.execution.plan import make_plan
from nnsweep.trainers import load
from nnsweep.trials.expand import expand
from nnsweep.trials.ids import to_numbers
from tests.helpers import PROJECT
from tests.helpers.stacks import at

OTHERS = (
    "a worker finds other data than the run began with: their file was edited, or their function makes others in each "
    "process, as with `hash()` or without its seed; nothing was stored of them; run again"
)
SWEEP = """
name = "same"
[fixed]
data = DATA
[axes]
hidden = [2, 3]
seed = { count = 4 }
"""
FUNCTION = """
import os
import numpy as np


def make(seed):
    return np.arange(40.0).reshape(20, 2) + os.getpid(), np.arange(20) % 2
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    return tmp_path


def rows(first):
    return "a,b,kind\n" + "".join(f"{first + row},{row % 3},{'xy'[row % 2]}\n" for row in range(20))


def test_a_file_that_is_edited_while_workers_train_ends_the_run(here):
    (here / "a.csv").write_text(rows(0))
    (here / "grid.toml").write_text(SWEEP.replace("DATA", '{ csv = "a.csv", target = "kind" }'))
    trainer = load("mlp")
    plan = make_plan(expand(nnsweep.load("grid.toml"), trainer), to_numbers(()), trainer, 2)
    (here / "a.csv").write_text(rows(1))
    with pytest.raises(NnsweepError) as raised:
        list(dispatch("mlp", plan.stacks, at(2)))
    assert str(raised.value) == OTHERS


def test_a_function_that_makes_other_data_in_each_process_ends_the_run(here, monkeypatch):
    monkeypatch.syspath_prepend(here)
    (here / "by_process.py").write_text(FUNCTION)
    (here / "grid.toml").write_text(SWEEP.replace("DATA", '"by_process:make"'))
    with pytest.raises(NnsweepError) as raised:
        nnsweep.run("grid.toml", jobs=2, figures=False)
    assert str(raised.value) == OTHERS
    assert nnsweep.run("grid.toml", jobs=1, figures=False).trained == 8
