"""Time whole commands on grids of 10⁴, 10⁵ and 10⁶ trials: seconds, memory and disk, and how each grows.

    python benchmarks/scale.py [--most 1000000] [--before FOLDER]

The sweep is XOR with two neurons: alphas × 10 epochs × 100 seeds. Each command is a process of its own, whose seconds
by the clock and largest memory the operating system tells. `--before` is a checkout of another version, which is
measured in turn with this one, so that ratios stay comparable on a machine whose speed drifts.

The table is Markdown, for docs/scale.md. "Growth" is from one size to the next one, which is ten times as large: 10 is
proportional, less is better.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

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
FIRST = "first run, no figures"
COMMANDS = {
    "plan": ["plan", "{file}"],
    FIRST: ["run", "{file}", "--no-figures", "-q"],
    "again": ["run", "{file}", "--no-figures", "-q"],
    "best": ["best", "{file}"],
    "compare": ["compare", "{file}", "--on", "epochs=1,10"],
    "export": ["export", "scale", "-o", "{folder}/export.csv"],
    "ls --verify": ["ls", "--verify"],
    "figures and page": ["run", "{file}", "-q"],
}


class Cost(NamedTuple):
    """What a command took: seconds by the clock, and MB of its largest process; of a file, its MB."""

    seconds: float | None
    megabytes: float | None


Costs = dict[str, Cost]
"""By command, or by what else is measured."""
OVERHEAD, STORE = "overhead of a trial", "trials.db"
"""Seconds of the first run besides its training, for each trial; and the size of the store."""


def measure(tree: Path, folder: Path, command: Sequence[str]) -> Cost:
    """Run a command of the version in `tree`, with `folder` as working directory."""
    environment = os.environ | {"PYTHONPATH": str(tree)}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "nnsweep", *command], cwd=folder, env=environment, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"`nnsweep {' '.join(command)}` of {tree} failed")
    return Cost(time.perf_counter() - began, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6)


def measure_all(trials: int, trees: dict[str, Path]) -> dict[str, Costs]:
    """Measure every command on a grid of so many trials, by version; the versions take turns."""
    costs: dict[str, Costs] = {version: {} for version in trees}
    with tempfile.TemporaryDirectory() as temporary:
        folders = {version: Path(temporary) / version for version in trees}
        for folder in folders.values():
            folder.mkdir()
            text = SWEEP.format(alphas=trials // (SEEDS * EPOCHS), epochs=EPOCHS, seeds=SEEDS)
            (folder / "scale.toml").write_text(text, encoding="utf-8")
        for name, command in COMMANDS.items():
            for version, tree in trees.items():
                filled = [part.format(file="scale.toml", folder=folders[version]) for part in command]
                costs[version][name] = measure(tree, folders[version], filled)
                if name == FIRST:
                    costs[version] |= of_first_run(folders[version], costs[version][name], trials)
    return costs


def of_first_run(folder: Path, run: Cost, trials: int) -> Costs:
    """Read what the first run trained for, and the size of its store."""
    results = folder / "results" / "scale"
    training = json.loads((results / "env.json").read_text(encoding="utf-8"))["training_seconds"]
    size = (results / "trials.db").stat().st_size / 1e6
    return {OVERHEAD: Cost(((run.seconds or 0.0) - training) / trials, None), STORE: Cost(None, size)}


def numbers(cost: Cost, write: Callable[[float, str], str]) -> str:
    """Write what is known of a cost."""
    shown = [write(cost.seconds, "s")] if cost.seconds is not None else []
    return ", ".join([*shown, *([write(cost.megabytes, "MB")] if cost.megabytes is not None else [])])


def quantity(value: float, unit: str) -> str:
    """Write a number with its unit; a small number of seconds in µs."""
    if unit == "s" and value < 1e-3:
        return f"{value * 1e6:.0f} µs"
    return f"{value:.3g} {unit}" if value < 1000 else f"{value:,.0f} {unit}"


def ratio(cost: Cost, other: Cost) -> str:
    """Write how many times as much a cost is as another."""
    pairs = [(a, b) for a, b in zip(cost, other, strict=True) if a is not None and b is not None]
    return ", ".join(f"{a / b:.2g}" for a, b in pairs)


def table(found: dict[int, dict[str, Costs]]) -> list[list[str]]:
    """Lay out the costs of this version by size, their growth, and the other version's costs of the largest size."""
    sizes, largest = list(found), found[max(found)]
    compared = "before" in largest
    growth = [f"growth to {size:,}" for size in sizes[1:]]
    rows = [["trials", *(f"{size:,}" for size in sizes), *growth, *(["before", "now / before"] if compared else [])]]
    for name in (OVERHEAD, STORE, *COMMANDS):
        costs = [found[size]["now"][name] for size in sizes]
        row = [name, *(numbers(cost, quantity) for cost in costs)]
        row += [ratio(b, a) for a, b in pairwise(costs)]
        if compared:
            row += [numbers(largest["before"][name], quantity), ratio(costs[-1], largest["before"][name])]
        rows.append(row)
    return rows


def main() -> None:
    """Print where and when this was measured, and the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=1_000_000, help="trials of the largest grid (default: 1,000,000)")
    parser.add_argument("--before", type=Path, help="a checkout of another version, to be measured as well")
    asked = parser.parse_args()
    trees = {"before": asked.before.resolve()} if asked.before else {}
    trees |= {"now": PROJECT}
    sizes = [size for size in (10_000, 100_000, 1_000_000, 10_000_000) if size <= asked.most]
    rows = table({size: measure_all(size, trees) for size in sizes})
    machine = f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}, NumPy {np.__version__}"
    print(f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}, {machine}:\n")
    rows.insert(1, ["---"] * len(rows[0]))
    for row in rows:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
