"""The trials of a sweep: one for each combination, each with an id that is a digest of all that decides its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from itertools import chain
from typing import Any

from nnsweep import data
from nnsweep.data.places import look_beside
from nnsweep.data.users import plain_name
from nnsweep.design.spelling import to_json
from nnsweep.design.sweep import CASE, SEED, Axis, Sweep, plain
from nnsweep.errors import NnsweepError
from nnsweep.sweepfile.cross_checks import bases
from nnsweep.sweepfile.parameters import Parameters
from nnsweep.sweepfile.product import combinations
from nnsweep.trainers import check_unchanged
from nnsweep.trainers.protocol import Trainer, added_later

DIGITS = 16
"""Hex digits of an id: 64 bits, so that two of a million trials share one by chance in 1 of 37 million sweeps."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One training and its place in the grid.

    `settings` are the axes' names as the file spells them, with this trial's values, in axis order; `params` are
    the trainer's complete parameters under their canonical names. `params_json` is their canonical JSON, without those
    added later that have their defaults.
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
    return to_json(value, sort_keys=True, separators=(",", ":"), default=plain)


Identify = Callable[[data.DataSource], data.DataSource]
"""Says what stands for a data set in ids."""


def _identity(source: data.DataSource) -> data.DataSource:
    return source.identity


def expand(sweep: Sweep, trainer: Trainer, identify: Identify = _identity) -> list[Trial]:
    """List a sweep's trials, the first axis outermost and the seed innermost; included ones at the end.

    An id is the first 16 hex digits of BLAKE2b over the `canonical_json` of
    `{"data": trainer.fingerprint(params), "params": params, "trainer": trainer.name, "version": trainer.version}`.
    The params are resolved (`Trainer.resolve`), and those added later that have their defaults are left out
    (`AddedLater`). Files of data, and of a trainer, are named without their folders: their content is told besides.
    Trials that differ only in the name of their case have the same params, so the same id: one training fills both.
    `identify` gives ids that trials had, or would have, under other names of files.
    """
    look_beside(sweep.folder)
    data.refresh()
    check_made(sweep, trainer)
    complete = bases(sweep, Parameters.of(trainer))
    names = [axis.name for axis in sweep.axes]
    choices = [_choices(axis, sweep, complete) for axis in sweep.axes]
    seeds = choices.pop() if sweep.seed_name else {}
    writer = _Writer(next(iter(complete.values())), choices, seeds, trainer, sweep.judged_by, identify)
    return [
        writer.trial(values, dict(zip(names, values, strict=True)))
        for values in combinations(sweep.axes, sweep.include, sweep.exclude)
    ]


def check_made(sweep: Sweep, trainer: Trainer) -> None:
    """Make sure that a trainer is the one that a sweep was made with.

    Raises:
        NnsweepError: it has changed since, or another one has taken its name.
    """
    check_unchanged(trainer)
    if sweep.trainer_version and trainer.version != sweep.trainer_version:
        made = f"since {sweep.name} was made; make the sweep again"
        raise NnsweepError(f"trainer `{trainer.name}` was defined anew {made}")


def trial_of(params: Mapping[str, Any], trainer: Trainer) -> Trial:
    """Make the one trial that has these complete parameters, without a place in a grid."""
    return _Writer(params, [], {}, trainer, "").trial((), {})


def notes_of(trials: Sequence[Trial], trainer: Trainer) -> list[str]:
    """List what the trainer notes on the parameters of some trials, each note once."""
    return list(dict.fromkeys(note for trial in trials for note in trainer.notes(trial.params)))


Choices = dict[Any, dict[str, Any]]
"""The parameters that each value on an axis sets."""
NO_SEED: tuple[dict[str, Any], tuple[str, ...]] = ({}, ())
"""What a trial's seed sets where the seed is no axis, and its JSON."""


def _choices(axis: Axis, sweep: Sweep, complete: Mapping[str, Mapping[str, Any]]) -> Choices:
    """What each value on an axis, or included, sets. A case sets whatever any case does, if only to the default."""
    values = dict.fromkeys((*axis.values, *(v for entry in sweep.include for v in entry.get(axis.parameter, ()))))
    if sweep.cases and axis.parameter == CASE:
        touched = {parameter for case in sweep.cases.values() for parameter in case}
        return {case: {name: complete[case][name] for name in touched} for case in values}
    return {value: {axis.parameter: value} for value in values}


class _Writer:
    """Makes trials from JSON written beforehand, once a value: encoding each trial anew takes four times as long.

    The trials of a cell differ in their seed, and share all else: what they share is resolved and joined once.
    """

    def __init__(
        self,
        base: Mapping[str, Any],
        cells: Sequence[Choices],
        seeds: Choices,
        trainer: Trainer,
        judged_by: str,
        identify: Identify = _identity,
    ) -> None:
        self.base, self.trainer, self.judged_by, self.identify = base, trainer, judged_by, identify
        self.later, self.known = added_later(trainer.parameters), dict[tuple[str, str], str]()
        varied = (pair for axis in cells for put in axis.values() for pair in put.items())
        self.tables = {name for name, value in chain(base.items(), varied) if isinstance(value, data.DataSource)}
        self.cells = [{value: (put, self._members(put)) for value, put in axis.items()} for axis in cells]
        self.seeds = {value: (put, tuple(self._members(put).values())) for value, put in seeds.items()}
        self.texts = self._members(base) | ({SEED: "%s"} if seeds else {})
        self.end = (
            f',"trainer":{canonical_json(plain_name(trainer.name))},"version":{canonical_json(trainer.version)}}}'
        )
        self.data, self.around = cache(canonical_json), lru_cache(maxsize=1)(self._around)

    def trial(self, values: tuple[Any, ...], settings: dict[str, Any]) -> Trial:
        cell, seed = (values[:-1], self.seeds[values[-1]]) if self.seeds else (values, NO_SEED)
        params, template, identity = self.around(cell)
        put, members = seed
        params, params_json = params | put, f"{{{(template % members)[1:]}}}"
        same = params_json if identity is template else f"{{{(identity % members)[1:]}}}"
        text = f'{{"data":{self.data(self.trainer.fingerprint(params))},"params":{same}{self.end}'
        return Trial(blake2b(text.encode()).hexdigest()[:DIGITS], settings, params, params_json)

    def _around(self, cell: tuple[Any, ...]) -> tuple[dict[str, Any], str, str]:
        """A cell's complete parameters, and the members of their JSON, and of that in ids, with a `%s` for the seed."""
        given, texts = dict(self.base), dict(self.texts)
        for axis, value in zip(self.cells, cell, strict=True):
            put, members = axis[value]
            given |= put
            texts |= members
        params = dict(self.trainer.resolve(given, self.judged_by))
        texts |= self._members({name: value for name, value in params.items() if value is not given[name]})
        template = "".join(texts.values())
        same = dict(self.trainer.identity(params))
        same |= {name: self.identify(same[name]) for name in self.tables if isinstance(same[name], data.DataSource)}
        renamed = {name: value for name, value in same.items() if value is not params[name]}
        return params, template, "".join((texts | self._members(renamed)).values()) if renamed else template

    def _members(self, params: Mapping[str, Any]) -> dict[str, str]:
        """Each parameter as a comma and a member of a JSON object, in the order of their names, `%` doubled."""
        return {name: self._member(name, params[name]) for name in sorted(params)}

    def _member(self, name: str, value: Any) -> str:
        if name in self.later and value == self.later[name]:
            return ""
        key = name, repr(value)  # 1, 1.0 and True are equal, and three texts
        if key not in self.known:
            self.known[key] = f",{canonical_json(name)}:{canonical_json(value)}".replace("%", "%%")
        return self.known[key]
