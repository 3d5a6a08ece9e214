"""Write the files of a results folder other than its store."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nnsweep.design.spelling import to_json
from nnsweep.design.sweep import CASE, Sweep, plain
from nnsweep.errors import StoreError
from nnsweep.files import digest_bytes, read_file, write_file
from nnsweep.folder.manifest import Manifest
from nnsweep.folder.paths import HISTORY, SUMMARY, TRIALS, TRIALS_PARQUET, Folder
from nnsweep.sweepfile.parameters import Parameters
from nnsweep.tables import Columns
from nnsweep.tables.csv_files import write_csv_parts
from nnsweep.tables.parquet import write_parquet
from nnsweep.trainers.protocol import Trainer, added_later
from nnsweep.trials.grid import Grid
from nnsweep.trials.trial import Trial

PAGE_SOURCE = re.compile(rb'<meta name="source" content="([0-9a-f]*)">')
PAGE_HEAD = 4096
"""The source of a page is within its first bytes, this many."""
DRAWING = 2
"""Increase it when figures or the page change their look. Those of another number are drawn again."""


def write_record(folder: Folder, record: dict[str, Any]) -> None:
    """Write `env.json`: where and when a run trained, and how long it took."""
    _write_json(folder.environment, record)


def write_question(folder: Folder, sweep: Sweep, trainer: Trainer, trials: Sequence[Trial]) -> None:
    """Write `grid.toml` and `resolved.json`."""
    write_file(folder.grid, lambda path: path.write_text(sweep.source, encoding="utf-8"))
    _write_json(folder.resolved, resolved(sweep, trainer, trials))


def resolved(sweep: Sweep, trainer: Trainer, trials: Sequence[Trial]) -> dict[str, Any]:
    """Return the complete sweep as a dict, with defaults and the trainer's version.

    Parameters that were added later are included only if they are set, as in ids.
    """
    fields = trainer.parameters.model_fields
    left_out = {name for name, field in fields.items() if field.is_required()} | added_later(trainer.parameters).keys()
    defaults = Parameters.of(trainer).single().model_dump(mode="json", exclude=left_out)
    varied = {axis.parameter for axis in sweep.axes}
    given = {name: value for name, value in (defaults | dict(sweep.fixed)).items() if name not in varied}
    return {
        "name": sweep.name,
        "description": sweep.description,
        "trainer": trainer.name,
        "trainer_version": trainer.version,
        "fixed": _resolved(given, sweep, trials),
        "axes": [{"name": a.name, "parameter": a.parameter, "values": a.values} for a in sweep.axes],
        "cases": {name: dict(case) for name, case in sweep.cases.items()},
        "include": [dict(entry) for entry in sweep.include],
        "exclude": [dict(entry) for entry in sweep.exclude],
        "success": asdict(sweep.success) if sweep.success else None,
        "report": asdict(sweep.report),
    } | _progress(sweep)


def _progress(sweep: Sweep) -> dict[str, Any]:
    """Return what a search has done, for readers that know the sweep only as its store has it."""
    text, confirmed = sweep.progress.text, sweep.progress.confirmed
    found: dict[str, Any] = {"text": text, "endings": list(map(list, sweep.stopped.items()))} if text else {}
    found |= {"confirmed": confirmed} if confirmed else {}
    return {"progress": found} if found else {}


def _resolved(given: Mapping[str, Any], sweep: Sweep, trials: Sequence[Trial]) -> dict[str, Any]:
    """Replace each value by its resolved value, if that is the same for all trials with this value."""
    shown: dict[str, Any] = {}
    kinds = Grid.of(trials).kinds.first  # of a user's trainer there are as many as trials: most are not looked at
    for name, value in given.items():
        of_cases = {case for case, settings in sweep.cases.items() if name in settings}
        pairs = zip(kinds.params(), kinds.settings(), strict=True) if of_cases else ((p, {}) for p in kinds.params())
        having = (params[name] for params, settings in pairs if not of_cases or settings[CASE] not in of_cases)
        first = next(having, value)
        shown[name] = first if first != value and all(other == first for other in having) else value
    return shown


def write_tables(
    manifest: Manifest,
    found: Iterable[tuple[str, Iterable[Columns]]],
    names: Sequence[str],
    take_trials: Callable[[Path], bool] = lambda path: False,
) -> list[Path]:
    """Write tables, each given in parts, and return their paths. `names` has all names, before any table is made.

    `take_trials` puts the table of the trials to a path, if it is written already, and returns whether it did.
    """
    folder = manifest.folder.tables
    paths = [folder / name for name in names]
    manifest.expect(paths)
    for name, parts in found:
        write = write_parquet if name == TRIALS_PARQUET else write_csv_parts
        if name == TRIALS:
            write = _first(take_trials, write)
        manifest.put(folder / name, lambda path, write=write, parts=parts: write(parts, path))
    return paths


def _first(take: Callable[[Path], bool], write: Callable[[Iterable[Columns], Path], object]) -> Callable[..., object]:
    return lambda parts, path: take(path) or write(parts, path)


def state_of(sweep: Sweep, metrics: Sequence[str], manifest: Manifest) -> str:
    """Digest the source of figures: the written tables, and the settings of the sweep that figures show."""
    named = (f"tables/{name}" for name in (TRIALS, SUMMARY, HISTORY))
    axes = [[axis.name, axis.parameter, list(map(str, axis.shown.values()))] for axis in sweep.axes]
    search = [] if sweep.search is None else [[str(sweep.search), *(str((a.space, a.only_if)) for a in sweep.axes)]]
    return _digest(
        DRAWING,
        *search,
        [manifest.entries[name].digest for name in named if name in manifest.entries],
        [sweep.name, axes, str(sweep.success), list(metrics)],
        [sweep.report.rows, sweep.report.columns, sweep.report.panels],
    )


def page_source(sweep: Sweep, state: str, folder: Folder) -> str:
    """Digest the source of the page."""
    record = ""
    with suppress(FileNotFoundError, StoreError):  # problems of the file are reported where its content is read
        record = read_file(folder.environment).decode("utf-8", "replace")
    question = [sweep.description, sweep.trainer, dict(sweep.fixed), {k: dict(case) for k, case in sweep.cases.items()}]
    entries = [dict(entry) for entry in (*sweep.include, *sweep.exclude)]
    parts = [state, record, question, entries, sweep.report.formats, str(folder.root.parent)]
    parts += [sweep.progress.confirmed] if sweep.progress.confirmed else []
    return _digest(*parts, *_digest_notes(folder))


def _digest_notes(folder: Folder) -> list[str]:
    """Digest the notes and tags; nothing if there are none, as in pages from before there were any."""
    with suppress(FileNotFoundError, StoreError):  # problems of the file are reported where its content is read
        return [digest_bytes(read_file(folder.notes))]
    return []


def page_is_current(path: Path, source: str) -> bool:
    """Whether the page exists and was made from `source`."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        found = PAGE_SOURCE.search(file.read(PAGE_HEAD))
    return found is not None and found[1].decode() == source


def _digest(*parts: Any) -> str:
    return digest_bytes(json.dumps(parts, ensure_ascii=True, default=plain).encode())


def _write_json(path: Path, content: Any) -> None:
    text = to_json(content, indent=2, ensure_ascii=False, default=plain) + "\n"
    # A path may contain bytes that are not UTF-8. Python reads them as lone surrogates, which are written as escapes.
    write_file(path, lambda draft: draft.write_text(text, encoding="utf-8", errors="backslashreplace"))
