"""The trials of a sweep: one for each combination, each with an id that is a digest of all that decides its result."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from itertools import groupby
from operator import getitem
from typing import Any

from nnsweep import data
from nnsweep.spec.parameters import Parameters
from nnsweep.spec.product import combinations
from nnsweep.spec.sweep import CASE, Axis, Sweep, plain
from nnsweep.spec.together import bases
from nnsweep.trainers import check_unchanged
from nnsweep.trainers.protocol import Trainer

DIGITS = 16
"""Hex digits of an id: 64 bits, so that two of a million trials share one by chance in 1 of 37 million sweeps."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One training and its place in the grid.

    `settings` are the axes' names as the file spells them, with this trial's values, in axis order; `params` are
    the trainer's complete parameters under their canonical names, and `params_json` is their canonical JSON.
    """

    id: str
    settings: Mapping[str, Any]
    params: Mapping[str, Any]
    params_json: str


def canonical_json(value: Any) -> str:
    """Write a value in the one way that ids are made from: sorted keys, no spaces, tuples as lists, models as tables.

    >>> canonical_json({"b": (2, 4), "a": 0.5})
    '{"a":0.5,"b":[2,4]}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, default=plain)


def expand(sweep: Sweep, trainer: Trainer) -> list[Trial]:
    """List a sweep's trials, the first axis outermost and the seed innermost; included ones at the end.

    An id is the first 16 hex digits of BLAKE2b over the `canonical_json` of
    `{"data": trainer.fingerprint(params), "params": params, "trainer": trainer.name, "version": trainer.version}`.
    Trials that differ only in the name of their case have the same params, so the same id: one training fills
    both rows.
    """
    data.refresh()
    check_unchanged(trainer)
    complete = bases(sweep, Parameters.of(trainer))
    names = [axis.name for axis in sweep.axes]
    choices = [_choices(axis, sweep, complete) for axis in sweep.axes]
    varied = {name for axis in choices for changed, _ in axis.values() for name in changed}
    writer = _Writer(next(iter(complete.values())), varied, trainer)
    return [
        writer.trial(dict(zip(names, values, strict=True)), map(getitem, choices, values))
        for values in combinations(sweep.axes, sweep.include, sweep.exclude)
    ]


def trial_of(params: Mapping[str, Any], trainer: Trainer) -> Trial:
    """Make the one trial that has these complete parameters, without a place in a grid."""
    return _Writer(params, (), trainer).trial({}, [])


Texts = list[tuple[str, str]]
Choice = tuple[dict[str, Any], Texts]
"""What one value of an axis sets: parameters, and the JSON of each."""


def _choices(axis: Axis, sweep: Sweep, complete: Mapping[str, Mapping[str, Any]]) -> dict[Any, Choice]:
    """What each value on an axis, or included, sets. A case sets whatever any case does, if only to the default."""
    values = dict.fromkeys((*axis.values, *(v for entry in sweep.include for v in entry.get(axis.parameter, ()))))
    if sweep.cases and axis.parameter == CASE:
        touched = {parameter for case in sweep.cases.values() for parameter in case}
        return {case: _choice({name: complete[case][name] for name in touched}) for case in values}
    return {value: _choice({axis.parameter: value}) for value in values}


def _choice(params: dict[str, Any]) -> Choice:
    return params, [(name, _member(name, value)) for name, value in params.items()]


def _member(name: str, value: Any) -> str:
    return f"{canonical_json(name)}:{canonical_json(value)}"


class _Writer:
    """Makes trials from JSON written beforehand, once a value: encoding each trial anew takes ten times as long."""

    def __init__(self, base: Mapping[str, Any], varied: Collection[str], trainer: Trainer) -> None:
        self.base, self.fingerprint = base, trainer.fingerprint
        self.texts: dict[str, str] = {}
        for constant, run in groupby(sorted(base), lambda name: name not in varied):
            members = {name: _member(name, base[name]) for name in run}
            self.texts |= {next(iter(members)): ",".join(members.values())} if constant else members
        self.end = f',"trainer":{canonical_json(trainer.name)},"version":{canonical_json(trainer.version)}}}'
        self.data = cache(canonical_json)

    def trial(self, settings: dict[str, Any], choices: Iterable[Choice]) -> Trial:
        params, texts = dict(self.base), dict(self.texts)
        for changed, written in choices:
            params.update(changed)
            texts.update(written)
        data = self.data(self.fingerprint(params))
        params_json = f"{{{','.join(texts.values())}}}"
        text = f'{{"data":{data},"params":{params_json}{self.end}'
        return Trial(blake2b(text.encode()).hexdigest()[:DIGITS], settings, params, params_json)
