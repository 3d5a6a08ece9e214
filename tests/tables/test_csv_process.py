"""A process of its own writes a CSV file, and what it does not write is left to its user."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest

import nnsweep
from nnsweep.report import writer
from nnsweep.tables import csv_process
from nnsweep.tables.csv_files import write_csv_parts
from nnsweep.tables.csv_process import LEAST, CsvProcess
from tests.helpers import SMALL, files

PARTS = [
    {
        "id": np.array([f"{row:016x}" for row in range(start, start + 5000)], "S16"),
        "loss": np.arange(start, start + 5000) / 7,
        "status": np.array(["ok", 'é, "quoted"'] * 2500, object),
        "success": np.arange(5000) % 3 == 0,
    }
    for start in range(0, 30_000, 5000)
]


def test_the_file_is_the_one_that_is_written_here(tmp_path):
    with CsvProcess(tmp_path, LEAST, lambda: 2) as process:
        for part in PARTS:
            process.put(part)
        assert process.take(tmp_path / "there.csv")
    write_csv_parts(PARTS, tmp_path / "here.csv")
    assert (tmp_path / "there.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here.csv", "there.csv"]


@pytest.mark.parametrize("put", [0, len(PARTS)])
def test_a_process_that_was_killed_leaves_the_file_to_its_user_and_nothing_behind(tmp_path, put):
    with CsvProcess(tmp_path, LEAST, lambda: 2) as process:
        started = process._process
        os.kill(started.pid, signal.SIGKILL)
        for part in PARTS[:put]:
            process.put(part)
        assert not process.take(tmp_path / "there.csv")
    assert started.poll() == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


def test_a_process_from_which_nobody_takes_the_file_is_ended_and_leaves_nothing_behind(tmp_path):
    with CsvProcess(tmp_path, LEAST, lambda: 2) as process:  # which does not look at how its block ends
        started = process._process
        process.put(PARTS[0])
    assert started.poll() == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("rows", "cores", "exists"), [(LEAST - 1, 2, True), (LEAST, 1, True), (LEAST, 2, False)])
def test_none_is_started_for_few_rows_on_one_core_or_where_it_cannot_write(tmp_path, rows, cores, exists):
    with CsvProcess(tmp_path if exists else tmp_path / "nowhere", rows, lambda: cores) as process:
        assert not process.is_started
        process.put(PARTS[0])
        assert not process.take(tmp_path / "there.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_tables_of_a_run_are_the_same(tmp_path, monkeypatch):
    alone = nnsweep.run(nnsweep.loads(SMALL), tmp_path / "alone", figures=False)
    monkeypatch.setattr(csv_process, "LEAST", 1)
    monkeypatch.setattr(writer, "available_cpus", lambda: 2)
    taken: list[bool] = []
    take = CsvProcess.take
    monkeypatch.setattr(CsvProcess, "take", lambda self, path: taken.append(take(self, path)) or taken[-1])
    found = nnsweep.run(nnsweep.loads(SMALL), tmp_path / "results", figures=False)
    assert taken == [True]
    assert files(found.folder / "tables") == files(alone.folder / "tables")
