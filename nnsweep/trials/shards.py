"""Shards: parts of a sweep that are trained apart, on machines that know nothing of each other."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from nnsweep.errors import SpecError
from nnsweep.trainers.protocol import Trainer
from nnsweep.trials.blocks import number_trainings
from nnsweep.trials.grid import Grid

FOLDER = re.compile(r"(.+)-shard-(\d+)-of-(\d+)")


class Shard(NamedTuple):
    """Part `number` of a sweep in `of` parts, from 1.

    It depends on the grid alone, not on what is stored. Trials of one training are in one shard. The trainings are
    dealt out in a random order that is always the same, so that shards take about the same time whatever the axes are.
    """

    number: int
    of: int

    def __str__(self) -> str:
        return f"shard {self.number} of {self.of}"

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read a text such as "3/16".

        >>> Shard.parse("3/16")
        Shard(number=3, of=16)

        Raises:
            SpecError: it is no such text.
        """
        found = re.fullmatch(r"([1-9]\d{0,8})/([1-9]\d{0,8})", text)
        if not (found and int(found[1]) <= int(found[2])):
            raise SpecError(f"shard {text!r}; allowed: 1/N to N/N, such as 3/16 for the third of 16 parts")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of_folder(cls, folder: str, sweep: str) -> Shard | None:
        """Read the shard of a sweep from the name of its results folder; None if it is none.

        >>> Shard.of_folder("forum-shard-3-of-16", "forum")
        Shard(number=3, of=16)
        """
        found = FOLDER.fullmatch(folder)
        return cls(int(found[2]), int(found[3])) if found and found[1] == sweep else None

    def folder(self, sweep: str) -> str:
        """Name the results folder of this shard of a sweep."""
        return f"{sweep}-shard-{self.number}-of-{self.of}"

    def take(self, trials: Grid, trainer: Trainer) -> Grid:
        """Give the trials of this shard.

        Raises:
            SpecError: there are none.
        """
        trainings = number_trainings(trials, trainer)
        count = int(trainings.max()) + 1
        if self.number > count:
            raise SpecError(
                f"{self}: it is empty, as the sweep has only {count:,} trainings; allowed: K/N with a K up to {count}"
            )
        # NumPy promises that the numbers of `RandomState` never change, as it does not of newer generators.
        dealt = np.random.RandomState(0).permutation(count) % self.of
        return trials.take((dealt[trainings] == self.number - 1).nonzero()[0])
