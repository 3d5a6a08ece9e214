"""Import runs that were trained elsewhere into a results folder, where they are compared and drawn like others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from nnsweep.data.words import plain_line
from nnsweep.defaults import IMPORTED
from nnsweep.design.sweep import SEED, Success
from nnsweep.errors import NnsweepError, SpecError
from nnsweep.execution.command import command
from nnsweep.files import write_file
from nnsweep.folder.other_results import is_same
from nnsweep.folder.paths import Folder
from nnsweep.format import did_you_mean
from nnsweep.store import Store, lock
from nnsweep.store.contents import parse_params
from nnsweep.store.rows import Row, digest
from nnsweep.sweepfile.model import FOLDER
from nnsweep.tables.metrics import returned
from nnsweep.trackers.imported_run import Asked, ImportedRun
from nnsweep.trackers.imported_sweep import OWN, ImportedSweep, sweep_of
from nnsweep.trackers.targets import IMPORTS, parse
from nnsweep.trainers.protocol import EPOCH, Outcome
from nnsweep.trainers.returned import Checked, check, why_refused
from nnsweep.trainers.unimported import Unimported
from nnsweep.trials.outcomes import Ends
from nnsweep.trials.trial import canonical_json


@dataclass(frozen=True)
class Wanted:
    """How runs become a sweep. `seed` is the parameter that is the replicate, `metrics` are those that are read."""

    name: str = ""
    seed: str = ""
    metrics: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    """Parameters that are left out."""
    experiment: str = ""
    step: str = ""
    """The column of the steps in a CSV file."""
    below: float | None = None
    above: float | None = None


@dataclass
class Imported:
    """What an import has read, and what it could not read."""

    folder: Path
    source: str
    read: int = 0
    new: int = 0
    changed: int = 0
    notices: list[str] = field(default_factory=list)
    axes: Sequence[str] = ()

    def __str__(self) -> str:
        there = self.read - self.new - self.changed
        counts = [(self.new, "new"), (self.changed, "changed"), (there, "there already")]
        said = ", ".join(f"{count:,} {what}" for count, what in counts if count)
        lines = [f"{self.source}: {self.read:,} run{'s' * (self.read != 1)}{': ' * bool(said)}{said}"]
        lines += [f"warning: {notice}" for notice in self.notices]
        return "\n".join([*lines, f"axes: {', '.join(self.axes)}", f"imported to {self.folder}"])


def import_from(source: str, results: Path, wanted: Wanted) -> Imported:
    """Store the runs of a tracker or of a file, each once, and make the sweep of all that the folder has.

    Raises:
        NnsweepError: nothing can be read there, or the options do not fit. StoreError: the folder cannot be written.
    """
    if wanted.below is not None and wanted.above is not None:
        raise SpecError("--below and --above: found both; allowed: one of them")
    kind, place = parse(source, IMPORTS)
    if wanted.step and kind != "csv":
        raise SpecError(f"--step names a column of a CSV file; {kind} has the steps of its runs")
    asked = Asked(wanted.experiment, wanted.metrics, wanted.seed or SEED, wanted.step)
    runs = list(import_module(f"nnsweep.trackers.sources.from_{kind}").read(place, asked))
    if not runs:
        raise NnsweepError("; ".join([f"{source}: found no run that has ended", *asked.notices]))
    seed, folder = _seed(wanted, runs, source), Folder(results / _name(wanted, kind, place, asked.experiment))
    _check_names(wanted, runs, source, asked.offered)
    found = Imported(folder.root, source, len(runs), notices=asked.notices)
    rows = list(_rows(runs, kind, seed, wanted, found))
    with lock(folder.root):
        folder.make()
        with Store.open(folder.store) as store:
            _check_folder(store, folder)
            _success(wanted, rows)  # before anything is written
            _store(store, rows, source, found)
            _describe(store, folder, seed, wanted, found, asked)
    return found


def _name(wanted: Wanted, kind: str, place: str, experiment: str) -> str:
    name = wanted.name or experiment or (Path(place).stem if kind == "csv" else kind)
    name = name if wanted.name else re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")[:64]
    if not re.fullmatch(FOLDER, name):
        raise NnsweepError(
            f"--name: found `{name}`; allowed: up to 64 letters (A to Z, a to z), digits, `_`, `-` and `.`"
        )
    return name


def _seed(wanted: Wanted, runs: Sequence[ImportedRun], source: str) -> str:
    """Name the parameter that is the seed: the one that is asked for, or `seed` where runs have it."""
    names = list(dict.fromkeys(name for run in runs for name in run.params))
    if wanted.seed and wanted.seed not in names:
        raise _unknown("parameter", wanted.seed, names, source)
    return wanted.seed or SEED


def _check_names(wanted: Wanted, runs: Sequence[ImportedRun], source: str, offered: Iterable[str]) -> None:
    measured = list(dict.fromkeys(name for run in runs for name in (*run.metrics, *run.history)))
    asked = list(dict.fromkeys(name for run in runs for name in run.params))
    for name in wanted.metrics:
        if name not in measured:
            others = [*dict.fromkeys([*measured, *offered])]
            raise _unknown("metric", name, [each for each in others if each != name], source)
        why = _why_not_stored(name)
        if why:
            raise NnsweepError(f"{source}: found the metric `{name}`, {why}")
    for name in wanted.ignored:
        if name not in asked:
            raise _unknown("parameter", name, asked, source)


def _unknown(what: str, name: str, known: Sequence[str], source: str) -> NnsweepError:
    allowed = ", ".join(known) or "none"
    return NnsweepError(f"{source}: no {what} `{name}`; allowed: {allowed}{did_you_mean(name, known)}")


def _why_not_stored(metric: str) -> str:
    if metric == EPOCH:
        return "the steps of curves: not stored; give it another name"
    return why_refused(metric, Unimported(IMPORTED))


def _check_folder(store: Store, folder: Folder) -> None:
    sweep = store.sweep()
    if sweep is not None and sweep.trainer != IMPORTED:
        raise NnsweepError(f"{folder.root}: has trials of `{sweep.trainer}`; choose another name for runs: --name NAME")


def _rows(runs: Iterable[ImportedRun], kind: str, seed: str, wanted: Wanted, found: Imported) -> Iterator[Row]:
    left_out: Counter[str] = Counter()
    trainer = Unimported(IMPORTED)
    for place, run in enumerate(runs):
        outcome = Outcome(run.status, run.metrics, run.history, run.seconds, run.failure)
        checked = check(outcome, trainer)
        left_out.update(f"`{name}`, {why}" for name, why in _left_out(run, checked).items())
        kept = checked.outcome
        if run.status == "ok" and not run.metrics:
            kept = Outcome("failed", seconds=run.seconds, failure="the run has no metric")
        params = _params(run, kind, place, seed, wanted, found.source)
        id = digest([IMPORTED, kind, run.key])
        yield Row(id, IMPORTED, "", canonical_json(params), kept)
    found.notices += [f"{count} of {found.read} runs have {what}" for what, count in left_out.items()]


def _left_out(run: ImportedRun, checked: Checked) -> Mapping[str, str]:
    """Name what is not stored. Of a run of which nothing is, `check` tells nothing."""
    if run.status != "ok" or checked.outcome.status != "failed":
        return checked.left_out
    return {name: why for name in run.metrics if (why := _why_not_stored(name))}


def _params(run: ImportedRun, kind: str, place: int, seed: str, wanted: Wanted, source: str) -> dict[str, Any]:
    measured = {*run.metrics, *run.history, *wanted.ignored, seed}
    params: dict[str, Any] = {OWN: {"from": kind, "run": run.key, "started": run.started, "place": f"{place:08d}"}}
    for name, value in run.params.items():
        if name not in measured:
            params[_free(name, params)] = _storable(value)
    if seed in run.params and run.params[seed] is not None:
        params[SEED] = _whole(run.params[seed], seed, f"{source}, {run.name}")
    return params


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """Make a name for a parameter, which others and our own ones do not have."""
    plain = plain_line(name).strip() or "_"
    while plain in taken or plain == SEED:
        plain += "_"
    return plain


def _storable(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_storable(each) for each in value]
    return "nan" if value != value else value


def _whole(value: Any, name: str, where: str) -> int:
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    if type(whole) is not int or not 0 <= whole < 2**63:
        raise NnsweepError(f"{where}, {name}: found {plain_line(value)}; allowed: whole numbers from 0 on, for a seed")
    return whole


def _store(store: Store, rows: Sequence[Row], source: str, found: Imported) -> None:
    there = {row.id: row for row in store.rows([row.id for row in rows])}
    new = [row for row in rows if row.id not in there]
    changed = [row for row in rows if row.id in there and not _is_known(row, there[row.id])]
    found.new, found.changed = len(new), len(changed)
    if new or changed:
        number = store.begin_run({"imported": {source: found.read}}, command())
        store.insert(number, [*new, *changed])
        store.end_run(number, 0, 0.0)


def _is_known(row: Row, there: Row) -> bool:
    return _asked(row) == _asked(there) and is_same(row._replace(params=there.params), there)


def _asked(row: Row) -> dict[str, Any]:
    """Give the parameters, whatever the place of the run among those that were read."""
    params = parse_params(row.params)
    return params | {OWN: params[OWN] | {"place": ""}}


def _describe(store: Store, folder: Folder, seed: str, wanted: Wanted, found: Imported, asked: Asked) -> None:
    rows = [row for block in store.stream() for row, _ in block]
    before = store.sweep()
    success = _success(wanted, rows) or (before.success if before else None)
    search = replace(asked.search, metric="") if asked.search and success else asked.search  # success ranks
    made = sweep_of(rows, folder.root.name, seed, success, search, asked.spaces)
    metrics = returned(made.sweep, [Ends.of(made.trials, store.columns(made.trials.ids))])
    store.describe(made.sweep, metrics, made.trials)
    write_file(folder.grid, lambda path: path.write_text(made.sweep.source, encoding="utf-8"))
    found.axes = [f"{axis.name} ({len(axis.values):,})" for axis in made.sweep.axes]
    found.notices += _notices(made, seed)
    if search is None:
        found.notices += _without_replicates(made)


def _success(wanted: Wanted, rows: Iterable[Row]) -> Success | None:
    if wanted.below is None and wanted.above is None:
        return None
    measured = list(dict.fromkeys(name for row in rows for name in row.outcome.metrics))
    if not wanted.metrics and len(measured) != 1:
        raise NnsweepError(f"--below, --above: name the metric with --metric; allowed: {', '.join(measured)}")
    return Success((wanted.metrics or measured)[0], wanted.below, wanted.above)


def _notices(made: ImportedSweep, seed: str) -> Iterator[str]:
    if made.unseeded:
        yield f"{made.unseeded:,} of them have no `{seed}`: each is a replicate of its own; name another with --seed"
    if made.hidden:
        yield (
            f"{made.hidden:,} have the settings and the seed of another, and are stored but not shown; the last that "
            "ended is"
        )


def _without_replicates(made: ImportedSweep) -> Iterator[str]:
    runs = len(made.trials)
    for axis in made.sweep.cell_axes:
        if runs > 3 and len(axis.values) == runs:
            yield f"`{axis.name}` differs in every run, so that there are no replicates; leave it out with --ignore"
