"""Train the network of one trial again. Its inputs have the units of the data."""

from __future__ import annotations

import numpy as np

from nnsweep import nn
from nnsweep.trainers.mlp.ingredients import dataset_of, method_of, standardized, training_of
from nnsweep.trainers.mlp.split import data_of
from nnsweep.trainers.protocol import Model, Params, Response

AS_THEY_ARE = {"standardize": False, "evaluation": "held_out"}
"""Settings that give the samples in the units of the data, whatever the trial learnt from or was measured on."""


def model(params: Params) -> Model:
    """Train a trial again, and return its network and its samples."""
    training = training_of(params)
    trained = nn.train(training, [params["epochs"]], method_of(params), params["metrics"])
    parameters = [(weights[None], biases[None]) for weights, biases in trained.parameters]
    samples = dataset_of({**params, **AS_THEY_ARE})

    def respond(inputs: np.ndarray) -> Response:
        asked = standardized(inputs, samples.train_inputs) if params["standardize"] else inputs
        with np.errstate(all="ignore"):  # the outputs of a diverged network may be anything
            found = [(z[0], a[0]) for z, a in nn.layers(training.network, parameters, asked)]
        return Response([z for z, _ in found], found[-1][1])

    names = data_of(params).names or [f"input {place}" for place in range(1, samples.train_inputs.shape[1] + 1)]
    train, test = (samples.train_inputs, samples.train_targets), (samples.test_inputs, samples.test_targets)
    return Model(names, train, test, respond)
