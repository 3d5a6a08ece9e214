"""The last sweep that was run in the folder, as the store keeps it: names, axes, metrics, success, grid."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nnsweep.design.search import Search, Space
from nnsweep.design.spelling import label, to_json
from nnsweep.design.sweep import Axis, Success, Sweep
from nnsweep.errors import StoreError
from nnsweep.store.access import AT_ONCE, Access, Ints, Values
from nnsweep.store.grid import digest_grid, to_levels, to_rows, write_grid
from nnsweep.store.rows import digest
from nnsweep.store.schema import results_view
from nnsweep.store.shapes import METRIC, REAL, Measures
from nnsweep.store.sqlite_errors import AGAIN
from nnsweep.trials.codes import number_rows
from nnsweep.trials.grid import Grid
from nnsweep.trials.stored import stored_grid
from nnsweep.trials.trial import Trial

if TYPE_CHECKING:
    from nnsweep.store.stored_sweep import StoredAxis, StoredSearch

VIEW = "select substr(sql, length('create view ') + 1) from sqlite_master where name = 'results'"
"""The text of the view, in which SQLite writes its first words in capitals."""


@dataclass(frozen=True)
class SweepRecord:
    """A sweep read from its store: values are texts and numbers as in tables; trials have no parameters."""

    sweep: Sweep
    metrics: list[str]
    trials: Grid


def keep(access: Access, sweep: Sweep, metrics: Sequence[str], trials: Sequence[Trial]) -> None:
    """Store a sweep and its grid, and make the view `results`, unless they are stored already."""
    grid = Grid.of(trials)
    found = (_to_text(sweep, metrics, access.path), digest_grid(to_rows(sweep.axes, grid)))
    found = (*found, digest(found))
    names = [axis.name for axis in sweep.axes]
    view = results_view(names, metrics, Measures(access).of_metrics())
    kept = access.rows("select sweep, grid, digest from shown"), access.rows(VIEW)
    if kept == ([found], [(view.removeprefix("create view "),)]):
        return
    with access.transaction() as connection:
        measures = Measures(access)
        for name in metrics:
            measures.make(connection, METRIC, name, REAL)
        connection.execute("drop view if exists results")
        write_grid(connection, to_rows(sweep.axes, grid), [list(axis.labels.values()) for axis in sweep.axes])
        connection.execute(results_view(names, metrics, measures.of_metrics()))
        connection.execute("delete from shown")
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
    with access.snapshot():
        kept = _kept(access)
        if kept is None:
            return None
        found, metrics = _to_sweep(kept[0], access.path)
        ids, *codes = _checked_grid(access, kept, len(found.axes))
    return SweepRecord(found, metrics, _to_trials(ids, codes, found.axes, access.path))


def has_grid(access: Access, sweep: Sweep, trials: Grid) -> bool:
    """Whether the stored grid was written with these trials, in which case it need not be read.

    Raises:
        StoreError: its digest is not as it was written.
    """
    kept = _kept(access)
    return kept is not None and kept[1] == digest_grid(to_rows(sweep.axes, trials))


def check(access: Access) -> None:
    """Compare the sweep and the grid with their digests, and the view with the text that they give.

    Raises:
        StoreError: it is not as it was written.
    """
    with access.snapshot():
        kept = _kept(access)
        if kept is None:
            return
        found, metrics = _to_sweep(kept[0], access.path)
        _checked_grid(access, kept, len(found.axes))
        levels = access.rows_as_they_are("select axis, code, value from level order by axis, code")
        if levels != to_levels([axis.every for axis in found.axes]):
            raise StoreError(f"{access.path}: its grid is not as it was written; {AGAIN}")
        _check_view(access, [axis.name for axis in found.axes], metrics)


def _check_view(access: Access, axes: Sequence[str], metrics: Sequence[str]) -> None:
    """Compare the view with the text for the columns that it reads: a later one may have been added since."""
    found = "".join(text for (text,) in access.rows(VIEW))
    read = set(re.findall(r"trial\.(m\d+)", found))
    columns = {
        name: [each for each in of_metric if each in read] for name, of_metric in Measures(access).of_metrics().items()
    }
    if found != results_view(axes, metrics, columns).removeprefix("create view "):
        raise StoreError(
            f"{access.path}: its view `results` is not as it was written; restore the file from a copy, or run the "
            "sweep again, which writes the view"
        )


def _checked_grid(access: Access, kept: Values, axes: int) -> list[Ints]:
    """Read the columns of the grid: the ids of its trials, and the codes of their values."""
    ((first, last),) = access.rows("select min(position), max(position) from grid")
    names = ["trial", *(f"a{number}" for number in range(axes))]
    with access.imaged(last or 0):
        found = access.table("grid", np.dtype([(name, np.int64) for name in names]), first or 0, last or 0)
    query = f"select {', '.join(names)} from grid order by position"
    columns = access.integers(query) if found is None else [*found.values()]
    size = len(columns[0])
    rows = (np.stack([column[at : at + AT_ONCE] for column in columns], axis=1) for at in range(0, size, AT_ONCE))
    if digest_grid(rows) != kept[1] or (size and (first, last) != (0, size - 1)):
        raise StoreError(f"{access.path}: its grid is not as it was written; {AGAIN}")
    return columns


def _kept(access: Access) -> Values | None:
    for *kept, written in access.rows("select sweep, grid, digest from shown"):
        if digest(kept) != written:
            raise StoreError(f"{access.path}: its sweep is not as it was written; {AGAIN}")
        return tuple(kept)
    return None


def _to_text(sweep: Sweep, metrics: Sequence[str], where: Path) -> str:
    """Write as JSON what a sweep's tables need, and the relative path from its results to the folder of its file."""
    axes = [_axis(axis) for axis in sweep.axes]
    success = None if sweep.success is None else asdict(sweep.success)
    named: dict[str, Any] = {"name": sweep.name, "description": sweep.description, "trainer": sweep.trainer}
    named.update(source=sweep.source, overrides=list(sweep.overrides))
    if sweep.folder and os.path.splitdrive(sweep.folder)[0] == os.path.splitdrive(where.absolute())[0]:
        named["folder"] = Path(os.path.relpath(sweep.folder, where.absolute().parent)).as_posix()
    if sweep.search is not None:
        named["search"] = _search(sweep, sweep.search)
    return _encode(named | {"axes": axes, "metrics": list(metrics), "success": success})


def _search(sweep: Sweep, search: Search) -> dict[str, Any]:
    """Return how a search chose and ranked configurations, and from which spaces."""
    shown = {axis.parameter: axis.labels for axis in sweep.axes}
    spaces = {axis.name: asdict(axis.space) for axis in sweep.axes if axis.space is not None}
    conditions = {
        axis.name: {
            "only_if": {name: [shown[name].get(each, label(each)) for each in values] for name, values in axis.only_if},
            "default": axis.labels.get(axis.default, label(axis.default)),
        }
        for axis in sweep.axes
        if axis.only_if
    }
    return {
        "method": search.method,
        "metric": search.ranked_by,
        "highest": search.highest,
        "seed": search.seed,
        **({"average": search.average} if search.average != "median" else {}),  # as stores had it before
        **{key: list(search.own[key]) for key in ("metrics", "most") if search.own.get(key)},
        **({"spaces": spaces} if spaces else {}),
        **({"conditions": conditions} if conditions else {}),
    }


def _axis(axis: Axis) -> list[Any]:
    added = [axis.labels[value] for value in axis.added]
    return [axis.name, axis.parameter, [axis.labels[value] for value in axis.values], *([added] if added else [])]


def _to_sweep(text: str, where: Path) -> tuple[Sweep, list[str]]:
    from nnsweep.store.stored_sweep import parse_sweep

    try:
        kept = parse_sweep(text)
    except (ValueError, TypeError, KeyError, RecursionError):  # The digest matches: it is forged.
        raise StoreError(f"{where}: a sweep that nnsweep did not write; run the sweep again with --fresh") from None
    sweep = Sweep(
        kept.name,
        kept.trainer,
        kept.description,
        axes=tuple(_to_axis(each, kept.search) for each in kept.axes),
        success=Success(**kept.success.model_dump()) if kept.success else None,
        search=_to_search(kept.search) if kept.search else None,
        source=kept.source,
        overrides=tuple(kept.overrides),
        folder=os.path.abspath(where.parent / kept.folder) if kept.folder else "",
    )
    return sweep, kept.metrics


def _to_axis(kept: StoredAxis, search: StoredSearch | None) -> Axis:
    space = search.spaces.get(kept.name) if search else None
    found = search.conditions.get(kept.name) if search else None
    return Axis(
        kept.name,
        kept.parameter,
        tuple(kept.values),
        tuple(kept.added),
        Space(**space.model_dump()) if space else None,
        tuple((name, tuple(values)) for name, values in found.only_if.items()) if found else (),
        found.default if found else None,
    )


def _to_search(kept: StoredSearch) -> Search:
    own = {key: tuple(names) for key, names in (("metrics", kept.metrics), ("most", kept.most)) if names}
    return Search(kept.method, seed=kept.seed, metric=kept.metric, highest=kept.highest, average=kept.average, own=own)


def _to_trials(ids: Ints, codes: Sequence[Ints], axes: Sequence[Axis], where: Path) -> Grid:
    limits = [len(axis.every) for axis in axes]
    foreign = StoreError(f"{where}: a grid that nnsweep did not write; run the sweep again with --fresh")
    if any(((code < 0) | (code >= limit)).any() for code, limit in zip(codes, limits, strict=True)):
        raise foreign
    columns = tuple(code.astype(np.min_scalar_type(limit)) for code, limit in zip(codes, limits, strict=True))
    if len(number_rows(columns, len(ids))[0]) < len(ids):  # two trials in one place
        raise foreign
    return stored_grid([axis.name for axis in axes], [axis.every for axis in axes], columns, ids.view(np.uint64))


def _encode(value: Any) -> str:
    return to_json(value, separators=(",", ":"), ensure_ascii=False)
