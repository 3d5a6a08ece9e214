from __future__ import annotations

import tomllib

import pytest
from jsonschema import Draft202012Validator

from nnsweep import nn
from nnsweep.sweepfile.reference import markdown
from nnsweep.sweepfile.schema import json_schema
from nnsweep.trainers.mlp import Mlp
from nnsweep.trainers.protocol import Trainer
from tests.helpers import PROJECT
from tests.helpers.fake_parameters import FakeTrainer, NeedyTrainer
from tests.sweepfile.test_load import FORUM

SCHEMA = json_schema(FakeTrainer())


def valid(text: str) -> bool:
    return Draft202012Validator(SCHEMA).is_valid(tomllib.loads(text))


@pytest.mark.parametrize("trainer", [FakeTrainer(), NeedyTrainer(), Mlp()])
def test_the_schema_is_one(trainer: Trainer) -> None:
    Draft202012Validator.check_schema(json_schema(trainer))


GOOD = [
    FORUM,
    'name = "a"',
    'name = "a"\n[fixed]\nhidden = [8, 8]\n[axes]\nepochs = {linspace = [1, 9], num = 3}\nhidden = [[8, 8], 16]',
    'name = "a"\n[axes]\nalpha = {logspace = [0.1, 1], num = 3}\nlearning_rate = {from = 0.1, to = 1, step = 0.1}',
    'name = "a"\n[cases]\n"as posted" = {evaluation = "stale"}\n[[include]]\ncase = "x"\n[[exclude]]\nhidden = [2, 4]',
    'name = "a"\n[success]\nmetric = "loss"\nabove = 1\n[report]\nrows = "alpha"',
]
BAD = [
    "",
    'name = ".a"',
    'name = "a"\nnmae = "b"',
    'name = "a"\n[fixed]\nhiden = 2',
    'name = "a"\n[fixed]\nalpha = 0',
    'name = "a"\n[fixed]\nepochs = 1.5',
    'name = "a"\n[axes]\nalpha = 1',
    'name = "a"\n[axes]\nalpha = []',
    'name = "a"\n[axes]\nalpha = [1, 1]',
    'name = "a"\n[axes]\nalpha = {from = 1, too = 2}',
    'name = "a"\n[axes]\nalpha = {count = 0}',
    'name = "a"\n[cases.a]\nevaluation = "held"',
    'name = "a"\n[[exclude]]',
    'name = "a"\n[[exclude]]\nfoo = 1',
    'name = "a"\n[success]\nmetric = "eror"\nbelow = 1',
    'name = "a"\n[success]\nmetric = "error"',
    'name = "a"\n[success]\nmetric = "error"\nbelow = 1\nabove = 1',
    'name = "a"\n[report]\nrow = "alpha"',
]


@pytest.mark.parametrize("text", GOOD)
def test_good_files_fit(text: str) -> None:
    Draft202012Validator(SCHEMA).validate(tomllib.loads(text))


@pytest.mark.parametrize("text", BAD)
def test_bad_files_do_not(text: str) -> None:
    assert not valid(text)


def test_editors_get_descriptions_and_both_names() -> None:
    schema = json_schema(Mlp())
    fixed = schema["$defs"][schema["properties"]["fixed"]["$ref"].rpartition("/")[2]]["properties"]
    assert fixed["alpha"] == fixed["learning_rate"]
    described = schema["$defs"][fixed["alpha"]["$ref"].rpartition("/")[2]]
    assert described["description"] == "The factor of each step down the gradient."


def test_the_committed_reference_is_the_programs() -> None:
    committed = (PROJECT / "docs" / "parameters.md").read_text(encoding="utf-8")
    assert committed == markdown(Mlp()) + "\n"


def test_the_reference_lists_every_entry_of_every_table() -> None:
    text = markdown(Mlp())
    tables = (nn.ACTIVATIONS, nn.OUTPUTS, nn.LOSSES, nn.OPTIMIZERS, nn.INITIALIZERS, nn.DRAWS, nn.ORDERS, nn.REDUCTIONS)
    for table in tables:
        assert all(f"`{name}`" in text for name in table)
    assert all(f"| `{name}` |" in text for name in Mlp.metrics)
