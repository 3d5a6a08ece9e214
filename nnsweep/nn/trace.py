"""Every parameter of one network at every step of its training."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import numpy as np

from nnsweep.nn.network import Array, Method, Training
from nnsweep.nn.parameter_names import parameter_name
from nnsweep.nn.train import StackTraining


@np.errstate(all="ignore")
def trace(training: Training, epochs: int, method: Method | None = None, every: int = 1) -> tuple[list[str], Array]:
    """Train as `train` does, and keep the parameters before the first step and after every `every`-th one.

    Returns the names of the parameters and their values, (steps kept + 1, parameters).
    """
    stack = StackTraining([training], method)
    arrays = [
        (level, kind, values[0])
        for level, of_layer in enumerate(stack.engine.parameters())
        for kind, values in enumerate(of_layer)
    ]
    names = [
        parameter_name(training.network, level, kind, place)
        for level, kind, values in arrays
        for place in range(values.size)
    ]
    kept = [np.concatenate([values for *_, values in arrays])]
    steps = count(1)

    def keep(step: Callable[[], None]) -> None:
        step()
        if next(steps) % every == 0:
            kept.append(np.concatenate([values for *_, values in arrays]))

    stack.run_observed(epochs, keep)
    return names, np.array(kept)
