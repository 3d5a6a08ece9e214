"""Find how a sweep file differs from the sweep that was last run in its results folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from nnsweep.design.sweep import Axis, Sweep
from nnsweep.sweepfile.problems import show
from nnsweep.trials.trial import Trial

LISTED = 3
"""The most values of an axis that a message lists."""

Params = Mapping[str, Any]


def differences(
    asked: Sweep,
    asked_trials: Sequence[Trial],
    kept: Sweep,
    kept_trials: Sequence[Trial],
    params: Callable[[str], Params | None],
) -> list[str]:
    """List the differences between a sweep and the stored one, whose values are labels; empty if there are none.

    `params` returns the parameters of a stored trial by its id; None if it is not trained yet.
    """
    found = [] if asked.trainer == kept.trainer else [f"trainer is {asked.trainer}, was {kept.trainer}"]
    found += _axes(asked.axes, kept.axes)
    if asked.success != kept.success:
        found.append(f"success is {asked.success or 'not defined'}, was {kept.success or 'not defined'}")
    if [trial.id for trial in asked_trials] != [trial.id for trial in kept_trials] and asked.trainer == kept.trainer:
        found += _settings(asked, asked_trials, kept, kept_trials, params) or [*found] or ["its trials are others"]
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


def _settings(
    asked: Sweep,
    asked_trials: Sequence[Trial],
    kept: Sweep,
    kept_trials: Sequence[Trial],
    params: Callable[[str], Params | None],
) -> list[str]:
    """Compare all other parameters of two trials that have the same values on the axes that both sweeps have."""
    both = [axis.name for axis in asked.axes if axis.name in {each.name for each in kept.axes}]
    varied = {axis.parameter for axis in (*asked.axes, *kept.axes)}
    old_axes, new_axes = ({axis.name: axis.labels for axis in sweep.axes} for sweep in (kept, asked))
    places = {_key(trial, old_axes, both): trial for trial in reversed(kept_trials)}
    for trial in asked_trials:
        partner = places.get(_key(trial, new_axes, both))
        old = None if partner is None else params(partner.id)
        if old is None:
            continue
        new = json.loads(trial.params_json)
        if new == old and partner is not None and partner.id != trial.id:
            return ["its trainer's source, or its data, has changed"]
        names = [name for name in dict.fromkeys((*new, *old)) if name not in varied]
        changed = [name for name in names if new.get(name) != old.get(name)]
        return [f"{name} is {show(new.get(name))}, was {show(old.get(name))}" for name in changed]
    return []


def _key(trial: Trial, labels: Mapping[str, Mapping[Any, Any]], names: Sequence[str]) -> str:
    return json.dumps([labels[name][trial.settings[name]] for name in names])
