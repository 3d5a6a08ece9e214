"""What computes in this process, and in its threads."""

from __future__ import annotations

import threading

import pytest

from nnsweep.computing import computing, current, in_threads


def test_threads_give_what_one_gives_and_count_together():
    def call(number):
        assert current().threads == 1
        current().count("steps", number)
        return number * number, threading.current_thread().name

    with computing("compiled", 3) as outer:
        found = in_threads(call, range(10))
    assert [square for square, _ in found] == [k * k for k in range(10)]
    assert all(name.startswith("stack") for _, name in found)
    assert outer.steps == {"steps": 45}


def test_an_error_stops_the_other_threads():
    started = threading.Event()

    def call(number):
        if number == 0:
            started.wait(10)
            raise KeyboardInterrupt
        inside = current()
        started.set()
        assert inside.stopped.wait(10)
        inside.check()

    with computing("compiled", 2) as outer:
        with pytest.raises(KeyboardInterrupt):
            in_threads(call, range(2))
        outer.check()  # what comes next is wanted
    with computing("compiled") as stopped:
        stopped.stopped.set()
        with pytest.raises(InterruptedError) as error:
            stopped.check()
    assert str(error.value) == "the main thread was interrupted"
