"""Make a sweep of stored runs that were imported: parameters that differ become axes, the others are fixed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nnsweep.defaults import IMPORTED
from nnsweep.design.search import Search, Space
from nnsweep.design.spelling import spell
from nnsweep.design.sweep import NOTHING, SEED, Axis, Success, Sweep
from nnsweep.status import ENDED
from nnsweep.store.contents import parse_params
from nnsweep.store.rows import Row
from nnsweep.trials.grid import Grid
from nnsweep.trials.ids import to_numbers
from nnsweep.trials.stored import stored_grid

OWN = "imported"
"""The parameter that says where a run comes from."""
LARGEST = 2**63


@dataclass(frozen=True)
class ImportedSweep:
    """A sweep of imported runs."""

    sweep: Sweep
    trials: Grid
    unseeded: int
    """How many runs had no seed: each is a replicate of its own."""
    hidden: int
    """How many runs have the settings and the seed of another one, which is shown in their place."""


@dataclass
class _Run:
    id: str
    order: tuple[str, str]
    ended: bool
    settings: dict[str, Any]
    seed: int | None


def sweep_of(
    rows: Sequence[Row],
    name: str,
    seed_name: str,
    success: Success | None,
    search: Search | None = None,
    spaces: Mapping[str, Space] = NOTHING,
) -> ImportedSweep:
    """Make the sweep of all imported runs of a store. Seeds are the innermost axis.

    `search` and `spaces` say how the runs were chosen, where that is known.

    Of several runs with equal settings and an equal seed the last one that ended is shown.
    """
    runs = sorted(map(_read, rows), key=lambda run: run.order)
    names = list(dict.fromkeys(name for run in runs for name in run.settings))
    values = {name: _values([run.settings.get(name) for run in runs]) for name in names}
    varied = [name for name in names if len(values[name]) > 1]
    for run in runs:
        run.settings = {name: _same(run.settings.get(name), values[name]) for name in names}
    cells: defaultdict[tuple[Hashable, ...], dict[int, _Run]] = defaultdict(dict)
    unseeded = [run for run in runs if run.seed is None]
    for run in [run for run in runs if run.seed is not None]:
        _place(cells[tuple(run.settings[name] for name in varied)], run)
    for run in unseeded:
        cell = cells[tuple(run.settings[name] for name in varied)]
        cell[next(seed for seed in range(len(cell) + 1) if seed not in cell)] = run
    sweep = _sweep(name, seed_name, success, {name: values[name] for name in names}, cells)
    axes = tuple(replace(axis, space=spaces.get(axis.name)) for axis in sweep.axes)
    sweep = replace(sweep, axes=axes, search=search)
    return ImportedSweep(
        replace(sweep, source=_text(sweep)),
        _grid(varied, values, seed_name, cells),
        len(unseeded),
        len(runs) - sum(map(len, cells.values())),
    )


def _read(row: Row) -> _Run:
    params = parse_params(row.params)
    own, seed = params.pop(OWN), params.pop(SEED, None)
    order = (str(own["started"]), str(own["place"]))
    return _Run(row.id, order, row.outcome.status in ENDED, {n: _plain(v) for n, v in params.items()}, seed)


def _plain(value: Any) -> Any:
    """Make a value of an axis: lists become tuples, and whole numbers beyond 64 bits texts."""
    if isinstance(value, list):
        return tuple(map(_plain, value))
    if isinstance(value, dict):
        return spell(value)
    return str(value) if type(value) is int and not -LARGEST <= value < LARGEST else value


def _values(found: Sequence[Any]) -> list[Any]:
    """List the different values of a parameter: numbers in order, others as they come, a missing one last.

    1 and 1.0 are one value. Where truth values and numbers mix, all become texts: True and 1 would be one.
    """
    kinds = {type(value) for value in found}
    if bool in kinds and kinds & {int, float}:
        found = [None if value is None else str(value) for value in found]
    values = [value for value in dict.fromkeys(found) if value is not None]
    plain = all(type(value) in (int, float) for value in values)
    return [*(sorted(values) if plain else values), *([None] if None in found else [])]


def _same(value: Any, values: Sequence[Any]) -> Any:
    """Give a value as it stands among those of its axis."""
    texts = all(isinstance(each, str) for each in values if each is not None)
    return str(value) if texts and value is not None else value


def _place(cell: dict[int, _Run], run: _Run) -> None:
    assert run.seed is not None
    before = cell.get(run.seed)
    if before is None or run.ended or not before.ended:
        cell[run.seed] = run


def _sweep(
    name: str, seed_name: str, success: Success | None, values: Mapping[str, Sequence[Any]], cells: Mapping[Any, Any]
) -> Sweep:
    axes = [Axis(each, each, tuple(found)) for each, found in values.items() if len(found) > 1]
    fixed = {each: found[0] for each, found in values.items() if len(found) == 1}
    seeds = sorted({seed for cell in cells.values() for seed in cell})
    axes.append(Axis(seed_name, SEED, tuple(seeds)))
    return Sweep(name, IMPORTED, fixed=fixed, axes=tuple(axes), success=success)


def _grid(varied: Sequence[str], values: Mapping[str, Sequence[Any]], seed_name: str, cells: Mapping[Any, Any]) -> Grid:
    places = {name: {value: place for place, value in enumerate(values[name])} for name in varied}
    seeds = sorted({seed for cell in cells.values() for seed in cell})
    found = [
        (*(places[name][value] for name, value in zip(varied, settings, strict=True)), seeds.index(seed), run.id)
        for settings, cell in cells.items()
        for seed, run in cell.items()
    ]
    *columns, ids = zip(*sorted(found), strict=True)
    every = [*(values[name] for name in varied), seeds]
    codes = tuple(np.array(each, dtype=np.min_scalar_type(len(of))) for each, of in zip(columns, every, strict=True))
    return stored_grid([*varied, seed_name], every, codes, to_numbers(ids))


def _text(sweep: Sweep) -> str:
    """Write the sweep as a file, for readers: nothing can be trained by it."""
    lines = ["# Imported runs: they were trained elsewhere, and nnsweep cannot train more of them.", ""]
    lines += [f"name = {spell(sweep.name)}", f"trainer = {spell(IMPORTED)}", "", "[fixed]"]
    lines += [f"{spell(each)} = {spell(value)}" for each, value in sweep.fixed.items()]
    lines += ["", "[axes]"]
    lines += [f"{spell(axis.name)} = {_spell_values(axis)}" for axis in sweep.axes]
    success = sweep.success
    if success is not None:
        bound = "below" if success.lower else "above"
        lines += ["", "[success]", f"metric = {spell(success.metric)}", f"{bound} = {success.bound!r}"]
    return "\n".join([*lines, ""])


def _spell_values(axis: Axis) -> str:
    """Write the interval from which values were chosen, or all values."""
    space = axis.space
    if space is None:
        return spell(axis.values)
    if space.whole:
        return spell({"integers": [int(space.low), int(space.high)]} | ({"log": True} if space.log else {}))
    return spell({"log_uniform" if space.log else "uniform": [space.low, space.high]})
