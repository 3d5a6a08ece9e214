"""Ctrl-C at bad moments."""

import signal
import threading

import pytest

from nnsweep.execution.signals import defer_signals


@pytest.fixture(autouse=True)
def as_at_a_terminal():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_comes_after_what_is_defer_signals():
    done = []

    def block():
        with defer_signals():
            signal.raise_signal(signal.SIGINT)
            done.append("block")

    with pytest.raises(KeyboardInterrupt):
        block()
    assert done == ["block"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_blocks_within_blocks():
    done = []

    def blocks():
        with defer_signals():
            with defer_signals():
                signal.raise_signal(signal.SIGINT)
                done.append("inner")
            done.append("outer")

    with pytest.raises(KeyboardInterrupt):
        blocks()
    assert done == ["inner", "outer"]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGXCPU"])
def test_other_signals_that_end_a_run_are_deferred_too(name):
    got, number = [], signal.Signals[name]
    before = signal.signal(number, lambda number, frame: got.append(number))
    try:
        with defer_signals():
            signal.raise_signal(number)
            assert got == []
        assert got == [number]
    finally:
        signal.signal(number, before)


def test_other_threads_have_no_signals_to_defer():
    failed = []

    def hold():
        try:
            with defer_signals():
                pass
        except ValueError as error:  # as signal.signal raises there
            failed.append(error)

    thread = threading.Thread(target=hold)
    thread.start()
    thread.join()
    assert failed == []
