"""What changed in the numbers from one run, or one sweep, to another: outcomes of trials, and rates of cells."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from nnsweep.design.sweep import SEED, Success, Sweep, label
from nnsweep.errors import NnsweepError
from nnsweep.files import digest_bytes
from nnsweep.folder.other_results import first_difference
from nnsweep.folder.paths import Folder
from nnsweep.format import count_trials
from nnsweep.store import Store
from nnsweep.store.rejected import content_of
from nnsweep.store.rows import Row
from nnsweep.sweepfile.parameters import as_value
from nnsweep.trials.ids import to_texts

MOST = 200_000
"""Trials of a side that are compared one by one."""


class _Seen(NamedTuple):
    """What is kept of a trial: its id, a digest of its outcome, whether it is a success (None: not asked), its cell."""

    id: str
    outcome: str
    success: bool | None
    cell: str


@dataclass(frozen=True)
class Side:
    """The trials of a run, or with no number those of a whole sweep."""

    folder: Folder
    name: str
    run: int | None = None


@dataclass(frozen=True)
class CellChange:
    """A cell whose successes changed: how many, of how many trials, before and after."""

    settings: Mapping[str, Any]
    before: tuple[int, int]
    after: tuple[int, int]


@dataclass
class Numbers:
    """What changed in the numbers. Trials are the same if all of their parameters are, the seed too."""

    names: tuple[str, str]
    success: str = ""
    same: int = 0
    """Trials of both with the same outcome, bit for bit."""
    different: list[tuple[str, str]] = field(default_factory=list)
    """The ids, before and after, of trials of both with other outcomes."""
    example: str = ""
    """How the outcomes of the first of these differ."""
    only: tuple[int, int] = (0, 0)
    """Trials that only one of the two has."""
    cells: int = 0
    """Cells that both have."""
    changed: list[CellChange] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a dict for JSON."""
        cells = [
            {"settings": dict(each.settings), "before": list(each.before), "after": list(each.after)}
            for each in self.changed
        ]
        return {**vars(self), "names": list(self.names), "only": list(self.only), "changed": cells}


def compare_numbers(before: Side, after: Side) -> Numbers:
    """Compare the stored outcomes of two runs or sweeps, trial by trial and cell by cell.

    Raises:
        NnsweepError: a side has more trials than `MOST`. StoreError: a store is damaged.
    """
    sweep = _sweep(after.folder) or _sweep(before.folder)
    success = sweep.success if sweep else None
    one, other = (_read(side, success) for side in (before, after))
    found = Numbers((before.name, after.name), str(success) if success else "")
    shared = [key for key in one if key in other]
    found.only = len(one) - len(shared), len(other) - len(shared)
    pairs = [(one[key], other[key]) for key in shared]
    found.different = [(left.id, right.id) for left, right in pairs if left.outcome != right.outcome]
    found.same = len(pairs) - len(found.different)
    if found.different:
        left, right = found.different[0]
        found.example = _describe(before, left, after, right)
    if success is not None:
        _compare_cells(found, one, other, sweep)
    return found


def _sweep(folder: Folder) -> Sweep | None:
    with Store.read(folder.store) as store:
        return store.sweep()


def _read(side: Side, success: Success | None) -> dict[str, _Seen]:
    """Read what is kept of the trials of a side, by their parameters."""
    found: dict[str, _Seen] = {}
    with Store.read(side.folder.store) as store:
        kept = store.sweep_record()
        asked = None if side.run is not None or kept is None else set(to_texts(kept.trials.ids).tolist())
        for rows in store.stream():
            for row, run in rows:
                if run == side.run or (asked is not None and row.id in asked):
                    found[digest_bytes(f"{row.trainer}\0{row.params}".encode())] = _seen(row, success)
            if len(found) > MOST:
                raise NnsweepError(
                    f"{side.name}: found more than {count_trials(MOST)}; allowed: at most so many are compared one by "
                    "one; nnsweep compare compares the cells of two sweeps of any size"
                )
    return found


def _seen(row: Row, success: Success | None) -> _Seen:
    value = None if success is None else row.outcome.metrics.get(success.metric)
    params = {name: value for name, value in json.loads(row.params).items() if name != SEED}
    outcome = row._replace(id="", version="", params="")
    return _Seen(
        row.id,
        digest_bytes(content_of(outcome).encode("utf-8", "surrogatepass")),
        None if success is None else value is not None and bool(success.holds(value)),
        json.dumps(params, sort_keys=True),
    )


def _describe(before: Side, left: str, after: Side, right: str) -> str:
    rows: list[Row] = []
    for side, id in ((before, left), (after, right)):
        with Store.read(side.folder.store) as store:
            rows += [row._replace(version="", params="") for row in store.rows([id])]
    name, one, other = first_difference(rows[0], rows[1]) or ("its numbers", "of other types", "")
    ids = left if left == right else f"{left} and {right}"
    return f"{ids}: {name} is {one} in {before.name}, {other} in {after.name}"


def _compare_cells(found: Numbers, one: Mapping[str, _Seen], other: Mapping[str, _Seen], sweep: Sweep | None) -> None:
    before, after = (_count(side.values()) for side in (one, other))
    shared = [cell for cell in before if cell in after]
    found.cells = len(shared)
    changed = [cell for cell in shared if before[cell][0] * after[cell][1] != after[cell][0] * before[cell][1]]
    changed.sort(key=lambda cell: -abs(before[cell][0] / before[cell][1] - after[cell][0] / after[cell][1]))
    names = _varying(list(before.keys() | after.keys()))
    aliases = {axis.parameter: axis.name for axis in sweep.axes} if sweep else {}
    for cell in changed:
        params = json.loads(cell)
        settings = {aliases.get(name, name): label(as_value(params[name])) for name in names if name in params}
        found.changed.append(CellChange(settings, before[cell], after[cell]))


def _count(trials: Collection[_Seen]) -> dict[str, tuple[int, int]]:
    """Count the successes and the trials of each cell."""
    found: dict[str, tuple[int, int]] = {}
    for each in trials:
        successes, count = found.get(each.cell, (0, 0))
        found[each.cell] = successes + bool(each.success), count + 1
    return found


def _varying(cells: Sequence[str]) -> list[str]:
    """List the parameters that are not the same in all cells."""
    every = [json.loads(cell) for cell in cells]
    names = dict.fromkeys(name for params in every for name in params)
    return [name for name in names if any(params.get(name) != every[0].get(name) for params in every)]
