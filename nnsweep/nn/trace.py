"""Every parameter of one network at every step of its training."""

from __future__ import annotations

from itertools import count

import numpy as np

from nnsweep.nn.network import Array, Method, Training
from nnsweep.nn.parameter_names import parameter_name
from nnsweep.nn.train import Run


@np.errstate(all="ignore")
def trace(training: Training, epochs: int, method: Method | None = None, every: int = 1) -> tuple[list[str], Array]:
    """Train as `train` does, and keep the parameters before the first step and after every `every`-th one.

    Returns the names of the parameters and their values, (steps kept + 1, parameters).
    """
    run = Run([training], method or Method(), ("error",))
    arrays = [
        (level, kind, run.stack.by_trial(parameters)[0])
        for level, layer in enumerate(run.stack.layers)
        for kind, (parameters, _) in enumerate(layer.learnt())
    ]
    names = [
        parameter_name(training.network, level, kind, place)
        for level, kind, values in arrays
        for place in range(values.size)
    ]
    kept: list[Array] = []
    steps = count()

    def keep() -> None:
        if next(steps) % every == 0:
            kept.append(np.concatenate([values for *_, values in arrays]))

    keep()
    run.after_each_step(keep)
    run.train([epochs])
    return names, np.array(kept)
