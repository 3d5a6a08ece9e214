"""Searches beside those of Optuna and SMAC: regret after equal trainings, and trainings a second.

    python benchmarks/search.py [--quick] [--repetitions 20] [--only NAME …] [--problem NAME …]

Regret: ten problems of `search_problems.py`. Each harness asks for 48 configurations, learns the mean loss of each over
five seeds (one where nothing is random), and names the best it saw. The regret is the mean loss of that configuration
over all seeds, less the least there is, as a share of the regret of a random configuration. Repetition k has the same
seeds for every harness, so that harnesses are compared in pairs (Wilcoxon's signed ranks, Holm over the problems).

Speed: 48 configurations × 25 seeds of a network with four hidden neurons that learns XOR in 100 epochs. nnsweep trains
them as stacks, and stores them. The peers call the same trainer for one training after another, in memory.

Halving beside its peers is in `stopping.py`, races over seeds in `races.py`. Peers that are not installed are left out:

    pip install "nnsweep[search]" torch smac
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import wilcoxon
from search_harnesses import CONFIGURATIONS, OPTUNA, OURS, SMAC, TRAINER, Judge, Search
from search_problems import PROBLEMS, Axis, Point, Problem, problem
from threadpoolctl import threadpool_limits

import nnsweep
from nnsweep.trainers import load
from nnsweep.trials.expand import expand

SLOW = frozenset({"nnsweep gp", "Optuna GP", "SMAC"})
"""Searches that take seconds each: they have a third of the repetitions."""
SEARCHES: dict[str, Search] = {**OURS, **OPTUNA, **SMAC}
PAIRS = {
    "nnsweep sobol": ("nnsweep random", "Optuna random"),
    "nnsweep tpe": ("Optuna random", "Optuna TPE"),
    "nnsweep gp": ("Optuna random", "Optuna TPE", "Optuna GP", "SMAC"),
    "nnsweep cmaes": ("Optuna CMA-ES",),
}
"""Which searches are compared with which."""


def is_installed(name: str) -> bool:
    needed = {"SMAC": ("smac",), "nnsweep gp": ("optuna", "torch"), "Optuna GP": ("optuna", "torch")}
    spread = ("nnsweep random", "nnsweep sobol", "nnsweep latin_hypercube")
    return all(map(find_spec, needed.get(name, () if name in spread else ("optuna",))))


def regret(task: tuple[str, str, int]) -> float:
    """Run one search on one problem, in a process of the pool."""
    name, of, repetition = task
    judge = Judge(problem(of), repetition)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        SEARCHES[name](judge, repetition)
    return judge.regret


def prepare(folder: str) -> None:
    """Let a process of the pool find the trainer, and compute in one thread: more would wait for each other."""
    sys.path.insert(0, folder)
    threadpool_limits(1)
    if find_spec("torch"):
        import torch

        torch.set_num_threads(1)


def regrets(names: Sequence[str], problems: Sequence[str], repetitions: int) -> dict[str, dict[str, np.ndarray]]:
    """Return the regrets of each search on each problem, (repetitions,)."""
    for each in problems:
        problem(each)  # once, before processes are forked
    found: dict[str, dict[str, np.ndarray]] = {}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "objective_of_benchmark.py").write_text(TRAINER, encoding="utf-8")
        with ProcessPoolExecutor(os.cpu_count(), get_context("fork"), prepare, (folder,)) as pool:
            for name in names:
                count = max(2, repetitions // 3) if name in SLOW else repetitions
                tasks = [(name, each, number) for each in problems for number in range(count)]
                began = time.perf_counter()
                rows = np.reshape(list(pool.map(regret, tasks)), (len(problems), count))
                found[name] = dict(zip(problems, rows, strict=True))
                print(f"{name}: {len(tasks)} searches in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    return found


def by_chance(name: str) -> float:
    """Return the mean regret of a configuration that is chosen at random."""
    own, random = problem(name), np.random.default_rng(0)

    def draw(axis: Axis) -> Any:
        if axis.listed:
            return axis.listed[random.integers(len(axis.listed))]
        if axis.whole:
            return int(random.integers(int(axis.low), int(axis.high) + 1))
        return random.uniform(axis.low, axis.high)

    points = [{name: draw(axis) for name, axis in own.axes.items()} for _ in range(2000)]
    return float(np.mean([own.mean(point) for point in points])) - own.least


def told_regrets(found: Mapping[str, Mapping[str, np.ndarray]], problems: Sequence[str]) -> None:
    print(f"\nRegret after {CONFIGURATIONS} configurations, in % of that of a random one: mean over the repetitions")
    chance = {each: by_chance(each) for each in problems}
    print(f"{'':24}" + "".join(f"{each[:13]:>15}" for each in problems) + f"{'mean':>8}")
    for name, rows in found.items():
        shares = [100 * rows[each].mean() / chance[each] for each in problems]
        print(f"{name:24}" + "".join(f"{share:15.2f}" for share in shares) + f"{np.mean(shares):8.2f}")
    print("\nProblems on which a search is behind or ahead by more than noise: p < 0.05 (Wilcoxon, Holm)")
    for name, others in PAIRS.items():
        for other in others:
            if name in found and other in found:
                print(f"{name} against {other}: {compared(found[name], found[other], chance)}")


def compared(ours: Mapping[str, np.ndarray], others: Mapping[str, np.ndarray], chance: Mapping[str, float]) -> str:
    """Test the gaps of each problem, and of all together as shares of the regret of a random configuration."""
    names, tested, shares = list(ours), [], []
    for each in names:
        size = min(len(ours[each]), len(others[each]))
        gaps = ours[each][:size] - others[each][:size]
        shares.append(gaps / chance[each])
        tested.append((wilcoxon(gaps, zero_method="zsplit").pvalue if gaps.any() else 1.0, gaps.mean(), each))
    worse, better = [], []
    for place, (p, gap, each) in enumerate(sorted(tested)):
        if p * (len(names) - place) >= 0.05:
            break
        (worse if gap > 0 else better).append(each)
    together = np.concatenate(shares)
    p = wilcoxon(together, zero_method="zsplit").pvalue if together.any() else 1.0
    of_all = f"over all {100 * together.mean():+.2f} points, p = {p:.2g}"
    return f"behind on {', '.join(worse) or 'none'}; ahead on {', '.join(better) or 'none'}; {of_all}"


SPEED = """
name = "speed"
fixed = { data = "xor", hidden = 4, epochs = 100, metrics = "loss" }
[axes]
alpha = { log_uniform = [0.001, 1] }
seed = { count = 25 }
[search]
method = "METHOD"
metric = "loss"
average = "mean"
configurations = 48
confirm = 0
"""


def stacked(method: str) -> None:
    """Search with nnsweep, which trains stacks and stores them."""
    with tempfile.TemporaryDirectory() as folder:
        nnsweep.run(nnsweep.loads(SPEED.replace("METHOD", method)), folder, figures=False, jobs=1, quiet=True)


def one_by_one(search: Search) -> None:
    """Have a peer search over the same networks, and train one after the other."""
    trainer, seeds = load("mlp"), 25
    fixed = dict(expand(nnsweep.loads(SPEED[: SPEED.index("[axes]")]), trainer)[0].params)

    def loss(point: Point, seed: int) -> float:
        (outcome,) = trainer.train([fixed | {"learning_rate": point["alpha"], "seed": seed}])
        return outcome.metrics["loss"]

    search(Judge(Problem({"alpha": Axis(0.001, 1.0, log=True)}, loss, lambda point: 0.0, 0.0, seeds), 0, seeds), 0)


def speed(names: Sequence[str]) -> None:
    """Print how many trainings a second each search does, imports not counted."""
    rates = {}
    for name in names:
        method = name.removeprefix("nnsweep ")
        run = (
            (lambda method=method: stacked(method)) if name in OURS else (lambda name=name: one_by_one(SEARCHES[name]))
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            times = [(seconds(run)) for _ in range(2)][1]  # imports are not counted
        rates[name] = [CONFIGURATIONS * 25 / each for each in times]
    slowest = min((rates[name][1] for name in names if name in OURS), default=np.nan)
    print("\nTrainings a second, by the clock and by the processor; nnsweep's slowest as a multiple of each")
    for name, (clock, processor) in rates.items():
        print(f"{name:24}{clock:10.0f}{processor:10.0f}{slowest / processor:10.1f} ×")


def seconds(run: Callable[[], None]) -> tuple[float, float]:
    began, used = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - began, time.process_time() - used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="three problems, and what takes no seconds")
    parser.add_argument("--repetitions", type=int, default=20)
    parser.add_argument("--only", nargs="+", choices=SEARCHES, metavar="NAME")
    parser.add_argument("--problem", nargs="+", choices=PROBLEMS, metavar="NAME")
    asked = parser.parse_args()
    names = [name for name in asked.only or SEARCHES if is_installed(name) and not (asked.quick and name in SLOW)]
    problems = asked.problem or (["tutorial_optimizers", "Branin", "noisy sphere"] if asked.quick else list(PROBLEMS))
    packages = [package for package in ("optuna", "smac") if find_spec(package)]
    print(", ".join(f"{package} {version(package)}" for package in packages))
    told_regrets(regrets(names, problems, asked.repetitions), problems)
    speed(names)


if __name__ == "__main__":
    main()
