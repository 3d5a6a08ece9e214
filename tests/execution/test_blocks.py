"""A large grid is planned, trained and stored in blocks, and whatever ends a run, what was trained is stored."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import nnsweep
from nnsweep import grid_run
from nnsweep.execution import writer
from nnsweep.execution.events import Event, Listener, Planned, Progressed
from nnsweep.execution.options import Options
from nnsweep.execution.wanted import Missing
from nnsweep.folder.paths import Folder
from nnsweep.run_sweep import run_sweep
from nnsweep.store import Store
from nnsweep.trainers.columns import OutcomeColumns
from nnsweep.trials import blocks
from tests.helpers import PROJECT, SMALL, files, slow
from tests.helpers.fake_trainer import FakeTrainer

FAKE = f"""
name = "small"
trainer = "{FakeTrainer.name}"
[fixed]
does = "well"
[axes]
value = {{ from = 1, to = 5 }}
shape = [0, 1]
seed = {{ count = 4 }}
[success]
metric = "square"
below = 10
"""
"""40 trials."""
STORE = Path("results/small/trials.db")


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch, tmp_path):
    monkeypatch.setattr(blocks, "BLOCK", 10)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))


def stored() -> set[str]:
    with Store.read(STORE) as store:
        return set(store.ids())


class Recorder(Listener):
    def __init__(self) -> None:
        self.events: list[Event] = []

    def hear(self, event: Event) -> None:
        self.events.append(event)


def run(text: str, recorder: Listener, jobs: int = 1, results: str = "results") -> nnsweep.Results:
    folder = Folder(Path(results) / "small")
    options = Options(jobs, listeners=(recorder,))
    return run_sweep(nnsweep.loads(text), folder, Missing(), options, False, False)


TEXTS = [SMALL, SMALL.replace("epochs = { from = 1, to = 3 }", "epochs = [3, 1]"), FAKE]
QUICK = [(text, 1) for text in TEXTS]
SLOW = [slow(text, 2) for text in (SMALL, FAKE)]


@pytest.mark.parametrize(("text", "jobs"), QUICK + SLOW)
def test_blocks_give_the_tables_of_one_block(monkeypatch, text, jobs):
    several, once = Recorder(), Recorder()
    found = run(text, several, jobs)
    monkeypatch.setattr(blocks, "BLOCK", 1000)
    whole = run(text, once, jobs, "elsewhere")
    assert found.trained == whole.trained == len(found.trials)
    assert files(found.folder / "tables") == files(whole.folder / "tables")
    planned = [event for event in several.events if isinstance(event, Planned)]
    assert len(planned) > 3
    assert {event.trials for event in planned} == {found.trained}
    assert planned[-1].stacks == sum(isinstance(event, Progressed) for event in several.events)
    assert [type(event) for event in once.events].count(Planned) == 1
    assert run(text, Recorder(), jobs).trained == 0


def test_the_next_block_is_planned_when_the_stacks_of_the_one_before_are_handed_out(monkeypatch):
    heard: list[str] = []
    make_plan = grid_run.make_plan
    monkeypatch.setattr(grid_run, "make_plan", lambda *rest, **more: heard.append("plan") or make_plan(*rest, **more))

    class Ear(Listener):
        def hear(self, event: Event) -> None:
            if isinstance(event, Progressed):
                heard.append("trained")

    describe = Store.describe
    monkeypatch.setattr(Store, "describe", lambda *rest: heard.append("describe") or describe(*rest))
    run(SMALL, Ear())
    assert heard.count("plan") == 6
    assert heard[:2] == ["plan", "trained"], "nothing is planned, and no grid is stored, before the first block trains"
    assert heard.index("describe") < heard.index("trained", 4)


def test_stacks_of_many_trials_are_stored_as_the_columns_that_they_are(monkeypatch):
    made: list[int] = []
    make = OutcomeColumns.__getitem__
    monkeypatch.setattr(OutcomeColumns, "__getitem__", lambda self, place: made.append(place) or make(self, place))
    monkeypatch.setattr(writer, "MANY", 4)
    run(SMALL, Recorder())
    assert set(made) <= {0}, "only the first outcome of all is looked at, for trials that all fail"


def test_what_is_stored_is_not_trained_again_in_any_block():
    run(SMALL.replace("hidden = [2, 4]", "hidden = [4]"), Recorder())
    recorder = Recorder()
    found = run(SMALL, recorder)
    assert found.trained == 24
    planned = [event for event in recorder.events if isinstance(event, Planned)]
    assert planned[0].trials > planned[-1].trials == 24
    assert planned[-1].stored == 24


def test_one_training_fills_trials_of_one_id_in_several_blocks():
    text = SMALL + "[cases]\none = { momentum = 0.5 }\ntwo = { momentum = 0.5 }\n"
    found = run(text, Recorder())
    assert (len(found.trials), found.trained, found.trials["id"].nunique()) == (96, 48, 48)


def test_what_other_folders_have_is_copied_block_by_block():
    run(SMALL, Recorder(), results="results")
    text = SMALL.replace('"small"', '"other"').replace("count = 4", "count = 5")
    assert nnsweep.plan(nnsweep.loads(text)).to_json()["elsewhere"] == {"results/small": 48}
    found = nnsweep.run(nnsweep.loads(text), figures=False)
    assert (found.trained, found.work.copied) == (12, {"results/small": 48})


def test_a_plan_adds_blocks_up(monkeypatch):
    run(SMALL.replace("hidden = [2, 4]", "hidden = [4]"), Recorder())
    several = nnsweep.plan(nnsweep.loads(SMALL))
    monkeypatch.setattr(blocks, "BLOCK", 1000)
    whole = nnsweep.plan(nnsweep.loads(SMALL))
    counts = {"trials": 48, "new": 24, "cached": 24, "stale": 0}
    assert several.to_json().items() >= counts.items() <= whole.to_json().items()
    assert several.cost >= whole.cost > 0, "what a stack costs besides counts for each block"
    assert (several.histories, several.kinds, several.trainings) == (whole.histories, whole.kinds, whole.trainings)
    assert whole.trainings == 8


@pytest.mark.parametrize("after", [0, 1, 3, 4])
def test_ctrl_c_loses_nothing_of_any_block(monkeypatch, after):
    """It comes while a stack is trained, after so many were."""

    class Stopping(Listener):
        trained = 0

        def hear(self, event: Event) -> None:
            if isinstance(event, Progressed):
                self.trained += 1
                if self.trained > after:
                    signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run(SMALL, Stopping())
    there = stored()
    assert 0 < len(there) < 48
    assert json.loads((STORE.parent / "env.json").read_text(encoding="utf-8"))["trials"] == len(there)
    assert len(nnsweep.open("small").trials) == 48, "the sweep is described, however early it was interrupted"
    recorder = Recorder()
    assert run(SMALL, recorder).trained == 48 - len(there)
    assert there < stored()


KILLED = """
import os, signal, sys
from nnsweep.cli import main
from nnsweep.execution import writer
from nnsweep.execution.wanted import Missing
from nnsweep.store import Store
from nnsweep.trials import blocks
blocks.BLOCK, writer.AT_STAKE, left = 10, 0, int(sys.argv.pop())
write = Store.write_grid
def writes(self, *rest):
    global left
    write(self, *rest)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
Store.write_grid = writes
main(sys.argv[1:])
"""


@pytest.mark.parametrize("after", [slow(1), 2, slow(4)])
def test_a_kill_loses_nothing_of_any_block_that_was_stored(after):
    Path("grid.toml").write_text(FAKE, encoding="utf-8")
    command = [sys.executable, "-c", KILLED, "grid.toml", "--no-figures", "--trust", "--jobs", "1", str(after)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    there = stored()
    assert there
    found = run(FAKE, Recorder())
    assert found.trained == 40 - len(there)
    assert run(FAKE, Recorder(), results="elsewhere").summary.equals(found.summary)
