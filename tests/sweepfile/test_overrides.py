from __future__ import annotations

from typing import Any

import pytest

from nnsweep.design import Axis, Report, Sweep
from nnsweep.errors import SpecError
from nnsweep.sweepfile import loads

BASE = 'name = "a"\n[fixed]\nactivation = "relu"\n[axes]\nalpha = [1, 2]\nepochs = [3, 4]\nseed = {count = 2}\n'


def axes(sweep: Sweep) -> dict[str, Any]:
    return {axis.name: axis.values for axis in sweep.axes}


@pytest.mark.parametrize(
    ("override", "name", "values"),
    [
        ("alpha=0.01,0.02", "alpha", (0.01, 0.02)),
        ("learning_rate=5,6", "alpha", (5.0, 6.0)),
        ("alpha=[0.01, 0.02]", "alpha", (0.01, 0.02)),
        ("seed={count=3, start=7}", "seed", (7, 8, 9)),
        ("activation=relu,tanh", "activation", ("relu", "tanh")),
        ('data="a,b",c', "data", ("a,b", "c")),
        ("data=/x/y.csv,é", "data", ("/x/y.csv", "é")),
        ("hidden=[[8,8],[16]]", "hidden", ((8, 8), (16,))),
        ("hidden=[8,8],16", "hidden", ((8, 8), (16,))),
        ("hidden=8,4", "hidden", ((8,), (4,))),
        ("hidden=[],[8]", "hidden", ((), (8,))),
        ("epochs=1e1,2", "epochs", (10, 2)),
        ("epochs={logspace=[1, 1000], num=4}", "epochs", (1, 10, 100, 1000)),
        ("seed={linspace=[0, 4], num=3}", "seed", (0, 2, 4)),
        ("standardize=true,false", "standardize", (True, False)),
    ],
)
def test_several_values_make_an_axis(override: str, name: str, values: tuple[Any, ...]) -> None:
    assert axes(loads(BASE, overrides=[override]))[name] == values


def test_an_axis_is_replaced_in_its_place_and_a_new_one_added_before_seed() -> None:
    sweep = loads(BASE, overrides=["alpha=7,8", "activation=relu,tanh"])
    assert list(axes(sweep)) == ["alpha", "epochs", "activation", "seed"]
    assert dict(sweep.fixed) == {}


@pytest.mark.parametrize(
    ("override", "fixed"),
    [
        ("alpha=0.5", {"activation": "relu", "learning_rate": 0.5}),
        ("activation=tanh", {"activation": "tanh"}),
        ("hidden=[[8,8]]", {"activation": "relu", "hidden": (8, 8)}),
        ("hidden=8", {"activation": "relu", "hidden": (8,)}),
        ("hidden=[8,8]", {"activation": "relu", "hidden": (8, 8)}),
        ("hidden=[8,4]", {"activation": "relu", "hidden": (8, 4)}),
        ("hidden=[]", {"activation": "relu", "hidden": ()}),
        ("alpha=[0.5]", {"activation": "relu", "learning_rate": 0.5}),
        ("epochs=1e1", {"activation": "relu", "epochs": 10}),
        ('data="None"', {"activation": "relu", "data": "None"}),
        ("seed=5", {"activation": "relu", "seed": 5}),
    ],
)
def test_one_value_makes_a_parameter_fixed(override: str, fixed: dict[str, Any]) -> None:
    sweep = loads(BASE, overrides=[override])
    assert dict(sweep.fixed) == fixed
    assert not {axis.parameter for axis in sweep.axes} & set(fixed)


def test_the_rest_of_the_file_follows() -> None:
    text = (
        BASE
        + "[[exclude]]\nalpha = 1\nepochs = 3\n[[exclude]]\nalpha = 2\n[report]\nrows = 'alpha'\ncolumns = 'epochs'\n"
    )
    sweep = loads(text, overrides=["alpha=1"])
    assert sweep.exclude == ({"epochs": (3,)},)
    assert sweep.report == Report(columns="epochs")
    sweep = loads(text, overrides=["alpha=5,6"])
    assert sweep.exclude == ()
    assert sweep.axes[0] == Axis("alpha", "learning_rate", (5.0, 6.0))


ALLOWED = "data, hidden, activation, learning_rate (alpha), epochs, standardize, evaluation, seed"
TEXT = "or '\"{}\"' for a text"
VALUE = "not a value of TOML; allowed: numbers, words and lists, separated by commas"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("alph=1", f"unknown parameter `alph`; did you mean `alpha`? Allowed: {ALLOWED}"),
        ("alpha", "not an override; allowed: name=value, or name=value,value"),
        ("=1", "not an override; allowed: name=value, or name=value,value"),
        ("alpha=", "`alpha` in [axes] has no values; allowed: at least one"),
        ("alpha=1,-1", "`alpha` in [axes]: found -1; allowed: a number greater than 0"),
        ("alpha=1,1", "`alpha` in [axes]: found 1 twice; allowed: each value once"),
        ("alpha=nan", "`alpha`: found nan; allowed: a number"),
        ("alpha=0.1,1e400", "`alpha`: found 1e400; allowed: numbers up to 1.8e308, or inf"),
        ("data=a=b", VALUE),
        ("alpha=1]; b=[2", VALUE),
        ("alpha={count=0}", "`count` in `alpha` in [axes]: found 0; allowed: a number greater than or equal to 1"),
        ("alpha=" + "[" * 5000, "too long or nested too deep"),
        ("standardize=True", f"`standardize`: found True; allowed: true, {TEXT.format('True')}"),
        ("data=FALSE", f"`data`: found FALSE; allowed: false, {TEXT.format('FALSE')}"),
        ("alpha=.5", f"`alpha`: found .5; allowed: 0.5, {TEXT.format('.5')}"),
        ("alpha=1,-5.", f"`alpha`: found -5.; allowed: -5.0, {TEXT.format('-5.')}"),
        ("alpha=[1, .5e-3]", f"`alpha`: found .5e-3; allowed: 0.0005, {TEXT.format('.5e-3')}"),
        ("epochs=01", f"`epochs`: found 01; allowed: 1, {TEXT.format('01')}"),
        ("alpha=Infinity", f"`alpha`: found Infinity; allowed: inf, {TEXT.format('Infinity')}"),
        (
            "data=None",
            "`data`: found None; allowed: none, or {none=true} where the parameter takes texts, "
            f"{TEXT.format('None')}",
        ),
        ("epochs=1.5", "`epochs` in [axes]: found 1.5; allowed: a whole number"),
        ("epochs={logspace=[1, 10], num=3}", f"`epochs` in [axes]: found {10**0.5}; allowed: a whole number"),
        (
            "hidden=8,8",
            "`hidden` in [axes]: found 8 twice; allowed: each value once; if the list is one value, [[8, 8]]",
        ),
        ("standardize=true", "`standardize` is set by case `c`; allowed: parameters that no case sets"),
    ],
)
def test_mistakes_stand_at_the_option(override: str, message: str) -> None:
    text = BASE + "[cases]\nc = {standardize = false}\n"
    shown = override if len(override) <= 60 else override[:59] + "…"
    with pytest.raises(SpecError) as caught:
        loads(text, overrides=[override])
    assert str(caught.value) == f"--set {shown}: {message}"


def test_mistakes_of_file_and_options_come_together() -> None:
    with pytest.raises(SpecError) as caught:
        loads(BASE + "[success]\nmetric = 'error'\n", overrides=["alpha=1", "learning_rate=2", "epochs=0"])
    assert str(caught.value).splitlines() == [
        'grid.toml:8:1: `success`: found {metric = "error"}; allowed: `metric` and one of `below` and `above`',
        "--set learning_rate=2: `learning_rate` is set twice",
        "--set epochs=0: `epochs` in [axes]: found 0; allowed: a number greater than or equal to 1",
    ]


SEARCHED = BASE + '[search]\nmethod = "random"\nconfigurations = 3\nmetric = "error"\n'


def test_keys_of_search_are_set_also_without_the_section() -> None:
    options = ["search.method=tpe", "search.configurations=50", "search.metric=loss"]
    for text in (BASE, SEARCHED):
        search = loads(text, overrides=options).search
        assert search is not None
        assert (search.method, search.configurations, search.metric) == ("tpe", 50, "loss")
    search = loads(SEARCHED, overrides=["search.seed=7", "search.highest=true", "alpha={uniform=[1, 2]}"]).search
    assert search is not None
    assert (search.method, search.seed, search.highest) == ("random", 7, True)
    several = ["search.method=nsga2", "search.trainings=9", "search.metrics=error,loss", "search.most=loss"]
    search = loads(BASE, overrides=several).search
    assert search is not None
    assert dict(search.own) == {"metrics": ["error", "loss"], "most": ["loss"]}


JUDGED = BASE + "[success]\nmetric = 'error'\nbelow = 0.1\n"
METHODS = "random, sobol, latin_hypercube, tpe, gp, cmaes, nsga2, racing, halving, hyperband"


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (
            SEARCHED,
            ["search.method=tp"],
            f'`method` in [search]: found "tp"; did you mean `tpe`? Allowed: {METHODS}',
        ),
        (SEARCHED, ["search.configurations=0"], "`configurations` in [search]: found 0; allowed: a number greater "),
        (SEARCHED, ["search.metod=tpe"], "unknown key `metod` in [search]; did you mean `method`? Allowed: method, "),
        (BASE, ["search.configurations=9"], "`method` is missing in [search]"),
        (JUDGED, ["search.method=tpe"], '`search`: found {method = "tpe"}; allowed: a budget: `configurations`, '),
        (SEARCHED, ["search.method=halving"], "`halving` has no list of epochs; allowed: `epochs` in [axes] "),
        (SEARCHED, ["search.method=random,sobol"], '`method` in [search]: found ["random", "sobol"]; allowed: text'),
    ],
)
def test_mistakes_in_search_stand_at_the_option(text: str, options: list[str], message: str) -> None:
    text = text.replace("epochs = [3, 4]\n", "") if "halving" in options[0] else text
    with pytest.raises(SpecError) as caught:
        loads(text, overrides=options)
    assert str(caught.value).startswith(f"--set {options[0]}: {message}")
    assert "\n" not in str(caught.value)


def test_what_belongs_to_a_grid_is_told_beside_a_search_and_twice_is_refused() -> None:
    with pytest.raises(SpecError) as caught:
        loads(BASE + "[[include]]\nalpha = 5\n", overrides=["search.method=racing", "search.metric=error"])
    assert str(caught.value) == (
        "grid.toml:8:1: [[include]] beside [search]; allowed: `only_if` on an axis, or no [search]"
    )
    with pytest.raises(SpecError) as caught:
        loads(SEARCHED, overrides=["search.method=tpe", "search.method=gp"])
    assert str(caught.value) == "--set search.method=gp: `search.method` is set twice"
