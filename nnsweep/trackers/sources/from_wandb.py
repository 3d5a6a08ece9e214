"""Read runs from the files that Weights & Biases writes offline."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nnsweep.data.words import plain_line
from nnsweep.errors import NnsweepError
from nnsweep.status import Status
from nnsweep.trackers.imported_run import Asked, ImportedRun, choose_experiment, flat, side_by_side
from nnsweep.trackers.wandb_files import read_records


@dataclass
class _Gathered:
    """What the files of one run say: a run that was resumed has several."""

    id: str
    project: str = ""
    started: int = 0
    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    points: list[tuple[int, str, Any]] = field(default_factory=list)
    code: int | None = None
    seconds: float = 0.0


def read(place: str, asked: Asked) -> Iterator[ImportedRun]:
    """Read the runs of a folder and of those in it, the earliest first. A file that cannot be read is told.

    Raises:
        NnsweepError: there is no such file, or they are of several projects and none is named.
    """
    root = Path(place)
    paths = sorted(root.rglob("run-*.wandb")) if root.is_dir() else [root]
    runs: dict[str, _Gathered] = {}
    for path in paths:
        try:
            _gather(path, runs)
        except (NnsweepError, OSError) as error:
            text = str(error) if isinstance(error, NnsweepError) else f"{path}: cannot be read: {error.strerror}"
            asked.notices.append(f"{text}: not read, or not whole")
        except (ValueError, OverflowError, RecursionError) as error:  # of JSON, or a step
            asked.notices.append(f"{path}: cannot be read: {plain_line(error)}: not read, or not whole")
    if not runs:
        raise NnsweepError("; ".join([f"wandb:{place}: found no run that was logged offline", *asked.notices]))
    projects = (run.project for run in runs.values())
    chosen = choose_experiment(projects, asked.experiment, f"wandb:{place}", "project")
    for run in sorted(runs.values(), key=lambda each: each.started):
        if run.project == chosen:
            yield _imported(run, asked)


def _gather(path: Path, runs: dict[str, _Gathered]) -> None:
    run: _Gathered | None = None
    for record in read_records(path):
        kind = record.WhichOneof("record_type")
        if kind == "run":
            found = record.run
            run = runs.setdefault(f"{found.project}/{found.run_id}", _Gathered(found.run_id, found.project))
            run.started = run.started or found.start_time.ToNanoseconds()
            _update(run.config, found.config)
        elif run is None:
            continue
        elif kind == "config":
            _update(run.config, record.config)
        elif kind == "summary":
            _update(run.summary, record.summary)
        elif kind == "history":
            step = _step(record.history)
            for item in record.history.item:
                _add_point(run, step, _name(item), _value(item.value_json))
        elif kind == "exit":
            run.code, run.seconds = record.exit.exit_code, float(record.exit.runtime)
    if run is None:
        raise NnsweepError(f"{path}: cut off before its run")


def _add_point(run: _Gathered, step: int, name: str, value: Any) -> None:
    if not name.startswith("_") and isinstance(value, bool | int | float):
        run.points.append((step, name, value))


def _step(history: Any) -> int:
    told = [item.value_json for item in history.item if _name(item) == "_step"]
    return int(float(told[0])) if told else history.step.num


def _update(table: dict[str, Any], changes: Any) -> None:
    for item in changes.update:
        table[_name(item)] = _value(item.value_json)
    for item in changes.remove:
        table.pop(_name(item), None)


def _name(item: Any) -> str:
    return ".".join(item.nested_key) or item.key


def _value(text: str) -> Any:
    return json.loads(text)  # which reads the bare NaN and Infinity that wandb writes


def _imported(run: _Gathered, asked: Asked) -> ImportedRun:
    config = {name: value for name, value in flat(run.config) if not name.startswith("_wandb")}
    points = [point for point in run.points if asked.takes(point[1])]
    curves = side_by_side(points) if len({step for step, _, _ in points}) > 1 else {}
    last = {name: value for _, name, value in points}
    summary = {name: value for name, value in flat(run.summary) if not name.startswith("_") and asked.takes(name)}
    numbers = {name: _measured(value) for name, value in summary.items() if _is_measured(value)}
    own = config.get("nnsweep.status", "")
    for name in [name for name in config if name.startswith("nnsweep.")]:
        del config[name]
    what = "has no exit code: it was killed, or still runs" if run.code is None else f"ended with exit code {run.code}"
    status: Status = "crashed" if run.code is None else "failed" if run.code else "ok"
    if own in ("diverged", "timeout", "crashed"):  # exported by nnsweep
        status = own
    runtime = run.summary.get("_runtime")
    return ImportedRun(
        key=f"{run.project}/{run.id}",
        name=f"run {run.id}",
        params=config,
        metrics={**last, **numbers},
        history=curves,
        status=status,
        failure=None if run.code == 0 else f"the run {what}",
        started=f"{run.started:020d}",
        seconds=run.seconds or (float(runtime) if isinstance(runtime, int | float) else 0.0),
    )


def _is_measured(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float)


def _measured(value: Any) -> Any:
    return float("nan") if value is None else value  # null is what wandb writes for NaN
