"""What the built-in trainer makes of `auto`, and of shares of the samples."""

from __future__ import annotations

from pathlib import Path

import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.design.sweep import Sweep
from nnsweep.errors import SpecError
from nnsweep.report.plan_text import format_plan
from nnsweep.trainers import load
from nnsweep.trials.expand import expand
from nnsweep.trials.trial import Trial

MLP = load("mlp")

ROWS = {
    "binary": "{ inputs = [0, 1, 2, 3, 4, 5, 6, 7], targets = [0, 1, 0, 1, 0, 1, 0, 1] }",
    "one_hot": "{ inputs = [0, 1, 2, 3, 4, 5], targets = [[1, 0], [0, 1], [1, 0], [0, 1], [1, 0], [0, 1]] }",
    "multilabel": "{ inputs = [0, 1, 2, 3], targets = [[1, 1], [0, 1], [0, 0], [1, 0]] }",
    "amounts": "{ inputs = [0, 1, 2, 3], targets = [0.5, 2.5, -1, 7] }",
}
CHOSEN = ("output", "loss", "metrics")


def sweep(fixed: str, rest: str = "") -> Sweep:
    return sweepfile.loads(f'name = "a"\n[fixed]\n{fixed}\n{rest}')


def trial(fixed: str, rest: str = "") -> Trial:
    return expand(sweep(fixed, rest), MLP)[0]


def chosen(fixed: str, rest: str = "", names: tuple[str, ...] = CHOSEN) -> tuple:
    params = trial(fixed, rest).params
    return tuple(params[name] for name in names)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("binary", ("sigmoid", "binary_cross_entropy", ("accuracy", "loss"))),
        ("one_hot", ("softmax", "categorical_cross_entropy", ("accuracy", "loss"))),
        ("multilabel", ("sigmoid", "binary_cross_entropy", ("error", "loss"))),
        ("amounts", ("identity", "squared_error", ("mean_squared_error", "r2"))),
    ],
)
def test_the_output_follows_the_targets_the_loss_the_output_and_metrics_both(kind: str, expected: tuple) -> None:
    assert chosen(f"data = {ROWS[kind]}") == expected


@pytest.mark.parametrize(
    ("given", "output", "loss"),
    [
        ('output = "step"', "step", "straight_through"),
        ('output = "tanh"', "tanh", "squared_error"),
        ('output = "relu"', "relu", "squared_error"),
        ('output = "identity"', "identity", "squared_error"),
        ('output = "sigmoid"\nloss = "squared_error"', "sigmoid", "squared_error"),
        ('loss = "straight_through"', "step", "straight_through"),
        ('loss = "binary_cross_entropy"', "sigmoid", "binary_cross_entropy"),
        ('loss = "squared_error"', "sigmoid", "squared_error"),
    ],
)
def test_what_a_file_says_of_output_or_loss_stays_and_the_other_follows(given: str, output: str, loss: str) -> None:
    assert chosen(f"data = {ROWS['binary']}\n{given}", names=("output", "loss")) == (output, loss)


def test_a_squared_error_of_several_classes_takes_sigmoids_because_it_does_not_go_with_softmax() -> None:
    assert chosen(f'data = {ROWS["one_hot"]}\nloss = "squared_error"')[0] == "sigmoid"


def test_a_step_is_measured_by_its_error() -> None:
    assert chosen(f'data = {ROWS["binary"]}\noutput = "step"')[2] == ("error",)


def test_the_parabolas_keep_what_their_question_had() -> None:
    sizes = ("split", "train_size", "test_size")
    assert chosen("") == ("step", "straight_through", ("error",))
    assert chosen("", names=sizes) == ("shuffled", 1000, 2000)
    assert chosen("train_size = 3_500", names=sizes) == ("shuffled", 3500, 500)
    assert chosen("test_size = 0.9", names=sizes) == ("shuffled", 400, 3600)
    assert chosen('loss = "squared_error"')[:2] == ("sigmoid", "squared_error")


def test_a_value_written_and_the_same_value_derived_are_one_trial() -> None:
    data = f"data = {ROWS['binary']}\n"
    written = 'split = "shuffled"\ntrain_size = 6\ntest_size = 2\noutput = "sigmoid"\nloss = "binary_cross_entropy"\n'
    both = trial(data), trial(f'{data}{written}metrics = ["accuracy", "loss"]')
    assert both[0].id == both[1].id
    assert trial(f"{data}train_size = 0.75").id == both[0].id
    assert trial(f'{data}loss = "auto"\ntrain_size = "auto"').id == both[0].id


def test_each_value_on_an_axis_has_what_fits_it() -> None:
    data = f"data = {ROWS['binary']}\n"
    axes = '[axes]\noutput = ["auto", "step", "tanh"]\ntrain_size = [0.5, 5]\nseed = [3, 4]'
    found = expand(sweep(data, axes), MLP)
    assert [tuple(each.params[name] for name in ("output", "loss", "train_size", "test_size")) for each in found] == [
        (output, loss, train, 8 - train)
        for output, loss in (
            ("sigmoid", "binary_cross_entropy"),
            ("step", "straight_through"),
            ("tanh", "squared_error"),
        )
        for train in (4, 4, 5, 5)
    ]


def test_a_case_has_what_fits_it() -> None:
    cases = f'[cases]\na = {{}}\nb = {{ output = "step" }}\nc = {{ data = {ROWS["amounts"]} }}'
    found = expand(sweep("", f"{cases}"), MLP)
    assert [(each.params["output"], each.params["metrics"]) for each in found] == [
        ("step", ("error",)),
        ("step", ("error",)),
        ("identity", ("mean_squared_error", "r2")),
    ]


def test_the_metric_of_success_is_measured_where_metrics_are_open() -> None:
    success = '[success]\nmetric = "train_accuracy"\nabove = 0.9'
    data = f"data = {ROWS['binary']}"
    assert chosen(data, success)[2] == ("accuracy", "loss", "train_accuracy")
    assert chosen(data, success.replace("train_", ""))[2] == ("accuracy", "loss")
    with pytest.raises(SpecError) as caught:
        sweep(f'{data}\nmetrics = ["loss"]', success)
    assert str(caught.value) == (
        "grid.toml:6:1: no trial measures `train_accuracy`; allowed: loss; "
        'or write `metrics = ["loss", "train_accuracy"]`'
    )
    metrics = '"accuracy", "balanced_accuracy", "f1", "roc_auc", "precision"'
    with pytest.raises(SpecError) as caught:
        sweep(f"{data}\nmetrics = [{metrics}]", success)
    wanted = f'`metrics = [{metrics}, "train_accuracy"]`'
    assert str(caught.value).endswith(f"; or write {wanted}"), "what is to be copied is written in full"


def test_auto_among_metrics_stands_for_what_fits_and_is_measured_on_validation_samples_too() -> None:
    data = f"data = {ROWS['binary']}\n"
    assert chosen(f'{data}metrics = ["train_loss", "auto"]')[2] == ("train_loss", "accuracy", "loss")
    assert chosen(f"{data}validation_size = 2")[2] == (
        *("accuracy", "loss"),
        *("validation_accuracy", "validation_loss"),
    )


@pytest.fixture
def table(tmp_path: Path) -> str:
    """A CSV file of 150 rows and two classes, as a `data` line."""
    rows = [f"{number},{number % 7},{'yes' if number % 3 else 'no'}" for number in range(150)]
    (tmp_path / "table.csv").write_text("\n".join(["a,b,c", *rows]))
    return f'data = {{ csv = "{tmp_path / "table.csv"}", target = "c" }}\n'


def sizes(fixed: str) -> tuple:
    return chosen(fixed, names=("train_size", "validation_size", "test_size"))


@pytest.mark.parametrize(
    ("given", "train", "test"),
    [
        ("", 112, 38),
        ("test_size = 0.1", 135, 15),
        ("test_size = 31", 119, 31),
        ("train_size = 0.333", 49, 101),
        ("train_size = 100", 100, 50),
        ("train_size = 0.333\ntest_size = 0.333", 49, 50),
        ("train_size = 0.5\ntest_size = 20", 75, 20),
    ],
)
def test_a_share_that_trains_is_rounded_down_and_one_that_tests_up(
    table: str, given: str, train: int, test: int
) -> None:
    assert sizes(table + given) == (train, 0, test)


def test_what_validates_is_taken_from_what_trains(table: str) -> None:
    assert sizes(f"{table}validation_size = 0.1") == (97, 15, 38)
    assert sizes(f"{table}validation_size = 0.101\ntest_size = 0.101") == (118, 16, 16)
    assert sizes(f"{table}validation_size = 30\ntrain_size = 100") == (100, 30, 20)


def test_shares_are_exact() -> None:
    """0.07 · 100 is 7.000000000000001 in floating point."""
    rows = f"{{ inputs = {list(range(100))}, targets = {[0, 1] * 50} }}"
    assert sizes(f"data = {rows}\ntest_size = 0.07\nvalidation_size = 0.14") == (79, 14, 7)
    assert sizes(f"data = {rows}\ntrain_size = 0.29") == (29, 0, 71)


def test_a_gate_is_learnt_and_tested_whole_where_nothing_is_said_of_parts() -> None:
    for gate in ('"xor"', '{ gate = "xor", inputs = 3 }'):
        assert trial(f"data = {gate}").params["split"] == "all"
    assert trial('data = { gate = "xor", inputs = 3 }\ntest_size = 0.25').params["split"] == "shuffled"
    assert trial('data = { gate = "xor", inputs = 3 }\nfolds = 2').params["split"] == "shuffled"


TOLD = "8 samples of 1 input, dcd88d"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("test_size = 8", "test_size 8 leaves no sample to train; {has} 8; {fewer}"),
        (
            "train_size = 6\nvalidation_size = 2",
            "train_size 6 and validation_size 2 leave no sample to test; {has} 8; {fewer}",
        ),
        ("train_size = 0.1", "0.1 of the samples is less than one; {has} 8; allowed: a larger share"),
        (
            "train_size = 4\ntest_size = 3\nvalidation_size = 2",
            "train_size 4, test_size 3 and validation_size 2 need 9 samples; {has} 8; {fewer}",
        ),
        (
            "folds = 2\ntest_size = 0.25\nvalidation_size = 1",
            "`folds = 2` says how many samples train and test; allowed: no `test_size` and `validation_size`, "
            "or no `folds`",
        ),
        ("folds = 9", "9 folds need as many samples; {has} 8; allowed: fewer"),
        (
            'folds = 2\nsplit = "all"',
            "`all` does not go with `folds = 2`; allowed: `shuffled`, `stratified` or `ordered`",
        ),
        (
            'split = "all"\nvalidation_size = 1',
            '`split = "all"` trains and tests on every sample, so that none is left; '
            'allowed: no `validation_size`, or `split = "shuffled"`',
        ),
        (
            'metrics = "validation_accuracy"',
            "`validation_accuracy` is of validation samples, and there are none; "
            "allowed: `validation_size = 0.2`, or `accuracy`",
        ),
        (
            "scale_target = true",
            "only amounts are scaled; the targets of {data} are 0 and 1, which are classes; allowed: false",
        ),
    ],
)
def test_parts_that_cannot_be_are_refused(given: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        sweep(f"{given}\ndata = {ROWS['binary']}")
    name = str(caught.value).partition(": ")[2]
    fewer = 'allowed: fewer, shares such as `test_size = 0.25`, or `split = "all"`'
    assert name == message.format(has=f"data `{TOLD}` has", data=f"`{TOLD}`", fewer=fewer)


def test_amounts_have_no_classes_to_keep_the_shares_of() -> None:
    with pytest.raises(SpecError) as caught:
        sweep(f'split = "stratified"\ndata = {ROWS["amounts"]}')
    assert str(caught.value) == (
        "grid.toml:3:1: `stratified` needs classes; the targets of `4 samples of 1 input, 70dd19` are -1, 0.5, 2.5 "
        'and 7; allowed: `split = "shuffled"`, or data whose targets are classes'
    )


def test_a_scaled_target_needs_an_output_that_reaches_all_amounts() -> None:
    with pytest.raises(SpecError) as caught:
        sweep(f'scale_target = true\noutput = "tanh"\ndata = {ROWS["amounts"]}')
    assert "grid.toml:3:1: does not go with output `tanh`, which does not reach all amounts; " in str(caught.value)


@pytest.mark.parametrize("size", ["0", "-3", "1.5", "true", '"most"', "[10]"])
@pytest.mark.parametrize(
    ("name", "word"), [("train_size", "`auto`"), ("test_size", "`auto`"), ("validation_size", "0")]
)
def test_a_size_that_is_none_is_refused(name: str, word: str, size: str) -> None:
    if (name, size) == ("validation_size", "0"):
        return
    with pytest.raises(SpecError) as caught:
        sweep(f"{name} = {size}")
    assert str(caught.value) == (
        f"grid.toml:3:1: `{name}` in [fixed]: found {size}; "
        f"allowed: a number of samples such as 100, a share of them such as 0.25, or {word}"
    )


@pytest.mark.parametrize("folds", ["1", "-2", "2.5", "true"])
def test_folds_are_two_and_more(folds: str) -> None:
    with pytest.raises(SpecError) as caught:
        sweep(f"folds = {folds}")
    assert str(caught.value) == (
        f"grid.toml:3:1: `folds` in [fixed]: found {folds}; allowed: a whole number of 2 and more, or 0 for none"
    )


def test_a_range_of_sizes_gives_whole_numbers() -> None:
    found = expand(sweep("", "[axes]\ntrain_size = { logspace = [10, 1000], num = 3 }"), MLP)
    assert [each.params["train_size"] for each in found] == [10, 100, 1000]
    assert {type(each.params["train_size"]) for each in found} == {int}


def test_a_metric_of_success_that_does_not_fit_is_told_where_success_is() -> None:
    with pytest.raises(SpecError) as caught:
        sweep(f"data = {ROWS['amounts']}", '[success]\nmetric = "accuracy"\nabove = 0.9')
    assert str(caught.value).startswith("grid.toml:5:1: `accuracy` is a metric of classes; ")


def test_a_plan_says_what_was_chosen_for_the_trials(tmp_path: Path) -> None:
    def planned(fixed: str, rest: str = "") -> list[str]:
        asked = sweep(fixed, rest)
        lines = format_plan(asked, nnsweep.plan(asked, tmp_path)).splitlines()
        return lines[3:]  # after the counts, and what it takes

    data = f"data = {ROWS['binary']}\n"
    chosen = "output `sigmoid`, loss `binary_cross_entropy`; "
    assert planned(data) == [f"each: {chosen}samples: 6 to train, 2 to test"]
    assert planned(f"{data}validation_size = 0.2") == [f"each: {chosen}samples: 4 to train, 2 to validate, 2 to test"]
    assert planned(f"{data}folds = 4", "[axes]\nseed = { count = 8 }") == [f"each: {chosen}samples: 8 in 4 folds"]
    assert planned(
        'data = "xor"', '[axes]\noutput = ["auto", "step"]\nseed = [1, 2]\n[[exclude]]\noutput = "step"\nseed = 2'
    ) == [
        f"2 trials: {chosen}samples: all 4 to train and to test",
        "1 trial: output `step`, loss `straight_through`; samples: all 4 to train and to test",
    ]
    many = planned(f"{data}test_size = 1", "[axes]\ntrain_size = { from = 1, to = 6 }")
    assert many[0] == f"1 trial: {chosen}samples: 1 to train, 1 to test"
    assert many[4:] == ["2 trials: of 2 other kinds"]
    assert planned("", "[axes]\nepochs = [1, 2]") == [
        "each: output `step`, loss `straight_through`; samples: 1,000 to train, 2,000 to test"
    ]
