"""How few trials a race over seeds could need on the forum's grid, if it knew more than a race can know.

    python benchmarks/race_bounds.py [orders]

The 168 configurations get up to 50 seeds, in several orders. Those that may be the best by all 50 seeds are the
members. An oracle knows them, and gives them either all seeds or as many as a race does before it keeps any (16).
Each other configuration gets seeds until one of these rules it out, looked at after every seed:

- the joint test of `best`, at 5 % at each look, without any correction for the number of looks;
- the same at 1 % at each of six looks, which is a correction;
- the evidence of a race, if it bet on the best configuration of all 50 seeds alone, from the first seed on.

The trainings: trials that differ only in their epochs are one, and go on as long as any of them gets seeds.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
from races import BOUND, SHAPE, forum

from nnsweep.statistics.race import SLOPES, scores_of_ranks
from nnsweep.statistics.ranks import doubled_ranks
from nnsweep.statistics.subset import best_set

SEEDS, FIRST, KEPT_AT = 50, 3, 16
FLIPS = 2_000
EVERY: dict[int, float] = dict.fromkeys(range(FIRST, SEEDS + 1), 0.05)
SIX: dict[int, float] = dict.fromkeys((8, 13, 20, 30, 40, 50), 0.01)


def by_ranks(losses: np.ndarray) -> np.ndarray:
    return doubled_ranks(-losses.reshape(1, -1)).reshape(losses.shape)


def by_success(losses: np.ndarray) -> np.ndarray:
    return (losses < BOUND).astype(float)


def joint_test(losses: np.ndarray, scores_of, looks: dict[int, float]) -> np.ndarray:
    """Return after how many seeds the joint test first rules out each configuration."""
    found = np.full(len(losses), SEEDS)
    for count, level in sorted(looks.items(), reverse=True):
        scores = scores_of(losses[:, :count])
        found[best_set(scores, np.ones(scores.shape, dtype=bool), FLIPS).p <= level] = count
    return found


def informed_bets(scores: np.ndarray, best: int) -> np.ndarray:
    """Return after how many seeds bets on the best configuration alone reach an evidence of 20."""
    factors = 1 + np.tanh(SLOPES * (scores[best] - scores)[..., None])
    evidence = np.cumprod(factors, axis=1).mean(axis=2) >= 20
    return np.where(evidence.any(axis=1), evidence.argmax(axis=1) + 1, SEEDS)


def bounds(losses: np.ndarray, best: int, scores_of) -> Iterator[tuple[str, np.ndarray]]:
    yield "joint test, every look", joint_test(losses, scores_of, EVERY)
    yield "joint test, six looks", joint_test(losses, scores_of, SIX)
    yield "informed bets", informed_bets(scores_of_ranks(-losses) if scores_of is by_ranks else scores_of(losses), best)


def main(orders: int) -> None:
    losses = forum()
    for name, scores_of in (("error", by_ranks), ("success", by_success)):
        scores = scores_of(losses)
        members, best = best_set(scores, np.ones(scores.shape, dtype=bool)).stays, int(scores.sum(axis=1).argmax())
        pairs = members.reshape(SHAPE).any(axis=1).sum()
        print(f"by {name}: {members.sum()} members, in {pairs} of {SHAPE[0] * SHAPE[2]} trainings of a seed")
        found: dict[tuple[str, int], list[np.ndarray]] = {}
        for number in range(orders):
            order = np.random.default_rng(number).permutation(SEEDS)
            for kind, seeds in bounds(losses[:, order], best, scores_of):
                for own in (SEEDS, KEPT_AT):
                    found.setdefault((kind, own), []).append(np.where(members, own, np.maximum(FIRST, seeds)))
        for (kind, own), each in found.items():
            trials = np.mean(each, axis=1) / SEEDS
            trainings = np.mean([seeds.reshape(SHAPE).max(axis=1).mean() for seeds in each]) / SEEDS
            span = f"{trials.min():.2f} to {trials.max():.2f}"
            print(f"  {kind}, members get {own}: {trials.mean():.3f} of the trials ({span}), {trainings:.3f} trainings")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 12)
