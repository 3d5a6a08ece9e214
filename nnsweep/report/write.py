"""Write what a results folder shows besides its store."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nnsweep.analysis import Columns, write_csv
from nnsweep.report.folder import Folder, write_file
from nnsweep.spec.parameters import Parameters
from nnsweep.spec.sweep import Sweep, plain
from nnsweep.trainers.protocol import Trainer


def write_record(folder: Folder, record: dict[str, Any]) -> None:
    """Write `env.json`: where a run trains, from when to when, and where the time went."""
    _write_json(folder.environment, record)


def write_question(folder: Folder, sweep: Sweep, trainer: Trainer) -> bool:
    """Write `grid.toml` and `resolved.json`; true if the question is another than before."""
    write_file(folder.grid, lambda path: path.write_text(sweep.source, encoding="utf-8"))
    return _write_json(folder.resolved, resolved(sweep, trainer))


def resolved(sweep: Sweep, trainer: Trainer) -> dict[str, Any]:
    """Say what a sweep asks for in full, defaults and the trainer's version included."""
    required = {name for name, field in trainer.parameters.model_fields.items() if field.is_required()}
    defaults = Parameters.of(trainer).single().model_dump(mode="json", exclude=required)
    varied = {axis.parameter for axis in sweep.axes}
    return {
        "name": sweep.name,
        "description": sweep.description,
        "trainer": trainer.name,
        "trainer_version": trainer.version,
        "fixed": {name: value for name, value in (defaults | dict(sweep.fixed)).items() if name not in varied},
        "axes": [{"name": a.name, "parameter": a.parameter, "values": a.values} for a in sweep.axes],
        "cases": {name: dict(case) for name, case in sweep.cases.items()},
        "include": [dict(entry) for entry in sweep.include],
        "exclude": [dict(entry) for entry in sweep.exclude],
        "success": asdict(sweep.success) if sweep.success else None,
        "report": asdict(sweep.report),
    }


def write_tables(folder: Folder, found: dict[str, Columns]) -> None:
    """Write tables under their names."""
    for name, table in found.items():
        write_file(folder.tables / name, lambda path, table=table: write_csv(table, path))


def _write_json(path: Path, content: Any) -> bool:
    text = json.dumps(content, indent=2, ensure_ascii=False, default=plain) + "\n"
    return write_file(path, lambda draft: draft.write_text(text, encoding="utf-8"))
