"""Figures of a stored sweep, made from its results folder alone: neither trainer nor data are needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from nnsweep.folder.manifest import put_beside
from nnsweep.folder.open import StoredSweep
from nnsweep.folder.paths import Folder
from nnsweep.folder.save_figures import save_as
from nnsweep.report.overview import Overview
from nnsweep.tables import file_names


def overview(stored: StoredSweep) -> Overview:
    """Give the tables of a sweep, and where its report has which axis, as it was last run."""
    return Overview(stored.sweep, stored.trials, stored.summary, stored.metrics)


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
    if output is None:
        folder.make_part(folder.figures)
    paths[0].parent.mkdir(parents=True, exist_ok=True)
    save_as(lambda: found.figure(kind, **options), paths, lambda path, write: put_beside(folder, path, write))
    return paths
