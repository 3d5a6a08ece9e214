"""Time a training step as networks grow, beside other libraries and beside what the processor can do at best.

    python benchmarks/growth.py [--seconds 0.3] [--core 0]

Four questions, with everything else at its value in BASE: how does the time of a step grow with the number of networks
that train together, with the width of their hidden layers, with the batch, and with the number of layers? Networks have
ReLU in hidden layers and linear outputs, and learn by gradient descent on the squared error, all in float64: nothing
but + − × and comparisons, so that the comparison is of the libraries and not of their exp. Nothing is measured between
the steps. Processor time of one step, divided by the number of networks; what a library compiles is not counted.

- nnsweep: the engine that it chooses, in stacks of as many networks as a run would put together.
- JAX: all networks at once by vmap, the steps in one compiled scan.
- PyTorch: a loop over networks, as it is usually written, and all networks at once by `torch.bmm`.
- compiled loop: one network after the other, a step in plain loops compiled by numba.

The floor is the larger of two times: that of a step's multiplications and additions at the speed of a large matrix
product, and that of reading and writing every parameter once at the speed with which this core copies as many bytes
as the parameters of all networks are. Both speeds are measured first. Each library runs in a process of its own on one
core, with one thread. Writes docs/growth.csv and docs/figures/growth.png. Takes about four minutes.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

PROJECT = Path(__file__).parents[1]
TABLE, FIGURE = PROJECT / "docs" / "growth.csv", PROJECT / "docs" / "figures" / "growth.png"
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
RATE = 1e-3


class Work(NamedTuple):
    """Networks of one shape that train together: `depth` hidden layers of `width` units."""

    networks: int
    width: int
    batch: int
    depth: int
    inputs: int
    outputs: int

    @property
    def widths(self) -> tuple[int, ...]:
        return (self.inputs, *[self.width] * self.depth, self.outputs)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        return list(zip(self.widths, self.widths[1:], strict=False))

    @property
    def flops(self) -> int:
        """Multiplications and additions of a step: outputs, gradients, and errors of all layers but the first."""
        products = [i * o for i, o in self.pairs]
        return 2 * self.batch * (3 * sum(products) - products[0])

    @property
    def parameters(self) -> int:
        return sum(i * o + o for i, o in self.pairs)


TINY = Work(1, 4, 1, 1, 2, 1)
BASE = Work(8, 50, 100, 1, 64, 10)
GROWTH: dict[str, tuple[str, list[Work]]] = {
    "networks": ("networks of 2-4-1, batch 1", [TINY._replace(networks=10**k) for k in range(6)]),
    "width": ("hidden units, 8 × 64-w-10, batch 100", [BASE._replace(width=w) for w in (2, 5, 10, 30, 100, 300, 1000)]),
    "batch": ("batch, 8 × 64-50-10", [BASE._replace(batch=b) for b in (1, 4, 16, 64, 256, 1024)]),
    "depth": ("hidden layers of 50, batch 100", [BASE._replace(depth=d) for d in (1, 2, 4, 8, 16)]),
}
"""What grows: its axis, and the works."""
STEPS = 20
"""Steps of an epoch: batches of data."""


def data_of(work: Work) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Inputs (steps · B, I), targets (steps · B, O) and initial weights (T, I, O) of each layer; biases are 0."""
    random = np.random.default_rng(0)
    inputs, targets = (random.random((STEPS * work.batch, n)) for n in (work.inputs, work.outputs))
    return inputs, targets, [random.normal(0, i**-0.5, (work.networks, i, o)) for i, o in work.pairs]


def in_nnsweep(work: Work) -> Callable[[], object]:
    from nnsweep import nn

    inputs, targets, weights = data_of(work)
    data = nn.Dataset(inputs, targets, inputs, targets)
    network, method = nn.Network(work.widths, "relu", "identity", "squared_error"), nn.Method(batch_size=work.batch)
    engine = nn.choose_engine(network, work.batch).engine
    size = engine.capacity(network, work.batch)
    stacks = []
    for start in range(0, work.networks, size):
        trainings = [
            nn.Training(network, tuple((w[k].T, np.zeros(w.shape[2])) for w in weights), data, RATE)
            for k in range(start, min(start + size, work.networks))
        ]
        stacks.append(engine(trainings, [data], np.zeros(len(trainings), dtype=int), method))
    return lambda: [stack.run_steps(None) for stack in stacks]


def in_jax(work: Work) -> Callable[[], object]:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    inputs, targets, weights = data_of(work)
    x, t = (jnp.asarray(each.reshape(STEPS, work.batch, -1)) for each in (inputs, targets))

    def loss(p: Any, x: Any, t: Any) -> Any:
        for w, b in p[:-1]:
            x = jax.nn.relu(x @ w + b)
        return 0.5 * jnp.square(x @ p[-1][0] + p[-1][1] - t).sum() / work.batch

    def step(p: Any, batch: Any) -> Any:
        return jax.tree.map(lambda each, g: each - RATE * g, p, jax.grad(loss)(p, *batch)), None

    run = jax.jit(jax.vmap(lambda p: jax.lax.scan(step, p, (x, t))[0]))
    start = [(jnp.asarray(w), jnp.zeros((work.networks, w.shape[2]))) for w in weights]
    return lambda: jax.block_until_ready(run(start))


def in_torch_loop(work: Work) -> Callable[[], object]:
    import torch

    torch.set_num_threads(1)
    inputs, targets, weights = data_of(work)
    batches = list(zip(*(torch.from_numpy(each).split(work.batch) for each in (inputs, targets)), strict=True))

    def model(k: int) -> Any:
        layers: list[Any] = []
        for w in weights:
            linear = torch.nn.Linear(*w.shape[1:], dtype=torch.float64)
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(w[k].T))
                linear.bias.zero_()
            layers += [linear, torch.nn.ReLU()]
        return torch.nn.Sequential(*layers[:-1])

    made = [model(k) for k in range(work.networks)]
    pairs = [(each, torch.optim.SGD(each.parameters(), RATE)) for each in made]

    def run() -> None:
        for each, optimizer in pairs:
            for x, t in batches:
                optimizer.zero_grad()
                (0.5 * (each(x) - t).square().sum() / work.batch).backward()
                optimizer.step()

    return run


def in_torch_stacked(work: Work) -> Callable[[], object]:
    """All networks at once: forward and backward pass by hand, as matrix products of stacks."""
    import torch

    torch.set_num_threads(1)
    inputs, targets, weights = data_of(work)
    batches = list(zip(*(torch.from_numpy(each).split(work.batch) for each in (inputs, targets)), strict=True))
    layers = [
        (torch.from_numpy(w.copy()), torch.zeros((work.networks, 1, w.shape[2]), dtype=torch.float64)) for w in weights
    ]

    @torch.inference_mode()
    def run() -> None:
        for x, t in batches:
            activations = [x.expand(work.networks, *x.shape)]
            for w, b in layers[:-1]:
                activations.append(torch.baddbmm(b, activations[-1], w).relu_())
            w, b = layers[-1]
            delta = torch.baddbmm(b, activations[-1], w).sub_(t).mul_(RATE / work.batch)
            for level in range(len(layers) - 1, -1, -1):
                (w, b), a = layers[level], activations[level]
                below = torch.bmm(delta, w.mT).mul_(a > 0) if level else None
                w.baddbmm_(a.mT, delta, alpha=-1)
                b.sub_(delta.sum(1, keepdim=True))
                delta = below

    return run


def in_numba(work: Work) -> Callable[[], object]:
    """Plain loops; the innermost one runs over neighbours in memory."""
    import numba

    inputs, targets, weights = data_of(work)
    widths, most = np.array(work.widths), max(work.widths)
    w = np.zeros((work.networks, len(weights), most, most))
    for level, each in enumerate(weights):
        w[:, level, : each.shape[1], : each.shape[2]] = each
    b = np.zeros((work.networks, len(weights), most))

    @numba.njit
    def step(w: Any, b: Any, widths: Any, x: Any, t: Any, a: Any, delta: Any, rate: float) -> None:
        layers, batch = len(widths) - 1, len(x)
        for n in range(batch):
            for i in range(widths[0]):
                a[0, n, i] = x[n, i]
        for level in range(layers):
            for n in range(batch):
                for o in range(widths[level + 1]):
                    a[level + 1, n, o] = b[level, o]
                for i in range(widths[level]):
                    for o in range(widths[level + 1]):
                        a[level + 1, n, o] += a[level, n, i] * w[level, i, o]
                if level < layers - 1:
                    for o in range(widths[level + 1]):
                        a[level + 1, n, o] = max(0.0, a[level + 1, n, o])
        for n in range(batch):
            for o in range(widths[layers]):
                delta[layers, n, o] = (a[layers, n, o] - t[n, o]) * rate
        for level in range(layers - 1, -1, -1):
            if level:
                for n in range(batch):
                    for i in range(widths[level]):
                        total = 0.0
                        for o in range(widths[level + 1]):
                            total += w[level, i, o] * delta[level + 1, n, o]
                        delta[level, n, i] = total if a[level, n, i] > 0 else 0.0
            for n in range(batch):
                for i in range(widths[level]):
                    for o in range(widths[level + 1]):
                        w[level, i, o] -= a[level, n, i] * delta[level + 1, n, o]
                for o in range(widths[level + 1]):
                    b[level, o] -= delta[level + 1, n, o]

    @numba.njit
    def run(w: Any, b: Any, widths: Any, x: Any, t: Any, a: Any, delta: Any, batch: int, rate: float) -> None:
        for k in range(len(w)):
            for start in range(0, len(x), batch):
                step(w[k], b[k], widths, x[start : start + batch], t[start : start + batch], a, delta, rate)

    a, delta = np.zeros((2, len(widths), work.batch, most))
    return lambda: run(w, b, widths, inputs, targets, a, delta, work.batch, RATE / work.batch)


class Library(NamedTuple):
    """How a library trains, the package it needs, and the numbers of networks for which it is measured."""

    run: Callable[[Work], Callable[[], object]]
    package: str
    most: int = 10**6


LIBRARIES = {
    "nnsweep": Library(in_nnsweep, "numpy"),
    "JAX, vmap": Library(in_jax, "jax"),
    "PyTorch, loop": Library(in_torch_loop, "torch", 100),
    "PyTorch, bmm": Library(in_torch_stacked, "torch"),
    "compiled loop": Library(in_numba, "numba"),
}


def works() -> Iterator[tuple[str, Work]]:
    for grows, (_, of_axis) in GROWTH.items():
        for work in of_axis:
            yield grows, work


def seconds_of(run: Callable[[], object], budget: float) -> float:
    """Take the least processor time of repetitions; the first, which compiles and allocates, does not count."""
    run()
    found: list[float] = []
    end = time.process_time() + budget
    while len(found) < 3 or time.process_time() < end:
        began = time.process_time()
        run()
        found.append(time.process_time() - began)
        if time.process_time() > end + 4 * budget:
            break
    return min(found)


def child(name: str, budget: float) -> None:
    """Print the seconds of a step of one network, for every work."""
    for grows, work in works():
        if work.networks <= LIBRARIES[name].most:
            run = LIBRARIES[name].run(work)
            seconds = seconds_of(run, budget) / STEPS / work.networks
            print(json.dumps([grows, *work, seconds]), flush=True)


def speeds() -> dict[str, Any]:
    """Measure the FLOP/s of a large product, and the bytes per second of a copy, read and written, by its size."""
    a = np.random.default_rng(0).random((1500, 1500))
    peak = 2 * len(a) ** 3 / seconds_of(lambda: a @ a, 1.0)
    bandwidth = {}
    for size in (2**k for k in range(14, 29, 2)):
        source, target = np.zeros(size // 16), np.ones(size // 16)
        times = max(1, 2**22 // size)

        def copy(source: Any = source, target: Any = target, times: int = times) -> None:
            for _ in range(times):
                np.copyto(target, source)

        bandwidth[size] = size * times / seconds_of(copy, 0.1)
    return {"peak": peak, "bandwidth": bandwidth}


def floor(work: Work, found: dict[str, Any]) -> float:
    """Seconds in which one network's step can be done at best."""
    sizes, rates = (np.array([float(each) for each in part]) for part in zip(*found["bandwidth"].items(), strict=True))
    bandwidth = np.interp(np.log(8 * work.parameters * work.networks), np.log(sizes), rates)
    return max(work.flops / found["peak"], 2 * 8 * work.parameters / bandwidth)


def measured(name: str, budget: float, core: int) -> list[list[Any]]:
    command = [sys.executable, __file__, "--child", name, "--seconds", str(budget)]
    done = subprocess.run(
        command, env=os.environ | THREADS | {"PYTHONPATH": str(PROJECT)}, capture_output=True, text=True, check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr.strip().splitlines()[-1]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def draw(rows: Sequence[dict[str, Any]], title: str) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 7.2), layout="constrained")
    styles = {name: {"marker": "o", "markersize": 4} for name in LIBRARIES}
    styles["nnsweep"] |= {"linewidth": 2.5, "color": "black"}
    styles["floor"] = {"linestyle": "--", "color": "gray"}
    for axes, (grows, (label, _)) in zip(figure.subplots(2, 2).flat, GROWTH.items(), strict=True):
        for name, style in styles.items():
            points = [
                (row[grows], row["us_per_step"]) for row in rows if row["grows"] == grows and row["library"] == name
            ]
            if points:
                axes.plot(*zip(*points, strict=True), label=name, **style)
        axes.set(xscale="log", yscale="log", xlabel=label, ylabel="µs for a step of one network")
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=6, frameon=False)
    figure.suptitle(title, fontsize=10)
    figure.savefig(FIGURE, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=0.3, help="processor time for each measurement")
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--child", choices=[*LIBRARIES, "speeds"], help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child == "speeds":
        print(json.dumps(speeds()))
        return
    if asked.child:
        child(asked.child, asked.seconds)
        return
    (found,) = measured("speeds", asked.seconds, asked.core)
    rates = list(found["bandwidth"].values())
    used = ["numpy", *dict.fromkeys(each.package for each in LIBRARIES.values() if each.package != "numpy")]
    there = [name for name in used if find_spec(name)]
    title = (
        f"{date.today()}, one core, {found['peak'] / 1e9:.0f} GFLOP/s, {max(rates) / 1e9:.0f} to "
        f"{min(rates) / 1e9:.0f} GB/s; Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in there)
    )
    print(title)
    rows = [dict(grows=g, library="floor", **w._asdict(), us_per_step=1e6 * floor(w, found)) for g, w in works()]
    for name, library in LIBRARIES.items():
        if library.package in there:
            for grows, *values, seconds in measured(name, asked.seconds, asked.core):
                work = Work(*values)
                rows.append(dict(grows=grows, library=name, **work._asdict(), us_per_step=1e6 * seconds))
                print(f"{grows:9} {getattr(work, grows):>7,} {name:14} {1e6 * seconds:12.3f} µs", flush=True)
    with TABLE.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(row | {"us_per_step": f"{row['us_per_step']:.4g}"} for row in rows)
    draw(rows, title)


if __name__ == "__main__":
    main()
