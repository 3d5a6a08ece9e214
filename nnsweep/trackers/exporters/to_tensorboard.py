"""Write trials as event files of TensorBoard: curves as scalars, settings for its HParams page."""

# Modules of protobuf make their names as they are imported.
# pyright: reportAttributeAccessIssue=false
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nnsweep.status import ENDED
from nnsweep.tables.csv_files import file_names
from nnsweep.trackers.exporter import Exporter
from nnsweep.trackers.record import TrialRecord
from nnsweep.trackers.whole_folders import WholeFolders


class TensorBoardExporter(Exporter):
    """Writes each trial to a folder of its own, `DIR/SWEEP/SETTINGS_ID`, with one event file.

    Scalars are written as float64, which TensorBoard's readers take. TensorBoard shows no files: a trial's lie in the
    folder `files` beside its events.
    """

    def __init__(self, where: str, sweep: str) -> None:
        self._folders = WholeFolders(Path(where) / sweep, sweep)

    def known(self) -> Mapping[str, str]:
        return self._folders.digests

    def remove(self, id: str) -> None:
        self._folders.remove(id)

    def write(self, record: TrialRecord) -> None:
        settings = tuple(record.settings.items())
        (stem,) = file_names("trial", [settings], suffix="").values()
        self._folders.write(record, f"{stem.removeprefix('trial_')}_{record.id}", lambda folder: _fill(folder, record))


def _fill(folder: Path, record: TrialRecord) -> None:
    from tensorboard.summary.writer.record_writer import (  # pyright: ignore[reportMissingImports]
        RecordWriter,
    )

    writer = RecordWriter((folder / f"events.out.tfevents.{int(record.started)}.nnsweep").open("wb"))
    try:
        for event in _events(record):
            writer.write(event.SerializeToString())
    finally:
        writer.close()
    record.copy_files(folder / "files")


def _events(record: TrialRecord) -> Iterator[Any]:
    from tensorboard.compat.proto.event_pb2 import Event  # pyright: ignore[reportMissingImports]
    from tensorboard.plugins.hparams import summary_v2  # pyright: ignore[reportMissingImports]
    from tensorboard.plugins.text.summary_v2 import text_pb  # pyright: ignore[reportMissingImports]

    start, end = record.started, record.started + record.seconds
    params = {name: _hparam(value) for name, value in record.config.items()}
    yield Event(wall_time=start, file_version="brain.Event:2")
    yield Event(wall_time=start, summary=summary_v2.hparams_pb(params, trial_id=record.cell, start_time_secs=start))
    for name, text in _texts(record).items():
        yield Event(wall_time=start, summary=text_pb(name, text))
    for epoch, metrics in record.points:
        yield Event(wall_time=end, step=epoch, summary=_scalars(metrics))
    yield Event(wall_time=end, summary=_ending(record, end))


def _ending(record: TrialRecord, end: float) -> Any:
    """Say how the trial ended; TensorBoard itself has a function for this only where TensorFlow is installed."""
    from tensorboard.compat.proto.summary_pb2 import Summary  # pyright: ignore[reportMissingImports]
    from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2  # pyright: ignore[reportMissingImports]

    status = api_pb2.STATUS_SUCCESS if record.status in ENDED else api_pb2.STATUS_FAILURE
    ended = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=end)
    kind = metadata.create_summary_metadata(plugin_data_pb2.HParamsPluginData(session_end_info=ended))
    found = Summary()
    found.value.add(tag=metadata.SESSION_END_INFO_TAG, metadata=kind, tensor=metadata.NULL_TENSOR)
    return found


def _scalars(metrics: Mapping[str, float]) -> Any:
    import numpy as np
    from tensorboard.compat.proto.summary_pb2 import Summary  # pyright: ignore[reportMissingImports]
    from tensorboard.plugins.scalar import metadata  # pyright: ignore[reportMissingImports]
    from tensorboard.util import tensor_util  # pyright: ignore[reportMissingImports]

    found, kind = Summary(), metadata.create_summary_metadata(display_name=None, description=None)
    for name, value in metrics.items():
        found.value.add(tag=name, metadata=kind, tensor=tensor_util.make_tensor_proto(np.float64(value)))
    return found


def _texts(record: TrialRecord) -> dict[str, str]:
    texts = {"nnsweep/trial": record.id, "nnsweep/status": record.status, "nnsweep/failure": record.failure}
    texts |= {"nnsweep/tags": ", ".join(record.tags), "nnsweep/notes": "\n\n".join(record.notes)}
    return {name: text for name, text in texts.items() if text}


def _hparam(value: Any) -> bool | int | float | str:
    """Give a value of the types that the HParams page has; others become their text."""
    if isinstance(value, bool | str | int | float):
        return value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
