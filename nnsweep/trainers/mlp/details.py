"""Train one trial again: its weights before and after training, and its outputs for samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nnsweep import format, nn
from nnsweep.errors import NnsweepError
from nnsweep.trainers.mlp.ingredients import method_of, training_of
from nnsweep.trainers.protocol import Params

SAMPLES = 16
"""The most test samples that are listed."""


def details(params: Params, inputs: Sequence[Sequence[float]] = ()) -> Mapping[str, Any]:
    """Return final `metrics`, `initial` and `trained` parameters, and outputs at `test` and `given` samples."""
    training = training_of(params)
    trained = nn.train(training, [params["epochs"]], method_of(params), params["metrics"])
    data = training.dataset
    found: dict[str, Any] = {
        "metrics": {name: float(values[-1]) for name, values in trained.history.items()},
        "initial": _layers(training.network, _in_units(training)),
        "trained": _layers(training.network, trained.parameters),
        "test": _samples(training.network, trained.parameters, data.test_inputs[:SAMPLES], data.test_targets),
    }
    if inputs:
        wanted = training.network.widths[0]
        for sample in inputs:
            if len(sample) != wanted:
                given, numbers = ",".join(f"{x:g}" for x in sample), format.count(len(sample), "number")
                raise NnsweepError(f"input {given}: found {numbers}; allowed: {wanted}")
        found["given"] = _samples(training.network, trained.parameters, np.array(inputs, dtype=np.float64))
    return found


def _in_units(training: nn.Training) -> Sequence[nn.Layer]:
    """Return the initial parameters in the same form as the trained ones: their outputs have the units of the data."""
    data, (*layers, last) = training.dataset, training.parameters
    return training.parameters if data.units is None else [*layers, nn.in_units(last, *data.units)]


def _layers(network: nn.Network, parameters: Sequence[nn.Layer]) -> dict[str, dict[str, Any]]:
    """Name the arrays of each layer: weights by input and output, (I, O), and biases (O,) if it has any.

    Without biases a layer still has the mean of a scaled target.
    """
    return {
        f"layer {level}": {
            "weights": weights.T.tolist(),
            **({"biases": biases.tolist()} if network.bias or biases.any() else {}),
        }
        for level, (weights, biases) in enumerate(parameters, start=1)
    }


def _samples(
    network: nn.Network, parameters: Sequence[nn.Layer], inputs: np.ndarray, targets: np.ndarray | None = None
) -> list[dict[str, list[float]]]:
    with np.errstate(all="ignore"):  # the outputs of a diverged network may be anything
        outputs = nn.predict(network, [(w[None], b[None]) for w, b in parameters], inputs)[0]
    rows = [{"input": x.tolist(), "output": y.tolist()} for x, y in zip(inputs, outputs, strict=True)]
    if targets is not None:
        rows = [{**row, "target": t.tolist()} for row, t in zip(rows, targets, strict=False)]
    return rows
