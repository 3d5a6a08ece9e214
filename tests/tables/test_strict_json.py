"""What is printed as JSON is JSON for every reader."""

import json

import numpy as np
import pandas as pd
import pytest

from nnsweep.tables.strict_json import to_json
from tests.helpers import call

VALUES = {
    "numbers": ([1.5, float("nan"), float("inf"), -float("inf"), True, None], [1.5, None, "inf", "-inf", True, None]),
    "NumPy's": ({"a": np.float32(0.5), "b": np.array([1, 2]), "c": np.float64("nan")},
                {"a": 0.5, "b": [1, 2], "c": None}),
    "a table": (
        pd.DataFrame({"n": pd.array([1, None], dtype="Int64"), "error": [0.1, np.nan], "name": ["é", "b"]}),
        [{"n": 1, "error": 0.1, "name": "é"}, {"n": None, "error": None, "name": "b"}],
    ),
    "nested": ({"widths": ((8, 8), 2)}, {"widths": [[8, 8], 2]}),
}  # fmt: skip


def strict(text):
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize(("value", "expected"), VALUES.values(), ids=VALUES)
def test_it_is_read_back(value, expected):
    assert strict(to_json(value)) == expected


DIVERGING = """
def train(alpha=0.1, seed=0):
    return {"error": [0.5, float("inf") if alpha > 1 else alpha]}
"""
GRID = """
name = "wild"
trainer = "wild_trainer:train"
axes = { alpha = [0.1, 2.0], seed = { count = 3 } }
success = { metric = "error", below = 0.2 }
"""


def test_no_verb_prints_nan(tmp_path, module, capsys):
    module(DIVERGING, "wild_trainer.py")
    (tmp_path / "grid.toml").write_text(GRID, encoding="utf-8")
    assert call(capsys, "grid.toml", "--no-figures", "--quiet", "--jobs", "1")[0] == 0
    one = ["grid.toml", "alpha=2.0", "seed=1"]
    verbs = [
        ["show", *one, "--json"], ["show", "wild", "--json"], ["replay", *one, "--check", "--json"],
        ["best", "wild", "--json"], ["best", "wild", "--metric", "error", "--json"], ["diagnose", "wild", "--json"],
        ["compare", "wild", "--on", "alpha=0.1,2.0", "--json", "--no-figures"], ["plan", "grid.toml", "--json"],
        ["ls", "--json"], ["export", "wild", "--format", "json"],
    ]  # fmt: skip
    for verb in verbs:
        code, out, _ = call(capsys, *verb)
        assert code == 0, verb
        assert strict(out) is not None, verb
    out = call(capsys, "best", "wild", "--metric", "error")[1]
    assert "nan" not in out
    shown = strict(call(capsys, "show", *one, "--json")[1])
    assert (shown["status"], shown["history"]["error"]) == ("diverged", [0.5, None])
