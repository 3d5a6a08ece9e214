"""Time tiny trials by NumPy and by compiled code, on one core and on more.

    python benchmarks/cores.py [--trainings 20000] [--cores 2] [--rounds 3] [--runs]

A training is XOR by two neurons, 1,000 epochs of four steps, with the loss and the accuracy measured after each epoch;
with ten checkpoints it is ten trials of a sweep. First `train_stack` is called with all trainings, in this process,
with one thread and with `--cores`. With `--runs`, whole commands train as many trials, in one process and by workers.
Told are the least seconds by the clock of the rounds, which take turns, the processor time of that round, and how many
times as fast as one core it is. Where other programs use the cores, only processor time can be compared.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from nnsweep import nn
from nnsweep.computing import computing

EPOCHS, STEPS = 1_000, 4
METRICS = "loss", "accuracy"
SWEEP = """
name = "cores"
[fixed]
data = "xor"
split = "all"
hidden = 2
activation = "relu"
output = "identity"
loss = "squared_error"
metrics = ["loss", "accuracy"]
[axes]
alpha = {{ logspace = [0.001, 0.3], num = {alphas} }}
epochs = {{ from = 100, to = 1000, step = 100 }}
seed = {{ count = 100 }}
[success]
metric = "loss"
below = 0.1
"""


class Took(NamedTuple):
    """Seconds by the clock, and of the processors."""

    clock: float
    processor: float


def trainings(count: int) -> list[nn.Training]:
    inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float64)
    targets = np.array([[0], [1], [1], [0]], dtype=np.float64)
    data, network = (
        nn.Dataset(inputs, targets, inputs, targets),
        nn.Network((2, 2, 1), "relu", "identity", "squared_error"),
    )
    random = np.random.default_rng(0)
    return [
        nn.Training(
            network,
            tuple((random.normal(size=shape), np.zeros(shape[0])) for shape in network.shapes),
            data,
            10 ** random.uniform(-3, -0.5),
        )
        for _ in range(count)
    ]


def in_process(engine: str, threads: int, stack: list[nn.Training]) -> Callable[[], Took]:
    def measure() -> Took:
        began = time.perf_counter(), time.process_time()
        with computing(engine, threads):
            nn.train_stack(stack, EPOCHS, metrics=METRICS)
        return Took(time.perf_counter() - began[0], time.process_time() - began[1])

    with computing(engine, threads):
        nn.train_stack(stack[:512], 2, metrics=METRICS)  # what is imported and compiled first
    return measure


def run(engine: str, jobs: int, alphas: int) -> Callable[[], Took]:
    """A whole command; the seconds are those of its training, without start, plan and files."""

    def measure() -> Took:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "cores.toml").write_text(SWEEP.format(alphas=alphas), encoding="utf-8")
            words = "run", "cores.toml", "--no-figures", "--quiet", "--engine", engine, "--jobs", str(jobs)
            subprocess.run([sys.executable, "-m", "nnsweep", *words], cwd=folder, check=True)
            record = json.loads(Path(folder, "results", "cores", "env.json").read_text(encoding="utf-8"))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Took(record["training_seconds"] / jobs, used)

    return measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trainings", type=int, default=20_000)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", action="store_true", help="also whole commands, of ten times as many trials")
    asked = parser.parse_args()
    stack, cores = trainings(asked.trainings), asked.cores
    with threadpool_limits(limits=1):
        ways = {
            "compiled, 1 thread": (in_process("compiled", 1, stack), asked.trainings),
            f"compiled, {cores} threads": (in_process("compiled", cores, stack), asked.trainings),
            "NumPy": (in_process("numpy", 1, stack[: asked.trainings // 10]), asked.trainings // 10),
        }
        if asked.runs:
            count = asked.trainings // 100 * 100
            ways["run, compiled, 1 process"] = run("compiled", 1, count // 100), count
            ways[f"run, compiled, {cores} workers"] = run("compiled", cores, count // 100), count
        took: dict[str, list[Took]] = {name: [] for name in ways}
        for _ in range(asked.rounds):
            for name, (measure, _) in ways.items():
                took[name].append(measure())
    print(f"Python {platform.python_version()}, numpy {np.__version__}, numba {version('numba')}")
    print(f"{asked.trainings:,} trainings of {EPOCHS * STEPS:,} steps and {EPOCHS:,} measurements\n")
    print(f"{'':28}{'seconds':>9}{'processor':>11}{'M steps/s':>11}{'× one':>7}")
    base = 0.0
    for name, (_, count) in ways.items():
        least = min(took[name])
        speed = count * EPOCHS * STEPS / least.clock / 1e6
        base = speed if "1 thread" in name or "1 process" in name else base
        print(f"{name:28}{least.clock:9.2f}{least.processor:11.2f}{speed:11.1f}{speed / base:7.2f}")


if __name__ == "__main__":
    main()
