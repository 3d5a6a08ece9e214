"""How many seeds it takes to tell two settings of a sweep apart, computed before they are trained."""

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
"""The assumed success rate of the first setting, if no rate is stored or given."""


@dataclass(frozen=True)
class Power:
    """The number of seeds that detects a difference of two success rates with 80 % power; None if above 100,000.

    `gained` is the share of seeds with which only the second setting succeeds, `lost` that of the first. `one_cell` is
    the number for a single cell. `all_cells` is an upper bound for all `cells` together, by Bonferroni's correction:
    the joint test of `nnsweep compare` needs fewer seeds if the cells depend on each other.
    """

    names: tuple[str, str]
    difference: float
    gained: float
    lost: float
    cells: int
    source: str
    """Where the shares come from."""
    one_cell: int | None
    all_cells: int | None

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a dict."""
        return asdict(self)

    def __str__(self) -> str:
        """Say how many seeds are needed."""
        head = f"to find that {self.names[1]} and {self.names[0]} differ by {percent(self.difference)} in success"
        text = f"{head}, with 80 % power: {_seeds(self.one_cell)} for one cell"
        if self.cells > 1:
            text += f", at worst {_seeds(self.all_cells)} for each of {self.cells:,} cells together"
        shares = f"one alone succeeds with {percent(self.gained)} of the seeds, the other with {percent(self.lost)}"
        return f"{text} ({self.source}: {shares})"


def power(sweep: Sweep, results: Path, on: str, difference: float, rate: float | None = None) -> Power:
    """Compute how many seeds a comparison of two values of an axis needs; `on` is such as `hidden=2,4`.

    If trials are stored, the share of pairs that disagree is taken from them, over all cells. Otherwise the two
    settings are assumed to be independent, and the first to have the success rate `rate`.

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
    """The share of stored pairs in which exactly one trial succeeds; None if no pair is stored."""
    if sweep.success is None or sweep.seed_name is None or not Folder(results / sweep.name).has_store():
        return None
    try:
        stored = within(StoredSweep.of(sweep, results), on)
    except NnsweepError:
        return None
    pairs = Pairs.of(*stored.sides, stored.sweep.cell_names, sweep.seed_name, ["success"])
    if not pairs.present.any():
        return None
    gap = pairs.values["success_b"] - pairs.values["success_a"]
    return float(np.abs(gap[pairs.present]).mean())


def _seeds(count: int | None) -> str:
    return f"about {count:,} seeds" if count is not None else f"more than {MOST_SEEDS:,} seeds"
