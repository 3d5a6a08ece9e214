"""Functions of a Python session as trainers: identified, sent to workers, trained again."""

import functools
import sys
import textwrap
from typing import Annotated

import numpy as np
import pytest
from pydantic import Field

import nnsweep
from nnsweep.errors import NnsweepError
from nnsweep.trainers.identity import identity
from tests.helpers import JOBS, call, forked

FACTOR = 2.0
WEIGHTS = np.array([1.0, 2.0])
AXES = {"alpha": [0.25, 0.5], "seed": range(3)}


def scaled(alpha):
    return FACTOR * alpha * WEIGHTS.sum()


def make(shift):
    def train(alpha: Annotated[float, Field(gt=0)] = 0.1, seed=0):
        """Train it."""
        return {"error": scaled(alpha) + shift + seed}  # their sum

    return train


class Shifted:
    def __init__(self, shift):
        self.shift = shift

    def __call__(self, alpha=0.1, seed=0):
        return {"error": scaled(alpha) + self.shift + seed}


CALLABLES = {
    "a closure": lambda: make(1.0),
    "a partial": lambda: functools.partial(make(0.5), alpha=0.25),
    "an object": lambda: Shifted(1.0),
    "a method": lambda: Shifted(1.0).__call__,
    "a lambda among others": lambda: [lambda alpha=1.0: {"error": alpha}, lambda alpha=1.0: {"error": -alpha}][1],
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("made", CALLABLES.values(), ids=CALLABLES)
def test_equal_things_are_one_and_the_same(made):
    assert identity(made()) == identity(made())


def test_what_a_function_holds_and_uses_is_part_of_it(monkeypatch):
    first = identity(make(1.0))
    assert identity(make(2.0)) != first
    assert identity(Shifted(1.0)) != identity(Shifted(2.0))
    assert identity(functools.partial(make(1.0), seed=1)) != identity(functools.partial(make(1.0), seed=2))
    monkeypatch.setattr(sys.modules[__name__], "FACTOR", 3.0)
    assert identity(make(1.0)) != first, "a global of a function that it calls"
    monkeypatch.undo()
    assert identity(make(1.0)) == first
    monkeypatch.setattr(sys.modules[__name__], "WEIGHTS", np.array([1.0, 2.5]))
    assert identity(make(1.0)) != first, "an array"
    monkeypatch.setattr(sys.modules[__name__], "WEIGHTS", np.array([1.0, 2.0], dtype=np.float32))
    assert identity(make(1.0)) != first, "its type"


def defined(source, name="train", **names):
    """Define a function as a notebook's cell does: its source is known, and no module holds it."""
    import linecache

    text, file = textwrap.dedent(source), f"<cell {len(linecache.cache)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    space = {"__name__": "__main__", "np": np, **names}
    exec(compile(text, file, "exec"), space)
    return space[name]


def test_a_comment_a_docstring_and_layout_change_nothing():
    one = defined("def train(alpha=0.1): return {'error': alpha}")
    other = defined('def train(alpha=0.1):\n    "New."\n    # new\n    return {"error":\n        alpha}')
    assert identity(one) == identity(other)
    assert identity(one) != identity(defined("def train(alpha=0.1): return {'error': alpha + 0}"))
    assert identity(one) != identity(defined("def train(alpha=0.2): return {'error': alpha}"))


def test_functions_that_call_each_other():
    text = "def train(alpha=0.1): return other(alpha)\ndef other(n): return train(n) if n else {'error': 0}"
    assert identity(defined(text)) == identity(defined(text))


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ({"held": np.random.default_rng(0)}, "a Generator of numpy.random._generator"),
        ({"held": iter([])}, "a list_iterator"),
        ({"held": object()}, "a object"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_apart_is_refused(names, found):
    train = defined("def train(alpha=0.1): return {'error': held}", **names)
    with pytest.raises(nnsweep.SpecError) as caught:
        nnsweep.sweep("mine", trainer=train)
    assert str(caught.value) == (
        f"trainer: trainer `python:train`: `held` of train is {found}, which cannot be told apart; allowed: numbers, "
        "texts, lists, dicts, arrays, functions, and objects of your own classes that hold such"
    )


def test_a_function_without_source_is_refused():
    space = {}
    exec("def train(alpha=0.1): return {'error': alpha}", space)
    with pytest.raises(nnsweep.SpecError) as caught:
        nnsweep.sweep("mine", trainer=space["train"])
    assert str(caught.value) == (
        "trainer: trainer `python:train`: the source of it cannot be read; allowed: functions and classes of a "
        "file or of a notebook's cell"
    )


@pytest.mark.parametrize("jobs", JOBS)
@pytest.mark.parametrize("kind", ["a closure", "an object"])
def test_a_sweep_of_a_callable(kind, jobs):
    sweep = nnsweep.sweep("mine", axes=AXES, trainer=CALLABLES[kind](), success={"metric": "error", "below": 3.0})
    found = nnsweep.run(sweep, jobs=jobs, figures=False)
    assert found.trials["error"].tolist() == [2 * a * 3.0 + 1.0 + seed for a in (0.25, 0.5) for seed in range(3)]
    assert found.trial(alpha=0.25, seed=1).replay().differs is None
    assert nnsweep.run(sweep, figures=False).trained == 0
    assert nnsweep.open("mine").trial(alpha=0.25, seed=1).replay().differs is None


def test_a_function_of_a_module_is_named_as_a_file_would(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "of_a_module.py").write_text("def train(alpha=0.1): return {'error': alpha}\n", encoding="utf-8")
    import of_a_module

    sweep = nnsweep.sweep("mine", axes={"alpha": [1, 2]}, trainer=of_a_module.train)
    assert (sweep.trainer, sweep.trainer_version) == ("of_a_module:train", "")
    assert nnsweep.run(sweep, jobs=1, figures=False).trained == 2
    (tmp_path / "mine.toml").write_text(sweep.source, encoding="utf-8")
    assert nnsweep.run("mine.toml", jobs=1, figures=False).trained == 0


def test_a_function_that_has_changed_is_told(monkeypatch):
    sweep = nnsweep.sweep("mine", axes=AXES, trainer=make(1.0))
    found = nnsweep.run(sweep, jobs=1, figures=False)
    monkeypatch.setattr(sys.modules[__name__], "FACTOR", 3.0)
    told = "trainer `python:train`: it, or what it uses, has changed; make the sweep again"
    for use in (lambda: nnsweep.run(sweep), lambda: found.trial(alpha=0.25, seed=1)):
        with pytest.raises(NnsweepError) as caught:
            use()
        assert str(caught.value) == told
    assert nnsweep.run(nnsweep.sweep("mine", axes=AXES, trainer=make(1.0)), jobs=1, figures=False).trained == 6
    with pytest.raises(NnsweepError, match=r"^trainer `python:train` was defined anew since mine was made; make the"):
        nnsweep.plan(sweep)


def test_another_process_reads_what_is_stored_and_imports_nothing(capsys):
    nnsweep.run({"name": "mine", "axes": AXES, "trainer": make(1.0)}, jobs=1, figures=False)
    assert forked.call("best", "mine").code == 0
    for words in (["plan", "mine"], ["replay", "mine", "alpha=0.25", "seed=1"]):
        done = forked.call(*words)
        told = "Error: trainer `python:train` is a function of a Python session; run its sweep there\n"
        assert (done.code, done.err) == (2, told)
    assert call(capsys, "export", "mine")[0] == 0


SCRIPT = """
import nnsweep

K = 2.0


def train(alpha=0.1, seed=0):
    return {"error": K * alpha + seed}


if __name__ == "__main__":
    found = nnsweep.run({"name": "script", "axes": {"alpha": [1, 2], "seed": range(2)}, "trainer": train}, jobs=2)
    print(found.trained, found.trials["error"].tolist())
"""


@pytest.mark.slow
def test_a_function_of_main_is_trained_by_workers(tmp_path):
    import subprocess

    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    for trained in (4, 0):
        done = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, check=False, timeout=120)
        assert (done.stdout, done.stderr) == (f"{trained} [2.0, 3.0, 4.0, 5.0]\n", "")


def test_what_cannot_be_sent_to_workers_is_told():
    def train(alpha=0.1):
        return {"error": alpha}

    train.held = (each for each in range(3))  # an attribute is sent with it, and a generator cannot be
    with pytest.raises(NnsweepError, match=r"^trainer `python:train` cannot be sent to workers: TypeError: .*jobs=1$"):
        nnsweep.run({"name": "mine", "axes": {"alpha": [1, 2]}, "trainer": train}, jobs=2)
    sweep = {"name": "mine", "axes": {"alpha": [1, 2]}, "trainer": train}
    assert nnsweep.run(sweep, jobs=1, figures=False).trained == 2


def test_what_is_installed_counts_by_its_name():
    text = "def train(alpha=0.1): return {'error': sqrt(exp(alpha)) + default_rng(0).random() + len([]) + mean([1])}"
    from math import sqrt
    from statistics import mean

    first = defined(text, sqrt=sqrt, exp=np.exp, default_rng=np.random.default_rng, mean=mean)
    assert identity(first) != identity(
        defined(text, sqrt=sqrt, exp=np.log, default_rng=np.random.default_rng, mean=mean)
    )
    assert identity(first) == identity(
        defined(text, sqrt=sqrt, exp=np.exp, default_rng=np.random.default_rng, mean=mean)
    )


def test_a_decorator_is_part_of_what_it_decorates():
    text = """
        import functools
        def twice(function):
            @functools.wraps(function)
            def wrapper(alpha=0.1):
                return {{"error": {} * function(alpha)["error"]}}
            return wrapper
        @twice
        def train(alpha=0.1): return {{"error": alpha}}
    """
    assert identity(defined(text.format(2))) == identity(defined(text.format(2)))
    assert identity(defined(text.format(2))) != identity(defined(text.format(3)))


def test_a_logger_and_a_cache_do_not_count():
    import logging

    text = "def train(alpha=0.1):\n    log.info('it')\n    return {'error': double(alpha)}"
    both = [
        defined(
            text,
            log=logging.getLogger("it"),
            double=functools.lru_cache(defined("def double(n): return 2 * n", "double")),
        )
        for _ in range(2)
    ]
    both[0]()
    assert identity(both[0]) == identity(both[1])


CELL = """
    from nnsweep.trainers import Outcome, Trainer
    from pydantic import BaseModel

    class Parameters(BaseModel):
        alpha: float = RATE
        seed: int = 0

    class Mine(Trainer):
        version, parameters, metrics = "1", Parameters, {"error": "a number"}
        shift = SHIFT

        @property
        def factor(self):
            return FACTOR

        def train(self, stack, share=SHARE):
            return [Outcome("ok", {"error": self.factor * p["alpha"] * share + self.shift + p["seed"]}) for p in stack]
"""
NAMES = {"RATE": 0.5, "SHIFT": [1.0][0], "FACTOR": 2.0, "SHARE": 1.0}


@pytest.mark.parametrize("jobs", JOBS)
def test_a_trainer_class_of_a_notebook_cell(jobs):
    sweep = nnsweep.sweep("mine", axes=AXES, trainer=defined(CELL, "Mine", **NAMES))
    results = nnsweep.run(sweep, jobs=jobs, figures=False)
    assert results.trials["status"].tolist() == ["ok"] * 6
    assert results.trials["error"].tolist() == [2 * a + 1.0 + seed for a in (0.25, 0.5) for seed in range(3)]
    assert results.trial(alpha=0.25, seed=1).replay().differs is None


@pytest.mark.parametrize("name", NAMES)
def test_what_the_body_of_a_class_reads_is_part_of_it(name):
    first = identity(defined(CELL, "Mine", **NAMES))
    assert identity(defined(CELL, "Mine", **NAMES)) == first
    assert identity(defined(CELL, "Mine", **{**NAMES, name: 8.0})) != first


def test_the_right_one_of_two_classes_of_one_name():
    text = "class Mine:\n    def f(self): return 1\nOther = Mine\nclass Mine:\n    def f(self): return 2\n"
    assert identity(defined(text, "Mine")) == identity(defined("class Mine:\n    def f(self): return 2\n", "Mine"))
    assert identity(defined(text, "Other")) == identity(defined("class Mine:\n    def f(self): return 1\n", "Mine"))


def test_a_class_without_methods_in_a_cell_is_known_by_what_it_holds():
    texts = ["shift = 1", "shift = 2", "shift: int = 1", "other = 1"]
    kinds = [identity(defined(f"class Mine:\n    {text}\n", "Mine")) for text in texts]
    assert len(set(kinds)) == 4
    assert identity(defined("class Mine:\n    # first\n    shift = 1\n", "Mine")) == kinds[0]


def test_a_class_of_methods_without_source_is_refused():
    space = {"__name__": "__main__"}
    exec("class Mine:\n    def f(self): return 1\n", space)
    with pytest.raises(NnsweepError) as caught:
        identity(space["Mine"])
    assert str(caught.value) == (
        "the source of it cannot be read; allowed: functions and classes of a file or of a notebook's cell"
    )
