"""A process of its own draws figures, and what it does not draw is left to its user."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import MappingProxyType

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import nnsweep
from nnsweep.figures.style import Figure, encode
from nnsweep.report import drawing_process
from nnsweep.report.drawing_process import DrawingProcess
from tests.helpers import call


def square(side: float) -> Figure:
    figure = Figure(figsize=(side, side))
    FigureCanvasAgg(figure)
    figure.add_axes((0, 0, 1, 1)).plot([0, 1], [0, 1])
    return figure


def square_of(settings: Mapping[str, float]) -> Figure:
    assert isinstance(settings, MappingProxyType)
    return square(settings["side"])


def fail() -> Figure:
    raise ValueError("no figure")


@pytest.fixture
def fresh(monkeypatch):
    """As in a process that has drawn nothing yet, on two cores."""
    monkeypatch.setattr(drawing_process, "_cores", lambda: 2)
    monkeypatch.delitem(sys.modules, "seaborn", raising=False)


@pytest.fixture
def process(fresh):
    with DrawingProcess() as process:
        yield process


def test_it_draws_what_is_drawn_here(process):
    """Of jobs that hold mappings which cannot be changed, as those of a sweep do."""
    settings = [MappingProxyType({"side": side}) for side in (1, 2)]
    process.send([(partial(square_of, each), [".png", ".svg"]) for each in settings])
    for side in (1, 2):
        assert process.receive() == [encode(square(side), suffix) for suffix in (".png", ".svg")]


def end_copy(side: float) -> Figure:
    """End the process that draws, if it is a copy of the one that was started; that one waits until it has ended."""
    if b"drawing_worker" in Path(f"/proc/{os.getppid()}/cmdline").read_bytes():
        os._exit(1)
    with suppress(ChildProcessError):
        os.waitpid(-1, 0)
    return square(side)


@pytest.mark.slow
def test_what_raises_there_is_left_to_the_user(process):
    process.send([(partial(square, 1), [".png"]), (fail, [".png"]), (partial(square, 2), [".png"])])
    assert process.receive() == [encode(square(1), ".png")]
    assert process.receive() is None
    assert process.receive() == [encode(square(2), ".png")]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no copy")
@pytest.mark.slow
def test_the_copy_that_draws_too_leaves_what_it_did_not_draw_and_nobody_behind(process):
    sides = range(1, 9)
    process.send([(partial(end_copy, side), [".png"]) for side in sides])
    found = [process.receive() for _ in sides]
    drawn = [side for side, each in zip(sides, found, strict=True) if each]
    assert len(drawn) == len(sides) - 1
    for side, each in zip(sides, found, strict=True):
        assert each in (None, [encode(square(side), ".png")])


def test_a_process_that_was_killed_leaves_all_to_the_user(process):
    process.start()
    os.kill(process._process.pid, signal.SIGTERM)
    process.send([(partial(square, 1), [".png"])])
    assert process.receive() is None


def test_too_much_is_not_sent(process, monkeypatch):
    monkeypatch.setattr(drawing_process, "MOST", 1)
    process.send([(partial(square, 1), [".png"])])
    assert process.receive() is None


def test_none_is_started_on_one_core(fresh, monkeypatch):
    monkeypatch.setattr(drawing_process, "_cores", lambda: 1)
    with DrawingProcess() as process:
        process.send([(partial(square, 1), [".png"])])
        assert process.receive() is None
        assert process._process is None


def test_none_is_started_where_seaborn_is_imported(fresh, monkeypatch):
    monkeypatch.setitem(sys.modules, "seaborn", drawing_process)
    with DrawingProcess() as process:
        process.start()
        assert process._process is None


def test_it_ends_with_its_block(fresh):
    with DrawingProcess() as process:
        process.start()
    assert process._process.poll() is not None


def test_a_run_that_will_draw_starts_it_before_it_reads_the_sweep(grid, capsys, monkeypatch):
    started = []
    monkeypatch.setattr(DrawingProcess, "start", lambda process: started.append(process))
    assert call(capsys, "run", "nothing.toml")[0] == 2
    assert len(started) == 1
    started.clear()
    assert call(capsys, "run", grid, "--no-figures")[0] == 0
    assert call(capsys, "run", grid, "--dry-run")[0] == 0
    assert call(capsys, "run", "small", "--set", "seed={count=3}", "--no-figures")[0] == 0
    assert started == []


def test_the_figures_of_a_run_are_sent_without_its_trials(grid, monkeypatch):
    sent = []
    monkeypatch.setattr(DrawingProcess, "send", lambda process, jobs: sent.extend(jobs))
    monkeypatch.setattr(DrawingProcess, "receive", lambda process: [])
    monkeypatch.setattr(DrawingProcess, "start", lambda process: None)
    found = nnsweep.run(grid, "results")
    jobs = drawing_process._pickled(sent)
    assert len(jobs) > len(sent) > 0
    assert not any(id.encode() in jobs for id in found.trials["id"])
    rates = next(draw for draw, _ in sent if getattr(draw, "__self__", None) is not None)
    assert rates.__self__.trials.empty


def put(path: Path, write) -> None:
    write(path)


@pytest.mark.slow
def test_one_figure_is_saved_as_it_is_here_whoever_draws_it(process, tmp_path, monkeypatch):
    paths = [tmp_path / "one.png", tmp_path / "one.svg"]
    process.save_as(partial(square, 1), paths, put)
    monkeypatch.setattr(drawing_process, "_cores", lambda: 1)
    here = [tmp_path / "here.png", tmp_path / "here.svg"]
    with DrawingProcess() as none:
        none.save_as(partial(square, 1), here, put)
    for drawn, expected, suffix in zip(paths, here, (".png", ".svg"), strict=True):
        assert drawn.read_bytes() == expected.read_bytes() == encode(square(1), suffix)


def test_compare_starts_it_before_it_reads_trials_and_sends_none_of_these(grid, capsys, monkeypatch):
    found, sent, started = nnsweep.run(grid, "results", figures=False), [], []
    monkeypatch.setattr(DrawingProcess, "send", lambda process, jobs: sent.extend(jobs))
    monkeypatch.setattr(DrawingProcess, "receive", lambda process: [b"drawn"])
    monkeypatch.setattr(DrawingProcess, "start", lambda process: started.append(process))
    assert call(capsys, "compare", "nothing", "--on", "hidden=2,4")[0] == 2
    assert len(started) == 1
    assert call(capsys, "compare", grid, "--on", "hidden=2,4")[0] == 0
    assert next(found.folder.glob("figures/compare*.png")).read_bytes() == b"drawn"
    jobs = drawing_process._pickled(sent)
    assert len(sent) == 1
    assert not any(id.encode() in jobs for id in found.trials["id"])
    assert call(capsys, "compare", grid, "--on", "hidden=2,4", "--no-figures")[0] == 0
    assert len(started) == 2
