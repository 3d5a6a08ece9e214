"""Settings are told apart by their values, whatever their texts, from the file to the tables."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnsweep
from nnsweep import sweepfile
from nnsweep.design.spelling import spell
from nnsweep.errors import SpecError
from nnsweep.store import Store
from nnsweep.sweepfile.parameters import Parameters, as_value
from nnsweep.sweepfile.schema import json_schema
from nnsweep.tables import summary, trials_table
from nnsweep.trainers import Outcome, load
from nnsweep.trials.expand import expand, trial_of
from tests.helpers import call

MODULE = """
def train(hidden: int | list[int] | str = 4, tags: list[str] = ["a"], gamma=None, flag=False, seed: int = 0):
    width = sum(hidden) if isinstance(hidden, list) else len(hidden) if isinstance(hidden, str) else 10 * hidden
    return {"loss": width + len(tags[0]) + seed / 100}
"""


@pytest.fixture
def sweep(module):
    """Write a sweep of the function with some lines, and give its path."""
    folder = module(MODULE).parent

    def write(lines: str, name: str = "s") -> Path:
        path = folder / f"{name}.toml"
        head = f'name = "{name}"\ntrainer = "mine:train"\n[success]\nmetric = "loss"\nbelow = 5\n'
        path.write_text(head + lines, encoding="utf-8")
        return path

    return write


def run(capsys, path: Path, *options: object) -> str:
    code, out, err = call(capsys, "run", path, "--jobs", 1, *options)
    assert code == 0, err
    return out + err


def rows(name: str, table: str) -> list[list[str]]:
    with open(Path("results") / name / "tables" / f"{table}.csv", encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_values_of_several_kinds_are_trained_tabled_and_drawn(sweep, capsys):
    path = sweep(
        "[axes]\nhidden = [2, 4, 8]\ngamma = [0.1, 1, 10]\nseed = { count = 2 }\n"
        '[[include]]\nhidden = [[1, 1]]\n[[include]]\ngamma = "scale"\n'
    )
    for _ in range(2):
        assert "30 trials: 30 ok" in run(capsys, path)
    assert rows("s", "success") == [
        ["hidden\\gamma", "0.1", "1", "10", "scale"],
        *([width, "0", "0", "0", "0"] for width in ("2", "4", "8")),
        ["1-1", "2", "2", "2", ""],
    ]
    assert Path("results/s/report.html").is_file()


def test_an_included_list_on_an_axis_of_numbers_of_the_built_in_trainer(grid, capsys):
    text = grid.read_text().replace("epochs = { from = 1, to = 3 }", "epochs = 1")
    grid.write_text(text.replace("epochs = 1\n", "").replace("[axes]", "[axes]\nepochs = [1, 2, 3]"))
    with grid.open("a") as file:
        file.write("[[include]]\nhidden = [[8, 8]]\n")
    assert "72 trials: 72 ok" in run(capsys, grid)
    assert rows("small", "success_hidden=8-8")[0] == ["epochs\\alpha", "0.01", "0.05"]


@pytest.mark.parametrize(
    "lines",
    [
        "hidden = [2, 4]\nseed = { count = 2 }\n[[include]]\nhidden = [[8, 8]]\n",
        "hidden = [2, 4, [8, 8]]\nseed = { count = 2 }\n[[exclude]]\nhidden = [[8, 8]]\n",
        "hidden = [2, 4, [8, 8]]\nseed = { count = 2 }\n",
    ],
)
def test_two_values_are_compared_whatever_the_others_are(sweep, capsys, lines):
    path = sweep("[axes]\n" + lines)
    run(capsys, path)
    code, out, err = call(capsys, "compare", "s", "--on", "hidden=2,4")
    assert code == 0, err
    assert out.startswith("hidden = 4 against hidden = 2: 1 cell, 2 trials paired by seed")


def test_a_value_that_no_trial_has_has_no_column(sweep, capsys):
    run(capsys, sweep("[axes]\nhidden = [2, 4, [8, 8]]\ngamma = [1, 2]\n[[exclude]]\nhidden = [[8, 8]]\n"))
    assert rows("s", "success") == [["hidden\\gamma", "1", "2"], ["2", "0", "0"], ["4", "0", "0"]]


def test_an_excluded_value_that_is_included_again_stays(sweep):
    lines = "[axes]\nhidden = [2, [8, 8], 4]\ngamma = [1, 2]\n[[exclude]]\nhidden = [[8, 8]]\n[[include]]\ngamma = 3\n"
    hidden, gamma = sweepfile.load(sweep(lines)).axes
    assert (hidden.values, hidden.added) == ((2, (8, 8), 4), ())
    assert (gamma.values, gamma.added) == ((1, 2), (3,))


def test_two_settings_with_one_text_are_two_cells(sweep, capsys):
    run(capsys, sweep("[axes]\nhidden = [4, [4], 2]\nseed = { count = 3 }\n"))
    header, *found = rows("s", "summary")
    columns = [header.index(name) for name in ("hidden", "n", "loss_mean")]
    assert [[row[at] for at in columns] for row in found] == [
        ["4", "3", "41.01"],
        ["[4]", "3", "5.01"],
        ["2", "3", "21.01"],
    ]


def test_two_settings_with_one_text_are_told_apart_one_by_one(sweep, capsys):
    path = sweep("[axes]\nhidden = [4, [4], 2]\nseed = [1]\n")
    run(capsys, path)
    listed = [line.partition("  ")[2] for line in call(capsys, "show", path)[1].splitlines()[:3]]
    assert listed == [
        "hidden = 4, seed = 1  ok, loss 41.01",
        "hidden = [4], seed = 1  ok, loss 5.01",
        "hidden = 2, seed = 1  ok, loss 21.01",
    ]
    assert call(capsys, "show", path, "hidden=[4]")[1].splitlines()[1:] == [
        "  hidden = [4], seed = 1",
        "  ok, loss 5.01",
    ]


def test_lists_with_one_short_form_are_two_cells(sweep, capsys):
    run(capsys, sweep('[axes]\ntags = [["a-b", "c"], ["a", "b-c"], ["d"]]\nseed = { count = 3 }\n'))
    assert [row[:2] for row in rows("s", "summary")] == [
        ["tags", "n"],
        ['["a-b", "c"]', "3"],
        ['["a", "b-c"]', "3"],
        ["d", "3"],
    ]


FREE = """
def train(x, depth=None, cap=float("inf"), width: int | None = None, tags: list = [], seed: int = 0):
    \"\"\"Returns what it was given, as a number.\"\"\"
    kinds = {bool: 1, int: 2, float: 3, str: 4, type(None): 5}
    given = {"kind": x, "of_depth": depth, "of_width": width}
    return {name: kinds[type(value)] for name, value in given.items()} | {"capped": cap < 1e300}
"""


@pytest.fixture
def free(module):
    folder = module(FREE).parent

    def write(lines: str) -> Path:
        path = folder / "free.toml"
        path.write_text(f'name = "free"\ntrainer = "mine:train"\n{lines}', encoding="utf-8")
        return path

    return write


def column(metric: str) -> list[str]:
    header, *found = rows("free", "trials")
    return [row[header.index(metric)] for row in found]


@pytest.mark.parametrize(("first", "second"), [("1, 2, 0.5", "1.0,2e0,0.5"), ("0.0, 3", "-0.0,3.0"), ("0", "-0.0")])
def test_equal_numbers_of_a_parameter_without_a_type_are_one_value_across_runs(free, capsys, first, second):
    path = free(f"[axes]\nx = [{first}]\nseed = {{ count = 2 }}\n")
    run(capsys, path)
    code, out, _ = call(capsys, "plan", path, "--set", f"x={second}")
    assert code == 0
    assert out.startswith("free: nothing to train")


def test_what_is_written_is_passed(free, capsys):
    run(capsys, free("[axes]\nx = [3, 0.5, 2.0, true, 'a']\n"))
    assert column("kind") == ["2.0", "3.0", "3.0", "1.0", "4.0"]


def test_true_and_one_are_two_values_of_two_runs_and_never_of_one_axis(free, capsys):
    path = free("[axes]\nx = [1, 2]\n")
    run(capsys, path)
    out = call(capsys, "plan", path, "--set", "x=true,2")[1]
    assert out.startswith("free: 2 trials: 1 new, 1 stored")
    for lines, place in (
        ("[axes]\nx = [1, true]\n", "4:9: `x` in [axes]: found true"),
        ("[axes]\nx = [false, 0.0]\n", "4:13: `x` in [axes]: found 0.0"),
        ("[axes]\nx = [1, 2]\n[[include]]\nx = true\n", "6:1: `x` in [[include]]: found true"),
    ):
        with pytest.raises(SpecError) as caught:
            sweepfile.loads(free(lines).read_text())
        allowed = "allowed: truths or numbers, as true equals 1 and false 0"
        assert str(caught.value) == f"grid.toml:{place} beside its equal; {allowed}"
    with pytest.raises(SpecError) as caught:
        sweepfile.loads(free("[axes]\nx = [1, 2]\n[[exclude]]\nx = true\n").read_text())
    assert str(caught.value) == "grid.toml:6:1: `x` in [[exclude]]: found true; allowed: 1, 2"


def test_none_and_infinity_have_a_spelling(free, capsys):
    lines = '[axes]\ndepth = [{ none = true }, 2, "none"]\nwidth = ["none", 1]\ncap = [1, inf]\n[fixed]\nx = 1\n'
    path = free(lines)
    run(capsys, path)
    assert column("of_depth")[::4] == ["5.0", "2.0", "4.0"]
    assert column("of_width")[:4] == ["5.0", "5.0", "2.0", "2.0"]
    assert column("capped")[:2] == ["1.0", "0.0"]
    axes = [row[1:4] for row in rows("free", "trials")]
    assert axes[1::4] == [["{ none = true }", "none", "1.0"], ["2", "none", "1.0"], ["none", "none", "1.0"]]
    assert axes[2] == ["{ none = true }", "none", "inf"]
    out = call(capsys, "plan", path, "--set", "depth={none=true}", "--set", "width=none", "--set", "cap=inf")[1]
    assert out.startswith("free: nothing to train, 1 trial stored")
    out = call(capsys, "export", "free", "--format", "json")[1]
    exported = json.loads(out)
    assert [row["cap"] for row in exported][:2] == [1.0, "inf"]
    for trial in exported[:2]:
        assert call(capsys, "replay", trial["id"], "--trainer", "mine:train")[0] == 0


@pytest.mark.parametrize(
    ("condition", "cells"),
    [("depth={none=true}", "{ none = true }"), ("depth={ none = true }", "{ none = true }"), ("depth=none", "none")],
)
def test_none_and_the_text_are_told_apart_in_what_is_stored(free, capsys, condition, cells):
    run(capsys, free('[axes]\ndepth = [{ none = true }, 2, "none"]\nwidth = ["none", 1]\n[fixed]\nx = 1\n'))
    out = call(capsys, "export", "free", "--where", condition, "--columns", "depth,width")[1]
    assert out.splitlines() == ["depth,width", f"{cells},none", f"{cells},1"]
    assert call(capsys, "export", "free", "--where", "width={none=true}", "--columns", "id")[1].count("\n") == 4


def test_a_table_of_none_stands_in_entries_too(free):
    lines = "[axes]\ndepth = [{ none = true }, 2]\nx = [1, 2]\n[[exclude]]\ndepth = { none = true }\nx = 1\n"
    depth, x = sweepfile.load(free(lines)).axes
    assert (depth.values, x.values) == ((None, 2), (1, 2))
    assert [dict(entry) for entry in sweepfile.load(free(lines)).exclude] == [{"depth": (None,), "x": (1,)}]


def test_infinity_is_refused_by_the_built_in_trainer():
    with pytest.raises(SpecError) as caught:
        sweepfile.loads('name = "a"\n[axes]\nalpha = [inf, 1]\n[fixed]\nseed = { none = true }')
    assert str(caught.value).splitlines() == [
        "grid.toml:3:10: `alpha` in [axes]: found inf; allowed: a finite number",
        "grid.toml:5:1: `seed` in [fixed]: found {none = true}; allowed: a whole number",
    ]


OPEN = """
def stars(alpha=0.1, **others):
    return {"loss": others["C"] * alpha, "seen": len(others)}

def table(config: dict, seed: int = 0):
    layers = config["layers"]
    layers.append(1)
    return {"loss": config["lr"], "layers": len(layers), "seen": len(config)}

def methods(validate: int = 1, copy=2, json=3, schema=4, dict=5, construct=6):
    return {"loss": validate + 10 * copy + json + schema + dict + construct}

def micro(\u00b5=1.0, \ufb01=2):
    return {"loss": \u00b5, "other": \ufb01}
"""


@pytest.fixture
def opened(module, capsys):
    module(OPEN)

    def trained(function: str, lines: str, *options: str) -> list[dict[str, str]]:
        path = Path("free.toml")
        path.write_text(f'name = "free"\ntrainer = "mine:{function}"\n{lines}', encoding="utf-8")
        run(capsys, path, *options)
        header, *found = rows("free", "trials")
        return [dict(zip(header, row, strict=True)) for row in found]

    return trained


def test_a_function_of_any_names_is_given_them(opened, capsys):
    found = opened("stars", "[axes]\nC = [1, 2.5]\nalpha = [1, 2]\n[fixed]\nkernel = 'rbf'\n")
    assert [(row["C"], row["alpha"], row["loss"], row["seen"]) for row in found] == [
        ("1.0", "1.0", "1.0", "2.0"),
        ("1.0", "2.0", "2.0", "2.0"),
        ("2.5", "1.0", "2.5", "2.0"),
        ("2.5", "2.0", "5.0", "2.0"),
    ]
    assert call(capsys, "replay", found[0]["id"], "--trainer", "mine:stars")[0] == 0
    assert call(capsys, "plan", "free.toml", "--set", "C=1.0")[1].startswith("free: nothing to train, 2 trials stored")


def test_a_dict_is_given_whole_or_by_its_names(opened):
    tables = opened("table", "[axes]\nconfig = [{ lr = 0.1, layers = [8, 8] }, { lr = 0.2, layers = [] }]\n")
    assert [(row["config"], row["loss"], row["layers"], row["seen"]) for row in tables] == [
        ("lr = 0.1, layers = [8, 8]", "0.1", "3.0", "2.0"),
        ("lr = 0.2, layers = []", "0.2", "1.0", "2.0"),
    ]
    names = opened("table", "[fixed]\nlayers = [8]\nconfig = { b = 1 }\n[axes]\nlr = [0.5, 1]\n")
    assert [(row["lr"], row["loss"], row["layers"], row["seen"]) for row in names] == [
        ("0.5", "0.5", "2.0", "3.0"),
        ("1.0", "1.0", "2.0", "3.0"),
    ]


def test_parameters_may_be_called_as_pydantics_methods(opened):
    found = opened("methods", "[axes]\nvalidate = [1, 2]\ncopy = [1, 2]\n[fixed]\njson = 0\nschema = 0\ndict = 0\n")
    assert [row["loss"] for row in found] == ["17.0", "27.0", "18.0", "28.0"]


@pytest.mark.parametrize("name", ["\u00b5", "\u03bc"])
def test_names_are_compared_as_python_compares_them(opened, name):
    found = opened("micro", f'[axes]\n"{name}" = [0.5, 2]\n[fixed]\n"\ufb01" = 3\n', "--set", f"{name}=4,5")
    assert [(row["loss"], row["other"]) for row in found] == [("4.0", "3.0"), ("5.0", "3.0")]


def test_two_spellings_of_one_name_are_one_parameter(opened):
    Path("free.toml").write_text('name = "free"\ntrainer = "mine:micro"\n[axes]\n"\u00b5" = [1]\n"\u03bc" = [2]\n')
    with pytest.raises(SpecError) as caught:
        sweepfile.load(Path("free.toml"))
    message = "`\u00b5` and `\u03bc` in [axes] are one parameter; allowed: one of them"
    assert str(caught.value) == f"free.toml:5:1: {message}"


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["hidden=[8,4]", "alpha=0.1,1"], "--set: hidden is [8, 4], alpha is 0.1 or 1.0"),
        (["hidden=8,4", "seed={count=50}"], "--set: hidden is [8] or [4], seed is one of 50 values, 0 to 49"),
        (["hidden=[]"], "--set: hidden is []"),
        (["learning_rate=1e-1"], "--set: learning_rate is 0.1"),
    ],
)
def test_the_plan_says_what_options_mean(grid, capsys, options, line):
    code, out, err = call(capsys, "plan", grid, *(word for option in options for word in ("--set", option)))
    assert code == 0, err
    assert line in out.splitlines()


@pytest.mark.slow
def test_a_page_on_which_no_trial_fails_has_no_figure(sweep, capsys):
    path = sweep(
        "[axes]\nhidden = [0, 1]\ntags = [['a'], ['bb']]\nflag = [true, false]\ngamma = [1, 2]\nseed = [0, 1]\n"
        "[[exclude]]\nhidden = 1\ngamma = 2\n"
    )
    run(capsys, path)
    code, _, err = call(capsys, "diagnose", "s")
    assert (code, err) == (0, "")


def test_the_schema_of_a_function_of_any_names_allows_them(opened):
    opened("stars", "[fixed]\nC = 1\n")
    for name, further in (("stars", True), ("methods", False)):
        schema = json_schema(load(f"mine:{name}"))
        tables = [schema["$defs"][each]["additionalProperties"] for each in ("values", "axes", "entry")]
        assert tables == [further] * 3


WORDS = st.sampled_from(
    ["relu", "none", "None", "NA", "1", "1.0", "8-8", "[4]", "true", "a b", "a-b", "é", "", "'x", "-1"]
)
SCALARS = st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, -0.25, 1e-5, 1e300, float("inf"), 2.0]) | WORDS
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.just({"none": True})


def distinct(values: list[Any]) -> list[Any]:
    """Values that may stand on one axis: none is equal to another in Python."""
    found: dict[Any, Any] = {}
    for value in values:
        found.setdefault(
            tuple(value) if isinstance(value, list) else str(value) if isinstance(value, dict) else value, value
        )
    return list(found.values())


AXES = st.lists(VALUES, min_size=2, max_size=6).map(distinct).filter(lambda values: len(values) > 1)


@pytest.fixture(scope="module")
def anything(tmp_path_factory):
    """A function of any names, whose trials are told apart by what they are given."""
    folder = tmp_path_factory.mktemp("anything")
    (folder / "anything.py").write_text("def train(seed: int = 0, **given):\n    return {'loss': 0.0}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield 'name = "p"\ntrainer = "anything:train"\n'


@given(AXES)
def test_values_come_back_from_ids_store_and_tables_as_they_went(anything, tmp_path, values):
    lines = f"[axes]\nx = [{', '.join(map(spell, values))}]\n"
    sweep = sweepfile.loads(anything + lines)
    trainer = load("anything:train")
    trials = expand(sweep, trainer)
    assert len({trial.id for trial in trials}) == len(values)
    for value, trial in zip(values, trials, strict=True):
        passed = trainer._arguments(trial.params)["x"]
        wanted = None if isinstance(value, dict) else value
        assert (passed, repr(passed)) == (wanted, repr(wanted))
        again = {name: as_value(each) for name, each in json.loads(trial.params_json).items()}
        assert trial_of(Parameters.of(trainer).complete(again), trainer).id == trial.id
    (axis,) = sweep.axes
    assert len(set(axis.shown.values())) == len(set(map(str, axis.labels.values()))) == len(values)
    outcomes = {trial.id: Outcome("ok", {"loss": 0.0}) for trial in trials}
    with Store.open(tmp_path / f"{trials[0].id}{len(trials)}.db") as store:
        store.describe(sweep, ["loss"], trials)
        kept = store.sweep_record()
    table, again = (
        trials_table(each, asked, outcomes, ["loss"]) for each, asked in ((sweep, trials), (kept.sweep, kept.trials))
    )
    assert table["x"].tolist() == again["x"].tolist()
    assert len(summary(table, ["x"], ["loss"], False)["n"]) == len(values)


@given(AXES)
def test_an_option_says_what_the_file_says(anything, values):
    if all(isinstance(value, dict) for value in values):
        return
    written = ", ".join(map(spell, values))
    of_file = sweepfile.loads(f"{anything}[axes]\nx = [{written}]\n")
    of_option = sweepfile.loads(anything, overrides=[f"x={written}"])
    assert [(axis.name, axis.values) for axis in of_option.axes] == [(axis.name, axis.values) for axis in of_file.axes]
    single = sweepfile.loads(f"{anything}[fixed]\nx = {spell(values[0])}\n")
    assert repr(dict(sweepfile.loads(anything, overrides=[f"x={spell(values[0])}"]).fixed)) == repr(dict(single.fixed))


CLASS = """
from pydantic import BaseModel, ConfigDict

from nnsweep.trainers import Outcome, Trainer

class Parameters(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")
    depth: int | None = 1
    seed: int = 0

class Mine(Trainer):
    version, parameters, metrics = "1", Parameters, {"loss": "how bad"}

    def train(self, stack):
        return [Outcome("ok", {"loss": 0.0 if params["depth"] is None else 1.0}) for params in stack]
"""


def test_a_trainer_of_ones_own_takes_none_too(module, capsys):
    path = module(CLASS).parent / "free.toml"
    path.write_text('name = "free"\ntrainer = "mine:Mine"\n[axes]\ndepth = [{ none = true }, 2]\n', encoding="utf-8")
    run(capsys, path)
    assert [row[1:4] for row in rows("free", "trials")] == [
        ["depth", "status", "loss"],
        ["none", "ok", "0.0"],
        ["2", "ok", "1.0"],
    ]


def test_python_writes_none_infinity_and_tuples_as_they_are(opened):
    opened("stars", "[fixed]\nC = 1\n")
    axes = {"depth": [None, 2], "cap": [math.inf, 1], "layers": [(8, 8), [4]]}
    made = nnsweep.sweep("free", trainer="mine:stars", axes=axes, fixed={"solver": None})
    assert [axis.values for axis in made.axes] == [(None, 2), (math.inf, 1), ((8, 8), (4,))]
    assert made.fixed["solver"] is None
    lines = "depth = [{ none = true }, 2]\ncap = [inf, 1]\nlayers = [[8, 8], [4]]\n"
    file = sweepfile.loads(
        f'name = "free"\ntrainer = "mine:stars"\n[axes]\n{lines}[fixed]\nsolver = {{ none = true }}\n'
    )
    trainer = load("mine:stars")
    assert [trial.id for trial in expand(made, trainer)] == [trial.id for trial in expand(file, trainer)]
