"""Every exporter keeps the same promises: see `Exporter`. Each tracker's own package reads back what is exported."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

import pytest

import nnsweep
from nnsweep.errors import NnsweepError
from nnsweep.folder.notes import change_notes
from nnsweep.folder.open import StoredSweep
from nnsweep.store.lock import hold
from nnsweep.store.rows import digest
from nnsweep.trackers import exporter
from nnsweep.trackers.export import EXPORTERS, export_to
from nnsweep.trackers.exporters import to_mlflow
from nnsweep.trackers.record import TrialRecord, records
from tests.helpers.tracker_readers import READERS

pytestmark = pytest.mark.filterwarnings("ignore")  # of the trackers' packages

TRUE_LOSS = 1 / 3
WIDTHS = [8, 8]
LONG = "x" * 300
EMPTY: int | None = None


def train(rate=0.1, widths: list[int] = WIDTHS, label=LONG, flag=True, nothing=EMPTY, big=2**53, seed=0, trial=None):
    """Log a curve with a gap; save files at one rate, and fail at another."""
    if rate == 0.2:
        trial.save("model/weights.txt", b"weights")
    if rate == 9.0:
        raise ValueError("nine")
    return {
        "epoch": [2, 4, 6],
        "loss": [rate, None, TRUE_LOSS * rate + seed],
        "train/accuracy (%)": [0.25, 0.5, 1e-12],
        "steps": 2**53,
    }


AXES = {"rate": [0.1, 0.2, 9.0], "seed": range(2)}


@pytest.fixture(params=[kind for kind in EXPORTERS if kind != "optuna"])  # whose trials are configurations
def kind(request):
    if find_spec(request.param) is None:  # not imported: Trackio would read its folder
        pytest.skip(f"{request.param} is not installed")
    return request.param


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory):
    """One folder for all tests: Trackio reads its folder once, and MLflow takes seconds to make a database."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture(autouse=True)
def here(elsewhere, monkeypatch):
    """MLflow keeps files below the working directory."""
    monkeypatch.chdir(elsewhere)


@pytest.fixture
def place(kind, elsewhere):
    return elsewhere / kind


@pytest.fixture
def name(request):
    """A name of its own for each test."""
    return f"swept-{digest([request.node.name])}"


@pytest.fixture
def target(kind, place):
    place.mkdir(exist_ok=True)
    return f"mlflow:sqlite:///{place}/mlflow.db" if kind == "mlflow" else f"{kind}:{place}"


def run(folder: Path, name: str, axes=AXES):
    sweep = nnsweep.sweep(name, axes=axes, trainer=train, success={"metric": "loss", "below": 0.1})
    nnsweep.run(sweep, folder / "results", figures=False)
    return StoredSweep.open(name, folder / "results")


def expected(record: TrialRecord, kind: str) -> dict:
    """Give the parameters as a tracker keeps them; see docs/trackers.md."""
    config = {"rate": record.settings["rate"], "widths": [8, 8], "label": LONG, "flag": True, "big": 2**53}
    config |= {"nothing": None, "seed": record.settings["seed"]}
    if kind == "mlflow":
        return {name: "[8, 8]" if name == "widths" else str(value) for name, value in config.items()}
    if kind == "tensorboard":
        return config | {"widths": "[8, 8]", "nothing": "None"}
    return config


def curves(kind: str, rate: float, seed: int) -> dict:
    percent = "train/accuracy ___" if kind == "mlflow" else "train/accuracy (%)"
    last = TRUE_LOSS * rate + seed
    return {"loss": [(2, rate), (6, last)], percent: [(2, 0.25), (4, 0.5), (6, 1e-12)], "steps": [(6, 2.0**53)]}


def test_what_is_exported_is_read_back(kind, place, target, name, tmp_path):
    stored = run(tmp_path, name)
    change_notes(stored.folder, lambda notes: notes.change_tags(["baseline"], []))
    change_notes(stored.folder, lambda notes: notes.add_note("why not?"))
    said = export_to(stored, target)
    assert str(said) == f"{target}: 6 trials: 6 new"
    found = READERS[kind](place, name)
    for record in records(stored):
        read, rate, seed = found.pop(record.id), record.settings["rate"], record.settings["seed"]
        assert read.name == f"rate={rate}, seed={seed}"
        assert read.group == f"rate={rate}"
        assert dict(read.params) == expected(record, kind)
        assert "baseline" in read.words
        assert "why not?" in read.words
        assert read.ended is (rate != 9.0)
        if rate == 9.0:
            assert (read.curves, read.final) == ({}, {})
            assert "ValueError: nine" in read.words
        else:
            assert read.curves == curves(kind, rate, seed)
            assert read.final == {name: values[-1][1] for name, values in read.curves.items()}
            assert read.files == ({"model/weights.txt": "weights"} if rate == 0.2 else {})
    assert found == {}


def test_no_trial_is_exported_twice_and_more_are_added(kind, place, target, name, tmp_path):
    stored = run(tmp_path, name)
    export_to(stored, target, ["rate=0.1"])
    assert str(export_to(stored, target)) == f"{target}: 6 trials: 4 new, 2 there already"
    stored = run(tmp_path, name, AXES | {"seed": range(3)})
    assert str(export_to(stored, target)) == f"{target}: 9 trials: 3 new, 6 there already"
    assert str(export_to(stored, target)) == f"{target}: 9 trials: 9 there already"
    assert READERS[kind](place, name).keys() == {record.id for record in records(stored)}


def test_a_trial_that_was_annotated_is_replaced(kind, place, target, name, tmp_path):
    stored = run(tmp_path, name)
    export_to(stored, target)
    saved = next(records(stored, ["rate=0.2"])).id
    change_notes(stored.folder, lambda notes: notes.change_tags(["odd"], [], [saved]))
    assert str(export_to(stored, target)) == f"{target}: 6 trials: 1 in place of what they were, 5 there already"
    found = READERS[kind](place, name)
    assert [id for id, read in found.items() if "odd" in read.words] == [saved]
    assert found[saved].files == {"model/weights.txt": "weights"}
    assert len(found) == 6


def test_a_trial_whose_file_is_damaged_is_left_out_and_told(kind, place, target, name, tmp_path):
    stored = run(tmp_path, name)
    first, second = records(stored, ["rate=0.2"])
    path = first.artifacts.get(first.id, "model/weights.txt")  # the file of both
    path.write_bytes(b"x")
    said = f"{path}: `model/weights.txt` of trial {first.id} is not as it was saved; "
    again = "restore it from a copy, or train the trial again"
    counts = f"{target}: 6 trials: 4 new, 2 left out"
    assert str(export_to(stored, target)) == f"{counts}\nleft out, the first: {said}{again}"
    assert not {first.id, second.id} & READERS[kind](place, name).keys()
    path.write_bytes(b"weights")
    assert str(export_to(stored, target)) == f"{target}: 6 trials: 2 new, 4 there already"


class Killed(BaseException):
    """Stands for a kill: nothing that an exporter catches."""


class Points(list):
    """The points of a trial, while which are written the process is killed."""

    def __iter__(self):
        yield super().__getitem__(0)
        raise Killed


def test_an_export_that_was_killed_in_a_trial_goes_on(kind, place, target, name, tmp_path, monkeypatch):
    stored = run(tmp_path, name)
    half = [
        replace(each, points=Points(each.points)) if place == 3 else each for place, each in enumerate(records(stored))
    ]
    with monkeypatch.context() as patched:
        patched.setattr(exporter, "records", lambda *_: iter(half))
        with pytest.raises(Killed):
            export_to(stored, target)
    said = export_to(stored, target)
    assert (said.written, said.there) == (3, 3)
    found = READERS[kind](place, name)
    assert found.keys() == {record.id for record in records(stored)}
    assert all(read.curves for read in found.values() if read.ended)


def test_a_sweep_is_exported_by_one_program_at_a_time(kind, elsewhere, name, tmp_path):
    """Two at once would each write what the other one has not written yet."""
    stored, place = run(tmp_path, name), elsewhere / kind
    place.mkdir(exist_ok=True)
    target = f"mlflow:sqlite:///{place}/mlflow.db" if kind == "mlflow" else f"{kind}:{place}"
    own = stored.folder.root / ".export.lock"
    with hold(own), pytest.raises(NnsweepError) as caught:
        export_to(stored, target)
    assert str(caught.value) == f"{own.parent}: another program is exporting it; run again when it has ended"
    own.mkdir()  # as if nothing could be written there
    assert str(export_to(stored, target)) == f"{target}: 6 trials: 6 new"


DIGEST = r"nnsweep\.digest \w+"
"""It depends on the seconds of a training."""


def test_a_server_of_mlflow_gets_the_same_runs(elsewhere, name, tmp_path, monkeypatch):
    """Run by run, by the client: what a database gets in one transaction."""
    if find_spec("mlflow") is None:
        pytest.skip("mlflow is not installed")
    stored, place = run(tmp_path, name), elsewhere / "mlflow"
    place.mkdir(exist_ok=True)
    target = f"mlflow:sqlite:///{place}/mlflow.db"
    export_to(stored, target)
    by_database = READERS["mlflow"](place, name)
    other = run(tmp_path / "other", f"{name}-by-client")
    monkeypatch.setattr(to_mlflow, "DATABASES", ())
    export_to(other, target)
    by_client = READERS["mlflow"](place, other.sweep.name)
    assert len(by_client) == 6
    for id, read in by_client.items():
        expected = by_database[id]
        assert replace(read, words="") == replace(expected, words="")
        assert re.sub(DIGEST, "", read.words) == re.sub(DIGEST, "", expected.words)
    assert str(export_to(other, target)) == f"{target}: 6 trials: 6 there already"


@contextmanager
def mlflow_server(folder: Path):
    """A tracking server on this machine; gives its address when it answers."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    stores = ["--backend-store-uri", f"sqlite:///{folder}/server.db", "--artifacts-destination", str(folder / "files")]
    command = [sys.executable, "-m", "mlflow", "server", "--port", str(port), "--workers", "1", *stores]
    environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    streams = {"env": environment, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=folder, start_new_session=True, **streams) as server:
        try:
            assert server.stdout is not None
            assert any("running on" in line for line in server.stdout)
            threading.Thread(target=server.stdout.read, daemon=True).start()  # else it waits when the pipe is full
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="ends a group of processes")
def test_a_server_on_this_machine_gets_each_trial_once(name, tmp_path, capsys):
    if find_spec("mlflow") is None:
        pytest.skip("mlflow is not installed")
    stored = run(tmp_path, name, AXES)
    capsys.readouterr()
    with mlflow_server(tmp_path) as address:
        assert str(export_to(stored, f"mlflow:{address}", ["rate=0.2"])).endswith(": 2 trials: 2 new")
        assert str(export_to(stored, f"mlflow:{address}")).endswith(": 6 trials: 4 new, 2 there already")
        assert capsys.readouterr().out == ""
        found = READERS["mlflow"](tmp_path, name, address)
    assert found.keys() == {record.id for record in records(stored)}
    for record in records(stored, ["rate=0.2"]):
        read = found[record.id]
        assert read.curves == curves("mlflow", 0.2, record.settings["seed"])
        assert dict(read.params) == expected(record, "mlflow")
        assert read.files == {"model/weights.txt": "weights"}


KILLS = 25
LARGE = {"rate": [0.1 * step for step in range(1, 101)], "seed": range(10)}
"""1,000 trials."""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_exports_that_are_killed_at_any_moment_leave_each_trial_once(kind, elsewhere, name, tmp_path):
    stored, place = run(tmp_path, name, LARGE), elsewhere / kind if kind == "trackio" else tmp_path / "killed"
    place.mkdir(exist_ok=True)
    target = f"mlflow:sqlite:///{place}/mlflow.db" if kind == "mlflow" else f"{kind}:{place}"
    draw, killed = random.Random(name), 0
    for number in range(KILLS + 1):
        # Forked, so that it need not import; this process has not opened what is written, as a fork must not share it.
        process = get_context("fork").Process(target=export_to, args=(stored, target, ["rate=0.1"][number:]))
        process.start()
        process.join(draw.uniform(0, 0.4) if number else None)
        process.kill()
        process.join()
        killed += process.exitcode == -signal.SIGKILL
    export_to(stored, target)
    found = READERS[kind](place, name)
    print(f"{kind}: {KILLS} exports, {killed} of them killed, {len(found):,} of 1,000 trials there")
    assert killed
    assert found.keys() == {record.id for record in records(stored)}
    assert all(read.curves["loss"][-1][0] == 6 for read in found.values() if read.ended)


def test_a_place_that_cannot_be_used_is_told_in_a_line(kind, tmp_path, name):
    if kind == "trackio":
        pytest.skip("its folder is that of the process")
    (tmp_path / "file").write_text("")
    stored = run(tmp_path, name)
    url = f"sqlite:///{tmp_path}/file/mlflow.db" if kind == "mlflow" else f"{tmp_path}/file/x"
    with pytest.raises(NnsweepError, match=rf"^{kind}:\S+: \w+: [^\n]+$"):
        export_to(stored, f"{kind}:{url}")
