"""Sweeps whose trials measure different metrics: which columns there are, and what is counted of whom."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from types import MappingProxyType

import pandas as pd
import pytest
from pydantic import BaseModel, ConfigDict

import nnsweep
from nnsweep import sweepfile
from nnsweep.trainers import Outcome, Params, Trainer
from tests.helpers.frames import summary

SWEEP = """
name = "mixed"
trainer = "tests.tables.test_metrics:Choosy"
[axes]
measure = ["error", "score", "error score"]
seed = { count = 4 }
[success]
metric = "score"
above = 1.5
"""


class Choice(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    measure: str = "error"
    seed: int = 0


class Choosy(Trainer):
    """Measures what it is asked for; the score is the seed, the last seed's training diverges."""

    name = "choosy"
    version = "1"
    parameters = Choice
    metrics = MappingProxyType({"loss": "never measured", "error": "a tenth of the seed", "score": "the seed"})

    def measured(self, params: Params) -> tuple[str, ...]:
        return tuple(params["measure"].split())

    def train(self, stack: Sequence[Params]) -> list[Outcome]:
        return [self._train(params) for params in stack]

    def _train(self, params: Params) -> Outcome:
        if params["seed"] == 3:
            return Outcome("diverged", {}, {}, 0.0, "not finite")
        found = {"error": params["seed"] / 10, "score": float(params["seed"])}
        return Outcome("ok", {name: found[name] for name in self.measured(params)})


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return nnsweep.run(sweepfile.loads(SWEEP), tmp_path_factory.mktemp("results"), figures=False)


def test_there_are_columns_for_what_any_trial_measures_in_the_trainers_order(results):
    assert results.trials.columns.tolist() == [
        "id",
        "measure",
        "seed",
        "status",
        "error",
        "score",
        "success",
        "signature",
    ]
    assert [name for name in results.summary.columns if name.endswith("_median")] == ["error_median", "score_median"]
    with sqlite3.connect(results.folder / "trials.db") as database:
        shown = pd.read_sql("select * from results", database)
    database.close()
    assert {"error", "score"} <= set(shown.columns)
    assert "loss" not in shown.columns
    assert sorted(path.name for path in (results.folder / "tables").glob("*.csv")) == [
        *("error_median.csv", "score_median.csv", "success.csv", "summary.csv", "trials.csv")
    ]


def test_a_trial_is_whole_that_has_what_its_cell_measures(results):
    counts = results.summary[["n", "missing", "diverged"]].to_numpy().tolist()
    assert counts == [[3, 1, 1]] * 3
    assert results.summary["error_mean"].tolist() == pytest.approx([0.1, math.nan, 0.1], nan_ok=True)
    assert results.summary["score_mean"].tolist() == pytest.approx([math.nan, 1.0, 1.0], nan_ok=True)


def test_trials_that_do_not_measure_what_success_is_of_are_no_failures(results):
    """They would be the 0 of 4 of a setting that never succeeds."""
    cells = results.summary
    assert cells["finished"].tolist() == [0, 4, 4]
    assert cells["successes"].tolist() == [pd.NA, 1, 1]
    for name in ("rate", "rate_low", "rate_high"):
        assert cells[name].isna().tolist() == [True, False, False]
    assert cells["rate"].tolist()[1:] == [0.25, 0.25]
    assert results.matrix("successes")["successes"].tolist() == [pd.NA, 1, 1]
    lines = (results.folder / "tables" / "success.csv").read_text(encoding="utf-8").splitlines()
    assert lines == ["measure,successes", "error,", "score,1", "error score,1"]


def test_what_is_said_of_cells_that_do_not_measure_it(results):
    lines = str(results).splitlines()[1:5]
    assert lines == [
        "successes (score > 1.5):",
        "  measure = error:       not measured",
        "  measure = score:       1 of 4 (25 %, 95 % interval 5 to 70 %)",
        "  measure = error score: 1 of 4 (25 %, 95 % interval 5 to 70 %)",
    ]


def test_the_map_of_successes_is_grey_where_they_are_not_measured(results):
    assert results.figure("success").texts[-1].get_text().endswith("Grey: no value.")


def test_where_all_measure_it_counts_stay_whole_numbers():
    table = pd.DataFrame({"a": [1, 2], "status": "ok", "error": [0.1, 0.2], "success": [True, False]})
    cells = summary(table, ["a"], ["error"], judged=[True, True])
    assert (cells["successes"].dtype, cells["successes"].tolist()) == ("int64", [1, 0])
    pd.testing.assert_frame_equal(cells, summary(table, ["a"], ["error"]))
