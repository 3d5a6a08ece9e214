"""The last sweep that was run in the folder, as the store keeps it: names, axes, metrics, success, grid."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from nnsweep.design.spelling import to_json
from nnsweep.design.sweep import Axis, Success, Sweep
from nnsweep.errors import StoreError
from nnsweep.store import contents
from nnsweep.store.access import Access
from nnsweep.store.rows import Row, digest
from nnsweep.store.schema import results_view
from nnsweep.store.sqlite_errors import AGAIN
from nnsweep.trials.grid import Grid, Trial
from nnsweep.trials.ids import to_texts


@dataclass(frozen=True)
class SweepRecord:
    """A sweep read from its store: values are texts and numbers as in tables; trials have no parameters."""

    sweep: Sweep
    metrics: list[str]
    trials: list[Trial]


def keep(access: Access, sweep: Sweep, metrics: Sequence[str], trials: Sequence[Trial]) -> None:
    """Store a sweep and its grid, and make the view `results`, unless they are stored already."""
    labels, grid = {axis.name: axis.labels for axis in sweep.axes}, Grid.of(trials)
    pairs = zip(to_texts(grid.ids).tolist(), grid.settings(), strict=True)
    rows = [(at, id, _labelled(settings, labels)) for at, (id, settings) in enumerate(pairs)]
    found = (_to_text(sweep, metrics, access.path), _digest_grid(rows))
    found = (*found, digest(found))
    if access.rows("select sweep, grid, digest from shown") == [found]:
        return
    with access.transaction() as connection:
        connection.execute("drop view if exists results")
        connection.execute("delete from grid")
        connection.execute("delete from shown")
        connection.executemany("insert into grid values (?, ?, ?)", rows)
        connection.execute(results_view([axis.name for axis in sweep.axes], metrics))
        connection.execute("insert into shown values (?, ?, ?)", found)


def sweep(access: Access) -> Sweep | None:
    """Read the sweep; None if none is stored.

    Raises:
        StoreError: it is not as it was written.
    """
    kept = _kept(access)
    return None if kept is None else _to_sweep(kept[0], access.path)[0]


def read(access: Access) -> SweepRecord | None:
    """Read the sweep and its trials; None if none are stored.

    Raises:
        StoreError: they are not as they were written.
    """
    kept = check(access)
    if kept is None:
        return None
    found, metrics = _to_sweep(kept[0], access.path)
    names = [axis.name for axis in found.axes]
    trials = [trial for rows in _grid(access) for trial in _to_trials(rows, names, access.path)]
    return SweepRecord(_with_added(found, trials), metrics, trials)


def _with_added(sweep: Sweep, trials: Sequence[Trial]) -> Sweep:
    """Add to the axes the values that come from `include`: earlier versions stored only the values of the grid."""
    found = {axis.name: dict.fromkeys(trial.settings[axis.name] for trial in trials) for axis in sweep.axes}
    for axis in sweep.axes:
        for value in axis.values:
            found[axis.name].pop(value, None)
    return replace(sweep, axes=tuple(replace(axis, added=tuple(found[axis.name])) for axis in sweep.axes))


def check(access: Access) -> Row | None:
    """Compare the sweep and the grid with their digests; return the sweep's JSON and the grid's digest, or None.

    Raises:
        StoreError: it is not as it was written.
    """
    kept = _kept(access)
    if kept is not None and _digest_grid(row for rows in _grid(access) for row in rows) != kept[1]:
        raise StoreError(f"{access.path}: its grid is not as it was written; {AGAIN}")
    return kept


def _kept(access: Access) -> Row | None:
    for *kept, written in access.rows("select sweep, grid, digest from shown"):
        if digest(kept) != written:
            raise StoreError(f"{access.path}: its sweep is not as it was written; {AGAIN}")
        return tuple(kept)
    return None


def _grid(access: Access) -> Iterator[list[Row]]:
    return access.parts("select position, trial, settings from grid where position > ? order by position")


def _to_text(sweep: Sweep, metrics: Sequence[str], where: Path) -> str:
    """Write as JSON what a sweep's tables need, and the relative path from its results to the folder of its file."""
    axes = [_axis(axis) for axis in sweep.axes]
    success = None if sweep.success is None else asdict(sweep.success)
    named = {"name": sweep.name, "description": sweep.description, "trainer": sweep.trainer}
    named |= {"source": sweep.source, "overrides": list(sweep.overrides)}
    if sweep.folder and os.path.splitdrive(sweep.folder)[0] == os.path.splitdrive(where.absolute())[0]:
        named["folder"] = Path(os.path.relpath(sweep.folder, where.absolute().parent)).as_posix()
    return _encode(named | {"axes": axes, "metrics": list(metrics), "success": success})


def _axis(axis: Axis) -> list[Any]:
    added = [axis.labels[value] for value in axis.added]
    return [axis.name, axis.parameter, [axis.labels[value] for value in axis.values], *([added] if added else [])]


def _digest_grid(rows: Iterable[Row]) -> str:
    found = blake2b(digest_size=16)
    for _, id, settings in rows:
        found.update(f"{id}{settings}\n".encode("utf-8", "surrogatepass"))
    return found.hexdigest()


def _to_sweep(text: str, where: Path) -> tuple[Sweep, list[str]]:
    try:
        kept = contents.parse_sweep(text)
    except (ValueError, TypeError, KeyError, RecursionError):  # The digest matches: it is forged.
        raise StoreError(f"{where}: a sweep that nnsweep did not write; run the sweep again with --fresh") from None
    sweep = Sweep(
        kept.name,
        kept.trainer,
        kept.description,
        axes=tuple(Axis(each.name, each.parameter, tuple(each.values), tuple(each.added)) for each in kept.axes),
        success=Success(**kept.success.model_dump()) if kept.success else None,
        source=kept.source,
        overrides=tuple(kept.overrides),
        folder=os.path.abspath(where.parent / kept.folder) if kept.folder else "",
    )
    return sweep, kept.metrics


def _to_trials(rows: Sequence[Row], names: Sequence[str], where: Path) -> list[Trial]:
    try:
        settings = contents.parse(f"[{','.join(row[2] for row in rows)}]")
        contents.check_grid([row[1] for row in rows], settings, names)
        return [Trial(row[1], each, {}, "") for row, each in zip(rows, settings, strict=True)]
    except (ValueError, TypeError, RecursionError):
        raise StoreError(f"{where}: a grid that nnsweep did not write; run the sweep again with --fresh") from None


def _labelled(settings: Mapping[str, Any], labels: Mapping[str, Mapping[Any, Any]]) -> str:
    return f"{{{','.join(_member(name, labels[name][value]) for name, value in settings.items())}}}"


@lru_cache(maxsize=4096, typed=True)  # A grid repeats few values: encoding each of them takes four times as long.
def _member(name: str, label: Any) -> str:
    return f"{_encode(name)}:{_encode(label)}"


def _encode(value: Any) -> str:
    return to_json(value, separators=(",", ":"), ensure_ascii=False)
