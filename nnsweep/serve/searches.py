"""What a live page shows of a search: the charts of its report, and what confirmed its best."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from nnsweep.design.search import Progress
from nnsweep.errors import StoreError
from nnsweep.folder.recorded import read_progress
from nnsweep.report.html.search import Part, search_parts
from nnsweep.report.search_view import SearchView
from nnsweep.serve.sweep import LiveSweep
from nnsweep.serve.trials import LiveTrials
from nnsweep.tables import Columns
from nnsweep.tables.layout import is_no_grid
from nnsweep.tables.trials import shown_values
from nnsweep.trials.outcomes import NAMES

MOST = 50_000
"""Trials, at most, of a search whose charts are drawn live."""


@dataclass(frozen=True)
class Searched:
    """The parts of a page, and a sentence: the best on the seeds that chose it, and on fresh ones."""

    parts: Sequence[Part] = ()
    confirmed: str = ""
    is_no_grid: bool = False


def searched(live: LiveSweep) -> Searched | None:
    """Look at a search; None of a sweep that is none. While it runs, no surrogate is fitted: that takes a while."""
    trials = live.trials
    if trials is None or trials.sweep.search is None:
        return None
    state = live.progress.state
    key = trials.done, state
    if trials.searched is None or trials.searched[0] != key:
        trials.searched = key, _looked(live, trials, state)
    found = trials.searched[1]
    assert isinstance(found, Searched)
    return found


def _looked(live: LiveSweep, trials: LiveTrials, state: str) -> Searched:
    progress = Progress()
    if state == "finished":  # a search said that of all its trials
        with suppress(StoreError):
            progress = read_progress(live.folder)
    sweep = replace(trials.sweep, progress=progress)
    no_grid = is_no_grid(sweep, trials.layout, len(trials.first))
    if len(trials.grid) > MOST:
        return Searched((), progress.confirmed, no_grid)
    parts = search_parts(SearchView(sweep, _table(trials)), no_grid, fitted=state != "running")
    return Searched(parts, progress.confirmed, no_grid)


def _table(trials: LiveTrials) -> Columns:
    """Make the trials table, without the ids."""
    sweep, grid = trials.sweep, trials.grid
    shown = shown_values(sweep, grid)
    table = {axis.column: shown[axis.name][grid.places(axis.name, list(axis.shown))] for axis in sweep.axes}
    table |= {"status": NAMES[trials.status], **trials.values}
    return table if sweep.success is None else table | {"success": trials.successes}
