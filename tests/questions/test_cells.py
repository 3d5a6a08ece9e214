"""Which cells a run tells, and how much it says of very large and very poor sweeps."""

import math

import numpy as np
import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.design.sweep import Axis, Success, Sweep
from nnsweep.questions.cells import BEST, LISTED, format_cells
from nnsweep.tables import Layout
from tests.helpers.many_cells import many


def sweep_of(cells, success):
    return Sweep("some", "mlp", axes=(Axis("a", "a", tuple(range(cells))),), success=success)


BELOW = Success("error", below=0.5)


def told(successes, medians, success=BELOW, finished=10):
    """What is said of cells along an axis `a`, each with so many successes of 10 and such a median."""
    cells, n = len(successes), np.full(len(successes), finished)
    rate = np.array(successes) / finished if finished else np.full(cells, np.nan)
    table = {"a": np.arange(cells), "n": n, "finished": n, "successes": np.array(successes), "rate": rate}
    table |= {"rate_low": rate, "rate_high": rate, "diverged": 0 * n, "failed": 10 - n}
    table |= {f"error_median{end}": np.array(medians, dtype=float) for end in ("", "_low", "_high")}
    layout = Layout(rows="a", values={"a": tuple(range(cells))})
    return list(format_cells(sweep_of(cells, success), table, layout))


def test_the_best_of_equals_is_the_one_with_the_better_median():
    share = "7 of 10 (70 %, 95 % interval 70 to 70 %)"
    assert told([7, 7, 3], [0.3, 0.2, 0.1])[-1] == f"best: {share} at a = 1; 1 other cell as often"
    above = Success("error", above=0.5)
    assert told([7, 7, 3], [0.3, 0.2, 0.9], above)[-1] == f"best: {share} at a = 0; 1 other cell as often"
    assert told([7, 7, 7], [math.nan, 0.2, 0.1])[-1] == f"best: {share} at a = 2; 2 other cells as often"
    assert told([3, 7, 3], [0.1, 0.2, 0.3])[-1] == f"best: {share} at a = 1"


def test_of_many_cells_the_best_few_are_told_the_best_first():
    lines = told([each % 10 for each in range(100)], range(100))
    assert lines[0] == "most successes (error < 0.5):"
    assert [line.partition(" at ")[2] for line in lines[1:-1]] == [f"a = {10 * each + 9}" for each in range(BEST)]
    assert lines[-1] == "best: 9 of 10 (90 %, 95 % interval 90 to 90 %) at a = 9; 9 other cells as often"


@pytest.mark.parametrize("cells", [2, LISTED, 100])
def test_no_success_is_told_in_a_line(cells):
    assert told([0] * cells, range(cells)) == [f"successes (error < 0.5): none of {10 * cells:,}"]


@pytest.mark.parametrize(("cells", "lines"), [(2, 3), (100, 2)])
def test_of_cells_in_which_no_trial_ended_none_is_the_best(cells, lines):
    said = told([0] * cells, [math.nan] * cells, finished=0)
    assert len(said) == lines
    assert all("none ended" in line for line in said[1:])


def test_without_success_the_best_median_is_told():
    assert told([0, 0, 0], [0.3, 0.1, 0.2], None) == ["lowest median error: 0.1 (95 % interval 0.1 to 0.1) at a = 1"]
    assert told([0, 0], [math.nan] * 2, None) == []
    assert told([0], [0.3], None) == ["median error: 0.3 (95 % interval 0.3 to 0.3)"]


def test_more_of_an_accuracy_is_better(tmp_path):
    text = """
name = "gate"
[fixed]
data = "xor"
split = "all"
output = "sigmoid"
loss = "binary_cross_entropy"
metrics = ["accuracy"]
[axes]
alpha = [0.1, 1.0]
epochs = [1, 200]
seed = { count = 3 }
"""
    found = nnsweep.run(sweepfile.loads(text), tmp_path, figures=False)
    best = found.summary.loc[found.summary["accuracy_median"].idxmax()]
    line = str(found).splitlines()[1]
    assert line.startswith(f"highest median accuracy: {best['accuracy_median']:.4g} (95 % interval ")


@pytest.mark.slow
def test_the_words_of_a_large_sweep_are_few(tmp_path):
    for axes in ({"a": 45}, {"a": 3, "b": 3, "c": 5}, {"a": 2, "b": 2, "c": 700}, dict.fromkeys("abcdef", 2)):
        found = many(tmp_path / "-".join(axes), axes, seeds=2, figures=False)
        assert len(str(found).splitlines()) <= 14
