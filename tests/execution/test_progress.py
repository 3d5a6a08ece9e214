"""What a run says while it trains."""

import subprocess
import sys

import pytest

from nnsweep.execution import progress
from nnsweep.execution.events import Planned, Progressed, Started
from nnsweep.execution.progress import Progress, ProgressBar
from nnsweep.trainers import Outcome
from tests.helpers import PROJECT

BETWEEN = 5.0


@pytest.fixture
def clock(monkeypatch):
    """Stop the clock that progress reads; set its first item to move it."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", BETWEEN)
    return now


def count(clock, quiet):
    with Progress(2000, quiet=quiet) as counting:
        for _ in range(4):
            clock[0] += 0.6 * BETWEEN
            counting.update(500)


def test_lines_come_every_few_seconds_where_there_is_no_terminal(clock, capsys):
    count(clock, quiet=False)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "1,000 of 2,000 trials, about 6.00 s left\n2,000 of 2,000 trials\n")


def test_figures_are_counted_too(clock, capsys):
    with Progress(3, what="figures", between=15) as counting:
        for _ in range(3):
            clock[0] += 10
            counting.update(1)
    assert capsys.readouterr().err == "2 of 3 figures, about 10.00 s left\n"


def test_quiet_is_silent(clock, capsys):
    count(clock, quiet=True)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


def test_a_terminal_gets_a_bar(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress(2000) as counting:
        counting.update(2000)
    said = capsys.readouterr()
    assert said.out == ""
    assert "/2.00k [00:00<?, ? trials/s]" in said.err


def test_a_line_besides_stands_by_itself(monkeypatch, capsys):
    with Progress(2000) as counting:
        counting.say("careful")
    assert capsys.readouterr().err == "careful\n"
    with Progress(2000, quiet=True) as counting:
        counting.say("careful")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress(2000) as counting:
        counting.say("careful")
    assert "\rcareful\n" in capsys.readouterr().err.replace(" ", "")


def test_what_is_done_at_once_has_no_bar(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress(2, what="figures", delay=60) as counting:
        counting.update(2)
    assert "figures" not in capsys.readouterr().err


def test_the_bar_is_imported_only_for_a_terminal():
    script = "import sys; from nnsweep.execution.progress import Progress; Progress(1); print('tqdm' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_how_long_is_left_follows_the_plans_of_further_blocks(clock, capsys):
    bar = ProgressBar(quiet=False)
    bar.hear(Planned(4000, 2, 0))
    clock[0] = 2 * BETWEEN
    bar.hear(Progressed([], [Outcome("ok")] * 1000))
    bar.hear(Planned(2000, 2, 2000))
    clock[0] = 3 * BETWEEN
    bar.hear(Progressed([], [Outcome("ok")] * 500))
    assert capsys.readouterr().err.splitlines() == [
        "1,000 of 4,000 trials, about 30.00 s left",
        "1,500 of 2,000 trials, about 5.00 s left",
    ]


def test_how_long_is_left_is_told_by_those_that_train_now(clock, capsys):
    """The first trials import, and starting workers takes a while: neither tells how long the others take."""
    bar = ProgressBar(quiet=False)
    bar.hear(Planned(1000, 1000, 0))
    bar.hear(Started(1))
    clock[0] = BETWEEN
    bar.hear(Progressed([], [Outcome("ok")] * 4))
    bar.hear(Started(2))
    bar.hear(Progressed([], []))
    clock[0] = 2 * BETWEEN
    bar.hear(Progressed([], []))
    clock[0] = 3 * BETWEEN
    bar.hear(Progressed([], [Outcome("ok")] * 96))
    assert capsys.readouterr().err.splitlines() == [
        f"4 of 1,000 trials, about {996 / 4 * BETWEEN / 60:.0f} min left",
        "4 of 1,000 trials",
        f"100 of 1,000 trials, about {900 / 96 * 2 * BETWEEN:.2f} s left",
    ]
