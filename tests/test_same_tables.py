"""Shipped sweeps with `math = "portable"` give their committed tables, byte for byte, on every processor."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pandas as pd
import pytest

from tests.helpers import PROJECT, files
from tests.helpers.processors import OTHER_PROCESSORS, on_processor

OLD = OTHER_PROCESSORS[0]
PORTABLE = ["forum_fixes", "gates", "relu_xor", "sigmoid_xor", "single_neuron", "two_layer", "xor_leaky"]
LONG = "gates"
"""Six cells of 100 seeds and 20,000 epochs."""


def test_these_are_the_portable_sweeps():
    """They are those in rows that take an exponential, or are measured by more than the sign of an output."""
    files = sorted((PROJECT / "sweeps").glob("*.toml"))
    found = [each.stem for each in files if tomllib.loads(each.read_text("utf-8"))["fixed"].get("math") == "portable"]
    assert found == PORTABLE


def run_on_an_old_processor(name, folder, *options):
    file = PROJECT / "sweeps" / f"{name}.toml"
    command = [sys.executable, "-m", "nnsweep", file, "--no-figures", "--quiet", "--results", folder, *options]
    subprocess.run(command, check=True, env=on_processor(OLD), capture_output=True)
    return folder / name / "tables"


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in PORTABLE if name != LONG])
def test_the_tables_are_the_committed_ones(name, tmp_path):
    """Those of this processor are compared where whole sweeps are run: in tests/test_one_answer.py."""
    committed = files(PROJECT / "results" / name / "tables")
    assert len(committed) >= 4
    assert files(run_on_an_old_processor(name, tmp_path)) == committed


@pytest.mark.slow
def test_trials_of_a_long_sweep_are_the_committed_ones(tmp_path):
    """Of a tenth of the seeds."""
    found, committed = (
        pd.read_csv(folder / "trials.csv", dtype=str, keep_default_na=False)
        for folder in (
            run_on_an_old_processor(LONG, tmp_path, "--set", "seed={count=10}"),
            PROJECT / "results" / LONG / "tables",
        )
    )
    few = committed[committed["seed"].astype(int) < 10]
    assert len(few) == len(committed) / 10
    pd.testing.assert_frame_equal(found, few.reset_index(drop=True))
