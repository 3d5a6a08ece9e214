"""A made-up sweep of the forum's shape, and smaller ones, with outcomes to table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from nnsweep.design.sweep import Axis, Report, Success, Sweep
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.outcomes import Ends

ALPHAS = tuple(n / 1000 for n in range(1, 10)) + tuple(n / 100 for n in range(1, 6))


@dataclass(frozen=True, slots=True)
class FakeTrial:
    id: str
    settings: Mapping[str, Any]
    params: Mapping[str, Any]
    params_json: str = ""


def sweep_of(report: Report | None = None, seeds: int = 50, **axes: tuple[Any, ...]) -> Sweep:
    named = [Axis(name, {"alpha": "learning_rate"}.get(name, name), values) for name, values in axes.items()]
    named.append(Axis("seed", "seed", tuple(range(seeds))))
    return Sweep(
        name="forum",
        trainer="fake",
        axes=tuple(named),
        success=Success("error", below=0.05),
        report=report or Report(),
    )


def forum() -> Sweep:
    return sweep_of(alpha=ALPHAS, epochs=(1, 2, 3, 4, 5, 6), hidden=((2,), (4,)))


def trials_of(sweep: Sweep) -> list[FakeTrial]:
    names = [axis.name for axis in sweep.axes]
    settings = [dict(zip(names, values, strict=True)) for values in product(*(a.values for a in sweep.axes))]
    return [FakeTrial(f"{number:016x}", each, {}) for number, each in enumerate(settings)]


def ends_of(found: Sequence[Outcome | None]) -> Ends:
    """What became of some trials, one after another; None of one without an outcome."""
    trials = [FakeTrial(f"{number:016x}", {}, {}) for number in range(len(found))]
    return Ends.of(trials, {t.id: each for t, each in zip(trials, found, strict=True) if each is not None})


def outcomes_of(trials: list[FakeTrial]) -> dict[str, Outcome]:
    """Errors that fall with alpha, epochs and hidden, as the forum's do, from a fixed stream."""
    noise = np.random.default_rng(1).random(len(trials)).tolist()
    return {t.id: Outcome("ok", {"error": _error(t.settings, u)}) for t, u in zip(trials, noise, strict=True)}


def _error(settings: Mapping[str, Any], noise: float) -> float:
    hidden = settings.get("hidden", (2,))
    width = hidden[0] if isinstance(hidden, tuple) else hidden
    progress = settings.get("alpha", 0.01) * settings.get("epochs", 3) * width * 30
    return round(500 * noise / (1 + progress * (0.3 + noise))) / 1000
