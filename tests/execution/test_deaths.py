"""Who is to blame when a worker dies, and what is left of the workers afterwards."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing

import pytest

from nnsweep.execution.dispatch import dispatch
from nnsweep.execution.stack import Stack
from nnsweep.trainers.protocol import Outcome
from tests.helpers import PROJECT, slow
from tests.helpers.fake_trainer import FakeTrainer
from tests.helpers.stacks import at, outcomes_of, stacks_of, workers

CRASHED = Outcome("crashed", failure="the worker that trained it died 3 times, the last time with this trial alone")


def outcomes(stacks: list[Stack]) -> dict[str, Outcome]:
    return outcomes_of(dispatch(FakeTrainer.name, stacks, at(2)), stacks)


@pytest.mark.parametrize("place", [3, slow(5)])
def test_a_killer_is_found_wherever_it_stands(place):
    does = ["well"] * 6
    does[place] = "dies"
    found = outcomes(stacks_of(*does))
    assert found.pop(f"{3 * place}") == CRASHED
    assert {outcome.status for outcome in found.values()} == {"ok"}


@pytest.mark.slow
def test_several_killers_are_each_found():
    found = outcomes(stacks_of("dies", "well", "dies"))
    assert {id for id, outcome in found.items() if outcome.status != "ok"} == {"0", "6"}
    assert found["0"] == found["6"] == CRASHED


@pytest.mark.slow
def test_a_death_costs_nobody_else_anything(tmp_path):
    diary = tmp_path / "diary"
    found = outcomes(stacks_of("dies", "well", size=20, diary=str(diary)))
    assert found.pop("0").status == "crashed"
    assert {outcome.status for outcome in found.values()} == {"ok"}
    calls = diary.read_text(encoding="utf-8").split()
    halvings = 4  # 10, 5, 2 and 1 of 20 trials
    assert [calls.count(f"{value}") for value in range(40)] == [2 + halvings] + [1] * 39


CTRL_C = """
import os, signal
from nnsweep.execution.dispatch import dispatch
from tests.helpers.fake_trainer import FakeTrainer
from tests.helpers.stacks import at, stacks_of, workers
signal.signal(signal.SIGINT, signal.default_int_handler)  # as at a terminal, wherever the tests run
try:
    for ended in dispatch(FakeTrainer.name, stacks_of(*["well"] * 1000), at(2)):
        os.killpg(0, signal.SIGINT)  # as a terminal does: to the workers too
except KeyboardInterrupt:
    print("interrupted, left:", workers())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_ctrl_c_is_answered_by_the_parent_alone():
    command = [sys.executable, "-c", CTRL_C]
    done = subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, timeout=120, start_new_session=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted, left: []\n", "")


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("wanted", [1, slow(20)])
def test_no_worker_is_left_behind(wanted):
    with closing(dispatch(FakeTrainer.name, stacks_of(*["well"] * 20), at(2))) as results:
        for _ in range(wanted):
            next(results)
        assert len(workers()) >= 2
        assert list(results) == [] if wanted == 20 else True
    assert workers() == []
