"""Races over seeds: nnsweep's beside irace's, SMAC's intensification, and a t-test after each seed.

    python benchmarks/races.py [repetitions]

On the 168 configurations of the forum's grid, with up to 50 seeds each in some orders, and losses from a table: which
share of the trials each takes, how many configurations it leaves, how many of these may be the best by all 50 seeds,
and whether the best of all 50 seeds is among them. nnsweep's race also by success, and the share of the trainings:
trials that differ only in their epochs are one training, which goes on as long as any of them is in the race.
Then 20 equal configurations with up to 40 seeds: how often a race rules out a given one, though it is as good as any.

irace is left out where there is no `Rscript` with the package irace, SMAC where it is not installed. irace names one of
those that it leaves. SMAC names one, and is given as many trials as our race took, a minute, and six orders at most.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import t as student

import nnsweep
from nnsweep.statistics.race import Race, scores_of_ranks
from nnsweep.statistics.ranks import doubled_ranks
from nnsweep.statistics.subset import best_set
from nnsweep.trials.search.racing import FIRST, SHARE

HERE = Path(__file__).parents[1]


SHAPE = 14, 6, 2
"""The alphas, epochs and widths of the forum's grid."""
BOUND = 0.05
"""Success is an error below it."""
MOST_OF_SMAC, SECONDS_OF_SMAC = 6, 60.0


class Raced(NamedTuple):
    """The configurations that are left or named, how many are left, and how many seeds each got or the sum of these."""

    left: np.ndarray
    count: int
    seeds: np.ndarray


def race(losses: np.ndarray, by_success: bool = False) -> Raced:
    """Race as `racing` does: by the ranks of the losses, or by success."""
    found, count = Race(*losses.shape), 0
    while len(found.next):
        size = max(1, count // SHARE) if count else FIRST
        part = losses[found.next, count : count + size]
        ranks = scores_of_ranks(-part)
        found.add((part < BOUND).astype(float) if by_success else ranks, ranks)
        count += size
    return Raced(found.remaining, len(found.remaining), found.seeds)


def t_race(losses: np.ndarray, level: float = 0.05, first: int = 5) -> Raced:
    """Rule out by a paired t-test with the best mean after each seed, without correction."""
    left, seeds = np.arange(len(losses)), np.zeros(len(losses), dtype=int)
    for count in range(1, losses.shape[1] + 1):
        seeds[left] += 1
        if count < first or len(left) == 1:
            continue
        so_far = losses[left, :count]
        gaps = so_far - so_far[so_far.mean(axis=1).argmin()]
        spread = gaps.std(axis=1, ddof=1) / np.sqrt(count)
        statistic = np.divide(gaps.mean(axis=1), spread, out=np.zeros(len(left)), where=spread > 0)
        left = left[statistic < student.ppf(1 - level / 2, count - 1)]
    return Raced(left, len(left), seeds)


IRACE = """
arguments <- commandArgs(trailingOnly = TRUE)
suppressMessages(library(irace))
losses <- as.matrix(read.csv("losses.csv", header = FALSE))
parameters <- readParameters(text = sprintf('cell "" c (%s)', paste(seq_len(nrow(losses)), collapse = ",")))
used <- 0
runner <- function(experiment, scenario) {
  used <<- used + 1
  list(cost = losses[as.integer(experiment$configuration$cell), as.integer(experiment$instance)])
}
scenario <- list(
  targetRunner = runner, instances = seq_len(ncol(losses)), configurationsFile = "cells.txt", deterministic = TRUE,
  elitist = FALSE, sampleInstances = FALSE, maxExperiments = length(losses), nbIterations = 1,
  nbConfigurations = nrow(losses), minNbSurvival = 1, seed = 1, logFile = "", testType = arguments[1])
elites <- irace(scenario, parameters)
cat("\\nresult", used, elites$cell[1], "\\n")
"""
"""One race of all configurations, which irace calls an iteration, over all seeds in their order."""


def irace(test: str, losses: np.ndarray) -> Raced:
    """Race with irace, which names the best and says how many are left."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.savetxt(folder / "losses.csv", losses, delimiter=",")
        (folder / "cells.txt").write_text("\n".join(["cell", *map(str, range(1, len(losses) + 1))]), encoding="utf-8")
        (folder / "race.R").write_text(IRACE, encoding="utf-8")
        command = ["Rscript", "race.R", test]
        text = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    rows = [line.split("|") for line in text.splitlines() if line.startswith("|") and "Instance" not in line]
    _, used, best = next(line for line in text.splitlines() if line.startswith("result")).split()
    return Raced(np.array([int(best) - 1]), int(rows[-1][3]), np.array(int(used)))


def intensified(trials: int, losses: np.ndarray) -> Raced:
    """Have SMAC draw configurations at random, and intensify: a challenger runs until it is behind the incumbent."""
    import smac
    from ConfigSpace import ConfigurationSpace, Integer
    from smac.main.exceptions import ConfigurationSpaceExhaustedException

    used = set()

    def loss(config: Any, seed: int = 0) -> float:
        used.add((config["cell"], seed))
        return float(losses[config["cell"], seed % losses.shape[1]])

    space = ConfigurationSpace(seed=0)
    space.add(Integer("cell", (0, len(losses) - 1)))
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scenario = smac.Scenario(
            space, n_trials=trials, walltime_limit=SECONDS_OF_SMAC, output_directory=Path(folder), seed=0
        )
        facade = smac.RandomFacade
        intensifier = facade.get_intensifier(scenario, max_config_calls=losses.shape[1])
        search = facade(scenario, loss, intensifier=intensifier, overwrite=True, logging_level=logging.ERROR)
        with suppress(ConfigurationSpaceExhaustedException):  # all configurations were tried
            search.optimize()
        found = search.intensifier.get_incumbent()
    return Raced(np.array([found["cell"]]), 1, np.array(len(used)))


RACES: dict[str, Callable[[np.ndarray], Raced]] = {
    "nnsweep": race,
    "t-test after each seed": t_race,
    "irace, Friedman's test": lambda losses: irace("friedman", losses),
    "irace, paired t-test": lambda losses: irace("t-test", losses),
}


def has_irace() -> bool:
    asked = ["Rscript", "-e", "packageVersion('irace')"]
    return (
        shutil.which("Rscript") is not None and subprocess.run(asked, capture_output=True, check=False).returncode == 0
    )


def forum() -> np.ndarray:
    """Train the forum's grid, (configurations, seeds)."""
    with tempfile.TemporaryDirectory() as folder:
        found = nnsweep.run(HERE / "sweeps" / "forum.toml", folder, figures=False, quiet=True)
        return found.tensor("error").reshape(-1, 50)


class Truth(NamedTuple):
    """Which configurations may be the best by all seeds, and which is."""

    stays: np.ndarray
    best: int

    @staticmethod
    def of(scores: np.ndarray) -> Truth:
        """Judge scores (configurations, seeds) of which larger is better."""
        return Truth(best_set(scores, np.ones(scores.shape, dtype=bool)).stays, int(scores.sum(axis=1).argmax()))


def main(repetitions: int) -> None:
    losses = forum()
    by_error = Truth.of(doubled_ranks(-losses.reshape(1, -1)).reshape(losses.shape))
    by_success = Truth.of((losses < BOUND).astype(float))
    races = {name: found for name, found in RACES.items() if not name.startswith("irace") or has_irace()}
    for name, truth in (("error", by_error), ("success", by_success)):
        print(f"forum, by {name}: {truth.stays.sum()} of {len(losses)} may be the best by all {losses.size:,} trials")
    tell("nnsweep, order of the file", [race(losses)], by_error)
    tell("nnsweep, by success, same", [race(losses, True)], by_success)
    orders = [np.random.default_rng(number).permutation(50) for number in range(repetitions)]
    tell("nnsweep, by success", [race(losses[:, order], True) for order in orders], by_success)
    found = {name: [each(losses[:, order]) for order in orders] for name, each in races.items()}
    for name, each in found.items():
        tell(name, each, by_error)
    if find_spec("smac"):
        trials = int(np.mean([each.seeds.sum() for each in found["nnsweep"]]))
        tell(f"SMAC {version('smac')}", [intensified(trials, losses[:, o]) for o in orders[:MOST_OF_SMAC]], by_error)
    random = np.random.default_rng(0)
    equal = [random.normal(size=(20, 40)) + 3 * random.normal(size=40) for _ in range(10 * repetitions)]
    for name, each in races.items():
        some = equal[: 2 * repetitions] if name.startswith("irace") else equal
        lost = np.mean([1 - each(values).count / 20 for values in some])
        print(f"{name:28} rules out a given one of 20 equal ones in {lost:.3f} of {len(some)} races", flush=True)


def tell(name: str, found: list[Raced], truth: Truth) -> None:
    size = 50 * np.prod(SHAPE)
    share, left = np.mean([(each.seeds.sum() / size, each.count) for each in found], axis=0)
    text = f"{name:28} {share:.3f} of the trials"
    if found[0].seeds.ndim:
        trainings = [each.seeds.reshape(SHAPE).max(axis=1).mean() / 50 for each in found]
        text += f" ({np.mean(trainings):.3f} of the trainings)"
    stays, best = truth.stays, sum(truth.best in each.left for each in found)
    kept = np.mean([stays[each.left].sum() for each in found])
    if all(len(each.left) == each.count > 1 for each in found):
        text += f", {left:.1f} left, {kept:.1f} of them may be the best; the best is among them in {best}"
    else:
        text += f", {left:.1f} left; names one that may be the best in {kept * len(found):.0f}, the best in {best}"
    print(f"{text} of {len(found)}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
