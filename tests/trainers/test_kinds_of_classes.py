"""Trainer classes whose methods raise, or return what cannot be used: one line says which, and what is allowed."""

from __future__ import annotations

from collections import defaultdict

import pytest

from nnsweep.store import Store
from nnsweep.trainers.checked import CheckedTrainer
from nnsweep.trainers.failures import signature
from nnsweep.trainers.protocol import Trainer
from nnsweep.trainers.returned import ALLOWED
from tests.helpers import call

CLASS = """
import asyncio
import os
import sys

import numpy as np
from pydantic import BaseModel, ConfigDict

from nnsweep.trainers import Outcome, Trainer
from nnsweep.trainers.failures import signature
from nnsweep.trainers.protocol import ConstantAnswer, Model, Response


class Own(BaseException):
    pass


class Parameters(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")
    value: int = 0
    seed: int = 0


def raises(*arguments, **named):
    raise ValueError("boom")


def ends(*arguments, **named):
    raise Own("end")


def outcomes(stack, *arguments, **named):
    return [Outcome(*arguments, **named) for _ in stack]


def model(respond):
    samples = np.eye(4, 2), np.array([[0.0], [1.0], [0.0], [1.0]])
    return Model(["a", "b"], samples, samples, respond)


class Mine(Trainer):
    version = "1"
    parameters = Parameters
    metrics = {"loss": "it"}

    def train(self, stack):
        return outcomes(stack, "ok", {"loss": 0.5})

"""
LINES = {
    "raises": CLASS.split("\n").index('    raise ValueError("boom")') + 1,
    "ends": CLASS.split("\n").index('    raise Own("end")') + 1,
    "body": CLASS.count("\n") + 2,
}
"""Lines of the module: of what is raised, and of a method's first that follows."""
GRID = """
name = "classes"
trainer = "classes:Mine"
[axes]
value = [1, 2]
seed = { count = 2 }
[success]
metric = "loss"
below = 0.4
"""
PLAN, RUN, SHOW = (
    ("plan", "grid.toml"),
    ("grid.toml", "--jobs=1", "--no-figures"),
    ("show", "grid.toml", "value=1", "seed=0"),
)
CHECK, TRACE = ("check-gradients", "grid.toml"), ("figure", "trace", *SHOW[1:])
BOUNDARY, DIAGNOSE = ("figure", "boundary", *SHOW[1:]), ("diagnose", "grid.toml")
WEIGHTS = ("export", *SHOW[1:], "--weights", "net.npz")

METHODS = {
    **dict.fromkeys(("identity", "resolve", "problems", "measured", "describe", "fingerprint", "notes"), PLAN),
    **dict.fromkeys(("stack_key", "training_key", "capacity", "cost", "overhead"), PLAN),
    "gradient_checks": CHECK,
    "details": SHOW,
    "trace": TRACE,
    "model": BOUNDARY,
    "weights": WEIGHTS,
}
"""Every method but `train` and `baseline`, and a verb that asks it."""

VALUES = "as `value` a number, a text, true, false, None, or a tuple of these"
GIVEN = "a dict of the parameters that it was given: value, seed"
PAIRS = "a list of pairs, each a parameter and a sentence"
TEXTS, SECONDS = "a list of texts", "a number of seconds, 0 or more"
JSON = "what JSON can hold: numbers, texts, true, false, None, lists, and dicts with texts as keys"
STEPS = "a pair of names and an array of numbers, with a row for each step and a column for each name"
CHECKS = "a list of nnsweep.trainers.protocol.ModelCheck"
SAMPLES = "as samples a pair of finite inputs (N, 1) and targets (N, O), with N and O at least 1"
NAMES = "names, or a dict of names and meanings; `epoch` is none of them"
KEY = "what can be a key of a dict, such as a tuple"
ANSWERS = "a dict that gives a metric a nnsweep.trainers.protocol.ConstantAnswer"
MINE, ONE_EACH = "classes:Mine", "allowed: a list of 1 outcomes, one for each trial"
STATUSES = "ok, diverged, failed, crashed, timeout"

REFUSED = {
    # method or attribute, what it is, the verb that asks, what is shown of it, and what is allowed
    "identity is None": ("identity", "None", PLAN, "nothing", GIVEN),
    "identity without a name": ("identity", "{}", PLAN, "`dict`", GIVEN),
    "identity with one more": ("identity", "{**p, 'more': 1}", PLAN, "`dict`", GIVEN),
    "identity of an object": ("identity", "{**p, 'value': object()}", PLAN, "`dict`", VALUES),
    "identity of NaN": ("identity", "{**p, 'value': float('nan')}", PLAN, "`dict`", VALUES),
    "resolve is None": ("resolve", "None", PLAN, "nothing", GIVEN),
    "resolve without a name": ("resolve", "{}", PLAN, "`dict`", GIVEN),
    "resolve to NumPy's": ("resolve", "{**p, 'value': np.int64(3)}", PLAN, "`dict`", VALUES),
    "resolve of the seed": ("resolve", "{**p, 'seed': 7}", PLAN, "`dict`", "the seed that it was given"),
    "problems are None": ("problems", "None", PLAN, "nothing", PAIRS),
    "problems are a text": ("problems", "'bad'", PLAN, "'bad'", PAIRS),
    "problems are numbers": ("problems", "[1]", PLAN, "`list` of 1", f"{PAIRS}; the parameters are value, seed"),
    "problems of another": (
        "problems",
        "[('nope', 'is bad')]",
        PLAN,
        "`list` of 1",
        f"{PAIRS}; the parameters are value, seed",
    ),
    "measured is a text": ("measured", "'loss'", PLAN, "'loss'", "names among its metrics, loss"),
    "measured is unknown": ("measured", "('nope',)", PLAN, "`tuple` of 1", "names among its metrics, loss"),
    "measured is a number": ("measured", "(1,)", PLAN, "`tuple` of 1", "names among its metrics, loss"),
    "describe is a number": ("describe", "7", PLAN, "7", "a text"),
    "describe is None": ("describe", "None", PLAN, "nothing", "a text"),
    "fingerprint is bytes": ("fingerprint", "b'a'", PLAN, "b'a'", "a text"),
    "fingerprint is a surrogate": ("fingerprint", r"'\ud800'", PLAN, r"'\ud800'", "a text"),
    "notes are a text": ("notes", "'note'", RUN, "'note'", TEXTS),
    "notes are lists": ("notes", "[['a']]", RUN, "`list` of 1", "a text"),
    "stack_key is a list": ("stack_key", "[1]", PLAN, "`list` of 1", KEY),
    "training_key is a list": ("training_key", "[1]", PLAN, "`list` of 1", KEY),
    "capacity below 0": ("capacity", "-3", PLAN, "-3", "a whole number from 1 on"),
    "capacity of 0": ("capacity", "0", PLAN, "0", "a whole number from 1 on"),
    "capacity of a float": ("capacity", "2.0", PLAN, "2.0", "a whole number from 1 on"),
    "capacity is None": ("capacity", "None", PLAN, "nothing", "a whole number from 1 on"),
    "cost is NaN": ("cost", "float('nan')", PLAN, "nan", SECONDS),
    "cost below 0": ("cost", "-1.0", PLAN, "-1.0", SECONDS),
    "cost without end": ("cost", "float('inf')", PLAN, "inf", SECONDS),
    "cost in words": ("cost", "'long'", PLAN, "'long'", SECONDS),
    "cost beyond float64": ("cost", "10**400", PLAN, "a giant whole number", SECONDS),
    "overhead is None": ("overhead", "None", PLAN, "nothing", SECONDS),
    "overhead is complex": ("overhead", "3 + 4j", PLAN, "(3+4j)", SECONDS),
    "gradient checks are None": ("gradient_checks", "None", CHECK, "nothing", CHECKS),
    "gradient checks are numbers": ("gradient_checks", "[1]", CHECK, "`list` of 1", CHECKS),
    "details are None": ("details", "None", SHOW, "nothing", "a dict of what JSON can hold"),
    "details of an object": ("details", "{'a': object()}", SHOW, "`dict`", JSON),
    "details of a number's name": ("details", "{1: 2}", SHOW, "`dict`", "a text"),
    "details of metrics": ("details", "{'metrics': 7}", SHOW, "`dict`", "as `metrics` a dict of names and numbers"),
    "trace is None": ("trace", "None", TRACE, "nothing", STEPS),
    "trace of other columns": ("trace", "(['w'], np.zeros((3, 2)))", TRACE, "`tuple` of 2", STEPS),
    "trace of words": ("trace", "(['w'], 'x')", TRACE, "`tuple` of 2", STEPS),
    "trace of nothing": ("trace", "([], np.zeros((3, 0)))", TRACE, "`tuple` of 2", STEPS),
    "model is None": ("model", "None", BOUNDARY, "nothing", "a nnsweep.trainers.protocol.Model"),
    "model without samples": ("model", "Model(['a'], (1, 2), (3, 4), None)", BOUNDARY, "`Model`", SAMPLES),
    "baseline is None": ("baseline", "None", None, "nothing", ANSWERS),
    "baseline of numbers": ("baseline", "{'loss': 3}", None, "`dict`", ANSWERS),
    "metrics are None": ("metrics", None, PLAN, "nothing", NAMES),
    "metrics are a text": ("metrics", "'loss'", PLAN, "'loss'", NAMES),
    "metrics are numbers": ("metrics", "{1: 2}", PLAN, "`dict`", NAMES),
    "metrics are epochs": ("metrics", "['epoch']", PLAN, "`list` of 1", NAMES),
    "version is None": ("version", None, PLAN, "nothing", "a text"),
    "version is a number": ("version", "3", PLAN, "3", "a text"),
    "former versions are a text": ("former_versions", "'abc'", PLAN, "'abc'", TEXTS),
    "parameters are None": ("parameters", None, PLAN, "nothing", "a class that is a pydantic BaseModel"),
    "parameters are a dict": ("parameters", "{'value': int}", PLAN, "`dict`", "a class that is a pydantic BaseModel"),
    "parameters are an instance": (
        "parameters",
        "Parameters()",
        PLAN,
        "`Parameters`",
        "a class that is a pydantic BaseModel",
    ),
}
ATTRIBUTES = "metrics", "version", "former_versions", "parameters"

NO_CALL = "its class cannot be called without arguments: "
EXITED = "SystemExit: os._exit(0) was called, which would have ended the run"
RESPONSE = (
    "a nnsweep.trainers.protocol.Response with `outputs` (4096, 1), and `preactivations` of each layer, "
    "the last of the same shape"
)
TOLD = {
    # the class, the verb, and the line
    "init raises": (
        "    def __init__(self):\n        raises()\n",
        PLAN,
        f"{NO_CALL}ValueError: boom (classes.py, line {LINES['raises']})",
    ),
    "init exits": (
        "    def __init__(self):\n        sys.exit(0)\n",
        PLAN,
        f"{NO_CALL}SystemExit: 0 (classes.py, line {LINES['body']})",
    ),
    "init ends": (
        "    def __init__(self):\n        os._exit(0)\n",
        PLAN,
        f"{NO_CALL}{EXITED} (classes.py, line {LINES['body']})",
    ),
    "init takes more": (
        "    def __init__(self, more):\n        pass\n",
        PLAN,
        f"{NO_CALL}TypeError: Mine.__init__() missing 1 required positional argument: 'more'",
    ),
    "abstract": (
        "    train = Trainer.train\n",
        PLAN,
        f"{NO_CALL}TypeError: Can't instantiate abstract class Mine with abstract method train",
    ),
    "a property raises": (
        "    @property\n    def version(self):\n        raises()\n",
        PLAN,
        f"its `version` raised ValueError: boom (classes.py, line {LINES['raises']})",
    ),
    "no copy": (
        "    __copy__ = raises\n",
        PLAN,
        f"it cannot be copied and named: ValueError: boom (classes.py, line {LINES['raises']})",
    ),
    "an attribute raises": (
        "    def __getattribute__(self, name):\n"
        "        return raises() if name == 'capacity' else super().__getattribute__(name)\n",
        PLAN,
        f"its `capacity` raised ValueError: boom (classes.py, line {LINES['raises']})",
    ),
    "another fingerprint each time": (
        "    def fingerprint(self, params):\n        return os.urandom(8).hex()\n",
        PLAN,
        "`fingerprint`, called twice, gave two texts; allowed: the same for the same data",
    ),
    "late in a generator": (
        "    def gradient_checks(self, trials):\n        yield from ()\n        raises()\n",
        CHECK,
        f"its `gradient_checks` raised ValueError: boom (classes.py, line {LINES['raises']})",
    ),
    "a network that raises": (
        "    def model(self, params):\n        return model(raises)\n",
        BOUNDARY,
        f"its `respond` raised ValueError: boom (classes.py, line {LINES['raises']})",
    ),
    "a network without answer": (
        "    def model(self, params):\n        return model(lambda inputs: None)\n",
        BOUNDARY,
        f"its `respond` gave nothing; allowed: {RESPONSE}",
    ),
}

TRAINED = {
    # what `train` returns of a stack, how its trials end, and the metrics, or what is said
    "a status of its own": (
        "outcomes(stack, 'banana', {'loss': 1.0})",
        "failed",
        f"classes:Mine returned the status 'banana'; allowed: {STATUSES}",
    ),
    "a list as a status": (
        "outcomes(stack, ['ok'], {'loss': 1.0})",
        "failed",
        f"classes:Mine returned the status ['ok']; allowed: {STATUSES}",
    ),
    "None as a status": (
        "outcomes(stack, None, {'loss': 1.0})",
        "failed",
        f"classes:Mine returned the status None; allowed: {STATUSES}",
    ),
    "numbers of NumPy": (
        "outcomes(stack, 'ok', {'loss': np.float32(0.5)}, {'loss': np.ones(3, np.float32)})",
        "ok",
        {"loss": 0.5},
    ),
    "a giant whole number": ("outcomes(stack, 'ok', {'loss': 10**5000})", "diverged", "`loss` is inf"),
    "a text as a metric": (
        "outcomes(stack, 'ok', {'loss': 'low'})",
        "failed",
        f"{MINE} returned no number: `loss`, a text; {ALLOWED}",
    ),
    "metrics that are none": (
        "outcomes(stack, 'ok', [1])",
        "failed",
        "classes:Mine returned `list` of 1 as metrics; allowed: a dict",
    ),
    "dicts": (
        "[{'loss': 1.0} for _ in stack]",
        "failed",
        "classes:Mine returned `dict` for a trial; allowed: a nnsweep.trainers.Outcome",
    ),
    "none": ("[]", "failed", f"{MINE}: `train` returned `list` of 0; {ONE_EACH}"),
    "too many": (
        "outcomes([*stack, 1], 'ok', {'loss': 1.0})",
        "failed",
        f"{MINE}: `train` returned `list` of 2; {ONE_EACH}",
    ),
    "a generator": (
        "(each for each in outcomes(stack, 'ok', {'loss': 1.0}))",
        "failed",
        f"{MINE}: `train` returned `generator`; {ONE_EACH}",
    ),
    "an odd failure": ("outcomes(stack, 'failed', failure=7)", "failed", "7"),
    "an end that it has not had": ("outcomes(stack, 'crashed', failure='by itself')", "crashed", "by itself"),
    "seconds in words": ("outcomes(stack, 'ok', {'loss': 0.5}, seconds='x')", "ok", {"loss": 0.5}),
    "seconds without end": ("outcomes(stack, 'ok', {'loss': 0.5}, seconds=1e308)", "ok", {"loss": 0.5}),
    "a diagnosis of its own": (
        "outcomes(stack, 'ok', {'loss': 0.5}, diagnosis={'dead': 7e300, 'x': 'y', 1: 2, 'output_range': 10**400})",
        "ok",
        {"loss": 0.5},
    ),
    "changed parameters": (
        "[each.clear() for each in stack] and outcomes(stack, 'ok', {'loss': 0.5})",
        "ok",
        {"loss": 0.5},
    ),
    "it raises": ("raises()", "failed", "ValueError: boom"),
    "it cancels": ("ends()", "failed", "classes.Own: end"),
    "it exits": ("os._exit(0)", "failed", EXITED),
}


def outcomes(folder):
    """Give what is stored, by the value of the trial."""
    found = defaultdict(list)
    with Store.read(folder / "results" / "classes" / "trials.db") as store:
        shown = store.sweep_record()
        assert shown is not None
        stored = store.outcomes(trial.id for trial in shown.trials)
        for trial in shown.trials:
            found[trial.settings["value"]].append(stored[trial.id])
    return found


@pytest.fixture
def sweep(module, tmp_path):
    """Write the sweep file, and the class with what follows in its body."""
    (tmp_path / "grid.toml").write_text(GRID, encoding="utf-8")
    return lambda body: module(CLASS + body, "classes.py")


def trained(capsys, verb):
    """Train first what a verb asks of a stored trial."""
    if verb in (TRACE, BOUNDARY, WEIGHTS):
        assert call(capsys, *RUN)[0] == 0


def told(capsys, verb):
    """Give the line that a verb ends with, without the place in the sweep file that some have."""
    code, out, err = call(capsys, *verb)
    assert (code, out) == (2, "")
    return err.replace("Error: grid.toml:3:1: ", "Error: ")


@pytest.mark.parametrize("raised", ["raises", "ends"])
@pytest.mark.parametrize("method", METHODS)
def test_a_method_that_raises(sweep, capsys, method, raised):
    sweep(f"    {method} = {raised}\n")
    trained(capsys, METHODS[method])
    verb = RUN if method == "notes" else METHODS[method]
    error = {"raises": "ValueError: boom", "ends": "Own: end"}[raised] + f" (classes.py, line {LINES[raised]})"
    assert told(capsys, verb) == f"Error: trainer `classes:Mine`: its `{method}` raised {error}\n"


@pytest.mark.parametrize("name", REFUSED)
def test_an_answer_that_cannot_be_used(sweep, capsys, name):
    method, answer, verb, shown, allowed = REFUSED[name]
    if method in ATTRIBUTES:
        sweep(f"    {method} = {answer}\n")
    else:
        sweep(f"    def {method}(self, p, *more):\n        return {answer}\n")
    line = f"Error: trainer `classes:Mine`: its `{method}` gave {shown}; allowed: {allowed}\n"
    if verb is None:  # asked where it may be left out
        assert call(capsys, *RUN, "--set", "value=1")[0] == 0
        return
    trained(capsys, verb)
    assert told(capsys, verb) == line


@pytest.mark.parametrize("name", TOLD)
def test_a_class_that_cannot_be_asked(sweep, capsys, name):
    body, verb, line = TOLD[name]
    sweep(body)
    trained(capsys, verb)
    assert told(capsys, verb) == f"Error: trainer `classes:Mine`: {line}\n"


@pytest.mark.parametrize("name", TRAINED)
def test_what_training_returns(sweep, capsys, tmp_path, name):
    returned, status, said = TRAINED[name]
    sweep(f"    def train(self, stack):\n        return {returned}\n")
    code, _, _ = call(capsys, "grid.toml", "--jobs=1", "--no-figures")
    assert code == (status in ("failed", "crashed"))
    for ended in outcomes(tmp_path).values():
        check(ended, status, said)
    assert call(capsys, "ls", "--verify")[0] == 0
    assert call(capsys, "best", "classes")[0] in (0, 2)


@pytest.mark.slow
def test_what_training_returns_on_workers(sweep, capsys, tmp_path):
    """All kinds in one run: the value of a trial says which it is."""
    kinds = ", ".join(f"lambda stack: {returned}" for returned, _, _ in TRAINED.values())
    sweep(f"    def train(self, stack):\n        return [{kinds}][stack[0]['value']](stack)\n")
    values = ",".join(map(str, range(len(TRAINED))))
    code, _, _ = call(capsys, "grid.toml", "--set", f"value={values}", "--jobs=2", "--no-figures")
    assert code == 1
    ended = outcomes(tmp_path)
    assert ended.keys() == set(range(len(TRAINED)))
    for value, (_, status, said) in enumerate(TRAINED.values()):
        check(ended[value], status, said)
    assert call(capsys, "ls", "--verify")[0] == 0
    assert call(capsys, "best", "classes")[0] == 0


def check(ended, status, said):
    """The trials of two seeds ended so, with these metrics, or with what is said."""
    assert [outcome.status for outcome in ended] == [status] * 2
    if isinstance(said, dict):
        assert [dict(outcome.metrics) for outcome in ended] == [said] * 2
    else:
        assert {signature(outcome.failure)[2] for outcome in ended} == {said}


def test_every_public_method_is_checked():
    asked = [name for name in vars(Trainer) if not name.startswith("_") and callable(getattr(Trainer, name))]
    assert [name for name in asked if name not in vars(CheckedTrainer)] == []
    print(f"{2 * len(METHODS) + len(REFUSED) + len(TOLD) + 2 * len(TRAINED)} tries of classes")
