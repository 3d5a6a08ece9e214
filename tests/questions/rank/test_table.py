"""The best cell, and the cells that may be the best instead: ranks by hand, p-values by counting flips."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from nnsweep.questions.rank import table as rank_table
from nnsweep.questions.rank.table import on_fresh_seeds
from nnsweep.tables import frame


def best(*asked, **options):
    return frame(rank_table.best(*asked, **options))


def trials(*cells, status="ok"):
    """A table of cells named a, b, …, each a list of errors by seed; below 0.5 is success, None diverged."""
    rows = [
        {"case": name, "seed": seed, "status": status if error is not None else "diverged", "error": error}
        for name, errors in zip("abcdefgh", cells, strict=False)
        for seed, error in enumerate(errors)
    ]
    table = pd.DataFrame(rows).astype({"error": float})
    return table.assign(success=table["error"] < 0.5)


def test_ranked_by_success_then_by_median_then_as_in_the_grid():
    table = trials([0.9, 0.1, 0.9], [0.1, 0.1, 0.9], [0.3, 0.0, 0.9], [0.1, 0.1, 0.9])
    found = best(table, ["case"], "seed", "error")
    assert found["case"].tolist() == ["b", "d", "c", "a"]
    assert found["rank"].tolist() == [1, 2, 3, 4]
    assert found["successes"].tolist() == [2, 2, 2, 1]
    assert found["error_median"].tolist() == [0.1, 0.1, 0.3, 0.9]


def test_a_mean_ranks_where_a_search_judged_by_it():
    """The first has the best median, the second the best mean; a mean with a diverged trial is that of the trial."""
    table = trials([0.0, 0.0, 0.9], [0.2, 0.2, 0.2], [0.0, 0.0, None])
    found = best(table, ["case"], "seed", "error", success=False, average="mean")
    assert found["case"].tolist() == ["b", "a", "c"]
    assert found["error_mean"].tolist() == pytest.approx([0.2, 0.3, 0.0])
    assert not {name for name in found if "median" in name or "_low" in name}
    assert best(table, ["case"], "seed", "error", success=False)["case"].tolist() == ["a", "c", "b"]
    fresh = on_fresh_seeds(table, ["case"], "seed", "error", success=False, average="mean")
    assert fresh == pytest.approx(0.2 * 2 / 3 + 0.9 / 3)  # without the third seed, the first cell has the best mean


def test_cells_that_others_beat_by_more_than_chance_are_not_among_the_best():
    worst, middle, top = [0.9] * 20, [0.1] * 12 + [0.9] * 8, [0.9] * 2 + [0.1] * 18
    found = best(trials(worst, middle, top), ["case"], "seed", "error")
    assert found["case"].tolist() == ["c", "b", "a"]
    assert found["pairs"].tolist() == [0, 20, 20]
    assert found["difference"].tolist()[1:] == pytest.approx([-6 / 20, -18 / 20])
    # The middle one lost 8 seeds to the top and won 2: P(B(10, ½) ≥ 8), if the worst cell never gets as far.
    assert found["p"].tolist()[0] == 1
    assert binom.sf(7, 10, 0.5) <= found["p"].tolist()[1] < binom.sf(7, 10, 0.5) + 0.06
    assert found["p"].tolist()[2] < 0.001
    assert found["among_best"].tolist() == [True, True, False]
    assert found["seeds_needed"].isna().tolist() == [True, False, True]


def test_of_few_seeds_the_p_value_is_exact():
    """A cell that 5 of 5 seeds leave behind: 1 of 2⁵ flips does as much."""
    found = best(trials([0.1] * 5, [0.9] * 5), ["case"], "seed", "error")
    assert found["p"].tolist() == [1.0, 1 / 32]
    assert found["p_error"].tolist() == [0.0, 0.0]
    assert found["among_best"].tolist() == [True, False]


def test_ranked_by_the_metric_alone_where_nothing_is_success():
    low, high = np.linspace(0.1, 0.2, 12), np.linspace(0.15, 0.4, 12) ** 1.1
    table = trials(high.tolist(), low.tolist()).drop(columns="success")
    found = best(table, ["case"], "seed", "error", success=False)
    assert found["case"].tolist() == ["b", "a"]
    assert found["p"].tolist()[1] == 1 / 2**12  # better with every seed
    assert found["difference"].tolist()[1] == pytest.approx(np.median(high - low))
    assert "rate" not in found
    turned = best(table, ["case"], "seed", "error", success=False, lower=False)
    assert turned["case"].tolist() == ["a", "b"]
    assert turned["difference"].tolist()[1] == pytest.approx(np.median(low - high))


def test_what_the_best_gives_on_fresh_seeds():
    clear = trials([0.1] * 9 + [0.9], [0.9] * 10)
    assert on_fresh_seeds(clear, ["case"], "seed", "error") == pytest.approx(0.9)
    assert on_fresh_seeds(clear, ["case"], "seed", "error", success=False) == pytest.approx(0.1)
    assert np.isnan(on_fresh_seeds(trials([0.1]), ["case"], "seed", "error"))


def test_a_trial_that_diverged_is_worse_than_any_other():
    table = trials([0.1] * 3 + [None] * 5, [0.2] * 8)
    found = best(table, ["case"], "seed", "error", success=False)
    assert found["case"].tolist() == ["b", "a"]
    assert found["diverged"].tolist() == [0, 5]
    assert found["error_median"].tolist() == [0.2, 0.1]
    assert best(table, ["case"], "seed", "error")["successes"].tolist() == [8, 3]


@pytest.mark.parametrize("lower", [True, False])
def test_of_cells_whose_median_trial_diverged_the_one_that_diverges_less_is_better(lower):
    less, same, better, worse = [None] * 2 + [0.8], [None] * 3, [None] * 2 + [0.2], [None] * 2 + [0.9]
    table = trials(same, less, worse, better)
    found = best(table, ["case"], "seed", "error", success=False, lower=lower)
    assert found["case"].tolist() == (["d", "b", "c", "a"] if lower else ["c", "b", "d", "a"])
    assert found["diverged"].tolist() == [2, 2, 2, 3]


def test_trials_that_failed_are_no_pairs_and_a_cell_without_any_other_is_no_row():
    table = pd.concat([trials([0.1, 0.1, 0.9]), trials(*[[0.1]] * 3, status="failed").query("case == 'c'")])
    found = best(table, ["case"], "seed", "error")
    assert found["case"].tolist() == ["a"]
    half = pd.concat([trials([0.1, 0.1, 0.9]), trials([0.2, 0.9], [0.2, 0.9]).query("case == 'b'")])
    half.loc[(half["case"] == "b") & (half["seed"] == 1), "status"] = "failed"
    found = best(half.reset_index(drop=True), ["case"], "seed", "error")
    assert found["case"].tolist() == ["b", "a"]
    assert (found["finished"].tolist(), found["pairs"].tolist()) == ([1, 3], [0, 1])


def test_without_seeds_or_with_one_cell_nothing_is_distinguishable():
    one = best(trials([0.1, 0.9]), ["case"], "seed", "error")
    assert one["among_best"].tolist() == [True]
    alone = best(trials([0.9], [0.1]), ["case"], None, "error")
    assert alone["case"].tolist() == ["b", "a"]
    assert alone["among_best"].tolist() == [True, True]


def test_seeds_needed_may_be_asked_of_the_first_ranks_alone():
    table = trials([0.1] * 20, [0.1] * 18 + [0.9] * 2, [0.1] * 17 + [0.9] * 3)
    whole, first = (best(table, ["case"], "seed", "error", listed=listed) for listed in (None, 2))
    assert whole["seeds_needed"].isna().tolist() == [True, False, False]
    assert first["seeds_needed"].isna().tolist() == [True, False, True]
    pd.testing.assert_frame_equal(first.drop(columns="seeds_needed"), whole.drop(columns="seeds_needed"))


def test_a_trial_without_its_metric_is_no_success_and_has_no_place_by_the_metric():
    table = trials([0.1] * 4, [0.1] * 4)
    table.loc[4:6, "error"] = np.nan
    table = table.assign(success=table["error"] < 0.5)
    found = best(table, ["case"], "seed", "error")
    assert found["case"].tolist() == ["a", "b"]
    assert found[["finished", "diverged", "successes", "rate", "error_median"]].to_numpy().tolist() == [
        [4, 0, 4, 1.0, 0.1],
        [4, 0, 1, 0.25, 0.1],
    ]
    by_metric = best(table, ["case"], "seed", "error", success=False)
    assert by_metric["finished"].tolist() == [4, 1]
