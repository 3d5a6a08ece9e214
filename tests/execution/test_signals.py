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


def test_sigterm_is_deferred_too():
    got = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: got.append(number))
    try:
        with defer_signals():
            signal.raise_signal(signal.SIGTERM)
            assert got == []
        assert got == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)


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
