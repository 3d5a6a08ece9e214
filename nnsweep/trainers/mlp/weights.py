"""Train networks of trials again, for their weights."""

from __future__ import annotations

from collections.abc import Sequence

from nnsweep import nn
from nnsweep.errors import NnsweepError
from nnsweep.targets import target_kind
from nnsweep.trainers.mlp.ingredients import method_of, shift_of, targets_of, trainings_of
from nnsweep.trainers.mlp.split import data_of, parts_of
from nnsweep.trainers.protocol import Params
from nnsweep.trainers.weights import Weights


def weights_of(stack: Sequence[Params]) -> list[Weights]:
    """Train trials of one stack key again, and return the weights of each after its last epoch.

    Raises:
        NnsweepError: those of one are not finite.
    """
    trainings, found = list(trainings_of(stack)), dict[int, Weights]()
    for epochs in {params["epochs"] for params in stack}:
        places = [place for place, params in enumerate(stack) if params["epochs"] == epochs]
        together, first = [trainings[place] for place in places], stack[places[0]]
        trained = nn.train_stack(together, [epochs], method_of(first), first["metrics"])
        for place, each in zip(places, trained, strict=True):
            found[place] = _weights(stack[place], trainings[place], each)
    return [found[place] for place in range(len(stack))]


def _weights(params: Params, training: nn.Training, trained: nn.Trained) -> Weights:
    if trained.diverged_at is not None:
        raise NnsweepError(f"its training diverged, after epoch {trained.diverged_at}: it has no weights")
    data = data_of(params)
    learnt = data.filled(parts_of(params).train)[parts_of(params).train]
    names = data.names or [f"input {place}" for place in range(1, learnt.shape[1] + 1)]
    shift = shift_of(learnt) if params["standardize"] else ()
    return Weights(training.network, trained.parameters, list(names), shift, target_kind(targets_of(params)))
