"""Searches beside those of Optuna and SMAC: regret after equal trainings, and trainings a second.

    python benchmarks/search.py [--quick] [--repetitions 20 SMAC=5] [--after 8] [--only NAME …] [--problem NAME …]
                                [--file build/search.csv] [--minutes 10] [--processes 2] [--no-speed]

Regret: ten problems of `search_problems.py`. Each harness asks for 48 configurations, learns the mean loss of each over
five seeds (one where nothing is random), and names the best it saw. The regret is the mean loss of that configuration
over all seeds, less the least there is, as a share of the regret of a random configuration. Repetition k has the same
seeds for every harness, so that harnesses are compared in pairs (Wilcoxon's signed ranks, Holm over the problems).
Of a search, the first repetition comes on all problems before the second. With `--file` every result is kept as it
comes: the same command runs what is missing, and compares what there is. Take another file after a change of a sampler.

A repetition of all ten problems takes SMAC about 2 minutes of a processor, Optuna's GP 1 to 1.5, `gp` 6 s, and the
others 1 to 3 s:

    python benchmarks/search.py --only "nnsweep gp" "Optuna GP" SMAC --repetitions 5 --file build/search.csv --no-speed

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
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from importlib.metadata import version
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from search_harnesses import CONFIGURATIONS, OPTUNA, OURS, SMAC, TRAINER, Judge, Search
from search_problems import PROBLEMS, Axis, Point, Problem, problem
from search_results import File, Row, Task, print_regrets, print_times
from threadpoolctl import threadpool_limits

import nnsweep
from nnsweep.trainers import load
from nnsweep.trials.expand import expand

SLOW = frozenset({"Optuna GP", "SMAC"})
"""Searches that take seconds each."""
SEARCHES: dict[str, Search] = {**OURS, **OPTUNA, **SMAC}
PAIRS = {
    "nnsweep sobol": ("nnsweep random", "Optuna random"),
    "nnsweep tpe": ("Optuna random", "Optuna TPE"),
    "nnsweep gp": ("Optuna random", "Optuna TPE", "Optuna GP", "SMAC"),
    "nnsweep cmaes": ("Optuna CMA-ES",),
}
"""Which searches are compared with which."""


def is_installed(name: str) -> bool:
    needed = {"SMAC": ("smac",), "Optuna GP": ("optuna", "torch")}
    spread = ("nnsweep random", "nnsweep sobol", "nnsweep latin_hypercube", "nnsweep gp")
    return all(map(find_spec, needed.get(name, () if name in spread else ("optuna",))))


def run(task: Task) -> Row:
    """Run one search on one problem, in a process of the pool."""
    name, of, repetition = task
    judge = Judge(problem(of), repetition)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        clock, processor = seconds(lambda: SEARCHES[name](judge, repetition))
    return Row(*task, judge.regret, clock, processor)


def prepare(folder: str) -> None:
    """Let a process of the pool find the trainer, and compute in one thread: more would wait for each other."""
    sys.path.insert(0, folder)
    threadpool_limits(1)
    if find_spec("torch"):
        import torch

        torch.set_num_threads(1)


def run_all(tasks: Sequence[Task], file: File, processes: int, minutes: float) -> None:
    """Run what the file has not yet; no search begins when the minutes are over."""
    for each in dict.fromkeys(of for _, of, _ in tasks):
        problem(each)  # once, before processes are forked
    until = time.monotonic() + 60 * minutes
    waiting, missing = deque(file.without(tasks)), len(tasks)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "objective_of_benchmark.py").write_text(TRAINER, encoding="utf-8")
        with ProcessPoolExecutor(processes, get_context("fork"), prepare, (folder,)) as pool:
            running: set[Future[Row]] = set()
            while running or (waiting and time.monotonic() < until):
                while waiting and len(running) < processes and time.monotonic() < until:
                    running.add(pool.submit(run, waiting.popleft()))
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for each in done:
                    file.add(each.result())
    if waiting:
        print(f"{len(waiting)} of {missing} searches were not run: the time was over", file=sys.stderr)


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
        search = (
            (lambda method=method: stacked(method)) if name in OURS else (lambda name=name: one_by_one(SEARCHES[name]))
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            times = [(seconds(search)) for _ in range(2)][1]  # imports are not counted
        rates[name] = [CONFIGURATIONS * 25 / each for each in times]
    ours = [name for name in names if name in OURS]
    print("\nTrainings a second, by the clock and by the processor; each of nnsweep's as a multiple, by the processor")
    print(f"{'':24}{'clock':>10}{'processor':>10}" + "".join(f"{name.removeprefix('nnsweep '):>16}" for name in ours))
    for name, (clock, processor) in rates.items():
        multiples = "".join(f"{rates[own][1] / processor:16.1f}" for own in ours)
        print(f"{name:24}{clock:10.0f}{processor:10.0f}{multiples}")


def seconds(run: Callable[[], None]) -> tuple[float, float]:
    began, used = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - began, time.process_time() - used


def repetitions(texts: Sequence[str]) -> dict[str, int]:
    """Read `20 SMAC=5`: repetitions of all searches, and of some."""
    parts = [text.rpartition("=") for text in texts]
    most = next((int(count) for name, _, count in parts if not name), 20)
    return dict.fromkeys(SEARCHES, most) | {name: int(count) for name, _, count in parts if name}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="three problems, and what takes no seconds")
    parser.add_argument("--repetitions", nargs="+", default=["20"], metavar="N", help="20, or 20 SMAC=5")
    parser.add_argument("--after", type=int, default=0, metavar="N", help="leave out the first N repetitions")
    parser.add_argument("--only", nargs="+", choices=SEARCHES, metavar="NAME")
    parser.add_argument("--problem", nargs="+", choices=PROBLEMS, metavar="NAME")
    parser.add_argument("--file", type=Path, help="keep regrets in this file, and run only what it has not")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no search after this time")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--no-speed", action="store_true", help="regrets alone")
    asked = parser.parse_args()
    names = [name for name in asked.only or SEARCHES if is_installed(name) and not (asked.quick and name in SLOW)]
    problems = asked.problem or (["tutorial_optimizers", "Branin", "noisy sphere"] if asked.quick else list(PROBLEMS))
    packages = [package for package in ("optuna", "smac") if find_spec(package)]
    print(", ".join(f"{package} {version(package)}" for package in packages))
    counts = repetitions(asked.repetitions)
    tasks = [
        (name, each, number)
        for number in range(asked.after, max(counts.values()))  # so that a run that is cut off has some of all
        for each in problems
        for name in names
        if number < counts[name]
    ]
    with tempfile.TemporaryDirectory() as folder:
        file = File(asked.file or Path(folder) / "regrets.csv")
        run_all(tasks, file, asked.processes, asked.minutes)
        rows = file.read()
    rows = rows[rows["search"].isin(names) & rows["problem"].isin(problems) & (rows["repetition"] >= asked.after)]
    print_regrets(rows, {each: by_chance(each) for each in problems}, PAIRS)
    print_times(rows, CONFIGURATIONS)
    if not asked.no_speed:
        speed(names)


if __name__ == "__main__":
    main()
