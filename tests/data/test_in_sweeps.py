"""Data sets as sweep files name them: where they may stand, what is said of mistakes, what identifies a trial."""

import json
import os
import pickle
import subprocess
import sys

import pandas as pd
import pytest

import nnsweep
from nnsweep import sweepfile, trainers
from nnsweep.data import load, refresh
from nnsweep.data.field import read
from nnsweep.data.gates import Gate
from nnsweep.trials.expand import expand
from tests.helpers import call

MLP = trainers.load("mlp")
WHOLE = '[fixed]\nsplit = "all"\noutput = "sigmoid"\nloss = "binary_cross_entropy"\n'
NAMES = (
    "parabolas, digits, and, or, xor, nand, nor, xnor, "
    '"package.module:function", { gate }, { csv, target }, { mnist }, { inputs, targets }'
)
KEYS = "gate, csv, mnist, inputs, targets"


def loads(lines, *overrides):
    return sweepfile.loads(f'name = "a"\n{lines}', overrides=overrides)


def problems(lines, *overrides):
    with pytest.raises(nnsweep.SpecError) as caught:
        loads(lines, *overrides)
    return str(caught.value).splitlines()


def ids(sweep):
    return [trial.id for trial in expand(sweep, MLP)]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("x,y\n0,0\n1,1\n0.5,1\n")
    return tmp_path


ONE = {
    'data = "parabola"': f'6:1: `data` in [fixed]: found "parabola"; did you mean `parabolas`? Allowed: {NAMES}',
    'data = "mnist"': f'6:1: `data` in [fixed]: found "mnist"; allowed: {NAMES}',
    "data = 3": "6:1: `data` in [fixed]: found 3; allowed: the name of a data set, or a table",
    "data = {}": "6:1: `data` in [fixed]: found {}; "
    "allowed: { gate } or { csv, target } or { mnist } or { inputs, targets }",
    'data = { gat = "xor" }': f"6:10: unknown key `gat` in `data` in [fixed]; did you mean `gate`? Allowed: {KEYS}",
    'data = { gate = "xr" }': '6:10: `gate` in `data` in [fixed]: found "xr"; did you mean `xor`? '
    "Allowed: and, or, xor, nand, nor, xnor",
    'data = { gate = "xor", inputs = 17 }': "6:24: `inputs` in `data` in [fixed]: found 17; "
    "allowed: a number less than or equal to 16",
    'data = { gate = "xor", inputs = true }': "6:24: `inputs` in `data` in [fixed]: found true; "
    "allowed: a whole number",
    'data = { csv = "a.csv" }': "6:1: `target` is missing in `data` in [fixed]",
    'data = { csv = "a.csv", target = [] }': "6:25: `target` in `data` in [fixed]: found []; allowed: at least 1 value",
    'data = { csv = "a\\u001b", target = "y" }': '6:10: `csv` in `data` in [fixed]: found "a\\u001b"; '
    "allowed: text without control characters",
    'data = { csv = "a.csv", target = "y", inputs = ["y"] }': "6:1: `data` in [fixed]: "
    'found {csv = "a.csv", target = "y", inputs = ["y"]}; '
    'allowed: each column once, as an input or as a target; "y" is named twice',
    "data = { inputs = [[0, 1], [1]], targets = [0, 1] }": "6:10: `inputs` in `data` in [fixed]: "
    "found [[0, 1], [1]]; allowed: rows of one length; row 1 has 2, row 2 has 1",
    'data = { inputs = [[0, "a"]], targets = [0] }': '6:24: `inputs` in `data` in [fixed]: found "a"; '
    "allowed: a number",
    "data = { inputs = [[true]], targets = [0] }": "6:21: `inputs` in `data` in [fixed]: found true; allowed: a number",
    "data = { inputs = [[0], [1]], targets = [0] }": "6:1: `data` in [fixed]: "
    "found {inputs = [[0], [1]], targets = [0]}; "
    "allowed: as many rows of `targets` as of `inputs`; here 2 inputs and 1 targets",
    f"data = {{ inputs = {[[0] * 11] * 100}, targets = {[0] * 100} }}": "6:10: `inputs` in `data` in [fixed]: "
    "found [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0…; "
    "allowed: at most 1,000 numbers; more go in a CSV file",
    'data = "own_absent:f"': "6:1: own_absent:f: cannot be imported: ModuleNotFoundError: "
    "No module named 'own_absent'; looked in {here} and in Python's path",
    'data = { csv = "b.csv", target = "y" }': "6:1: b.csv: there is no such file; looked for {here}/b.csv; "
    'did you mean "a.csv"?',
    'data = { mnist = "m" }': "6:1: m: there is no such folder; looked for {here}/m",
    'data = { gate = "xor" }\n[axes]\ndata = { gate = "or" }': "8:1: `data` in [axes]: "
    'found {gate = "or"}; allowed: a list of values, or a range; a single value goes in [fixed]',
    '[axes]\ndata = ["xor", { gate = "xor" }]': '7:16: `data` in [axes]: found {gate = "xor"} twice; '
    "allowed: each value once",
    '[axes]\ndata = ["xor", { gat = "xor" }]': "7:18: unknown key `gat` in `data` in [axes]; "
    f"did you mean `gate`? Allowed: {KEYS}",
    '[axes]\ndata = ["xor", { gate = "or", inputs = 3 }]\n[[exclude]]\ndata = { gate = "or" }': "9:1: "
    '`data` in [[exclude]]: found {gate = "or"}; allowed: xor, {gate = "or", inputs = 3}',
    '[axes]\ndata = ["xor"]\n[[include]]\ndata = { gat = "or" }': "9:10: unknown key `gat` in `data` in [[include]]; "
    f"did you mean `gate`? Allowed: {KEYS}",
    '[cases.a]\ndata.gate = "xr"': '7:1: `gate` in `data` in case `a`: found "xr"; did you mean `xor`? '
    "Allowed: and, or, xor, nand, nor, xnor",
}


@pytest.mark.parametrize("lines", ONE, ids=range(len(ONE)))
def test_one_mistake_gives_one_message(here, lines):
    found = problems(WHOLE + lines)
    assert found[-1] == f"grid.toml:{ONE[lines].replace('{here}', str(here))}"
    assert len(found) == 1 + ("[axes]\ndata = {" in lines)


def test_what_data_that_cannot_be_read_decide_is_no_mistake_of_its_own(here):
    success = '[axes]\nseed = [1, 2]\n[success]\nmetric = "accuracy"\nabove = 0.9\n'
    (found,) = problems(f'[fixed]\ndata = {{ csv = "b.csv", target = "y" }}\n{success}')
    assert found.startswith("grid.toml:3:1: b.csv: there is no such file; ")


def test_all_mistakes_of_a_table_come_at_once():
    assert problems(WHOLE + 'data = { csv = 3, traget = "y" }') == [
        "grid.toml:6:1: `target` is missing in `data` in [fixed]",
        "grid.toml:6:10: `csv` in `data` in [fixed]: found 3; allowed: text",
        "grid.toml:6:19: unknown key `traget` in `data` in [fixed]; did you mean `target`? "
        "Allowed: csv, target, inputs, classes, categories, drop, missing, on_missing, header, skip, delimiter, "
        "decimal, thousands, comment, encoding",
    ]


def test_a_table_is_a_value_wherever_a_name_is(here):
    three = Gate(gate="xor", inputs=3, constants=0)
    table = '{ gate = "xor", inputs = 3 }'
    assert loads(WHOLE + f"data = {table}").fixed["data"] == three
    axis = f'{WHOLE}[axes]\ndata = ["or", {table}]\nseed = [1, 2]\n'
    assert loads(axis).axes[0].values == ("or", three)
    assert len(ids(loads(f"{axis}[[exclude]]\ndata = {table}\nseed = 1"))) == 3
    assert len(ids(loads(f'{axis}[[include]]\ndata = {{ gate = "and", constants = 1 }}\nseed = 1'))) == 5
    assert loads(f"{WHOLE}[cases.a]\ndata = {table}\n[cases.b]\n").cases["a"]["data"] == three
    assert loads(WHOLE, "data={gate=xor,inputs=3}").fixed["data"] == three
    assert loads(WHOLE, "data=or,{gate=xor,inputs=3}").axes[0].values == ("or", three)


def test_a_mistake_in_an_option_names_the_option(here):
    assert problems(WHOLE, "data={csv=b.csv,target=y}") == [
        "--set data={csv=b.csv,target=y}: "
        f'b.csv: there is no such file; looked for {here / "b.csv"}; did you mean "a.csv"?'
    ]


def test_a_value_that_only_the_last_combinations_have_is_looked_at_too(here):
    lines = f"{WHOLE}[axes]\ndata = ['xor', {{ csv = 'b.csv', target = 'y' }}]\nepochs = {{ count = 6000, start = 1 }}"
    assert problems(lines) == [
        f'grid.toml:7:1: b.csv: there is no such file; looked for {here / "b.csv"}; did you mean "a.csv"?'
    ]


def test_forms_compare_by_what_they_say():
    one, same, other = ({"csv": "a.csv", "target": target} for target in ("y", ["y"], "z"))
    assert read(one) == read(same) != read(other)
    assert hash(read(one)) == hash(read(same))
    assert pickle.loads(pickle.dumps(read(one))) == read(one)
    assert read({"gate": "xor", "inputs": 2}) == "xor"
    assert read(read(one)) is not read(one)


def test_a_trial_holds_its_data_as_the_file_does():
    (trial,) = expand(loads(WHOLE + "data = { inputs = [[0, 1], [1, 1]], targets = [0, [1]] }"), MLP)
    assert json.loads(trial.params_json)["data"] == {"inputs": [[0, 1], [1, 1]], "targets": [[0], [1]]}
    (trial,) = expand(loads(WHOLE + 'data = { gate = "nor", constants = 1 }'), MLP)
    assert json.loads(trial.params_json)["data"] == {"gate": "nor", "constants": 1}


def test_a_changed_file_gives_other_trials_in_the_same_process(here):
    sweep = loads(WHOLE + 'data = { csv = "a.csv", target = "y" }')
    before = ids(sweep)
    assert ids(sweep) == before
    (here / "a.csv").write_text("x,y\n0,0\n1,1\n0.25,1\n")
    after = ids(sweep)
    assert after != before
    (here / "a.csv").write_text("x,y\n0.0,0\n1,1\n\n0.5,1.0\n")
    os.utime(here / "a.csv", ns=(1, 1))
    assert ids(sweep) == before
    (here / "a.csv").unlink()
    with pytest.raises(nnsweep.NnsweepError, match=r"a\.csv: there is no such file"):
        ids(sweep)


def test_what_could_not_be_read_is_tried_again(here):
    lines = WHOLE + 'data = { csv = "b.csv", target = "y" }'
    assert len(problems(lines)) == 1
    (here / "b.csv").write_text("x,y\n0,0\n1,1\n")
    assert loads(lines).fixed["data"].csv == "b.csv"


def test_files_are_read_once(here, monkeypatch):
    opened = []
    import builtins

    real = open
    monkeypatch.setattr(
        builtins, "open", lambda file, *rest, **named: opened.append(file) or real(file, *rest, **named)
    )
    expand(loads(WHOLE + 'data = { csv = "a.csv", target = "y" }\n[axes]\nseed = { count = 50 }'), MLP)
    assert opened == [here / "a.csv"]


def test_tables_and_files_show_short_texts(here):
    lines = (
        f'{WHOLE}[axes]\ndata = ["xor", {{ gate = "and", inputs = 3 }}, {{ csv = "a.csv", target = "y" }}]\n'
        "hidden = [2, 3]\nseed = { count = 3 }\n[success]\nmetric = 'error'\nbelow = 0.5\n"
    )
    texts = ["xor", "and, 3 inputs", "a.csv: y"]
    results = nnsweep.run(loads(lines), here / "results", jobs=2)
    assert results.failed == 0
    assert list(dict.fromkeys(results.trials["data"])) == texts
    summary = pd.read_csv(results.folder / "tables" / "summary.csv")
    assert list(dict.fromkeys(summary["data"])) == texts
    matrix = results.matrix("successes")
    assert texts in (matrix.index.tolist(), matrix.columns.tolist())
    resolved = json.loads((results.folder / "resolved.json").read_text())
    assert resolved["axes"][0]["values"] == [
        "xor", {"gate": "and", "inputs": 3}, {"csv": "a.csv", "target": ["y"]}
    ]  # fmt: skip
    assert nnsweep.run(loads(lines), here / "results", figures=False).trained == 0
    (here / "a.csv").write_text("x,y\n0,1\n1,0\n")
    assert nnsweep.run(loads(lines), here / "results", figures=False).trained == 6


@pytest.mark.slow
def test_the_program_finds_a_function_in_the_working_directory_on_workers_too(here):
    (here / "own_points.py").write_text("def square(seed):\n    return [[0, 0], [1, 1]], [seed % 2, 1]\n")
    (here / "grid.toml").write_text(
        f'name = "own"\n{WHOLE}[axes]\ndata = ["own_points:square", "xor"]\nseed = {{ count = 4 }}'
    )
    program = os.path.join(os.path.dirname(sys.executable), "nnsweep")
    command = [program, "grid.toml", "--no-figures", "--jobs", "2", "--quiet"]  # a slow machine is told of progress
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    trials = pd.read_csv(here / "results" / "own" / "tables" / "trials.csv")
    assert trials["status"].tolist() == ["ok"] * 8


def test_a_mistake_in_a_file_ends_the_program_with_2(here, capsys):
    (here / "a.csv").write_text("x,y\n1,2\n,3\n")
    (here / "grid.toml").write_text(f'name = "a"\n{WHOLE}data = {{ csv = "a.csv", target = "y" }}')
    for verb in ("run", "plan"):
        assert call(capsys, verb, "grid.toml") == (
            2,
            "",
            'Error: grid.toml:6:1: a.csv, line 3, column "x": found an empty cell; '
            'write `on_missing = "drop"` (or "mean", "median", a number)\n',
        )


def test_how_a_file_is_written_is_told_by_plan_and_run(here, capsys):
    (here / "a.csv").write_text(";x;y\n0;0,5;0\n1;1,5;1\n")
    (here / "grid.toml").write_text(f'name = "a"\n{WHOLE}data = {{ csv = "a.csv", target = "y" }}')
    line = "a.csv: separated by semicolons; column 1 left out: it has no name and names the rows; decimal commas"
    for verb in (["plan"], ["run", "--no-figures"], ["run", "--no-figures"]):
        status, out, _ = call(capsys, *verb, "grid.toml")
        assert (status, out.splitlines().count(line)) == (0, 1)


def test_a_file_that_has_another_column_by_now_trains_apart(here):
    """Two files train together while their networks are of one shape, and no longer when they are not."""
    data = 'data = [{ csv = "a.csv", target = "y" }, { csv = "b.csv", target = "y" }]'
    (here / "grid.toml").write_text(f'name = "a"\n{WHOLE}[axes]\n{data}\nseed = {{ count = 2 }}')
    (here / "b.csv").write_text("x,y\n1,0\n2,1\n")
    for header, row in (("x", "1"), ("x,z", "1,3")):
        (here / "a.csv").write_text(f"{header},y\n{row},0\n{row},1\n")
        assert len(nnsweep.plan("grid.toml", results=header).stacks) == header.count(",") + 1
        assert set(nnsweep.run("grid.toml", results=header, figures=False).trials["status"]) == {"ok"}


def test_shared_arrays_are_read_only():
    refresh()
    for source in ("parabolas", "xor", read({"inputs": [[0], [1]], "targets": [0, 1]})):
        for array in (load(source).inputs, load(source).targets):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0


def test_importing_data_imports_no_tool_that_few_sweeps_need():
    absent = ["pandas", "sklearn", "gzip", "scipy"]
    code = f"import sys, nnsweep.data; print([name for name in {absent} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"
