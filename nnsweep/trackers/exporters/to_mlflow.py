"""Write trials as runs of MLflow, by its client: to a database, or to a tracking server."""

from __future__ import annotations

import json
import logging
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from posixpath import normpath
from typing import Any

from nnsweep.status import Status
from nnsweep.trackers.exporter import Exporter
from nnsweep.trackers.exporters.mlflow_runs import DATABASES, ByClient, ByDatabase, MetricPoint, RunContent, RunWriter
from nnsweep.trackers.record import TrialRecord

TRIAL, DIGEST = "nnsweep.trial", "nnsweep.digest"
LONGEST_PARAM, LONGEST_TAG, LONGEST_NAME = 6000, 8000, 250
"""Characters that MLflow keeps."""
SQLITE = "sqlite:///"
SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",
}
"""Settings of MLflow, if the environment has no others. A silent server is asked for 12 s, not for 4 minutes."""
STATUSES: Mapping[Status, str] = {"crashed": "KILLED", "failed": "FAILED", "timeout": "KILLED"}


class MlflowExporter(Exporter):
    """Writes each trial as a run of the experiment that has the name of the sweep.

    The tag `nnsweep.trial` has the id, `nnsweep.cell` the settings that replicates share.
    """

    def __init__(self, where: str, sweep: str) -> None:
        self._client = connect(where)
        from mlflow.exceptions import MlflowException  # pyright: ignore[reportMissingImports]
        from sqlalchemy.exc import SQLAlchemyError  # pyright: ignore[reportMissingImports]

        self.errors = (OSError, MlflowException, SQLAlchemyError)
        if self._client.get_experiment_by_name(sweep) is None:
            self._client.create_experiment(sweep)
        experiment = self._client.get_experiment_by_name(sweep)
        self._experiment = experiment.experiment_id
        self._writer: RunWriter = ByClient(self._client, self._experiment)
        if where.startswith(DATABASES):
            self._writer = ByDatabase(where, experiment)
        self._runs = {id: (run, digest) for id, run, digest in self._read()}

    def known(self) -> Mapping[str, str]:
        return {id: digest for id, (_, digest) in self._runs.items()}

    def remove(self, id: str) -> None:
        self._client.delete_run(self._runs.pop(id)[0])

    def write(self, record: TrialRecord) -> None:
        self._writer.write(content_of(record))

    def close(self) -> None:
        self._writer.close()

    def _read(self) -> Iterator[tuple[str, str, str]]:
        token = None
        while token != "":
            found = self._client.search_runs([self._experiment], max_results=1000, page_token=token)
            for run in found:
                tags = run.data.tags
                if TRIAL in tags:
                    whole = run.info.status != "RUNNING"
                    yield tags[TRIAL], run.info.run_id, tags.get(DIGEST, "") if whole else ""
            token = found.token or ""


def content_of(record: TrialRecord) -> RunContent:
    """Make the run of a trial, cut to what MLflow keeps."""
    start = int(record.started * 1000)
    texts = [as_text(value)[:LONGEST_PARAM] for value in record.config.values()]
    return RunContent(
        name=record.name[:LONGEST_NAME],
        status=STATUSES.get(record.status, "FINISHED"),
        start=start,
        end=start + int(record.seconds * 1000),
        params=dict(zip(allowed_names(record.config), texts, strict=True)),
        tags=tags_of(record),
        metrics=list(metrics_of(record.points, start)),
        copy_files=record.copy_files if record.files else None,
    )


def connect(where: str) -> Any:
    """Make a client for a tracking URI, which tells nobody that it is used, and logs nothing but errors."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    if where.startswith(SQLITE):
        _check_file(Path(where.removeprefix(SQLITE).partition("?")[0]))
    from mlflow.tracking import MlflowClient  # pyright: ignore[reportMissingImports]

    for name in ("mlflow", "alembic"):  # the import has set the level
        logging.getLogger(name).setLevel(logging.ERROR)
    return MlflowClient(tracking_uri=where)


def _check_file(path: Path) -> None:
    """Make sure that a database can be opened: MLflow would try again for two minutes.

    Raises:
        OSError: its folder cannot be made. sqlite3.Error: it cannot be opened.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA schema_version")


def tags_of(record: TrialRecord) -> dict[str, str]:
    """Make the tags of a run. A tag of nnsweep's has no value: it becomes the name of one that is `true`."""
    tags = {TRIAL: record.id, DIGEST: record.digest, "nnsweep.status": record.status, "nnsweep.cell": record.cell}
    tags |= {"nnsweep.trainer": record.trainer, "nnsweep.failure": record.failure}
    tags |= {"mlflow.note.content": "\n\n".join(record.notes)} | {f"nnsweep.tag.{tag}": "true" for tag in record.tags}
    names = allowed_names(tags)
    return {name: value[:LONGEST_TAG] for name, value in zip(names, tags.values(), strict=True) if value}


def metrics_of(points: Sequence[tuple[int, Mapping[str, float]]], start: int) -> Iterator[MetricPoint]:
    """List name, value, timestamp in ms and step. Each step has a later timestamp.

    MLflow takes as the latest value the largest of those that share both.
    """
    known = list(dict.fromkeys(name for _, values in points for name in values))
    names = dict(zip(known, allowed_names(known), strict=True))
    for place, (epoch, values) in enumerate(points):
        for name, value in values.items():
            yield names[name], value, start + place, epoch


def allowed_names(names: Any) -> list[str]:
    """Make names that MLflow takes, all different: letters, digits and `_ - . / : `, and no path that leads upwards."""
    found: dict[str, None] = {}
    for name in names:
        plain = re.sub(r"[^\w\-. :/]", "_", name)[:LONGEST_NAME]
        plain = plain if normpath(plain) == plain and not plain.startswith(("/", "..")) else plain.replace("/", "_")
        plain = plain if plain not in ("", ".", "..") else "_"
        while plain in found:
            plain = f"{plain[: LONGEST_NAME - 1]}_"
        found[plain] = None
    return list(found)


def as_text(value: Any) -> str:
    """Write a value as MLflow keeps it: `True`, `None`, and JSON for lists and tables."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
