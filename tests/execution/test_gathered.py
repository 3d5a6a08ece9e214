"""What is kept while trials are trained equals what the store gives of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import nnsweep
from nnsweep.execution.events import Progressed
from nnsweep.execution.gathered import Gathered
from nnsweep.folder.open import StoredSweep
from nnsweep.store import Store
from nnsweep.trainers.columns import OutcomeColumns
from tests.helpers import SMALL
from tests.helpers.fake_trials import trial

RESULTS = Path("results")


def trained(numbers, names=("error",), others=(), factor=1.0):
    values = factor * np.array(numbers)
    columns = dict.fromkeys(names, values / 8)
    training, records = np.zeros(len(values), int), np.repeat(values[:, None], len(names), axis=1)
    outcomes = OutcomeColumns(columns, {"dead": values}, records, np.zeros(1, int), training, training + 1, 0.5, {})
    return Progressed([trial(n) for n in numbers], replace(outcomes, others=dict.fromkeys(others, outcomes[0])))


def gather(*events):
    gathered = Gathered()
    for event in events:
        gathered.hear(event)

    def outcomes(*numbers):
        ids = np.array([int(trial(n).id, 16) for n in numbers], np.uint64)
        return gathered.outcomes(ids, lambda asked: ({} for _ in asked))

    return outcomes


def test_trials_come_in_the_order_that_is_asked_for():
    found = gather(trained([3, 1]), trained([2]))(1, 2, 3)
    assert list(found) == [trial(n).id for n in (1, 2, 3)]
    assert found.metrics["error"].tolist() == [1 / 8, 2 / 8, 3 / 8]
    assert found.diagnosis["dead"].tolist() == [1, 2, 3]
    assert found.seconds.tolist() == [0.5] * 3
    assert [outcome.status for outcome in found.chosen([trial(2).id]).values()] == ["ok"]


@pytest.mark.parametrize(
    "events",
    [
        [],
        [trained([1, 2])],
        [trained([1, 2, 3, 4])],
        [trained([1, 2]), trained([4])],
        [trained([1, 2]), trained([3], names=("loss",))],
        [trained([1, 2]), trained([3], others=[0])],
        [trained([1, 2]), Progressed([trial(3)], [trained([3]).outcomes[0]])],
        [trained([1, 2, 3], factor=np.inf)],
    ],
    ids=["nothing", "too few", "too many", "another", "other names", "diverged", "no columns", "infinite"],
)
def test_nothing_is_given_where_not_all_are_plain_columns(events):
    assert gather(*events)(1, 2, 3) is None


def test_a_run_reads_none_of_what_it_trained_and_all_that_was_stored_before(grid, monkeypatch):
    read = []
    columns = Store.columns
    monkeypatch.setattr(Store, "columns", lambda store, ids: read.append(len(ids)) or columns(store, ids))
    found = nnsweep.run(grid, "results", figures=False)
    assert read == []
    stored = StoredSweep.open("small", RESULTS)
    assert found.trials.equals(stored.trials)
    assert [*found._outcomes.items()] == [*stored.outcomes.items()]
    read.clear()
    grid.write_text(SMALL.replace("count = 4", "count = 5"), encoding="utf-8")
    wider = nnsweep.run(grid, "results", figures=False)
    assert read == [60]
    assert wider.trials.equals(StoredSweep.open("small", RESULTS).trials)
