"""Time whole commands on grids of 10⁴, 10⁵ and 10⁶ trials: seconds, memory and disk, and how each grows.

    python benchmarks/scale.py [--most 1000000] [--before FOLDER]

The sweep is XOR with two neurons: alphas × 10 epochs × 100 seeds. Each command is a process of its own, whose wall time
and largest memory the operating system tells. `--before` is a checkout of another version, which is measured in turn
with this one, so that ratios stay comparable on a machine whose speed drifts. The last columns are the growth from one
size to the next one, which is ten times as large: 10 is proportional, less is better.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).parents[1]
SEEDS, EPOCHS = 100, 10
SWEEP = """
name = "scale"
[fixed]
data = "xor"
hidden = 2
split = "all"
metrics = ["loss", "accuracy"]
activation = "sigmoid"
output = "sigmoid"
loss = "squared_error"
[axes]
alpha = {{ logspace = [0.01, 10.0], num = {alphas} }}
epochs = {{ from = 1, to = {epochs} }}
seed = {{ count = {seeds} }}
[success]
metric = "loss"
below = 0.1
"""
COMMANDS = {
    "plan": ["plan", "{file}"],
    "run --no-figures": ["run", "{file}", "--no-figures", "-q"],
    "again": ["run", "{file}", "--no-figures", "-q"],
    "best": ["best", "{file}"],
    "compare": ["compare", "{file}", "--on", "epochs=1,10"],
    "export": ["export", "scale", "-o", "{folder}/export.csv"],
    "ls --verify": ["ls", "--verify"],
    "figures, report": ["run", "{file}", "-q"],
}


class Cost(NamedTuple):
    """What a command took: seconds of wall time, and MB of its largest process."""

    seconds: float
    memory: float


def measure(tree: Path, folder: Path, command: list[str]) -> Cost:
    """Run a command of the version in `tree`, with `folder` as working directory."""
    environment = os.environ | {"PYTHONPATH": str(tree)}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "nnsweep", *command], cwd=folder, env=environment, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"`nnsweep {' '.join(command)}` of {tree} failed")
    return Cost(time.perf_counter() - began, usage.ru_maxrss / (1 if sys.platform == "darwin" else 1024) / 1.048576)


def measure_all(trials: int, trees: dict[str, Path]) -> dict[tuple[str, str], Cost]:
    """Measure every command on a grid of so many trials, by command and version; the versions take turns."""
    costs: dict[tuple[str, str], Cost] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folders = {version: Path(temporary) / version for version in trees}
        for folder in folders.values():
            folder.mkdir()
            text = SWEEP.format(alphas=trials // (SEEDS * EPOCHS), epochs=EPOCHS, seeds=SEEDS)
            (folder / "scale.toml").write_text(text, encoding="utf-8")
        for name, command in COMMANDS.items():
            for version, tree in trees.items():
                filled = [part.format(file="scale.toml", folder=folders[version]) for part in command]
                costs[name, version] = measure(tree, folders[version], filled)
        for version, folder in folders.items():
            costs["trials.db", version] = Cost(0.0, (folder / "results" / "scale" / "trials.db").stat().st_size / 1e6)
    return costs


def main() -> None:
    """Print a table for each version, and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=1_000_000, help="trials of the largest grid (default: 1,000,000)")
    parser.add_argument("--before", type=Path, help="a checkout of another version, to be measured as well")
    asked = parser.parse_args()
    trees = {"before": asked.before.resolve()} if asked.before else {}
    trees |= {"now": PROJECT}
    sizes = [size for size in (10_000, 100_000, 1_000_000, 10_000_000) if size <= asked.most]
    found = {size: measure_all(size, trees) for size in sizes}
    for version in trees:
        print(f"\n{version}: seconds / MB, and growth\n")
        for name in [*COMMANDS, "trials.db"]:
            costs = [found[size][name, version] for size in sizes]
            shown = [f"{cost.seconds:8.2f} /{cost.memory:7.0f}" for cost in costs]
            growth = [
                f"{b.seconds / a.seconds if a.seconds else 0:5.1f} /{b.memory / a.memory:5.1f}"
                for a, b in pairwise(costs)
            ]
            print(f"{name:18}", *shown, " ", *growth)
    if asked.before:
        print(f"\nnow / before, at {sizes[-1]:,} trials\n")
        for name in [*COMMANDS, "trials.db"]:
            now, before = (found[sizes[-1]][name, version] for version in ("now", "before"))
            seconds = f"{now.seconds / before.seconds:.3f}" if before.seconds else "    –"
            print(f"{name:18} {seconds} / {now.memory / before.memory:.3f}")


if __name__ == "__main__":
    main()
