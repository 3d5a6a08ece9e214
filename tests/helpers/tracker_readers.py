"""Read exported trials back, each tracker's with its own package."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Read:
    """A run as a tracker gives it back."""

    name: str
    group: str
    ended: bool
    """Whether the tracker shows it as one that ended well."""
    params: Mapping[str, Any]
    curves: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    final: dict[str, float] = field(default_factory=dict)
    """The metrics that the tracker shows as the last ones."""
    files: dict[str, str] = field(default_factory=dict)
    words: str = ""
    """Tags and notes, as one text."""


def texts_below(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def read_mlflow(where: Path, sweep: str, address: str = "") -> dict[str, Read]:
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=address or f"sqlite:///{where}/mlflow.db")
    found = {}
    for run in client.search_runs([client.get_experiment_by_name(sweep).experiment_id], max_results=1000):
        tags, id = run.data.tags, run.info.run_id
        curves = {
            name: [(each.step, each.value) for each in client.get_metric_history(id, name)] for name in run.data.metrics
        }
        assert tags["nnsweep.trial"] not in found
        ended = run.info.status == "FINISHED"
        words = " ".join(f"{name} {value}" for name, value in tags.items())
        final, files = dict(run.data.metrics), {}
        if client.list_artifacts(id):
            (where / id).mkdir(exist_ok=True)
            files = texts_below(Path(client.download_artifacts(id, "", str(where / id))))
        found[tags["nnsweep.trial"]] = Read(
            run.info.run_name, tags["nnsweep.cell"], ended, run.data.params, curves, final, files, words
        )
    return found


def read_tensorboard(where: Path, sweep: str) -> dict[str, Read]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import api_pb2, metadata
    from tensorboard.util import tensor_util

    found = {}
    for folder in (where / sweep).iterdir():
        events = EventAccumulator(str(folder), size_guidance={"tensors": 0}).Reload()
        plugin = {tag: events.SummaryMetadata(tag).plugin_data for tag in events.Tags()["tensors"]}
        start = metadata.parse_session_start_info_plugin_data(plugin[metadata.SESSION_START_INFO_TAG].content)
        end = metadata.parse_session_end_info_plugin_data(plugin[metadata.SESSION_END_INFO_TAG].content)
        params = {name: getattr(value, value.WhichOneof("kind")) for name, value in start.hparams.items()}
        curves = {
            tag: [(each.step, tensor_util.make_ndarray(each.tensor_proto).item()) for each in events.Tensors(tag)]
            for tag, data in plugin.items()
            if data.plugin_name == "scalars"
        }
        texts = [
            tensor_util.make_ndarray(each.tensor_proto).item().decode()
            for tag, data in plugin.items()
            if data.plugin_name == "text"
            for each in events.Tensors(tag)
        ]
        final = {name: values[-1][1] for name, values in curves.items()}
        name, _, id = folder.name.rpartition("_")
        ended = end.status == api_pb2.STATUS_SUCCESS
        assert id not in found
        name, files, words = name.replace("_", ", "), texts_below(folder / "files"), " ".join(texts)
        found[id] = Read(name, start.group_name, ended, params, curves, final, files, words)
    return found


def read_wandb(where: Path, sweep: str) -> dict[str, Read]:
    from nnsweep.trackers.wandb_files import read_records

    found = {}
    for path in where.glob("wandb/offline-run-*/run-*.wandb"):
        records = list(read_records(path))
        (run,) = [each.run for each in records if each.HasField("run")]
        config = {each.key: json.loads(each.value_json) for each in run.config.update}
        own = config.pop("nnsweep")
        del config["_wandb"]
        curves: dict[str, list[tuple[int, float]]] = {}
        for record in records:
            if record.HasField("history"):
                for item in record.history.item:
                    if not item.nested_key[0].startswith("_"):
                        point = (record.history.step.num, json.loads(item.value_json))
                        curves.setdefault(item.nested_key[0], []).append(point)
        final = {
            item.nested_key[0]: json.loads(item.value_json)
            for record in records
            if record.HasField("summary")
            for item in record.summary.update
            if not item.nested_key[0].startswith("_")
        }
        (code,) = [each.exit.exit_code for each in records if each.HasField("exit")]
        if run.project != sweep:
            continue
        assert own["trial"] not in found
        words = " ".join([*run.tags, run.notes, own.get("failure", "")])
        files = texts_below(path.parent / "files")
        assert files.keys() == {file.path for each in records if each.HasField("files") for file in each.files.files}
        found[own["trial"]] = Read(run.display_name, run.run_group, not code, config, curves, final, files, words)
    return found


def read_trackio(where: Path, sweep: str) -> dict[str, Read]:
    from nnsweep.trackers.exporters.to_trackio import storage

    kept, found = storage(str(where)), {}
    for run in kept.get_run_records(sweep):
        config = kept.get_run_config(sweep, run["name"], run_id=run["id"])
        own = config.pop("nnsweep")
        curves: dict[str, list[tuple[int, float]]] = {}
        for row in kept.get_logs(sweep, run["name"], run_id=run["id"]):
            for name in row.keys() - {"step", "timestamp"}:
                curves.setdefault(name, []).append((row["step"], row[name]))
        final = {name: values[-1][1] for name, values in curves.items()}
        group = config.pop("_Group")
        del config["_Created"]
        ended = own["status"] in ("ok", "diverged")
        words = " ".join([*own["tags"], *own["notes"], own["failure"]])
        assert own["trial"] not in found
        files = files_of_trackio(kept, sweep, kept.get_run_artifacts(sweep, run["name"], run_id=run["id"]))
        found[own["trial"]] = Read(run["name"], group, ended, config, curves, final, files, words)
    return found


def files_of_trackio(kept: Any, sweep: str, artifacts: Mapping[str, Any]) -> dict[str, str]:
    from trackio.cas import blob_path

    found = {}
    for artifact in artifacts["output"]:
        manifest = kept.get_artifact_manifest(sweep, artifact["name"], f"v{artifact['version']}")["manifest"]
        assert not found, "one artifact of each run"
        found = {each["path"]: blob_path(sweep, each["digest"]).read_text() for each in manifest}
    return found


Reader = Callable[..., dict[str, Read]]
READERS: dict[str, Reader] = {
    "mlflow": read_mlflow,
    "tensorboard": read_tensorboard,
    "wandb": read_wandb,
    "trackio": read_trackio,
}
