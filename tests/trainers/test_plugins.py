"""Finding trainers by name."""

import os

import pytest

from nnsweep.errors import NnsweepError
from nnsweep.trainers import check_unchanged, load, refresh

MODULE = """
    from nnsweep.trainers import Outcome, Trainer
    from pydantic import BaseModel

    three = 3

    class Nothing(BaseModel):
        pass

    class Theirs(Trainer):
        name, version, parameters, metrics = "any", "7", Nothing, {"one": "1"}

        def train(self, stack):
            return [Outcome("ok", {"one": 1.0}) for _ in stack]

    class Needy(Theirs):
        def __init__(self, size):
            pass

    instance = Theirs()

    def function(alpha):
        return {"alpha2": alpha**2}

    def versioned(alpha):
        return {}

    versioned.version = "5"

    async def waits(alpha):
        return {}

    def yields(alpha):
        yield {}

    def measures(alpha):
        return {}

    measures.metrics = "accuracy", 3
"""


def test_the_same_name_gives_the_same_trainer():
    assert load("mlp") is load("mlp")
    assert load("nnsweep.trainers.mlp:Mlp").name == "mlp"
    assert load("mlp").version == "1"


@pytest.mark.parametrize("kind", ["Theirs", "instance"])
def test_a_trainer_of_the_users_is_named_as_it_is_loaded(module, kind):
    module(MODULE)
    found = load(f"mine:{kind}")
    own, plus, digest = found.version.partition("+")
    assert (found.name, own, plus, len(digest)) == (f"mine:{kind}", "7", "+", 16)


def test_an_instance_is_not_changed_by_being_loaded(module):
    module(MODULE)
    load("mine:instance")
    import mine

    assert (mine.instance.name, mine.instance.version) == ("any", "7")


def test_a_functions_version_is_its_own_and_its_source(module):
    module(MODULE)
    bare, versioned = load("mine:function").version, load("mine:versioned").version
    assert versioned == f"5+{bare}"


def test_a_module_that_prints_leaves_standard_output_alone(module, capsys):
    module("print('loading')\ndef function(alpha): return {}")
    load("mine:function")
    assert capsys.readouterr() == ("", "loading\n")


NAMES = "`mlp`, `package.module:attribute`, `path/file.py:attribute` or `path/script.py`"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("svm", f"unknown trainer `svm`; allowed: {NAMES}"),
        ("a:", f"unknown trainer `a:`; allowed: {NAMES}"),
        (
            "no_such_module:f",
            "trainer `no_such_module:f`: cannot be imported: ModuleNotFoundError: No module named 'no_such_module'; "
            "looked in {here} and in Python's path",
        ),
        (
            "broken:f",
            "trainer `broken:f`: cannot be imported: ZeroDivisionError: division by zero (broken.py, line 1); "
            "looked in {here} and in Python's path",
        ),
        (
            "leaves:f",
            "trainer `leaves:f`: cannot be imported: SystemExit: 3 (leaves.py, line 1); "
            "looked in {here} and in Python's path",
        ),
        ("mine:functoin", 'trainer `mine:functoin`: mine has no `functoin`; did you mean "function"?'),
        (
            "mine:three",
            "trainer `mine:three`: found `int`; allowed: a function of parameters, or a nnsweep.trainers.Trainer",
        ),
        (
            "mine:Nothing",
            "trainer `mine:Nothing`: found the class `Nothing`; "
            "allowed: a function of parameters, or a nnsweep.trainers.Trainer",
        ),
        (
            "mine:Needy",
            "trainer `mine:Needy`: its class cannot be called without arguments: "
            "TypeError: Needy.__init__() missing 1 required positional argument: 'size'",
        ),
        (
            "mine:waits",
            "trainer `mine:waits`: it is async or yields; allowed: a function that returns a dict",
        ),
        (
            "mine:yields",
            "trainer `mine:yields`: it is async or yields; allowed: a function that returns a dict",
        ),
        (
            "mine:measures",
            "trainer `mine:measures`: its `metrics` are `tuple` of 2; allowed: names, or a dict of names and meanings",
        ),
        (
            "time:sleep",
            "trainer `time:sleep`: time is of Python's standard library; allowed: a module of yours or of a package",
        ),
    ],
)
def test_names_of_no_trainer(module, name, message):
    module(MODULE)
    module("1 / 0", "broken.py")
    module("raise SystemExit(3)", "leaves.py")
    with pytest.raises(NnsweepError) as caught:
        load(name)
    assert str(caught.value) == message.format(here=os.getcwd())


def test_a_source_that_is_as_it_was_is_not_parsed_again(module, monkeypatch):
    module("import other\ndef function(alpha): return {'value': 1}")
    module("", "other.py")
    first = load("mine:function")
    monkeypatch.setattr("ast.parse", None)
    refresh()
    assert load("mine:function") is first


def test_a_source_that_changes_is_told_and_then_read_again(module):
    module("def function(alpha): return {'value': 1}")
    first = load("mine:function")
    check_unchanged(first)
    refresh()
    assert load("mine:function") is first
    module("def function(alpha): return {'value': 2}")  # as long, in the same second
    with pytest.raises(NnsweepError, match=r"^trainer `mine:function`: its source has changed; load the sweep again$"):
        check_unchanged(first)
    refresh()
    second = load("mine:function")
    assert second.version != first.version
    assert [trainer.train([{"alpha": 1}])[0].metrics for trainer in (first, second)] == [{"value": 1}, {"value": 2}]
