"""Write runs of MLflow: some at once by its client, or hundreds in a transaction where it keeps them in a database."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

DATABASES = ("sqlite:", "postgresql", "mysql", "mssql")
"""How the addresses of databases begin."""
METRICS_AT_ONCE, PARAMS_AT_ONCE = 900, 100
"""What a server takes in one request: a thousand entries, and so many parameters among them."""
RUNS_AT_ONCE = 200
THREADS = 8
"""Runs that are written at once by the client, which keeps up to ten connections."""
MetricPoint = tuple[str, float, int, int]
"""Name, value, time in ms and step."""


@dataclass(frozen=True)
class RunContent:
    """A run that has ended. Of the points of a metric the last one is the latest."""

    name: str
    status: str
    start: int
    end: int
    """In ms since 1970."""
    params: Mapping[str, str]
    tags: Mapping[str, str]
    metrics: Sequence[MetricPoint]
    copy_files: Callable[[Path], object] | None
    """Copies the files of the run into a folder; None if there are none."""


class RunWriter(Protocol):
    """Writes runs to an experiment."""

    def write(self, run: RunContent) -> None:
        """Write a run, at the latest when the writer is closed."""
        ...

    def close(self) -> None:
        """Write what waits."""
        ...


class ByClient:
    """Writes several runs at once, each by three requests or more: a server has processes that work side by side.

    The status of a run is set last: one that is still `RUNNING` is not whole.
    """

    def __init__(self, client: Any, experiment: str) -> None:
        self._client, self._experiment = client, experiment
        self._threads, self._writing = ThreadPoolExecutor(THREADS), deque[Future[None]]()

    def write(self, run: RunContent) -> None:
        self._writing.append(self._threads.submit(self._write, run))
        if len(self._writing) > 2 * THREADS:
            self._writing.popleft().result()

    def _write(self, run: RunContent) -> None:
        from mlflow.entities import Metric, Param  # pyright: ignore[reportMissingImports]

        id = self._client.create_run(self._experiment, run.start, dict(run.tags), run.name).info.run_id
        params = parts([Param(*each) for each in run.params.items()], PARAMS_AT_ONCE)
        metrics = parts([Metric(*each) for each in run.metrics], METRICS_AT_ONCE)
        for some_metrics, some_params in zip_longest(metrics, params, fillvalue=()):
            self._client.log_batch(id, metrics=some_metrics, params=some_params)
        if run.copy_files is not None:
            with TemporaryDirectory() as folder:
                run.copy_files(Path(folder))
                self._client.log_artifacts(id, folder)
        self._client.set_terminated(id, run.status, run.end)

    def close(self) -> None:
        """Wait for what is being written.

        Raises:
            MlflowException: a run could not be written.
        """
        try:
            for each in self._writing:
                each.result()
        finally:
            self._threads.shutdown(cancel_futures=True)


class ByDatabase:
    """Writes the rows of many runs in one transaction, by MLflow's own tables.

    Its client takes three transactions for each run, and a fortieth of the speed.
    """

    def __init__(self, where: str, experiment: Any) -> None:
        from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore  # pyright: ignore[reportMissingImports]

        self._engine = SqlAlchemyStore(where, experiment.artifact_location).engine
        self._experiment, self._waiting = experiment, list[tuple[str, RunContent]]()

    def write(self, run: RunContent) -> None:
        id = uuid.uuid4().hex
        if run.copy_files is not None:
            with TemporaryDirectory() as folder:
                run.copy_files(Path(folder))
                self._upload(id, folder)
        self._waiting.append((id, run))
        if len(self._waiting) == RUNS_AT_ONCE:
            self.close()

    def close(self) -> None:
        """Write what waits."""
        from mlflow.store.tracking.dbmodels import models  # pyright: ignore[reportMissingImports]
        from sqlalchemy import insert  # pyright: ignore[reportMissingImports]

        rows = {
            models.SqlRun: [self._row(id, run) for id, run in self._waiting],
            models.SqlTag: [row for each in self._waiting for row in _named(*each, "tags")],
            models.SqlParam: [row for each in self._waiting for row in _named(*each, "params")],
            models.SqlMetric: [_metric(id, point) for id, run in self._waiting for point in run.metrics],
            models.SqlLatestMetric: [
                _metric(id, point) for id, run in self._waiting for point in {p[0]: p for p in run.metrics}.values()
            ],
        }
        self._waiting = []
        with self._engine.begin() as connection:
            for table, found in rows.items():
                if found:
                    connection.execute(insert(table), found)

    def _row(self, id: str, run: RunContent) -> dict[str, Any]:
        return {
            "run_uuid": id,
            "name": run.name,
            "user_id": "nnsweep",
            "source_type": "UNKNOWN",
            "source_name": "",
            "entry_point_name": "",
            "source_version": "",
            "status": run.status,
            "start_time": run.start,
            "end_time": run.end,
            "lifecycle_stage": "active",
            "artifact_uri": self._artifacts(id),
            "experiment_id": int(self._experiment.experiment_id),
        }

    def _artifacts(self, id: str) -> str:
        return f"{self._experiment.artifact_location.rstrip('/')}/{id}/artifacts"

    def _upload(self, id: str, folder: str) -> None:
        from mlflow.store.artifact.artifact_repository_registry import (  # pyright: ignore[reportMissingImports]
            get_artifact_repository,
        )

        get_artifact_repository(self._artifacts(id)).log_artifacts(folder)


def _named(id: str, run: RunContent, what: str) -> Iterator[dict[str, str]]:
    named = run.params if what == "params" else {**run.tags, "mlflow.runName": run.name}
    return ({"run_uuid": id, "key": name, "value": value} for name, value in named.items())


def _metric(id: str, point: MetricPoint) -> dict[str, Any]:
    name, value, time, step = point
    return {"run_uuid": id, "key": name, "value": value, "timestamp": time, "step": step, "is_nan": False}


def parts(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Cut a list into parts of at most `size`."""
    return (items[start : start + size] for start in range(0, len(items), size))
