"""How many seeds tell two settings of a sweep apart: asked before it is run, or before it is run for longer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from nnsweep.confidence import LEVEL
from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError
from nnsweep.folder.open import StoredSweep
from nnsweep.folder.paths import Folder
from nnsweep.format import percent
from nnsweep.questions.compare.comparison import two_values, within
from nnsweep.questions.compare.table import Pairs
from nnsweep.statistics.power import MOST_SEEDS, fewest_seeds, shares_of

ASSUMED = 0.1
"""The rate of the first setting, where none is stored and none is said."""


@dataclass(frozen=True)
class Power:
    """Seeds with which a difference of two success rates is found with 80 % power; None if more than 100,000.

    `gained` and `lost` are the shares of seeds in which the second setting alone succeeds, and the first. `one_cell` is
    for a single cell, `all_cells` for each of `cells` cells at worst, at the level that Bonferroni's correction leaves:
    the joint test of `nnsweep compare` needs fewer, the more the cells depend on each other.
    """

    names: tuple[str, str]
    difference: float
    gained: float
    lost: float
    cells: int
    source: str
    """Where the shares are from."""
    one_cell: int | None
    all_cells: int | None

    def to_json(self) -> dict[str, Any]:
        """Give the figures."""
        return asdict(self)

    def __str__(self) -> str:
        """Say how many seeds it takes."""
        head = f"to find that {self.names[1]} and {self.names[0]} differ by {percent(self.difference)} in success"
        said = f"{head}, with 80 % power: {_seeds(self.one_cell)} for one cell"
        if self.cells > 1:
            said += f", at worst {_seeds(self.all_cells)} for each of {self.cells:,} cells together"
        shares = f"one alone succeeds with {percent(self.gained)} of the seeds, the other with {percent(self.lost)}"
        return f"{said} ({self.source}: {shares})"


def power(sweep: Sweep, results: Path, on: str, difference: float, rate: float | None = None) -> Power:
    """Plan the seeds for a comparison of two values of an axis, `hidden=2,4`.

    From stored trials the share of pairs that disagree is taken, over all cells; else the two settings are taken for
    independent, the first with the success rate `rate`.

    Raises:
        NnsweepError: no such axis, or the rate and the difference are more than 1 together.
    """
    axis, first, second = two_values(sweep, on)
    names = tuple(f"{axis.name} = {axis.shown[value]}" for value in (first, second))
    cells = prod(len(each.values) for each in sweep.cell_axes if each.name != axis.name)
    stored = None if rate is not None else _disagreeing(sweep, results, on)
    if stored is None:
        rate = ASSUMED if rate is None else rate
        if rate + difference > 1:
            raise NnsweepError(
                f"--rate {rate:g} and --difference {difference:g} make a success rate of {rate + difference:g}; "
                "allowed: at most 1 together"
            )
        gained, lost = shares_of(rate, difference)
        source = f"assuming a rate of {percent(rate)}, and seeds that share no luck"
    else:
        share = max(stored, difference)
        gained, lost, source = (share + difference) / 2, (share - difference) / 2, "as the stored pairs disagree"
    needed = [fewest_seeds(gained, lost, LEVEL / count) for count in (1, cells)]
    return Power((names[0], names[1]), difference, gained, lost, cells, source, *needed)


def _disagreeing(sweep: Sweep, results: Path, on: str) -> float | None:
    """The share of stored pairs of which one alone succeeds; None where nothing is stored that tells."""
    if sweep.success is None or sweep.seed_name is None or not Folder(results / sweep.name).has_store():
        return None
    try:
        found = within(StoredSweep.of(sweep, results), on)
    except NnsweepError:
        return None
    pairs = Pairs.of(found.first, found.second, found.sweep.cell_names, sweep.seed_name, ["success"])
    if not pairs.there.any():
        return None
    gap = pairs.values["success_b"] - pairs.values["success_a"]
    return float(np.abs(gap[pairs.there]).mean())


def _seeds(count: int | None) -> str:
    return f"about {count:,} seeds" if count is not None else f"more than {MOST_SEEDS:,} seeds"
