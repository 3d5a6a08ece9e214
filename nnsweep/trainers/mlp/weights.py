"""Train the network of one trial again, for its weights."""

from __future__ import annotations

from nnsweep import nn
from nnsweep.errors import NnsweepError
from nnsweep.targets import target_kind
from nnsweep.trainers.mlp.ingredients import method_of, shift_of, targets_of, training_of
from nnsweep.trainers.mlp.split import data_of, parts_of
from nnsweep.trainers.protocol import Params
from nnsweep.trainers.weights import Weights


def weights(params: Params) -> Weights:
    """Train a trial again, and return the weights after its last epoch.

    Raises:
        NnsweepError: they are not finite.
    """
    training = training_of(params)
    trained = nn.train(training, [params["epochs"]], method_of(params), params["metrics"])
    if trained.diverged_at is not None:
        raise NnsweepError(f"its training diverged, after epoch {trained.diverged_at}: it has no weights")
    data = data_of(params)
    learnt = data.filled(parts_of(params).train)[parts_of(params).train]
    names = data.names or [f"input {place}" for place in range(1, learnt.shape[1] + 1)]
    shift = shift_of(learnt) if params["standardize"] else ()
    return Weights(training.network, trained.parameters, list(names), shift, target_kind(targets_of(params)))
