"""Outcomes as columns say what the outcomes themselves say."""

from __future__ import annotations

from math import nan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnsweep.errors import StoreError
from nnsweep.store import Store
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.ids import to_numbers
from nnsweep.trials.outcomes import Outcomes
from tests.helpers.fake_trials import TRAINER, trial

NAMES = st.sampled_from(["a", "b", "c", "é"])
NUMBERS = st.floats() | st.integers(-(2**60), 2**60)
OUTCOMES = st.builds(
    Outcome,
    status=st.sampled_from(["ok", "diverged", "failed", "crashed", "timeout"]),
    metrics=st.dictionaries(NAMES, NUMBERS, max_size=3),
    history=st.dictionaries(NAMES, st.lists(st.floats(), max_size=5), max_size=2),
    seconds=st.floats(min_value=0, allow_infinity=False),
    failure=st.none() | st.sampled_from(["no", "never"]),
    diagnosis=st.dictionaries(NAMES, NUMBERS, max_size=3),
)


def write(path: Path, found: list[Outcome]) -> None:
    """Write outcomes as those of the trials 0, 1, …"""
    with Store.open(path) as store:
        store.write(store.begin_run({}, ""), TRAINER, [(trial(row), each) for row, each in enumerate(found)])


def ids(*numbers: int) -> np.ndarray:
    return to_numbers(f"{number:016d}" for number in numbers)


@given(found=st.lists(OUTCOMES, max_size=6), data=st.data())
def test_columns_are_those_of_the_outcomes(found, data, tmp_path_factory):
    path = tmp_path_factory.mktemp("columns") / "trials.db"
    write(path, found)
    asked = ids(*data.draw(st.permutations(range(len(found) + 2))))
    with Store.read(path) as store:
        columns = store.columns(asked)
        expected = Outcomes.of(store.outcomes(f"{number:016x}" for number in asked.tolist()))
    assert list(columns) == list(expected)
    for one, two in ((columns.metrics, expected.metrics), (columns.diagnosis, expected.diagnosis)):
        assert list(one) == list(two)
        for name in one:
            np.testing.assert_array_equal(one[name], two[name])
    assert columns.status.tolist() == expected.status.tolist()
    assert columns.seconds.tolist() == expected.seconds.tolist()
    assert columns.failures == expected.failures
    rows = np.arange(len(columns))[::-1]
    assert repr(list(columns.histories(rows))) == repr(list(expected.histories(rows)))


def test_histories_are_fetched_when_they_are_asked_for(tmp_path):
    path = tmp_path / "trials.db"
    write(path, [Outcome("ok", {"error": 0.5}, {"error": [nan, 0.5]}), Outcome("ok", {"error": 0.25})])
    with Store.read(path) as store:
        columns = store.columns(ids(1, 0, 1))
    assert list(columns) == [f"{1:016d}", f"{0:016d}"]
    assert repr(columns[f"{0:016d}"]) == repr(Outcome("ok", {"error": 0.5}, {"error": [nan, 0.5]}))
    path.unlink()
    (tmp_path / "trials.db-count").unlink()
    with pytest.raises(StoreError) as caught:
        columns[f"{0:016d}"]
    assert str(caught.value) == (
        f"{path}: trials that were there are not there any more; "
        "restore the file from a copy, or train again with --fresh"
    )
