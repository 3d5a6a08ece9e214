"""Which networks the compiled engine takes: those whose step it can translate, and then computes as NumPy does here."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from nnsweep.nn.batches import batch_of
from nnsweep.nn.engine.base import Engine, EngineState
from nnsweep.nn.engine.compiled.engine import Compiled
from nnsweep.nn.engine.compiled.kernels import is_kept
from nnsweep.nn.engine.compiled.source import source_of
from nnsweep.nn.engine.compiled.translate import Translation, TranslationError, translate
from nnsweep.nn.engine.rows import Rows
from nnsweep.nn.hyperparameters import hyperparameters
from nnsweep.nn.network import Dataset, Method, Network, Training
from nnsweep.nn.optimizers import OPTIMIZERS

MISSING = "numba is not installed; `pip install nnsweep[fast]`"
LONGEST = 1500
"""Operations of the longest step that is compiled; that takes about five seconds."""
SCALES = 0.0, 1e-300, 1.0, 1e3, 1e160, np.nan
"""Sizes of the parameters of the networks that are compared: some overflow at once."""


@cache
def has_numba() -> bool:
    """Whether numba is installed. It is not imported."""
    return importlib.util.find_spec("numba") is not None


def start_seconds(network: Network, method: Method, batch: int) -> float:
    """Estimate how long the kernel of a network takes to compile, or to load if it is kept."""
    rows, step = _translated(network, method, batch)
    return 0.05 if is_kept(source_of(step, *rows.data.shape[1:3]).text) else 0.5 + 3e-3 * len(step.lines)


@cache
def operations(network: Network, method: Method, batch: int) -> int:
    """Count the operations of a step of a network that `Rows` trains.

    Raises:
        TranslationError: there is one that the engine cannot compute with NumPy's bits.
    """
    return len(_translated(network, method, batch)[1].lines)


def _translated(network: Network, method: Method, batch: int) -> tuple[Rows, Translation]:
    rows = Rows(*_stack(network, 1, batch), replace(method, batch_size=batch))
    return rows, translate(rows.calls, 1, rows.examples)


def refusal(network: Network, method: Method, batch: int) -> str:
    """Say why the engine does not take a network that `Rows` trains; "" if it does. Nothing is compiled."""
    if not has_numba():
        return MISSING
    try:
        count = operations(network, method, batch)
    except TranslationError as error:
        return f"`{error}` is not among the functions that NumPy rounds alike on all processors"
    return "" if count <= LONGEST else f"a step has {count:,} operations, and more than {LONGEST:,} compile too long"


@cache
def differs(network: Network, method: Method, batch: int) -> str:
    """Say why compiled code cannot be used here; "" if it computes NumPy's bits.

    The step is compiled, and networks of all sizes of numbers take some steps by it and by NumPy.
    """
    stack, method = _stack(network, 33, 2 * batch + 1), replace(method, batch_size=batch)
    order = np.random.default_rng(0).integers(2 * batch + 1, size=(33, 3 * batch))
    try:
        both: list[Engine] = [Compiled(*stack, method), Rows(*stack, method)]
    except Exception as error:  # numba may not fit NumPy or the processor, and say so in any way
        return f"numba cannot compile it: {type(error).__name__}"
    with np.errstate(all="ignore"):
        for engine in both:
            engine.run_steps(None)
            engine.run_steps(order)
    compiled, numpy = (engine.states() for engine in both)
    return "" if _equal(compiled, numpy) else "compiled code computes other numbers than NumPy on this machine"


def accepts(network: Network, method: Method, samples: int) -> bool:
    """Whether the engine takes a network that `Rows` trains."""
    batch = batch_of(method, samples)
    return not (refusal(network, method, batch) or differs(network, method, batch))


def _stack(network: Network, trials: int, samples: int) -> tuple[list[Training], list[Dataset], np.ndarray]:
    """Make trainings on two data sets, with parameters of all sizes."""
    random = np.random.default_rng(0)
    inputs, outputs = network.widths[0], network.widths[-1]
    datasets = [
        Dataset(x, t, x, t)
        for x, t in (
            (random.normal(size=(samples, inputs)), random.integers(2, size=(samples, outputs)).astype(np.float64))
            for _ in "ab"
        )
    ]
    trainings = []
    for k in range(trials):
        layers = tuple(
            (SCALES[k % len(SCALES)] * random.normal(size=shape), random.normal(size=shape[0]))
            for shape in network.shapes
        )
        own = {name: each.default * random.uniform(0.5, 1) for name, each in hyperparameters(OPTIMIZERS).items()}
        rate = random.uniform(0, 0.5)
        trainings.append(Training(network, layers, datasets[k % 2], rate, hyperparameters=own))
    return trainings, datasets, np.arange(trials) % 2


def _equal(one: Sequence[EngineState], other: Sequence[EngineState]) -> bool:
    """Whether states have the same bits; all NaN are equal."""
    pairs = zip(one, other, strict=True)
    arrays = ((a, b) for k, m in pairs for a, b in zip(k["arrays"], m["arrays"], strict=True))
    return all(
        np.array_equal(a, b, equal_nan=True)
        and np.array_equal(np.signbit(a) | np.isnan(a), np.signbit(b) | np.isnan(b))
        for a, b in arrays
    )
