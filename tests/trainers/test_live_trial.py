"""The trial that a function asks for: what it logs and what becomes of it."""

from __future__ import annotations

import gc
import math
import os
import struct
import threading
import weakref

import numpy as np
import pytest

import nnsweep
from nnsweep.trainers import gathered, live_trial
from nnsweep.trainers.function import FunctionTrainer
from nnsweep.trainers.live_trial import LiveTrial, current, surrounded
from nnsweep.trainers.logged import Part, from_bytes, history_of
from nnsweep.trainers.returned import check
from nnsweep.trainers.surroundings import NOWHERE, Surroundings
from tests.helpers.pace import seconds_of


def trained(function, seconds=math.inf, **params):
    """Train one trial, and read its outcome as a run does."""
    trainer = FunctionTrainer("mine:train", function)
    with surrounded(Surroundings(seconds=seconds)) as training:
        (outcome,) = trainer.train([trainer.parameters(**params).model_dump()])
    found = check(outcome, trainer)
    return found.outcome, found.left_out | training.left_out


def test_a_function_gets_its_trial_which_is_no_parameter():
    def train(trial, alpha: float, seed=0):
        assert current() is trial
        trial.log(loss=trial.params["alpha"] * trial.seed)

    assert list(FunctionTrainer("mine:train", train).parameters.model_fields) == ["alpha", "seed"]
    outcome, _ = trained(train, alpha=0.5, seed=3)
    assert outcome.metrics == {"loss": 1.5}
    assert current() is None


def test_a_function_need_not_name_it():
    def train(seed=0):
        trial = current()
        assert trial is not None
        trial.log(loss=2)

    assert trained(train)[0].metrics == {"loss": 2.0}


@pytest.mark.parametrize("kind", ["bare", "annotated", "optional", "none"])
def test_how_it_is_asked_for(kind):
    def bare(trial): ...
    def annotated(trial: nnsweep.LiveTrial): ...
    def optional(trial: LiveTrial | None = None): ...
    def none(trial=None): ...

    functions = {"bare": bare, "annotated": annotated, "optional": optional, "none": none}
    assert not FunctionTrainer("mine:train", functions[kind]).parameters.model_fields


def test_a_parameter_of_a_sweep_may_have_this_name():
    def number(trial: int): ...
    def defaulted(trial=3): ...

    for function in (number, defaulted):
        assert list(FunctionTrainer("mine:train", function).parameters.model_fields) == ["trial"]


def test_steps_are_counted_or_given():
    def train(trial, seed=0):
        trial.log(loss=4)
        trial.log({"val/acc": 0.5})
        trial.log(loss=np.float32(2), step=10)
        trial.log(loss=True, step=np.int64(10))
        trial.log(acc=np.array([0.75]), step=12.0)

    outcome, left_out = trained(train)
    assert outcome.metrics == {"loss": 1.0, "val/acc": 0.5, "acc": 0.75}
    assert outcome.history["epoch"] == [1, 2, 10, 12]
    np.testing.assert_equal(outcome.history["loss"], [4, math.nan, 1, math.nan])
    np.testing.assert_equal(outcome.history["acc"], [math.nan] * 3 + [0.75])
    assert not left_out


def test_what_is_returned_counts_where_both_have_a_name():
    def train(trial, seed=0):
        for step in range(3):
            trial.log(loss=3.0 - step, acc=step, other=step)
        return {"loss": [9.0, 8.0, 7.0], "acc": 0.5, "extra": 1}

    outcome, _ = trained(train)
    assert outcome.metrics == {"loss": 7.0, "acc": 0.5, "other": 2.0, "extra": 1.0}
    assert outcome.history == {"loss": [9.0, 8.0, 7.0], "acc": [0.0, 1.0, 2.0], "other": [0.0, 1.0, 2.0]}


def test_a_list_of_another_length_than_what_was_logged_is_no_curve():
    def train(trial, seed=0):
        trial.log(loss=3.0)
        trial.log(loss=2.0)
        return {"acc": [0.25, 0.5, 0.75], "epoch": [1, 2, 3]}

    outcome, left_out = trained(train)
    assert outcome.metrics == {"loss": 2.0, "acc": 0.75}
    assert outcome.history == {"acc": [0.25, 0.5, 0.75], "epoch": [1, 2, 3]}
    assert left_out == {"loss": "a list of 2 where `epoch` has 3: only its last number is stored"}


def test_what_is_no_number_is_left_out():
    def train(trial, seed=0):
        trial.log(loss=1.0, note="high", list=[1, 2], step="x")
        trial.log(loss=2.0, step=-3)
        trial.log({5: 1.0, "big": 10**400})

    outcome, left_out = trained(train)
    assert outcome.metrics == {"loss": 2.0}
    np.testing.assert_equal(outcome.history["loss"], [1.0, 2.0, math.nan])
    assert left_out == {
        "note": "logged: a text: not stored; numbers are",
        "list": "logged: a list of 2: not stored; numbers are",
        "step": "logged: no whole number from 0 on: counted instead",
        "`int`": "no name: not stored; names are texts of up to 100 characters that begin with a letter",
    }


def test_one_number_at_a_time_is_kept_in_the_order_of_the_calls():
    """Numbers of one name are taken together, and the last of a step counts, whichever call logged it."""

    def train(trial, seed=0):
        for step in range(1, 5):
            trial.log(loss=float(step), step=step)
        trial.log(loss=9.0, acc=0.5, step=4)
        trial.log(loss=7.0)
        for step in (6, 7, 5):
            trial.log(loss=float(10 * step), step=step)
        for step in (6, 7, 8):
            trial.log(acc=step / 16, step=step)

    history = trained(train)[0].history
    assert list(history) == ["loss", "acc"]
    np.testing.assert_equal(history["loss"], [1, 2, 3, 9, 50, 60, 70, math.nan])
    np.testing.assert_equal(history["acc"], [math.nan] * 3 + [0.5, math.nan, 6 / 16, 7 / 16, 0.5])


CALLS = [
    {"loss": 0.5},
    {"loss": 1, "acc": np.float32(0.25)},
    {"acc": 0.75, "loss": 2.0},
    {"loss": True, "acc": np.float64(math.nan)},
    {"type": 1.0, "_names": 2.0, "class": 3.0},
    {"loss": "high", "acc": 0.5},
    {"loss": 10**400, "acc": 0.5},
    {"train/loss": 0.5},
    {},
]
"""Numbers by name, as trials log them: with names that are no words, and values that are no numbers."""
STEPS = [None, None, 0, 3, 7, 98, 99, -1, "x", 2**53 + 1, 2**70, True, 3.0, 2.5, np.int64(5), np.array(6)]


@pytest.mark.parametrize("seed", range(4))
def test_calls_with_the_same_names_keep_what_others_do(seed):
    """The function that takes their place, against the method itself."""
    random = np.random.default_rng(seed)
    quick, plain = LiveTrial({}, NOWHERE), LiveTrial({}, NOWHERE)
    runs = 0
    for _ in range(60):
        metrics = CALLS[random.integers(len(CALLS))]
        values = [None, None, None, {"acc": 0.125}][random.integers(4)]
        for _ in range(random.integers(1, 6)):
            step = STEPS[random.integers(len(STEPS))]
            quick.log(values, step=step, **metrics)
            LiveTrial.log(plain, values, step=step, **metrics)
            runs += "log" in vars(quick)
        if random.random() < 0.2:
            np.testing.assert_equal(quick.last, plain.last)
    assert runs > 20
    np.testing.assert_equal(quick.history(), plain.history())
    assert quick.left_out == plain.left_out


def test_a_trial_is_freed_when_it_is_closed():
    trial = LiveTrial({}, NOWHERE)
    for step in range(5):
        trial.log(loss=0.5, acc=0.5, step=step)
    assert "log" in vars(trial)
    kept = weakref.ref(trial)
    gc.disable()
    try:
        trial.close()
        del trial
        assert kept() is None
    finally:
        gc.enable()


def test_who_keeps_the_function_of_a_trial_in_a_name_loses_nothing():
    trial = LiveTrial({}, NOWHERE)
    method = trial.log
    for step in range(3):
        method(loss=0.5, acc=float(step), step=step)
    other = LiveTrial({}, NOWHERE)
    for step in range(3):
        other.log(loss=0.5, acc=float(step), step=step)
    function = other.log
    other.log(loss=9.0, step=1)
    function(loss=0.25, acc=4.0, step=2)
    assert trial.history() == {"loss": [0.5] * 3, "acc": [0.0, 1.0, 2.0], "epoch": [0, 1, 2]}
    assert other.history() == {"loss": [0.5, 9.0, 0.25], "acc": [0.0, 1.0, 4.0], "epoch": [0, 1, 2]}


@pytest.mark.parametrize("bad", [-3, 2**60, 2**70])
def test_steps_out_of_range_among_numbers_of_one_name_are_counted(bad):
    def train(trial, seed=0):
        for step in (1, 2, 3, bad, 7):
            trial.log(loss=float(step), step=step)

    outcome, left_out = trained(train)
    assert outcome.history == {"loss": [1.0, 2.0, 3.0, float(bad), 7.0], "epoch": [1, 2, 3, 4, 7]}
    assert left_out == {"step": "logged: no whole number from 0 on: counted instead"}


def test_a_call_that_was_under_way_when_its_list_was_taken_is_kept():
    trial = LiveTrial({}, NOWHERE)
    for step in range(4):
        trial.log(loss=float(step), step=step)
    name, run = trial._one_name
    assert (name, len(run)) == ("loss", 16)  # bytes of a step and a number
    assert trial.last == {"loss": 3.0}
    run += struct.pack("<qd", 4, 4.0)
    assert trial.last == {"loss": 4.0}
    assert trial.history() == {"loss": [0.0, 1.0, 2.0, 3.0, 4.0], "epoch": [0, 1, 2, 3, 4]}


def test_names_are_told_on_one_line():
    def train(trial, seed=0):
        trial.log({"a\nb": "text", "c\x1b[31m": 1.0, "y" * 300: [1, 2], "ok": 1.0})
        with pytest.raises(nnsweep.NnsweepError, match=r"under the name `a\\nb`; allowed: "):
            trial.save("a\nb", b"")

    _, left_out = trained(train)
    assert sorted(left_out) == [r"a\nb", r"c\x1b[31m", "y" * 200 + "…"]


def test_a_name_without_characters_is_a_name():
    trial = LiveTrial({}, NOWHERE)
    trial.log(**{"": 0.5}, step=1)
    assert trial.history() == {"": [0.5]}


def test_an_array_that_changes_later_was_logged_as_it_was():
    def train(trial, seed=0):
        loss = np.array(1.0)
        trial.log(loss=loss)
        loss += 1
        trial.log(loss=loss)

    assert trained(train)[0].history == {"loss": [1.0, 2.0]}


def test_a_trial_whose_time_is_nearly_over_should_stop(monkeypatch):
    now = 1000.0
    monkeypatch.setattr(live_trial.time, "monotonic", lambda: now)

    def train(trial, seed=0):
        nonlocal now
        for step in range(200):
            if trial.should_stop():
                return {"loss": 0.0}
            trial.log(loss=step)
            now += 1
        return None

    outcome, _ = trained(train, seconds=50)
    assert (outcome.status, outcome.metrics) == ("timeout", {})
    assert outcome.failure == "it stopped when `should_stop` said that the seconds of its `timeout` were nearly over"
    assert outcome.history == {"loss": [float(step) for step in range(45)]}  # a tenth of 50 s is left
    assert trained(train, seconds=150)[0].history["loss"][-1] == 139  # ten seconds are
    assert trained(train)[0].metrics == {"loss": 199.0}


def test_chunks_hold_all_that_was_logged(monkeypatch):
    """A trial that ticks while it logs, without a thread."""
    monkeypatch.setattr(live_trial, "_start_ticking", lambda: None)
    sent: list[Part] = []
    trial = LiveTrial({"seed": 1}, Surroundings(sent.append))
    trial.log(loss=1.0)
    assert sent == []
    trial.tick()
    trial.tick()  # nothing new: the next one is sent at once
    trial.log(loss=2.0)
    trial.log(loss=3.0, acc=4.0)
    trial.tick()
    assert [number for number, _ in sent] == [0, 1, 2]
    received = history_of([block for _, data in sent for block in from_bytes(data)])
    np.testing.assert_equal(trial.history(), received)
    trial.log(loss=5.0)
    trial.close()
    trial.tick()
    assert len(sent) == 3
    assert trial.last == {"loss": 5.0, "acc": 4.0}


def test_a_child_process_sends_nothing(monkeypatch):
    monkeypatch.setattr(live_trial, "_start_ticking", lambda: None)
    sent: list[Part] = []
    trial = LiveTrial({}, Surroundings(sent.append))
    trial.log(loss=1.0)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    trial.tick()
    assert sent == []


def test_more_numbers_than_are_kept(monkeypatch):
    monkeypatch.setattr(gathered, "MOST", 3)

    def train(trial, seed=0):
        for step in range(3):
            trial.log(loss=step)
        trial.last  # noqa: B018 (gathers)
        trial.log(loss=9.0)

    outcome, left_out = trained(train)
    assert (outcome.metrics, outcome.history) == ({"loss": 9.0}, {"loss": [0.0, 1.0, 2.0]})
    assert left_out == {"loss": "logged: more than 3 numbers in all: of the later ones, the last is stored"}


def test_threads_log_together():
    def train(trial, seed=0):
        threads = [threading.Thread(target=lambda: [trial.log(a=1.0) for _ in range(1000)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(trained(train)[0].history["a"]) == 4000


@pytest.mark.slow
def test_logging_takes_less_than_eight_times_what_lists_take(monkeypatch):
    """5,000 calls of ten values, and the part that is sent; three and a half times is usual."""
    monkeypatch.setattr(live_trial, "_start_ticking", lambda: None)
    x = 0.5

    def log():
        trial = LiveTrial({}, Surroundings(lambda part: None))
        for step in range(5000):
            trial.log(a=x, b=x, c=x, d=x, e=x, f=x, g=x, h=x, i=x, j=x, step=step)
        trial.tick()

    def append():
        kept = []
        for step in range(5000):
            kept.append((step, dict.fromkeys("abcdefghij", x)))

    logged, appended = seconds_of(log, append)
    assert logged < 8 * appended
