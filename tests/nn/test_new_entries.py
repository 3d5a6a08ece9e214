"""One entry of a table is all that a new ingredient needs: spec, schema, docs and conformance tests read the tables.

The entries are made in a process of their own, before anything reads the tables.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from tests.helpers import PROJECT

ENTRIES = "tests.helpers.new_entries"
"""Never imported here, where it would change the tables of other tests."""
NEW = "softplus", "huber", "clipped", "lecun_uniform", "largest_error"


def python(*arguments, cwd=PROJECT):
    """Run Python with the new entries, and give what it printed."""
    path = os.pathsep.join([str(PROJECT), str(PROJECT / "docs")])
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def program(text, new=True, cwd=PROJECT):
    return python("-c", (f"import {ENTRIES}\n" if new else "") + text, cwd=cwd)


SUITES = "tests/nn/test_conformance.py", "tests/nn/engine/test_conformance.py"


@pytest.mark.slow
def test_the_conformance_suites_test_them():
    found = python("-m", "pytest", "-p", ENTRIES, *SUITES, "-k", " or ".join(NEW), "-vv", "--no-header")
    passed = re.findall(r"::(\w+)\[([^]]*)\] PASSED", found)
    assert f"{len(passed)} passed" in found.splitlines()[-1]
    for name in NEW:
        tests = {test for test, entry in passed if name in entry}
        assert len(tests) >= 1, name
    assert {test for test, entry in passed if "clipped" in entry} >= {
        "test_an_optimizer_descends_a_parabola",
        "test_a_trial_has_the_same_bits_alone_and_in_a_stack",
        "test_every_engine_takes_the_same_steps",
        "test_what_is_saved_goes_on_elsewhere",
    }
    assert ("test_a_delta_is_the_slope_of_the_loss", "softplus-huber") in passed


SCHEMA = """
import json
from nnsweep import sweepfile, trainers
print(json.dumps(trainers.load("mlp").parameters.model_json_schema(by_alias=False)["properties"]))
"""


def test_the_schema_has_them():
    schema = json.loads(program(SCHEMA))
    for parameter, name in [
        ("activation", "softplus"),
        ("output", "softplus"),
        ("loss", "huber"),
        ("optimizer", "clipped"),
        ("init", "lecun_uniform"),
    ]:
        assert name in schema[parameter]["enum"]
    assert schema["clip"] == {
        "default": 1.0,
        "description": "Largest mean gradient that counts in `clipped`.",
        "exclusiveMinimum": 0,
        "title": "Clip",
        "type": "number",
    }
    metrics = json.dumps(schema["metrics"])
    assert all(f'"{part}largest_error"' in metrics for part in ("", "train_", "validation_"))


def test_the_docs_have_them():
    pages = "import generate; print(generate.blocks()); print('---'); print(generate.parameters())"
    blocks, parameters = program(pages).split("---\n")
    for row in (
        "| `softplus` | f(z) = log(1 + exp z). | f′(z) = 1 − exp(−f(z)). |",
        "| `clipped` | m ← ρ m + (1 − ρ) g; p ← p − α min(max(m, −c), c). | `learning_rate`, `decay`, `clip` |",
        "| `lecun_uniform` | U(−γ √(3 / inputs), γ √(3 / inputs)), where γ is the gain (LeCun et al. 1998). |",
        "| `largest_error` | Largest \\|y − t\\| of any sample and output. | any targets | lower |",
    ):
        assert row in blocks.splitlines()
    assert "| `huber` | ½ d² for d = \\|y − t\\| up to 1, and d − ½ beyond (Huber 1964). | " in blocks
    assert "| `clip` | a number > 0 | `1.0` | Largest mean gradient that counts in `clipped`. |" in parameters
    assert "| `init_gain` | a number > 0 | `1.0` | Factor of `lecun_uniform` initial weights. |" in parameters
    assert "| `train_largest_error` | `largest_error` on the training samples. |" in parameters


GRID = """
name = "new"

[fixed]
train_size = 40
test_size = 40
epochs = 4
activation = "softplus"
output = "identity"
loss = "huber"
optimizer = "clipped"
init = "lecun_uniform"
metrics = ["error", "largest_error"]

[axes]
init_gain = [1.0, 2.0]
decay = [0.5, 0.9]
clip = [0.1, 1.0]
alpha = [0.01]
seed = { count = 3 }

[success]
metric = "largest_error"
below = 2
"""

RUN = """
import sys
import nnsweep
from nnsweep import sweepfile, trainers
sweep = sweepfile.loads(open("grid.toml").read())
found = nnsweep.run(sweep, figures=False, jobs=1)
print(found.trials.groupby(["init_gain", "decay", "clip"])["largest_error"].nunique().tolist(), found.failed)
trainer = trainers.load("mlp")
from nnsweep.trials.expand import expand
params = [trial.params for trial in expand(sweep, trainer)]
states = [state for state, _ in trainer.advance(trainer.start(params), 2)]
print([o.metrics for _, o in trainer.advance(states, 4)] == [o.metrics for o in trainer.train(params)])
"""


def test_a_sweep_runs_with_them(tmp_path):
    (tmp_path / "grid.toml").write_text(GRID, encoding="utf-8")
    assert program(RUN, cwd=tmp_path).splitlines()[-2:] == [f"{[3] * 8} 0", "True"]


def test_a_mistake_is_refused_where_it_stands(tmp_path):
    (tmp_path / "grid.toml").write_text(GRID.replace("[0.1, 1.0]", "[0.1, -1.0]"), encoding="utf-8")
    text = (
        "from nnsweep import sweepfile\nfrom nnsweep.errors import SpecError\n"
        "try:\n    sweepfile.load('grid.toml')\nexcept SpecError as error:\n    print(error)\n"
    )
    assert (
        program(text, cwd=tmp_path)
        == "grid.toml:18:14: `clip` in [axes]: found -1.0; allowed: a number greater than 0\n"
    )


IDS = """
import sys
from nnsweep import sweepfile
from nnsweep.trainers import load
from nnsweep.trials.expand import expand
for name in ("forum_fixes", "gates", "two_layer", "xor_leaky"):
    sweep = sweepfile.load(f"sweeps/{name}.toml")
    print(*[trial.id for trial in expand(sweep, load(sweep.trainer))])
"""


def test_trials_keep_their_ids():
    """A hyperparameter that came later is no part of an id at its default."""
    assert program(IDS) == program(IDS, new=False)
