"""One failure pattern for each failing trial, from the numbers of its diagnosis; tables call it `signature`.

A trial fails if it did not end well or is no success. Its pattern is the first of `SIGNATURES` that fits. Causes are
listed before symptoms: a network whose units are all dead also has a constant output, but is named after its units.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnsweep.status import FAILURES
from nnsweep.trials.outcomes import STATUSES, Ends

DEAD = 1.0
"""Smallest share of dead hidden units for "all units dead": with fewer dead units, the others may still learn."""
MANY_DEAD = 0.5
"""Smallest share of dead hidden units for "many units dead". Successes have this too, but more rarely."""
SATURATED = 0.9
"""Smallest share of saturated hidden units for "units saturated": hardly any gradient passes them."""
CONSTANT = 0.01
"""Largest range of outputs for "constant output", as a share of the targets' range."""

NUMBERS: Mapping[str, str] = {
    "dead": "dead hidden units",
    "saturated": "saturated hidden units",
    "output_range": "range of the output",
    "changed": "steps that changed a weight",
    "nonfinite_epoch": "first epoch that was not finite",
}
"""The numbers of a diagnosis and their meanings; `trainers.protocol.Outcome` defines them."""
SHARES = ("dead", "saturated", "changed")
"""The numbers that are shares between 0 and 1."""


@dataclass(frozen=True)
class Condition:
    """A failure pattern: its meaning, and the bounds between which a number of the diagnosis shows it."""

    meaning: str
    number: str
    at_least: float = -math.inf
    at_most: float = math.inf

    def __str__(self) -> str:
        return f"{self.number} ≥ {self.at_least:g}" if self.at_most == math.inf else f"{self.number} ≤ {self.at_most:g}"

    def holds(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which values are within the bounds; NaN is not."""
        return (values >= self.at_least) & (values <= self.at_most)


CONDITIONS: Mapping[str, Condition] = {
    "all units dead": Condition("no hidden unit has a slope at any training sample", "dead", at_least=DEAD),
    "units saturated": Condition(
        "nearly all hidden units are at the ends of their range", "saturated", at_least=SATURATED
    ),
    "never updated": Condition("no step changed a weight", "changed", at_most=0.0),
    "constant output": Condition("every training sample gives the same output", "output_range", at_most=CONSTANT),
    "many units dead": Condition(
        "half of the hidden units or more have no slope at any training sample", "dead", at_least=MANY_DEAD
    ),
}
"""The conditions by name, in order of precedence. A trial may meet several."""

UNEXPLAINED, UNDIAGNOSED = "unexplained", "not diagnosed"

MEANINGS: Mapping[str, str] = {
    "diverged": "a weight or a metric was not finite",
    **{name: condition.meaning for name, condition in CONDITIONS.items()},
    UNEXPLAINED: "no such sign: it may still be learning, or have come to a poor end",
    UNDIAGNOSED: "its trainer reported no numbers",
    "failed": "an error was raised",
    "crashed": "its worker died",
    "timeout": "it took too long",
}
"""The meaning of each pattern."""

SIGNATURES = tuple(MEANINGS)
"""Every pattern, in order of precedence."""


def numbers(ends: Ends) -> dict[str, NDArray[np.float64]]:
    """Return each number of `NUMBERS` for every trial, (trials,); NaN if the trainer did not report it."""
    return {name: ends.diagnosis(name) for name in NUMBERS}


def conditions(diagnosis: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.bool_]]:
    """Return for each condition which trials meet it, (trials,); a trial whose number is NaN does not."""
    return {name: condition.holds(diagnosis[condition.number]) for name, condition in CONDITIONS.items()}


def signatures(
    status: NDArray[np.uint8], failing: NDArray[np.bool_], diagnosis: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.object_]:
    """Return the pattern of each failing trial, (trials,); an empty text for other trials.

    `status` are places in `outcomes.NAMES`.
    """
    known = np.logical_or.reduce([~np.isnan(values) for values in diagnosis.values()])
    ended = (status == STATUSES.index(each) for each in ("diverged", *FAILURES))
    fits = [~failing, *ended, *conditions(diagnosis).values(), known]
    names = ["", "diverged", *FAILURES, *CONDITIONS, UNEXPLAINED]
    return np.array([*names, UNDIAGNOSED], dtype=object)[np.select(fits, range(len(names)), len(names))]


def counted(signatures: Iterable[str] | Mapping[str, int]) -> dict[str, int]:
    """Count the failing trials of each pattern that occurs, the most frequent first; also of those counted before."""
    return {name: count for name, count in Counter(signatures).most_common() if name}
