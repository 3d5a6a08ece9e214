"""Whether stored searches are repetitions of each other: alike in all but the seed of the search."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError

FREE = ("name", "description", "report", "run", "keep")
"""Keys of a sweep file that change no result."""
FREE_OF_SEARCH = ("seed", "configurations", "trainings", "seconds", "confirm")
"""Keys of [search] in which repetitions may differ: the seed must, a budget may."""


def check_repetitions(first: Sweep, others: Sequence[Sweep]) -> None:
    """Make sure that searches differ in their seed, and in nothing else that matters.

    Raises:
        NnsweepError: they do not, or one is no search.
    """
    for sweep in (first, *others):
        if sweep.search is None:
            raise NnsweepError(f"{sweep.name}: no search; allowed: sweeps with a [search]")
    asked = _asked(first)
    for other in others:
        differing = [key for key in sorted(asked.keys() | _asked(other)) if asked.get(key) != _asked(other).get(key)]
        if differing:
            raise NnsweepError(
                f"{other.name} is no repetition of {first.name}: they differ in {', '.join(differing)}; allowed: "
                "searches that differ in the `seed` and the budget of [search] alone"
            )
    seeds = [sweep.search.seed for sweep in (first, *others) if sweep.search is not None]
    if len(set(seeds)) < len(seeds):
        names = ", ".join(sweep.name for sweep in (first, *others))
        raise NnsweepError(f"{names}: two of these have the same `seed` in [search], so that they are one search")


def _asked(sweep: Sweep) -> dict[str, Any]:
    """Return what a sweep asks, by key of its file: `fixed.data`, `axes.alpha`."""
    whole = tomllib.loads(sweep.source)
    kept = {key: value for key, value in whole.items() if key not in FREE}
    found = {
        f"{key}.{name}": each for key, value in kept.items() if isinstance(value, dict) for name, each in value.items()
    }
    found |= {key: value for key, value in kept.items() if not isinstance(value, dict)}
    found = {key: value for key, value in found.items() if key.removeprefix("search.") not in FREE_OF_SEARCH}
    options = [
        each for each in sweep.overrides if not each.startswith(tuple(f"search.{key}" for key in FREE_OF_SEARCH))
    ]
    return found | {f"--set {each}": True for each in options}
