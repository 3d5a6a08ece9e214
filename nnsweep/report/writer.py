"""Write the tables, the figures and the page of a sweep into its results folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from nnsweep.execution.cpus import available_cpus
from nnsweep.folder.manifest import Manifest, opened
from nnsweep.folder.save import page_is_current, page_source, state_of, write_tables
from nnsweep.report.bounds import format_unwritten
from nnsweep.report.content import Content
from nnsweep.report.drawing_process import DrawingProcess
from nnsweep.report.written import Written
from nnsweep.tables.csv_process import CsvProcess
from nnsweep.tables.parquet import format_parquet
from nnsweep.threads import one_thread

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nnsweep.report.html import ReportData


def write(
    content: Content,
    figures: bool = True,
    all_files: bool = False,
    quiet: bool = True,
    process: DrawingProcess | None = None,
) -> Written:
    """Write the tables and, with `figures`, the figures and the page. Files that are up to date are not written again.

    `process` draws the figures, or else one that is started for them.

    Files of an earlier run that the sweep no longer has are removed. If there are very many matrices and figures, only
    the most useful kinds are written, unless `all_files` is set. Returns what was removed, left alone and left out.

    Raises:
        StoreError: a file cannot be written.
    """
    tables, written = content.tables, Written()
    with opened(content.folder) as manifest:
        known = bool(manifest.state)
        rows = 0 if "totals" in vars(tables) else len(content.grid)
        with CsvProcess(content.folder.tables, rows, available_cpus) as trials:
            if trials.is_started:
                tables.make_totals(trials.put)
            chosen = tables.chosen(all_files)
            paths = write_tables(manifest, tables.files(chosen), tables.names(chosen), trials.take)
        manifest.set_state(state_of(content.sweep, content.metrics, manifest), paths)
        written.add_removed(manifest.remove_others(paths, "tables"))
        with nullcontext(process) if process else DrawingProcess() as drawing:
            left_out = _draw(content, manifest, written, all_files, quiet, drawing) if figures else {}
        written.left_out = format_unwritten(left_out, chosen.left_out)
        written.notes += filter(None, [format_parquet(len(content.grid))])
        written.outdated = [] if figures else _outdated(content, manifest)
        written.unknown = [] if known else manifest.unknown()
    return written


def write_report(content: Content, all_files: bool = False) -> Path:
    """Write `report.html`, which needs no other file and no network, and return its path.

    Raises:
        StoreError: it cannot be written.
    """
    _write_page(content, _drawn(content, all_files), Manifest.read(content.folder).state, all_files)
    return content.folder.page


def _draw(
    content: Content, manifest: Manifest, written: Written, all_files: bool, quiet: bool, process: DrawingProcess
) -> Mapping[str, int]:
    """Draw the figures and the page that are not up to date; return the number of files of each kind left out."""
    from nnsweep.report.draw import choose_kinds
    from nnsweep.report.missing_figures import Missing, lacking_characters

    drawn, state = _drawn(content, all_files), manifest.state
    written.add_removed(manifest.remove_others(drawn, "figures"))
    lacking = lacking_characters(content.sweep, content.metrics)
    missing = Missing(manifest, drawn, f"{state}{''.join(lacking)}")  # drawn again once a font is installed
    if missing.paths:
        missing.send(process)
    if missing.paths or written.removed or not _has_current_page(content, state):
        with one_thread():  # the figures are drawn meanwhile: a second thread would wait for a core
            _write_page(content, drawn, state, all_files)
        written.problem = "\n".join(filter(None, [content.environment_problem, content.notes_problem]))
    if missing.paths:
        missing.save(process, quiet)
    if lacking:
        from nnsweep.figures.fonts import format_note

        written.fonts = format_note(lacking)
    written.page = True
    return choose_kinds(content.tables, all_files).left_out


def _drawn(content: Content, all_files: bool) -> dict[Path, Callable[[], Figure]]:
    """Return the figures that a run draws, by path."""
    from nnsweep.report.draw import choose_kinds

    folder, formats = content.folder.figures, content.sweep.report.formats
    drawn = content.figures(choose_kinds(content.tables, all_files).kinds).items()
    return {folder / f"{name}.{form}": draw for name, draw in drawn for form in formats}


def _write_page(content: Content, drawn: Iterable[Path], state: str, all_files: bool) -> None:
    from nnsweep.report.html import write_page

    folder, tables = content.folder, content.tables
    files = [folder.tables / name for name in tables.names(tables.chosen(all_files))]
    data = report_data(content, [*files, *drawn])
    write_page(data, folder.page, page_source(content.sweep, state, folder))


def report_data(content: Content, files: Iterable[Path]) -> ReportData:
    """Collect what a page is made from; `files` are tables and figures that it names."""
    from nnsweep.report.html import ReportData

    folder = content.folder
    return ReportData(
        content.sweep,
        content.drawn,
        content.tables.trials,
        content.frame("summary"),
        content.layout,
        content.metrics,
        content.failures,
        content.reasons,
        content.environment,
        folder.root,
        [folder.grid, folder.resolved, *files],
        content.alike,
        content.no_skill,
        content.tables.search,
        content.confirmed,
        content.noted,
    )


def _has_current_page(content: Content, state: str) -> bool:
    return page_is_current(content.folder.page, page_source(content.sweep, state, content.folder))


def _outdated(content: Content, manifest: Manifest) -> list[Path]:
    """List the figures and the page that show an earlier state."""
    page = content.folder.page
    stale = page.exists() and not _has_current_page(content, manifest.state)
    return [*manifest.others("figures"), *([page] if stale else [])]
