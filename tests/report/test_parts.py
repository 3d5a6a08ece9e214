"""Tables that are made in parts are those that are made at once, byte for byte."""

import pytest

import nnsweep
from nnsweep.trials import cells
from tests.helpers import SMALL, files

MIXED = SMALL.replace("alpha = [0.01, 0.05]", "alpha = [1, 0.05, 7e3]")
WITHOUT_EPOCHS = SMALL.replace("epochs = { from = 1, to = 3 }\n", "")
PARTED = f"{SMALL}\n[[include]]\nalpha = 0.01\nepochs = 2\nhidden = 2\nseed = [7, 8]\n"
INCLUDED = f"{SMALL}\n[[include]]\nalpha = 0.3\nepochs = 2\nhidden = 2\nseed = [7, 8]\n"
NO_SUCCESS = SMALL.partition("[success]")[0]
SWEEPS = [SMALL, MIXED, WITHOUT_EPOCHS, PARTED, INCLUDED, NO_SUCCESS]
SIZES = {MIXED: [8] * 9, WITHOUT_EPOCHS: [8, 8], INCLUDED: [8] * 6 + [2]}
VERY_MANY = "very many trials: nothing is said of successes that take no skill, or of metrics without a value"


def run_again(text, folder):
    """Run a sweep that is stored; return its tables, what was said, and how many trials were in the parts."""
    (folder / "small" / "trials.db-last").unlink()
    sizes = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nnsweep.report.tables.whole_cells", lambda *asked: noted(cells.whole_cells(*asked), sizes))
        found = nnsweep.run(nnsweep.loads(text), folder, figures=False)
    return files(folder / "small" / "tables"), str(found).splitlines(), sizes


def noted(parts, sizes):
    for part in parts:
        sizes.append(len(part))
        yield part


@pytest.mark.parametrize("text", SWEEPS, ids=["plain", "mixed", "history", "parted", "included", "no-success"])
def test_parts_give_the_tables_of_one(tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    nnsweep.run(nnsweep.loads(text), tmp_path, figures=False)
    whole, said, _ = run_again(text, tmp_path)
    monkeypatch.setattr(cells, "PART", 9)
    for in_memory in (True, False):
        monkeypatch.setattr(cells, "IN_MEMORY", 10**6 if in_memory else 10)
        tables, again, sizes = run_again(text, tmp_path)
        assert tables == whole
        assert [line for line in again if line != VERY_MANY] == said
        assert (VERY_MANY in again) is not in_memory
        assert sizes == ([50] if text is PARTED else SIZES.get(text, [8] * 6))


def test_a_part_has_whole_cells_even_if_they_are_larger(monkeypatch):
    monkeypatch.setattr(cells, "PART", 3)
    from nnsweep.trainers import load
    from nnsweep.trials.expand import expand

    grid = expand(nnsweep.loads(SMALL), load("mlp"))
    parts = list(cells.whole_cells(grid, ["alpha", "epochs", "hidden"]))
    assert [len(part) for part in parts] == [4] * 12
    assert [trial.id for part in parts for trial in part] == [trial.id for trial in grid]
    monkeypatch.setattr(cells, "PART", 48)
    assert list(cells.whole_cells(grid, ["alpha"])) == [grid]
