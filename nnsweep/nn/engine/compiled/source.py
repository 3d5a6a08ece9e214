"""The source of a kernel: the loop of a translated step over samples and trials."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from nnsweep.nn.engine.compiled import sums
from nnsweep.nn.engine.compiled.measure_source import MeasureSource, measure_source
from nnsweep.nn.engine.compiled.measuring import Measurement
from nnsweep.nn.engine.compiled.translate import FUNCTIONS, Translation, address_of
from nnsweep.nn.network import Array

CACHE = 24 * 2**10
"""Bytes of one block of trials: most of a first-level cache, which has 32 KiB and more."""
LANES = 32, 16, 8
"""Trials of a block, as many as the cache has room for; whole vector registers."""

HEAD = """
from math import sqrt

import numba
import numpy as np

njit = numba.njit(error_model="numpy")
"""

IMPORTS = {
    "fma": "from nnsweep.nn.engine.compiled.fused import fma",
    "sigmoid": "from nnsweep.nn.engine.compiled.portable_numbers import sigmoid",
    "tanh": "from nnsweep.nn.engine.compiled.portable_numbers import tanh",
    "exp": "from nnsweep.nn.engine.compiled.portable_numbers import exp",
    "log1p": "from nnsweep.nn.engine.compiled.portable_numbers import log1p",
}
"""Where functions come from, which are imported where they are called."""

TEMPLATE = """
def train(
    memory, data, dataset_of, trial_of, order, ordered,
    samples, marks, values, finite, column,
    first_block, last_block, first, last,
):
    batch = np.empty({numbers})
    spare = np.empty({spare})
    for block in range(first_block, last_block):
        at = block * {lanes}
        own = memory[at * {loaded} : (at + {lanes}) * {loaded}]
        mark = 0
        for step in range(first, last):
            if ordered:
                for lane in range({lanes}):
                    for sample in range({samples}):
                        drawn = order[trial_of[at + lane], step * {samples} + sample]
                        for row in range({rows}):
                            number = data[drawn // {samples}, row, drawn % {samples}, dataset_of[at + lane]]
                            batch[(row * {samples} + sample) * {lanes} + lane] = number
            else:
                now = step % len(data)
                for row in range({rows}):
                    for sample in range({samples}):
                        for lane in range({lanes}):
                            number = data[now, row, sample, dataset_of[at + lane]]
                            batch[(row * {samples} + sample) * {lanes} + lane] = number
            for lane in range({lanes}):
                {body}
"""
MEASURED = """
            if mark < len(marks) and marks[mark] == step + 1:
                measure(own, at, spare, dataset_of, samples, values, finite, column + mark)
                mark += 1
"""

SIGNATURE = (
    "(f8[::1], f8[:, :, :, ::1], i8[::1], i8[::1], i8[:, ::1], b1,"
    " f8[:, :, ::1], i8[::1], f8[:, :, ::1], b1[:, ::1], i8, i8, i8, i8, i8)"
)
"""The types of a kernel's arguments, as numba writes them."""


class KernelSource(NamedTuple):
    """The text of a kernel, that of its steps alone, and how many trials it computes at a time.

    `measured` counts the operations of a measurement of one sample, roughly.
    """

    text: str
    steps: str
    lanes: int
    measured: int


def source_of(
    step: Translation, rows: int, samples: int, measurement: Measurement | None = None, parameters: Sequence[Array] = ()
) -> KernelSource:
    """Write the kernel of a step on batches of `samples` samples, each with `rows` numbers.

    `memory` has, block after block, a row of lanes for each of the step's loaded numbers. After those steps that are
    `marks` it measures the networks, whose `parameters` are these rows.
    """
    most = CACHE // (8 * (len(step.loaded) + rows * samples))
    lanes = next((lanes for lanes in LANES if lanes <= most), LANES[-1])
    places = {name: place for place, name in enumerate(step.loaded)}
    body = [
        *(f"{name} = batch[{place * lanes} + lane]" for place, name in enumerate(step.examples) if name),
        *(f"{name} = own[{places[name] * lanes} + lane]" for name in step.loaded),
        *step.lines,
        *(f"own[{places[name] * lanes} + lane] = {end}" for name, end in step.stored.items()),
    ]
    measure = MeasureSource("", 0)
    if measurement is not None:
        measure = measure_source(measurement, [place_of(row, step) for row in parameters], lanes)
    fields = {
        "numbers": rows * samples * lanes,
        "lanes": lanes,
        "samples": samples,
        "rows": rows,
        "loaded": len(step.loaded),
        "body": "\n                ".join(body),
    }
    steps = FUNCTIONS + TEMPLATE.format(spare=1, **fields)
    if not measure.text:
        return KernelSource(with_imports(steps), steps, lanes, 0)
    functions = FUNCTIONS + sums.functions(measure.text) + measure.text
    whole = functions + TEMPLATE.format(spare=measure.spare, **fields) + MEASURED
    return KernelSource(with_imports(whole), steps, lanes, measure.text.count(" = ") + measure.text.count(" * "))


def place_of(row: Array, step: Translation) -> int:
    """Give the place of a row among those that a step loads."""
    address = address_of(row)
    return next(place for place, other in enumerate(step.loaded.values()) if address_of(other) == address)


def with_imports(text: str) -> str:
    """Put the imports of what a text calls before it."""
    return HEAD + "".join(f"{line}\n" for name, line in IMPORTS.items() if re.search(rf"\b{name}\(", text)) + text
