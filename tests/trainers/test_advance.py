"""A training that stops and goes on gives what one gives that never stopped, bit for bit."""

from __future__ import annotations

import pickle
import random

import numpy as np
import pytest

from nnsweep.data import refresh
from nnsweep.errors import NnsweepError
from nnsweep.trainers import load
from nnsweep.trainers.mlp.parameters import MlpParameters
from tests.helpers import PROJECT, slow

MLP = {name: field.default for name, field in MlpParameters.model_fields.items()}
SMALL = {**MLP, "train_size": 20, "test_size": 30, "learning_rate": 0.05, "output": "sigmoid", "batch_size": 3}
"""20 samples and batches of 3, so that the last batch of an epoch is short."""

ALONE = {
    "as by default": {},
    "momentum": {"optimizer": "momentum"},
    "adagrad": {"optimizer": "adagrad"},
    "adam": {"optimizer": "adam"},
    "reshuffled": {"order": "reshuffled"},
    "with replacement": {"order": "with_replacement", "batch_size": 1},
    "dropout": {"dropout": 0.4, "hidden": (5, 4), "order": "reshuffled"},
    "batch_norm": {"batch_norm": True, "hidden": (5, 4), "optimizer": "adam"},
    "everything": {"batch_norm": True, "dropout": 0.3, "optimizer": "adam", "order": "reshuffled", "hidden": (4, 3)},
    "matrices": {"hidden": (60,), "optimizer": "adam", "order": "with_replacement"},
    "measured now and then": {"measure_every": 4, "optimizer": "momentum"},
    "training and test": {"metrics": ("error", "train_loss"), "class_weight": "balanced"},
    "validation": {"validation_size": 5, "optimizer": "adam"},
    "posted mistakes": {"update": "sequential", "derivative_at": "activation", "reduction": "mean_over_inputs"},
    "diverges": {"learning_rate": 1e200, "output": "identity", "activation": "identity", "loss": "squared_error"},
    "all at once": {"batch_size": "all", "optimizer": "adam"},
}
TRAINERS = {"mlp": load("mlp")}
"""Those whose trainings can stop. A new one is one more row, with its settings in ALONE."""


def resolved(**settings):
    trainer = load("mlp")
    params = trainer.resolve({**SMALL, **settings}, "")
    assert trainer.problems(params) == []
    return params


def own(outcome):
    """What of an outcome is the trial's, and not the hour's; as bytes, in which NaN equals NaN."""
    numbers = {name: np.array(values, float).tobytes() for name, values in outcome.history.items()}
    return outcome.status, repr(dict(outcome.metrics)), numbers, outcome.failure, repr(dict(outcome.diagnosis))


def never_stopped(trainer, params, epochs):
    return own(trainer.train([{**params, "epochs": epochs}])[0])


def test_the_trainers_that_advance_are_tested_here():
    assert all(trainer.advances for trainer in TRAINERS.values())


@pytest.mark.parametrize("name", ALONE)
def test_a_stop_leaves_no_trace(name):
    """At every epoch that a training may stop at, and with stops at all of them."""
    trainer, params = load("mlp"), resolved(seed=3, **ALONE[name])
    expected = {epochs: never_stopped(trainer, params, epochs) for epochs in range(1, 7)}
    for stops in [(3, 6), (1, 6), (5, 6), (1, 2, 3, 4, 5, 6), (6,)]:
        (state,) = trainer.start([params])
        for stop in stops:
            ((state, outcome),) = trainer.advance([pickle.loads(pickle.dumps(state))], stop)
            assert own(outcome) == expected[stop], f"after epoch {stop} of {stops}"


@pytest.mark.parametrize("name", ALONE)
def test_trainings_may_go_on_in_another_stack(name):
    """Four train together to epoch 2; two of them go on to 4 with others that stopped, and end at 6 alone."""
    trainer = load("mlp")
    stack = [resolved(seed=seed, **ALONE[name]) for seed in range(4)]
    states = [state for state, _ in trainer.advance(trainer.start(stack), 2)]
    (third, *_), (first, outcome) = trainer.advance([states[2], states[0]], 4)
    assert own(outcome) == never_stopped(trainer, stack[0], 4)
    for state, params in ((third, stack[2]), (first, stack[0])):
        ((_, outcome),) = trainer.advance([state], 6)
        assert own(outcome) == never_stopped(trainer, params, 6)


def test_widths_that_share_a_stack_go_on_together_and_apart():
    trainer = load("mlp")
    stack = [resolved(seed=seed, hidden=(width,), batch_size=1) for seed, width in enumerate((2, 5, 3, 5))]
    assert len({trainer.stack_key(params) for params in stack}) == 1
    states = [state for state, _ in trainer.advance(trainer.start(stack), 2)]
    for chosen in ([0, 1, 2, 3], [3, 0], [2]):
        found = trainer.advance([states[place] for place in chosen], 5)
        expected = [never_stopped(trainer, stack[place], 5) for place in chosen]
        assert [own(outcome) for _, outcome in found] == expected


def test_trainings_that_stopped_at_different_epochs_go_on_to_the_same():
    trainer, params = load("mlp"), resolved(seed=1, optimizer="adam", order="reshuffled")
    states = [trainer.advance(trainer.start([params]), stop)[0][0] for stop in (1, 3, 2)]
    found = trainer.advance([*trainer.start([params]), *states], 5)
    assert {repr(own(outcome)) for _, outcome in found} == {repr(never_stopped(trainer, params, 5))}
    assert [state.epochs for state, _ in found] == [5] * 4


def test_a_state_can_be_gone_on_with_again():
    trainer, params = load("mlp"), resolved(optimizer="adam", order="reshuffled", dropout=0.2)
    state = trainer.advance(trainer.start([params]), 2)[0][0]
    before = pickle.dumps(state)
    assert own(trainer.advance([state], 4)[0][1]) == own(trainer.advance([state], 4)[0][1])
    assert pickle.dumps(state) == before


def test_a_state_holds_no_data():
    """Ten times the samples make it no larger."""
    trainer = load("mlp")
    sizes = []
    for samples in (100, 1000):
        ((state, _),) = trainer.advance(trainer.start([resolved(train_size=samples, test_size=samples)]), 2)
        sizes.append(len(pickle.dumps(state)))
    assert abs(sizes[0] - sizes[1]) < 50


def test_the_seconds_of_a_training_add_up():
    trainer = load("mlp")
    ((state, first),) = trainer.advance(trainer.start([resolved()]), 2)
    ((_, second),) = trainer.advance([state], 3)
    assert 0 < first.seconds < second.seconds


def test_a_training_does_not_go_back():
    trainer = load("mlp")
    ((state, _),) = trainer.advance(trainer.start([resolved()]), 3)
    for epochs in (3, 1):
        with pytest.raises(NnsweepError) as caught:
            trainer.advance([state], epochs)
        what = f"a training has stopped after epoch 3 and cannot go on to epoch {epochs}"
        assert str(caught.value) == f"{what}; allowed: 4 and more"


def test_other_data_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    from nnsweep import sweepfile

    text = "x,y,label\n" + "\n".join(f"{k},{k * k % 7},{k % 2}" for k in range(40))
    (tmp_path / "mine.csv").write_text(text)
    grid = 'name = "a"\n[fixed]\ndata = { csv = "mine.csv", target = "label" }\n[axes]\nseed = { count = 1 }\n'
    (tmp_path / "grid.toml").write_text(grid + '[success]\nmetric = "error"\nbelow = 0.3\n')
    trainer = load("mlp")
    data = sweepfile.load(tmp_path / "grid.toml").fixed["data"]
    params = trainer.resolve({**MLP, "data": data}, "error")
    ((state, _),) = trainer.advance(trainer.start([params]), 2)
    (tmp_path / "mine.csv").write_text(text.replace("3,2,1", "3,55,1"))
    refresh()
    with pytest.raises(NnsweepError) as caught:
        trainer.advance([state], 3)
    assert str(caught.value) == "the data of a training have changed since it stopped; start it again"


def test_a_function_cannot_stop_and_says_so(module):
    module("def train(alpha: float, seed=0):\n    return {'loss': alpha}\n")
    trainer = load("mine:train")
    assert not trainer.advances
    what = "trainer `mine:train` cannot stop a training and continue it"
    for call in (lambda: trainer.start([{"alpha": 0.1, "seed": 0}]), lambda: trainer.advance([None], 3)):
        with pytest.raises(NnsweepError) as caught:
            call()
        assert str(caught.value) == f"{what}; allowed: a `Trainer` that has `start` and `advance`"


OWN = """
import numpy as np
from pydantic import BaseModel, ConfigDict
from nnsweep.trainers import Outcome, Trainer

class Parameters(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")
    alpha: float = 0.1
    epochs: int = 3
    seed: int = 0

class Descent(Trainer):
    version, parameters, metrics, advances = "1", Parameters, {"loss": "the square"}, True

    def start(self, stack):
        return [(params["alpha"], 1.0, np.random.default_rng(params["seed"]), []) for params in stack]

    def advance(self, states, epochs):
        return [self.further(*state, epochs) for state in states]

    def further(self, alpha, x, random, losses, epochs):
        losses, rest = list(losses), np.random.default_rng()
        rest.bit_generator.state = random.bit_generator.state
        while len(losses) < epochs:
            x -= alpha * (x + 0.01 * rest.normal())
            losses.append(x**2)
        return (alpha, x, rest, losses), Outcome("ok", {"loss": losses[-1]}, {"loss": losses}, 0.001)

    def train(self, stack):
        return [self.advance(self.start([params]), params["epochs"])[0][1] for params in stack]

class NoFlag(Descent):
    advances = "yes"

class Lost(Descent):
    def start(self, stack):
        return []

class Alone(Descent):
    def advance(self, states, epochs):
        return [outcome for _, outcome in super().advance(states, epochs)]
"""


def test_a_trainer_of_a_user_may_advance(module):
    module(OWN)
    trainer = load("mine:Descent")
    assert trainer.advances
    stack = [{"alpha": 0.1, "epochs": 3, "seed": seed} for seed in range(3)]
    states, outcomes = zip(*trainer.advance(trainer.start(stack), 2), strict=True)
    for stop in (4, 7):
        states, outcomes = zip(*trainer.advance(pickle.loads(pickle.dumps(states)), stop), strict=True)
        assert [own(each) for each in outcomes] == [never_stopped(trainer, params, stop) for params in stack]


def test_answers_of_a_users_trainer_are_checked(module):
    module(OWN)
    with pytest.raises(NnsweepError) as caught:
        load("mine:NoFlag")
    assert str(caught.value) == "trainer `mine:NoFlag`: its `advances` gave 'yes'; allowed: true or false"
    with pytest.raises(NnsweepError) as caught:
        load("mine:Lost").start([{"alpha": 0.1, "epochs": 3, "seed": 0}])
    message = "its `start` gave `list` of 0; allowed: a list of 1 states, one for each trial"
    assert str(caught.value) == f"trainer `mine:Lost`: {message}"
    alone = load("mine:Alone")
    with pytest.raises(NnsweepError) as caught:
        alone.advance(alone.start([{"alpha": 0.1, "epochs": 3, "seed": seed} for seed in (0, 1)]), 2)
    message = "its `advance` gave `list` of 2; allowed: pairs of a state and an outcome"
    assert str(caught.value) == f"trainer `mine:Alone`: {message}"


def test_the_page_tells_how():
    """Its example trains six, of which the first four go on."""
    page = (PROJECT / "docs" / "extending.md").read_text(encoding="utf-8")
    example = page.partition("## A trainer whose trainings stop")[2].partition("```python\n")[2].partition("```")[0]
    names = {"params": [resolved(seed=seed, optimizer="adam") for seed in range(6)]}
    exec(example, names)
    expected = [never_stopped(load("mlp"), params, 6) for params in names["params"][:4]]
    assert [own(outcome) for outcome in names["outcomes"]] == expected


CHOICES = {
    "data": ["parabolas", "xor"],
    "hidden": [(2,), (4,), (3, 2), (), (60,)],
    "activation": ["relu", "tanh", "leaky_relu", "sigmoid"],
    "output": ["sigmoid", "softmax", "identity", "step"],
    "bias": [True, False],
    "batch_norm": [False, True],
    "dropout": [0.0, 0.3],
    "optimizer": ["sgd", "momentum", "adagrad", "adam"],
    "learning_rate": [0.05, 1.0, 1e80],
    "batch_size": [1, 3, "all"],
    "order": ["fixed", "reshuffled", "with_replacement"],
    "update": ["simultaneous", "sequential"],
    "measure_every": [1, 2],
}


def drawn(draw):
    """Draw settings until they go together."""
    trainer = load("mlp")
    while True:
        params = {**MLP, **{name: draw.choice(values) for name, values in CHOICES.items()}}
        if params["data"] == "parabolas":
            params |= {"train_size": 20, "test_size": 30}
        params = trainer.resolve(params, "")
        if not trainer.problems(params):
            return params


@pytest.mark.parametrize("tries", [60, slow(300)])
def test_no_settings_show_a_stop(tries):
    """Random settings and random stops."""
    trainer, draw, failed = load("mlp"), random.Random(13), []
    for number in range(tries):
        params = drawn(draw)
        stack = [{**params, "seed": draw.randrange(100)} for _ in range(draw.randint(1, 3))]
        states = trainer.start(stack)
        for stop in sorted(draw.sample(range(1, 8), draw.randint(1, 3))):
            states, outcomes = zip(*trainer.advance(states, stop), strict=True)
            wanted = [never_stopped(trainer, each, stop) for each in stack]
            if [own(outcome) for outcome in outcomes] != wanted:
                failed.append((number, stop))
    print(f"{tries} trainings with stops, {len(failed)} failed")
    assert failed == []
