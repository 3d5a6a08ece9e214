"""What computes a run: the choice, what is refused, and that nothing else depends on it."""

from __future__ import annotations

import json

import pytest

from nnsweep import api, trainers
from nnsweep.errors import NnsweepError, SpecError
from nnsweep.execution.engines import EngineChoice, choose_engine
from nnsweep.execution.options import Options
from nnsweep.execution.plan import make_plan
from nnsweep.nn.engine.compiled import accepts
from nnsweep.trials.expand import expand
from nnsweep.trials.ids import to_numbers
from tests.helpers import slow

needs_numba = pytest.mark.skipif(not accepts.has_numba(), reason="numba is not installed")

FIXED = {"train_size": 20, "test_size": 30, "activation": "relu", "output": "step"}


def small(**fixed):
    return api.sweep("small", axes={"alpha": [0.01, 0.1], "seed": {"count": 5}}, fixed=FIXED | fixed)


def tables(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*.csv")}


def planned(sweep):
    trainer = trainers.load("mlp")
    return make_plan(expand(sweep, trainer), to_numbers(()), trainer), trainer


@needs_numba
def test_code_is_compiled_where_that_is_worth_its_start():
    plan, trainer = planned(small())
    assert choose_engine(plan, trainer, "auto") == EngineChoice("numpy")
    found = choose_engine(plan, trainer, "auto", share=100 / plan.cost)
    assert found.engine == "compiled"
    assert 0 < found.share < 1
    assert choose_engine(plan, trainer, "numpy", share=100 / plan.cost) == EngineChoice("numpy")
    assert choose_engine(plan, trainer, "compiled").engine == "compiled"
    smooth, _ = planned(small(activation="tanh"))
    assert choose_engine(smooth, trainer, "auto", share=100 / smooth.cost) == EngineChoice("numpy")


def test_without_numba_numpy_computes_or_a_line_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(accepts, "has_numba", lambda: False)
    plan, trainer = planned(small())
    assert choose_engine(plan, trainer, "auto", share=100 / plan.cost) == EngineChoice("numpy")
    with pytest.raises(NnsweepError) as error:
        choose_engine(plan, trainer, "compiled")
    what = "numba is not installed; `pip install nnsweep[fast]`"
    assert str(error.value) == f"`--engine compiled`: {what}; allowed: auto, numpy"


@needs_numba
@pytest.mark.parametrize(
    ("fixed", "why"),
    [
        ({"activation": "tanh"}, "`tanh` is not among the functions that NumPy rounds alike on all processors"),
        (
            {"hidden": 90},
            "matrices: any network fits; not rows: 361 parameters × 1 samples in a batch, more than 128",
        ),
    ],
)
def test_networks_that_cannot_be_compiled_are_refused_by_name(tmp_path, fixed, why):
    with pytest.raises(NnsweepError) as error:
        api.run(small(**fixed), tmp_path, figures=False, engine="compiled")
    assert str(error.value) == f"`--engine compiled`: {why}; allowed: auto, numpy"


def test_another_engine_is_refused():
    with pytest.raises(SpecError) as error:
        Options(engine="rows")
    assert str(error.value) == '`engine`: found \'rows\'; allowed: "auto", "numpy", "compiled"'


@needs_numba
@pytest.mark.parametrize("jobs", [1, slow(2)])
def test_a_run_says_what_computed_it_and_stores_the_same(tmp_path, jobs):
    lines = {}
    for engine in ("numpy", "compiled"):
        found = api.run(small(), tmp_path / engine, figures=False, engine=engine, jobs=jobs)
        lines[engine] = [line for line in str(found).splitlines() if line.startswith("engine: ")]
        assert json.loads((tmp_path / engine / "small" / "env.json").read_text())["engine"] == engine
    assert lines["numpy"] == []
    (line,) = lines["compiled"]
    assert line.startswith("engine: compiled, ")
    assert " M steps/s after " in line
    one, other = (tables(tmp_path / engine / "small") for engine in lines)
    assert len(one) > 2
    assert one == other
