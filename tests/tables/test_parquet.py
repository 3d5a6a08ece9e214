"""Tables of very many trials are written as Parquet too."""

import sys

import numpy as np
import pandas as pd
import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.tables import parquet
from nnsweep.tables.columns import column
from tests.helpers import SMALL

INSTALL = 'more than 3 trials: pip install "nnsweep[parquet]", and a run writes tables/trials.parquet too'


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "LARGE", 3)
    return lambda: nnsweep.run(sweepfile.loads(SMALL), tmp_path, jobs=1, figures=False)


def test_a_run_of_very_many_trials_writes_them_as_parquet_too(run, monkeypatch):
    pytest.importorskip("pyarrow")
    monkeypatch.setattr(sys.modules["nnsweep.tables.columns"], "ROWS_AT_ONCE", 10)  # a function has its name, too
    results = run()
    assert "more than 3 trials: tables/trials.parquet has them too" in str(results).splitlines()
    found = pd.read_parquet(results.folder / "tables" / "trials.parquet")
    pd.testing.assert_frame_equal(found, results.trials)


def test_what_is_no_number_is_null_and_never_nan(tmp_path):
    """Readers such as pyarrow and DuckDB filter by statistics that leave NaN out, and so find other rows."""
    from_pyarrow = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "trials.parquet"
    parquet.write_parquet([{"id": column(["a", "b", "c"]), "loss": np.array([0.5, np.nan, np.inf])}], path)
    assert from_pyarrow.read_table(path)["loss"].to_pylist() == [0.5, None, np.inf]


def test_a_run_of_fewer_trials_does_not(tmp_path):
    results = nnsweep.run(sweepfile.loads(SMALL), tmp_path, jobs=1, figures=False)
    assert "parquet" not in str(results)
    assert not (results.folder / "tables" / "trials.parquet").exists()


def test_without_its_package_a_run_says_what_to_install(run, monkeypatch):
    monkeypatch.setattr(parquet, "find_spec", lambda name: None)
    results = run()
    assert INSTALL in str(results).splitlines()
    assert not (results.folder / "tables" / "trials.parquet").exists()
