"""Count the errors of a single output by its sign: what `WrongShares` counts, in double precision by compiled code."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np

from nnsweep.nn.activations import ACTIVATIONS
from nnsweep.nn.engine.compiled.kernels import Kernel, compiled
from nnsweep.nn.engine.compiled.source import with_imports
from nnsweep.nn.engine.compiled.translate import EXPRESSIONS, FUNCTIONS
from nnsweep.nn.engine.rows import ROWS_UP_TO
from nnsweep.nn.network import Array, Layer, Network, Spans
from nnsweep.nn.wrong_shares import WrongShares

TEMPLATE = """
def count(parameters, inputs, wanted, counts):
    for g in range(len(parameters)):
        {load}
        wrong = 0
        for sample in range(len(wanted)):
            {body}
            wrong += (z > 0.0) != wanted[sample]
        counts[g] = wrong
"""
SIGNATURE = "(f8[:, ::1], f8[:, ::1], b1[::1], i8[::1])"


class CompiledWrongShares(WrongShares):
    """The share of samples on the wrong side of the output's threshold, summed in the order of training."""

    @classmethod
    def fits(cls, network: Network, metrics: Sequence[str]) -> bool:
        """Whether `WrongShares` counts this, and the network is small enough for code of its own."""
        known = network.hidden_activation.function in EXPRESSIONS
        return network.size <= ROWS_UP_TO and known and super().fits(network, metrics)

    def __init__(self, network: Network, spans: Spans) -> None:
        self._count = _kernel(network.widths, network.activation)
        self._samples = [(span, np.ascontiguousarray(x.T), t[:, 0] == 1) for span, (x, t) in spans]

    def __call__(self, parameters: Sequence[Layer]) -> dict[str, Array]:
        """Return the error and the accuracy, (G,) each."""
        flat = np.ascontiguousarray(np.hstack([a.reshape(len(a), -1) for layer in parameters for a in layer]))
        shares = np.empty(len(flat))
        for span, inputs, wanted in self._samples:
            counts = np.empty(span.stop - span.start, np.int64)
            self._count(flat[span], inputs, wanted, counts)
            shares[span] = counts / len(wanted)
        return {"error": shares, "accuracy": 1 - shares}


@cache
def _kernel(widths: Sequence[int], activation: str) -> Kernel:
    """Compile the sums of a network, whose parameters lie layer by layer, weights (O, I) and then biases."""
    load, body, at = list[str](), list[str](), 0
    below = [f"inputs[{i}, sample]" for i in range(widths[0])]
    for level, (inputs, outputs) in enumerate(pairwise(widths), start=1):
        last, layer = level == len(widths) - 1, list[str]()
        for o in range(outputs):
            names = [f"p{at + o * inputs + i}" for i in range(inputs)]
            total = " + ".join(f"{w} * {x}" for w, x in zip(names, below, strict=True))
            bias, name = f"p{at + outputs * inputs + o}", "z" if last else f"z{level}_{o}"
            body.append(f"{name} = {total} + {bias}")
            layer.append(f"a{level}_{o}")
            body += [] if last else [f"{layer[-1]} = {EXPRESSIONS[ACTIVATIONS[activation].function].format(name)}"]
        at, below = at + outputs * (inputs + 1), layer
    load = [f"p{k} = parameters[g, {k}]" for k in range(at)]
    text = TEMPLATE.format(load="\n        ".join(load), body="\n            ".join(body))
    return compiled(with_imports(FUNCTIONS + text), "count", SIGNATURE)
