"""What progress says of the workers of a cluster."""

from __future__ import annotations

from nnsweep.execution import progress
from nnsweep.execution.events import Planned, Progressed, Started
from nnsweep.execution.progress import ProgressBar
from nnsweep.execution.watch import FAILURES_SHOWN, Watch
from nnsweep.trainers import Outcome
from nnsweep.trials.trial import Trial

FAILED = Outcome("failed", failure='Traceback:\n  File "m.py", line 7, in f\n    f(2)\nValueError: no 2\n')


def trial(number):
    return Trial(f"{number:016x}", {"alpha": 0.1, "seed": number}, {}, "")


def test_a_line_tells_where_and_how_far_each_worker_is(monkeypatch, capsys):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 5.0)
    bar = ProgressBar(quiet=False)
    bar.hear(Planned(40, 4, 0))
    bar.hear(Started(2, where="Dask at tcp://host:8786; its page: http://host:8787/status"))
    bar.hear(Progressed([], [Outcome("ok")] * 10, worker="a"))
    now[0] = 10.0
    bar.hear(Progressed([trial(7)], [FAILED], worker="b"))
    assert capsys.readouterr().err.splitlines() == [
        "Dask at tcp://host:8786; its page: http://host:8787/status; workers train 2 stacks at once",
        "trial 00000000 (alpha=0.1, seed=7) is `failed` on worker b: ValueError: no 2",
        "11 of 40 trials, about 26.36 s left, 1 failed; workers: a 10, b 1",
    ]


def test_of_many_workers_the_slowest_is_named():
    watch = Watch()
    for number in range(50):
        watch.add(Progressed([], [Outcome("ok")] * (1000 + number), worker=f"node-{number}"))
    assert watch.note == "; 50 workers trained 1,000 (node-0) to 1,049 each"


def test_only_the_first_failures_have_lines():
    watch = Watch()
    failed = Progressed([trial(number) for number in range(9)], [FAILED] * 9, worker="a")
    watch.add(failed)
    assert len(list(watch.failures(failed))) == FAILURES_SHOWN
    assert watch.note == ", 9 failed; workers: a 9"


def test_a_run_on_this_machine_says_nothing_of_workers():
    watch = Watch()
    failed = Progressed([trial(1)], [FAILED])
    watch.add(failed)
    assert list(watch.failures(failed)) == []
    assert watch.note == ""
