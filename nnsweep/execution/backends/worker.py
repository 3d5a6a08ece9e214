"""What a worker process does: get ready, then train one stack after another until its parent ends it."""

from __future__ import annotations

import gc
import os
import pickle
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from math import inf
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from nnsweep import data
from nnsweep.computing import computing
from nnsweep.data.places import look_beside
from nnsweep.data.words import plain_line
from nnsweep.defaults import NUMPY
from nnsweep.errors import NnsweepError
from nnsweep.execution.backends.base import StackResult
from nnsweep.execution.packages import IMPORTED
from nnsweep.execution.stack import Stack
from nnsweep.execution.training import train_stack
from nnsweep.parent import end_with_parent
from nnsweep.threads import libraries
from nnsweep.trainers import load
from nnsweep.trainers.logged import Part
from nnsweep.trainers.protocol import Outcome, Params, Trainer
from nnsweep.trainers.saved import SavedFile
from nnsweep.trainers.session import unpack
from nnsweep.trainers.surroundings import Surroundings

DIGITS = 8
"""How many digits of its id begin each line that a trial prints."""


class Pipe(Protocol):
    """One end of a pipe for messages."""

    def send_bytes(self, content: bytes, /) -> None: ...
    def recv_bytes(self) -> bytes: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class Setup:
    """What a worker must know before it can train."""

    folder: str
    """The folder in which the sweep's code is looked for first."""
    trainer_name: str
    version: str
    """The version of the trainer in the parent."""
    packed: bytes | None
    """The trainer itself, if no module holds it."""
    remote: bool = False
    """Whether the worker may be on another machine."""
    working: str = ""
    """The working directory; "" is that of the parent."""
    mirror: str = ""
    """The folder below which files of another machine lie, each at its whole path; "" if there is none."""
    artifacts: str = ""
    """The folder for files that trials save; "" if nobody keeps them."""
    engine: str = NUMPY
    """What computes stacks."""
    artifacts_number: int = 0
    """The number by which its file system knows the folder around it."""

    def artifacts_here(self) -> Path | None:
        """Give the folder for files, if this process reaches it: another machine may have one with the same name."""
        folder = Path(self.artifacts)
        if not self.artifacts or not self.remote:
            return folder if self.artifacts else None
        with suppress(OSError):
            return folder if folder.parent.stat().st_ino == self.artifacts_number else None
        return None


@dataclass(frozen=True)
class Job:
    """A stack to train: `fingerprints` are those of the data in the parent, `name` stands before what is printed.

    Trials of one kind have the same data: each fingerprint has the place of the first trial of its kind.
    `sizes` are how many of the trials each training has, if the stack may have trainings of several stack keys.
    """

    params: Sequence[Params]
    fingerprints: Mapping[int, str]
    name: str
    silent: bool
    sizes: Sequence[int] = ()
    states: str = ""
    seconds: float = inf
    """How long the stack may take."""

    @classmethod
    def of(cls, stack: Stack, fingerprint: Callable[[Params], str], mixed: bool = False) -> Job:
        """Describe a stack; `mixed` is whether it may have trainings of several stack keys."""
        trials = stack.trials
        numbers, kinds = np.unique(trials.kinds.numbers, return_index=True)[1].tolist(), trials.kinds.first.params()
        name = trials[0].id[:DIGITS] + "…" * (len(trials) > 1)
        fingerprints = dict(zip(numbers, map(fingerprint, kinds), strict=True))
        return cls(trials.packed_params(), fingerprints, name, stack.silent, stack.sizes if mixed else (), stack.states)


class Kept(NamedTuple):
    """What a trial logged or saved, and the place of the trial in its stack."""

    place: int
    content: Part | SavedFile


READY = "ready"


def serve(pipe: Pipe, parent: int) -> None:
    """Answer a `Setup` with `READY`, then each `Job` with a `StackResult`, or either with an error that ends the run.

    Any number of `Kept` may come before the answer to a job.
    Messages are pickled here, not by the pipe, so that what cannot be pickled is found before a byte is sent.
    """
    end_with_parent(parent)
    gc.set_threshold(1_000_000)  # as the command line does
    try:
        setup = pickle.loads(pipe.recv_bytes())
        pipe.send_bytes(_get_ready(setup))
        with computing(setup.engine):
            while True:
                job = pickle.loads(pipe.recv_bytes())
                pipe.send_bytes(_answer(setup.trainer_name, job, pipe, setup.artifacts_here()))
    except (EOFError, OSError):  # the parent has closed the pipe, or has ended
        return


def _get_ready(setup: Setup) -> bytes:
    try:
        if setup.working:
            os.chdir(setup.working)
        look_beside(setup.folder, setup.mirror)
        make_ready(setup.trainer_name, setup.version, setup.packed, setup.remote)
    except NnsweepError as error:
        return pickle.dumps(error)
    except BaseException as error:  # the import of a user's module may raise anything
        return pickle.dumps(_cannot("load its trainer", error))
    return pickle.dumps(READY)


def make_ready(trainer_name: str, version: str, packed: bytes | None = None, remote: bool = False) -> None:
    """Import what training needs, before any trial's time is counted. `packed` is a trainer that no module holds.

    Raises:
        NnsweepError: the trainer has another version here than in the process that named the trials.
    """
    if packed is not None:
        with IMPORTED.watch():
            unpack(packed)
    if load(trainer_name).version != version:
        if remote:
            what = "its source is not that of the run; copy it there, or run again if it was edited"
        else:
            what = "its source has changed since the run began; run again"
        raise NnsweepError(f"trainer `{trainer_name}`: {what}")
    libraries()


def _answer(trainer_name: str, job: Job, pipe: Pipe, artifacts: Path | None = None) -> bytes:
    try:
        _check_data(trainer_name, job)
        result = _train(trainer_name, job, pipe, artifacts)
    except NnsweepError as error:
        return pickle.dumps(error)
    except BaseException as error:  # users' data functions may raise anything
        return pickle.dumps(_cannot("read its data", error))
    return pickle_result(result)


def _train(trainer_name: str, job: Job, pipe: Pipe, artifacts: Path | None = None) -> StackResult:
    """Train the parts of a stack one after the other. Each may take its share of the time."""
    parts = list(_parts(load(trainer_name), job)) if job.sizes else [(0, len(job.params))]
    seconds = job.seconds / len(parts)
    results = [
        train_stack(
            trainer_name,
            list(job.params[start:end]),
            job.name,
            job.silent,
            job.states,
            Surroundings(None if job.silent else partial(_send, pipe, start), seconds, artifacts),
        )
        for start, end in parts
    ]
    if len(results) == 1:
        return results[0]
    return StackResult(
        [outcome for result in results for outcome in result.outcomes],
        sum(result.seconds for result in results),
        [each for result in results for each in result.left_out],
        [(start, text) for (start, _), result in zip(parts, results, strict=True) for _, text in result.printed],
        [name for result in results for name in result.imported],
        dict(sum((Counter(result.steps) for result in results), Counter[str]())),
    )


def _send(pipe: Pipe, place: int, content: Part | SavedFile) -> None:
    with suppress(OSError):  # the parent has ended, and so will this process
        pipe.send_bytes(pickle.dumps(Kept(place, content)))


def _parts(trainer: Trainer, job: Job) -> Iterator[tuple[int, int]]:
    """Find which neighbouring trials may be trained together: trainings of one stack key, not above the capacity."""
    start = place = count = 0
    for size in job.sizes:
        params = job.params[place]
        apart = count and trainer.stack_key(params) != trainer.stack_key(job.params[start])
        if apart or (count and count == trainer.capacity(params)):
            yield start, place
            start, count = place, 0
        place, count = place + size, count + 1
    yield start, place


def _check_data(trainer_name: str, job: Job) -> None:
    """Make sure that this process reads the data that the run began with.

    Raises:
        NnsweepError: the data are others.
    """
    data.refresh()
    fingerprint = load(trainer_name).fingerprint
    if any(fingerprint(job.params[place]) != known for place, known in job.fingerprints.items()):
        raise NnsweepError(
            "a worker finds other data than the run began with: their file was edited, or their function makes others "
            "in each process, as with `hash()` or without its seed; nothing was stored of them; run again"
        )


def _cannot(do: str, error: BaseException) -> NnsweepError:
    said = plain_line(error)
    return NnsweepError(f"a worker could not {do}: {type(error).__name__}{f': {said}' if said else ''}")


def pickle_result(result: StackResult) -> bytes:
    """Pickle what came of a stack. A trial whose outcome no pickle can hold has `failed`; the others are kept."""
    try:
        return pickle.dumps(result)
    except Exception:  # a user's object may raise anything
        return pickle.dumps(result._replace(outcomes=list(map(_sendable, result.outcomes))))


def _sendable(outcome: Outcome) -> Outcome:
    try:
        pickle.dumps(outcome)
    except Exception as error:
        failure = f"its outcome could not be sent by the worker: {type(error).__name__}: {plain_line(error)}"
        return Outcome("failed", seconds=outcome.seconds, failure=failure)
    return outcome
