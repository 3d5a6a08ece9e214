"""Which events a run has, in which order, and that every listener hears them."""

import io
import re

import numpy as np
import pytest

from nnsweep import sweepfile
from nnsweep.execution.block_plans import BlockPlans
from nnsweep.execution.events import Ended, Listener, Planned, Progressed, Started, Warned
from nnsweep.execution.options import Options
from nnsweep.execution.plan import make_plan
from nnsweep.execution.progress import ProgressBar
from nnsweep.execution.runner import Notices, train
from nnsweep.execution.writer import Work
from nnsweep.store import Store
from nnsweep.trainers import load
from nnsweep.trials.expand import expand
from nnsweep.trials.ids import to_numbers
from tests.helpers import JOBS, PROJECT
from tests.helpers.fake_trainer import FakeTrainer

GRID = f"""
name = "heard"
trainer = "{FakeTrainer.name}"
[axes]
value = {{ from = 1, to = 7 }}
"""


class Recorder(Listener):
    """Keeps the events; raises, or interrupts the run, at one of them."""

    def __init__(self, at: type = Listener, error=None):
        self.events, self._at, self._error = [], at, error

    def hear(self, event):
        self.events.append(event)
        if self._error is not None and isinstance(event, self._at):
            raise self._error

    def kinds(self):
        return [type(event) for event in self.events]


def run(folder, recorder, *overrides, jobs=1, **options):
    """Train the grid with listeners, and give how many trials are stored afterwards."""
    trainer = load(FakeTrainer.name)
    trials = expand(sweepfile.loads(GRID, overrides=overrides), trainer)
    with Store.open(folder / "trials.db") as store:
        plan = BlockPlans([make_plan(trials, np.sort(to_numbers(store.ids())), trainer, jobs)])
        try:
            train(
                store, plan, FakeTrainer.name, Options(jobs, listeners=(recorder,), **options), lambda _: None, Work()
            )
        finally:
            stored = len(store.ids())
    return stored


@pytest.mark.parametrize("jobs", JOBS)
def test_the_order_of_events(tmp_path, monkeypatch, jobs):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    recorder = Recorder()
    assert run(tmp_path, recorder, jobs=jobs) == 7
    stacks = recorder.events[0].stacks
    assert recorder.kinds() == [Planned, Started] + [Progressed] * stacks + [Ended]
    assert recorder.events[0] == Planned(7, stacks, stored=0)
    assert recorder.events[1] == Started(jobs, None)
    heard = [trial.settings["value"] for event in recorder.events[2:-1] for trial, _ in event.pairs]
    assert sorted(heard) == [1, 2, 3, 4, 5, 6, 7]
    assert recorder.events[-1].trials == 7
    assert recorder.events[-1].seconds > 0


def test_what_is_stored_is_no_part_of_a_run(tmp_path):
    run(tmp_path, Recorder(), "value=1,2,3,4")
    recorder = Recorder()
    run(tmp_path, recorder)
    assert recorder.events[0] == Planned(3, 1, stored=4)
    again = Recorder()
    run(tmp_path, again)
    assert again.events == []  # nothing to train is no run


def test_a_run_that_is_stopped_early_has_ended_too(tmp_path):
    recorder = Recorder()
    run(tmp_path, recorder, "does=raises", fail_fast=True)
    assert recorder.kinds() == [Planned, Started, Progressed, Ended]


@pytest.mark.parametrize("error", [RuntimeError("broken listener"), KeyboardInterrupt()])
@pytest.mark.parametrize("at", [Planned, Started, Progressed])
def test_the_run_ends_whatever_ends_it(tmp_path, at, error):
    recorder = Recorder(at, error)
    with pytest.raises(type(error)):
        run(tmp_path, recorder)
    assert recorder.kinds()[-1] is Ended
    assert recorder.kinds().count(Ended) == 1
    with Store.open(tmp_path / "trials.db") as store:
        assert len(store.ids()) == recorder.events[-1].trials == (3 if at is Progressed else 0)
        assert store.runs()[0]["ended"] is not None


def test_warnings_are_heard(tmp_path, monkeypatch):
    monkeypatch.setattr("nnsweep.execution.place.why_no_workers", lambda name: "there are none")
    recorder = Recorder()
    run(tmp_path, recorder, jobs=2)
    said = "training in this process, without workers: there are none"
    assert recorder.kinds()[:3] == [Planned, Warned, Started]
    assert recorder.events[1] == Warned(said, lasting=True)


def test_failures_alike_are_warned_of_once(tmp_path):
    recorder = Recorder()
    run(tmp_path, recorder, "does=raises", "seed={count=5}")
    (warning,) = [event for event in recorder.events if isinstance(event, Warned)]
    said = (
        r"the first 20 trials all failed with the same error: ValueError: no value 5, at .*fake_trainer.py:\d+ in _do"
    )
    assert re.fullmatch(said, warning.message)
    assert not warning.lasting


def test_the_listener_of_the_docs(tmp_path):
    (code,) = re.findall(r"^```python\n(.*?)^```$", (PROJECT / "docs/extending.md").read_text(), re.M | re.S)[:1]
    found, file = {}, io.StringIO()
    exec(code, found)
    run(tmp_path, found["Log"](file), "value=1,2")
    first, second, total = file.getvalue().splitlines()
    assert re.fullmatch(r"\w{16,} ok", first)
    assert re.fullmatch(r"\w{16,} ok", second)
    assert re.fullmatch(r"2 trials in \d+\.\d s", total)


def test_only_lasting_warnings_are_notices():
    notices = []
    listener = Notices(notices)
    for event in (Planned(1, 1, 0), Warned("now"), Warned("still", lasting=True), Ended(1, 1.0)):
        listener.hear(event)
    assert notices == ["still"]


def test_the_bar_says_what_is_warned_of(capsys):
    bar = ProgressBar(quiet=False)
    for event in (Planned(2000, 1, 0), Started(1), Warned("careful"), Progressed([], []), Ended(1, 1.0)):
        bar.hear(event)
    assert capsys.readouterr().err == "careful\n"
    quiet = ProgressBar(quiet=True)
    for event in (Planned(2000, 1, 0), Warned("careful"), Ended(1, 1.0)):
        quiet.hear(event)
    assert capsys.readouterr().err == ""
