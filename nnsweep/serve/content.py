"""What the page of a sweep says, as plain values for its templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from nnsweep.design.sweep import label
from nnsweep.errors import StoreError
from nnsweep.format import count_trials, duration
from nnsweep.serve.asked import AT, Asked
from nnsweep.serve.curves import Chart, Series, chart, distinct
from nnsweep.serve.heatmap import CELLS, MEDIAN, heatmaps, measures_of
from nnsweep.serve.sweep import LiveSweep, Progress
from nnsweep.serve.trials import LiveTrials
from nnsweep.store.follow import read_whole
from nnsweep.tables.layout import is_no_grid
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.outcomes import MISSING, NAMES

LISTED = 100
"""The most trials of a cell that are listed."""
LATEST, DRAWN = 12, 60
"""The most curves that are drawn: of trials that ended last, and of a chosen cell."""
KINDS = 20
"""The most kinds of failures that are listed."""

STATES = {
    "running": "A run is training now",
    "interrupted": "The last run was interrupted; run the sweep again, which goes on",
    "finished": "All trials are trained",
    "partial": "Not all trials are trained; run the sweep again, which goes on",
    "empty": "No trial is stored yet",
    "damaged": "Its store cannot be read now",
}


def state(live: LiveSweep) -> dict[str, Any]:
    """Say how far a sweep is, and what is wrong with it."""
    progress = live.progress
    ends = live.trials.statuses if live.trials else {}
    return {
        "state": progress.state,
        "said": STATES[progress.state],
        "counted": count_done(progress),
        "done": progress.done,
        "total": progress.total,
        "left": _left(progress.seconds_left),
        "ends": [(name, f"{number:,}") for name, number in ends.items()],
        "problems": [text for text in (live.problem, live.notes_problem) if text],
    }


def _left(seconds: float | None) -> str:
    """Write how long a run still takes: no more digits than are known."""
    if seconds is None:
        return ""
    return f"about {round(seconds)} s left" if seconds < 100 else f"about {duration(seconds)} left"


def count_done(progress: Progress) -> str:
    """Write how many trials are trained: `4,200 of 8,400 trials (50 %)`."""
    if not progress.total:
        return f"{count_trials(progress.done)} stored" if progress.done else ""
    if progress.done == progress.total:
        return count_trials(progress.total)
    share = int(100 * progress.done / progress.total)
    return f"{progress.done:,} of {count_trials(progress.total)} ({share} %)"


def explored(live: LiveSweep, asked: Asked) -> dict[str, Any]:
    """Lay out the heatmaps, and what can be shown instead."""
    trials = live.trials
    if trials is not None and is_no_grid(trials.sweep, trials.layout, len(trials.first)):
        return {"maps": None, "many": ""}
    found = None if trials is None else heatmaps(trials, asked.show, asked.at)
    if trials is None or found is None:
        cells = 0 if trials is None else len(trials.first)
        many = f"{cells:,} cells are more than this page fills in ({CELLS:,}); the report shows the first of them."
        return {"maps": None, "many": many if cells > CELLS else ""}
    return {
        "maps": found,
        "many": "",
        "shows": [(key, _shown(trials, key)) for key in measures_of(trials)],
        "rest": [
            (f"{AT}{name}", name.strip(), list(trials.labels[name].values()), asked.at[name]) for name in asked.at
        ],
        "of": ", ".join(filter(None, [found.measure.label, _a_cell(trials), found.view.rest])),
    }


def _shown(trials: LiveTrials, key: str) -> str:
    return key.removeprefix(MEDIAN) if key.startswith(MEDIAN) and not trials.sweep.seed_name else key


def _a_cell(trials: LiveTrials) -> str:
    seeds = next((len(axis.every) for axis in trials.sweep.axes if axis.column == trials.sweep.seed_name), 0)
    return f"{seeds} seeds a cell" if seeds else ""


def cell(live: LiveSweep, asked: Asked) -> dict[str, Any] | None:
    """Describe the chosen cell and its trials; None if none is chosen."""
    trials = live.trials
    if trials is None or asked.cell is None:
        return None
    rows = trials.rows_of(asked.cell)
    seed = trials.sweep.seed_name
    of_seed = next((axis for axis in trials.sweep.axes if axis.column == seed), None)
    metrics = list(trials.values)
    listed = [_trial(trials, row, of_seed.name if of_seed else "", metrics) for row in rows[:LISTED]]
    return {
        "name": trials.cell_name(asked.cell) or "All trials",
        "header": [of_seed.name if of_seed else "trial", "status", *metrics],
        "trials": listed,
        "left_out": max(0, len(rows) - LISTED),
        "told": _told(trials, rows),
        "close": asked.link(cell=None),
    }


def _trial(trials: LiveTrials, row: int, seed: str, metrics: Sequence[str]) -> dict[str, Any]:
    trial = trials.grid[row]
    values = [trials.values[name][row].item() for name in metrics]
    return {
        "id": trial.id,
        "name": label(trial.settings[seed]) if seed else trial.id[:8],
        "status": _end(trials, row),
        "values": ["" if value != value else f"{value:.4g}" for value in values],
        "is_stored": bool(trials.status[row] != MISSING),
    }


def _end(trials: LiveTrials, row: int) -> str:
    """Say how a trial ended; `success` where it is one."""
    if trials.status[row] == MISSING:
        return "not trained yet"
    name = str(NAMES[trials.status[row]])
    if name != "ok" or trials.sweep.success is None:
        return name
    return "success" if trials.successes[row] else "no success"


def _told(trials: LiveTrials, rows: Sequence[int]) -> str:
    stored = int((trials.status[rows] != MISSING).sum())
    counted = f"{stored:,} of {count_trials(len(rows))} trained"
    if trials.sweep.success is None:
        return counted
    return f"{int(trials.successes[rows].sum()):,} successes, {counted}"


def curves(live: LiveSweep, asked: Asked) -> dict[str, Any]:
    """Draw the curves of the chosen cell's trials, or of those that ended last."""
    trials = live.trials
    if trials is None:
        return {"chart": None, "of": "", "links": []}
    rows = list(dict.fromkeys(reversed(trials.latest))) if asked.cell is None else trials.rows_of(asked.cell)
    drawn = [row for row in rows if trials.status[row] != MISSING][:DRAWN]
    found: Mapping[str, Outcome] = {}
    with suppress(StoreError):  # the page says above what is wrong with the store
        found = read_whole(live.folder.store, [int(trials.number[row]) for row in drawn])
    series = [each for each in (_series(trials, row, found) for row in drawn) if each is not None]
    few = [*_going(live, trials, asked), *distinct(series, LATEST if asked.cell is None else DRAWN)]
    made = chart(few, [asked.curve, trials.sweep.judged_by])
    going = "trials in training, and " if live.going and asked.cell is None else ""
    what = f"{going}the trials that ended last" if asked.cell is None else "the trials of the chosen cell"
    return {"chart": made, "of": what, "links": [] if made is None else _curve_links(made, asked)}


def _going(live: LiveSweep, trials: LiveTrials, asked: Asked) -> list[Series]:
    """Give what trials in training have logged, or those of the chosen cell; a run that was killed left theirs."""
    end = "in training" if live.progress.state == "running" else "interrupted"
    rows = [(trials.find(id), id, history) for id, history in live.going.items()]
    return [
        Series(trials.trial_name(row), end, history, id)
        for row, id, history in rows
        if row is not None and asked.cell in (None, trials.cell[row])
    ]


def _series(trials: LiveTrials, row: int, found: Mapping[str, Outcome]) -> Series | None:
    trial = trials.grid[row]
    outcome = found.get(trial.id)
    return None if outcome is None else Series(trials.trial_name(row), _end(trials, row), outcome.history, trial.id)


def _curve_links(made: Chart, asked: Asked) -> list[tuple[str, str, bool]]:
    return [(name, asked.link(curve=name), name == made.name) for name in made.names]


def failures(live: LiveSweep) -> dict[str, Any]:
    """List the failures, the latest first."""
    trials = live.trials
    found = [] if trials is None else trials.newest_failures
    listed = [
        {
            "count": f"{each.count:,} {each.status}",
            "message": each.message,
            "where": each.where,
            "id": trials.grid[each.row].id,
            "settings": trials.trial_name(each.row),
        }
        for each in found[:KINDS]
        if trials is not None
    ]
    return {"failures": listed, "more": max(0, len(found) - KINDS)}


def files(live: LiveSweep) -> dict[str, list[tuple[str, str]]]:
    """List the tables and figures in the folder, with their addresses relative to the sweep's page."""
    folder, found = live.folder, {}
    for part in (folder.tables, folder.figures):
        if part.is_dir():
            names = sorted(path.name for path in part.iterdir() if path.is_file() and not path.name.startswith("."))
            found[part.name] = [(name, f"{part.name}/{quote(name)}") for name in names]
    question = [path for path in (folder.grid, folder.resolved) if path.is_file()]
    return {kind: each for kind, each in {"question": [(p.name, p.name) for p in question], **found}.items() if each}
