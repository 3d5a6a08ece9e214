"""Take a training step apart: products, passes over numbers, and what a call costs, on one core.

    python benchmarks/parts.py [WORK …]

A work is one of `engines.py`. Of a sweep, the largest stack of the first kind is taken; of the others, one that fills
the engine's capacity. Each call of a step is made 200 times, and told is the third least time less that of an empty
call: the machine may have other work to do. A product's speed is that of its multiplications and additions.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.engines import NETWORKS, RATE, SWEEPS, chosen_stacks, data_of
from nnsweep import nn
from nnsweep.nn.engine.calls import short_buffer
from nnsweep.trainers.mlp.ingredients import method_of, trainings_of

SAMPLES = 1_400
"""Of an epoch whose order is drawn."""


def least(function: Callable[..., object], *operands: Any, times: int = 200) -> float:
    """Return the third least time of a call in µs."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        function(*operands)
        found.append(time.perf_counter() - began)
    return sorted(found)[2] * 1e6


def empty() -> None:
    pass


def engine_of(work: str) -> tuple[Any, int, nn.Method]:
    """Give the engine of a stack, the number of its networks, and its method."""
    if work in NETWORKS:
        shape, data = NETWORKS[work], data_of(NETWORKS[work])
        targets, method = np.eye(shape.widths[-1])[data.classes], nn.Method(batch_size=shape.batch, order="reshuffled")
        samples = nn.Dataset(data.inputs, targets, data.inputs, targets)
        network = nn.Network(shape.widths, shape.activation, "softmax", "categorical_cross_entropy")
        count = nn.choose_engine(network, shape.batch).engine.capacity(network, shape.batch)
        trainings = [
            nn.Training(network, tuple((w.T, np.zeros(w.shape[1])) for w in weights), samples, RATE, seed=seed)
            for seed, weights in enumerate(data.weights[:count])
        ]
    else:
        trainer, stacks = chosen_stacks(work, 1)
        firsts = [next(same) for _, same in groupby(max(stacks, key=len), trainer.training_key)]
        trainings, method = list(trainings_of(firsts)), method_of(firsts[0])
    return nn.StackTraining(trainings, method).engine, len(trainings), method


def name_of(function: Any) -> str:
    function = getattr(function, "func", function)
    return getattr(function, "__name__", str(function))


def flops_of(operands: Any) -> int:
    a, b, _ = operands
    return 2 * a.size * b.shape[-1]


def table(work: str) -> None:
    engine, trials, method = engine_of(work)
    calls = engine.ready
    nothing = least(empty)
    parts: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for function, operands in calls:
        each = [operand for operand in operands if isinstance(operand, np.ndarray)]
        product = function is np.matmul
        size = flops_of(each) if product else max(operand.size for operand in each)
        parts["products" if product else name_of(function)].append((least(function, *operands) - nothing, size))

    def step() -> None:
        for function, operands in calls:
            function(*operands)

    few, out = np.ones(8), np.ones(8)
    whole, call = least(step) - nothing, least(np.multiply, few, few, out) - nothing
    shuffled = np.random.default_rng(0).permuted(np.tile(np.arange(SAMPLES), (trials, 1)), axis=1)
    batches = engine.batches(None if method.order == "fixed" else shuffled, 10**6)
    print(
        f"\n{work}: {trials} networks, {len(calls)} calls; a step takes {whole:.1f} µs, {whole / trials:.3f} a network"
    )
    print(f"  a batch in place {least(next, batches) - nothing:.1f} µs; a call on eight numbers {call:.2f} µs")
    for name, found in sorted(parts.items(), key=lambda item: -sum(took for took, _ in item[1])):
        took, size = (sum(each) for each in zip(*found, strict=True))
        rate = f"{size / took / 1e3:.1f} GFLOP/s" if name == "products" else f"{1e3 * took / size:.2f} ns a number"
        print(f"  {name:12} {len(found):3} calls {took:8.1f} µs {took / whole:5.0%}   {rate}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", nargs="*", choices=[*SWEEPS, *NETWORKS, []], metavar="WORK")
    with threadpool_limits(limits=1), np.errstate(all="ignore"), short_buffer():
        for work in parser.parse_args().works or [*SWEEPS, *NETWORKS]:
            table(work)


if __name__ == "__main__":
    main()
