"""The source of a kernel: the loop of a translated step over samples and trials."""

from __future__ import annotations

from typing import NamedTuple

from nnsweep.nn.engine.compiled.translate import FUNCTIONS, Translation

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

PORTABLE = """
from nnsweep.nn.engine.compiled.portable_numbers import sigmoid, tanh
"""

TEMPLATE = """
def train(memory, data, dataset_of, trial_of, order, ordered, first_block, last_block, first, last):
    batch = np.empty({numbers})
    for block in range(first_block, last_block):
        at = block * {lanes}
        own = memory[at * {loaded} : (at + {lanes}) * {loaded}]
        for step in range(first, last):
            for lane in range({lanes}):
                dataset = dataset_of[at + lane]
                for sample in range({samples}):
                    if ordered:
                        drawn = order[trial_of[at + lane], step * {samples} + sample]
                    else:
                        drawn = step % len(data) * {samples} + sample
                    for row in range({rows}):
                        number = data[drawn // {samples}, row, drawn % {samples}, dataset]
                        batch[(row * {samples} + sample) * {lanes} + lane] = number
            for lane in range({lanes}):
                {body}
"""

SIGNATURE = "(f8[::1], f8[:, :, :, ::1], i8[::1], i8[::1], i8[:, ::1], b1, i8, i8, i8, i8)"
"""The types of a kernel's arguments, as numba writes them."""


class KernelSource(NamedTuple):
    """The text of a kernel, and how many trials it computes at a time."""

    text: str
    lanes: int


def source_of(step: Translation, rows: int, samples: int) -> KernelSource:
    """Write the kernel of a step on batches of `samples` samples, each with `rows` numbers.

    `memory` has, block after block, a row of lanes for each of the step's loaded numbers.
    """
    most = CACHE // (8 * (len(step.loaded) + rows * samples))
    lanes = next((lanes for lanes in LANES if lanes <= most), LANES[-1])
    places = {name: place for place, name in enumerate(step.loaded)}
    body = [
        *(f"{name} = batch[{place * lanes} + lane]" for place, name in enumerate(step.examples) if name),
        *(f"{name} = own[{places[name] * lanes} + lane]" for name in step.loaded),
        *(f"{name} = {other}" for name, other in step.equal.items()),
        *step.lines,
        *(f"own[{places[name] * lanes} + lane] = {end}" for name, end in step.stored.items()),
    ]
    text = TEMPLATE.format(
        numbers=rows * samples * lanes,
        lanes=lanes,
        samples=samples,
        rows=rows,
        loaded=len(step.loaded),
        body="\n                ".join(body),
    )
    smooth = any(call in line for line in step.lines for call in ("sigmoid(", "tanh("))
    return KernelSource(HEAD + (PORTABLE if smooth else "") + FUNCTIONS + text, lanes)
