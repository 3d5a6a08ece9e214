"""The front of two metrics, and how far configurations came, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from nnsweep.design.sweep import Success
from nnsweep.questions.search.pareto import pareto
from nnsweep.questions.search.stages import stages
from tests.helpers.searches import UNIT, searched

RATES = {0.1: (3.0, 0.5), 0.2: (1.0, 0.4), 0.3: (2.0, 0.9), 0.4: (2.0, 0.3)}


def test_the_front_has_what_no_other_is_better_than_by_both():
    """Less loss and more accuracy: 0.2 has the least loss, 0.3 the most accuracy; both dominate the others."""

    def both(alpha, seed):
        loss, accuracy = RATES[alpha]
        return loss + seed / 10, accuracy

    found = searched([(a,) for a in RATES], {"alpha": UNIT}, both, 3, "nsga2", metrics=("loss", "accuracy"),
                     own={"metrics": ["loss", "accuracy"]})  # fmt: skip
    front = pareto(found.sweep, found.trials)
    assert front.front.tolist() == [False, True, True, False]
    assert front.lower == (True, False)
    table = front.table
    assert {name: table[name].tolist() for name in ("alpha", "finished")} == {"alpha": [0.2, 0.3], "finished": [3, 3]}
    for end, loss in (("lower", [1.05, 2.05]), ("median", [1.1, 2.1]), ("upper", [1.15, 2.15])):
        assert table[f"loss_{end}"].tolist() == pytest.approx(loss)
        assert table[f"accuracy_{end}"].tolist() == [0.4, 0.9]


def test_only_a_search_by_several_metrics_has_a_front():
    found = searched([(0.1,)], {"alpha": UNIT}, lambda *_: 1.0)
    assert pareto(found.sweep, found.trials) is None


def test_a_halving_has_a_stage_for_each_number_of_epochs():
    rows = [(0.1, 5), (0.2, 5), (0.2, 20)]
    endings = {(0.1, 5): "dropped", (0.2, 5): "went on", (0.2, 20): "all epochs"}
    found = stages(
        searched(rows, {"alpha": UNIT, "epochs": None}, lambda alpha, epochs, seed: alpha * epochs, method="halving",
                 endings=endings)
    )  # fmt: skip
    assert found.along == "epochs"
    assert {name: column.tolist() for name, column in found.table.items()} == {
        "configuration": [0, 1, 1],
        "epochs": [5, 5, 20],
        "value": [0.5, 1.0, 4.0],
        "stopped": ["dropped", "all epochs", "all epochs"],
    }


@pytest.mark.parametrize(
    ("success", "values"), [(None, [2.0, 3.0, 4.0, 6.0, 6.0]), (Success("loss", below=5), [1.0, 1.0, 2 / 3, 0.0, 0.0])]
)
def test_a_race_has_a_stage_for_each_seed(success, values):
    """The medians of 2, of 2 and 4, of 2, 4 and 6; and the shares of them below 5."""
    losses = {0.1: [2.0, 4.0, 6.0], 0.2: [6.0, 6.0]}

    def loss(alpha, seed):
        return losses[alpha][seed] if seed < len(losses[alpha]) else "missing"

    endings = {(0.1,): "won", (0.2,): "ruled out"}
    found = stages(searched([(0.1,), (0.2,)], {"alpha": UNIT}, loss, 3, "racing", success, endings=endings))
    assert found.table["seeds"].tolist() == [1, 2, 3, 1, 2]
    assert found.table["value"].tolist() == pytest.approx(values)
    assert found.table["stopped"].tolist() == ["won"] * 3 + ["ruled out"] * 2


def test_a_search_that_stops_none_has_no_stages():
    found = searched([(0.1,), (0.2,)], {"alpha": UNIT}, lambda *_: 1.0)
    assert stages(found) is None
    assert not np.isnan(found.value).any()
