"""Write trials as runs that Weights & Biases wrote offline: `wandb sync` uploads them."""

# Modules of protobuf make their names as they are imported.
# pyright: reportAttributeAccessIssue=false
from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import isfinite, isnan
from pathlib import Path
from typing import Any

from nnsweep.status import ENDED
from nnsweep.trackers.exporter import Exporter
from nnsweep.trackers.record import TrialRecord
from nnsweep.trackers.wandb_files import LogWriter
from nnsweep.trackers.whole_folders import WholeFolders

OLDEST = "0.70.0"
"""The oldest program of wandb that reads such files; as wandb 0.31 writes it."""


class WandbExporter(Exporter):
    """Writes each trial to a folder `DIR/wandb/offline-run-TIME-SWEEP-ID`, as wandb does, hundreds in a second.

    The sweep is the project, and the settings that replicates share are the group. No process of wandb's is started.
    """

    def __init__(self, where: str, sweep: str) -> None:
        os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
        self._folders = WholeFolders(Path(where) / "wandb", sweep)

    def known(self) -> Mapping[str, str]:
        return self._folders.digests

    def remove(self, id: str) -> None:
        self._folders.remove(id)

    def write(self, record: TrialRecord) -> None:
        time = datetime.fromtimestamp(record.started, UTC)
        folder = f"offline-run-{time:%Y%m%d_%H%M%S}-{_run_id(record)}"
        self._folders.write(record, folder, lambda path: _fill(path, record))


def _run_id(record: TrialRecord) -> str:
    return f"{record.sweep}-{record.id}"


def _fill(folder: Path, record: TrialRecord) -> None:
    (folder / "files").mkdir()
    record.copy_files(folder / "files")
    with (folder / f"run-{_run_id(record)}.wandb").open("wb") as file:
        writer = LogWriter(file)
        for number, message in enumerate(_messages(record), 1):
            message.num = number
            writer.write(message.SerializeToString())


def _messages(record: TrialRecord) -> Iterator[Any]:
    from wandb.proto import wandb_internal_pb2 as wandb  # pyright: ignore[reportMissingImports]

    header = wandb.HeaderRecord(version_info=wandb.VersionInfo(producer="nnsweep", min_consumer=OLDEST))
    yield wandb.Record(header=header)
    yield wandb.Record(run=_run(record))
    if record.files:
        files = [wandb.FilesItem(path=file.name, policy=wandb.FilesItem.PolicyType.END) for file in record.files]
        yield wandb.Record(files=wandb.FilesRecord(files=files))
    for place, (epoch, metrics) in enumerate(record.points, 1):
        at = record.seconds * place / len(record.points)
        shown = {**metrics, "_step": epoch, "_runtime": at, "_timestamp": record.started + at}
        items = [wandb.HistoryItem(nested_key=[name], value_json=to_json(value)) for name, value in shown.items()]
        yield wandb.Record(history=wandb.HistoryRecord(item=items, step=wandb.HistoryStep(num=epoch)))
    ends = {**record.metrics, "_runtime": record.seconds}
    ends |= {"_step": record.points[-1][0]} if record.points else {}
    update = [wandb.SummaryItem(nested_key=[name], value_json=to_json(value)) for name, value in ends.items()]
    yield wandb.Record(summary=wandb.SummaryRecord(update=update))
    code = 0 if record.status in ENDED else 1
    yield wandb.Record(exit=wandb.RunExitRecord(exit_code=code, runtime=int(record.seconds)))


def _run(record: TrialRecord) -> Any:
    from wandb.proto import wandb_internal_pb2 as wandb  # pyright: ignore[reportMissingImports]

    own = {"trial": record.id, "trainer": record.trainer, "status": record.status, "failure": record.failure}
    config = {"_wandb": {}, **record.config, "nnsweep": {name: value for name, value in own.items() if value}}
    items = [wandb.ConfigItem(key=name, value_json=to_json(value)) for name, value in config.items()]
    run = wandb.RunRecord(
        run_id=_run_id(record),
        project=record.sweep,
        run_group=record.cell,
        display_name=record.name,
        notes="\n\n".join(record.notes),
        tags=record.tags,
        config=wandb.ConfigRecord(update=items),
    )
    run.start_time.FromNanoseconds(int(record.started * 1e9))
    return run


def to_json(value: Any) -> str:
    """Write JSON as wandb does: bare `Infinity`, and null for NaN.

    >>> to_json([1.5, float("inf"), float("nan"), None, True])
    '[1.5, Infinity, null, null, true]'
    """
    return json.dumps(_without_nan(value), ensure_ascii=False)


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _without_nan(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(each) for each in value]
    return None if isinstance(value, float) and not isfinite(value) and isnan(value) else value
