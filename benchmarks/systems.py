"""Time every shipped sweep's training in stacks, beside the same trials trained one by one.

    python benchmarks/systems.py [NAME ...]

All in one process, with BLAS at one thread. The trials trained one by one are a few, evenly chosen, their time taken
for all. A trial-step is one descent of one network: a sample, or a batch.
"""

from __future__ import annotations

import sys
import time
from math import ceil
from pathlib import Path

from threadpoolctl import threadpool_limits

from nnsweep import api, trainers
from nnsweep.errors import NnsweepError
from nnsweep.execution.plan import make_plan
from nnsweep.trainers.mlp.ingredients import method_of, sizes_of
from nnsweep.trials.expand import expand
from nnsweep.trials.ids import to_numbers

SWEEPS = Path(__file__).parents[1] / "sweeps"
ALONE = 6
"""Trials of each sweep that are trained one by one."""
HEAD = f"{'':20} trainings  trial-steps  seconds  steps per s  one by one, s  ratio"
ROW = "{:20} {:9,} {:12,} {:8.2f} {:12,.0f} {:14.1f} {:6.1f}"


def trial_steps(params) -> int:
    samples = sizes_of(params)[0]
    return params["epochs"] * ceil(samples / (method_of(params).batch_size or samples))


def timed(function, *arguments) -> float:
    started = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - started


def measure(name: str) -> str:
    sweep = api.load(SWEEPS / f"{name}.toml")
    trainer = trainers.load(sweep.trainer)
    plan = make_plan(expand(sweep, trainer), to_numbers(()), trainer, jobs=1)
    stacks = [[trial.params for trial in stack.trials] for stack in plan.stacks]
    trainings = {trainer.training_key(p): p for stack in stacks for p in sorted(stack, key=lambda p: p["epochs"])}
    dearest = list(trainings.values())
    steps = sum(map(trial_steps, dearest))
    stacked = sum(timed(trainer.train, stack) for stack in stacks)
    chosen = dearest[:: max(1, len(dearest) // ALONE)][:ALONE]
    alone = sum(timed(trainer.train, [params]) for params in chosen) * steps / sum(map(trial_steps, chosen))
    return ROW.format(name, len(dearest), steps, stacked, steps / stacked, alone, alone / stacked)


def main(names: list[str]) -> None:
    print(HEAD)
    with threadpool_limits(limits=1):
        for name in names or sorted(file.stem for file in SWEEPS.glob("*.toml")):
            try:
                print(measure(name), flush=True)
            except NnsweepError as error:
                print(f"{name:20} {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
