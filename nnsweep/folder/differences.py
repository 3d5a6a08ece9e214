"""Find how a sweep file differs from the sweep that was last run in its results folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnsweep.design.sweep import Axis, Sweep
from nnsweep.store import Store
from nnsweep.store.sweep_record import SweepRecord
from nnsweep.sweepfile.problems import show
from nnsweep.trials.codes import number_rows
from nnsweep.trials.grid import Grid
from nnsweep.trials.ids import are_among, to_texts
from nnsweep.trials.trial import Trial

LISTED = 3
"""The most values of an axis that a message lists."""


def differences(asked: Sweep, trials: Grid, store: Store) -> list[str]:
    """List the differences between a sweep and the one in a store, whose values are labels; empty if there are none.

    Raises:
        StoreError: what is stored is not as it was written.
    """
    old = store.sweep()
    if old is None:
        return []
    found = [] if asked.trainer == old.trainer else [f"trainer is {asked.trainer}, was {old.trainer}"]
    found += _axes(asked.axes, old.axes)
    if asked.success != old.success:
        found.append(f"success is {asked.success or 'not defined'}, was {old.success or 'not defined'}")
    if asked.trainer == old.trainer and not store.has_grid(asked, trials):
        kept = store.sweep_record()
        if kept is not None and not np.array_equal(trials.ids, kept.trials.ids):
            found += _settings(asked, trials, kept, store) or [*found] or ["its trials are others"]
    return list(dict.fromkeys(found))


def _axes(asked: Sequence[Axis], kept: Sequence[Axis]) -> Iterator[str]:
    old, new = ({axis.name: list(axis.labels.values()) for axis in axes} for axes in (kept, asked))
    for name in dict.fromkeys((*new, *old)):
        if name not in old:
            yield f"the axis {name} is new"
        elif name not in new:
            yield f"the axis {name} is gone"
        else:
            added, gone = (_listed(one, other) for one, other in ((new[name], old[name]), (old[name], new[name])))
            yield from (f"{name} has {text}" for text in (added and f"{added} more", gone and f"no {gone}") if text)


def _listed(values: Sequence[Any], than: Sequence[Any]) -> str:
    others = [show(value) for value in values if value not in than]
    more = f" and {len(others) - LISTED:,}" if len(others) > LISTED else ""
    return ", ".join(others[:LISTED]) + more


def _settings(asked: Sweep, trials: Grid, kept: SweepRecord, store: Store) -> list[str]:
    """Compare all other parameters of two trials that have the same values on the axes that both sweeps have."""
    pair = _pair(asked, trials, kept, store)
    if pair is None:
        return []
    trial, id = pair
    new, (old,) = json.loads(trial.params_json), store.params([id]).values()
    if new == old and trial.id != id:
        return ["its trainer's source, or its data, has changed"]
    varied = {axis.parameter for axis in (*asked.axes, *kept.sweep.axes)}
    names = [name for name in dict.fromkeys((*new, *old)) if name not in varied]
    changed = [name for name in names if new.get(name) != old.get(name)]
    return [f"{name} is {show(new.get(name))}, was {show(old.get(name))}" for name in changed]


def _pair(asked: Sweep, trials: Grid, kept: SweepRecord, store: Store) -> tuple[Trial, str] | None:
    """Find the first trial that has the same values as a stored one, and the id of this; None if there is none."""
    old, size = kept.trials, len(kept.trials)
    names = [axis.name for axis in asked.axes if axis.name in old.names]
    columns = [_numbers(asked.axis(name), kept.sweep.axis(name), trials, old) for name in names]
    first, numbers = number_rows(columns, size + len(trials))
    partners = first[numbers[size:]]
    there = np.flatnonzero(partners < size)
    there = there[are_among(old.ids[partners[there]], store.known())]
    return (trials[there[0].item()], to_texts(old.ids[partners[there[:1]]])[0]) if len(there) else None


def _numbers(asked: Axis, kept: Axis, trials: Grid, old: Grid) -> NDArray[np.intp]:
    """Number the values of the stored trials on an axis, then those of the others: equal labels have equal numbers."""
    texts = [[json.dumps(label) for label in axis.labels.values()] for axis in (kept, asked)]
    numbers = {text: number for number, text in enumerate(chain(*texts))}
    each = zip((kept, asked), (old, trials), texts, strict=True)
    return np.concatenate(
        [np.array([numbers[text] for text in own])[grid.places(axis.name, axis.every)] for axis, grid, own in each]
    )
