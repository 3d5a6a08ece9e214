"""Train stacks: from parameters to outcomes, without or with stops."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from math import nan

import numpy as np

from nnsweep import nn
from nnsweep.errors import NnsweepError
from nnsweep.trainers.columns import OutcomeColumns
from nnsweep.trainers.mlp.ingredients import method_of, network_of, trainings_of
from nnsweep.trainers.mlp.split import data_of, sizes_of
from nnsweep.trainers.protocol import Outcome, Params

NOWHERE = -1
"""The place of a NaN, after all values."""


def last_epoch(checkpoints: Sequence[Params]) -> int:
    """Return the last epoch of a training, which is that of its last checkpoint."""
    return max(params["epochs"] for params in checkpoints)


def train(stack: Sequence[Params], training_key: Callable[[Params], Hashable]) -> Sequence[Outcome]:
    """Train trials with one stack key; neighbours with one training key are one training."""
    started = time.perf_counter()
    trainings = [list(run) for _, run in groupby(stack, training_key)]
    trained = _train(trainings)
    seconds = (time.perf_counter() - started) / len(stack)
    pairs = zip(trained, trainings, strict=True)
    if stack[0]["measure_every"] == 1:
        return _columns(list(pairs), seconds)
    return [outcome for each, checkpoints in pairs for outcome in _outcomes(each, checkpoints, seconds)]


def _columns(pairs: Sequence[tuple[nn.Trained, Sequence[Params]]], seconds: float) -> OutcomeColumns:
    """Return the outcomes of all checkpoints of trainings that were measured after each epoch."""
    names = tuple(pairs[0][0].history), tuple(pairs[0][0].diagnostics)
    training, epochs, starts, count = list[int](), list[int](), list[int](), 0
    diagnosed, diagnoses = list[int](), 0
    plain: list[nn.Trained] = []
    others: dict[int, Outcome] = {}
    for number, (each, checkpoints) in enumerate(pairs):
        ends = [params["epochs"] for params in checkpoints]
        starts.append(count)
        if False not in each.finite.tolist() and (tuple(each.history), tuple(each.diagnostics)) == names:
            diagnosed += [diagnoses + each.diagnosed_at.index(end) for end in ends]
            diagnoses += len(each.diagnosed_at)
            plain.append(each)
            count += len(each.epochs)
        else:
            others |= enumerate(_outcomes(each, checkpoints, seconds), len(epochs))
            diagnosed += [NOWHERE] * len(ends)
        training += [number] * len(ends)
        epochs += ends
    records = _records([each.history for each in plain], names[0], count)
    rows = np.array(starts)[training] + np.array(epochs) - 1
    rows[list(others)] = NOWHERE
    return OutcomeColumns(
        {name: np.append(values, nan)[rows] for name, values in zip(names[0], records.T, strict=True)},
        {name: np.concatenate([*(each.diagnostics[name] for each in plain), [nan]])[diagnosed] for name in names[1]},
        *(records, np.array(starts), np.array(training), np.array(epochs), seconds, others),
    )


def _records(histories: Sequence[Mapping[str, np.ndarray]], names: Sequence[str], count: int) -> np.ndarray:
    """Put histories one after the other, a record (metrics,) for each of all `count` epochs."""
    records = np.empty((count, len(names)))
    for at, name in enumerate(names if histories else ()):
        np.concatenate([history[name] for history in histories], out=records[:, at])
    return records


def _train(trainings: Sequence[Sequence[Params]]) -> list[nn.Trained]:
    """Continue each training to its last checkpoint; those with the same last epoch are trained together."""
    made = dict(enumerate(trainings_of([checkpoints[0] for checkpoints in trainings])))
    last = [last_epoch(checkpoints) for checkpoints in trainings]
    first = trainings[0][0]
    trained: dict[int, nn.Trained] = {}
    for epochs in set(last):
        places = [place for place, end in enumerate(last) if end == epochs]
        ends = {params["epochs"] for place in places for params in trainings[place]}
        measured = sorted({*_measured(epochs, first["measure_every"]), *ends})
        stack = [made[place] for place in places]
        found = nn.train_stack(stack, measured, method_of(first), first["metrics"], ends)
        trained |= zip(places, found, strict=True)
    return [trained[place] for place in made]


def _measured(epochs: int, every: int) -> list[int]:
    """List the epochs after which a trial is measured."""
    return [*range(every, epochs, every), epochs]


@lru_cache(maxsize=16)
def _places(of_training: tuple[int, ...], epochs: int, every: int) -> tuple[list[int], slice | list[int]]:
    """List the epochs after which a trial is measured, and their places among those of its training."""
    measured = _measured(epochs, every)
    places = [bisect_left(of_training, epoch) for epoch in measured]
    return measured, slice(len(places)) if places == list(range(len(places))) else places


def _outcomes(trained: nn.Trained, checkpoints: Sequence[Params], seconds: float) -> Iterator[Outcome]:
    """Return the outcome of each checkpoint of a training."""
    for params in checkpoints:
        measured, places = _places(trained.epochs, params["epochs"], params["measure_every"])
        history = {name: values[places].tolist() for name, values in trained.history.items()}
        if params["measure_every"] > 1:
            history["epoch"] = list(measured)
        finite = trained.finite[places].tolist()
        if False in finite:
            yield _diverged(history, finite.index(False), measured, seconds)
        else:
            metrics = {name: history[name][-1] for name in params["metrics"] if name in history}
            at = trained.diagnosed_at.index(params["epochs"])
            diagnosis = {name: values[at].item() for name, values in trained.diagnostics.items()}
            yield Outcome("ok", metrics, history, seconds, diagnosis=diagnosis)


def _diverged(history: Mapping[str, list[float]], place: int, measured: list[int], seconds: float) -> Outcome:
    """End the history before the measurement at which something was not finite."""
    history, epoch = {name: values[:place] for name, values in history.items()}, measured[place]
    return Outcome("diverged", {}, history, seconds, f"not finite after epoch {epoch}", {"nonfinite_epoch": epoch})


@dataclass(frozen=True)
class MlpState:
    """The state in which a training stopped; None before its first epoch.

    `fingerprint` identifies the data, which are not part of the state. `seconds` is the training time so far.
    """

    params: Params
    fingerprint: str
    training: nn.TrainingState | None = None
    seconds: float = 0.0

    @property
    def epochs(self) -> int:
        """The number of epochs so far."""
        return 0 if self.training is None else self.training.epochs

    @property
    def stack_key(self) -> Hashable:
        """Return a key; states with equal keys, stopped and measured at the same epochs, can continue in one stack."""
        done = self.training
        measured = () if done is None else (done.epochs, done.measured, done.diagnosed_at)
        key = nn.stack_key(network_of(self.params), method_of(self.params), sizes_of(self.params).train)
        return key, self.params["metrics"], self.params["measure_every"], measured


def start(stack: Sequence[Params]) -> list[MlpState]:
    """Start trainings; nothing is trained yet."""
    return [MlpState(params, data_of(params).fingerprint) for params in stack]


def advance(states: Sequence[MlpState], epochs: int) -> list[tuple[MlpState, Outcome]]:
    """Continue trainings to the end of epoch `epochs`; those that can share a stack are trained together.

    Raises:
        NnsweepError: a training has gone further, or its data have changed since it began.
    """
    for state in states:
        _check(state, epochs)
    together: dict[Hashable, list[int]] = {}
    for place, state in enumerate(states):
        together.setdefault(state.stack_key, []).append(place)
    found: dict[int, tuple[MlpState, Outcome]] = {}
    for places in together.values():
        found |= zip(places, _advance([states[place] for place in places], epochs), strict=True)
    return [found[place] for place in range(len(states))]


def _check(state: MlpState, epochs: int) -> None:
    if epochs <= state.epochs:
        raise NnsweepError(
            f"a training has stopped after epoch {state.epochs} and cannot go on to epoch {epochs}; "
            f"allowed: {state.epochs + 1} and more"
        )
    if data_of(state.params).fingerprint != state.fingerprint:
        raise NnsweepError("the data of a training have changed since it stopped; start it again")


def _advance(states: Sequence[MlpState], epochs: int) -> Iterator[tuple[MlpState, Outcome]]:
    """Continue the trainings of one stack."""
    started, first = time.perf_counter(), states[0].params
    stopped = [state.training for state in states if state.training is not None]
    trainings = list(trainings_of([state.params for state in states]))
    stack = nn.StackTraining(trainings, method_of(first), first["metrics"], diagnose=True, states=stopped)
    stack.train(_measured(epochs, first["measure_every"]), [epochs])
    share = (time.perf_counter() - started) / len(states)
    for state, trained, after in zip(states, stack.trained(), stack.states(), strict=True):
        seconds = state.seconds + share
        (outcome,) = _outcomes(trained, [{**state.params, "epochs": epochs}], seconds)
        yield MlpState(state.params, state.fingerprint, after, seconds), outcome
