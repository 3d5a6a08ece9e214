"""The trial that a function may ask for while it trains: it logs to it, and asks it whether to stop."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from nnsweep.trainers.gathered import Calls, Gathered
from nnsweep.trainers.live_files import Files
from nnsweep.trainers.logged import LARGEST_STEP, Block, History, Part, Row, packer, to_bytes
from nnsweep.trainers.protocol import Params
from nnsweep.trainers.same_names import PLAIN, SameNames, same_names
from nnsweep.trainers.saved import Source, check_name
from nnsweep.trainers.surroundings import NOWHERE, Surroundings

EVERY = 0.8
"""Seconds between two chunks that are sent: a kill loses what was logged since."""
NEARLY = 0.1
"""The share of its time at whose end a trial should stop."""
MARGIN = 10.0
"""Seconds before the end at which it should stop, at most."""
NO_NAME: tuple[str | None, bytearray] = None, bytearray()
ONE = packer(1)


class LiveTrial:
    """A trial that is being trained: `log` keeps numbers, `save` files, `should_stop` tells when time is nearly over.

    `params` are its parameters by name, `seed` is its seed.
    """

    def __init__(self, params: Params, surroundings: Surroundings) -> None:
        self.params: Params = dict(params)
        self.seed: int | None = params.get("seed")
        self.stopped = False
        """Whether `should_stop` has said yes."""
        self.results: dict[str, Any] = {}
        """Final numbers that count in place of those that were logged last."""
        self.left_out: dict[str, str] = {}
        """What was logged and cannot be kept, by name."""
        self._surroundings = surroundings
        self._until = time.monotonic() + surroundings.seconds - min(MARGIN, NEARLY * surroundings.seconds)
        self._same_names: dict[tuple[str, ...], SameNames | None] = {}
        self._run: SameNames | None = None
        """What takes the calls of `log` now, if they have the same names."""
        self._by_name = True
        """Whether calls reach `_run` where there is one. After `log = trial.log` they do not."""
        self._parts: list[Calls] = []
        self._late: list[Calls] = []
        """The parts that were taken last: a call of another thread may still add to them."""
        self._begin_part()
        self._gathered = Gathered(self.left_out)
        self._lock, self._process = Lock(), os.getpid()
        self._sent = 0
        self._due, self._begun, self._names = True, False, tuple[Any, ...]()
        self._files = Files(surroundings, self.left_out)

    def log(self, values: Mapping[str, Any] | None = None, /, *, step: int | None = None, **metrics: Any) -> None:
        """Keep numbers by name, as of a step: a whole number from 0 on, by default the one after the last.

        Names that are no keywords of Python go into a dict: `trial.log({"train/loss": 0.3}, step=7)`. A name that is
        logged again at the same step replaces its number. What is no number is not kept, and the run says so.
        """
        if len(metrics) == 1 and values is None and type(step) is int:  # for `log = trial.log`, which is not replaced
            name, calls = self._one_name
            if name in metrics and type(value := metrics[name]) is float and 0 <= step <= LARGEST_STEP:
                calls += ONE.pack(step, value)  # at once, so that no other thread comes between
                return
        if values is not None:
            metrics = {**values, **metrics}
        for value in metrics.values():
            if type(value) not in PLAIN:
                metrics = self._gathered.plain(metrics)
                break
        if step is not None and type(step) is not int:
            step = self._gathered.plain_step(step)
        if self._run is not None:
            self._by_name = False
            self._end_run()
        self._append((step, metrics))
        if self._due:
            self._send_due()
        elif self._by_name and values is None:
            self._begin_run(tuple(metrics))

    def should_stop(self) -> bool:
        """Tell whether the time that the trial may take is nearly over: its last tenth, at most its last ten seconds.

        Then save what is needed and return: the trial counts as `timeout`, and keeps what it logged.
        """
        self.stopped = self.stopped or time.monotonic() >= self._until
        return self.stopped

    def save(self, name: str, source: Source) -> None:
        """Keep a file: bytes, the path of a file, or a function that writes one to the path that it is given.

        Names may have folders: `checkpoints/3.npz`. A name that is saved again replaces its file. On a full disk the
        file is not kept, and the run says so.

        Raises:
            NnsweepError: the name or the source is none. OSError: a path cannot be read.
        """
        self._files.save(check_name(name), source)

    @property
    def folder(self) -> Path:
        """An empty folder of this trial. Files that are in it when the function returns or raises are saved."""
        return self._files.folder

    @property
    def last(self) -> dict[str, float]:
        """The last number that was logged under each name."""
        self._gather()
        return dict(self._gathered.last)

    def history(self) -> History:
        """Give what was logged so far as a history."""
        self._gather()
        return self._gathered.history()

    def close(self) -> None:
        """Save the files of its folder, and send nothing any more."""
        self._files.close()
        with self._lock:
            self._surroundings = NOWHERE
            self._end_run()
            self._same_names.clear()  # they refer to this trial, which would stay in memory

    def tick(self) -> None:
        """Send what was logged since the last chunk; where nothing was, the next call of `log` sends."""
        if any(calls for _, calls in self._parts):
            self._send()
        elif self._begun:
            self._due = True

    def _log_otherwise(self, values: Any = None, /, **given: Any) -> None:
        """Log what the function of a run does not take."""
        self._end_run()
        LiveTrial.log(self, values, **given)

    def _begin_part(self) -> None:
        """Take rows of `log` into a list of their own from now on."""
        self._end_run()
        rows: list[Row] = []
        self._parts.append((None, rows))
        self._append = rows.append

    def _begin_run(self, names: tuple[Any, ...]) -> None:
        """Take calls with these names into a list from now on, if the call before had the same."""
        if names == self._names:
            if names not in self._same_names:
                self._same_names[names] = same_names(names, self._log_otherwise)
            run = self._same_names[names]
            if run is not None:
                with self._lock:
                    calls = names, bytearray()
                    self._parts.append(calls)
                    self._begin_part()
                    run.use(calls[1])
                    self.log = run.log  # pyright: ignore[reportAttributeAccessIssue]
                    self._run = run
                    self._one_name = (names[0], calls[1]) if len(names) == 1 else NO_NAME
        self._names = names

    def _end_run(self) -> None:
        self._one_name = NO_NAME
        if self._run is not None:
            self._run.use(None)
            self._run = None
            with suppress(AttributeError):  # another thread was first
                del self.log

    def _send_due(self) -> None:
        self._due = False
        if self._begun:
            self._send()
        elif self._surroundings.send is not None:
            self._begun = True
            _start_ticking()

    def _send(self) -> None:
        with self._lock:
            blocks, send = self._take(), self._surroundings.send
            if blocks and send is not None and os.getpid() == self._process:
                number, self._sent = self._sent, self._sent + 1
                send(Part(number, to_bytes(blocks)))

    def _gather(self) -> None:
        with self._lock:
            self._take()

    def _take(self) -> list[Block]:
        """Move what was logged into blocks, and give those that are new, as far as there is room for them."""
        parts, self._late, self._parts = [*self._late, *self._parts], self._parts, []
        self._begin_part()
        return [block for part in parts for block in self._gathered.take(part)]


class Training:
    """What a function did with its trial, which is known also where it raised; nothing if it was given none."""

    trial: LiveTrial | None = None

    @property
    def history(self) -> History:
        """What it logged."""
        return {} if self.trial is None else self.trial.history()

    @property
    def left_out(self) -> dict[str, str]:
        """What it logged and cannot be stored, by name."""
        return {} if self.trial is None else self.trial.left_out


_surroundings = NOWHERE
_training = Training()
_current: LiveTrial | None = None
_ticking = 0
"""The process whose thread sends what is logged."""


def current() -> LiveTrial | None:
    """Give the trial that this process is training by a function; None if it trains none."""
    return _current if _current is not None and _current._process == os.getpid() else None


@contextmanager
def surrounded(surroundings: Surroundings) -> Iterator[Training]:
    """Train a trial in the block in these surroundings."""
    global _surroundings, _training
    before = _surroundings, _training
    _surroundings, _training = surroundings, Training()
    try:
        yield _training
    finally:
        _surroundings, _training = before


@contextmanager
def live(params: Params) -> Iterator[LiveTrial]:
    """Make a trial the one that is trained in the block."""
    global _current
    before, _current = _current, LiveTrial(params, _surroundings)
    trial = _training.trial = _current
    try:
        yield trial
    finally:
        _current = before
        trial.close()


def _start_ticking() -> None:
    global _ticking
    if _ticking != os.getpid():  # after a fork, only the parent has the thread
        _ticking = os.getpid()
        Thread(target=_tick, daemon=True).start()


def _tick() -> None:
    while True:
        time.sleep(EVERY)
        trial = current()
        if trial is not None:
            trial.tick()
