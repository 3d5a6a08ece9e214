"""Read the runs of an experiment from MLflow, by its client."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from nnsweep.data.words import plain_line
from nnsweep.errors import NnsweepError
from nnsweep.status import Status
from nnsweep.trackers.imported_run import Asked, ImportedRun, choose_experiment, from_text, side_by_side

STATUSES: dict[str, Status] = {"FINISHED": "ok", "FAILED": "failed", "KILLED": "crashed"}
INFINITE = 1.7976931348623157e308
"""What MLflow keeps in a database in place of infinity."""


def read(place: str, asked: Asked) -> Iterator[ImportedRun]:
    """Read the runs that have ended, the earliest first.

    Raises:
        NnsweepError: MLflow cannot be reached there, or several experiments have runs and none is named.
    """
    from nnsweep.trackers.exporters.to_mlflow import SQLITE, connect

    database = place.removeprefix(SQLITE).partition("?")[0]
    if database != place and not Path(database).is_file():  # MLflow would make it
        raise NnsweepError(f"mlflow:{place}: no such file: {database}")
    if database != place:
        _check_database(place, Path(database))
    try:
        yield from _read(connect(place), place, asked)
    except NnsweepError:
        raise
    except Exception as error:  # MLflow's own, of its database, of the network
        raise NnsweepError(f"mlflow:{place}: {type(error).__name__}: {plain_line(error)}") from None


def _check_database(place: str, path: Path) -> None:
    """Make sure that a file has MLflow's tables, which MLflow would add to any other database.

    Raises:
        NnsweepError: it has none.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    except sqlite3.Error as error:
        raise NnsweepError(f"mlflow:{place}: is no database that MLflow can read: {error}") from None
    if ("experiments",) not in tables:
        raise NnsweepError(f"mlflow:{place}: is a database without MLflow's tables")


def _read(client: Any, place: str, asked: Asked) -> Iterator[ImportedRun]:
    experiments = {each.name: each.experiment_id for each in client.search_experiments()}
    used = [name for name, id in experiments.items() if client.search_runs([id], max_results=1)]
    chosen = experiments[choose_experiment(used, asked.experiment, f"mlflow:{place}", "experiment")]
    running, unclear = 0, defaultdict[str, int](int)
    for run in _runs(client, chosen):
        status = STATUSES.get(run.info.status)
        if status is None:
            running += 1
            continue
        curves = {name: _curve(client, run.info.run_id, name) for name in run.data.metrics if asked.takes(name)}
        for name in [name for name, points in curves.items() if points is None]:
            unclear[name] += 1
        yield _imported(run, status, {name: points for name, points in curves.items() if points is not None})
    if running:
        asked.notices.append(f"{running} still running: not read; import again when ended")
    for name, count in unclear.items():
        asked.notices.append(
            f"`{name}` of {count}: not read, because MLflow keeps no order of values of one step and one time"
        )


def _runs(client: Any, experiment: str) -> Iterator[Any]:
    token = None
    while token != "":
        order = ["attributes.start_time ASC"]
        found = client.search_runs([experiment], max_results=1000, page_token=token, order_by=order)
        yield from found
        token = found.token or ""


def _imported(run: Any, status: Status, curves: dict[str, Sequence[tuple[int, float]]]) -> ImportedRun:
    info = run.info
    known = run.data.tags.get("nnsweep.failure")
    ended = info.end_time if info.end_time else info.start_time
    return ImportedRun(
        key=info.run_id,
        name=f"run {info.run_id}",
        params={name: _value(text) for name, text in run.data.params.items()},
        metrics={name: points[-1][1] for name, points in curves.items()},
        history=side_by_side(
            (step, name, value) for name, points in curves.items() if len(points) > 1 for step, value in points
        ),
        status=status,
        failure=None if status == "ok" else known or f"MLflow says {info.status}",
        started=f"{info.start_time:020d}",
        seconds=max(0, ended - info.start_time) / 1000,
    )


def _curve(client: Any, run: str, name: str) -> list[tuple[int, float]] | None:
    """Read a metric's steps and values in the order in which they were measured; None where that is not known.

    Where all values have step 0, as without a step, they are counted by their times.
    """
    points = sorted(client.get_metric_history(run, name), key=lambda each: (each.step, each.timestamp))
    places = [(each.step, each.timestamp) for each in points]
    if len(set(places)) < len({(each.step, each.timestamp, each.value) for each in points}):
        return None
    values = [_finite(each.value) for each in points]
    if {each.step for each in points} == {0}:
        return list(enumerate(values, 1))
    return [(max(0, each.step), value) for each, value in zip(points, values, strict=True)]


def _finite(value: float) -> float:
    return value if abs(value) < INFINITE else float("nan")


def _value(text: str) -> Any:
    if text[:1] == "[":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return from_text(text)
