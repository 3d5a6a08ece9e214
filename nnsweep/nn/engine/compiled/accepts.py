"""Which networks the compiled engine takes: those whose step it can translate, and then computes as NumPy does here."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np

from nnsweep.nn.batches import Indices, batch_of
from nnsweep.nn.engine.base import Engine, EngineState, Readings
from nnsweep.nn.engine.compiled.engine import Compiled
from nnsweep.nn.engine.compiled.kernels import is_kept
from nnsweep.nn.engine.compiled.measuring import MEASURED_UP_TO, Measurement, measurement_of
from nnsweep.nn.engine.compiled.source import source_of
from nnsweep.nn.engine.compiled.translate import Translation, TranslationError, translate
from nnsweep.nn.engine.rows import Rows
from nnsweep.nn.evaluate import evaluator, finite_values
from nnsweep.nn.hyperparameters import hyperparameters
from nnsweep.nn.metrics import TRAIN, VALIDATION
from nnsweep.nn.network import Dataset, Method, Network, Samples, Training
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
    measured = 0.4 + 0.04 * network.size if network.size <= MEASURED_UP_TO else 0.0
    return 0.05 if is_kept(source_of(step, *rows.data.shape[1:3]).steps) else 0.5 + 3e-3 * len(step.lines) + measured


@cache
def operations(network: Network, method: Method, batch: int) -> int:
    """Count the operations of a step of a network that `Rows` trains.

    Raises:
        TranslationError: there is one that the engine cannot compute with NumPy's bits.
    """
    return len(_translated(network, method, batch)[1].lines)


def _translated(network: Network, method: Method, batch: int) -> tuple[Rows, Translation]:
    rows = Rows(*_stack(network, 1, batch), replace(method, batch_size=batch))
    return rows, translate(*rows.numbered_step(), 1)


def refusal(network: Network, method: Method, batch: int) -> str:
    """Say why the engine does not take a network that `Rows` trains; "" if it does. Nothing is compiled."""
    if not has_numba():
        return MISSING
    try:
        count = operations(network, method, batch)
    except TranslationError as error:
        return f"`{error}` is not among the functions that NumPy rounds alike on all processors"
    return "" if count <= LONGEST else f"a step has {count:,} operations, and more than {LONGEST:,} compile too long"


class Difference(NamedTuple):
    """In what compiled code differs from NumPy: why it cannot take steps, "" if it can, and whether it measures."""

    steps: str
    measures: bool


@cache
def difference(network: Network, method: Method, batch: int, measurement: Measurement | None = None) -> Difference:
    """Compare compiled code with NumPy, bit for bit.

    The kernel is compiled, and networks of all sizes of numbers take some steps by it and by NumPy, and are measured by
    both on as many samples as there will be.
    """
    stack, method = _stack(network, 33, 2 * batch + 1), replace(method, batch_size=batch)
    order = np.random.default_rng(0).integers(2 * batch + 1, size=(33, 3 * batch))
    try:
        fast, plain = Compiled(*stack, method), Rows(*stack, method)
        if measurement is None:
            return Difference(_steps_differ(fast, plain, order), False)
        datasets = _measured(measurement)
        fast.measure([measurement], datasets)
        return _compare(fast, plain, order, measurement, datasets)
    except Exception as error:  # numba may not fit NumPy or the processor, and say so in any way
        return Difference(f"numba cannot compile it: {type(error).__name__}", False)


def differs(network: Network, method: Method, batch: int) -> str:
    """Say why compiled code cannot be used here; "" if it computes NumPy's bits."""
    return difference(network, method, batch).steps


OTHER = "compiled code computes other numbers than NumPy on this machine"


def _steps_differ(fast: Compiled, plain: Rows, order: Indices) -> str:
    with np.errstate(all="ignore"):
        for engine in (fast, plain):
            engine.run_steps(None)
            engine.run_steps(order)
    return "" if _equal(fast.states(), plain.states()) else OTHER


def _compare(
    fast: Compiled, plain: Rows, order: Indices, measurement: Measurement, datasets: Sequence[Dataset]
) -> Difference:
    """Compare also what both measure, after the first steps and after the last ones."""
    network, metrics, trials = measurement.network, measurement.metrics, len(order)
    values, finite = np.empty((trials, len(metrics), 2)), np.empty((trials, 2), np.bool_)
    by_dataset = np.argsort(np.arange(trials) % 2, kind="stable")
    ends = slice(0, -(-trials // 2)), slice(-(-trials // 2), trials)
    measure, same = evaluator(network, list(zip(ends, datasets, strict=True)), metrics), True
    with np.errstate(all="ignore"):
        for column, each in enumerate((None, order)):
            fast.run_steps(each, readings=Readings(np.array([3]), values, finite, column))
            plain.run_steps(each)
            parameters = [(w[by_dataset], b[by_dataset]) for w, b in plain.read(slice(0, trials))]
            found, real = finite_values(measure(parameters), parameters)
            same &= np.array_equal(found, values[by_dataset, :, column].T, equal_nan=True)
            same &= np.array_equal(real, finite[by_dataset, column])
    return Difference("" if _equal(fast.states(), plain.states()) else OTHER, same)


def _measured(measurement: Measurement) -> list[Dataset]:
    """Make two data sets with as many samples of each part as are measured."""
    random = np.random.default_rng(1)
    widths, counts = measurement.network.widths, {part.prefix: part.samples for part in measurement.parts}

    def draw(prefix: str) -> Samples:
        count = counts.get(prefix, 1)
        classes = random.integers(max(widths[-1], 2), size=count)
        targets = classes[:, None] if widths[-1] == 1 else np.eye(widths[-1])[classes]
        return random.normal(size=(count, widths[0])), targets.astype(np.float64)

    return [Dataset(*draw(TRAIN), *draw(""), draw(VALIDATION)) for _ in "ab"]


def accepts(
    network: Network, method: Method, samples: int, metrics: Sequence[str] = (), datasets: Sequence[Dataset] = ()
) -> bool:
    """Whether the engine takes a network that `Rows` trains, of which these metrics are measured."""
    batch = batch_of(method, samples)
    if refusal(network, method, batch):
        return False
    return not difference(network, method, batch, measurement_of(network, metrics, datasets)).steps


def measures(engine: Engine, metrics: Sequence[str]) -> bool:
    """Have an engine measure metrics while it takes steps, if it computes them as NumPy does; tell whether it will."""
    if not isinstance(engine, Compiled):
        return False
    wanted = engine.measurements(metrics)
    found = [each for each, method, batch in wanted if each and difference(each.network, method, batch, each).measures]
    if len(found) < len(wanted):
        return False
    engine.measure(found)
    return True


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
