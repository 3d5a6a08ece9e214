"""`nnsweep plan --on`: how many seeds tell two settings apart, before they are trained."""

import json

import numpy as np
import pytest
from scipy.stats import binom

import nnsweep
from tests.helpers import SMALL, call


def power_of_mcnemar(n, gained, lost, level=0.05):
    """Σ over the pairs that disagree, by brute force."""
    found = 0.0
    for d in range(1, n + 1):
        critical = np.flatnonzero(2 * binom.cdf(np.arange(d + 1), d, 0.5) <= level).max(initial=-1)
        one = gained / (gained + lost)
        hit = binom.cdf(critical, d, one) + binom.sf(d - critical - 1, d, one)
        found += binom.pmf(d, n, gained + lost) * hit
    return found


@pytest.mark.slow
def test_from_an_assumed_rate(grid, capsys):
    code, said, _ = call(capsys, "plan", grid, "--on", "hidden=2,4", "--difference", "0.3", "--rate", "0.1")
    assert code == 0
    line = said.splitlines()[-1]
    # 0.4 · 0.9 and 0.1 · 0.6 of the seeds; 6 cells besides hidden.
    one = next(n for n in range(5, 200) if power_of_mcnemar(n, 0.36, 0.06) >= 0.8)
    assert line.startswith(
        f"to find that hidden = 4 and hidden = 2 differ by 30 % in success, with 80 % power: about {one} seeds for one "
        "cell, at worst about "
    )
    assert line.endswith(
        "for each of 6 cells together (assuming a rate of 10 %, and seeds that share no luck: one alone succeeds with "
        "36 % of the seeds, the other with 6.0 %)"
    )


def test_from_what_is_stored(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sweep = nnsweep.loads(SMALL)
    results = nnsweep.run(sweep, figures=False)
    table = results.compare(on="hidden=2,4")
    pairs = table.first.merge(table.second, on=["alpha", "epochs", "seed"])
    share = max(float((pairs["success_x"] != pairs["success_y"]).mean()), 0.5)
    (tmp_path / "grid.toml").write_text(SMALL)
    code, said, _ = call(capsys, "plan", "grid.toml", "--on", "hidden=2,4", "--difference", "0.5", "--json")
    assert code == 0
    found = json.loads(said)["power"]
    assert (found["gained"], found["lost"]) == (pytest.approx((share + 0.5) / 2), pytest.approx((share - 0.5) / 2))
    assert found["source"] == "as the stored pairs disagree"
    assert found["all_cells"] > found["one_cell"] > 1


def test_a_rate_and_a_difference_beyond_one(grid, capsys):
    assert call(capsys, "plan", grid, "--on", "hidden=2,4", "--difference", "0.5", "--rate", "0.6") == (
        2,
        "",
        "Error: --rate 0.6 and --difference 0.5 make a success rate of 1.1; allowed: at most 1 together\n",
    )


def test_a_small_difference_is_written_with_a_digit(grid, capsys):
    code, said, _ = call(capsys, "plan", grid, "--on", "hidden=2,4", "--difference", "0.0001", "--rate", "0.1")
    assert code == 0
    head = (
        "to find that hidden = 4 and hidden = 2 differ by 0.01 % in success, with 80 % power: more than 100,000 seeds"
    )
    assert said.splitlines()[-1].startswith(head)
