"""What trials print: whole lines, each with its trial, bounded, and shown with it."""

import io
import json
import sqlite3

import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.errors import StoreError
from nnsweep.execution.printed import LONGEST_LINE, Printed, printing
from nnsweep.store import Store, printed
from nnsweep.trainers.failures import LONGEST
from tests.helpers import JOBS, call

MODULE = """
import sys

def train(does="prints", seed=0):
    if does == "prints":
        print("epoch", end=" ")
        print("one \\x00 ü")
        print("lost", file=sys.stderr)
    if does == "much":
        for line in range(100_000):
            print(line)
    return {"loss": float(seed)}
"""
GRID = """
name = "printing"
trainer = "printer:train"
[axes]
does = ["prints", "silent"]
seed = { count = 2 }
"""


@pytest.fixture
def printer(module, tmp_path):
    module(MODULE, "printer.py")
    (tmp_path / "grid.toml").write_text(GRID, encoding="utf-8")
    return tmp_path


def test_lines_of_workers_are_whole_and_named():
    stream = io.StringIO()
    out = Printed(stream, "3f2a9c1e")
    for text in ("epoch 1", " loss 0.5", "\nepoch", "", " 2\n\r 10%\r 20%\rdone\n", "end"):
        out.write(text)
        out.flush()
        assert stream.getvalue().endswith("\n") or not stream.getvalue()
    assert out.finish() == "epoch 1 loss 0.5\nepoch 2\n\r 10%\r 20%\rdone\nend"
    assert stream.getvalue().splitlines() == [
        f"3f2a9c1e | {line}" for line in ("epoch 1 loss 0.5", "epoch 2", "done", "end")
    ]
    assert not out.isatty()


def test_a_line_without_an_end_is_not_waited_for():
    stream = io.StringIO()
    out = Printed(stream, "a")
    out.write("x" * (LONGEST_LINE + 1))
    assert stream.getvalue() == f"a | {'x' * (LONGEST_LINE + 1)}\n"


def test_in_this_process_all_goes_on_as_it_comes():
    stream = io.StringIO()
    out = Printed(stream)
    out.write("(Pdb) ")
    assert stream.getvalue() == "(Pdb) "
    assert out.writable()
    assert out.encoding == "utf-8"
    assert out.finish() == "(Pdb) "


@pytest.mark.parametrize("piece", [1, 7, 100, 10_000, 1_000_000])
def test_a_long_text_keeps_its_beginning_and_its_end(piece):
    text = "".join(f"{number:07}" for number in range(20_000))
    out = Printed(None)
    for at in range(0, len(text), piece):
        out.write(text[at : at + piece])
    half = LONGEST // 2
    assert out.finish() == f"{text[:half]}\n… {len(text) - LONGEST:,} characters left out …\n{text[-half:]}"


def test_a_stream_that_is_gone_is_no_error(capsys):
    closed = io.StringIO()
    closed.close()
    with printing("a") as out:
        print("printed")
    assert out.finish() == "printed\n"
    assert capsys.readouterr().err == "a | printed\n"
    for stream in (closed, None):
        out = Printed(stream)
        out.write("printed\n")
        assert out.finish() == "printed\n"
    with pytest.raises(OSError, match="fileno"):
        Printed(None).fileno()


@pytest.mark.parametrize("jobs", JOBS)
def test_what_a_trial_printed_is_shown_with_it(printer, capfd, jobs):
    results = nnsweep.run("grid.toml", jobs=jobs, figures=False)
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.count("epoch one") == 2
    out = call(capfd, "show", "grid.toml", "does=prints", "seed=1")[1]
    assert out.endswith("\nprinted\n  epoch one \\0 ü\n  lost\n")
    shown = json.loads(call(capfd, "show", "grid.toml", "does=prints", "seed=1", "--json")[1])
    assert shown["printed"] == "epoch one \\0 ü\nlost\n"
    assert "printed" not in call(capfd, "show", "grid.toml", "does=silent", "seed=1")[1]
    with Store.read(results.folder / "trials.db") as store:
        assert store.verify() == 4


@pytest.mark.slow
def test_what_is_kept_is_replaced_and_bounded(printer, monkeypatch):
    sweep = sweepfile.loads(GRID.replace('"silent"', '"much"'))
    results = nnsweep.run(sweep, jobs=1, figures=False)
    trials = {trial.settings["does"]: trial.id for trial in results._trials}
    with Store.read(results.folder / "trials.db") as store:
        assert LONGEST < len(store.printed(trials["much"])) < LONGEST + 60
        assert store.printed("none") == ""
    monkeypatch.setattr(printed, "ROOM", 100)
    monkeypatch.setattr(printed, "FULL", "(full)\n")
    other = nnsweep.run(sweep, "other", jobs=1, figures=False)
    with Store.open(other.folder / "trials.db") as store:
        assert store.printed(trials["much"]) == "(full)\n"
        assert store.printed(trials["prints"]) == "epoch one \\0 ü\nlost\n"
        assert store.verify() == 4
        with store._access.transaction() as connection:
            printed.keep(connection, [trials["prints"]], {})  # trained again, it printed nothing
        assert store.printed(trials["prints"]) == ""


def test_what_is_not_as_it_was_written_is_told(printer):
    results = nnsweep.run("grid.toml", jobs=1, figures=False)
    path = results.folder / "trials.db"
    with sqlite3.connect(path) as connection:
        connection.execute("update printed set text = 'other'")
    connection.close()
    with Store.read(path) as store, pytest.raises(StoreError, match="printed is not as it was written; restore"):
        store.verify()


def test_a_store_whose_trials_print_nothing_has_no_such_table(printer):
    results = nnsweep.run(sweepfile.loads(GRID.replace('"prints", ', "")), jobs=1, figures=False)
    connection = sqlite3.connect(results.folder / "trials.db")
    assert connection.execute(printed.THERE).fetchall() == []
    connection.close()
