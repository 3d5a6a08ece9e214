"""Export the trials of a stored sweep to another tracker: what is there already is not written twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module

from nnsweep.data.words import plain_line
from nnsweep.errors import NnsweepError, StoreError
from nnsweep.execution.progress import Progress
from nnsweep.folder.open import StoredSweep
from nnsweep.folder.paths import EXPORT_LOCK, Folder
from nnsweep.format import count_trials
from nnsweep.store.lock import Held, hold
from nnsweep.trackers.exporter import Exporter
from nnsweep.trackers.targets import EXPORTS, parse

EXPORTERS = {
    "mlflow": "MlflowExporter",
    "tensorboard": "TensorBoardExporter",
    "wandb": "WandbExporter",
    "trackio": "TrackioExporter",
    "optuna": "OptunaExporter",
}
"""The class of each tracker, in `exporters/`."""


@dataclass
class Exported:
    """How many trials went to a tracker."""

    target: str
    written: int = 0
    again: int = 0
    """Trials that had changed since they were exported, and were written anew."""
    there: int = 0
    outdated: int = 0
    """Trials that had changed, and that the tracker cannot replace."""
    left_out: int = 0
    """Trials of which a saved file is damaged or lost."""
    problem: str = ""
    """What is wrong with the first such file."""

    def __str__(self) -> str:
        counts = [(self.written, "new"), (self.again, "in place of what they were"), (self.there, "there already")]
        counts += [(self.outdated, "changed since, which cannot be replaced there"), (self.left_out, "left out")]
        said = ", ".join(f"{count:,} {what}" for count, what in counts if count)
        first = f"\nleft out, the first: {self.problem}" if self.problem else ""
        return f"{self.target}: {count_trials(sum(count for count, _ in counts))}{': ' * bool(said)}{said}{first}"


def check_target(target: str) -> None:
    """Make sure that trials can be exported to a target, as far as its name and its package tell.

    Raises:
        NnsweepError: they cannot.
    """
    parse(target, EXPORTS)


def export_to(stored: StoredSweep, target: str, where: Sequence[str] = (), quiet: bool = True) -> Exported:
    """Write the stored trials of a sweep to a tracker, each once, in grid order.

    What a killed export has left in part is written anew.

    Raises:
        NnsweepError: the target is not allowed, its package is missing, it cannot be used, another program exports
            the sweep, or a condition meets no trial. StoreError: the store is damaged.
    """
    kind, place = parse(target, EXPORTS)
    with _alone(stored.folder):
        found, exporter = Exported(target), _open(target, kind, place, stored.sweep.name)
        try:
            with exporter, Progress(len(stored.outcomes), quiet) as progress:
                _write(exporter, stored, where, found, progress)
        except exporter.errors as error:
            raise _told(target, error) from None
    return found


@contextmanager
def _alone(folder: Folder) -> Iterator[None]:
    """Let one program at a time export a results folder: a second one would not see what the first one writes.

    A folder that cannot be written is exported without a lock.

    Raises:
        NnsweepError: another program is exporting it.
    """
    with ExitStack() as held:
        try:
            with suppress(StoreError):
                held.enter_context(hold(folder.root / EXPORT_LOCK))
        except Held:
            raise NnsweepError(f"{folder.root}: another program is exporting it; run again when it has ended") from None
        yield


def _open(target: str, kind: str, place: str, sweep: str) -> Exporter:
    maker = getattr(import_module(f"nnsweep.trackers.exporters.to_{kind}"), EXPORTERS[kind])
    try:
        return maker(place, sweep)
    except NnsweepError:
        raise
    except Exception as error:  # whatever the tracker's package raises where its place cannot be used
        raise _told(target, error) from None


def _told(target: str, error: Exception) -> NnsweepError:
    return NnsweepError(f"{target}: {type(error).__name__}: {plain_line(error)}")


def _write(exporter: Exporter, stored: StoredSweep, where: Sequence[str], found: Exported, progress: Progress) -> None:
    known = exporter.known()
    before = dict(known)
    for record in exporter.records(stored, where):
        there = before.get(record.id)
        if there == record.digest:
            found.there += 1
        elif there is not None and not exporter.replaces:
            found.outdated += 1
        elif record.problem:
            found.left_out += 1
            found.problem = found.problem or record.problem
        else:
            if there is not None:
                exporter.remove(record.id)
            exporter.write(record)
            found.again += bool(there)
            found.written += not there
        progress.update(record.size)
