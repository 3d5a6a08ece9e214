from __future__ import annotations

import json
import pickle
import time
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Annotated

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from nnsweep import sweepfile, trainers
from nnsweep.design.sweep import Axis, Sweep, plain
from nnsweep.folder.save import resolved
from nnsweep.sweepfile.parameters import Parameters, as_value
from nnsweep.trainers import ADDED_LATER, Outcome, Params, Trainer
from nnsweep.trainers.protocol import added_later
from nnsweep.trials.blocks import blocks_of
from nnsweep.trials.complete import Completion
from nnsweep.trials.expand import expand, trial_of
from nnsweep.trials.search.configurations import with_asked
from nnsweep.trials.search.methods import sampler_of
from nnsweep.trials.trial import Trial, canonical_json
from tests.helpers import PROJECT

MLP = trainers.load("mlp")
FORUM = """
name = "forum"
[axes]
alpha = [0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.007, 0.008, 0.009, 0.01, 0.02, 0.03, 0.04, 0.05]
epochs = { from = 1, to = 6 }
hidden = [2, 4]
seed = { count = 50 }
"""


class First(BaseModel):
    """The parameters of a trainer as it was first published."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    rate: float = 0.1
    seed: int = 0


class Second(First):
    """The same after two were added: before and after the others by their names."""

    added: Annotated[tuple[int, ...], ADDED_LATER] = ()
    warmup: Annotated[int, ADDED_LATER] = 0


class Growing(Trainer):
    name, version, metrics = "growing", "1", {"error": ""}

    def __init__(self, model: type[BaseModel]) -> None:
        self.parameters = model

    def train(self, stack: Sequence[Params]) -> list[Outcome]:
        raise NotImplementedError


class Halving(Growing):
    """A rate below 0 stands for half of one."""

    def resolve(self, params: Params, judged_by: str = "") -> Params:
        return {**params, "rate": 0.5 if params["rate"] < 0 else params["rate"]}


def trials(lines: str, *overrides: str) -> list[Trial]:
    return list(expand(sweepfile.loads(f'name = "a"\n{lines}', overrides=overrides), MLP))


def settings(lines: str) -> list[tuple]:
    return [tuple(trial.settings.values()) for trial in trials(lines)]


def id_of(trial: Trial) -> str:
    later = added_later(MLP.parameters)
    identity = {
        "data": MLP.fingerprint(trial.params),
        "params": {name: value for name, value in trial.params.items() if later.get(name, ...) != value},
        "trainer": MLP.name,
        "version": MLP.version,
    }
    text = json.dumps(identity, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return blake2b(text.encode()).hexdigest()[:16]


def test_the_first_axis_is_outermost_and_seed_innermost() -> None:
    lines = "[axes]\nseed = [7, 8]\nalpha = [1, 2]\nhidden = [[2, 3]]"
    assert settings(lines) == [(1.0, (2, 3), 7), (1.0, (2, 3), 8), (2.0, (2, 3), 7), (2.0, (2, 3), 8)]
    assert list(trials(lines)[0].settings) == ["alpha", "hidden", "seed"]


def test_params_are_complete_and_canonical() -> None:
    (trial,) = trials("[fixed]\nhidden = 3\n[axes]\nalpha = [1]")
    defaults = {name: field.default for name, field in MLP.parameters.model_fields.items()}
    fitting = {"split": "shuffled", "train_size": 1000, "test_size": 2000, "output": "step", "metrics": ("error",)}
    fitting["loss"] = "straight_through"
    assert trial.params == {**defaults, **fitting, "hidden": (3,), "learning_rate": 1.0}
    assert list(trial.params) == list(defaults)


def test_without_axes_there_is_one_trial() -> None:
    (trial,) = trials("")
    assert trial.settings == {}
    assert trial.id == id_of(trial)


def test_ids_are_what_the_definition_says() -> None:
    lines = "[axes]\nalpha = [1, 0.1]\nhidden = [2, [3, 4]]\nseed = [1, 2]\n[[include]]\nalpha = 9\n"
    for trial in trials(lines + "[cases]\na = {}\n'b\"' = {update = 'sequential'}\n"):
        assert trial.id == id_of(trial)


def test_an_id_is_known_for_good() -> None:
    assert (
        canonical_json({"b": (2, [True, None]), "a": 1e-7, "é": "é"})
        == '{"a":1e-07,"b":[2,[true,null]],"\\u00e9":"\\u00e9"}'
    )
    with pytest.raises(ValueError, match="NaN is no value of a sweep"):
        canonical_json(float("nan"))


def test_spelling_and_order_change_no_id() -> None:
    first = trials("[axes]\nalpha = [1]\nepochs = [2]\n[fixed]\nhidden = [3]")
    second = trials("[fixed]\nepochs = 2\n[axes]\nhidden = [3]\nlearning_rate = [1.0]")
    third = trials("", "alpha=1", "epochs=2", "hidden=3")
    assert first[0].id == second[0].id == third[0].id
    assert first[0].params == second[0].params == third[0].params


def test_excluded_trials_are_gone_and_included_ones_follow_once() -> None:
    lines = "[axes]\nalpha = [1, 2]\nepochs = [1, 2]\n[[exclude]]\nalpha = 2\nepochs = [1, 2]\n"
    assert settings(lines) == [(1.0, 1), (1.0, 2)]
    more = "[[include]]\nalpha = [1, 5]\n[[include]]\nalpha = 2\nepochs = 1\n"
    assert settings(lines + more) == [(1.0, 1), (1.0, 2), (5.0, 1), (5.0, 2), (2.0, 1)]


def test_a_case_beats_fixed_and_does_not_leak_into_the_next() -> None:
    found = trials("[fixed]\nepochs = 5\n[cases]\na = {epochs = 1, hidden = 9}\nb = {standardize = true}")
    assert [(t.settings["case"], t.params["epochs"], t.params["hidden"], t.params["standardize"]) for t in found] == [
        ("a", 1, (9,), False),
        ("b", 5, (4,), True),
    ]


def test_cases_with_the_same_settings_share_an_id() -> None:
    one, two = trials("[cases]\none = {epochs = 2}\ntwo = {epochs = 2}")
    assert one.id == two.id
    assert (one.settings, two.settings) == ({"case": "one"}, {"case": "two"})


def test_trials_can_be_pickled() -> None:
    found = trials("[axes]\nhidden = [2, [3, 4]]\n[cases]\na = {epochs = 2}")
    assert pickle.loads(pickle.dumps(found)) == found
    assert all(type(trial.params) is dict and type(trial.settings) is dict for trial in found)


@given(st.sets(st.integers(0, 5), min_size=1), st.sets(st.integers(1, 4), min_size=1))
def test_ids_differ_exactly_where_params_do(seeds: set[int], widths: set[int]) -> None:
    found = trials(f"[axes]\nseed = {list(seeds)}\nhidden = {list(widths)}")
    assert len({trial.id for trial in found}) == len(found) == len(seeds) * len(widths)


def test_the_forum_grid_expands_in_less_time_than_encoding_every_trial_anew() -> None:
    sweep = sweepfile.loads(FORUM)

    def encoded(trials: Sequence[Trial]) -> list[str]:
        return [blake2b(canonical_json(dict(trial.params)).encode()).hexdigest() for trial in trials]

    def seconds(work: Callable[[], object]) -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    found = list(expand(sweep, MLP))
    assert len(found) == 8400
    times = [(seconds(lambda: list(expand(sweep, MLP))), seconds(lambda: encoded(found))) for _ in range(5)]
    assert min(ours for ours, _ in times) < 0.8 * min(plain for _, plain in times)


def grown(trainer: Trainer, *axes: Axis) -> list[Trial]:
    return list(expand(Sweep(name="a", trainer=trainer.name, axes=axes), trainer))


RATES = Axis("rate", "rate", (0.1, 0.2))
SEEDS = Axis("seed", "seed", (0, 1))


@pytest.mark.parametrize("axes", [(), (RATES,), (SEEDS,), (RATES, SEEDS)])
def test_a_parameter_added_later_changes_no_id_while_it_has_its_default(axes: tuple[Axis, ...]) -> None:
    before, after = grown(Growing(First), *axes), grown(Growing(Second), *axes)
    assert [trial.id for trial in after] == [trial.id for trial in before]
    assert [trial.params_json for trial in after] == [trial.params_json for trial in before]
    assert all(trial.params["warmup"] == 0 and trial.params["added"] == () for trial in after)


@pytest.mark.parametrize("others", [(), (RATES,), (SEEDS,), (RATES, SEEDS)])
@pytest.mark.parametrize("name", ["added", "warmup"])
def test_a_parameter_added_later_may_be_an_axis(name: str, others: tuple[Axis, ...]) -> None:
    first, second = ((), (3,)) if name == "added" else (0, 3)
    axes = sorted((*others, Axis(name, name, (first, second))), key=lambda axis: axis.parameter == "seed")
    found = grown(Growing(Second), *axes)
    old = {trial.id for trial in grown(Growing(First), *others)}
    assert {trial.id for trial in found if trial.params[name] == first} == old
    assert old.isdisjoint(trial.id for trial in found if trial.params[name] == second)
    for trial in found:
        assert json.loads(trial.params_json).keys() == {"rate", "seed"} | ({name} if trial.params[name] else set())


def test_stored_parameters_are_read_back_with_the_defaults_of_those_added_later() -> None:
    trainer = Growing(Second)
    for trial in grown(trainer, RATES, Axis("warmup", "warmup", (0, 3)), SEEDS):
        stored = {name: as_value(value) for name, value in json.loads(trial.params_json).items()}
        again = trial_of(Parameters.of(trainer).complete(stored), trainer)
        assert (again.id, again.params) == (trial.id, trial.params)


def test_the_json_of_no_parameters_at_all_is_an_empty_table() -> None:
    class Later(BaseModel):
        warmup: Annotated[int, ADDED_LATER] = 0

    assert trial_of({"warmup": 0}, Growing(Later)).params_json == "{}"


@pytest.mark.parametrize("others", [(), (SEEDS,)])
def test_a_value_that_stands_for_another_is_the_same_trial(others: tuple[Axis, ...]) -> None:
    found = grown(Halving(First), Axis("rate", "rate", (-1.0, 0.5, 0.2)), *others)
    each = len(found) // 3
    assert [trial.id for trial in found[:each]] == [trial.id for trial in found[each : 2 * each]]
    assert [trial.settings["rate"] for trial in found[::each]] == [-1.0, 0.5, 0.2]
    assert [trial.params["rate"] for trial in found[::each]] == [0.5, 0.5, 0.2]
    assert [json.loads(trial.params_json)["rate"] for trial in found[::each]] == [0.5, 0.5, 0.2]


def needs_its_data(path: Path) -> None:
    if path.stem.startswith("tutorial"):
        pytest.importorskip("sklearn", reason='needs pip install "nnsweep[digits]"')


def asked_for(path: Path) -> Sweep:
    """Load a sweep; of a search that learns nothing, with the configurations that it asks for."""
    sweep = sweepfile.load(path)
    if sweep.search is None:
        return sweep
    sampler = sampler_of(sweep, MLP)
    while trials := sampler.ask():
        sampler.tell({trial.id: Outcome("ok", {"accuracy": 0.5}) for trial in trials})
    return with_asked(sweep, sampler.rows)


@pytest.mark.parametrize("path", sorted((PROJECT / "sweeps").glob("*.toml")), ids=lambda path: path.stem)
def test_the_shipped_sweeps_keep_the_ids_of_their_stored_results(path: Path) -> None:
    needs_its_data(path)
    found = expand(asked_for(path), MLP)
    header, *rows = (PROJECT / "results" / path.stem / "tables" / "trials.csv").read_text().splitlines()
    assert header.startswith("id,")
    assert [trial.id for trial in found] == [row.partition(",")[0] for row in rows]


@pytest.mark.parametrize("path", sorted((PROJECT / "sweeps").glob("*.toml")), ids=lambda path: path.stem)
def test_what_a_shipped_sweep_asks_for_in_full_is_what_its_results_say(path: Path) -> None:
    needs_its_data(path)
    sweep = asked_for(path)
    asked = json.loads(json.dumps(resolved(sweep, MLP, expand(sweep, MLP)), default=plain))
    kept = json.loads((PROJECT / "results" / path.stem / "resolved.json").read_text(encoding="utf-8"))
    kept.pop("progress", None)  # what a search has come to
    assert asked == kept


def test_what_a_sweep_asks_for_has_values_chosen_for_all_trials_and_those_added_later_that_are_set() -> None:
    lines = """
    name = "a"
    [fixed]
    data = "xor"
    folds = 2
    [axes]
    loss = ["auto", "squared_error"]
    [cases]
    one = { output = "tanh" }
    two = {}
    [[exclude]]
    case = "one"
    loss = "auto"
    """
    sweep = sweepfile.loads(lines)
    fixed = resolved(sweep, MLP, expand(sweep, MLP))["fixed"]
    assert (fixed["split"], fixed["folds"], fixed["output"]) == ("shuffled", 2, "sigmoid")
    assert fixed["metrics"] == ("accuracy", "loss")
    assert "loss" not in fixed
    assert "validation_size" not in fixed


AXES = """
[axes]
epochs = { from = 1, to = 3 }
hidden = [2, [3, 4]]
alpha = [0.1, 0.5, 0.9]
seed = { count = 4 }
"""
PARTS = """
[[exclude]]
hidden = 2
seed = [1, 2]
[[include]]
alpha = 9
[cases]
one = {}
"b%s" = { update = "sequential" }
"""
LISTS = {
    "product": AXES,
    "excluded, included and cases": AXES + PARTS,
    "no seed": AXES.replace("seed = { count = 4 }", ""),
    "folds": "[fixed]\nfolds = 3\n" + AXES,
    "one id twice": AXES + "[cases]\none = { momentum = 0.5 }\ntwo = { momentum = 0.5 }",
    "a value for auto": '[fixed]\ndata = "xor"\n' + AXES + 'output = ["auto", "sigmoid"]',
}


@pytest.mark.parametrize("lines", LISTS.values(), ids=LISTS)
def test_columns_are_the_trials_one_by_one(lines: str) -> None:
    """Each trial has the id of its definition, whichever part of the grid is asked for it."""
    grid = expand(sweepfile.loads(f'name = "a"\n{lines}'), MLP)
    whole = list(grid)
    assert [trial.id for trial in whole] == [id_of(trial) for trial in whole]
    assert [f"{id:016x}" for id in grid.ids.tolist()] == [trial.id for trial in whole]
    assert list(grid.params()) == [trial.params for trial in whole]
    assert list(grid.settings()) == [trial.settings for trial in whole]
    again = expand(sweepfile.loads(f'name = "a"\n{lines}'), MLP)
    places = np.random.default_rng(0).permutation(len(whole))[:20]
    assert list(again.take(places)) == [whole[place] for place in places]
    assert [again[place] for place in (0, -1, 5)] == [whole[0], whole[-1], whole[5]]
    assert list(again[3:9]) == whole[3:9]


@pytest.mark.parametrize(("lines", "are_distinct"), [(each, name != "one id twice") for name, each in LISTS.items()])
def test_a_grid_knows_without_its_ids_that_they_differ(lines: str, are_distinct: bool) -> None:
    grid = expand(sweepfile.loads(f'name = "a"\n{lines}'), MLP)
    distinct = len({trial.id for trial in grid}) == len(grid)
    assert distinct or not grid.are_distinct
    assert grid.are_distinct is (are_distinct and "auto" not in lines)
    assert [trial.id for trial in grid.distinct] == list(dict.fromkeys(trial.id for trial in grid))


@pytest.mark.parametrize("lines", LISTS.values(), ids=LISTS)
def test_what_does_not_depend_on_training_is_the_same_for_all_trials_of_a_kind(lines: str) -> None:
    grid = expand(sweepfile.loads(f'name = "a"\n{lines}'), MLP)
    kinds, whole = grid.kinds, list(grid)
    first = list(kinds.first)
    assert len(first) < len(whole)
    assert [whole.index(each) for each in first] == sorted(whole.index(each) for each in first)
    for trial, number in zip(whole, kinds.numbers.tolist(), strict=True):
        one, other = trial.params, first[number].params
        assert MLP.stack_key(one) == MLP.stack_key(other)
        assert (MLP.fingerprint(one), MLP.measured(one)) == (MLP.fingerprint(other), MLP.measured(other))
        assert (MLP.describe(one), MLP.notes(one)) == (MLP.describe(other), MLP.notes(other))
        assert MLP.cost([dict(one, epochs=other["epochs"])]) == MLP.cost([other])


@pytest.mark.parametrize("size", [1, 7, 30, 1000])
@pytest.mark.parametrize("lines", LISTS.values(), ids=LISTS)
def test_blocks_hold_every_trial_once_and_whole_trainings(lines: str, size: int) -> None:
    grid = expand(sweepfile.loads(f'name = "a"\n{lines}'), MLP)
    blocks = [list(block) for block in blocks_of(grid, MLP, size)]
    found = sorted((trial.id, str(trial.settings)) for block in blocks for trial in block)
    assert found == sorted((trial.id, str(trial.settings)) for trial in grid)
    keys = [{MLP.training_key(trial.params) for trial in block} for block in blocks]
    assert sum(map(len, keys)) == len(set().union(*keys))
    longest = max(Counter(MLP.training_key(trial.params) for trial in grid).values())
    assert all(len(block) <= max(size, longest) for block in blocks)


def test_ids_that_blocks_have_computed_are_those_of_the_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    grid, again = (expand(sweepfile.loads(f'name = "a"\n{AXES}'), MLP) for _ in range(2))
    for block in blocks_of(grid, MLP, 10):
        block.compute_ids()
    expected = again.ids.tolist()
    monkeypatch.setattr(Completion, "ids", None)
    assert grid.ids.tolist() == expected
