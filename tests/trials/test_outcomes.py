"""Outcomes as columns say what the outcomes themselves say."""

from dataclasses import replace

import numpy as np
import pytest

from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.ids import to_numbers, to_texts
from nnsweep.trials.outcomes import MISSING, NAMES, STATUSES, Ends, Outcomes
from tests.helpers.fake_sweeps import FakeTrial

HISTORY = {"error": [0.5, 0.25]}
GIVEN = {
    "ffffffffffffffff": Outcome("ok", {"error": 0.25, "loss": 1.5}, HISTORY, 0.125, None, {"dead": 0.5}),
    "0000000000000001": Outcome("diverged", {}, {"error": [0.5]}, 2.0, "not finite", {"nonfinite_epoch": 3}),
    "8000000000000000": Outcome("failed", failure="Traceback"),
    "00000000000000ab": Outcome("ok", {"accuracy": 1.0}),
}
LOST = "0000000000000002"


@pytest.fixture
def outcomes():
    return Outcomes.of(GIVEN)


def test_outcomes_as_columns_are_the_same_mapping(outcomes):
    assert list(outcomes) == list(GIVEN)
    assert len(outcomes) == 4
    assert outcomes == GIVEN
    assert type(outcomes["0000000000000001"].diagnosis["nonfinite_epoch"]) is int


@pytest.mark.parametrize("id", [LOST, "no id", "1" * 17, 7])
def test_what_is_no_trial_of_them_is_not_there(outcomes, id):
    assert id not in outcomes
    assert outcomes.get(id) is None


def test_what_is_no_trial_of_them_cannot_be_taken(outcomes):
    with pytest.raises(KeyError, match=LOST):
        outcomes[LOST]


def test_rows_are_found_in_any_order_and_of_none(outcomes):
    asked = to_numbers(["00000000000000ab", LOST, "ffffffffffffffff", "00000000000000ab"])
    assert outcomes.rows(asked).tolist() == [3, -1, 0, 3]
    assert outcomes.rows(outcomes.ids).tolist() == [0, 1, 2, 3]
    assert Outcomes.of({}).rows(asked).tolist() == [-1, -1, -1, -1]


def test_histories_are_given_in_the_order_asked(outcomes):
    assert list(outcomes.histories(np.array([1, 0, 3]))) == [{"error": [0.5]}, HISTORY, {}]


def test_failed_rows_are_those_that_came_to_no_end(outcomes):
    assert outcomes.failed.tolist() == [2]


def test_ends_have_a_row_for_each_trial(outcomes):
    trials = [FakeTrial(id, {}, {}) for id in ("8000000000000000", LOST, "ffffffffffffffff", "ffffffffffffffff")]
    for given in (outcomes, GIVEN):
        ends = Ends.of(trials, given)
        assert NAMES[ends.status].tolist() == ["failed", "missing", "ok", "ok"]
        assert ends.metric("error").tolist()[2:] == [0.25, 0.25]
        assert np.isnan(ends.metric("error")).tolist() == [True, True, False, False]
        assert np.isnan(ends.metric("unknown")).all()
        assert ends.diagnosis("dead").tolist()[2:] == [0.5, 0.5]
        assert ends.seconds.tolist()[2:] == [0.125, 0.125]
        assert np.isnan(ends.seconds).tolist() == [False, True, False, False]


def test_ids_are_numbers_and_back():
    ids = ["0000000000000000", "ffffffffffffffff", "0123456789abcdef"]
    assert to_numbers(ids).tolist() == [0, 2**64 - 1, 0x0123456789ABCDEF]
    assert to_texts(to_numbers(ids)).tolist() == ids
    assert to_texts(to_numbers([])).tolist() == []


def test_missing_is_a_name_of_its_own():
    assert NAMES.tolist() == [*STATUSES, "missing"]
    assert MISSING == 5


def test_the_outcomes_of_some_trials_are_made_with_one_reading_of_histories():
    read = []

    def fetch(ids):
        read.append(ids.tolist())
        return ({"error": [float(id)]} for id in ids.tolist())

    found = replace(
        Outcomes.of({f"{n:016x}": Outcome("ok", {"error": n / 2}) for n in range(5)}), fetch_histories=fetch
    )
    chosen = found.chosen([f"{n:016x}" for n in (3, 9, 1)])
    assert {id: (each.metrics, each.history) for id, each in chosen.items()} == {
        f"{n:016x}": ({"error": n / 2}, {"error": [float(n)]}) for n in (3, 1)
    }
    assert read == [[3, 1]]
    assert found.chosen([]) == {}
