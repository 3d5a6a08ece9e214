"""Time the forum sweep's training and evaluation against other ways to compute the same trials, in one run.

    python benchmarks/forum.py [repeats]

All compute the same rule: 1,400 trainings of 6 epochs of 1,000 steps, each measured on 2,000 test samples after every
epoch. A loop over trials is timed on a few and extrapolated. `numba` is measured where it is installed
(`pip install nnsweep[bench]`), and so is JAX, both without their time to compile. All run on one core; each figure is
the median processor time of the repeats, which take turns. JAX joins products and sums into one rounding, so that its
errors are others in some trainings.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from nnsweep import nn, sweepfile
from nnsweep.computing import computing
from nnsweep.nn.engine.compiled.accepts import has_numba
from nnsweep.trainers import load
from nnsweep.trainers.mlp.ingredients import dataset_of, weights_of
from nnsweep.trials.expand import expand

EPOCHS = 6
LOOPED = 2
"""Trainings of each width that the loop over trials is timed on."""


def trainings() -> list[nn.Training]:
    """The 1,400 trainings of the sweep: the initial weights and samples of each."""
    sweep = sweepfile.load(Path(__file__).parents[1] / "sweeps" / "forum.toml")
    rows = [trial.params for trial in expand(sweep, load("mlp")) if trial.params["epochs"] == EPOCHS]
    datasets = {row["seed"]: dataset_of(row) for row in rows}
    return [
        nn.Training(nn.Network((2, *row["hidden"], 1)), weights_of(row), datasets[row["seed"]], row["learning_rate"])
        for row in rows
    ]


def engine(stack: list[nn.Training], signs_at: Sequence[int] = ()) -> list[list[float]]:
    """Nnsweep: all in one stack."""
    method = nn.Method(update="sequential")
    return [
        trained.history["error"].tolist() for trained in nn.train_stack(stack, EPOCHS, method, ("error",), signs_at)
    ]


def diagnosed(stack: list[nn.Training]) -> list[list[float]]:
    """Nnsweep, looking for signs of why a network does not learn after every epoch, at which trials end."""
    return engine(stack, range(1, EPOCHS + 1))


def loop(stack: list[nn.Training]) -> list[list[float]]:
    """One trial after the other, one sample after the other, small NumPy arrays: the question's own style."""
    return [_looped(training) for training in stack]


def _looped(training: nn.Training) -> list[float]:
    (W, b), (w, c) = [(weights.copy(), biases.copy()) for weights, biases in training.parameters]
    data, alpha, errors = training.dataset, training.learning_rate, []
    for _ in range(EPOCHS):
        for x, t in zip(data.train_inputs, data.train_targets[:, 0], strict=True):
            z = np.dot(W, x) + b
            a = np.maximum(z, 0)
            e = t - (1.0 if np.dot(w[0], a) + c[0] > 0 else 0.0)
            w += alpha * e * a
            c += alpha * e
            g = alpha * e * w[0] * (z > 0)
            W += np.outer(g, x)
            b += g
        wrong = 0
        for x, t in zip(data.test_inputs, data.test_targets[:, 0], strict=True):
            a = np.maximum(np.dot(W, x) + b, 0)
            wrong += (1.0 if np.dot(w[0], a) + c[0] > 0 else 0.0) != t
        errors.append(wrong / len(data.test_inputs))
    return errors


def plain(stack: list[nn.Training]) -> list[list[float]]:
    """The obvious stack: arrays with a leading trial axis and broadcasting, one stack for each width."""
    widths = [training.network.widths for training in stack]
    errors: dict[int, list[float]] = {}
    for width in sorted(set(widths)):
        places = [place for place, other in enumerate(widths) if other == width]
        errors |= zip(places, _plain([stack[place] for place in places]), strict=True)
    return [errors[place] for place in range(len(stack))]


def _plain(stack: list[nn.Training]) -> list[list[float]]:
    (W, b), (w, c) = [
        (np.array([layer[0] for layer in layers]), np.array([layer[1] for layer in layers]))
        for layers in zip(*(training.parameters for training in stack), strict=True)
    ]
    w, c = w[:, 0], c[:, 0]
    alpha = np.array([training.learning_rate for training in stack])
    data = [training.dataset for training in stack]
    X, t = np.array([d.train_inputs for d in data]), np.array([d.train_targets[:, 0] for d in data])
    X_test, t_test = np.array([d.test_inputs for d in data]), np.array([d.test_targets[:, 0] for d in data])
    errors = []
    for _ in range(EPOCHS):
        for step in range(X.shape[1]):
            x = X[:, step]
            z = (W * x[:, None, :]).sum(axis=2) + b
            a = np.maximum(z, 0)
            g = alpha * (t[:, step] - ((w * a).sum(axis=1) + c > 0))
            w += g[:, None] * a
            c += g
            G = g[:, None] * w * (z > 0)
            W += G[:, :, None] * x[:, None, :]
            b += G
        a = np.maximum(X_test @ W.transpose(0, 2, 1) + b[:, None, :], 0)
        y = (a * w[:, None, :]).sum(axis=2) + c[:, None] > 0
        errors.append((y != t_test).mean(axis=1))
    return np.array(errors).T.tolist()


def compiled() -> Callable[[list[nn.Training]], list[list[float]]] | None:
    """Compile a numba kernel of scalars, one trial after the other; None where numba is not installed."""
    try:
        import numba
    except ImportError:
        return None

    @numba.njit
    def kernel(X, t, X_test, t_test, W, b, w, c, alpha, errors):
        hidden = b.size
        z = np.empty(hidden)
        for epoch in range(errors.size):
            for step in range(len(X)):
                x0, x1 = X[step]
                y = 0.0
                for h in range(hidden):
                    z[h] = W[h, 0] * x0 + W[h, 1] * x1 + b[h]
                    if z[h] > 0:
                        y += w[h] * z[h]
                g = alpha * (t[step] - (1.0 if y + c > 0 else 0.0))
                c += g
                for h in range(hidden):
                    if z[h] > 0:
                        w[h] += g * z[h]
                        G = g * w[h]
                        W[h, 0] += G * x0
                        W[h, 1] += G * x1
                        b[h] += G
            wrong = 0
            for sample in range(len(X_test)):
                x0, x1 = X_test[sample]
                y = 0.0
                for h in range(hidden):
                    s = W[h, 0] * x0 + W[h, 1] * x1 + b[h]
                    if s > 0:
                        y += w[h] * s
                wrong += (1.0 if y + c > 0 else 0.0) != t_test[sample]
            errors[epoch] = wrong / len(X_test)

    def run(stack: list[nn.Training]) -> list[list[float]]:
        found = []
        for training in stack:
            (W, b), (w, c) = training.parameters
            d, errors = training.dataset, np.empty(EPOCHS)
            arrays = d.train_inputs, d.train_targets[:, 0], d.test_inputs, d.test_targets[:, 0]
            kernel(*arrays, W.copy(), b.copy(), w[0].copy(), c[0], training.learning_rate, errors)
            found.append(errors.tolist())
        return found

    run(trainings()[:1])
    return run


def compiled_engine(stack: list[nn.Training]) -> list[list[float]]:
    """Nnsweep's compiled engine, in one thread; its results are NumPy's, bit for bit."""
    with computing("compiled"):
        return engine(stack)


def in_jax() -> Callable[[list[nn.Training]], list[list[float]]] | None:
    """Compile a scan over samples for all trainings of a width with JAX, in float64; None where it is not installed."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        return None
    jax.config.update("jax_enable_x64", True)

    def output(p, x):
        z = p[0][:, 0] * x[0] + p[0][:, 1] * x[1] + p[1]
        return z, jnp.maximum(z, 0), (p[2] * jnp.maximum(z, 0)).sum(axis=0) + p[3] > 0

    def step(p, sample):
        x, t, alpha = sample[:2], sample[2], p[4]
        z, a, y = output(p, x)
        g = alpha * (t - y)
        w = p[2] + g * a
        d = g * w * (z > 0)
        return (p[0] + d[:, None] * x, p[1] + d, w, p[3] + g, alpha), None

    def epoch(p, train, test):
        p, _ = jax.lax.scan(step, p, train)
        wrong, _ = jax.lax.scan(lambda n, s: (n + (output(p, s[:2])[2] != s[2]), None), jnp.zeros(p[3].shape), test)
        return p, wrong / len(test)

    epoch = jax.jit(epoch)

    @cache
    def arrays(width: int):
        """Lay out the trainings of a width, trials last; this is not timed."""
        same = [training for training in trainings() if training.network.widths[1] == width]
        layers = zip(*(training.parameters for training in same), strict=True)
        (W, b), (w, c) = [[np.stack(each, axis=-1) for each in zip(*layer, strict=True)] for layer in layers]
        rates, data = np.array([training.learning_rate for training in same]), [training.dataset for training in same]
        train = np.stack([np.hstack([d.train_inputs, d.train_targets]) for d in data], axis=-1)
        test = np.stack([np.hstack([d.test_inputs, d.test_targets]) for d in data], axis=-1)
        return tuple(map(jnp.asarray, (W, b, w[0], c[0], rates))), jnp.asarray(train), jnp.asarray(test)

    def run(stack: list[nn.Training]) -> list[list[float]]:
        errors: dict[int, list[float]] = {}
        widths = [training.network.widths[1] for training in stack]
        for width in sorted(set(widths)):
            p, train, test = arrays(width)
            found = []
            for _ in range(EPOCHS):
                p, error = epoch(p, train, test)
                found.append(np.asarray(error))
            places = [place for place, other in enumerate(widths) if other == width]
            errors |= zip(places, np.array(found).T.tolist(), strict=True)
        return [errors[place] for place in range(len(stack))]

    return run


def timed(function: Callable[[list[nn.Training]], list[list[float]]], stack: list[nn.Training]) -> float:
    """Seconds of one core that a call takes."""
    started = time.process_time()
    function(stack)
    return time.process_time() - started


def main(repeats: int) -> None:
    """Check that all ways agree, time them in turn, and print the table."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    stack = trainings()
    few = [training for width in (2, 4) for training in [t for t in stack if t.network.widths[1] == width][:LOOPED]]
    ways = {
        "nnsweep, one stack": (engine, stack),
        "nnsweep, diagnosed": (diagnosed, stack),
        "plain stacked NumPy": (plain, stack),
        "NumPy, trial by trial": (loop, few),
    }
    if has_numba():
        ways["nnsweep, compiled"] = (compiled_engine, stack)
    if jax := in_jax():
        ways["JAX, scan over rows"] = (jax, stack)
    kernel = compiled()
    if kernel:
        ways["numba scalar kernel"] = (kernel, stack)
    with threadpool_limits(limits=1):
        expected = engine(stack)
        for name, (way, given) in ways.items():
            asked = expected if given is stack else engine(few)
            same = sum(one == other for one, other in zip(way(given), asked, strict=True))
            print(f"{name}: {same:,} of {len(given):,} trainings have the same errors in every epoch")
        seconds = {name: [] for name in ways}
        for _ in range(repeats):
            for name, (way, given) in ways.items():
                seconds[name].append(timed(way, given) * len(stack) / len(given))
    print(f"\n{'':24}{'seconds':>10}{'against nnsweep':>18}")
    base = statistics.median(seconds["nnsweep, one stack"])
    for name, measured in seconds.items():
        median = statistics.median(measured)
        print(f"{name:24}{median:10.3f}{median / base:18.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
