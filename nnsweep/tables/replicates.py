"""Checks whether seeds are replicates: if the seed changes nothing, the trials of a cell are one result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nnsweep.design.sweep import Sweep

if TYPE_CHECKING:
    from nnsweep.trainers.protocol import Outcome
    from nnsweep.trials.grid import Trial


def count_alike(sweep: Sweep, trials: Iterable[Trial], outcomes: Mapping[str, Outcome]) -> int:
    """Count the cells with several seeds whose trials are all equal; 0 if the trials of any cell differ.

    Equal trials have the same metrics, history and diagnosis, bit for bit. Trials that did not end well are ignored.
    """
    first: dict[tuple[Any, ...], Outcome] = {}
    several: set[tuple[Any, ...]] = set()
    names = [axis.name for axis in sweep.cell_axes]
    for trial in trials if sweep.seed_name is not None else ():
        outcome = outcomes.get(trial.id)
        if outcome is None or outcome.status != "ok":
            continue
        cell = tuple(trial.settings[name] for name in names)
        if cell not in first:
            first[cell] = outcome
        elif not _same(first[cell], outcome):
            return 0
        else:
            several.add(cell)
    return len(several)


def _same(one: Outcome, other: Outcome) -> bool:
    return (
        one.metrics == other.metrics
        and _text(one.history) == _text(other.history)
        and (one.diagnosis == other.diagnosis)
    )


def _text(history: Mapping[str, Sequence[float]]) -> str:
    """Write a history as text, in which gaps are equal."""
    return repr({name: list(values) for name, values in history.items()})


def format_alike(cells: int) -> str:
    """Format a warning that seeds change nothing and intervals are too narrow; empty for no cells."""
    if not cells:
        return ""
    where = f"in each of the {cells:,} cells" if cells > 1 else "in the one cell"
    return (
        f"every seed gave the same numbers {where}: if the seed changes nothing, the trials of a cell are one result "
        "counted several times, and intervals say too much"
    )
