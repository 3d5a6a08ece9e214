"""How large histories become is said before they are stored."""

import json

import numpy as np
import pytest

from nnsweep import sweepfile
from nnsweep.execution.histories import Histories
from nnsweep.execution.plan import make_plan
from nnsweep.store import Store
from nnsweep.trainers import load
from nnsweep.trials.expand import expand
from nnsweep.trials.ids import to_numbers
from tests.helpers import SMALL, call

LONG = SMALL.replace("{ from = 1, to = 3 }", "[400_000, 500_000]").replace("{ count = 4 }", "{ count = 10 }")
"""Of each of 40 trainings, 2 trials share a history of 500,000 epochs of one metric."""


def test_a_plan_says_what_long_histories_take(grid, capsys):
    grid.write_text(LONG, encoding="utf-8")
    code, out, err = call(capsys, "plan", grid)
    assert (code, err) == (0, "")
    said = "histories: 20,000,000 numbers, about 160 MB; `measure_every` or fewer epochs make it less\n"
    assert said in out
    assert json.loads(call(capsys, "plan", grid, "--json")[1])["history_numbers"] == 20_000_000


def test_a_plan_says_nothing_of_short_ones(grid, capsys):
    assert "histories" not in call(capsys, "plan", grid)[1]
    grid.write_text(SMALL.replace("{ from = 1, to = 3 }", "{ from = 1, to = 2000 }"), encoding="utf-8")
    assert "histories" not in call(capsys, "plan", grid)[1]


@pytest.mark.parametrize("every", [1, 2, 7])
def test_what_is_counted_is_what_is_stored(grid, capsys, every):
    metrics = f'measure_every = {every}\nmetrics = ["error", "train_error"]\n[axes]'
    text = SMALL.replace("[axes]", metrics).replace("to = 3", "to = 30")
    grid.write_text(text, encoding="utf-8")
    assert call(capsys, grid, "--no-figures", "--quiet")[0] == 0
    trainer = load("mlp")
    trials = expand(sweepfile.loads(text), trainer)
    with Store.read(grid.parent / "results" / "small" / "trials.db") as store:
        outcomes = store.outcomes(trial.id for trial in trials)
    longest: dict[tuple[object, ...], int] = {}
    for trial in trials:
        training = tuple(value for name, value in trial.settings.items() if name != "epochs")
        numbers = sum(map(len, outcomes[trial.id].history.values()))
        longest[training] = max(numbers, longest.get(training, 0))
    stored = sum(longest.values())
    assert make_plan(trials, to_numbers(()), trainer).histories.numbers == stored
    half = np.sort(trials[: len(trials) // 2].ids)
    assert 0 < make_plan(trials, half, trainer).histories.numbers < stored
    assert make_plan(trials, np.sort(trials.ids), trainer).histories == Histories()
