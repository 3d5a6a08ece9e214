"""Figures of a stored sweep, drawn from its results folder; the trainer and the data are not needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nnsweep.folder.manifest import put_beside
from nnsweep.folder.open import StoredSweep
from nnsweep.folder.paths import Folder
from nnsweep.folder.save_figures import save_as
from nnsweep.report.overview import Options, Overview
from nnsweep.report.search_view import SearchView
from nnsweep.tables import file_names


def overview(stored: StoredSweep) -> Overview:
    """Return the tables of a sweep with the layout of its last run."""
    search = SearchView(stored.sweep, stored.table)
    return Overview(stored.sweep, stored.trials, stored.summary, stored.metrics, search=search)


def write(
    selection: Overview,
    folder: Folder,
    kind: str,
    options: Options,
    formats: Sequence[str],
    output: Path | None,
) -> Sequence[Path]:
    """Draw a figure and save it in the results folder, or as one file. The default formats are those of the report.

    Raises:
        NnsweepError: the figure cannot be drawn with these options. StoreError: a file cannot be written.
    """
    said = [
        value if isinstance(value, str) else "_".join(each.sweep.name for each in value) for value in options.values()
    ]
    (stem,) = file_names("_".join([kind, *said]), [selection.page], suffix="").values()
    formats = formats or selection.sweep.report.formats
    paths = [folder.figures / f"{stem}.{form}" for form in formats] if output is None else [output]
    if output is None:
        folder.make_part(folder.figures)
    paths[0].parent.mkdir(parents=True, exist_ok=True)
    save_as(lambda: selection.figure(kind, **options), paths, lambda path, write: put_beside(folder, path, write))
    return paths
