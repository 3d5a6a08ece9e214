from __future__ import annotations

import dataclasses
import tomllib

import pytest

from nnsweep.design import Axis, Report, Success
from nnsweep.errors import SpecError
from nnsweep.sweepfile import loads
from nnsweep.trainers import plugins
from tests.helpers.pace import seconds_of
from tests.helpers.user_modules import UserModules

FORUM = """
name = "forum"
description = "two clusters"
[fixed]
data = "parabolas"
[axes]
alpha = [0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.007, 0.008, 0.009, 0.01, 0.02, 0.03, 0.04, 0.05]
seed = { count = 50 }
epochs = { from = 1, to = 6 }
hidden = [2, 4]
[success]
metric = "error"
below = 0.05
[report]
rows = "learning_rate"
columns = "epochs"
"""
PARAMETERS = "data, hidden, activation, learning_rate (alpha), epochs, standardize, evaluation, seed"


def problems(text: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        loads(text)
    return str(caught.value).splitlines()


def sweep_with(lines: str) -> str:
    return f'name = "a"\n{lines}'


def test_a_sweep_holds_what_the_file_says() -> None:
    sweep = loads(FORUM)
    assert (sweep.name, sweep.description, sweep.trainer, sweep.source) == ("forum", "two clusters", "mlp", FORUM)
    assert dict(sweep.fixed) == {"data": "parabolas"}
    assert [(axis.name, axis.parameter, len(axis.values)) for axis in sweep.axes] == [
        ("alpha", "learning_rate", 14),
        ("epochs", "epochs", 6),
        ("hidden", "hidden", 2),
        ("seed", "seed", 50),
    ]
    assert sweep.axes[2].values == ((2,), (4,))
    assert sweep.success == Success("error", below=0.05)
    assert sweep.report == Report(rows="alpha", columns="epochs")


def test_a_function_may_need_a_parameter_and_take_any_others(module: UserModules) -> None:
    module("def train(rate: float, **others): return {}", "others.py")
    (axis,) = loads(sweep_with('trainer = "others:train"\n[axes]\ndepth = [1, "two"]\n[fixed]\nrate = 1')).axes
    assert axis == Axis("depth", "depth", (1, "two"))


def test_whole_numbers_become_what_the_parameter_is() -> None:
    (axis,) = loads(sweep_with("[axes]\nalpha = [1, 0.5]")).axes
    assert axis == Axis("alpha", "learning_rate", (1.0, 0.5))
    assert [type(value) for value in axis.values] == [float, float]


def test_a_sweep_without_axes_is_one_trial() -> None:
    assert loads('name = "a"').axes == ()


def test_cases_become_an_axis_before_seed() -> None:
    text = '[axes]\nseed = [3]\nepochs = [1]\n[cases]\n"as posted" = {alpha = 1}\nb = {hidden = [2, 2]}'
    sweep = loads(sweep_with(text))
    assert [axis.name for axis in sweep.axes] == ["epochs", "case", "seed"]
    assert sweep.axes[1].values == ("as posted", "b")
    assert {name: dict(case) for name, case in sweep.cases.items()} == {
        "as posted": {"learning_rate": 1.0},
        "b": {"hidden": (2, 2)},
    }


def test_entries_hold_values_by_parameter() -> None:
    text = "[axes]\nalpha = [1, 2]\nhidden = [2, [4, 4]]\n[[exclude]]\nalpha = 1\nhidden = [[4, 4]]\n"
    text += "[[include]]\nalpha = {from = 1, to = 3}"
    sweep = loads(sweep_with(text))
    assert [dict(entry) for entry in sweep.exclude] == [{"learning_rate": (1.0,), "hidden": ((4, 4),)}]
    assert [dict(entry) for entry in sweep.include] == [{"learning_rate": (1.0, 2.0, 3.0)}]


@pytest.mark.parametrize("overrides", [[], ["hidden=3"]])
def test_a_sweep_cannot_be_changed(overrides: list[str]) -> None:
    sweep = loads(sweep_with("[fixed]\nepochs = 2\n[cases.a]\nalpha = 1"), overrides=overrides)
    with pytest.raises(dataclasses.FrozenInstanceError):
        sweep.name = "b"  # type: ignore[misc]
    for table in (sweep.fixed, sweep.cases, sweep.cases["a"]):
        with pytest.raises(TypeError):
            table["epochs"] = 3  # type: ignore[index]


def test_all_errors_of_a_file_come_at_once_in_its_order() -> None:
    text = """
name = ".x"
descripton = "x"
[fixed]
learning_rate = -1
epochs = 2
[axes]
hiden = [2]
epochs = { from = 1, too = 6 }
alpha = [1, "2", 0.1, 0.1]
hidden = [8, 8]
seed = 3
activation = ["rely", "tanh"]
[cases]
a = { alpha = 1, standardize = 1}
[[exclude]]
seed = 7
foo = 1
[success]
metric = "eror"
[report]
rows = "seed"
columns = "alpa"
pannels = "x"
"""
    top = "name, description, trainer, fixed, axes, cases, include, exclude, success, report, run, keep, search"
    axes = "hiden, epochs, alpha, hidden, activation, case"
    assert problems(text) == [
        'grid.toml:2:1: `name`: found ".x"; allowed: 1 to 64 letters (A to Z, a to z), digits, `_`, `-` and `.`, '
        "not starting with `.`",
        f"grid.toml:3:1: unknown key `descripton`; did you mean `description`? Allowed: {top}",
        "grid.toml:5:1: `learning_rate` in [fixed]: found -1; allowed: a number greater than 0",
        "grid.toml:5:1: `learning_rate` in [fixed] is also `alpha` in [axes]; allowed: one of them",
        "grid.toml:6:1: `epochs` in [fixed] is also `epochs` in [axes]; allowed: one of them",
        f"grid.toml:8:1: unknown parameter `hiden` in [axes]; did you mean `hidden`? Allowed: {PARAMETERS}",
        "grid.toml:9:1: `to` is missing in `epochs` in [axes]",
        "grid.toml:9:22: unknown key `too` in `epochs` in [axes]; did you mean `to`? Allowed: from, to, step",
        'grid.toml:10:13: `alpha` in [axes]: found "2"; allowed: a number',
        "grid.toml:10:23: `alpha` in [axes]: found 0.1 twice; allowed: each value once",
        "grid.toml:11:14: `hidden` in [axes]: found 8 twice; allowed: each value once; "
        "if the list is one value, [[8, 8]]",
        "grid.toml:12:1: `seed` in [axes]: found 3; "
        "allowed: a list of values, or a range; a single value goes in [fixed]",
        'grid.toml:13:15: `activation` in [axes]: found "rely"; did you mean `relu`? Allowed: relu, tanh, sigmoid',
        "grid.toml:15:7: `alpha` in case `a` is also `alpha` in [axes]; allowed: one of them",
        "grid.toml:15:18: `standardize` in case `a`: found 1; allowed: true or false",
        "grid.toml:18:1: unknown axis `foo` in [[exclude]]; "
        "allowed: hiden, epochs, alpha, hidden, seed, activation, case",
        'grid.toml:19:1: `success`: found {metric = "eror"}; allowed: `metric` and one of `below` and `above`',
        'grid.toml:20:1: `metric` in [success]: found "eror"; did you mean `error`? Allowed: error, loss',
        f'grid.toml:22:1: `rows` in [report]: found "seed"; allowed: {axes}',
        f'grid.toml:23:1: `columns` in [report]: found "alpa"; did you mean `alpha`? Allowed: {axes}',
        "grid.toml:24:1: unknown key `pannels` in [report]; did you mean `panels`? "
        "Allowed: rows, columns, panels, formats",
    ]


RANGE_KEYS = "from, to, step, count, start, linspace, logspace"
ONE = {
    "[axes]\nalpha = []": "3:1: `alpha` in [axes] has no values; allowed: at least one",
    "[axes]\nalpha = {}": "3:1: `alpha` in [axes]: found an empty table; allowed: "
    "{ from, to, step }, { count, start }, { linspace, num } or { logspace, num }",
    "[axes]\nalpha = {form = 1}": "3:10: `alpha` in [axes]: `form` makes no range; did you mean `from`? "
    f"Allowed: {RANGE_KEYS}, uniform, log_uniform, integers, choices",
    "[axes]\nepochs = {from = 6, to = 1}": "3:1: `epochs` in [axes]: found {from = 6, to = 1}; "
    "allowed: a step that leads from `from` to `to`",
    "[axes]\nalpha = {logspace = [0, 1], num = 3}": "3:22: `logspace` in `alpha` in [axes]: found 0; "
    "allowed: a number greater than 0",
    "[axes]\nepochs = {from = 1, to = 2, step = 0.5}": "3:1: `epochs` in [axes]: found 1.5; allowed: a whole number",
    "[axes]\nalpha = [1, 1.0]": "3:13: `alpha` in [axes]: found 1.0 twice; allowed: each value once",
    "[axes]\nalpha = [1]\nlearning_rate = [2]": "4:1: `alpha` and `learning_rate` in [axes] are one parameter; "
    "allowed: one of them",
    "[axes]\nhidden = [[2, 0]]": "3:15: `hidden` in [axes]: found 0; allowed: a number greater than 0",
    "[axes]\nhidden = [[2, 2, 2, 2]]": "3:11: `hidden` in [axes]: found [2, 2, 2, 2]; allowed: at most 3 values",
    "[axes]\nalpha = [{a = 1}]": "3:10: `alpha` in [axes]: found {a = 1}; allowed: a number",
    "axes = 3": "2:1: `axes`: found 3; allowed: a table",
    "[[axes]]": "2:1: `axes`: found [{}]; allowed: a table",
    "exclude = {}": "2:1: [exclude]: found a table; allowed: [[exclude]], in two brackets",
    "[include]\nalpha = 1": "2:1: [include]: found a table; allowed: [[include]], in two brackets",
    "cases.a = 3": "2:1: `a` in [cases]: found 3; allowed: a table",
    "description = 3": "2:1: `description`: found 3; allowed: text",
    'trainer = "mpl"': "2:1: unknown trainer `mpl`; allowed: `mlp`, `package.module:attribute`, "
    "`path/file.py:attribute` or `path/script.py`",
    "trainer = '.mlp'": '2:1: `trainer`: found ".mlp"; allowed: `mlp`, `package.module:attribute`, '
    "`path/file.py:attribute` or `path/script.py`",
    "trainer = 3": "2:1: `trainer`: found 3; allowed: text",
    "[[exclude]]": "2:1: [[exclude]] is empty; allowed: names of axes with values",
    "[[exclude]]\nalpha = 1": "3:1: unknown axis `alpha` in [[exclude]]; allowed: none, as the sweep has no axes",
    "[axes]\nhidden = [2, 4]\n[[exclude]]\nhidden = 3": "5:1: `hidden` in [[exclude]]: found 3; allowed: 2, 4",
    "[axes]\nhidden = [2, 4]\n[[exclude]]\nhidden = [2, 4]": "4:1: every combination of the grid is excluded; "
    "allowed: at least one trial",
    "[axes]\nalpha = [1]\n[[include]]\nalpha = -1": "5:1: `alpha` in [[include]]: found -1; "
    "allowed: a number greater than 0",
    "[cases.a]\n[cases.b]\n[[include]]\ncase = 'aa'": '5:1: `case` in [[include]]: found "aa"; did you mean `a`? '
    "Allowed: a, b",
    "[cases.a]\n[cases.b]\n[[include]]\ncase = [{ a = 1 }]": "5:9: `case` in [[include]]: found {a = 1}; allowed: a, b",
    "[cases.a]\n[cases.b]\n[[exclude]]\ncase = 1": "5:1: `case` in [[exclude]]: found 1; allowed: a, b",
    "[report]\nrows = 'case'\n[cases.a]\n[axes]\nseed = [1]\n": "",
    "[report]\nrows = 'alpha'\ncolumns = 'learning_rate'\n[axes]\nalpha = [1]": "4:1: `columns` in [report]: "
    'found "learning_rate" twice; allowed: each axis once',
    "[success]\nmetric = 'error'\nbelow = 1\nabove = 0": "2:1: `success`: found "
    '{metric = "error", below = 1, above = 0}; allowed: `metric` and one of `below` and `above`',
    "[success]\nbelow = 1": "2:1: `metric` is missing in [success]",
    "[fixed]\nhidden = [2, 2]\nactivation = 'tanh'": "4:1: tanh needs one hidden layer",
    "[axes]\nhidden = [2, [2, 2]]\n[cases.a]\nactivation = 'tanh'\n[cases.b]": "5:1: tanh needs one hidden layer",
    "[axes]\nhidden = [2, [2, 2]]\n[cases.a]\nactivation = 'tanh'\n[[exclude]]\ncase = 'a'\nhidden = [[2, 2]]": "",
    "trainer = 'needy:train'\n[fixed]\nr = 1": "1:1: parameter `width` has no value, and the trainer no default",
    "trainer = 'needy:train'\n[fixed]\nr = 1\n[axes]\nwidth = [0]": "6:10: `width` in [axes]: found 0; "
    "allowed: a number greater than or equal to 1",
    "trainer = 'needy:train'\n[fixed]\nr = 1\n[axes]\nwidth = [1, 2]": "",
}


@pytest.mark.parametrize("lines", [lines for lines, expected in ONE.items() if expected])
def test_one_mistake_gives_one_message(lines: str) -> None:
    assert problems(sweep_with(lines)) == [f"grid.toml:{ONE[lines]}"]


@pytest.mark.parametrize("lines", [lines for lines, expected in ONE.items() if not expected])
def test_near_mistakes_are_none(lines: str) -> None:
    assert loads(sweep_with(lines)).name == "a"


def test_more_than_a_hundred_problems_are_counted() -> None:
    found = problems(sweep_with("[axes]\n" + "".join(f"k{i} = [1]\n" for i in range(130))))
    assert len(found) == 101
    assert found[-1] == "… and 30 more"


def test_names_with_odd_characters_cannot_move_the_cursor() -> None:
    assert problems(sweep_with('[axes]\n"a\\u001b[2J" = [1]')) == [
        f"grid.toml:3:1: unknown parameter `a\\x1b[2J` in [axes]; allowed: {PARAMETERS}"
    ]


def test_the_forum_file_loads_in_sixty_times_what_its_toml_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty times is usual, unless the trainers that other tests defined are looked at again."""
    monkeypatch.setattr(plugins, "_sources", {})
    ours, plain = seconds_of(lambda: loads(FORUM), lambda: [tomllib.loads(FORUM) for _ in range(20)])
    assert ours < 60 * plain / 20
