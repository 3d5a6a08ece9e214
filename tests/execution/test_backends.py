"""What every backend does. A new backend is one more line in `BACKENDS`."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import closing
from math import inf

import pytest

from nnsweep.errors import NnsweepError
from nnsweep.execution.backends.base import Backend, Died, Overran, Trained
from nnsweep.execution.backends.local import LocalBackend
from nnsweep.execution.backends.processes import ProcessBackend
from nnsweep.execution.dispatch import drive
from nnsweep.execution.supervisor import Supervisor
from tests.helpers import PROJECT, slow
from tests.helpers.fake_trainer import FakeTrainer
from tests.helpers.stacks import outcomes_of, stack, stacks_of, trial, workers


def dask(slots: int) -> Backend:
    pytest.importorskip("distributed")
    from nnsweep.execution.backends.dask import DaskBackend

    return DaskBackend(FakeTrainer.name, f"local:{slots}")


BACKENDS = {
    "local": lambda: LocalBackend(FakeTrainer.name),
    "processes, one slot": lambda: ProcessBackend(FakeTrainer.name, 1),
    "processes, three slots": lambda: ProcessBackend(FakeTrainer.name, 3),
    "dask, one slot": lambda: dask(1),
    "dask, three slots": lambda: dask(3),
}
LONG = 60.0
"""Seconds that are allowed to what ends at once."""


SLOW = "processes, one slot"


@pytest.fixture(params=[slow(name) if name == SLOW else name for name in BACKENDS])
def backend(request, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    made = BACKENDS[request.param]()
    yield made
    made.cancel()


def surviving(backend: Backend) -> Backend:
    if not backend.survives_death:
        pytest.skip("a death would end the tests")
    return backend


def test_every_stack_gets_one_report(backend):
    stacks = [stack(trial(1), trial(2)), stack(trial(3, "raises")), stack(trial(4)), stack(trial(5))]
    waiting, reports = list(stacks), []
    for _ in range(min(backend.slots, len(stacks))):
        backend.submit(waiting.pop())
    while len(reports) < len(stacks):
        reports.append(backend.next())
        if waiting:
            backend.submit(waiting.pop())
    assert sorted(report.stack.trials[0].id for report in reports) == ["1", "3", "4", "5"]
    assert {type(report) for report in reports} == {Trained}
    for report in reports:
        assert report.overhead >= 0 <= report.result.seconds
        for each, outcome in zip(report.stack.trials, report.result.outcomes, strict=True):
            assert outcome.status == ("failed" if each.id == "3" else "ok")
            assert outcome.metrics.get("square", 9.0) == int(each.id) ** 2


def test_as_many_stacks_as_slots_are_in_training_at_once(backend, tmp_path):
    """Each trial waits until as many have begun as there are slots."""
    diary = str(tmp_path / "diary")
    for value in range(backend.slots):
        backend.submit(stack(trial(value, f"waits for {backend.slots}", diary=diary)))
    assert {type(backend.next()) for _ in range(backend.slots)} == {Trained}


def test_all_backends_give_the_same(backend):
    stacks = [stack(trial(1), trial(2)), stack(trial(3, "raises"), trial(4))]
    with closing(drive(backend, Supervisor(stacks))) as events:
        found = outcomes_of(events, stacks)
    assert {id: (outcome.status, outcome.metrics.get("square")) for id, outcome in found.items()} == {
        "1": ("ok", 1.0),
        "2": ("ok", 4.0),
        "3": ("failed", None),
        "4": ("ok", 16.0),
    }


def test_a_stack_is_printed_once_or_silently(backend):
    backend.submit(stack(trial(1, "prints")))
    assert backend.next().result.printed == [(0, "value 1\n")]


def test_a_death_is_reported_and_others_are_trained(backend):
    surviving(backend)
    deadly, sound = stack(trial(1), trial(2, "dies")), stack(trial(3))
    backend.submit(deadly)
    if backend.slots > 1:
        backend.submit(sound)
    reports = [backend.next() for _ in range(min(2, backend.slots))]
    assert Died(deadly) in reports
    if backend.slots == 1:
        backend.submit(sound)
        reports.append(backend.next())
    assert [type(report) for report in reports if report.stack is sound] == [Trained]


def test_a_stack_that_takes_too_long_is_stopped(backend):
    late = stack(trial(1, "hangs"))
    if not backend.keeps_timeout:
        with pytest.raises(NnsweepError) as caught:
            list(drive(backend, Supervisor([late], 0.3)))
        assert str(caught.value) == "a time limit needs workers; found 0.3 s for training in this process"
        return
    backend.submit(late, 0.3)
    assert backend.next() == Overran(late)
    backend.submit(stack(trial(2)), LONG)
    assert isinstance(backend.next(), Trained)


def test_time_is_not_limited_unless_asked(backend):
    backend.submit(stack(trial(1)), inf)
    assert isinstance(backend.next(), Trained)


def test_cancelling_stops_what_trains(backend):
    does = "hangs" if backend.survives_death else "well"
    for value in range(backend.slots):
        backend.submit(stack(trial(value, does)))
    backend.cancel()
    backend.cancel()  # nothing is left to stop
    if sys.platform == "linux":
        assert workers() == []


def test_a_backend_is_cancelled_however_its_run_ends(backend, monkeypatch):
    cancelled, cancel = [], backend.cancel
    monkeypatch.setattr(backend, "cancel", lambda: (cancelled.append(True), cancel()))
    with closing(drive(backend, Supervisor(stacks_of(*["well"] * 4)))) as events:
        next(events)
        assert not cancelled
    assert cancelled == [True]


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
def test_ctrl_c_ends_the_wait(backend):
    """Ctrl-C while stacks train: `next` lets it through, and `cancel` works after it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    does = "hangs" if backend.survives_death else "interrupts"
    try:
        backend.submit(stack(trial(1, does)))
        if backend.survives_death:
            threading.Thread(target=_interrupt_when_waiting, args=(threading.main_thread(),)).start()
        with pytest.raises(KeyboardInterrupt):
            backend.next()
    finally:
        signal.signal(signal.SIGINT, before)
    started = time.monotonic()
    backend.cancel()
    assert time.monotonic() - started < LONG


def _interrupt_when_waiting(thread: threading.Thread) -> None:
    """Send Ctrl-C once the thread stands in a wait of the backend."""
    while "_wait" not in [frame.f_code.co_name for frame in _frames(thread)]:
        pass
    os.kill(os.getpid(), signal.SIGINT)


def _frames(thread: threading.Thread):
    frame = sys._current_frames().get(thread.ident or 0)
    while frame is not None:
        yield frame
        frame = frame.f_back
