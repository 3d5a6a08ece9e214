"""Where trials of a signature are, and what their numbers are against those of the successes; counted by hand."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from nnsweep.questions.diagnose.table import diagnosis, examples, extremes, medians, spread
from nnsweep.tables import choose_layout, matrices
from nnsweep.tables.failure_patterns import counted, numbers
from nnsweep.trainers.protocol import Outcome
from tests.helpers.fake_sweeps import ends_of, sweep_of, trials_of
from tests.helpers.frames import trials_table

DEAD = Outcome("ok", {"error": 0.5}, diagnosis={"dead": 1.0, "output_range": 0.0})
CONSTANT = Outcome("ok", {"error": 0.5}, diagnosis={"dead": 0.2, "output_range": 0.0})
GOOD = Outcome("ok", {"error": 0.0}, diagnosis={"dead": 0.4, "output_range": 1.0})
CRASHED, TIMEOUT = Outcome("crashed"), Outcome("timeout")
SWEEP = sweep_of(alpha=(0.1, 0.2), hidden=((2,), (4,)), seeds=2)
FOUND = [DEAD, DEAD, GOOD, None, DEAD, CONSTANT, CRASHED, TIMEOUT]
"""Of alpha 0.1: hidden 2, 2, 4, 4; and the same of 0.2."""


@pytest.fixture
def table() -> pd.DataFrame:
    trials = trials_of(SWEEP)
    outcomes = {trial.id: each for trial, each in zip(trials, FOUND, strict=True) if each is not None}
    return trials_table(SWEEP, trials, outcomes, ["error"])


@pytest.fixture
def told() -> pd.DataFrame:
    return pd.DataFrame(numbers(ends_of(FOUND)))


def test_cells_in_grid_order_and_a_column_for_each_signature(table, told):
    cells = diagnosis(table, told, ["alpha", "hidden"])
    assert list(cells.columns) == [
        *("alpha", "hidden", "n", "failing", "diverged", "all_units_dead", "units_saturated", "never_updated"),
        *("constant_output", "many_units_dead", "unexplained", "not_diagnosed", "failed"),
        *("with_all_units_dead", "with_units_saturated", "with_never_updated", "with_constant_output"),
        "with_many_units_dead",
    ]
    assert cells[["alpha", "hidden"]].to_numpy().tolist() == [[0.1, 2], [0.1, 4], [0.2, 2], [0.2, 4]]
    assert cells["n"].tolist() == [2, 1, 2, 2]
    assert cells["failing"].tolist() == [2, 0, 2, 2]
    assert cells["all_units_dead"].tolist() == [2, 0, 1, 0]
    assert cells["constant_output"].tolist() == [0, 0, 1, 0]
    assert cells["with_constant_output"].tolist() == [2, 0, 2, 0]
    assert cells["failed"].tolist() == [0, 0, 0, 2]


def test_a_sweep_of_seeds_alone_is_one_cell(table, told):
    cells = diagnosis(table, told, [])
    assert len(cells) == 1
    assert cells[["n", "failing", "failed"]].loc[0].tolist() == [7, 6, 2]


def test_signatures_that_occur_the_most_frequent_first(table):
    assert counted(table["signature"]) == {"all units dead": 3, "constant output": 1, "crashed": 1, "timeout": 1}
    assert examples(table, "all units dead") == [f"{number:016x}" for number in (0, 1, 4)]
    assert examples(table, "all units dead", 1) == [f"{0:016x}"]


def test_where_along_each_axis_a_signature_is_as_a_share_of_what_was_trained(table):
    ends = extremes(table, ["alpha", "hidden"], "all units dead").to_dict("records")
    assert ends == [
        {"axis": "alpha", "most": 0.1, "least": 0.2, "most_share": 2 / 3, "least_share": 1 / 4},
        {"axis": "hidden", "most": 2, "least": 4, "most_share": 3 / 4, "least_share": 0},
    ]
    assert extremes(table, ["alpha"], "unexplained").empty


def test_medians_of_the_numbers_that_any_trial_has(table, told):
    assert medians(table, told).to_dict("index") == {
        "dead": {"failing": 1.0, "others": 0.4},
        "output_range": {"failing": 0.0, "others": 1.0},
    }


def test_signatures_are_panels_beside_those_of_the_layout(table, told):
    layout = replace(choose_layout(SWEEP), rows="alpha", columns=None, panels="hidden")
    cells, placed = spread(diagnosis(table, told, ["alpha", "hidden"]), layout)
    found = {panel: frame.to_numpy().tolist() for panel, frame in matrices(cells, placed, "trials").items()}
    assert found == {
        (("signature", "all units dead"), ("hidden", 2)): [[2], [1]],
        (("signature", "all units dead"), ("hidden", 4)): [[0], [0]],
        (("signature", "constant output"), ("hidden", 2)): [[0], [1]],
        (("signature", "constant output"), ("hidden", 4)): [[0], [0]],
        (("signature", "failed"), ("hidden", 2)): [[0], [0]],
        (("signature", "failed"), ("hidden", 4)): [[0], [2]],
    }


def test_of_too_many_panels_those_of_the_layout_are_added_up(table, told):
    layout = replace(choose_layout(SWEEP), rows="alpha", columns=None, panels="hidden")
    cells, placed = spread(diagnosis(table, told, ["alpha", "hidden"]), layout, panels=5)
    found = {panel: frame.to_numpy().tolist() for panel, frame in matrices(cells, placed, "trials").items()}
    assert found == {
        (("signature", "all units dead"),): [[2], [1]],
        (("signature", "constant output"),): [[0], [1]],
        (("signature", "failed"),): [[0], [2]],
    }
