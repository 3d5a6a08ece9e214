"""Outline a sweep file without the code that it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnsweep.design.sweep import SEED, Sweep
from nnsweep.format import count_trials
from nnsweep.sweepfile.load import load
from nnsweep.sweepfile.product import combinations
from nnsweep.trainers.unimported import code_of, load_without_code


@dataclass(frozen=True)
class Outline:
    """A sweep's name, how many trials it has, and the code that it names, which was not imported."""

    name: str
    trials: int
    code: Sequence[str]

    def __str__(self) -> str:
        """Write the outline, and what it does not know."""
        unknown = "whether its parameters fit and which trials are stored is not known without it"
        return f"{self.name}: {count_trials(self.trials)}\nnot imported: {', '.join(self.code)}; {unknown}"

    def to_json(self) -> dict[str, Any]:
        """Return the outline as a dict for JSON."""
        return {"name": self.name, "trials": self.trials, "not_imported": list(self.code)}


def outline(path: Path, overrides: Sequence[str] = ()) -> Outline:
    """Read a sweep file without importing or calling anything that it names.

    Raises:
        SpecError: listing what is wrong with the file and the overrides, a line each.
    """
    sweep = load(path, overrides, load_without_code)
    included = [value for entry in sweep.include for value in entry.values()]
    values = [sweep.fixed, sweep.cases, [axis.values for axis in sweep.axes], included]
    return Outline(sweep.name, _count(sweep), code_of(sweep.trainer, values))


def _count(sweep: Sweep) -> int:
    """Count the trials of a grid, or those that a search trains at most, as far as it limits them."""
    if sweep.search is None:
        return sum(1 for _ in combinations(sweep.axes, sweep.include, sweep.exclude))
    seeds = next((len(axis.values) for axis in sweep.axes if axis.parameter == SEED), 1)
    limits = ((sweep.search.configurations or 0) * seeds, sweep.search.trainings)
    return min((each for each in limits if each), default=0)
