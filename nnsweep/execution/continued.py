"""Trainings that continue from the state in which an earlier stack of the same run left them."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Any

from nnsweep.trainers.protocol import EPOCHS, Outcome, Params, Trainer

STATES = ".states-"
"""How the name of the folder begins, in the results folder."""


@contextmanager
def kept_states(folder: Path) -> Iterator[str]:
    """Make a folder for states, which only this user can read, and remove it in the end.

    Nothing reads what a killed run has left: it is removed here.
    """
    for left in folder.glob(f"{STATES}*"):
        rmtree(left, ignore_errors=True)
    with TemporaryDirectory(prefix=STATES, dir=folder, ignore_cleanup_errors=True) as made:
        yield str(Path(made).absolute())


def train_on(trainer: Trainer, stack: Sequence[Params], folder: str) -> list[Outcome]:
    """Train each trial from the latest state of its training that the folder has, or from the start; keep the new one.

    A state that is missing or cannot be read costs time only: the training starts again, and has the same bits.
    """
    found = dict[int, Outcome]()
    kept = [_Kept(Path(folder), trainer, params, params[EPOCHS]) for params in stack]
    places = sorted(range(len(stack)), key=lambda place: kept[place].epochs)
    for epochs, group in groupby(places, key=lambda place: kept[place].epochs):
        some = list(group)
        states = {place: kept[place].load() for place in some}
        new = [place for place in some if states[place] is None]
        states |= zip(new, trainer.start([stack[place] for place in new]) if new else (), strict=True)
        advanced = trainer.advance([states[place] for place in some], epochs)
        for place, (state, outcome) in zip(some, advanced, strict=True):
            kept[place].store(state)
            found[place] = outcome
    return [found[place] for place in range(len(stack))]


class _Kept:
    """The file of the last state of one training, with the epoch at which it stopped."""

    def __init__(self, folder: Path, trainer: Trainer, params: Params, epochs: int) -> None:
        key = repr((trainer.name, trainer.version, trainer.fingerprint(params), trainer.training_key(params)))
        self._path = folder / blake2b(key.encode(), digest_size=16).hexdigest()
        self.epochs = epochs

    def load(self) -> Any:
        """Read the state if it is from before the epoch that is asked for; None if there is none."""
        with suppress(Exception):  # no file, or what a user's state raises when it is made again
            epochs, state = pickle.loads(self._path.read_bytes())
            return state if epochs < self.epochs else None
        return None

    def store(self, state: Any) -> None:
        """Write a state. One that cannot be written is left out."""
        draft = self._path.with_suffix(f".{os.getpid()}")
        with suppress(Exception):  # no such folder on another machine, a full disk, or a state that no pickle holds
            draft.write_bytes(pickle.dumps((self.epochs, state)))
            draft.replace(self._path)
