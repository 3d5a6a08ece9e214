"""Which cells a run tells, and how much it says of very large and very poor sweeps."""

import math

import numpy as np
import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.design.sweep import Axis, Success, Sweep
from nnsweep.questions.cells import BEST, LISTED, format_cells
from nnsweep.questions.rank.criterion import order_cells
from nnsweep.tables import Layout, summary
from tests.helpers.many_cells import many


def sweep_of(cells, success):
    return Sweep(
        "some",
        "mlp",
        axes=(Axis("a", "a", tuple(range(cells))), Axis("seed", "seed", tuple(range(10)))),
        success=success,
    )


BELOW = Success("error", below=0.5)


def told(*cells, success=BELOW, status="diverged"):
    """What is said of cells along an axis `a`, each with the errors of its seeds; None did not end well."""
    errors = [error for cell in cells for error in cell]
    table = {
        "a": np.repeat(np.arange(len(cells)), [len(cell) for cell in cells]),
        "seed": np.concatenate([np.arange(len(cell)) for cell in cells]),
        "status": np.array([status if error is None else "ok" for error in errors], dtype=object),
        "error": np.array([math.nan if error is None else error for error in errors]),
    }
    table |= {} if success is None else {"success": success.holds(table["error"])}
    summed = summary(table, ["a"], ["error"], success is not None)
    layout = Layout(rows="a", values={"a": tuple(range(len(cells)))})
    sweep = sweep_of(len(cells), success)
    return list(format_cells(sweep, summed, layout, order_cells(sweep, table), ["error"]))


SHARE = "7 of 10 (70 %, 95 % interval 40 to 89 %)"


def test_the_best_of_equals_is_the_one_with_the_better_median():
    cells = [0.3] * 7 + [0.9] * 3, [0.2] * 7 + [0.9] * 3, [0.1] * 3 + [0.9] * 7
    assert told(*cells)[-1] == f"best: {SHARE} at a = 1; 1 other cell as often"
    above = [0.9] * 7 + [0.1] * 3, [0.8] * 7 + [0.1] * 3, [0.99] * 3 + [0.1] * 7
    assert told(*above, success=Success("error", above=0.5))[-1] == f"best: {SHARE} at a = 0; 1 other cell as often"
    assert told(*reversed(cells))[-1] == f"best: {SHARE} at a = 1; 1 other cell as often"
    assert told(cells[2], cells[0])[-1] == f"best: {SHARE} at a = 1"


def test_a_diverged_trial_is_worse_than_any_value_where_rates_are_equal():
    """The median of the six that diverged is infinite, though the four successes are the better ones."""
    diverged, poor = [0.1] * 4 + [None] * 6, [0.4] * 4 + [0.9] * 6
    share = "4 of 10 (40 %, 95 % interval 17 to 69 %)"
    assert told(diverged, poor)[-1] == f"best: {share} at a = 1; 1 other cell as often"


def test_of_many_cells_the_best_few_are_told_the_best_first():
    cells = [[0.1 + each / 1000] * (each % 10) + [0.9] * (10 - each % 10) for each in range(100)]
    lines = told(*cells)
    assert lines[0] == "most successes (error < 0.5):"
    assert [line.partition(" at ")[2] for line in lines[1:-1]] == [f"a = {10 * each + 9}" for each in range(BEST)]
    assert lines[-1] == "best: 9 of 10 (90 %, 95 % interval 60 to 98 %) at a = 9; 9 other cells as often"


@pytest.mark.parametrize("cells", [2, LISTED, 100])
def test_no_success_is_told_in_a_line(cells):
    assert told(*[[0.9] * 10] * cells) == [f"successes (error < 0.5): none of {10 * cells:,}"]


@pytest.mark.parametrize(("cells", "lines"), [(2, 3), (100, 2)])
def test_of_cells_in_which_no_trial_ended_none_is_the_best(cells, lines):
    said = told(*[[None] * 10] * cells, status="failed")
    assert len(said) == lines
    assert all("none ended" in line for line in said[1:])


def test_without_success_the_best_median_is_told():
    def medians(*values):
        return told(*([value] * 10 for value in values), success=None)

    assert medians(0.3, 0.1, 0.2) == ["lowest median error: 0.1 (95 % interval 0.1 to 0.1) at a = 1"]
    assert medians(None, None) == []
    assert medians(0.3) == ["median error: 0.3 (95 % interval 0.3 to 0.3)"]
    half = [0.1] * 4 + [None] * 6  # its median diverged
    assert told(half, [0.3] * 10, success=None) == ["lowest median error: 0.3 (95 % interval 0.3 to 0.3) at a = 1"]


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
