"""Runs that MLflow and W&B themselves have written are imported, and exported ones come back as they were."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import numpy as np
import pytest

import nnsweep
from nnsweep.errors import NnsweepError
from nnsweep.trackers.export import export_to
from nnsweep.trackers.imported_run import Asked
from nnsweep.trackers.sources import from_wandb
from nnsweep.trackers.wandb_files import LogWriter
from tests.helpers import PROJECT
from tests.trackers.test_exporters import elsewhere, here, run  # noqa: F401 - fixtures

pytestmark = pytest.mark.filterwarnings("ignore")  # of the trackers' packages


def need(package: str) -> None:
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed")


def load(source, tmp_path, **options):
    imported = nnsweep.import_runs(source, tmp_path / "imported", figures=False, **options)
    return imported, nnsweep.open(imported.folder)


@pytest.mark.parametrize("kind", ["mlflow", "wandb"])
def test_what_was_exported_comes_back(kind, tmp_path, elsewhere):  # noqa: F811
    need(kind)
    place = elsewhere / kind
    place.mkdir(exist_ok=True)
    target = f"mlflow:sqlite:///{place}/mlflow.db" if kind == "mlflow" else f"wandb:{place}"
    stored = run(tmp_path, "there-and-back")
    export_to(stored, target)
    imported, results = load(target, tmp_path, experiment="there-and-back")
    assert (imported.read, imported.new, imported.notices) == (6, 6, [])
    ours, there = results.trials.sort_values(["rate", "seed"]), nnsweep.open(stored.folder.root).trials
    assert ours["rate"].tolist() == [0.1, 0.1, 0.2, 0.2, 9.0, 9.0]
    for name in ("seed", "status", "loss", "steps"):
        np.testing.assert_array_equal(ours[name], there[name])
    percent = "train/accuracy ___" if kind == "mlflow" else "train/accuracy (%)"
    np.testing.assert_array_equal(ours[percent], there["train/accuracy (%)"])
    history = results.trial(rate=0.2, seed=1).outcome.history
    np.testing.assert_array_equal(history["epoch"], [2, 4, 6])
    np.testing.assert_array_equal(history["loss"], [0.2, np.nan, 0.2 / 3 + 1])
    assert (load(target, tmp_path, experiment="there-and-back")[0].new, imported.changed) == (0, 0)


@pytest.fixture
def client(elsewhere):  # noqa: F811
    need("mlflow")
    from nnsweep.trackers.exporters.to_mlflow import connect

    (elsewhere / "mlflow").mkdir(exist_ok=True)
    client = connect(f"sqlite:///{elsewhere}/mlflow/mlflow.db")
    client.source = f"mlflow:sqlite:///{elsewhere}/mlflow/mlflow.db"
    return client


def test_runs_of_mlflow(client, tmp_path):
    experiment = client.create_experiment("digits")
    for start, lr, seed in [(1000, "0.1", "3"), (1001, "1e-3", "3"), (1002, "1e-3", "4")]:
        id = client.create_run(experiment, start_time=start).info.run_id
        client.log_param(id, "lr", lr)
        client.log_param(id, "seed", seed)
        client.log_param(id, "layers", [8, 8])
        for step in range(3):
            client.log_metric(id, "loss", float(lr) / (step + 1), timestamp=1000 + step, step=step)
        client.log_metric(id, "peak", float("inf"), step=2)
        client.set_terminated(id, "FINISHED", end_time=start + 2500)
    failed = client.create_run(experiment, start_time=2000).info.run_id
    client.log_param(failed, "seed", 5)
    client.set_terminated(failed, "FAILED")
    client.create_run(experiment)
    imported, results = load(client.source, tmp_path, experiment="digits", metrics=["loss", "peak"], below=0.02)
    assert imported.notices == ["1 still running: not read; import again when ended"]
    assert imported.axes == ["layers (2)", "lr (3)", "seed (3)"]
    found = results.trials[["layers", "lr", "seed", "status"]].values.tolist()
    first = [["8-8", "0.001", 3, "ok"], ["8-8", "0.001", 4, "ok"], ["8-8", "0.1", 3, "ok"]]
    assert found == [*first, ["none", "none", 5, "failed"]]
    np.testing.assert_array_equal(results.trials["loss"], [1e-3 / 3, 1e-3 / 3, 0.1 / 3, np.nan])
    assert "peak" not in results.metrics  # infinite
    with pytest.raises(NnsweepError) as caught:
        load(client.source, tmp_path, experiment="digits", metrics=["los"])
    assert str(caught.value) == f"{client.source}: no metric `los`; allowed: loss, peak; did you mean `loss`?"
    trial = results.trial(lr="0.1", seed=3)
    np.testing.assert_array_equal(trial.outcome.history["epoch"], [0, 1, 2])
    assert trial.outcome.seconds == 2.5


def test_the_order_of_values_that_mlflow_does_not_keep_is_not_guessed(client, tmp_path):
    """MLflow shows the larger of them as the latest: of a loss the worst."""
    id = client.create_run(client.create_experiment("at-once"), start_time=1000).info.run_id
    for loss in (0.5, 0.9, 0.1):
        client.log_metric(id, "loss", loss, timestamp=1000)
        client.log_metric(id, "error", loss, timestamp=1000 + int(loss * 10))
    client.set_terminated(id)
    assert client.get_run(id).data.metrics["loss"] == 0.9
    imported, results = load(client.source, tmp_path, experiment="at-once", name="at-once")
    assert imported.notices[0] == (
        "`loss` of 1: not read, because MLflow keeps no order of values of one step and one time"
    )
    assert results.trials["error"].tolist() == [0.9]  # the latest by its time
    assert "loss" not in results.metrics


def test_what_cannot_be_reached_is_told_soon(tmp_path, client):
    """MLflow tries a database for two minutes, and a server for four."""
    from mlflow.environment_variables import MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR, MLFLOW_HTTP_REQUEST_MAX_RETRIES

    with pytest.raises(NnsweepError) as caught:
        export_to(run(tmp_path, "unreachable"), f"mlflow:sqlite:///{tmp_path}")
    assert str(caught.value) == f"mlflow:sqlite:///{tmp_path}: OperationalError: unable to open database file"
    waits = [MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR.get() * 2**n for n in range(1, MLFLOW_HTTP_REQUEST_MAX_RETRIES.get())]
    assert sum(waits) <= 15  # seconds; urllib3 does not wait before it tries again for the first time


def test_several_experiments_are_listed(client, tmp_path):
    for name in ("one", "two"):
        client.set_terminated(client.create_run(client.create_experiment(name)).info.run_id)
    with pytest.raises(NnsweepError) as raised:
        load(client.source, tmp_path)
    assert "experiments; name one with --experiment; allowed: " in str(raised.value)
    with pytest.raises(NnsweepError, match=r"no experiment `oen`; allowed: .*; did you mean `one`"):
        load(client.source, tmp_path, experiment="oen")


@pytest.mark.usefixtures("client")
def test_a_database_of_mlflow_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(NnsweepError) as raised:
        load(f"mlflow:sqlite:///{tmp_path}/gone.db", tmp_path)
    assert str(raised.value) == f"mlflow:sqlite:///{tmp_path}/gone.db: no such file: {tmp_path}/gone.db"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is a database without MLflow's tables"),
        (b"text", "is no database that MLflow can read: file is not a database"),
    ],
)
def test_a_file_of_others_gets_no_tables_of_mlflow(tmp_path, content, why):
    need("mlflow")
    path = tmp_path / "other.db"
    path.write_bytes(content)
    with pytest.raises(NnsweepError) as raised:
        load(f"mlflow:sqlite:///{path}", tmp_path)
    assert str(raised.value) == f"mlflow:sqlite:///{path}: {why}"
    assert path.read_bytes() == content
    assert not (tmp_path / "gone.db").exists()


SCRIPT = """
import wandb

for lr in (0.1, 0.2):
    run = wandb.init(project="p", id=f"r{lr}", config={"lr": lr, "seed": 1, "opt": {"name": "sgd"}, "layers": [8, 8]})
    run.log({"loss": 0.5, "note": "text"}, step=0)
    run.log({"loss": float("nan"), "acc": 0.25}, step=3)
    run.log({"loss": lr, "acc": float("inf") if lr == 0.2 else 0.75}, step=4)
    run.summary["best"] = 7
    run.finish(exit_code=int(lr == 0.2))
"""


def test_runs_that_wandb_wrote_offline(tmp_path, monkeypatch):
    need("wandb")
    import os
    import subprocess

    quiet = {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_ERROR_REPORTING": "false", "WANDB_CONSOLE": "off"}
    quiet |= {"WANDB_DIR": str(tmp_path), "WANDB_DISABLE_GIT": "true", "WANDB__DISABLE_STATS": "true"}
    environment = os.environ | quiet | {"PYTHONPATH": str(PROJECT)}
    subprocess.run([sys.executable, "-c", SCRIPT], check=True, cwd=tmp_path, env=environment, timeout=120)
    imported, results = load(f"wandb:{tmp_path}", tmp_path)
    assert (imported.folder.name, imported.new, imported.axes) == ("wandb", 2, ["lr (2)", "seed (1)"])
    assert results.trials[["lr", "seed", "status"]].values.tolist() == [[0.1, 1, "ok"], [0.2, 1, "failed"]]
    trial = results.trial(lr=0.1)
    assert trial.outcome.metrics == {"loss": 0.1, "acc": 0.75, "best": 7.0}
    np.testing.assert_array_equal(trial.outcome.history["epoch"], [0, 3, 4])
    np.testing.assert_array_equal(trial.outcome.history["loss"], [0.5, np.nan, 0.1])
    np.testing.assert_array_equal(trial.outcome.history["acc"], [np.nan, 0.25, 0.75])
    assert load(f"wandb:{tmp_path}", tmp_path)[0].new == 0


ODD = {
    "cut": (None, "cut off before its run"),
    "no message": (b"\xff\xff\xff\xff", "record 2 is no message of wandb's"),
    "no number": (
        "{bad",
        "cannot be read: Expecting property name enclosed in double quotes",
    ),
    "deep": (
        "[" * 10**5,
        "cannot be read: maximum recursion depth exceeded",
    ),
}


@pytest.mark.parametrize("kind", ODD)
def test_a_file_of_wandb_with_odd_records_is_told_in_a_line(tmp_path, kind):
    need("wandb")
    from wandb.proto import wandb_internal_pb2 as wandb

    odd, said = ODD[kind]
    path = tmp_path / "run-a.wandb"
    with path.open("wb") as file:
        writer = LogWriter(file)
        if odd is not None:
            writer.write(wandb.Record(run=wandb.RunRecord(run_id="a", project="p")).SerializeToString())
            item = wandb.HistoryItem(nested_key=["loss"], value_json="" if isinstance(odd, bytes) else odd)
            record = wandb.Record(history=wandb.HistoryRecord(item=[item])).SerializeToString()
            writer.write(odd if isinstance(odd, bytes) else record)
    asked = Asked()
    if odd is None:
        with pytest.raises(NnsweepError):
            list(from_wandb.read(str(tmp_path), asked))
    else:
        (found,) = from_wandb.read(str(tmp_path), asked)
        assert found.status == "crashed"
    (notice,) = asked.notices
    assert notice.startswith(f"{path}: {said}")
    assert notice.endswith(": not read, or not whole")


def test_a_damaged_file_of_wandb_is_told_and_others_are_read(tmp_path):
    need("wandb")
    stored = run(tmp_path, "damaged", {"rate": [0.1, 0.2], "seed": range(1)})
    export_to(stored, f"wandb:{tmp_path}/w")
    first, second = sorted((tmp_path / "w").rglob("run-*.wandb"))
    content = bytearray(first.read_bytes())
    content[-1] ^= 1
    first.write_bytes(content)
    imported, results = load(f"wandb:{tmp_path}/w", tmp_path)
    assert imported.notices[0].startswith(f"{first}: damaged at byte ")
    assert sorted(results.trials["status"]) == ["crashed", "ok"]  # its end is not known
    second.write_bytes(b"x")
    first.write_bytes(b"")
    with pytest.raises(NnsweepError, match=r"^wandb:\S+: found no run that was logged offline; \S+: no file"):
        load(f"wandb:{tmp_path}/w", tmp_path)
