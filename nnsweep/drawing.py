"""Figures of a stored sweep, made from its results folder alone: neither trainer nor data are needed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from nnsweep import export
from nnsweep.analysis import columns, file_names, frame, summary
from nnsweep.analysis.measured import seen
from nnsweep.report import Folder
from nnsweep.report.draw import save_as
from nnsweep.report.overview import Overview
from nnsweep.spec.sweep import Report
from nnsweep.store import Store


def stored(folder: Folder) -> Overview:
    """Read the tables of a sweep, and where its report has which axis, as it was last run.

    Raises:
        NnsweepError: its last run was cut off. StoreError: the store is damaged.
    """
    trials = export.table(folder)
    with Store.read(folder.store) as store:
        asked = store.shown()
    assert asked is not None, "there is a table of it"
    sweep = replace(asked.sweep, report=_report(folder))
    axes = sweep.cell_names
    judged = seen(trials, axes, asked.metrics, sweep.success.metric if sweep.success else None)
    cells = summary(columns(trials), axes, asked.metrics, sweep.success is not None, judged)
    return Overview(sweep, trials, frame(cells), asked.metrics)


def _report(folder: Folder) -> Report:
    """What the last run was told of its report; nothing, if that is no longer to be read."""
    try:
        told = json.loads(folder.resolved.read_text(encoding="utf-8"))["report"]
        return Report(**{**told, "formats": tuple(told.get("formats", Report.formats))})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Report()


def write(
    found: Overview, folder: Folder, kind: str, options: Mapping[str, str], formats: Sequence[str], output: Path | None
) -> Sequence[Path]:
    """Draw a figure and save it in some formats, or those of the report, in the results folder, or as one file.

    Raises:
        NnsweepError: what is asked is not there. StoreError: a file cannot be written.
    """
    (stem,) = file_names("_".join([kind, *options.values()]), [found.page], suffix="").values()
    formats = formats or found.sweep.report.formats
    paths = [folder.figures / f"{stem}.{form}" for form in formats] if output is None else [output]
    paths[0].parent.mkdir(parents=True, exist_ok=True)
    return save_as(lambda: found.figure(kind, **options), paths)
