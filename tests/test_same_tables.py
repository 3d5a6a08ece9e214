"""Shipped sweeps with `math = "portable"` give their committed tables, byte for byte, on every processor."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from tests.helpers import PROJECT
from tests.helpers.processors import OTHER_PROCESSORS, on_processor

OLD = OTHER_PROCESSORS[0]
PORTABLE = ["forum_fixes", "gates", "relu_xor", "sigmoid_xor", "single_neuron", "two_layer", "xor_leaky"]


def test_these_are_the_portable_sweeps():
    """They are those in rows that take an exponential, or are measured by more than the sign of an output."""
    files = sorted((PROJECT / "sweeps").glob("*.toml"))
    found = [each.stem for each in files if tomllib.loads(each.read_text("utf-8"))["fixed"].get("math") == "portable"]
    assert found == PORTABLE


@pytest.mark.slow
@pytest.mark.parametrize("name", PORTABLE)
def test_the_tables_are_the_committed_ones(name, tmp_path):
    file = PROJECT / "sweeps" / f"{name}.toml"
    command = [sys.executable, "-m", "nnsweep", str(file), "--no-figures", "--quiet", "--results", str(tmp_path)]
    subprocess.run(command, check=True, env=on_processor(OLD), capture_output=True)
    committed = {each.name: each.read_bytes() for each in (PROJECT / "results" / name / "tables").glob("*.csv")}
    assert len(committed) >= 4
    assert {each.name: each.read_bytes() for each in (tmp_path / name / "tables").glob("*.csv")} == committed
