"""Spaces on axes, and the table [search]."""

import pytest

from nnsweep.design.search import METHODS, Space
from nnsweep.errors import SpecError
from nnsweep.sweepfile import loads
from nnsweep.trials.search.methods import SAMPLERS

SEARCH = '[search]\nmethod = "random"\nconfigurations = 10\nmetric = "error"\n'
HEAD = 'name = "a"\n[axes]\n'
FORMS = "a list or a range"
RACE = '[search]\nmethod = "racing"\nmetric = "error"\n'
HALVING = RACE.replace("racing", "halving")
ONE = {
    f"alpha = [1, 2]\n{RACE}": "5:1: `racing` has no seeds to add; allowed: an axis of them in [axes], such as "
    "`seed = { count = 50 }`: the most that a configuration gets",
    f"alpha = [1, 2]\nseed = [1]\n{RACE}": "6:1: `racing` has no seeds to add; allowed: an axis of them in [axes], "
    "such as `seed = { count = 50 }`: the most that a configuration gets",
    f"alpha = {{ uniform = [1, 2] }}\nseed = [1, 2]\n{RACE}": "6:1: `racing` draws from `alpha` in [axes] without an "
    "end; allowed: `configurations` in [search], which says how many are drawn",
    f"alpha = [1, 2]\nseed = [1, 2]\n{RACE}batch = 3\n": "8:1: `batch` in [search] is no key of `racing`; "
    "allowed: no `batch`, because all that are left are trained at once",
    f"alpha = [1, 2]\nseed = [1, 2]\n{RACE}reduction = 3\n": "8:1: `reduction` in [search] is no key of `racing`; "
    'allowed: `method = "halving"` or `method = "hyperband"`',
    f"alpha = [1, 2]\n{HALVING}": "5:1: `halving` has no list of epochs; allowed: `epochs` in [axes] with the epochs "
    "after which it stops some, such as `epochs = [1, 3, 9, 27]`",
    f"alpha = [1, 2]\nepochs = {{ integers = [1, 9] }}\n{HALVING}configurations = 9\n": "6:1: `halving` has no list of "
    "epochs; allowed: `epochs` in [axes] with the epochs after which it stops some, such as `epochs = [1, 3, 9, 27]`",
    f"alpha = [1, 2]\nepochs = [1, 2]\n{HALVING}reduction = 1\n": "8:1: `reduction` in [search]: found 1; "
    "allowed: a number greater than or equal to 2",
    "alpha = { uniform = [0.1, 1] }\n": "3:1: `alpha` in [axes]: found {uniform = [0.1, 1]}, which is searched; "
    "allowed: "
    'a list or a range, or [search] with `method = "random"` and `configurations = 100`',
    f"seed = {{ integers = [0, 9] }}\nalpha = [1]\n{SEARCH}": "3:1: `seed` in [axes]: found {integers = [0, 9]}; "
    "allowed: a list or a range, because seeds are replicates",
    f"alpha = {{ uniform = [1, 0.1] }}\n{SEARCH}": "3:1: `alpha` in [axes]: found {uniform = [1, 0.1]}; "
    "allowed: a lower end, then a higher end",
    f"alpha = {{ uniform = [1] }}\n{SEARCH}": "3:11: `uniform` in `alpha` in [axes]: found [1]; allowed: at "
    "least 2 values",
    f"alpha = {{ log_uniform = [0, 1] }}\n{SEARCH}": "3:26: `log_uniform` in `alpha` in [axes]: found 0; "
    "allowed: a number greater than 0",
    f"alpha = {{ uniform = [-1, 1] }}\n{SEARCH}": "3:1: `alpha` in [axes]: found -1.0; allowed: a number "
    "greater than 0",
    f"epochs = {{ uniform = [1, 9] }}\n{SEARCH}": "3:1: `epochs` in [axes]: found {uniform = [1, 9]}; "
    "allowed: { integers = [1, 9] }, for whole numbers",
    f"epochs = {{ integers = [0, 9], log = true }}\n{SEARCH}": "3:1: `epochs` in [axes]: "
    "found {integers = [0, 9], log = true}; allowed: with `log = true`, a lower end of at least 1",
    f"alpha = {{ unifrom = [0, 1] }}\n{SEARCH}": "3:11: `alpha` in [axes]: `unifrom` makes no range; "
    "did you mean `uniform`? Allowed: from, to, step, count, start, linspace, logspace, uniform, log_uniform, "
    "integers, choices",
    f"alpha = {{ uniform = [0.1, 1], log = true }}\n{SEARCH}": "3:31: unknown key `log` in `alpha` in [axes]; "
    "allowed: only_if, uniform",
    f"alpha = {{ choices = [] }}\n{SEARCH}": "3:11: `alpha` in [axes] has no values; allowed: at least one",
    f"hidden = [2, 4]\nalpha = {{ uniform = [0.1, 1], only_if = {{ hiden = 2 }} }}\n{SEARCH}": "4:43: `only_if` of "
    "`alpha` in [axes]: `hiden` is no axis with a list of values and no `only_if`; did you mean `hidden`? "
    "Allowed: hidden",
    f"hidden = [2, 4]\nalpha = {{ uniform = [0.1, 1], only_if = {{ hidden = 3 }} }}\n{SEARCH}": "4:43: `hidden` in "
    "`only_if` of `alpha` in [axes]: found 3; allowed: [2], [4]",
    f"alpha = {{ uniform = [0.1, 1] }}\n{SEARCH}metrc = 1\n": "8:1: unknown key `metrc` in [search]; "
    "did you mean `metric`? Allowed: "
    + "method, configurations, trainings, seconds, seed, batch, metric, highest, average, confirm, metrics, most, "
    "reduction",
    f"alpha = {{ uniform = [0.1, 1] }}\n{SEARCH.replace('random', 'radnom')}": "5:1: `method` in [search]: "
    f'found "radnom"; did you mean `random`? Allowed: {", ".join(METHODS)}',
    'alpha = { uniform = [0.1, 1] }\n[search]\nmethod = "random"\nmetric = "error"\n': "4:1: `search`: found "
    '{method = "random", metric = "error"}; allowed: a budget: `configurations`, `trainings` or `seconds`',
    'alpha = { uniform = [0.1, 1] }\n[search]\nmethod = "random"\ntrainings = 9\n': "4:1: nothing says what makes a "
    "configuration good; allowed: `metric` in [search], or a [success]",
    f"alpha = {{ uniform = [0.1, 1] }}\n{SEARCH.replace('error', 'eror')}": '7:1: `metric` in [search]: found "eror"; '
    "did you mean `error`? Allowed: error, loss",
    f"alpha = {{ uniform = [0.1, 1] }}\n{SEARCH}[[exclude]]\nalpha = 1\n": "8:1: [[exclude]] beside [search]; "
    "allowed: `only_if` on an axis, or no [search]",
    f"seed = [1, 2]\n{SEARCH}": "4:1: [search] has nothing to choose; allowed: at least one axis in [axes] "
    "besides `seed`",
    f"alpha = [1]\nseed = [1, 2]\n{SEARCH.replace('configurations = 10', 'trainings = 1')}": "7:1: `trainings` "
    "in [search]: "
    "found 1; allowed: at least 2, for one configuration with all its seeds",
}


def problems(text, *options):
    with pytest.raises(SpecError) as found:
        loads(text, "grid.toml", options)
    return [line.removeprefix("grid.toml:") for line in str(found.value).splitlines()]


@pytest.mark.parametrize(("text", "problem"), ONE.items())
def test_a_mistake_has_its_place(text, problem):
    assert problems(HEAD + text) == [problem]


def test_options_are_spaces_too():
    sweep = loads(
        f"{HEAD}alpha = [1]\n{SEARCH}", overrides=["alpha={log_uniform=[0.001,1]}", "hidden={integers=[2,9]}"]
    )
    assert [axis.space for axis in sweep.axes] == [Space(0.001, 1.0, log=True), Space(2, 9, whole=True)]
    assert problems(f"{HEAD}alpha = [1]\n", "alpha={uniform=[0.1,1]}") == [
        "--set alpha={uniform=[0.1,1]}: `alpha` in [axes]: found {uniform = [0.1, 1]}, which is searched; allowed: "
        'a list or a range, or [search] with `method = "random"` and `configurations = 100`'
    ]


def test_conditions_may_name_several_values_and_cases():
    text = HEAD + (
        'activation = ["relu", "tanh", "sigmoid"]\n'
        'alpha = { log_uniform = [0.1, 1], only_if = { activation = ["relu", "tanh"], case = "b" } }\n'
        f"[cases]\na = {{ epochs = 1 }}\nb = {{ epochs = 2 }}\n{SEARCH}"
    )
    axis = loads(text).axis("alpha")
    assert (axis.only_if, axis.default) == ((("activation", ("relu", "tanh")), ("case", ("b",))), 0.01)


def test_every_method_has_a_sampler():
    assert list(SAMPLERS) == list(METHODS)


@pytest.mark.parametrize(
    ("space", "values"),
    [
        (Space(0, 1), [0.0, 0.25, 0.5, 1.0]),
        (Space(1e-4, 1, log=True), [0.0001, 0.001, 0.01, 1.0]),
        (Space(1, 4, whole=True), [1, 2, 3, 4]),
        (Space(-2e9, 2e9), [-2e9, -1e9, 0.0, 2e9]),
    ],
)
def test_shares_of_a_space(space, values):
    assert [space.at(share) for share in (0.0, 0.25, 0.5, 1.0)] == values
