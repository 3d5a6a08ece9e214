"""Time training and evaluation: this version beside another one and beside other libraries, on one core.

    python benchmarks/engines.py [WORK …] [--before FOLDER] [--rounds 5] [--kinds 2]

A work is a shipped sweep or one of NETWORKS on random samples. Of a sweep, all trials of some kinds are trained, evenly
chosen: those of a kind have one network and one method. `--before` is a checkout of another version; it trains the same
trials, stacked as it plans, and its results must be equal. Timed is what the trainer gives, which an earlier version
gives as an object for each trial and this one as columns. On NETWORKS the other libraries are measured that are
installed (`pip install jax scikit-learn torch`), all in float64: they train as many networks, in as many batches, and
measure the accuracy of all samples after each epoch. "NumPy" is the loop that a tutorial writes, "PyTorch" the loop
that PyTorch's documentation writes; "PyTorch, bmm" trains all networks at once, with the backward pass written by hand.

Everything runs in a process of its own on the same core, with one thread, in turn. Told is the least processor time of
the rounds, without imports and without what a library compiles when it is first used, and the process's largest memory.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

PROJECT = Path(__file__).parents[1]
SWEEPS = "tutorial_optimizers", "tutorial_init", "two_layer", "gates", "forum_fixes", "forum"
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
RATE = 0.1


class Shape(NamedTuple):
    """Networks that are trained by gradient descent, and their data."""

    widths: tuple[int, int, int]
    activation: str
    samples: int
    epochs: int
    networks: int
    batch: int = 100


NETWORKS = {
    "64-50-10": Shape((64, 50, 10), "sigmoid", 1_400, 5, 8),
    "784-50-10": Shape((784, 50, 10), "relu", 6_000, 4, 2),
}


class Data(NamedTuple):
    """Samples, classes, and the initial weights (I, O) of every layer of every network; biases are 0."""

    inputs: np.ndarray
    classes: np.ndarray
    weights: list[list[np.ndarray]]


def data_of(shape: Shape) -> Data:
    random = np.random.default_rng(0)
    pairs = list(zip(shape.widths, shape.widths[1:], strict=False))
    inputs, classes = (
        random.random((shape.samples, shape.widths[0])),
        random.integers(shape.widths[-1], size=shape.samples),
    )
    return Data(inputs, classes, [[random.normal(0, i**-0.5, (i, o)) for i, o in pairs] for _ in range(shape.networks)])


def order_of(shape: Shape, epoch: int) -> np.ndarray:
    return np.random.default_rng(epoch).permutation(shape.samples)


def chosen_stacks(name: str, kinds_at_most: int) -> tuple[Any, list[list[dict[str, Any]]]]:
    """Give the trainer and all stacks of some kinds of network and method, as the version that is imported plans."""
    import nnsweep
    from nnsweep import api, trainers
    from nnsweep.execution.plan import make_plan

    try:
        from nnsweep.trials.expand import expand
        from nnsweep.trials.ids import to_numbers
    except ImportError:  # a version from before trials had a room of their own
        expand, to_numbers = importlib.import_module(f"{nnsweep.__name__}.grid").expand, tuple
    found = api.load(Path(nnsweep.__file__).parents[1] / "sweeps" / f"{name}.toml")
    trainer = trainers.load(found.trainer)
    kinds: dict[Any, list[Any]] = {}
    for stack in make_plan(expand(found, trainer), to_numbers(()), trainer, jobs=1).stacks:
        kinds.setdefault(trainer.stack_key(dict(stack.trials[0].params)), []).append(stack)
    # Versions plan in orders of their own, and stacks of different sizes, but each shall train the same trials.
    by_values = sorted(kinds.values(), key=lambda same: min(_values(trial) for stack in same for trial in stack.trials))
    chosen = [
        [dict(trial.params) | ({"math": "native"} if "math" in trial.params else {}) for trial in stack.trials]
        for same in by_values[:: max(1, len(by_values) // kinds_at_most)][:kinds_at_most]
        for stack in same
    ]  # an earlier version has no other arithmetic
    return trainer, chosen


def sweep(name: str, kinds_at_most: int) -> Callable[[], object]:
    """Train some kinds of a shipped sweep."""
    trainer, chosen = chosen_stacks(name, kinds_at_most)
    return lambda: [trainer.train(stack) for stack in chosen]


def in_nnsweep(shape: Shape, data: Data) -> Callable[[], object]:
    from nnsweep import nn

    targets = np.eye(shape.widths[-1])[data.classes]
    dataset = nn.Dataset(data.inputs, targets, data.inputs, targets)
    network = nn.Network(shape.widths, shape.activation, "softmax", "categorical_cross_entropy")
    trainings = [
        nn.Training(network, tuple((w.T, np.zeros(w.shape[1])) for w in weights), dataset, RATE, seed=seed)
        for seed, weights in enumerate(data.weights)
    ]
    method = nn.Method(batch_size=shape.batch, order="reshuffled")
    size = nn.choose_engine(network, shape.batch).engine.capacity(network, shape.batch)
    stacks = [trainings[start : start + size] for start in range(0, len(trainings), size)]
    return lambda: [nn.train_stack(stack, shape.epochs, method, ("accuracy",)) for stack in stacks]


def in_numpy(shape: Shape, data: Data) -> Callable[[], object]:
    targets = np.eye(shape.widths[-1])[data.classes]

    def f(z: np.ndarray) -> np.ndarray:
        return np.maximum(z, 0) if shape.activation == "relu" else 1 / (1 + np.exp(-z))

    def train(weights: Sequence[np.ndarray]) -> list[float]:
        (w1, w2), b1, b2 = [w.copy() for w in weights], np.zeros(shape.widths[1]), np.zeros(shape.widths[2])
        found = []
        for epoch in range(shape.epochs):
            order = order_of(shape, epoch)
            for start in range(0, shape.samples, shape.batch):
                at = order[start : start + shape.batch]
                x = data.inputs[at]
                a = f(x @ w1 + b1)
                z = a @ w2 + b2
                y = np.exp(z - z.max(axis=1, keepdims=True))
                y /= y.sum(axis=1, keepdims=True)
                d2 = (y - targets[at]) / len(at)
                d1 = d2 @ w2.T * ((a > 0) if shape.activation == "relu" else a * (1 - a))
                w2 -= RATE * (a.T @ d2)
                b2 -= RATE * d2.sum(axis=0)
                w1 -= RATE * (x.T @ d1)
                b1 -= RATE * d1.sum(axis=0)
            found.append(np.mean((f(data.inputs @ w1 + b1) @ w2 + b2).argmax(axis=1) == data.classes))
        return found

    return lambda: [train(weights) for weights in data.weights]


def in_torch(shape: Shape, data: Data) -> Callable[[], object]:
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    inputs, classes = torch.from_numpy(data.inputs), torch.from_numpy(data.classes)

    def train(weights: Sequence[np.ndarray]) -> list[float]:
        middle = torch.nn.ReLU() if shape.activation == "relu" else torch.nn.Sigmoid()
        model = torch.nn.Sequential(torch.nn.Linear(*shape.widths[:2]), middle, torch.nn.Linear(*shape.widths[1:]))
        with torch.no_grad():
            for layer, w in zip((model[0], model[2]), weights, strict=True):
                layer.weight.copy_(torch.from_numpy(w.T))
                layer.bias.zero_()
        optimizer, found = torch.optim.SGD(model.parameters(), RATE), []
        for epoch in range(shape.epochs):
            for at in torch.from_numpy(order_of(shape, epoch)).split(shape.batch):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(model(inputs[at]), classes[at]).backward()
                optimizer.step()
            with torch.inference_mode():
                found.append((model(inputs).argmax(dim=1) == classes).double().mean().item())
        return found

    return lambda: [train(weights) for weights in data.weights]


def in_torch_stacked(shape: Shape, data: Data) -> Callable[[], object]:
    """All networks at once as stacks of matrices; all take the samples in one order."""
    import torch

    torch.set_num_threads(1)
    inputs, classes = torch.from_numpy(data.inputs), torch.from_numpy(data.classes)
    targets = torch.nn.functional.one_hot(classes, shape.widths[-1]).double()
    f = torch.relu_ if shape.activation == "relu" else torch.sigmoid_

    def activations(x: Any, w1: Any, b1: Any) -> Any:
        return f(torch.baddbmm(b1, x.expand(shape.networks, *x.shape), w1))

    @torch.inference_mode()
    def run() -> list[Any]:
        w1, w2 = (torch.from_numpy(np.stack([weights[k] for weights in data.weights])) for k in range(2))
        b1, b2 = (torch.zeros((shape.networks, 1, width), dtype=torch.float64) for width in shape.widths[1:])
        found = []
        for epoch in range(shape.epochs):
            for at in torch.from_numpy(order_of(shape, epoch)).split(shape.batch):
                x = inputs[at]
                a = activations(x, w1, b1)
                d2 = torch.baddbmm(b2, a, w2).softmax(dim=2).sub_(targets[at]).mul_(RATE / len(at))
                d1 = torch.bmm(d2, w2.mT).mul_((a > 0) if shape.activation == "relu" else a * (1 - a))
                w2.baddbmm_(a.mT, d2, alpha=-1)
                b2.sub_(d2.sum(1, keepdim=True))
                w1.baddbmm_(x.T.expand(shape.networks, -1, -1), d1, alpha=-1)
                b1.sub_(d1.sum(1, keepdim=True))
            outputs = torch.baddbmm(b2, activations(inputs, w1, b1), w2)
            found.append((outputs.argmax(dim=2) == classes).double().mean(dim=1))
        return found

    return run


def in_scikit_learn(shape: Shape, data: Data) -> Callable[[], object]:
    from sklearn.neural_network import MLPClassifier

    names = {"relu": "relu", "sigmoid": "logistic"}
    every = np.arange(shape.widths[-1])

    def train(seed: int) -> list[float]:
        model = MLPClassifier(
            (shape.widths[1],), activation=names[shape.activation], solver="sgd", alpha=0.0, batch_size=shape.batch,
            learning_rate_init=RATE, momentum=0.0, random_state=seed,
        )  # fmt: skip
        return [model.partial_fit(data.inputs, data.classes, classes=every).score(data.inputs, data.classes)
                for _ in range(shape.epochs)]  # fmt: skip

    return lambda: [train(seed) for seed in range(shape.networks)]


def in_jax(shape: Shape, data: Data) -> Callable[[], object]:
    """All networks at once by vmap, all steps in one compiled scan."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    f = jax.nn.relu if shape.activation == "relu" else jax.nn.sigmoid
    inputs, classes = jnp.asarray(data.inputs), jnp.asarray(data.classes)
    orders = jnp.asarray([order_of(shape, epoch) for epoch in range(shape.epochs)])

    def logits(p: Any, x: Any) -> Any:
        return f(x @ p[0] + p[1]) @ p[2] + p[3]

    def loss(p: Any, at: Any) -> Any:
        return -jnp.take_along_axis(jax.nn.log_softmax(logits(p, inputs[at])), classes[at][:, None], 1).mean()

    def step(p: Any, at: Any) -> Any:
        return jax.tree.map(lambda each, g: each - RATE * g, p, jax.grad(loss)(p, at)), None

    def epoch(p: Any, order: Any) -> Any:
        p, _ = jax.lax.scan(step, p, order.reshape(-1, shape.batch))
        return p, (logits(p, inputs).argmax(axis=1) == classes).mean()

    first, second = (jnp.asarray([weights[k] for weights in data.weights]) for k in range(2))
    start = first, jnp.zeros((shape.networks, shape.widths[1])), second, jnp.zeros((shape.networks, shape.widths[2]))
    run = jax.jit(jax.vmap(lambda *p: jax.lax.scan(epoch, p, orders)[1]))
    return lambda: run(*start).block_until_ready()


LIBRARIES: dict[str, tuple[str, Callable[[Shape, Data], Callable[[], object]]]] = {
    "nnsweep": ("nnsweep", in_nnsweep),
    "NumPy": ("numpy", in_numpy),
    "JAX": ("jax", in_jax),
    "PyTorch": ("torch", in_torch),
    "PyTorch, bmm": ("torch", in_torch_stacked),
    "scikit-learn": ("sklearn", in_scikit_learn),
}
"""The package of each, and how it trains."""
DISTRIBUTIONS = {"sklearn": "scikit-learn"}


def _values(trial: Any) -> list[tuple[str, str]]:
    return sorted((name, str(value)) for name, value in trial.params.items())


def digest(outcomes: Any) -> str:
    """Identify outcomes, whatever form and order a version gives them in."""
    found = sorted(repr((o.status, o.metrics, o.history)) for stack in outcomes for o in stack)
    return hashlib.sha256(repr(found).encode()).hexdigest()


def child(work: str, way: str, kinds: int) -> None:
    """Measure one way in this process, and print it as JSON."""
    with threadpool_limits(limits=1):
        run = LIBRARIES[way][1](NETWORKS[work], data_of(NETWORKS[work])) if work in NETWORKS else sweep(work, kinds)
        if work in NETWORKS:
            run()  # what libraries load, compile and allocate when they are first used
        began = time.process_time()
        found = run()
        seconds = time.process_time() - began
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    result = "" if work in NETWORKS else digest(found)
    print(json.dumps({"seconds": seconds, "megabytes": megabytes, "result": result}))


def measured(tree: Path, work: str, way: str, kinds: int, core: int) -> dict[str, Any]:
    command = [sys.executable, __file__, work, "--child", way, "--kinds", str(kinds)]
    done = subprocess.run(
        command, env=os.environ | THREADS | {"PYTHONPATH": str(tree)}, capture_output=True, text=True,
        check=False, preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{work}, {way}: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout.splitlines()[-1])


def ways_of(work: str, before: Path | None) -> dict[str, tuple[Path, str]]:
    """Each column's name, with its tree and its library; the first is what the others are compared with."""
    if work in NETWORKS:
        return {name: (PROJECT, name) for name, (package, _) in LIBRARIES.items() if importlib.util.find_spec(package)}
    return {"nnsweep": (PROJECT, "nnsweep")} | ({"before": (before, "nnsweep")} if before else {})


def table(work: str, before: Path | None, rounds: int, kinds: int, core: int) -> None:
    ways = ways_of(work, before)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (tree, way) in ways.items():
            found[name].append(measured(tree, work, way, kinds, core))
    least = {name: min(each["seconds"] for each in runs) for name, runs in found.items()}
    same = len({each["result"] for runs in found.values() for each in runs}) == 1
    for name, runs in found.items():
        megabytes = max(each["megabytes"] for each in runs)
        ratio = least[next(iter(ways))] / least[name]
        note = "" if same else "  results differ"
        print(f"{work:20} {name:14} {least[name]:9.3f} {ratio:18.2f} {megabytes:9.0f}{note}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", nargs="*", choices=[*SWEEPS, *NETWORKS, []], metavar="WORK")
    parser.add_argument("--before", type=lambda text: Path(text).resolve(), metavar="FOLDER")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--kinds", type=int, default=2, help="kinds of each sweep, of which all stacks are trained")
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--child", metavar="WAY", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        child(asked.works[0], asked.child, asked.kinds)
        return
    used = dict.fromkeys(package for package, _ in LIBRARIES.values() if package != "nnsweep")
    there = [package for package in used if importlib.util.find_spec(package)]
    versions = [f"{name} {version(name)}" for name in (DISTRIBUTIONS.get(package, package) for package in there)]
    print(f"Python {platform.python_version()}, {', '.join(versions)}\n")
    print(f"{'work':20} {'':14} {'seconds':>9} {'nnsweep takes ×':>18} {'MB':>9}")
    for work in asked.works or [*SWEEPS, *NETWORKS]:
        table(work, asked.before, asked.rounds, asked.kinds, asked.core)


if __name__ == "__main__":
    main()
